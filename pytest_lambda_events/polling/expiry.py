"""Which records of a batch are past their time. The law: pure; only ever the first ones, because arrivals never fall.

A record is gone from its stream once it is as old as the stream's retention; nobody gets it, and no destination hears
of it. A record that is older than MaximumRecordAgeInSeconds is given up by the poller (RecordAgeExceeded); recorded on
AWS: only the records at the head of the batch, before the rest is delivered. Where both have passed, the stream was
first: what it has lost, a poller cannot give up.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Gone", "gone"]

_arrival_ms = attrgetter("arrival_ms")


class Gone(NamedTuple):
    """How many records, from the first on, retention took, and how many behind those are too old."""

    expired: int
    aged: int


_NOTHING = Gone(0, 0)


def gone(records: Sequence[Any], now_ms: int, *, retention_ms: int, record_age_ms: int | None) -> Gone:
    """Which of `records`, each with its `arrival_ms`, are past their time. `record_age_ms` None: no age is too old."""
    if not records:
        return _NOTHING
    oldest_ms = now_ms - records[0].arrival_ms
    if oldest_ms < retention_ms and (record_age_ms is None or oldest_ms <= record_age_ms):
        return _NOTHING  # nearly always: one look at the first record has said so
    expired = bisect_right(records, now_ms - retention_ms, key=_arrival_ms)
    if record_age_ms is None:
        return Gone(expired, 0)
    return Gone(expired, max(bisect_left(records, now_ms - record_age_ms, key=_arrival_ms) - expired, 0))
