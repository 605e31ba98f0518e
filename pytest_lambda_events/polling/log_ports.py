"""What the poller of a log needs from the rest, as Protocols. The law: that of `ports`, for topics with partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["LogBroker", "LogGroup", "LogPartition", "LogShape"]


class LogPartition(Protocol):
    """One partition: what it has, by offset."""

    @property
    def number(self) -> int:
        """Its number, from 0."""

    @property
    def first(self) -> int:
        """The offset of the oldest record that retention has left."""

    @property
    def records(self) -> Sequence[Any]:
        """All that ever came, by offset; None where nothing stands."""

    @property
    def appended_ms(self) -> Sequence[int]:
        """When each came, epoch milliseconds."""

    @property
    def places(self) -> Sequence[int]:
        """Where each stands in the order of the whole topic."""

    @property
    def gaps(self) -> Sequence[int]:
        """The offsets where nothing stands, in order: those of compaction, and the markers of transactions."""

    @property
    def end(self) -> int:
        """The offset that the next record will have."""


class LogBroker(Protocol):
    """A topic that is read by offset and disturbed by nobody (`brokers.memory_log.MemoryLog`), or one behind a
    connection (`brokers.mirrored_log.MirroredLog`).
    """

    @property
    def partitions(self) -> Sequence[LogPartition]:
        """Every partition, by number."""

    @property
    def order(self) -> Sequence[Any]:
        """All records as they came; each has `id`, `partition`, `offset` and `timestamp`."""

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due."""

    def next_change(self, now_ms: int) -> int | None:
        """When something comes by itself; None when nothing will."""

    def expires_ms(self, record: Any) -> int | None:
        """When retention ends for a record, epoch milliseconds; None for never."""

    def offset_at(self, partition: int, at_ms: int, now_ms: int) -> int:
        """The offset of the first record with this timestamp or a later one."""

    def subscribe(self, listener: Any) -> Callable[[], None]:
        """Have `listener.appended(at_ms, record)`, `listener.trimmed(at_ms, partition, first)` and
        `listener.skipped(partition, offsets)` called from now on; what is returned ends that.
        """


class LogGroup(Protocol):
    """A consumer group (`brokers.consumer_group.ConsumerGroup`, or `brokers.mirrored_log.MirroredGroup`); members are
    told what they read.
    """

    @property
    def committed(self) -> Mapping[int, int]:
        """The offset to go on at, by partition, once there is one."""

    def commit(self, partition: int, offset: int) -> None:
        """Go on at this offset."""

    def hold(self, member: Any, now_ms: int) -> None:
        """Keep what nobody reads in mind for one that has not joined."""

    def join(self, member: Any, now_ms: int) -> None:
        """Become a member."""

    def leave(self, member: Any, now_ms: int) -> None:
        """Be a member no longer."""


class LogShape(Protocol):
    """How records of a topic become the event that the function gets."""

    @property
    def overhead(self) -> int:
        """Bytes of the event without any partition."""

    def partition_overhead(self, partition: int) -> int:
        """Bytes that a partition with records adds, besides the records and the commas between them."""

    def record_text(self, record: Any) -> str:
        """One record as compact JSON."""

    def event_text(self, records: Sequence[Any], record_texts: Sequence[str]) -> str:
        """The event around records, each with its text."""
