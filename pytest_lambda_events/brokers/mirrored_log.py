"""A topic behind a connection, as far as one consumer group reads it. The law: offsets are the broker's, and what was
read stays readable, so that a poller may go back to what the group has committed.

A mirror begins, partition by partition, at the offset that the group goes on at; what stands before it is never
fetched. Offsets without a record (compaction, the markers of transactions) are told to who reads along, and have None
in the place of a record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, overload

from pytest_lambda_events.brokers.consumer_group import ConsumerGroup
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pytest_lambda_events.brokers.consumer_group import GroupMember
    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.brokers.memory_log import LogListener

__all__ = ["Fetched", "LogConnection", "MirroredGroup", "MirroredLog", "MirroredPartition"]

T = TypeVar("T")


class Fetched(NamedTuple):
    """What a connection has read of a partition: a record, or (None) that nothing stands before `offset` any more or
    yet.
    """

    partition: int
    offset: int
    record: Any


class LogConnection(Protocol):
    """One consumer of a group, which is told what to read. Everything raises `NotConnected`."""

    def bounds(self, partition: int) -> tuple[int, int]:
        """The offsets of the first record and of the next one to come."""

    def offset_at(self, partition: int, at_ms: int) -> int | None:
        """The offset of the first record of this moment or later; None when there is none."""

    def committed(self) -> Mapping[int, int]:
        """What the group has committed."""

    def commit(self, partition: int, offset: int) -> None:
        """Let the group go on at this offset."""

    def read_from(self, offsets: Mapping[int, int]) -> None:
        """Fetch these partitions, from these offsets on, and no others."""

    def fetch(self) -> Iterable[Fetched]:
        """What has come since the last time, without waiting."""


class FromOffset(Sequence[T]):
    """A list whose first entry has another number than 0."""

    __slots__ = ("_entries", "base")

    def __init__(self, base: int) -> None:
        self.base = base
        self._entries: list[T] = []

    def append(self, entry: T) -> None:
        """Put it behind the others."""
        self._entries.append(entry)

    def __len__(self) -> int:
        return self.base + len(self._entries)

    def __iter__(self) -> Iterator[T]:
        return iter(self._entries)

    @overload
    def __getitem__(self, offset: int) -> T: ...

    @overload
    def __getitem__(self, offset: slice) -> list[T]: ...

    def __getitem__(self, offset: int | slice) -> T | list[T]:
        if isinstance(offset, slice):
            start, stop, _ = offset.indices(len(self))
            return self._entries[max(start - self.base, 0) : max(stop - self.base, 0)]
        if offset < self.base:
            raise IndexError(offset)
        return self._entries[offset - self.base]


class MirroredPartition:
    """One partition; see `polling.log_ports.LogPartition`. Until it has begun, it knows its bounds only."""

    def __init__(self, number: int, bounds: Callable[[int], tuple[int, int]]) -> None:
        self.number = number
        self.has_begun = False
        self.records: FromOffset[Any] = FromOffset(0)
        self.appended_ms: FromOffset[int] = FromOffset(0)
        self.places: FromOffset[int] = FromOffset(0)
        self.gaps: list[int] = []
        self._bounds = bounds

    @property
    def first(self) -> int:
        """The offset of the first record."""
        return self.records.base if self.has_begun else self._bounds(self.number)[0]

    @property
    def end(self) -> int:
        """The offset that is read next."""
        return len(self.records) if self.has_begun else self._bounds(self.number)[1]

    def begin(self, offset: int) -> None:
        """Read from here on. A partition begins once."""
        if not self.has_begun:
            self.has_begun = True
            self.records, self.appended_ms, self.places = FromOffset(offset), FromOffset(offset), FromOffset(offset)

    def append(self, record: Any, now_ms: int, place: int) -> None:
        """What stands at the next offset; None for nothing."""
        if record is None:
            self.gaps.append(self.end)
        self.records.append(record)
        self.appended_ms.append(now_ms)
        self.places.append(place)

    def __repr__(self) -> str:
        return f"<MirroredPartition {self.number}: offsets {self.first} to {self.end - 1}>"


class MirroredLog:
    """What a group reads of a topic; see `polling.log_ports.LogBroker`. `note` is told of each record that it reads."""

    def __init__(
        self, connection: LogConnection, partitions: int, *, patience: Patience, note: Callable[[int, Any], None]
    ) -> None:
        self.partitions = [MirroredPartition(number, connection.bounds) for number in range(partitions)]
        self.order: list[Any] = []
        self._connection = connection
        self._patience = patience
        self._note = note
        self._listeners: list[LogListener] = []
        self._asked_ms = 0
        self._turn = 0
        self._reading: tuple[int, ...] = ()
        self._ends: dict[int, int] = {}  # what this run has to reach at least

    @property
    def is_behind(self) -> bool:
        """Whether there is more than was read."""
        return any(self.partitions[number].end < end for number, end in self._ends.items())

    def settle(self, now_ms: int) -> None:
        """Take what has come."""
        if not self._listeners:
            return
        begun = tuple(one.number for one in self.partitions if one.has_begun)
        if begun != self._reading:
            self._reading = begun
            self._connection.read_from({number: self.partitions[number].end for number in begun})
            self._turn = 0
        # what a busy cluster has not handed out yet, it knows of: a run begins and ends with the question for it
        if self._turn != self._patience.turn or (self._patience.is_quiet(now_ms) and not self.is_behind):
            self._turn = self._patience.turn
            self._ends = {number: self._connection.bounds(number)[1] for number in begun}
        for fetched in self._connection.fetch():
            self._take(fetched, now_ms)
        self._asked_ms = now_ms

    def _take(self, fetched: Fetched, now_ms: int) -> None:
        partition, start = self.partitions[fetched.partition], self.partitions[fetched.partition].end
        if fetched.offset > start:
            for _ in range(start, fetched.offset):
                partition.append(None, now_ms, len(self.order))
            for listener in self._listeners:
                listener.skipped(partition.number, range(start, fetched.offset))
        if fetched.record is not None and fetched.offset >= start:
            partition.append(fetched.record, now_ms, len(self.order))
            self.order.append(fetched.record)
            self._patience.stir()
            self._note(now_ms, fetched.record)
            for listener in self._listeners:
                listener.appended(now_ms, fetched.record)

    def next_change(self, now_ms: int) -> int | None:
        """When it is worth asking again."""
        return self._patience.next_ask(now_ms, self._asked_ms, is_behind=self.is_behind)

    def expires_ms(self, record: Any) -> int | None:  # noqa: ARG002 - part of the port
        """What was read is here; retention takes it from those who have not read it."""
        return None

    def offset_at(self, partition: int, at_ms: int, now_ms: int) -> int:  # noqa: ARG002 - part of the port
        """The offset of the first record with this timestamp or a later one; the end when there is none."""
        found = self._connection.offset_at(partition, at_ms)
        return self._connection.bounds(partition)[1] if found is None else found

    def subscribe(self, listener: LogListener) -> Callable[[], None]:
        """Have `listener` told of everything from now on; what is returned ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)


class MirroredGroup:
    """The consumer group of a mirror; see `polling.log_ports.LogGroup`. What is committed is committed at the broker.

    Its members are mappings: they share the partitions among them. The broker knows no member, because nothing is left
    to its assignment.
    """

    def __init__(self, name: str, log: MirroredLog, connection: LogConnection) -> None:
        self.name = name
        self._log = log
        self._connection = connection
        self._inner = ConsumerGroup(name, len(log.partitions))

    @property
    def committed(self) -> Mapping[int, int]:
        """The offset to go on at, by partition, once there is one."""
        return self._inner.committed

    def commit(self, partition: int, offset: int) -> None:
        """Go on at this offset."""
        self._connection.commit(partition, offset)
        self._inner.commit(partition, offset)
        self._log.partitions[partition].begin(offset)

    def hold(self, member: GroupMember, now_ms: int) -> None:
        """Keep what nobody reads in mind for one that has not joined."""
        self._look()
        self._inner.hold(member, now_ms)

    def join(self, member: GroupMember, now_ms: int) -> None:
        """Become a member, and go on at what the broker says that the group has committed."""
        if not self._inner.members:
            self._look()
        self._inner.join(member, now_ms)

    def leave(self, member: GroupMember, now_ms: int) -> None:
        """Be a member no longer; others take over."""
        self._inner.leave(member, now_ms)

    @property
    def members(self) -> Sequence[GroupMember]:
        """The mappings that read."""
        return self._inner.members

    def _look(self) -> None:
        """Take over what is committed. Errors: `UsageError` when that lies before what was read here."""
        for number, offset in self._connection.committed().items():
            partition = self._log.partitions[number]
            first, _ = self._connection.bounds(number)
            partition.begin(max(offset, first))
            if not partition.records.base <= offset <= partition.end and offset > first:
                raise UsageError(
                    f"the group {self.name} was set to offset {offset} of partition {number} by somebody else, and "
                    f"this harness has read {partition!r}: make a new LiveHarness to go on from there"
                )
            self._inner.commit(number, offset)
