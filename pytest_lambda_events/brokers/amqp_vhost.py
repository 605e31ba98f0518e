"""A virtual host of RabbitMQ: exchanges (the default one and direct ones), queues, and the ways between them. The law:
everything that falls due in it happens in the order of time, whichever queue it is asked about.

Routing: AMQP 0-9-1 Specification, 3.1.3. The default exchange leads to the queue that is called as the routing key
says, a direct one to every queue that is bound with exactly this key. What leads nowhere is dropped, as RabbitMQ does.
"""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.amqp_deaths import dead_headers, goes_in_circles
from pytest_lambda_events.brokers.amqp_queue import AmqpQueue
from pytest_lambda_events.brokers.message_store import Stored
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.brokers.amqp_deaths import Reason
    from pytest_lambda_events.brokers.amqp_settings import AmqpSettings
    from pytest_lambda_events.brokers.message_store import BrokerJournal
    from pytest_lambda_events.model.records import Fate

__all__ = ["DEFAULT_EXCHANGE", "VirtualHost"]

DEFAULT_EXCHANGE: Final = ""

_WITHOUT_EXCHANGE: Final[Mapping[Reason, Fate]] = {
    "expired": "expired",
    "maxlen": "discarded",
    "rejected": "discarded",
}


class VirtualHost:
    """`new_copy` makes the record of a further copy, when a dead message goes to several queues: it is called with the
    record and the name of the queue.
    """

    def __init__(self, journal: BrokerJournal, new_copy: Callable[[Any, str], Any]) -> None:
        self.queues: dict[str, AmqpQueue] = {}
        self.exchanges: dict[str, dict[str, list[str]]] = {}  # queues by routing key, as they were bound
        self._journal = journal
        self._new_copy = new_copy
        self._announced: list[tuple[int, int, str, Callable[[int], None]]] = []
        self._order = 0
        self._settled_ms = 0

    # -- what there is ----------------------------------------------------------------------------------------------

    def declare_queue(self, name: str, place: str, settings: AmqpSettings) -> AmqpQueue:
        """Make a queue. Errors: `UsageError` when there is one of this name."""
        if name in self.queues:
            raise UsageError(f"the queue {name} exists already; use what made it, or give another name")
        queue = AmqpQueue(name, place, vhost=self, settings=settings, journal=self._journal)
        self.queues[name] = queue
        return queue

    def declare_exchange(self, name: str) -> None:
        """Make a direct exchange, unless it is there. Errors: `UsageError` for a name that no user may declare."""
        if name == DEFAULT_EXCHANGE or (name.startswith("amq.") and name != "amq.direct"):
            raise UsageError(
                f"exchange={name!r}: give a name of your own, or amq.direct. The default exchange needs no binding, "
                "and exchanges of other types (amq.fanout, amq.topic, amq.headers) are not simulated"
            )
        self.exchanges.setdefault(name, {})

    def bind(self, queue: str, exchange: str, routing_key: str) -> None:
        """Lead what is published to `exchange` with this key to the queue."""
        self.declare_exchange(exchange)
        bound = self.exchanges[exchange].setdefault(routing_key, [])
        if queue not in bound:
            bound.append(queue)

    def route(self, exchange: str, routing_key: str) -> list[AmqpQueue]:
        """The queues that a message goes to, in the order of their bindings."""
        bound = {routing_key: [routing_key]} if exchange == DEFAULT_EXCHANGE else self.exchanges.get(exchange, {})
        names = bound.get(routing_key, [])
        return [self.queues[name] for name in names if name in self.queues]

    def dead_letters_of(self, queue: AmqpQueue, routing_key: str | None = None) -> list[AmqpQueue]:
        """Where the dead messages of a queue go that were published with this key (its name, if not given)."""
        settings = queue.settings
        if settings.dead_letter_exchange is None:
            return []
        key = settings.dead_letter_routing_key
        if key is None:
            key = queue.name if routing_key is None else routing_key
        return self.route(settings.dead_letter_exchange, key)

    # -- messages ---------------------------------------------------------------------------------------------------

    def publish(self, queue: AmqpQueue, record: Any, at_ms: int, *, exchange: str, routing_key: str) -> None:
        """Put one message into one queue that it was routed to."""
        stored = Stored(record, record)
        stored.exchange, stored.routing_key = exchange, routing_key
        queue.put(stored, at_ms)

    def announce(self, at_ms: int, queue: AmqpQueue, put: Callable[[int], None]) -> None:
        """Have `put(at_ms)` called at its moment, which brings something into the queue."""
        self._order += 1
        heappush(self._announced, (at_ms, self._order, queue.name, put))

    def die(self, queue: AmqpQueue, stored: Stored, reason: Reason, at_ms: int) -> None:
        """End a message in its queue: it goes where the dead-letter exchange leads, or is gone."""
        record = stored.record
        headers = dead_headers(
            record.headers,
            reason=reason,
            queue=queue.name,
            exchange=stored.exchange,
            routing_key=stored.routing_key,
            expiration=record.expiration,
            at_ms=at_ms,
        )
        targets = [
            target
            for target in self.dead_letters_of(queue, stored.routing_key)
            if reason == "rejected" or not goes_in_circles(headers, target.name)
        ]
        queue.store.remove([stored], at_ms, "dead_lettered" if targets else _WITHOUT_EXCHANGE[reason])
        dead = replace(record, headers=headers, expiration=None)
        settings = queue.settings
        for number, target in enumerate(targets):
            # the first of several is the message itself, the others are copies with ids of their own
            copy = replace(dead, queue=target.name) if not number else self._new_copy(dead, target.name)
            moved = Stored(copy, stored.origin if not number else copy)
            moved.exchange = str(settings.dead_letter_exchange)
            moved.routing_key = settings.dead_letter_routing_key or stored.routing_key
            target.put(moved, at_ms)

    # -- time -------------------------------------------------------------------------------------------------------

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due, in the order of time."""
        announced = self._announced
        while True:
            # what comes to the head when its time is over already ends at that moment, not before
            due_ms, queue = self._next_expiry(self._settled_ms)
            if announced and announced[0][0] <= now_ms and (due_ms is None or announced[0][0] <= due_ms):
                at_ms, _, _, put = heappop(announced)
                self._settled_ms = max(self._settled_ms, at_ms)
                put(at_ms)
            elif due_ms is not None and queue is not None and due_ms <= now_ms:
                self._settled_ms = due_ms
                queue.expire_head(due_ms)
            else:
                self._settled_ms = max(self._settled_ms, now_ms)
                return

    def next_arrival_ms(self, queue: AmqpQueue, now_ms: int) -> int | None:
        """When something may come into a queue by itself: announced, or from a queue whose dead messages lead here."""
        feeding = {one.name for one in self.queues.values() if self._leads_to(one, queue, set())}
        here = {queue.name, *feeding}
        dues = [ends_ms for name in feeding if (ends_ms := self.queues[name].next_end(now_ms)) is not None]
        if self._announced and self._announced[0][2] in here:  # the usual case, without looking at all of them
            dues.append(self._announced[0][0])
        else:
            dues += [at_ms for at_ms, _, name, _ in self._announced if name in here]
        return max(min(dues), now_ms) if dues else None

    def _next_expiry(self, now_ms: int) -> tuple[int | None, AmqpQueue | None]:
        """When the next message that is at the head of its queue ends, and the queue."""
        due_ms, found = None, None
        for queue in self.queues.values():
            ends_ms = queue.next_end(now_ms)
            if ends_ms is not None and (due_ms is None or ends_ms < due_ms):
                due_ms, found = ends_ms, queue
        return due_ms, found

    def _leads_to(self, source: AmqpQueue, target: AmqpQueue, seen: set[str]) -> bool:
        """Whether dead messages of `source` come to `target`, perhaps by way of others."""
        if source.name in seen:
            return False
        seen.add(source.name)
        nexts = self.dead_letters_of(source)
        return any(one is target or self._leads_to(one, target, seen) for one in nexts)
