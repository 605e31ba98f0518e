"""A run's curves: what its charts draw. The law: pure functions of a view, and never more points than a chart can show.

Moments are milliseconds since the harness began.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_lambda_events.report.view import RecordView, RunView

__all__ = ["Point", "in_flight", "iterator_age", "receive_counts", "thinned"]

_MOST_POINTS: Final = 400
_PER_BUCKET: Final = 4  # a bucket is drawn by its first, lowest, highest and last point
_BACK: Final = frozenset(("reappeared", "left", "moved"))


class Point(NamedTuple):
    """A value from this moment on."""

    at_ms: int
    value: int


def iterator_age(view: RunView, *, most: int = _MOST_POINTS) -> list[Point]:
    """How old the oldest record of each batch was when its invocation began, in milliseconds.

    Of streams, topics and change streams, whose records are read in order; a queue's have no iterator, nor a job's.
    """
    entered: dict[str, int] = {}
    found: list[Point] = []
    for step in view.steps:
        if step.kind == "entered":
            for record_id in step.records:
                entered.setdefault(record_id, step.at_ms)
        elif step.kind == "invoked" and _is_read_in_order(view, step.records):
            known = [entered[record_id] for record_id in step.records if record_id in entered]
            if known:
                found.append(Point(step.at_ms - view.start_ms, max(step.at_ms - min(known), 0)))
    return thinned(found, most=most)


def in_flight(view: RunView, *, most: int = _MOST_POINTS) -> list[Point]:
    """How many records were out: of a queue, received and neither gone nor back; else, in an invocation."""
    messages = {record.id for record in view.records if record.is_message}
    out: set[str] = set()
    found: list[Point] = []
    now_ms, highest = view.start_ms, 0
    for step in sorted(view.steps, key=lambda step: step.at_ms):
        if step.at_ms != now_ms:
            _note(found, now_ms - view.start_ms, highest, len(out))
            now_ms, highest = step.at_ms, len(out)
        if step.kind in ("received", "invoked"):
            out.update(step.records)
            highest = max(highest, len(out))
        elif step.kind in _BACK:
            out.difference_update(step.records)
        elif step.kind == "ended":
            out.difference_update([record_id for record_id in step.records if record_id not in messages])
    _note(found, now_ms - view.start_ms, highest, len(out))
    return thinned(found, most=most)


def receive_counts(view: RunView) -> list[tuple[int, int]]:
    """How many records were received so often: pairs of the count and the records, fewest receives first.

    A record that is read where it is counts its attempts instead.
    """
    return sorted(Counter(_tries(record) for record in view.records).items())


def thinned(points: Sequence[Point], *, most: int = _MOST_POINTS) -> list[Point]:
    """At most `most` of the points, in order of time, peaks and troughs among them; the first and the last always."""
    if len(points) <= most:
        return list(points)
    buckets = max(most // _PER_BUCKET, 1)
    kept: list[Point] = []
    for number in range(buckets):
        bucket = range(number * len(points) // buckets, (number + 1) * len(points) // buckets)
        lowest = min(bucket, key=lambda place: points[place].value)
        highest = max(bucket, key=lambda place: points[place].value)
        kept.extend(points[place] for place in sorted({bucket[0], lowest, highest, bucket[-1]}))
    return kept


def _is_read_in_order(view: RunView, record_ids: Iterable[str]) -> bool:
    record = next((found for one in record_ids if (found := view.record(one)) is not None), None)
    return record is not None and not record.is_message and not record.is_task


def _note(points: list[Point], at_ms: int, highest: int, value: int) -> None:
    """What it was at most at this moment, and from then on; what does not change is not said again."""
    before = points[-1].value if points else 0
    if highest not in (before, value):
        points.append(Point(at_ms, highest))
    if value != before or highest > before:
        points.append(Point(at_ms, value))


def _tries(record: RecordView) -> int:
    return len(record.receives) if record.is_message else len(record.attempts)
