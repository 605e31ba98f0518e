"""The invocations of a run, as they are told: numbered as they began, each with its outcome. The law: a step of the
trace that says "invoked" is one attempt, whatever its request id: a stream's retry keeps the id of the first try.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_lambda_events.report.phrases import NO_ENDING, ending_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.report.phrases import Ending, Mark, Part
    from pytest_lambda_events.report.view import CallView, RunView

__all__ = ["Attempt", "attempts_of"]


class Attempt:
    """One try: its `number`, and the invocation that came of it (None while there is no outcome)."""

    __slots__ = ("_call", "_endings", "_failed", "number")

    def __init__(self, number: int, call: CallView | None, view: RunView) -> None:
        self.number = number
        self._call = call
        self._failed: dict[str, Part] = {}
        self._endings: dict[Part, Ending] = {}
        if call is not None:
            for place, record_id in enumerate(call.failed):
                self._failed[record_id] = "behind" if view.is_behind(call, place) else "failed"

    def part(self, record_id: str) -> Part:
        """Which of the invocation's records this one fared like."""
        return self._failed.get(record_id, "succeeded")

    def mark(self, record_id: str) -> Mark:
        """How it is drawn for this record."""
        return "open" if self._call is None else self.part(record_id)

    def ending(self, part: Part) -> Ending:
        """How it ended for these; the same object each time."""
        if self._call is None:
            return NO_ENDING
        if part not in self._endings:
            self._endings[part] = ending_of(self._call, part)
        return self._endings[part]

    def parts(self, record_ids: Sequence[str]) -> list[tuple[list[str], Ending]]:
        """The records, those together that fared alike, and how."""
        found: defaultdict[Part, list[str]] = defaultdict(list)
        for record_id in record_ids:
            found[self.part(record_id)].append(record_id)
        return [(ids, self.ending(part)) for part, ids in found.items()]


def attempts_of(view: RunView) -> dict[int, Attempt]:
    """Every attempt of a run by the `id` of its step, which the view keeps."""
    return {place: Attempt(number, call, view) for place, (number, call) in view.call_of.items()}
