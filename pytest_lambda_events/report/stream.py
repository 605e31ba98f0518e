"""The story of a stream's record: put, tried in a batch, tried again, passed or given up. The law: phrases in the order
of the trace; a record stays where it is, and what happens to it is its mapping's doing.

A batch is told with its size, because in a stream each record waits for those that it is in a batch with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.batch_task import S3BatchTask
from pytest_lambda_events.model.change_event import ChangeEvent
from pytest_lambda_events.report.phrases import FAULTS, Phrase, is_throttled
from pytest_lambda_events.report.records import is_change
from pytest_lambda_events.report.words import counted, first_line, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.model.records import Fate, Record
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.model.trace import Step
    from pytest_lambda_events.report.attempts import Attempt

__all__ = ["stream_phrases"]

_TASK_ENDS: Final = {"processed": "succeeded", "discarded": "failed for good"}
_FAULTS: Final = {**FAULTS, "crashes": "the poller was gone before the checkpoint moved"}


def stream_phrases(run: Run[Any], record: Record, attempts: Mapping[int, Attempt]) -> Iterator[tuple[int, Phrase]]:
    """What happened to this record, each with its moment in milliseconds since the harness began."""
    sources = run.sources_of(record)
    source = name_of(sources[0]) if sources else "its stream"
    invoked: set[str] = set()
    tries, failed_ms, state = 0, -1, "never invoked"
    for seconds, step in run.steps_of(record):
        at_ms = round(seconds * 1000)
        if step.kind == "entered":
            yield at_ms, _phrase("entered", f"{_entered(record)} {source}")
        elif step.kind == "invoked":
            invoked.add(step.detail)
            tries, state = tries + 1, "in flight"
            attempt = attempts[id(step)]
            ending = attempt.ending(attempt.part(record.id))
            batch = len(step.records) if len(step.records) > 1 else 0
            yield at_ms, Phrase("invoked", ending.full, ending.brief, attempt.number, batch)
        elif step.kind == "ended":
            if record.id in step.detail[1]:
                failed_ms, state = at_ms, "to be tried again"
            if is_throttled(step) or step.detail[2] not in invoked:
                yield at_ms, _not_invoked(step)
        elif step.kind == "unreadable":
            reason, problem = step.detail
            failed_ms, state = at_ms, "unreadable"
            yield at_ms, _phrase("refused", f"not read by its schema, {reason}: {first_line(problem)}")
        elif step.kind == "left":
            why = f" after {counted(tries, 'attempt', 'attempts')}" if tries else ""
            why = why if at_ms == failed_ms else " as too old"
            yield at_ms, _phrase("left", _left(record, step.detail, why, kept=run.destination(record) is not None))
        else:
            yield at_ms, _by_the_mapping(step)
    if run.fate(record) == "pending":
        yield round(run.elapsed * 1000), _phrase("stopped", f"still in {source} when the run stopped ({state})")


def _entered(record: Record) -> str:
    """How a record came to where it is."""
    if isinstance(record, S3BatchTask):
        return "a task of"
    return "written to" if is_change(record) else "put into"


def _phrase(kind: Any, text: str) -> Phrase:
    return Phrase(kind, text, text)


def _not_invoked(step: Step) -> Phrase:
    """An outcome without an invocation."""
    if is_throttled(step):
        return _phrase("throttled", "throttled")
    return _phrase("refused", f"not invoked: {first_line(step.detail[3] or 'no reason given')}")


def _by_the_mapping(step: Step) -> Phrase:
    """What the poller did with the batch, or had done to it."""
    if step.kind == "split":
        return _phrase("split", "batch split in two")
    if step.kind == "delivered":
        return _phrase("left", f"invocation record sent to {name_of(step.detail)}")
    return _phrase("fault", f"fault: {_FAULTS[step.detail]}")


def _left(record: Record, fate: Fate, why: str, *, kept: bool) -> str:
    """How the mapping was done with a record; `why` it was given up, if it was, and `kept` says that AWS told of it."""
    if isinstance(record, S3BatchTask):
        return _TASK_ENDS[fate]
    if isinstance(record, ChangeEvent) and fate == "discarded":  # there is no other way to lose one
        return "dropped: its event would have more than 6 MB"
    return {
        "processed": "checkpoint moved past it",
        "filtered": "filtered out",
        "expired": "expired: the stream's retention ran out",
        "discarded": f"given up{why}{'' if kept else ', without an invocation record'}",
    }[fate]
