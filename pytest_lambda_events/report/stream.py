"""The story of a stream's record: put, tried in a batch, tried again, passed or given up. The law: phrases in the order
of the trace; a record stays where it is, and what happens to it is its mapping's doing.

A batch is told with its size, because in a stream each record waits for those that it is in a batch with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.report.phrases import FAULTS, Phrase, is_throttled
from pytest_lambda_events.report.words import counted, first_line, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Step
    from pytest_lambda_events.report.attempts import Attempt
    from pytest_lambda_events.report.phrases import Mark
    from pytest_lambda_events.report.view import RecordView, RunView

__all__ = ["stream_phrases"]

_TASK_ENDS: Final = {"processed": "succeeded", "discarded": "failed for good"}
_FAULTS: Final = {**FAULTS, "crashes": "the poller was gone before the checkpoint moved"}


def stream_phrases(view: RunView, record: RecordView, attempts: Mapping[int, Attempt]) -> Iterator[tuple[int, Phrase]]:
    """What happened to this record, each with its moment in milliseconds since the harness began."""
    source = name_of(record.sources[0]) if record.sources else "its stream"
    invoked: set[str] = set()
    tries, failed_ms, state = 0, -1, "never invoked"
    for step in view.steps_of(record):
        at_ms = step.at_ms - view.start_ms
        if step.kind == "entered":
            yield at_ms, _phrase("entered", "sent", f"{_entered(record)} {source}")
        elif step.kind == "invoked":
            invoked.add(step.detail)
            tries, state = tries + 1, "in flight"
            attempt = attempts[id(step)]
            ending = attempt.ending(attempt.part(record.id))
            batch = len(step.records) if len(step.records) > 1 else 0
            mark = attempt.mark(record.id)
            yield at_ms, Phrase("invoked", mark, ending.full, ending.brief, attempt.number, batch)
        elif step.kind == "ended":
            if record.id in step.detail[1]:
                failed_ms, state = at_ms, "to be tried again"
            if is_throttled(step) or step.detail[2] not in invoked:
                yield at_ms, _not_invoked(step)
        elif step.kind == "unreadable":
            reason, problem = step.detail
            failed_ms, state = at_ms, "unreadable"
            yield at_ms, _phrase("refused", "refused", f"not read by its schema, {reason}: {first_line(problem)}")
        elif step.kind == "left":
            why = f" after {counted(tries, 'attempt', 'attempts')}" if tries else ""
            why = why if at_ms == failed_ms else " as too old"
            text = _left(record, step.detail, why, kept=record.destination is not None)
            yield at_ms, _phrase("left", step.detail, text)
        else:
            yield at_ms, _by_the_mapping(step)
    if record.fate == "pending":
        text = f"still in {source} when the run stopped ({state})"
        yield round(view.elapsed * 1000), _phrase("stopped", "pending", text)


def _entered(record: RecordView) -> str:
    """How a record came to where it is."""
    if record.is_task:
        return "a task of"
    return "written to" if record.is_change else "put into"


def _phrase(kind: Any, mark: Mark, text: str) -> Phrase:
    return Phrase(kind, mark, text, text)


def _not_invoked(step: Step) -> Phrase:
    """An outcome without an invocation."""
    if is_throttled(step):
        return _phrase("throttled", "throttled", "throttled")
    return _phrase("refused", "refused", f"not invoked: {first_line(step.detail[3] or 'no reason given')}")


def _by_the_mapping(step: Step) -> Phrase:
    """What the poller did with the batch, or had done to it."""
    if step.kind == "split":
        return _phrase("split", "split", "batch split in two")
    if step.kind == "delivered":
        return _phrase("left", "delivered", f"invocation record sent to {name_of(step.detail)}")
    return _phrase("fault", "fault", f"fault: {_FAULTS[step.detail]}")


def _left(record: RecordView, fate: Fate, why: str, *, kept: bool) -> str:
    """How the mapping was done with a record; `why` it was given up, if it was, and `kept` says that AWS told of it."""
    if record.is_task:
        return _TASK_ENDS[fate]
    if record.kind == "documentdb" and fate == "discarded":  # there is no other way to lose one
        return "dropped: its event would have more than 6 MB"
    return {
        "processed": "checkpoint moved past it",
        "filtered": "filtered out",
        "expired": "expired: the stream's retention ran out",
        "discarded": f"given up{why}{'' if kept else ', without an invocation record'}",
    }[fate]
