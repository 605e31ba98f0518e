"""A broker of ActiveMQ, with its queues and ActiveMQ.DLQ. The law: pure, a clock's milliseconds and data; what falls
due in it happens in the order of time, whichever queue it is asked about.

As recorded on ActiveMQ 5.17.2, which Amazon MQ runs with the same defaults:

* messages are handed out as they came, whatever their priority, unless the queue is `prioritized`;
* those of a failed batch wait for the redelivery policy's delay, then come first; one that the policy gives up goes to
  ActiveMQ.DLQ with its messageID, without expiration, with a new brokerInTime and two properties that say why;
* a persistent message that expires goes there, too; one that is not persistent is gone, and so is one that ActiveMQ.DLQ
  itself gives up;
* what expires while it is with a consumer, or waits for its redelivery, goes when it would have been redelivered;
* a redelivery keeps the brokerOutTime of its first dispatch: the client has the message. When its connection closes,
  the broker dispatches it anew.

ActiveMQ looks for expired messages when they are dispatched and every 30 s; here they go at their moment.
"""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.jms_policy import RedeliveryPolicy
from pytest_lambda_events.brokers.message_store import MessageStore, Stored
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.brokers.message_store import BrokerJournal, Delivery
    from pytest_lambda_events.model.records import Fate

__all__ = ["DEAD_LETTER_QUEUE", "JmsBroker", "JmsQueue"]

DEAD_LETTER_QUEUE: Final = "ActiveMQ.DLQ"
_PERSISTENT: Final = 2


class JmsBroker:
    """`place_of` gives a queue's name in the journal."""

    def __init__(self, journal: BrokerJournal, place_of: Callable[[str], str]) -> None:
        self.queues: dict[str, JmsQueue] = {}
        self._journal = journal
        self._place_of = place_of
        self._announced: list[tuple[int, int, str, Callable[[int], None]]] = []
        self._order = 0
        self._settled_ms = 0

    def declare(self, name: str, *, policy: RedeliveryPolicy | None = None, prioritized: bool = False) -> JmsQueue:
        """Make a queue. Errors: `UsageError` when there is one of this name."""
        if name in self.queues:
            raise UsageError(f"the queue {name} exists already; use what made it, or give another name")
        queue = JmsQueue(
            name,
            self._place_of(name),
            broker=self,
            journal=self._journal,
            policy=policy or RedeliveryPolicy(),
            prioritized=prioritized,
        )
        self.queues[name] = queue
        return queue

    def dead_letters(self) -> JmsQueue:
        """ActiveMQ.DLQ, which all queues share; there is one as soon as somebody asks."""
        return self.queues.get(DEAD_LETTER_QUEUE) or self.declare(DEAD_LETTER_QUEUE)

    def announce(self, at_ms: int, queue: JmsQueue, put: Callable[[int], None]) -> None:
        """Have `put(at_ms)` called at its moment, which brings something into the queue."""
        self._order += 1
        heappush(self._announced, (at_ms, self._order, queue.name, put))

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due, in the order of time."""
        announced = self._announced
        while True:
            due_ms, queue = self._next_event()
            if announced and announced[0][0] <= now_ms and (due_ms is None or announced[0][0] <= due_ms):
                at_ms, _, _, put = heappop(announced)
                self._settled_ms = max(self._settled_ms, at_ms)
                put(at_ms)
            elif due_ms is not None and queue is not None and due_ms <= now_ms:
                # what had expired when it came ends at that moment, not before
                self._settled_ms = max(self._settled_ms, due_ms)
                queue.happen(self._settled_ms)
            else:
                self._settled_ms = max(self._settled_ms, now_ms)
                return

    def next_announced_ms(self, queue: JmsQueue) -> int | None:
        """When the next announced message comes into a queue."""
        if self._announced and self._announced[0][2] == queue.name:
            return self._announced[0][0]
        return min([at_ms for at_ms, _, name, _ in self._announced if name == queue.name], default=None)

    def next_death_ms(self, queue: JmsQueue) -> int | None:
        """When a message may come into ActiveMQ.DLQ by itself: one that expires elsewhere."""
        if queue.name != DEAD_LETTER_QUEUE:
            return None
        ends = [ends_ms for one in self.queues.values() if (ends_ms := one.next_persistent_end_ms()) is not None]
        return min(ends, default=None)

    def _next_event(self) -> tuple[int | None, JmsQueue | None]:
        due_ms, found = None, None
        for queue in self.queues.values():
            at_ms = queue.next_event_ms()
            if at_ms is not None and (due_ms is None or at_ms < due_ms):
                due_ms, found = at_ms, queue
        return due_ms, found


class JmsQueue:
    """One queue, an `AcknowledgingBroker`. `place` names it in the journal."""

    def __init__(
        self,
        name: str,
        place: str,
        *,
        broker: JmsBroker,
        journal: BrokerJournal,
        policy: RedeliveryPolicy,
        prioritized: bool,
    ) -> None:
        self.name = name
        self.place = place
        self.policy = policy
        self.store = MessageStore(place, journal)
        self._prioritized = prioritized
        self._broker = broker
        self._journal = journal
        self._expiring: list[tuple[int, int, Stored]] = []
        self._watched = 0

    # -- a consumer's -----------------------------------------------------------------------------------------------

    def settle(self, now_ms: int) -> None:
        """Let happen in the broker what fell due."""
        self._broker.settle(now_ms)

    def receive(self, limit: int, now_ms: int) -> list[Delivery]:
        """Hand out up to `limit` messages."""
        self._broker.settle(now_ms)
        return self.store.hand_out(limit, now_ms)

    def acknowledge(self, deliveries: Sequence[Delivery], now_ms: int, *, fate: Fate) -> int:
        """Take these out for good; how many were still held."""
        self._broker.settle(now_ms)
        return self.store.finish(deliveries, now_ms, fate)

    def give_back(self, deliveries: Sequence[Delivery], now_ms: int, *, closing: bool = False) -> int:
        """Roll back, or (`closing`) lose the connection; when the first of them comes again."""
        self._broker.settle(now_ms)
        back = self.store.held_by(deliveries)
        kept = [stored for stored in back if not self.policy.is_exceeded(stored.count)]
        for stored in back:
            if self.policy.is_exceeded(stored.count):
                self._die(stored, now_ms, self.policy.cause(stored.count), None)
        if not kept:
            return now_ms
        # the client rolls back a batch as one, so that its messages keep their order
        delay_ms = 0 if closing else self.policy.delay_ms(max([stored.count for stored in kept]))
        for stored in kept:
            if closing:
                stored.out_ms = None
            self.store.put_off(stored, now_ms + delay_ms)
        self._broker.settle(now_ms)
        return now_ms + delay_ms

    def next_change(self, now_ms: int) -> int | None:
        """When there is something to receive."""
        if self.store.head() is not None:
            return now_ms
        dues = [
            self.store.next_return_ms(),
            self._broker.next_announced_ms(self),
            self._broker.next_death_ms(self),
        ]
        earliest = min([due for due in dues if due is not None], default=None)
        return None if earliest is None else max(earliest, now_ms)

    def next_end(self, now_ms: int) -> int | None:
        """When the next message that can be handed out expires."""
        ends_ms = self._next_expiry_ms()
        return None if ends_ms is None else max(ends_ms, now_ms)

    def check(self) -> None:
        """Errors: `ConservationError`."""
        self.store.check()

    # -- the broker's -----------------------------------------------------------------------------------------------

    def put(self, record: Any, at_ms: int, *, origin: Any = None) -> None:
        """Take a message in at its end; one that has expired on its way goes where expired ones go."""
        priority = record.priority if self._prioritized else 0
        stored = Stored(record, origin or record, priority=priority, expires_ms=record.expiration or None)
        self.store.add(stored, at_ms)
        self._watch(stored)

    def purge(self, now_ms: int) -> None:
        """What nobody holds is gone."""
        self._broker.settle(now_ms)
        self.store.purge(now_ms)

    def next_event_ms(self) -> int | None:
        """When something happens by itself: a redelivery is due, or a message expires."""
        dues = [self.store.next_return_ms(), self._next_expiry_ms()]
        return min([due for due in dues if due is not None], default=None)

    def next_persistent_end_ms(self) -> int | None:
        """When the next message expires that goes to ActiveMQ.DLQ."""
        if self.name == DEAD_LETTER_QUEUE:
            return None
        ends = [
            stored.expires_ms
            for _, _, stored in self._expiring
            if stored.expires_ms is not None and stored.state == "ready" and stored.record.delivery_mode == _PERSISTENT
        ]
        return min(ends, default=None)

    def happen(self, at_ms: int) -> None:
        """Let redeliveries come that are due, and messages go that expire."""
        for stored in self.store.wake(at_ms):
            if stored.expires_ms is None or stored.expires_ms > at_ms:
                self._journal.reappeared(at_ms, self.place, stored.record.id)
            self._watch(stored)
        while (ends_ms := self._next_expiry_ms()) is not None and ends_ms <= at_ms:
            stored = heappop(self._expiring)[2]
            self._die(stored, at_ms, f"java.lang.Throwable: Message Expired. Expiration:{ends_ms}", "expired")

    def _watch(self, stored: Stored) -> None:
        if stored.expires_ms is not None:
            self._watched += 1
            heappush(self._expiring, (stored.expires_ms, self._watched, stored))

    def _next_expiry_ms(self) -> int | None:
        """When the next message expires that nobody holds and that does not wait for its redelivery."""
        expiring = self._expiring
        while expiring and expiring[0][2].state != "ready":
            heappop(expiring)  # it is watched again when it comes back
        return expiring[0][0] if expiring else None

    def _die(self, stored: Stored, at_ms: int, cause: str, without: Fate | None) -> None:
        """End a message: to ActiveMQ.DLQ, or, where that takes none of its kind, with the fate `without`."""
        record = stored.record
        if record.delivery_mode != _PERSISTENT or self.name == DEAD_LETTER_QUEUE:
            self.store.remove([stored], at_ms, without or "discarded")
            return
        self.store.remove([stored], at_ms, "dead_lettered")
        properties = dict(record.properties)
        properties.setdefault("originalExpiration", str(record.expiration))
        properties["dlqDeliveryFailureCause"] = cause
        dead = replace(
            record,
            queue=DEAD_LETTER_QUEUE,
            expiration=0,
            broker_in_time=at_ms,
            properties=MappingProxyType(properties),
        )
        self._broker.dead_letters().put(dead, at_ms, origin=stored.origin)

    def __repr__(self) -> str:
        return f"<JmsQueue {self.place}>"
