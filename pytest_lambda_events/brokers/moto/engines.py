"""Which engine stands behind which of moto's queues. The law: one engine for each queue, made at the first touch,
gone with the queue; the queue's attributes stay moto's and are read anew at each use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, proxy

from moto.core.utils import unix_time_millis
from moto.sqs.models import sqs_backends

from pytest_lambda_events.brokers.moto.adoption import give_back, take_over
from pytest_lambda_events.brokers.visibility_queue import VisibilityQueue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.brokers.visibility_queue import Journal
    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.identifiers import Identifiers

__all__ = ["Engines", "LiveSettings", "all_queues", "exists"]


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
        if target is None or target.fifo_queue or not exists(target):
            return None
        return self._engines.of(target)


class Engines:
    """The engines of one harness, each behind one of moto's standard queues."""

    def __init__(self, clock: VirtualClock, journal: Journal, identifiers: Identifiers) -> None:
        self._clock = clock
        self._journal = journal
        self._identifiers = identifiers
        self._by_queue: WeakKeyDictionary[Any, VisibilityQueue] = WeakKeyDictionary()

    def of(self, queue: Any) -> VisibilityQueue:
        """The engine behind a queue; what moto's queue held before is taken over when it is made."""
        engine = self._by_queue.get(queue)
        if engine is None:
            engine = VisibilityQueue(
                queue.queue_arn,
                LiveSettings(queue, self),
                self._journal,
                self._identifiers.handle_maker(queue.name),
            )
            self._by_queue[queue] = engine
            take_over(queue, engine, self._clock.now_ms)
        return engine

    def release(self, *, keep: bool) -> None:
        """Forget every engine; with `keep`, what they hold goes back into moto's queues.

        Where moto's time goes on later than ours stopped (virtual time is over, the user's mock lives on real time),
        messages are as old there as they were here.
        """
        engines = dict(self._by_queue)
        self._by_queue.clear()
        if keep:
            now_ms = self._clock.now_ms
            lag_ms = max(int(unix_time_millis()) - now_ms, 0)
            for queue, engine in engines.items():
                give_back(queue, engine, now_ms, lag_ms)
