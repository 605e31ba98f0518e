"""The exact stream: shards, order, retention, resharding. The law: pure, a clock's milliseconds and data; no moto.

A shard's records keep their *places*, counted from 0 since the shard was made; what retention took away leaves `first`
behind it, and places stay. Readers hold a place for each shard and disturb nobody. Kinesis and DynamoDB Streams both
stand on this; what differs (hash keys, sequence numbers) is theirs.

Puts may be announced for later (`at=`); they happen when time passes them, in order of moment and announcement.
"""

from __future__ import annotations

from bisect import bisect_left
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from pytest_lambda_events.errors import ConservationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Listener", "Shard", "ShardStream", "StreamJournal", "StreamRecord", "StreamSettings"]


class StreamRecord(Protocol):
    """What a stream needs of a record: its identifier, and when it arrived (epoch milliseconds)."""

    @property
    def id(self) -> str:
        """The sequence number."""

    @property
    def arrival_ms(self) -> int:
        """When it came into the stream."""


class StreamSettings(Protocol):
    """The stream's attributes, read anew at each use: whoever owns the resource may change them at any time."""

    @property
    def retention_ms(self) -> int:
        """How long records are kept, in milliseconds."""


class StreamJournal(Protocol):
    """Who is told what happened (the ledger). `at_ms` may lie before the present: when it fell due."""

    def entered(self, at_ms: int, arn: str, record: Any) -> None:
        """A record came into the stream."""


Listener: TypeAlias = "Callable[[int, str, Any], None]"
"""Called with the moment, the shard's id and the record, for each record that comes in."""


class Shard:
    """One shard. Read it; only the stream writes it.

    `parents` are the shards that it came from (one after a split, two after a merge); `closed_ms` is None while it
    takes records; `first` is the place of the oldest record that retention has left.
    """

    __slots__ = ("arrivals", "closed_ms", "created_ms", "first", "id", "parents", "records")

    def __init__(self, shard_id: str, created_ms: int, parents: tuple[str, ...]) -> None:
        self.id = shard_id
        self.created_ms = created_ms
        self.parents = parents
        self.closed_ms: int | None = None
        self.first = 0
        self.records: list[Any] = []
        self.arrivals: list[int] = []  # of the records, never falling: for the search by time

    @property
    def end(self) -> int:
        """The place behind the last record."""
        return len(self.records)


class ShardStream:
    """A stream of shards. All methods take the present; what is due is settled first."""

    def __init__(self, arn: str, *, settings: StreamSettings, journal: StreamJournal) -> None:
        self.arn = arn
        self.settings = settings
        self.shards: dict[str, Shard] = {}
        self._journal = journal
        self._listeners: list[Listener] = []
        self._announced: list[tuple[int, int, Callable[[int], None]]] = []
        self._announcements = 0

    # -- writing ----------------------------------------------------------------------------------------------------

    def open_shard(self, shard_id: str, created_ms: int, parents: tuple[str, ...] = ()) -> Shard:
        """Add a shard; its parents, if any, are closed by the caller at the same moment."""
        shard = self.shards[shard_id] = Shard(shard_id, created_ms, parents)
        return shard

    def close_shard(self, shard_id: str, now_ms: int) -> None:
        """Let a shard take no more records. What it holds can be read until retention ends."""
        self.settle(now_ms)
        self.shards[shard_id].closed_ms = now_ms

    def append(self, shard_id: str, record: Any, now_ms: int) -> None:
        """Put a record, which arrives now, behind the others of its shard."""
        shard = self.shards[shard_id]
        if shard.closed_ms is not None or (shard.arrivals and record.arrival_ms < shard.arrivals[-1]):
            raise ConservationError(
                f"{record!r} cannot follow in {shard_id} of {self.arn}: the shard is closed, or time went backwards"
            )
        shard.records.append(record)
        shard.arrivals.append(record.arrival_ms)
        self._journal.entered(now_ms, self.arn, record)
        for listener in self._listeners:
            listener(now_ms, shard_id, record)

    def announce(self, at_ms: int, put: Callable[[int], None]) -> None:
        """Let `put` be called with its moment when time passes `at_ms`."""
        self._announcements += 1
        heappush(self._announced, (at_ms, self._announcements, put))

    def forget_announced(self) -> None:
        """Let nothing of what was announced happen."""
        self._announced.clear()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called for each record that comes in; what is returned ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # -- time -------------------------------------------------------------------------------------------------------

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due: announced puts, and the end of retention."""
        while self._announced and self._announced[0][0] <= now_ms:
            at_ms, _, put = heappop(self._announced)
            put(at_ms)
        oldest_ms = now_ms - self.settings.retention_ms
        for shard in self.shards.values():
            arrivals, first, end = shard.arrivals, shard.first, len(shard.arrivals)
            while first < end and arrivals[first] <= oldest_ms:
                first += 1
            shard.first = first

    def next_change(self, now_ms: int) -> int | None:
        """When the next announced put is due, `now_ms` at the earliest; None without one."""
        return max(self._announced[0][0], now_ms) if self._announced else None

    def expires_ms(self, record: StreamRecord) -> int:
        """When retention ends for a record."""
        return record.arrival_ms + self.settings.retention_ms

    # -- reading ----------------------------------------------------------------------------------------------------

    def read(self, shard_id: str, place: int, limit: int, now_ms: int) -> tuple[int, Sequence[Any]]:
        """Up to `limit` records from `place` on, and the place of the first: later than asked where retention ended."""
        self.settle(now_ms)
        shard = self.shards[shard_id]
        place = max(place, shard.first)
        return place, shard.records[place : place + limit]

    def place_at(self, shard_id: str, at_ms: int, now_ms: int) -> int:
        """The place of the first retained record that arrived at `at_ms` or later; the end when there is none."""
        self.settle(now_ms)
        shard = self.shards[shard_id]
        return max(shard.first, bisect_left(shard.arrivals, at_ms))

    def is_drained(self, shard_id: str, place: int) -> bool:
        """Whether a reader at this place has seen all that the shard will ever hold."""
        shard = self.shards[shard_id]
        return shard.closed_ms is not None and place >= shard.end

    def children(self, shard_id: str) -> list[str]:
        """The shards that came from this one, in order of creation."""
        return [shard.id for shard in self.shards.values() if shard_id in shard.parents]
