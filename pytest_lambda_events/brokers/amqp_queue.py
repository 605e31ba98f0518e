"""A classic queue of RabbitMQ. The law: pure, a clock's milliseconds and data; what leads from queue to queue is the
virtual host's (`amqp_vhost`), which alone makes its queues and calls what ends a message.

* What is given back goes to its old place, marked as redelivered; it keeps its time to live.
* Time to live ends at the head only: a message waits behind those that live longer, or have a higher priority. What is
  with a consumer does not expire; given back, it does at once.
* A queue that is too long drops its head. Those that a consumer holds do not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.brokers.message_store import MessageStore
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.brokers.amqp_settings import AmqpSettings
    from pytest_lambda_events.brokers.amqp_vhost import VirtualHost
    from pytest_lambda_events.brokers.message_store import BrokerJournal, Delivery, Stored
    from pytest_lambda_events.model.records import Fate

__all__ = ["AmqpQueue"]


class AmqpQueue:
    """One queue, an `AcknowledgingBroker`. `place` names it in the journal."""

    def __init__(
        self, name: str, place: str, *, vhost: VirtualHost, settings: AmqpSettings, journal: BrokerJournal
    ) -> None:
        self.name = name
        self.place = place
        self.settings = settings
        self.store = MessageStore(place, journal)
        self._vhost = vhost

    # -- a consumer's -----------------------------------------------------------------------------------------------

    def settle(self, now_ms: int) -> None:
        """Let happen in the virtual host what fell due."""
        self._vhost.settle(now_ms)

    def receive(self, limit: int, now_ms: int) -> list[Delivery]:
        """Hand out up to `limit` messages: by priority where the queue has any, else as they came."""
        self._vhost.settle(now_ms)
        deliveries = self.store.hand_out(limit, now_ms, lambda: self._drop_expired(now_ms))
        self._drop_expired(now_ms)
        return deliveries

    def acknowledge(self, deliveries: Sequence[Delivery], now_ms: int, *, fate: Fate) -> int:
        """Take these out for good; how many were still held."""
        self._vhost.settle(now_ms)
        return self.store.finish(deliveries, now_ms, fate)

    def give_back(self, deliveries: Sequence[Delivery], now_ms: int, *, closing: bool = False) -> int:  # noqa: ARG002 - part of the port
        """Requeue: basic.nack, or a channel that closes, which is the same. They are ready at once."""
        self._vhost.settle(now_ms)
        for stored in self.store.held_by(deliveries):
            stored.out_ms = None
            self.store.put_back(stored, now_ms)
        self._drop_surplus(now_ms)
        self._drop_expired(now_ms)
        return now_ms

    def next_change(self, now_ms: int) -> int | None:
        """When there is something to receive; something may come from another queue, or be announced."""
        return now_ms if self.store.head() is not None else self._vhost.next_arrival_ms(self, now_ms)

    def next_end(self, now_ms: int) -> int | None:
        """When the head's time to live ends."""
        head = self.store.head()
        return None if head is None or head.expires_ms is None else max(head.expires_ms, now_ms)

    def check(self) -> None:
        """Errors: `ConservationError`."""
        self.store.check()

    # -- the virtual host's -----------------------------------------------------------------------------------------

    def put(self, stored: Stored, at_ms: int) -> None:
        """Take a message in at its end, with the queue's time to live or its own, whichever is shorter."""
        settings, record = self.settings, stored.record
        if settings.most_priority is not None:
            stored.priority = min(record.priority or 0, settings.most_priority)
        lives = [settings.ttl_ms, None if record.expiration is None else int(record.expiration)]
        shortest = min([one for one in lives if one is not None], default=None)
        stored.expires_ms = None if shortest is None else at_ms + shortest
        self.store.add(stored, at_ms)
        self._drop_surplus(at_ms)

    def purge(self, now_ms: int) -> None:
        """queue.purge: what is ready is gone; what a consumer holds stays."""
        self._vhost.settle(now_ms)
        self.store.purge(now_ms)

    def reject(self, record_ids: Sequence[str], now_ms: int) -> None:
        """basic.reject without requeue: the dead-letter exchange's, or dropped.

        Errors: `UsageError` for a message that is not ready; then nothing was rejected.
        """
        self._vhost.settle(now_ms)
        ready = {stored.record.id: stored for stored in self.store.messages() if stored.state == "ready"}
        for record_id in record_ids:
            if record_id not in ready:
                raise UsageError(f"{record_id} is not ready in {self.name}: it is gone, or with a consumer")
        for record_id in dict.fromkeys(record_ids):
            self._vhost.die(self, ready[record_id], "rejected", now_ms)

    def expire_head(self, at_ms: int) -> None:
        """Let the head go, whose time to live ended."""
        head = self.store.head()
        if head is not None:
            self._vhost.die(self, head, "expired", at_ms)

    def _drop_expired(self, now_ms: int) -> None:
        while (ends_ms := self.next_end(0)) is not None and ends_ms <= now_ms:
            self.expire_head(now_ms)

    def _drop_surplus(self, now_ms: int) -> None:
        most = self.settings.most_ready
        while most is not None and self.store.ready > most:
            head = self.store.head()
            if head is not None:
                self._vhost.die(self, head, "maxlen", now_ms)

    def __repr__(self) -> str:
        return f"<AmqpQueue {self.place}>"
