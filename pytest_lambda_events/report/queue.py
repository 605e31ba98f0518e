"""The story of a message: sent, received, tried, back again, gone. The law: phrases in the order of the trace, in the
words of its service: SQS hides and deletes, a broker waits for an acknowledgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_lambda_events.report.phrases import ELSEWHERE, FAULTS, Phrase, is_throttled
from pytest_lambda_events.report.words import name_of, ordinal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Step
    from pytest_lambda_events.report.attempts import Attempt
    from pytest_lambda_events.report.view import RecordView, RunView

__all__ = ["queue_phrases"]

_MOVED: Final = "sent back as a new message by a message move task"


class _Words(NamedTuple):
    """What a service calls what it does."""

    again: str
    is_back: str
    taken_out: str
    dead: str
    expired: str
    discarded: str
    faults: Mapping[str, str]


_SQS: Final = _Words(
    again="visible again",
    is_back="visible",
    taken_out="deleted",
    dead="moved to",
    expired="expired: MessageRetentionPeriod ran out",
    discarded="discarded: purged, or given up by the poller",
    faults=FAULTS,
)
_BROKER: Final = _Words(
    again="back in the queue",
    is_back="to be redelivered",
    taken_out="acknowledged",
    dead="dead-lettered to",
    expired="expired: its time to live ran out",
    discarded="discarded: dropped, or purged",
    faults={**FAULTS, "crashes": "the poller was gone before it could acknowledge"},
)


def queue_phrases(
    view: RunView, record: RecordView, attempts: Mapping[int, Attempt], polled: AbstractSet[Step]
) -> Iterator[tuple[int, Phrase]]:
    """What happened to this message, each with its moment in milliseconds; `polled` are the receives of pollers."""
    steps = [(step.at_ms - view.start_ms, step) for step in view.steps_of(record)]
    succeeded = {
        at_ms
        for at_ms, step in steps
        if step.kind == "ended" and not is_throttled(step) and record.id not in step.detail[1]
    }
    sources = record.sources
    is_brokers = record.is_broker_message
    words = _BROKER if is_brokers else _SQS
    at, told, state = -1, -1, "never received"
    for at_ms, step in steps:
        if step.kind == "entered":
            at = sources.index(step.place, at + 1)
            state = "not received there" if at else "never received"
            if at > told:
                yield at_ms, _entered(sources, at)
        elif step.kind == "received":
            state = "in flight"
            yield at_ms, _received(step, record, polled)
        elif step.kind == "reappeared":
            state = words.is_back
            yield at_ms, Phrase("reappeared", "again", words.again, words.again)
        elif step.kind == "invoked":
            attempt = attempts[id(step)]
            ending = attempt.ending(attempt.part(record.id))
            batch = len(step.records) if is_brokers and len(step.records) > 1 else 0
            mark = attempt.mark(record.id)
            yield at_ms, Phrase("invoked", mark, ending.full, ending.brief, attempt.number, batch)
        elif is_throttled(step):
            yield at_ms, Phrase("throttled", "throttled", "throttled", "throttled")
        elif step.kind == "fault":
            text = f"fault: {words.faults[step.detail]}"
            yield at_ms, Phrase("fault", "fault", text, text)
        elif step.kind == "moved":
            yield at_ms, Phrase("left", "moved", _MOVED, _MOVED)
        elif step.kind == "left":
            told = at + (step.detail == "dead_lettered")  # where it goes is said with that it goes
            text = _left(step, sources[at + 1 :], words, after_success=at_ms in succeeded)
            yield at_ms, Phrase("left", step.detail, text, text)
    if record.fate == "pending":
        text = f"still in {name_of(sources[at]) if sources else 'its queue'} when the run stopped ({state})"
        yield round(view.elapsed * 1000), Phrase("stopped", "pending", text, text)


def _received(step: Step, record: RecordView, polled: AbstractSet[Step]) -> Phrase:
    count = f"({ordinal(step.detail[step.records.index(record.id)])} time)"
    what = "received" if step in polled else f"received {ELSEWHERE}"
    return Phrase("received", "received", what, f"{what} {count}")


def _entered(sources: Sequence[str], at: int) -> Phrase:
    came = f"from {name_of(sources[at - 1])}" if at else ""
    text = f"arrived in {name_of(sources[at])} {came}" if at else f"sent to {name_of(sources[at])}"
    return Phrase("entered", "sent", text, text)


def _left(step: Step, later_sources: Sequence[str], words: _Words, *, after_success: bool) -> str:
    """How a record left its source; `later_sources` are those where it went afterwards."""
    fate: Fate = step.detail
    if fate == "processed":
        return f"{words.taken_out} after success" if after_success else f"{words.taken_out} {ELSEWHERE}"
    if fate == "dead_lettered":
        return f"{words.dead} {name_of(later_sources[0]) if later_sources else 'the dead-letter queue'}"
    return {"filtered": "filtered out", "expired": words.expired, "discarded": words.discarded}[fate]
