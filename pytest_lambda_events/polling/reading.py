"""One shard as its mapping reads it: the place, the lanes, what waits and what is worked off. The law: data and where
it stands; when and what is decided elsewhere.

A record that was read waits in a lane, belongs to a batch of the lane's work or to one that is with the function, or
has ended. To let go of a shard is to forget all but what is with the function, and to read anew from the checkpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.polling.lanes import Progress, Routes
from pytest_lambda_events.polling.retrying import RetriedBatch, RetryLane

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from pytest_lambda_events.model.windows import TumblingWindow
    from pytest_lambda_events.polling.windows import OpenWindow

__all__ = ["UNROUTED", "Blocked", "Held", "Lane", "Reader", "StreamBatch"]

UNROUTED: Final = object()
"""The key of a record that takes no lane, or the only one."""


class Held(NamedTuple):
    """A record that was read: where it stands, its JSON text and that in bytes, and what keeps it in order."""

    place: int
    record: Any
    text: str
    size: int
    key: Hashable


class Blocked(NamedTuple):
    """A batch that failed or was throttled, and that its lane waits for.

    `record` is the first of it, None for the final invocation of a window; `attempts` are invocations, `throttles`
    those that were refused; `iterator_age_ms` is the age of its last record, None in a queue, which has no iterator;
    `problem` is one sentence on the last try.
    """

    shard_id: str
    record: Any
    attempts: int
    throttles: int
    iterator_age_ms: int | None
    problem: str


class StreamBatch(RetriedBatch[Held]):
    """What goes to the function together, or (`held` empty) the final invocation of a window.

    `window_start_ms` is None without tumbling windows.
    """

    __slots__ = ("is_terminated_early", "window", "window_start_ms")

    def __init__(
        self, held: Sequence[Held], due_ms: int, window_start_ms: int | None, *, is_terminated_early: bool = False
    ) -> None:
        super().__init__(held, due_ms)
        self.window_start_ms = window_start_ms
        self.is_terminated_early = is_terminated_early
        self.window: TumblingWindow | None = None

    @property
    def is_final(self) -> bool:
        """Whether it is the final invocation of a window."""
        return not self.held

    def part(self, start: int, stop: int | None, due_ms: int) -> StreamBatch:
        """A new batch of some of its records."""
        return StreamBatch(self.held[start:stop], due_ms, self.window_start_ms)

    def anew(self, due_ms: int) -> StreamBatch:
        """The same as a new batch."""
        return StreamBatch(self.held, due_ms, self.window_start_ms, is_terminated_early=self.is_terminated_early)


class Lane(RetryLane[Held, StreamBatch]):
    """A lane of a shard, whose batching window is counted from `window_from_ms`."""

    __slots__ = ("window_from_ms",)

    def __init__(self, window_from_ms: int) -> None:
        super().__init__()
        self.window_from_ms = window_from_ms


class Reader:
    """A mapping's reader of one shard.

    `first` is the place where it began, `place` what is read next. Without `lanes` it was let go, and begins anew once
    nothing is `in_flight`.
    """

    __slots__ = (
        "first",
        "in_flight",
        "lanes",
        "place",
        "progress",
        "routes",
        "shard",
        "shard_id",
        "window",
        "window_from_ms",
    )

    def __init__(self, shard: Any, first: int, window_from_ms: int) -> None:
        self.shard_id: str = shard.id
        self.shard = shard
        self.first = first
        self.place = first
        self.progress = Progress(first)
        self.lanes: list[Lane] = []
        self.routes: Routes | None = None
        self.in_flight: list[StreamBatch] = []
        self.window: OpenWindow | None = None
        self.window_from_ms = window_from_ms

    @property
    def is_done(self) -> bool:
        """Whether the shard is closed, every record of it has ended, and no window is open."""
        return self.shard.closed_ms is not None and self.progress.checkpoint >= self.shard.end and self.window is None

    @property
    def has_unread(self) -> bool:
        """Whether the shard holds records that were not read."""
        return bool(self.place < self.shard.end)

    def begin(self, lanes: int) -> None:
        """Read from the checkpoint on, into so many lanes."""
        self.place = self.progress.checkpoint
        self.lanes = [Lane(self.window_from_ms) for _ in range(lanes)]
        self.routes = Routes(lanes) if lanes > 1 else None

    def let_go(self, now_ms: int) -> None:
        """Forget what waits and what is to be worked off; what is with the function will end."""
        self.lanes = []
        self.routes = None
        self.place = self.progress.checkpoint
        self.window_from_ms = now_ms

    def owns(self, lane: Lane) -> bool:
        """Whether a lane is one of those in use, not one that was let go."""
        return any(lane is one for one in self.lanes)

    def ended(self, held: Sequence[Held]) -> None:
        """Records have ended."""
        self.progress.end([one.place for one in held])
        if self.routes is not None:
            for one in held:
                if one.key is not UNROUTED:
                    self.routes.leave(one.key)

    def blocked(self, now_ms: int) -> Iterator[Blocked]:
        """The batches that failed or were throttled and are not through."""
        for lane in self.lanes:
            batch = lane.work[-1] if lane.work else None
            if batch is not None and batch.problem is not None:
                first = batch.records[0] if batch.records else None
                age_ms = now_ms - batch.records[-1].arrival_ms if batch.records else 0
                yield Blocked(self.shard_id, first, batch.attempts, batch.throttles, age_ms, batch.problem)

    # -- for the full count -----------------------------------------------------------------------------------------

    def held_places(self) -> list[int]:
        """Where the records stand that wait, are worked off, or are with the function."""
        places = [one.place for batch in self.in_flight for one in batch.held]
        for lane in self.lanes:
            places += [one.place for one in lane.waiting]
            # what is with the function stays the last of the work until its outcome takes effect
            places += [one.place for batch in lane.work if batch not in self.in_flight for one in batch.held]
        return places

    def open_places(self) -> list[int]:
        """Where the records stand that were read and have not ended."""
        return [at for at in range(self.progress.checkpoint, self.place) if not self.progress.has_ended(at)]

    def open_records(self) -> list[Any]:
        """Every record that has not ended, read or not."""
        records, progress = self.shard.records, self.progress
        return [records[at] for at in range(progress.checkpoint, self.shard.end) if not progress.has_ended(at)]
