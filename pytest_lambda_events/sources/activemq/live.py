"""A queue of a real ActiveMQ broker as tests see it. The law: what is sent is what the broker has taken, and a mapping
receives what anybody has put there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.jms_broker import DEAD_LETTER_QUEUE
from pytest_lambda_events.brokers.jms_policy import RedeliveryPolicy, check_policy
from pytest_lambda_events.brokers.live.activemq import RESERVED_HEADERS, JmsConsumer, headers_of
from pytest_lambda_events.brokers.live.stomp import StompConnection
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.activemq_message import TEXT_MESSAGE
from pytest_lambda_events.model.mq_brokers import broker_of, queue_place
from pytest_lambda_events.sources.activemq.drafting import drafts_of
from pytest_lambda_events.sources.activemq.make import check_queue
from pytest_lambda_events.sources.activemq.mapped import filled_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.brokers.live.parts import LiveParts
    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.brokers.live.stomp import StompAddress
    from pytest_lambda_events.model.activemq_message import ActiveMqMessage

__all__ = ["LiveActiveMqQueue"]

_PROPERTIES: Final = (
    "message_type",
    "delivery_mode",
    "correlation_id",
    "reply_to",
    "type",
    "priority",
    "properties",
)


class LiveActiveMqQueue:
    """A queue of a real broker. Errors of everything that asks the broker: `NotConnected`.

    `arn` is that of an Amazon MQ broker: `broker` as an ARN, or one that is made up for that name and this address; a
    real broker has none. `policy` are members of the redelivery policy.
    """

    def __init__(
        self,
        name: str,
        parts: LiveParts,
        address: StompAddress,
        *,
        seconds: float,
        broker: str,
        policy: Mapping[str, Any],
    ) -> None:
        check_queue(name)
        check_policy(policy)
        self.name = name
        self.arn = broker_of(
            broker, region=parts.region, account=parts.account, uuid=parts.uuid_of(f"{address.host}:{address.port}")
        ).arn
        self._broker = broker
        self._parts = parts
        self._address = address
        self._seconds = seconds
        self._policy = RedeliveryPolicy(**policy)
        self._consumers: list[JmsConsumer] = []
        self._dead: LiveActiveMqQueue | None = None
        self._seen: dict[str, ActiveMqMessage] = {}
        self._sent = 0
        self._producer = self._connect()

    def _connect(self) -> StompConnection:
        return StompConnection(self._address, seconds=self._seconds)

    # -- what a mapping needs to know -------------------------------------------------------------------------------

    @property
    def live_in(self) -> Patience:
        """Tells the sources of one live harness from those of another."""
        return self._parts.patience

    @property
    def kind(self) -> str:
        """The registry's name of this source."""
        return "activemq"

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
        return queue_place(self.arn, self.name)

    def consumer(self) -> JmsConsumer:
        """What the poller of one mapping drives: connections of its own."""
        found = JmsConsumer(
            self._connect,
            self.name,
            self.place,
            policy=self._policy,
            patience=self._parts.patience,
            journal=self._parts.ledger,
            note=self._note,
        )
        self._consumers.append(found)
        return found

    def settle(self, now_ms: int) -> None:
        """What falls due in a real broker happens there."""

    def fill_in(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateEventSourceMapping's parameters with those that this queue knows.

        Errors: `UsageError` for a mapping of another queue.
        """
        return filled_in(parameters, self.name, region=self._parts.region, account=self._parts.account)

    # -- messages ---------------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[ActiveMqMessage]:
        """Every message that was sent through this object or received by a mapping of it, in order of first sight."""
        return list(self._seen.values())

    @property
    def dlq(self) -> LiveActiveMqQueue | None:
        """ActiveMQ.DLQ, which all queues of the broker share; it has none itself. Map it to see what is there."""
        if self.name == DEAD_LETTER_QUEUE:
            return None
        if self._dead is None:
            self._dead = LiveActiveMqQueue(
                DEAD_LETTER_QUEUE, self._parts, self._address, seconds=self._seconds, broker=self._broker, policy={}
            )
        return self._dead

    def send(self, *payloads: Any, time_to_live: int | Callable[[int], int] = 0, **given: Any) -> list[ActiveMqMessage]:
        """Send messages, and wait until the broker has taken each.

        The arguments are those of `ActiveMqQueue.send`. A message's id is the one that ActiveMQ gives the next message
        of this connection. Errors: `UsageError`; `NotConnected`.
        """
        for name in given:
            if name not in _PROPERTIES:
                raise UsageError(f"send takes no {name}; there are time_to_live, {', '.join(_PROPERTIES)}")
        now_ms = self._parts.clock.now_ms
        drafts = drafts_of(payloads, given, time_to_live, queue=self.name, at_ms=now_ms, id_of=str)
        for draft in drafts:
            _check_sendable(draft)
        records = []
        for draft in drafts:
            self._producer.send(self.name, draft.data, headers_of(draft))
            self._sent += 1
            record = replace(draft, id=f"{self._producer.session}:-1:1:{self._sent}")
            self._note(now_ms, record)
            records.append(record)
        return records

    def close(self) -> None:
        """Let go of every connection."""
        for consumer in self._consumers:
            consumer.close()
        self._producer.close()
        if self._dead is not None:
            self._dead.close()

    def _note(self, now_ms: int, message: ActiveMqMessage) -> None:
        if message.id not in self._seen:
            self._seen[message.id] = message
            self._parts.ledger.entered(now_ms, self.place, message)

    def __repr__(self) -> str:
        return f"<LiveActiveMqQueue {self.name} at {self._address.shown}>"


def _check_sendable(message: ActiveMqMessage) -> None:
    """Errors: `UsageError` for what JMS takes and STOMP cannot carry."""
    if message.message_type == TEXT_MESSAGE and b"\0" in message.data:
        raise UsageError("a text message with a NUL character: STOMP ends a text there; send it as bytes")
    for name in message.properties:
        if name in RESERVED_HEADERS:
            raise UsageError(
                f"properties: {name!r} is a header of STOMP's, over which live mode sends; call it otherwise"
            )
