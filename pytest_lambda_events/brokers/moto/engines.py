"""Which engine stands behind which of moto's queues. The law: one engine for each queue, made at the first touch,
gone with the queue; the queue's attributes stay moto's and are read anew at each use.

What AWS remembers about queues for a minute is here, too: which were deleted, and which were purged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, proxy

from moto.core.utils import unix_time_millis
from moto.sqs.models import sqs_backends

from pytest_lambda_events.brokers.moto.adoption import give_back, take_over
from pytest_lambda_events.brokers.moto.move_tasks import MoveTasks, MovingQueue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.brokers.visibility_ports import Journal
    from pytest_lambda_events.brokers.visibility_queue import VisibilityQueue
    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.identifiers import Identifiers

__all__ = ["Engines", "LiveSettings", "all_queues", "exists", "queue_of_arn"]

_MINUTE_MS = 60_000


def all_queues() -> Iterator[Any]:
    """Every queue that moto has, of every account and region."""
    for regions in list(sqs_backends.values()):
        for backend in list(regions.values()):
            yield from list(backend.queues.values())


def exists(queue: Any) -> bool:
    """Whether moto still has this very queue: not deleted, not made anew under the same name, not reset away."""
    regions = sqs_backends.get(queue.account_id)  # not [...]: asking must not make an account
    backend = None if regions is None else dict.get(regions, queue.region)
    return backend is not None and backend.queues.get(queue.name) is queue


def queue_of_arn(backend: Any, arn: str) -> Any:
    """The backend's queue of this ARN, None when it has none."""
    queue = backend.queues.get(arn.rpartition(":")[2])
    return queue if queue is not None and queue.queue_arn == arn else None


def _neighbour(queue: Any, arn: str) -> Any:
    return queue_of_arn(sqs_backends[queue.account_id][queue.region], arn)


class LiveSettings:
    """A queue's attributes as the engine wants them, straight from moto's object: SetQueueAttributes acts at once."""

    __slots__ = ("_engines", "_queue")

    def __init__(self, queue: Any, engines: Engines) -> None:
        self._queue = proxy(queue)  # the engine hangs on the queue; holding it here would keep both for ever
        self._engines = engines

    @property
    def visibility_ms(self) -> int:
        """VisibilityTimeout in milliseconds."""
        return int(self._queue.visibility_timeout) * 1000

    @property
    def delay_ms(self) -> int:
        """DelaySeconds in milliseconds."""
        return int(self._queue.delay_seconds) * 1000

    @property
    def retention_ms(self) -> int:
        """MessageRetentionPeriod in milliseconds."""
        return int(self._queue.message_retention_period) * 1000

    @property
    def max_receive_count(self) -> int | None:
        """The redrive policy's maxReceiveCount, None without one."""
        policy = self._queue.redrive_policy
        return int(policy["maxReceiveCount"]) if policy else None

    @property
    def dead_letter_queue(self) -> VisibilityQueue | None:
        """Where the redrive policy sends messages; None when that queue was deleted, and then they stay here."""
        target = self._queue.dead_letter_queue
        if target is None or target.fifo_queue != self._queue.fifo_queue or not exists(target):
            return None
        return self._engines.of(target)

    @property
    def deduplication_scope(self) -> str:
        """DeduplicationScope: `queue`, or `messageGroup`."""
        return str(self._queue.deduplication_scope)


class Engines:
    """The engines of one harness, each behind one of moto's queues; `tasks` are the message move tasks between them."""

    def __init__(self, clock: VirtualClock, journal: Journal, identifiers: Identifiers) -> None:
        self._clock = clock
        self._journal = journal
        self._identifiers = identifiers
        self._by_queue: WeakKeyDictionary[Any, MovingQueue] = WeakKeyDictionary()
        self._purged: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._deleted: dict[tuple[str, str, str], tuple[Any, int]] = {}
        self.tasks = MoveTasks(identifiers, self.of, _neighbour, exists)

    def of(self, queue: Any) -> MovingQueue:
        """The engine behind a queue; what moto's queue held before is taken over when it is made."""
        engine = self._by_queue.get(queue)
        if engine is None:
            engine = MovingQueue(
                queue.queue_arn,
                LiveSettings(queue, self),
                self._journal,
                self._identifiers.handle_maker(queue.name),
                fifo=queue.fifo_queue,
                tasks=self.tasks,
            )
            self._by_queue[queue] = engine
            take_over(queue, engine, self._clock.now_ms)
        return engine

    def purge(self, queue: Any) -> bool:
        """Drop what the queue holds; False, and nothing done, when that happened within the last minute."""
        now_ms = self._clock.now_ms
        last_ms = self._purged.get(queue)
        if last_ms is not None and now_ms < last_ms + _MINUTE_MS:
            return False
        self._purged[queue] = now_ms
        self.of(queue).purge(now_ms)
        return True

    def forget(self, backend: Any, queue: Any) -> None:
        """A queue was deleted, with what it held."""
        self.of(queue).close(self._clock.now_ms)
        # the backend's dict tells this mock from the next one: its reset makes another
        self._deleted[queue.account_id, queue.region, queue.name] = (backend.queues, self._clock.now_ms)

    def deleted_recently(self, backend: Any, name: str) -> bool:
        """Whether a queue of this name was deleted within the last minute."""
        queues, at_ms = self._deleted.get((backend.account_id, backend.region_name, name), (None, 0))
        return queues is backend.queues and self._clock.now_ms < at_ms + _MINUTE_MS

    def release(self, *, keep: bool) -> None:
        """Forget every engine; with `keep`, what they hold goes back into moto's queues.

        Where moto's time goes on later than ours stopped (virtual time is over, the user's mock lives on real time),
        messages are as old there as they were here.
        """
        self.tasks.settle(self._clock.now_ms)
        self.tasks.forget()
        engines = dict(self._by_queue)
        self._by_queue.clear()
        self._deleted.clear()
        self._purged.clear()
        if keep:
            now_ms = self._clock.now_ms
            lag_ms = max(int(unix_time_millis()) - now_ms, 0)
            for queue, engine in engines.items():
                give_back(queue, engine, now_ms, lag_ms)
