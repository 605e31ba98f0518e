"""The invocations of a run, as they are told: numbered as they began, each with its outcome. The law: a step of the
trace that says "invoked" is one attempt, whatever its request id: a stream's retry keeps the id of the first try.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.report.phrases import NO_ENDING, ending_of
from pytest_lambda_events.report.records import is_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.model.trace import Invocation
    from pytest_lambda_events.report.phrases import Ending, Part

__all__ = ["Attempt", "attempts_of"]


class Attempt:
    """One try: its `number`, and the invocation that came of it (None while there is no outcome)."""

    __slots__ = ("_call", "_endings", "_failed", "number")

    def __init__(self, number: int, call: Invocation[Any] | None) -> None:
        self.number = number
        self._call = call
        self._failed: dict[str, Part] = {}
        self._endings: dict[Part, Ending] = {}
        if call is not None:
            for place, record in enumerate(call.failed):
                is_behind = place and call.outcome == "partial" and not is_message(record)
                self._failed[record.id] = "behind" if is_behind else "failed"

    def part(self, record_id: str) -> Part:
        """Which of the invocation's records this one fared like."""
        return self._failed.get(record_id, "succeeded")

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


def attempts_of(run: Run[Any]) -> dict[int, Attempt]:
    """Every attempt of a run by the `id` of its step in the trace, which the run keeps.

    The invocations are in the order in which they ended, so each belongs to one "ended" of the trace. A batch that was
    throttled, or too large, ended without having begun.
    """
    calls = iter(run.invocations)
    begun: dict[int, Invocation[Any] | None] = {}
    open_steps: dict[str, int] = {}
    for step in run.trace:
        if step.kind == "invoked":
            begun[id(step)] = None
            open_steps[step.detail] = id(step)
        elif step.kind == "ended":
            call = next(calls, None)
            place = open_steps.pop(step.detail[2], None)
            if place is not None:
                begun[place] = call
    return {place: Attempt(number, call) for number, (place, call) in enumerate(begun.items(), 1)}
