"""A queue of a real RabbitMQ broker as tests see it. The law: what is published is what the broker has confirmed, and a
mapping receives what anybody has put there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.live.rabbitmq import AmqpConsumer, look_of
from pytest_lambda_events.brokers.live.sightings import Sightings
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mq_brokers import broker_of, queue_place
from pytest_lambda_events.sources.rabbitmq.drafting import drafts_of
from pytest_lambda_events.sources.rabbitmq.make import check_short
from pytest_lambda_events.sources.rabbitmq.mapped import filled_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.brokers.live.parts import LiveParts
    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.brokers.live.rabbitmq import RabbitMqConnection
    from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage

__all__ = ["LiveRabbitMqQueue"]


class LiveRabbitMqQueue:
    """A queue of a real broker. Errors of everything that asks the broker: `NotConnected`.

    `arn` is that of an Amazon MQ broker: `broker` as an ARN, or one that is made up for that name and this address; a
    real broker has none.
    """

    def __init__(
        self,
        name: str,
        parts: LiveParts,
        connection: RabbitMqConnection,
        *,
        broker: str,
        arguments: Mapping[str, Any] | None,
    ) -> None:
        check_short("the queue's name", name)
        self.name = name
        self.vhost = connection.address.vhost
        uuid = parts.uuid_of(f"{connection.address.host}:{connection.address.port}")
        self.arn = broker_of(broker, region=parts.region, account=parts.account, uuid=uuid).arn
        self._parts = parts
        self._connection = connection
        self._sightings = Sightings(look_of)
        self._seen: list[RabbitMqMessage] = []
        if connection.ready(name) is None:
            connection.declare(name, arguments or {})
        elif arguments:
            raise UsageError(f"the queue {name} exists already, with arguments of its own: leave arguments out")

    # -- what a mapping needs to know -------------------------------------------------------------------------------

    @property
    def live_in(self) -> Patience:
        """Tells the sources of one live harness from those of another."""
        return self._parts.patience

    @property
    def kind(self) -> str:
        """The registry's name of this source."""
        return "rabbitmq"

    @property
    def mapped_arn(self) -> str:
        """EventSourceArn of its mappings: the broker's."""
        return self.arn

    @property
    def visibility_ms(self) -> int | None:
        """Nothing becomes visible again by itself in a queue that waits for acknowledgement."""
        return None

    @property
    def place(self) -> str:
        """What names it in a trace."""
        return queue_place(self.arn, f"{self.name}::{self.vhost}")

    def consumer(self) -> AmqpConsumer:
        """What the poller of one mapping drives: a channel of its own."""
        return AmqpConsumer(
            self._connection,
            self.name,
            self.place,
            patience=self._parts.patience,
            journal=self._parts.ledger,
            sightings=self._sightings,
            name_new=self._named,
        )

    def settle(self, now_ms: int) -> None:
        """What falls due in a real broker happens there."""

    def failing_without_end(self) -> int:
        """Nobody knows how long the broker keeps a message: nothing is said about it."""
        return 0

    def fill_in(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateEventSourceMapping's parameters with those that this queue knows.

        Errors: `UsageError` for a mapping of another queue or virtual host.
        """
        return filled_in(parameters, self.name, self.vhost, region=self._parts.region, account=self._parts.account)

    # -- messages ---------------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[RabbitMqMessage]:
        """Every message that was sent through this object or received by a mapping of it, in order of first sight."""
        return list(self._seen)

    @property
    def ready(self) -> int:
        """How many messages wait for a consumer, as the broker says."""
        return self._connection.ready(self.name) or 0

    def send(self, *payloads: Any, **properties: Any) -> list[RabbitMqMessage]:
        """Publish messages to this queue by the default exchange, and wait until the broker has taken each.

        The arguments are those of `RabbitMqQueue.send`. Errors: `UsageError`; `NotConnected`.
        """
        now_ms = self._parts.clock.now_ms
        drafts = drafts_of(payloads, properties, queue=self.name, vhost=self.vhost, sent_ms=now_ms)
        records = []
        for draft, message in [(draft, self._connection.written(draft)) for draft in drafts]:
            self._connection.publish(self.name, message)
            record = self._named(draft, now_ms)
            self._sightings.sent(record)
            records.append(record)
        return records

    def purge(self) -> None:
        """queue.purge: delete what no consumer holds."""
        self._connection.purge(self.name)

    def _named(self, message: RabbitMqMessage, now_ms: int) -> RabbitMqMessage:
        """The message with the next number: AMQP gives it no identity."""
        record = replace(message, id=f"{self.name}::{self.vhost}#{len(self._seen)}")
        self._seen.append(record)
        self._parts.ledger.entered(now_ms, self.place, record)
        return record

    def __repr__(self) -> str:
        return f"<LiveRabbitMqQueue {self.name} at {self._connection.address.shown}>"
