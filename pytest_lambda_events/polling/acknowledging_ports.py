"""What the poller of an acknowledging broker needs from the rest, as Protocols. The law: that of `ports`, for brokers
where a message stays with whoever received it until it is acknowledged or given back.

Nothing here says that the whole content can be seen, counted or foreseen: a broker in memory and one behind a
connection are the same to the poller. Who implements `AcknowledgingBroker` writes to the journal what happens in the
queue (`entered`, `received`, `reappeared`, `left`); the poller writes what happens with the function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.records import Fate

__all__ = ["AcknowledgingBroker", "AcknowledgingShape", "HeldDelivery"]


class HeldDelivery(Protocol):
    """A message as it was handed out once: what is acknowledged or given back is this delivery, not the message."""

    @property
    def record(self) -> Any:
        """The record; it has an `id`."""

    @property
    def redelivered(self) -> bool:
        """The broker's own flag: it was handed out before."""

    @property
    def count(self) -> int:
        """How often it has been handed out, this time included, as far as is known: 1 or more, and no less than 2 when
        it is redelivered.
        """

    @property
    def out_ms(self) -> int:
        """When the broker handed it out, epoch milliseconds."""


class AcknowledgingBroker(Protocol):
    """One queue of a broker, and the connection of one mapping to it."""

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due; nothing, where it happens by itself."""

    def receive(self, limit: int, now_ms: int) -> Sequence[Any]:
        """Up to `limit` deliveries (`HeldDelivery`), in the order of the queue; nobody else gets their messages."""

    def acknowledge(self, deliveries: Sequence[Any], now_ms: int, *, fate: Fate) -> int:
        """Be done with these deliveries, whose records end with `fate` (processed, filtered, or discarded); how many.

        One that is no longer held is passed over.
        """

    def give_back(self, deliveries: Sequence[Any], now_ms: int, *, closing: bool = False) -> int:
        """Return deliveries to where they were: RabbitMQ's nack with requeue, ActiveMQ's rollback. All come back marked
        as redelivered, unless the broker's own rule ends them here (ActiveMQ's redelivery policy).

        `closing`: the consumer goes, and they with it: a delay that it would have kept is not kept. The moment from
        which the broker hands the first of them out again, epoch milliseconds, `now_ms` where it does so at once.
        """

    def next_change(self, now_ms: int) -> int | None:
        """When there may be something to receive, `now_ms` at the earliest; None when nothing is or will be there.

        A broker whose content cannot be seen says when it is worth asking again.
        """

    def next_end(self, now_ms: int) -> int | None:
        """When the next message that nobody holds ends by itself (its time to live), `now_ms` at the earliest; None
        when none will, or nobody can tell.
        """

    def check(self) -> None:
        """Raise `ConservationError` when a record has no place, or two. Nothing, where nobody can tell."""


class AcknowledgingShape(Protocol):
    """How deliveries become the event that the function gets."""

    @property
    def overhead(self) -> int:
        """Bytes of the event around the messages."""

    def record_text(self, delivery: Any) -> str:
        """One delivery as compact JSON."""

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around them."""
