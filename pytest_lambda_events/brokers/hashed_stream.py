"""A stream whose shards own ranges of hash keys: what Kinesis adds to shards. The law: pure; the ranges of the open
shards leave no gap and never overlap, and within a shard a later record has a greater sequence number.

Rules: Kinesis Developer Guide, "Resharding a stream"; API Reference, SplitShard, MergeShards, UpdateShardCount. That a
shard's numbers begin at index 0 and end at the last of all, and that a child counts as made one second after its parent
ended, was recorded on AWS.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_lambda_events.brokers.deaggregated import DeaggregatedStream
from pytest_lambda_events.brokers.shard_stream import ShardStream
from pytest_lambda_events.model.kinesis_record import KinesisRecord, hash_key, shard_id_of
from pytest_lambda_events.model.sequence_numbers import KinesisNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.brokers.shard_stream import Shard, StreamJournal, StreamSettings

__all__ = ["HASH_KEYS", "HashedShard", "HashedStream", "PutRecord"]

HASH_KEYS: Final = 1 << 128
"""How many hash keys there are: 0 to 2^128-1."""

_LAST_INDEX: Final = (1 << 63) - 1
_MOMENT_BITS: Final = 22  # of an index: room for four million records of one millisecond, which frozen time makes
_KEPT_MOMENTS: Final = 64
_NEAR: Final = 1 << 64  # bounds that are this close are one: shares of 2^128 are rounded


class PutRecord(Protocol):
    """What is put: `UserRecord`, or a record that has to go elsewhere."""

    @property
    def data(self) -> bytes:
        """The payload."""

    @property
    def partition_key(self) -> str:
        """Whose MD5 decides about the shard."""

    @property
    def explicit_hash_key(self) -> str | None:
        """What decides in its place."""


class HashedShard:
    """A shard's range of hash keys, `low` to `high`, both within it, and its sequence numbers.

    `index` is the shard's own, `created_s` when it was made as its sequence numbers say, `shard` holds its records. The
    index of a record tells its moment first, so that one which is announced for later has the greater number; `base` is
    where these indexes begin.
    """

    __slots__ = ("_given", "base", "created_s", "high", "index", "low", "shard")

    def __init__(self, shard: Shard, index: int, low: int, high: int, *, created_s: int, base: int) -> None:
        self.shard = shard
        self.index = index
        self.low = low
        self.high = high
        self.created_s = created_s
        self.base = base
        self._given: dict[int, int] = {}  # how many numbers which moment has

    @property
    def id(self) -> str:
        """`shardId-000000000000`."""
        return self.shard.id

    @property
    def is_open(self) -> bool:
        """Whether it takes records."""
        return self.shard.closed_ms is None

    @property
    def starting_number(self) -> str:
        """StartingSequenceNumber: before that of its first record."""
        return self._number(0, self.created_s)

    @property
    def ending_number(self) -> str | None:
        """EndingSequenceNumber: behind that of its last record; None while it is open."""
        closed_ms = self.shard.closed_ms
        return None if closed_ms is None else self._number(_LAST_INDEX, max(closed_ms // 1000, self.created_s))

    def next_number(self, at_ms: int, now_ms: int) -> str:
        """The number of a record that arrives at `at_ms`; it is `now_ms`."""
        given = self._given
        count = given.get(at_ms, 0)
        if not count and len(given) >= _KEPT_MOMENTS:
            given = self._given = {moment: number for moment, number in given.items() if moment >= now_ms}
        given[at_ms] = count + 1
        moment = max(at_ms - self.shard.created_ms, 0)
        return self._number(self.base + (moment << _MOMENT_BITS) + count, max(at_ms // 1000, self.created_s))

    def _number(self, index: int, second: int) -> str:
        return KinesisNumber(created_s=self.created_s, shard=self.index, index=index, second=second).text


class HashedStream(ShardStream):
    """A stream of Kinesis. `hashed` are its shards by id, in order of creation.

    `spread` says where the indexes of a new shard begin: somewhere else for each shard of each stream, because a record
    is known by its number alone.
    """

    def __init__(
        self, arn: str, *, settings: StreamSettings, journal: StreamJournal, spread: Callable[[str], int]
    ) -> None:
        super().__init__(arn, settings=settings, journal=journal)
        self.hashed: dict[str, HashedShard] = {}
        self._spread = spread
        self._lows: list[int] = []
        self._open: list[HashedShard] = []  # in the order of their ranges, as `_lows`
        self._coming: dict[int, KinesisRecord] = {}
        self._announcement = 0
        self._deaggregated: DeaggregatedStream | None = None

    @property
    def open_shards(self) -> Sequence[HashedShard]:
        """The shards that take records, in the order of their ranges."""
        return tuple(self._open)

    @property
    def deaggregated(self) -> DeaggregatedStream:
        """The same stream with the records of aggregates apart, as enhanced fan-out hands them to Lambda."""
        if self._deaggregated is None:
            self._deaggregated = DeaggregatedStream(self)
        return self._deaggregated

    # -- writing ----------------------------------------------------------------------------------------------------

    def put(self, record: PutRecord, now_ms: int) -> KinesisRecord:
        """Put a record now; what is due must have been settled."""
        hashed = self.shard_for(record)
        made = _made(record, hashed, hashed.next_number(now_ms, now_ms), now_ms)
        self.append(made.shard_id, made, now_ms)
        return made

    def put_at(self, record: PutRecord, at_ms: int, now_ms: int) -> KinesisRecord:
        """Put a record when time passes `at_ms`; the record that will come. What is due must have been settled.

        Its shard is the one that is open for it now. When that is closed before, another record comes in its place:
        into the shard that is open for it then, under a number of that one.
        """
        if at_ms <= now_ms:
            return self.put(record, now_ms)
        hashed = self.shard_for(record)
        made = _made(record, hashed, hashed.next_number(at_ms, now_ms), at_ms)
        self._announcement += 1
        number = self._announcement
        self._coming[number] = made
        self.announce(at_ms, lambda _: self._arrive(number))
        return made

    def _arrive(self, number: int) -> None:
        record = self._coming.pop(number)
        self.append(record.shard_id, record, record.arrival_ms)

    def _send_on(self, now_ms: int) -> None:
        """Give what is announced for a closed shard to an open one, under new numbers, in the order of announcement."""
        for number, record in self._coming.items():
            if not self.hashed[record.shard_id].is_open:
                hashed = self.shard_for(record)
                at_ms = record.arrival_ms
                self._coming[number] = _made(record, hashed, hashed.next_number(at_ms, now_ms), at_ms)

    def shard_for(self, record: PutRecord) -> HashedShard:
        """The open shard whose range has the record's hash key."""
        explicit = record.explicit_hash_key
        key = hash_key(record.partition_key) if explicit is None else int(explicit)
        return self._open[bisect_right(self._lows, key) - 1]

    # -- shards -----------------------------------------------------------------------------------------------------

    def open_evenly(self, count: int, now_ms: int) -> None:
        """Begin with so many shards of the same size."""
        for low, high in _shares(count):
            self.open_range(low, high, now_ms)

    def open_range(self, low: int, high: int, now_ms: int, parents: Sequence[HashedShard] = ()) -> HashedShard:
        """Open a shard for the hash keys from `low` to `high`; nothing else is open for them."""
        created_s = max([now_ms // 1000, *(1 + max(parent.created_s, now_ms // 1000) for parent in parents)])
        return self.restore(
            len(self.hashed),
            low,
            high,
            now_ms,
            parents=[parent.id for parent in parents],
            created_s=created_s,
        )

    def restore(
        self,
        index: int,
        low: int,
        high: int,
        created_ms: int,
        *,
        parents: Sequence[str],
        created_s: int,
        base: int | None = None,
        is_open: bool = True,
    ) -> HashedShard:
        """Add a shard of which all this is known, open for records unless `is_open` says that others are."""
        shard_id = shard_id_of(index)
        shard = self.open_shard(shard_id, created_ms, tuple(parents))
        begin = self._spread(shard_id) if base is None else base
        hashed = self.hashed[shard_id] = HashedShard(shard, index, low, high, created_s=created_s, base=begin)
        if is_open:
            place = bisect_left(self._lows, low)
            self._lows.insert(place, low)
            self._open.insert(place, hashed)
        return hashed

    def split(self, shard_id: str, at: int, now_ms: int) -> tuple[HashedShard, HashedShard]:
        """Close a shard and open two in its place; the second begins with the hash key `at`."""
        parent = self._closed(shard_id, now_ms)
        lower = self.open_range(parent.low, at - 1, now_ms, [parent])
        upper = self.open_range(at, parent.high, now_ms, [parent])
        self._send_on(now_ms)
        return lower, upper

    def merge(self, shard_id: str, adjacent_id: str, now_ms: int) -> HashedShard:
        """Close a shard and the one that is open for the hash keys after its own, and open one in their place."""
        parents = [self._closed(shard_id, now_ms), self._closed(adjacent_id, now_ms)]
        child = self.open_range(parents[0].low, parents[1].high, now_ms, parents)
        self._send_on(now_ms)
        return child

    def scale(self, count: int, now_ms: int) -> None:
        """Split and merge until `count` shards of the same size are open (uniform scaling).

        From left to right: split where a share ends within a shard, then merge what lies within the share. AWS does so
        (seen for 4 to 3 shards), with shards that live for a moment only.
        """
        for low, high in _shares(count):
            within = self._at(low)
            while within.high < high - _NEAR:
                after = self._at(within.high + 1)
                if after.high > high + _NEAR:
                    after, _ = self.split(after.id, high + 1, now_ms)
                within = self.merge(within.id, after.id, now_ms)
            if within.high > high + _NEAR:
                self.split(within.id, high + 1, now_ms)

    def _at(self, key: int) -> HashedShard:
        return self._open[bisect_right(self._lows, min(key + _NEAR, HASH_KEYS - 1)) - 1]

    def _closed(self, shard_id: str, now_ms: int) -> HashedShard:
        hashed = self.hashed[shard_id]
        self.close_shard(shard_id, now_ms)
        place = self._open.index(hashed)
        del self._open[place], self._lows[place]
        return hashed

    def close(self, now_ms: int) -> None:
        """The stream was deleted, with what it held and what was announced."""
        self.settle(now_ms)
        self.forget_announced()
        self._coming.clear()
        for shard in self.shards.values():
            shard.closed_ms = now_ms if shard.closed_ms is None else shard.closed_ms
            shard.first = shard.end
        self._open.clear()
        self._lows.clear()

    # -- reading ----------------------------------------------------------------------------------------------------

    def place_of(self, shard_id: str, number: str, now_ms: int) -> int:
        """The place of the first retained record with this sequence number or a greater one."""
        self.settle(now_ms)
        shard = self.shards[shard_id]
        return max(shard.first, bisect_left(shard.records, number, key=_number_of))

    def listed(self, now_ms: int) -> list[HashedShard]:
        """The shards that there are: a closed one is gone when retention has ended for all that it could hold."""
        oldest_ms = now_ms - self.settings.retention_ms
        return [
            hashed
            for hashed in self.hashed.values()
            if hashed.shard.closed_ms is None or hashed.shard.closed_ms > oldest_ms
        ]


def _made(record: PutRecord, hashed: HashedShard, number: str, arrival_ms: int) -> KinesisRecord:
    return KinesisRecord(
        id=number,
        data=record.data,
        partition_key=record.partition_key,
        arrival_ms=arrival_ms,
        shard_id=hashed.id,
        explicit_hash_key=record.explicit_hash_key,
    )


def _number_of(record: Any) -> str:
    number: str = record.id
    return number  # all have 56 digits, so texts compare as numbers do


def _shares(count: int) -> list[tuple[int, int]]:
    """The hash keys in `count` ranges of the same size; the last one has what rounding leaves."""
    step = HASH_KEYS // count
    lows = [index * step for index in range(count)]
    return list(zip(lows, [low - 1 for low in lows[1:]] + [HASH_KEYS - 1], strict=True))
