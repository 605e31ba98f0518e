"""The exact log: a topic with partitions, offsets without gaps, retention, consumer groups. The law: pure, a clock's
milliseconds and data; no call costs more because more records are there.

Partitions are append-only, and an offset is a record's place in its partition, from 0. What retention took away leaves
`first` behind it; offsets stay. Puts may be announced for later (`at=`): their offsets are what they find then.

A record without a key goes where the producer's others go, until a batch is full (batch.size, 16,384 bytes) and another
partition is drawn (Apache Kafka, KIP-794). Retention counts from a record's timestamp, and from the latest one before
it in its partition where that is later, because Kafka deletes from the front only (`retention.ms`). A record that comes
with an old timestamp stays until the broker looks for what to delete: five minutes (`log.retention.check.interval.ms`).

Left out: compaction (`cleanup.policy=compact`) and transactions, which both leave gaps between offsets, and deletion by
size (`retention.bytes`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from pytest_lambda_events.brokers.consumer_group import ConsumerGroup
from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.model.partitioner import partition_for_key

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

__all__ = ["RETENTION_MS", "Draft", "LogJournal", "LogListener", "LogRecord", "MemoryLog", "Partition"]

RETENTION_MS: Final = 604_800_000
"""retention.ms of a topic that says nothing else: seven days."""

_CHECK_MS: Final = 300_000
_PRODUCER_BATCH_BYTES: Final = 16_384


class LogRecord(Protocol):
    """What a log needs of a record. `timestamp` is in epoch milliseconds, negative where there is none."""

    @property
    def id(self) -> str:
        """`topic-partition-offset`."""

    @property
    def partition(self) -> int:
        """Where it stands."""

    @property
    def offset(self) -> int:
        """Its place there."""

    @property
    def timestamp(self) -> int:
        """The producer's or the broker's."""

    @property
    def key(self) -> bytes | None:
        """What decides on the partition."""

    @property
    def batch_bytes(self) -> int:
        """How large it is."""


class LogJournal(Protocol):
    """Who is told what happened (the ledger). `at_ms` may lie before the present: when it fell due."""

    def entered(self, at_ms: int, arn: str, record: Any) -> None:
        """A record came into the topic."""


class LogListener(Protocol):
    """Who reads along. `at_ms` may lie before the present: when it fell due."""

    def appended(self, at_ms: int, record: Any) -> None:
        """A record came into its partition."""

    def trimmed(self, at_ms: int, partition: int, first: int) -> None:
        """Retention ended for what stood before the offset `first`."""

    def skipped(self, partition: int, offsets: range) -> None:
        """Nothing stands at these offsets, which come next (never in memory)."""


class Partition:
    """One partition. Read it; only the log writes it.

    `first` is the offset of the oldest record that retention has left; `records` has all that ever came, `appended_ms`
    when they came, `latest_ms` the latest timestamp up to each, `places` where each stands in `MemoryLog.order`.
    """

    gaps: ClassVar[Sequence[int]] = ()  # offsets without a record: not in memory

    __slots__ = ("appended_ms", "first", "latest_ms", "number", "places", "records")

    def __init__(self, number: int) -> None:
        self.number = number
        self.first = 0
        self.records: list[Any] = []
        # arrays, because Python's garbage collector would go through lists again and again
        self.appended_ms = array("q")
        self.latest_ms = array("q")
        self.places = array("q")

    @property
    def end(self) -> int:
        """The offset that the next record will have."""
        return len(self.records)

    def __repr__(self) -> str:
        return f"<Partition {self.number}: offsets {self.first} to {self.end - 1}>"


class Draft:
    """Records that a producer is about to append: they have their places, and nothing has happened yet."""

    def __init__(self, log: MemoryLog) -> None:
        self.records: list[Any] = []
        self._log = log
        self._next: dict[int, int] = {}
        self.sticky = log.sticky
        self.sticky_bytes = log.sticky_bytes

    def placing(self, partition: int | None) -> Callable[[bytes | None], tuple[int, int]]:
        """What says partition and offset of the next record, from its key where no partition is asked for."""

        def place(key: bytes | None) -> tuple[int, int]:
            chosen = partition
            if chosen is None:
                chosen = self._sticky() if key is None else partition_for_key(key, len(self._log.partitions))
            offset = self._next.get(chosen)
            return chosen, self._log.partitions[chosen].end if offset is None else offset

        return place

    def add(self, record: LogRecord, *, is_sticky: bool) -> None:
        """Take a record that was placed; `is_sticky`: neither a key nor a partition was given."""
        self.records.append(record)
        self._next[record.partition] = record.offset + 1
        if is_sticky:
            self.sticky_bytes += record.batch_bytes
            if self.sticky_bytes >= _PRODUCER_BATCH_BYTES:
                self.sticky, self.sticky_bytes = None, 0

    def _sticky(self) -> int:
        if self.sticky is None:
            self.sticky = self._log.draw_partition()
        return self.sticky


class MemoryLog:
    """A topic. All methods take the present; what is due is settled first.

    `order` has all records as they came, whatever their partition. `retention_ms` None keeps them for ever. `dice` draw
    the partition of records without a key.
    """

    def __init__(
        self, arn: str, *, partitions: int, journal: LogJournal, dice: random.Random, retention_ms: int | None
    ) -> None:
        self.arn = arn
        self.retention_ms = retention_ms
        self.partitions = [Partition(number) for number in range(partitions)]
        self.order: list[Any] = []
        self.groups: dict[str, ConsumerGroup] = {}
        self.sticky: int | None = None
        self.sticky_bytes = 0
        self._journal = journal
        self._dice = dice
        self._listeners: list[LogListener] = []
        self._announced: list[tuple[int, int, Callable[[int], None]]] = []
        self._announcements = 0
        self._expires_ms: int | None = None  # when retention ends for the next record of all

    # -- writing ----------------------------------------------------------------------------------------------------

    def draw_partition(self) -> int:
        """The next partition for records without a key; it may be the same again."""
        return self._dice.randrange(len(self.partitions))

    def append_all(self, draft: Draft, now_ms: int) -> None:
        """Append what a producer has drafted since the last append. What is due must have been settled."""
        self.sticky, self.sticky_bytes = draft.sticky, draft.sticky_bytes
        for record in draft.records:
            self.append(record, now_ms)

    def append(self, record: LogRecord, now_ms: int) -> None:
        """Put a record behind the others of its partition. Errors: `ConservationError` for one of another offset."""
        partition = self.partitions[record.partition]
        if record.offset != partition.end:
            raise ConservationError(f"{record!r} cannot follow in {self.arn}: the next offset is {partition.end}")
        moment_ms = record.timestamp if record.timestamp >= 0 else now_ms
        latest = partition.latest_ms
        latest.append(max(moment_ms, latest[-1]) if latest else moment_ms)
        partition.records.append(record)
        partition.appended_ms.append(now_ms)
        partition.places.append(len(self.order))
        self.order.append(record)
        if partition.first == record.offset:
            self._expires_ms = _earlier(self._expires_ms, self.expires_ms(record))
        self._journal.entered(now_ms, self.arn, record)
        for listener in self._listeners:
            listener.appended(now_ms, record)

    def announce(self, at_ms: int, put: Callable[[int], None]) -> None:
        """Let `put` be called with its moment when time passes `at_ms`."""
        self._announcements += 1
        heappush(self._announced, (at_ms, self._announcements, put))

    def subscribe(self, listener: LogListener) -> Callable[[], None]:
        """Have `listener` told of everything from now on; what is returned ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # -- time -------------------------------------------------------------------------------------------------------

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due, in order of time: the end of retention, and announced puts."""
        while True:
            put_ms = self._announced[0][0] if self._announced else None
            due_ms = _earlier(self._expires_ms, put_ms)
            if due_ms is None or due_ms > now_ms:
                return
            if due_ms == self._expires_ms:
                self._trim(due_ms)
            else:
                at_ms, _, put = heappop(self._announced)
                put(at_ms)

    def _trim(self, at_ms: int) -> None:
        """Take away what expires at this moment."""
        self._expires_ms = None
        for partition in self.partitions:
            first, end = partition.first, partition.end
            while first < end and self._expiry(partition, first) <= at_ms:
                first += 1
            if first != partition.first:
                partition.first = first
                for listener in self._listeners:
                    listener.trimmed(at_ms, partition.number, first)
            if first < end:
                self._expires_ms = _earlier(self._expires_ms, self._expiry(partition, first))

    def next_change(self, now_ms: int) -> int | None:
        """When the next announced put is due, `now_ms` at the earliest; None without one."""
        return max(self._announced[0][0], now_ms) if self._announced else None

    def expires_ms(self, record: LogRecord) -> int | None:
        """When retention ends for a record; None for never."""
        if self.retention_ms is None:
            return None
        return self._expiry(self.partitions[record.partition], record.offset)

    def _expiry(self, partition: Partition, offset: int) -> int:
        retention_ms = self.retention_ms or 0
        return max(
            partition.latest_ms[offset] + retention_ms, partition.appended_ms[offset] + min(retention_ms, _CHECK_MS)
        )

    # -- reading ----------------------------------------------------------------------------------------------------

    def offset_at(self, partition: int, at_ms: int, now_ms: int) -> int:
        """The offset of the first retained record with this timestamp or a later one; the end when there is none."""
        self.settle(now_ms)
        found = self.partitions[partition]
        offset = max(found.first, bisect_left(found.latest_ms, at_ms))
        # where timestamps fall, the latest one so far may be that of a record which is gone
        while offset < found.end and found.records[offset].timestamp < at_ms:
            offset += 1
        return offset

    def retained(self, now_ms: int) -> list[Any]:
        """The records that retention has left, as they came."""
        self.settle(now_ms)
        partitions = self.partitions
        return [record for record in self.order if record.offset >= partitions[record.partition].first]

    def group(self, name: str) -> ConsumerGroup:
        """The consumer group of this name; there is one as soon as somebody asks."""
        found = self.groups.get(name)
        if found is None:
            found = self.groups[name] = ConsumerGroup(name, len(self.partitions))
        return found


def _earlier(one: int | None, other: int | None) -> int | None:
    """The earlier of two moments; None is never."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
