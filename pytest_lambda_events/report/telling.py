"""A run's steps, put into words. The law: a record's story is told when it is asked for; of a long run nearly all is
only compared.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pytest_lambda_events.report.attempts import attempts_of
from pytest_lambda_events.report.phrases import is_throttled, joins
from pytest_lambda_events.report.queue import queue_phrases
from pytest_lambda_events.report.stream import stream_phrases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Step
    from pytest_lambda_events.report.phrases import Mark, Phrase
    from pytest_lambda_events.report.view import RecordView, RunView

__all__ = ["Line", "Story", "Teller"]


class Line(NamedTuple):
    """What happened at one moment, in milliseconds since the harness began."""

    at_ms: int
    phrases: list[Phrase]


class Story(NamedTuple):
    """What happened to these records, all the same and at the same moments, except for the invocations' numbers."""

    records: list[RecordView]
    fate: Fate


class Teller:
    """A run's steps, put into words."""

    def __init__(self, view: RunView) -> None:
        self._view = view
        self._attempts = attempts_of(view)
        self._polled = _polled(view)
        self._begun = {step.detail for step in view.steps if step.kind == "invoked"}
        self._alone = {record.id for record in view.records if record.is_message and not record.is_broker_message}

    def outcomes(self, step: Step) -> Iterator[tuple[Mark, Sequence[str]]]:
        """What a step decided: how an attempt ended, or a record; and for which records."""
        if step.kind == "invoked":
            found: defaultdict[Mark, list[str]] = defaultdict(list)
            for record_id in step.records:
                found[self._attempts[id(step)].mark(record_id)].append(record_id)
            yield from found.items()
        elif step.kind == "ended" and is_throttled(step):
            yield "throttled", step.records
        elif step.kind == "unreadable" or (step.kind == "ended" and step.detail[2] not in self._begun):
            yield "refused", step.records
        elif step.kind == "left":
            yield step.detail, step.records

    def stories(self, records: Sequence[RecordView]) -> list[Story]:
        """Who went which way, in the order of `records`."""
        signatures = self._signatures
        found: dict[tuple[object, ...], Story] = {}
        for record in records:
            key = (record.fate, *record.sources, *signatures[record.id])
            found.setdefault(key, Story([], record.fate)).records.append(record)
        return list(found.values())

    @cached_property
    def _signatures(self) -> dict[str, list[int]]:
        """What happened to each record as numbers: the same number says the same thing at the same moment.

        Numbers, because of a long run nearly all is only compared and never read: putting it into words takes longer
        than the run did.
        """
        numbers: dict[object, int] = {}
        found: defaultdict[str, list[int]] = defaultdict(list)
        for step in self._view.steps:
            for record_ids, detail in self._parts(step):
                number = numbers.setdefault((step.at_ms, step.kind, step.place, detail), len(numbers))
                for record_id in record_ids:
                    found[record_id].append(number)
        return found

    def _parts(self, step: Step) -> list[tuple[Sequence[str], object]]:
        """A step's records, together where it meant the same for them, and what that was."""
        if step.kind == "received":
            is_polled = step in self._polled
            if len(set(step.detail)) == 1:
                return [(step.records, (is_polled, step.detail[0]))]
            counts = zip(step.records, step.detail, strict=True)
            return [((record_id,), (is_polled, count)) for record_id, count in counts]
        if step.kind == "invoked":
            size = 0 if step.records and step.records[0] in self._alone else len(step.records)
            return [(ids, (size, ending)) for ids, ending in self._attempts[id(step)].parts(step.records)]
        if step.kind == "ended":
            if is_throttled(step):
                return [(step.records, step.detail[0])]
            # told where the invocation began, if it did
            return [] if step.detail[2] in self._begun else [(step.records, step.detail[3])]
        return [] if step.kind == "advice" else [(step.records, step.detail)]  # advice is told at the end

    def lines(self, record: RecordView) -> list[Line]:
        """What happened to this record, moment by moment."""
        lines: list[Line] = []
        for at_ms, phrase in self.phrases(record):
            if lines and lines[-1].at_ms == at_ms and joins(lines[-1].phrases, phrase):
                lines[-1].phrases.append(phrase)
            else:
                lines.append(Line(at_ms, [phrase]))
        return lines

    def phrases(self, record: RecordView) -> Iterator[tuple[int, Phrase]]:
        """What happened to this record, one thing at a time, in milliseconds since the harness began."""
        if record.is_message:
            return queue_phrases(self._view, record, self._attempts, self._polled)
        return stream_phrases(self._view, record, self._attempts)


def _polled(view: RunView) -> set[Step]:
    """The receives that were a poller's.

    The trace does not say who received. A poller's receive ends in an invocation or in the filter, but not always: a
    batch may still wait, or wait longer than its visibility timeout. So the rest are somebody else's only when there
    are exactly as many of them as the pollers did not count.
    """
    polled: set[Step] = set()
    latest: dict[str, Step] = {}
    receives: list[Step] = []
    for step in view.steps:
        if step.kind == "received":
            receives.append(step)
            latest.update(dict.fromkeys(step.records, step))
        elif step.kind == "invoked" or is_throttled(step) or (step.kind == "left" and step.detail == "filtered"):
            polled.update(latest.pop(record_id) for record_id in step.records if record_id in latest)
    theirs = view.metrics.get("PolledEventCount", 0)
    if theirs != sum(len(step.records) for step in polled):
        polled.update(receives)
    return polled
