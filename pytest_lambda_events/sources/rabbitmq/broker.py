"""A RabbitMQ queue as tests see it: publish messages, look at what is there. The law: it takes what an AMQP publisher
takes, and everything that happens is the virtual host's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.amqp_settings import read_arguments
from pytest_lambda_events.brokers.amqp_vhost import DEFAULT_EXCHANGE, VirtualHost
from pytest_lambda_events.building import free_name, sending_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mq_brokers import access_of, broker_of, queue_place
from pytest_lambda_events.sources.rabbitmq.drafting import drafts_of
from pytest_lambda_events.sources.rabbitmq.make import check_short
from pytest_lambda_events.sources.rabbitmq.mapped import DEFAULT_VHOST, VIRTUAL_HOST, filled_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.brokers.amqp_queue import AmqpQueue
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.mq_brokers import MqBroker
    from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage
    from pytest_lambda_events.model.trace import Ledger

__all__ = ["RabbitMqBrokers", "RabbitMqExchange", "RabbitMqQueue", "create_rabbitmq_queue"]


class _Host:
    """One virtual host of one broker, and how many messages were published to each of its queues."""

    def __init__(self, brokers: RabbitMqBrokers, broker: MqBroker, vhost: str) -> None:
        self.brokers = brokers
        self.broker = broker
        self.vhost = vhost
        self.engine = VirtualHost(brokers.ledger, self.numbered)
        self.sources: dict[str, RabbitMqQueue] = {}
        self._numbers: Counter[str] = Counter()

    def numbered(self, record: RabbitMqMessage, queue: str) -> RabbitMqMessage:
        """The record with the next number of the queue."""
        number = self._numbers[queue]
        self._numbers[queue] += 1
        return replace(record, id=f"{queue}::{self.vhost}#{number}", queue=queue)

    def settled_ms(self) -> int:
        """The present, after what fell due."""
        clock = self.brokers.clock
        clock.enter()
        self.engine.settle(clock.now_ms)
        return clock.now_ms

    def publish(
        self, exchange: str, routing_key: str, payloads: Sequence[Any], given: Mapping[str, Any], at: float | None
    ) -> list[RabbitMqMessage]:
        """Publish each payload to every queue that it is routed to; the records, in order."""
        now_ms = self.settled_ms()
        at_ms = sending_ms(self.brokers.clock, at, now_ms)
        drafts = drafts_of(payloads, given, queue=routing_key, vhost=self.vhost, sent_ms=at_ms)
        records = []
        for draft in drafts:
            for queue in self.engine.route(exchange, routing_key):
                record = self.numbered(draft, queue.name)
                put = partial(self._put, queue, record, exchange, routing_key)
                if at_ms > now_ms:
                    self.engine.announce(at_ms, queue, put)
                else:
                    put(now_ms)
                records.append(record)
        return records

    def _put(self, queue: AmqpQueue, record: RabbitMqMessage, exchange: str, routing_key: str, at_ms: int) -> None:
        self.engine.publish(queue, record, at_ms, exchange=exchange, routing_key=routing_key)


class RabbitMqBrokers:
    """Every RabbitMQ broker of a harness. `region` and `account` are where those are that are given by name."""

    def __init__(self, clock: Clock, ledger: Ledger, identifiers: Identifiers, *, region: str, account: str) -> None:
        self.clock = clock
        self.ledger = ledger
        self.region = region
        self.account = account
        self._identifiers = identifiers
        self._named: dict[str, MqBroker] = {}
        self._hosts: dict[tuple[str, str], _Host] = {}

    def host(self, broker: str, vhost: str) -> _Host:
        """The virtual host of a broker; there is one as soon as somebody asks. Errors: `UsageError`."""
        known = self._named.get(broker)
        if known is None:
            uuid = "" if broker.startswith("arn:") else self._identifiers.uuid4(f"rabbitmq/{broker}")
            known = self._named[broker] = broker_of(broker, region=self.region, account=self.account, uuid=uuid)
        found = self._hosts.get((known.arn, vhost))
        if found is None:
            check_short("vhost", vhost)
            if not vhost:
                raise UsageError("vhost='' is empty; leave it out for the virtual host /")
            found = self._hosts[known.arn, vhost] = _Host(self, known, vhost)
        return found

    def mapped(self, arn: str, parameters: Mapping[str, Any]) -> RabbitMqQueue | None:
        """The queue that CreateEventSourceMapping's parameters are about; None when it was not made here."""
        host = self._hosts.get((arn, access_of(parameters, VIRTUAL_HOST) or DEFAULT_VHOST))
        names = list(parameters.get("Queues") or ())
        return host.sources.get(names[0]) if host is not None and len(names) == 1 else None


def create_rabbitmq_queue(
    brokers: RabbitMqBrokers,
    name: str | None,
    *,
    vhost: str = DEFAULT_VHOST,
    broker: str = "orders",
    arguments: Mapping[str, Any] | None = None,
) -> RabbitMqQueue:
    """Declare a classic queue with RabbitMQ's optional arguments. Errors: `UsageError`, `NotSimulated`."""
    settings = read_arguments(arguments or {})
    host = brokers.host(broker, vhost)
    if name is None:
        name = free_name("queue", host.engine.queues, len(host.engine.queues) + 1)
    check_short("the queue's name", name)
    if not name or name.startswith("amq."):
        raise UsageError(f"{name!r} is no name for a queue: RabbitMQ keeps amq. for itself, and makes up a name for ''")
    place = queue_place(host.broker.arn, f"{name}::{vhost}")
    found = host.sources[name] = RabbitMqQueue(host, host.engine.declare_queue(name, place, settings))
    return found


class RabbitMqExchange:
    """A direct exchange, or (`""`) the default one."""

    def __init__(self, host: _Host, name: str) -> None:
        self.name = name
        self.vhost = host.vhost
        self._host = host

    def publish(
        self, *payloads: Any, routing_key: str, at: float | None = None, **properties: Any
    ) -> list[RabbitMqMessage]:
        """Publish messages, now or at virtual second `at`; the records that came to be, one for each queue that a
        message is routed to.

        None for a message that is routed nowhere: RabbitMQ drops it. `properties` are those of `RabbitMqQueue.send`.
        Where messages go is decided at the call, also with `at`. Errors: `UsageError`.
        """
        return self._host.publish(self.name, routing_key, payloads, properties, at)

    def __repr__(self) -> str:
        return f"<RabbitMqExchange {self.name!r} of {self._host.broker.arn}, virtual host {self.vhost}>"


class RabbitMqQueue:
    """A classic queue of a RabbitMQ broker of Amazon MQ, in memory. `arn` is the broker's, as in EventSourceArn."""

    def __init__(self, host: _Host, engine: AmqpQueue) -> None:
        self.name = engine.name
        self.vhost = host.vhost
        self.arn = host.broker.arn
        self._host = host
        self._engine = engine

    # -- what a mapping needs to know -------------------------------------------------------------------------------

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
        return self._engine.place

    @property
    def engine(self) -> AmqpQueue:
        """The exact queue, which a poller drives."""
        return self._engine

    def consumer(self) -> AmqpQueue:
        """What the poller of one mapping drives: in memory the queue itself."""
        return self._engine

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due."""
        self._engine.settle(now_ms)

    def failing_without_end(self) -> int:
        """How many messages of it came back and will never end: neither they nor the queue have a time to live, nor has
        the queue a limit. A dead-letter exchange is none: the poller never rejects.
        """
        if self._engine.settings.most_ready is not None:
            return 0
        there = self._engine.store.messages()
        return sum(stored.state == "ready" and stored.count > 0 and stored.expires_ms is None for stored in there)

    def fill_in(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateEventSourceMapping's parameters with those that this queue knows.

        Errors: `UsageError` for a mapping of another queue or virtual host.
        """
        brokers = self._host.brokers
        return filled_in(parameters, self.name, self.vhost, region=brokers.region, account=brokers.account)

    # -- what is there ----------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[RabbitMqMessage]:
        """Every record that it ever took, in order; one that came twice as it was when it last came."""
        self._host.settled_ms()
        return list(self._engine.store.taken.values())

    @property
    def messages(self) -> list[RabbitMqMessage]:
        """The records that are in it now, those with a consumer included, in its order."""
        self._host.settled_ms()
        return [stored.record for stored in self._engine.store.messages()]

    @property
    def dlq(self) -> RabbitMqQueue | None:
        """The queue that its dead-letter exchange leads to, the first if there are several; None without any."""
        found = self._host.engine.dead_letters_of(self._engine)
        return self._host.sources[found[0].name] if found else None

    # -- putting messages in ----------------------------------------------------------------------------------------

    def send(
        self,
        *payloads: Any,
        at: float | None = None,
        content_type: str | Callable[[int], str | None] | None = None,
        content_encoding: str | Callable[[int], str | None] | None = None,
        headers: Mapping[str, Any] | Callable[[int], Mapping[str, Any] | None] | None = None,
        delivery_mode: int | Callable[[int], int | None] | None = 2,
        priority: int | Callable[[int], int | None] | None = None,
        correlation_id: str | Callable[[int], str | None] | None = None,
        reply_to: str | Callable[[int], str | None] | None = None,
        expiration: str | int | Callable[[int], str | int | None] | None = None,
        message_id: str | Callable[[int], str | None] | None = None,
        timestamp: Any = None,
        type: str | Callable[[int], str | None] | None = None,  # noqa: A002 - AMQP calls it so
        user_id: str | Callable[[int], str | None] | None = None,
        app_id: str | Callable[[int], str | None] | None = None,
        cluster_id: str | Callable[[int], str | None] | None = None,
    ) -> list[RabbitMqMessage]:
        """Publish messages to this queue by the default exchange, now or at virtual second `at`; the records that came
        to be, in order.

        Payloads: `str` and `bytes` travel as they are, anything else as compact JSON. The properties are AMQP's, and
        those of `rabbitmq_event`; `expiration` is the message's time to live in milliseconds. Any of them may be a
        function of the payload's number, from 0. What an envelope brings along holds where nothing else is given.
        Errors: `UsageError` for what AMQP does not take, or a moment in the past. Nothing is sent unless every payload
        can be.
        """
        given = {
            "content_type": content_type,
            "content_encoding": content_encoding,
            "headers": headers,
            "delivery_mode": delivery_mode,
            "priority": priority,
            "correlation_id": correlation_id,
            "reply_to": reply_to,
            "expiration": expiration,
            "message_id": message_id,
            "timestamp": timestamp,
            "type": type,
            "user_id": user_id,
            "app_id": app_id,
            "cluster_id": cluster_id,
        }
        return self._host.publish(DEFAULT_EXCHANGE, self.name, payloads, given, at)

    def bind(self, exchange: str, routing_key: str | None = None) -> RabbitMqExchange:
        """Bind the queue to a direct exchange, which is declared if it is not there; the key is the queue's name unless
        given. The exchange, to publish to. Errors: `UsageError`.
        """
        check_short("exchange", exchange)
        key = self.name if routing_key is None else routing_key
        check_short("routing_key", key)
        self._host.engine.bind(self.name, exchange, key)
        return RabbitMqExchange(self._host, exchange)

    def purge(self) -> None:
        """queue.purge: delete what no consumer holds: `discarded`."""
        self._engine.purge(self._host.settled_ms())

    def reject(self, *records: RabbitMqMessage) -> None:
        """What another consumer does that takes these messages and rejects them without requeue: they go to the
        dead-letter exchange, or are gone. Errors: `UsageError` for one that is not in the queue, or is with a consumer.
        """
        now_ms = self._host.settled_ms()
        self._engine.reject([record.id for record in records], now_ms)

    def __repr__(self) -> str:
        return f"<RabbitMqQueue {self.place}>"
