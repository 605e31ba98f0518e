"""A RabbitMQ broker through py-amqp, which decodes every type of header. The law: one channel for each consumer, so
that what one holds is its own; every call waits for the broker's answer, and not for ever.

Messages are fetched one by one (basic.get), as many as fit in a batch, so that nothing is held that no batch wants.
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager, suppress
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

from pytest_lambda_events.brokers.live.addresses import split_url
from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS, needing
from pytest_lambda_events.brokers.live.held import LiveDelivery
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.model.rabbitmq_message import PROPERTIES, RabbitMqMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.brokers.live.sightings import Sightings
    from pytest_lambda_events.brokers.message_store import BrokerJournal
    from pytest_lambda_events.model.records import Fate

__all__ = ["AmqpAddress", "AmqpConsumer", "RabbitMqConnection", "look_of", "received"]

_PLAIN: Final = tuple(name for name in PROPERTIES if name != "headers")  # which are a table
_COUNTED_BY_THE_BROKER: Final = "x-delivery-count"  # what a quorum queue adds
_PORTS: Final = {"amqp": 5672, "amqps": 5671}


class AmqpAddress(NamedTuple):
    """Where a broker is, and who signs in."""

    host: str
    port: int
    user: str
    password: str
    vhost: str
    encrypted: bool

    @property
    def shown(self) -> str:
        """The address, without the password."""
        return f"{self.host}:{self.port} (virtual host {self.vhost})"

    @classmethod
    def read(cls, url: str, vhost: str | None) -> AmqpAddress:
        """An AMQP URI (`amqp://guest:guest@localhost:5672/%2F`). Errors: `UsageError`.

        RabbitMQ documentation, "AMQP 0-9-1 URI Specification".
        """
        parts, port = split_url(url, _PORTS, "this is no AMQP URI; write one like amqp://guest:guest@localhost:5672/")
        return cls(
            str(parts.hostname),
            port,
            unquote(parts.username or "guest"),
            unquote(parts.password or "guest"),
            vhost if vhost is not None else unquote(parts.path[1:]) or "/",
            parts.scheme == "amqps",
        )


class RabbitMqConnection:
    """One connection to a virtual host. Errors: `UsageError` without the extra; `NotConnected`, of everything."""

    def __init__(self, address: AmqpAddress, *, seconds: float = CONNECT_SECONDS) -> None:
        with needing("amqp", package="amqp", extra="rabbitmq"):
            import amqp
        self.client: Any = amqp
        self.address = address
        self._connection: Any = self.client.Connection(
            host=f"{address.host}:{address.port}",
            userid=address.user,
            password=address.password,
            virtual_host=address.vhost,
            ssl=address.encrypted,
            connect_timeout=seconds,
            read_timeout=seconds,
            write_timeout=seconds,
            confirm_publish=True,
        )
        try:
            with self.asking("let us in"):
                self._connection.connect()
        except NotConnected:
            self._connection.collect()
            raise
        self._publisher: Any = None

    @contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Around a call that waits for the broker."""
        try:
            yield
        except (self.client.AMQPError, self.client.exceptions.MessageNacked, OSError) as error:
            reason = str(error) or type(error).__name__
            raise NotConnected(
                f"RabbitMQ at {self.address.shown} did not {what}: {reason}. Is it running, and do address, user, "
                "password and virtual host fit?"
            ) from error

    def channel(self) -> Any:
        """A new channel."""
        with self.asking("open a channel"):
            return self._connection.channel()

    def ready(self, queue: str) -> int | None:
        """How many messages of a queue wait for a consumer; None when there is no such queue."""
        channel = self.channel()
        try:
            with self.asking(f"say what the queue {queue} has"):
                found = channel.queue_declare(queue, passive=True)
                channel.close()
                return int(found.message_count)
        except NotConnected as error:
            if isinstance(error.__cause__, self.client.NotFound):
                return None
            raise

    def declare(self, queue: str, arguments: Mapping[str, Any]) -> None:
        """Make a durable queue. Errors: `UsageError` for arguments that RabbitMQ refuses."""
        channel = self.channel()
        with self.asking(f"make the queue {queue}"):
            try:
                channel.queue_declare(queue, durable=True, auto_delete=False, arguments=dict(arguments))
                channel.close()
            except self.client.PreconditionFailed as error:
                raise UsageError(f"RabbitMQ refuses the queue {queue}: {error}") from error

    def written(self, message: RabbitMqMessage) -> Any:
        """The message as the client sends it. Errors: `UsageError` for what it cannot send."""
        properties = {name: getattr(message, name) for name in _PLAIN if getattr(message, name) is not None}
        if message.headers is not None:
            properties["application_headers"] = _sent(message.headers)
        return self.client.Message(message.data, **properties)

    def publish(self, queue: str, message: Any) -> None:
        """Publish to a queue by the default exchange, and wait until the broker has taken it."""
        if self._publisher is None or not self._publisher.is_open:
            self._publisher = self.channel()
        with self.asking("take the message"):
            self._publisher.basic_publish_confirm(message, exchange="", routing_key=queue)

    def purge(self, queue: str) -> None:
        """Delete what waits for a consumer."""
        channel = self.channel()
        with self.asking(f"purge the queue {queue}"):
            channel.queue_purge(queue)
            channel.close()

    def close(self) -> None:
        """Leave: what consumers held is the queue's again."""
        with suppress(self.client.AMQPError, OSError):
            self._connection.close()
        self._connection.collect()


class AmqpConsumer:
    """One mapping's consumer of a queue; see `polling.acknowledging_ports.AcknowledgingBroker`.

    `name_new` gives a record that was never seen its identity; `place` names the queue in the journal.
    """

    def __init__(
        self,
        connection: RabbitMqConnection,
        queue: str,
        place: str,
        *,
        patience: Patience,
        journal: BrokerJournal,
        sightings: Sightings,
        name_new: Callable[[RabbitMqMessage, int], RabbitMqMessage],
    ) -> None:
        self._connection = connection
        self._queue = queue
        self._place = place
        self._patience = patience
        self._journal = journal
        self._sightings = sightings
        self._name_new = name_new
        self._channel = connection.channel()
        self._held: set[Any] = set()
        self._is_owed = False  # something was given back, and the queue was not looked at since
        self._asked_ms = 0

    def settle(self, now_ms: int) -> None:
        """What falls due in a real broker happens there."""

    def receive(self, limit: int, now_ms: int) -> list[LiveDelivery]:
        """Fetch up to `limit` messages."""
        deliveries: list[LiveDelivery] = []
        self._asked_ms = now_ms
        while len(deliveries) < limit:
            with self._connection.asking(f"let us read the queue {self._queue}"):
                got = self._channel.basic_get(self._queue)
            if got is None:
                self._is_owed = False
                break
            deliveries.append(self._delivery(got, now_ms))
        if deliveries:
            self._patience.stir()
            ids = tuple([one.record.id for one in deliveries])
            self._journal.received(now_ms, self._place, ids, tuple([one.count for one in deliveries]))
        return deliveries

    def _delivery(self, got: Any, now_ms: int) -> LiveDelivery:
        redelivered = bool(got.delivery_info["redelivered"])
        message = received(got, self._queue, self._connection.address.vhost, now_ms)
        record = self._sightings.known(message, redelivered=redelivered) or self._name_new(message, now_ms)
        self._held.add(got.delivery_tag)
        return LiveDelivery(
            record,
            redelivered,
            self._sightings.count(record.id, redelivered=redelivered),
            now_ms,
            got.delivery_tag,
        )

    def acknowledge(self, deliveries: Sequence[LiveDelivery], now_ms: int, *, fate: Fate) -> int:
        """basic.ack for each that is still held; how many were."""
        done = self._answer(deliveries, self._channel.basic_ack)
        if done:
            self._journal.left(now_ms, self._place, tuple([one.record.id for one in done]), fate)
        return len(done)

    def give_back(self, deliveries: Sequence[LiveDelivery], now_ms: int, *, closing: bool = False) -> int:  # noqa: ARG002 - part of the port
        """basic.reject with requeue; they are ready at once."""
        for one in self._answer(deliveries, lambda tag: self._channel.basic_reject(tag, requeue=True)):
            self._is_owed = True
            self._sightings.went_back(one.record)
            self._journal.reappeared(now_ms, self._place, one.record.id)
        return now_ms

    def _answer(self, deliveries: Sequence[LiveDelivery], answer: Callable[[Any], None]) -> list[LiveDelivery]:
        held = [one for one in deliveries if one.tag in self._held]
        for one in held:
            self._held.discard(one.tag)
            with self._connection.asking(f"take our answer for the queue {self._queue}"):
                answer(one.tag)
        return held

    def next_change(self, now_ms: int) -> int | None:
        """When it is worth asking again."""
        return self._patience.next_ask(now_ms, self._asked_ms, is_behind=self._is_owed)

    def next_end(self, now_ms: int) -> int | None:  # noqa: ARG002 - part of the port
        """Nobody can tell."""
        return None

    def check(self) -> None:
        """Nobody can tell."""


def look_of(record: RabbitMqMessage) -> tuple[Any, ...]:
    """All that tells one message from another, but its id and when it came."""
    headers = {name: value for name, value in (record.headers or {}).items() if name != _COUNTED_BY_THE_BROKER}
    return record.data, _hashable(headers), *(getattr(record, name) for name in _PLAIN)


def received(got: Any, queue: str, vhost: str, now_ms: int) -> RabbitMqMessage:
    """What basic.get gave, as a record that has no id yet."""
    properties = got.properties
    headers = properties.get("application_headers")
    body = got.body
    return RabbitMqMessage(
        id="",
        data=body.encode() if isinstance(body, str) else bytes(body),
        queue=queue,
        vhost=vhost,
        sent_ms=now_ms,  # AMQP does not tell
        headers=None if headers is None else _frozen(headers),
        **{name: properties.get(name) for name in _PLAIN},
    )


def _frozen(value: Any) -> Any:
    """A value of a table as the client decodes it, as our records have it."""
    if isinstance(value, dict):
        return MappingProxyType({name: _frozen(one) for name, one in value.items()})
    if isinstance(value, list):
        return tuple([_frozen(one) for one in value])
    if isinstance(value, (memoryview, bytearray)):
        return bytes(value)
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=dt.timezone.utc)
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value


def _sent(value: Any) -> Any:
    """The other way; the client takes plain dicts, and would write bytes as text."""
    if hasattr(value, "items"):
        return {name: _sent(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_sent(one) for one in value]
    if isinstance(value, bytes):
        raise UsageError(
            f"a header of bytes ({value!r:.60}): py-amqp, which live mode sends with, would make it a text; publish "
            "the message with a client that sends byte arrays: they are received as what they are"
        )
    return value


def _hashable(value: Any) -> Any:
    if isinstance(value, dt.datetime):  # AMQP carries whole seconds, and no zone
        return int((value if value.tzinfo is not None else value.replace(tzinfo=dt.timezone.utc)).timestamp())
    if hasattr(value, "items"):
        return frozenset((name, _hashable(one)) for name, one in value.items())
    if isinstance(value, tuple):
        return tuple([_hashable(one) for one in value])
    return type(value).__name__, value
