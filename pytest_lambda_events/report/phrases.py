"""What happens to a record, in words. The law: a phrase for each step, and what repeats has the same key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from pytest_lambda_events.report.words import first_line, short_id, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.trace import Step
    from pytest_lambda_events.report.view import CallView

__all__ = [
    "ELSEWHERE",
    "FAULTS",
    "NO_ENDING",
    "SUCCESS",
    "Ending",
    "Mark",
    "Part",
    "Phrase",
    "ending_of",
    "is_throttled",
    "joins",
]

ELSEWHERE: Final = "by the test or the handler"

FAULTS: Final = {
    "duplicates": "delivered once more although it was deleted",
    "failed_deletes": "its delete did not take",
    "crashes": "the poller was gone before it could delete",
    "throttles": "the function had no concurrency left",
    "late_visibility": "will become visible late",
    "reordering": "handed out in another order",
}


Mark = Literal[
    "sent",
    "received",
    "again",
    "succeeded",
    "failed",
    "behind",
    "open",
    "throttled",
    "refused",
    "split",
    "fault",
    "delivered",
    "moved",
    "processed",
    "filtered",
    "dead_lettered",
    "discarded",
    "expired",
    "pending",
]
"""How a drawing shows what happened. again: visible again, or back in its queue; succeeded, failed, behind, open (no
outcome yet): an invocation, as it ended for this record; refused: an outcome without an invocation; delivered: its
invocation record; moved: by a message move task; from processed on: its fate.
"""


class Phrase(NamedTuple):
    """One thing that happened. `key` is what stays the same when it happens again, `mark` how it is drawn, `number` an
    invocation's, and `batch` how many records it had, where that is told.

    An invocation's `key` is its ending in full, `text` the same in brief.
    """

    kind: Literal[
        "entered", "received", "reappeared", "throttled", "refused", "invoked", "split", "fault", "left", "stopped"
    ]
    mark: Mark
    key: str
    text: str
    number: int = 0
    batch: int = 0


Part = Literal["succeeded", "failed", "behind"]
"""Records of one invocation that fared alike. behind: of a stream, those behind the one that was reported: all of them
are tried again, whatever became of them.
"""


class Ending(NamedTuple):
    """How an invocation ended for one of its records."""

    brief: str
    full: str


SUCCESS: Final = Ending("success", "success")
NO_ENDING: Final = Ending("no outcome yet", "no outcome yet")


def ending_of(call: CallView, part: Part) -> Ending:
    """How this invocation ended for one part of its records."""
    length = span(round(call.duration * 1000))
    after = f" after {length}" if call.duration else ""
    where = "" if call.error is None else call.error.where
    if call.outcome == "timeout":
        return Ending(f"timed out after {length}", f"timed out after {length}{where}")
    if call.outcome == "error":
        raised = f"raised {call.error.type}" if call.error is not None else "no reason given"
        return Ending("failed", f"failed{after}: {first_line(call.problem or raised)}{where}")
    if call.outcome == "malformed":
        # without its own "the whole batch failed", which is what the line says already
        problem = first_line((call.problem or "no reason given").removeprefix("the whole batch failed: "))
        return Ending("whole batch failed", f"whole batch failed{after}: {problem}")
    if call.outcome == "throttled":
        return Ending("throttled", "throttled")
    if part == "failed" and call.problem:  # a task's result says more than that it failed
        return Ending("failed", f"{first_line(call.problem)}{after}")
    if part == "failed":
        return Ending("reported in batchItemFailures", f"reported in batchItemFailures{after}")
    if part == "behind":
        first = f"behind {short_id(call.failed[0])}"
        return Ending(first, f"{first}, which was reported in batchItemFailures{after}")
    return Ending(SUCCESS.brief, f"{SUCCESS.full}{after}")


def is_throttled(step: Step) -> bool:
    """Whether a step says that a batch was refused for want of concurrency."""
    return step.kind == "ended" and bool(step.detail[0] == "throttled")


def joins(phrases: Sequence[Phrase], phrase: Phrase) -> bool:
    """Whether a phrase goes on the line of those before it, which happened at the same moment.

    A line is at most one attempt: a handler that makes its record visible at once repeats without time passing.
    """
    last = phrases[-1].kind
    if last == "entered":
        return False
    if last == "invoked":
        return phrase.kind == "left" and phrases[-1].text == SUCCESS.brief
    return phrase.kind != "received" or all(before.kind != "received" for before in phrases)
