"""One topic as its mapping reads it: how far in each partition, what waits and what is worked off. The law: data and
where it stands; when and what is decided elsewhere.

A record that was read waits in a lane, belongs to a batch of the lane's work or to one that is with the function, or
has ended. To let go is to forget all but what is with the function, and to read anew from what the group has committed.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.polling.batching import PAYLOAD_LIMIT_BYTES
from pytest_lambda_events.polling.lanes import Progress
from pytest_lambda_events.polling.retrying import RetriedBatch, RetryLane

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from pytest_lambda_events.polling.log_ports import LogPartition

__all__ = ["Held", "Lane", "LogBatch", "Reader", "fits_by_partition", "lane_count"]

_ONE: Final = 1


class Reader:
    """A mapping's reader of one partition, as long as the partition is its.

    `position` is the offset that is read next, `expected` that of the next record to come; `since_ms` is when it began,
    or began anew.
    """

    __slots__ = ("expected", "is_revoked", "partition", "position", "progress", "since_ms")

    def __init__(self, partition: LogPartition, start: int, now_ms: int) -> None:
        self.partition = partition
        self.expected = partition.end
        self.since_ms = now_ms
        self.is_revoked = False
        self.begin(start)

    def open_offsets(self, stop: int) -> list[int]:
        """The offsets before `stop` whose records have not ended."""
        has_ended = self.progress.has_ended
        return [offset for offset in range(self.progress.checkpoint, stop) if not has_ended(offset)]

    def ended_offsets(self, start: int) -> list[int]:
        """The offsets from `start` on whose records have ended."""
        progress, gaps = self.progress, set(self.partition.gaps)
        ended = [*range(start, progress.checkpoint), *sorted(one for one in progress.beyond if one >= start)]
        return [one for one in ended if one not in gaps] if gaps else ended

    def begin(self, start: int) -> None:
        """Read from an offset on, as if nothing from there on had ended."""
        self.position = start
        self.progress = Progress(start)
        self.progress.end([gap for gap in self.partition.gaps if gap >= start])  # where nothing stands, nothing is open


class Held(NamedTuple):
    """A record that was read: its JSON text and that in bytes."""

    reader: Reader
    record: Any
    text: str
    size: int

    @property
    def is_open(self) -> bool:
        """Whether it is still the mapping's, and has not ended."""
        return not self.reader.is_revoked and not self.reader.progress.has_ended(self.record.offset)


class LogBatch(RetriedBatch[Held]):
    """What goes to the function together.

    `is_rest`: it is what is left of a batch that partly succeeded, whose offsets are committed when nothing of it is
    left.
    """

    __slots__ = ("is_rest",)

    def __init__(self, held: Sequence[Held], due_ms: int, *, is_rest: bool = False, attempts: int = 0) -> None:
        super().__init__(held, due_ms)
        self.is_rest = is_rest
        self.attempts = attempts

    @property
    def readers(self) -> set[Reader]:
        """The readers of its records."""
        return {one.reader for one in self.held}

    def part(self, start: int, stop: int | None, due_ms: int) -> LogBatch:
        """A new batch of some of its records, with attempts of its own."""
        return LogBatch(self.held[start:stop], due_ms, is_rest=self.is_rest)

    def rest(self, held: Sequence[Held], due_ms: int, *, is_rest: bool) -> LogBatch:
        """What is left of it: the attempts so far were attempts at it, too."""
        left = LogBatch(held, due_ms, is_rest=is_rest, attempts=self.attempts)
        left.problem = self.problem
        return left


class Lane(RetryLane[Held, LogBatch]):
    """A lane of the records of some partitions. `cursor` is the place in the topic's order that is read next."""

    __slots__ = ("cursor", "is_begun", "readers")

    def __init__(self) -> None:
        super().__init__()
        self.readers: dict[int, Reader] = {}
        self.cursor = 0
        self.is_begun = False

    @property
    def may_commit(self) -> bool:
        """Whether no batch of its work has partly succeeded."""
        return not any(batch.is_rest for batch in self.work)

    def begins_at(self, places: Iterable[int]) -> None:
        """Read on from the first of these places, if that lies before the cursor."""
        self.cursor = min((self.cursor, *places))

    def forget_ended(self) -> None:
        """Forget what has ended, or is no longer the mapping's, unless it is with the function."""
        self.waiting = deque([one for one in self.waiting if one.is_open])
        self.waiting_bytes = sum([one.size + 1 for one in self.waiting])
        running = self.work[-1] if self.is_running else None
        self.work = [left for batch in self.work if (left := batch if batch is running else _still_open(batch)).held]

    def batches(self) -> Iterator[LogBatch]:
        """Its batches that failed or were throttled and are not through: the next of its work, if any."""
        if self.work and self.work[-1].problem is not None:
            yield self.work[-1]


def _still_open(batch: LogBatch) -> LogBatch:
    """The same batch, or what is left of it."""
    held = [one for one in batch.held if one.is_open]
    return batch if len(held) == len(batch.held) else batch.rest(held, batch.due_ms, is_rest=batch.is_rest)


def lane_count(parameters: Mapping[str, Any], partitions: int) -> int:
    """How many batches may be with the function at once.

    One for a mapping that says nothing; MinimumPollers for one in provisioned mode, each with partitions of its own
    (Lambda Developer Guide, "Configuring provisioned mode": pollers share the partitions of a topic).
    """
    pollers: int = (parameters.get("ProvisionedPollerConfig") or {}).get("MinimumPollers", _ONE)
    return max(min(pollers, partitions), _ONE)


def fits_by_partition(
    sizes: Sequence[tuple[int, int]],
    overhead: int,
    headers: Mapping[int, int],
    batch_size: int,
    limit: int = PAYLOAD_LIMIT_BYTES,
) -> int:
    """How many of the held records, from the first on, go in one event; at least 1, 0 only when nothing is held.

    `sizes` are partition and bytes of each; `headers` what a partition with records adds, in bytes.
    """
    most = min(len(sizes), batch_size)
    first = sizes[:most]
    if overhead + sum(headers.values()) + sum([size + 1 for _, size in first]) <= limit:
        return most  # nearly always; the rest is exact
    seen: Collection[int] = ()
    total = overhead
    for count, (partition, size) in enumerate(first):
        # the comma behind a partition's records is one too many for the last partition
        total += size + (1 if partition in seen else headers[partition])
        if partition not in seen:
            seen = {*seen, partition}
        if total - 1 > limit:
            return max(count, 1)
    return most
