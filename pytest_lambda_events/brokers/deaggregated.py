"""A stream with the records of aggregates apart. The law: it holds nothing that the stream does not say, and its places
count what is within.

Lambda takes the aggregates of the Kinesis Producer Library apart for enhanced fan-out consumers: the records within
share one sequence number, and a filter sees each (recorded on AWS). They come apart when they are read, because a
stream keeps what was put.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.aggregated import MAGIC, deaggregated
from pytest_lambda_events.model.kinesis_record import inner_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.brokers.shard_stream import Listener, Shard, ShardStream
    from pytest_lambda_events.model.kinesis_record import KinesisRecord

__all__ = ["DeaggregatedShard", "DeaggregatedStream", "inner_records"]


def inner_records(record: KinesisRecord) -> Sequence[KinesisRecord]:
    """The records within an aggregate, each known by the number of the whole and its place; else the record itself."""
    if not record.data.startswith(MAGIC):
        return (record,)
    within = deaggregated(record.data)
    if within is None:
        return (record,)
    return tuple(
        replace(
            record,
            id=inner_id(record.id, place),
            data=one.data,
            partition_key=one.partition_key,
            explicit_hash_key=one.explicit_hash_key,
        )
        for place, one in enumerate(within)
    )


class DeaggregatedShard:
    """A shard as `ShardStream` has them, with the records of aggregates apart."""

    __slots__ = ("_records", "_shard", "_starts")

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._records: list[Any] = []
        self._starts = [0]  # the place of what is within the record at that place; one more than there are records

    @property
    def id(self) -> str:
        """The shard's id."""
        return self._shard.id

    @property
    def parents(self) -> tuple[str, ...]:
        """The shards that it came from."""
        return self._shard.parents

    @property
    def created_ms(self) -> int:
        """When it was made."""
        return self._shard.created_ms

    @property
    def closed_ms(self) -> int | None:
        """When it was closed, None while it is open."""
        return self._shard.closed_ms

    @property
    def records(self) -> list[Any]:
        """All that it ever held."""
        self._take()
        return self._records

    @property
    def first(self) -> int:
        """The place of the oldest record that retention has left."""
        return self.place(self._shard.first)

    @property
    def end(self) -> int:
        """The place behind the last record."""
        return len(self.records)

    def place(self, place: int) -> int:
        """Where what is within the record at that place begins."""
        self._take()
        return self._starts[place]

    def _take(self) -> None:
        """Take apart what came in since."""
        known, starts = self._shard.records, self._starts
        for place in range(len(starts) - 1, len(known)):
            self._records.extend(inner_records(known[place]))
            starts.append(len(self._records))


class DeaggregatedStream:
    """A stream of these shards, which is read like any other."""

    def __init__(self, stream: ShardStream) -> None:
        self._stream = stream
        self._shards: dict[str, DeaggregatedShard] = {}
        self.arn = stream.arn
        self.settle = stream.settle
        self.next_change = stream.next_change
        self.expires_ms = stream.expires_ms
        self.children = stream.children
        self.apart = inner_records

    @property
    def shards(self) -> Mapping[str, DeaggregatedShard]:
        """Every shard by its id, in order of creation."""
        known = self._shards
        for shard_id, shard in self._stream.shards.items():
            if shard_id not in known:
                known[shard_id] = DeaggregatedShard(shard)
        return known

    def read(self, shard_id: str, place: int, limit: int, now_ms: int) -> tuple[int, Sequence[Any]]:
        """Up to `limit` records from `place` on, and the place of the first: later than asked where retention ended."""
        self.settle(now_ms)
        shard = self.shards[shard_id]
        place = max(place, shard.first)
        return place, shard.records[place : place + limit]

    def place_at(self, shard_id: str, at_ms: int, now_ms: int) -> int:
        """The place of the first retained record that arrived at `at_ms` or later; the end when there is none."""
        return self.shards[shard_id].place(self._stream.place_at(shard_id, at_ms, now_ms))

    def is_drained(self, shard_id: str, place: int) -> bool:
        """Whether a reader at this place has seen all that the shard will ever hold."""
        shard = self.shards[shard_id]
        return shard.closed_ms is not None and place >= shard.end

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called for each record that comes in; what is returned ends that."""

        def within(now_ms: int, shard_id: str, record: Any) -> None:
            for inner in inner_records(record):
                listener(now_ms, shard_id, inner)

        return self._stream.subscribe(within)
