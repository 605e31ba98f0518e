"""What a FIFO queue has taken in the last five minutes. The law: pure; knows moments and ids, neither places nor time.

A message is a duplicate of the first one with the same deduplication id, in the same scope, that was sent less than
five minutes before it; a duplicate does not begin a new interval, and deleting the message does not end it. A send that
was announced for later counts from its own moment: for those before it, it is not there.

Rules: SQS Developer Guide, "Using the message deduplication ID", "Exactly-once processing"; DeduplicationScope in the
API reference, SetQueueAttributes.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.model.records import SqsMessage

__all__ = ["DEDUPLICATION_MS", "Deduplication"]

DEDUPLICATION_MS: Final = 300_000
"""The deduplication interval, which nobody can change; also how long a receive attempt is remembered."""

_Key = tuple["str | None", str]
_Entry = tuple[int, int, "SqsMessage"]  # when, a number of its own, what


class Deduplication:
    """The memory of one queue. Every record is kept for both scopes, as the attribute may change between two sends."""

    __slots__ = ("_ahead", "_known", "_numbers", "_passing")

    def __init__(self) -> None:
        self._known: dict[_Key, list[_Entry]] = {}  # by moment; more than one only across scopes or announcements
        self._passing: deque[tuple[int, _Key]] = deque()  # when each is five minutes old, in the order of sending
        self._ahead: list[tuple[int, int, _Key]] = []  # the same as a heap, of those that were announced
        self._numbers = 0

    def find(self, group_id: str | None, dedup_id: str, at_ms: int, *, scope: str) -> SqsMessage | None:
        """The record of which a send at `at_ms` would be a duplicate: the first that is not five minutes old then."""
        entries = self._known.get((group_id if scope == "messageGroup" else None, dedup_id))
        if entries is None:
            return None
        first = bisect_right(entries, at_ms - DEDUPLICATION_MS, key=_moment)
        return entries[first][2] if first < len(entries) and entries[first][0] <= at_ms else None

    def remember(self, record: SqsMessage, at_ms: int, now_ms: int) -> None:
        """A record was taken now, for `at_ms`."""
        self.forget(now_ms)
        dedup_id = record.message_deduplication_id
        if dedup_id is None:
            return
        self._numbers += 1
        entry = at_ms, self._numbers, record
        key = record.message_group_id, dedup_id
        self._add(key, entry)
        if record.message_group_id is not None:
            self._add((None, dedup_id), entry)
        if at_ms > now_ms:
            heappush(self._ahead, (at_ms + DEDUPLICATION_MS, self._numbers, key))
        else:
            self._passing.append((now_ms + DEDUPLICATION_MS, key))

    def _add(self, key: _Key, entry: _Entry) -> None:
        entries = self._known.get(key)
        if entries is None:
            self._known[key] = [entry]
        else:
            insort(entries, entry)

    def forget(self, now_ms: int) -> None:
        """Drop what no send from now on can be a duplicate of: each record once, whenever that is."""
        passing, ahead = self._passing, self._ahead
        while passing and passing[0][0] <= now_ms:
            self._drop(passing.popleft()[1], now_ms)
        while ahead and ahead[0][0] <= now_ms:
            self._drop(heappop(ahead)[2], now_ms)

    def _drop(self, key: _Key, now_ms: int) -> None:
        self._trim(key, now_ms)
        self._trim((None, key[1]), now_ms)

    def _trim(self, key: _Key, now_ms: int) -> None:
        entries = self._known.get(key)
        if entries is None:
            return
        if entries[-1][0] + DEDUPLICATION_MS <= now_ms:
            del self._known[key]
        elif entries[len(entries) // 2][0] + DEDUPLICATION_MS <= now_ms:  # half of them at least: one pays for one
            del entries[: bisect_right(entries, now_ms - DEDUPLICATION_MS, key=_moment)]

    def __len__(self) -> int:
        """How many entries are kept: for those who watch that it does not grow."""
        return sum(len(entries) for entries in self._known.values())


def _moment(entry: _Entry) -> int:
    return entry[0]
