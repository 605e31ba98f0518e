"""An ActiveMQ queue as tests see it: send messages, look at what is there. The law: it takes what a JMS producer takes,
and everything that happens is the broker's.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.brokers.jms_broker import DEAD_LETTER_QUEUE, JmsBroker
from pytest_lambda_events.brokers.jms_policy import RedeliveryPolicy, check_policy
from pytest_lambda_events.building import free_name, sending_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mq_brokers import broker_of, check_flag, queue_place
from pytest_lambda_events.sources.activemq.drafting import drafts_of
from pytest_lambda_events.sources.activemq.make import check_queue, producer_of
from pytest_lambda_events.sources.activemq.mapped import filled_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.brokers.jms_broker import JmsQueue
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.activemq_message import ActiveMqMessage
    from pytest_lambda_events.model.mq_brokers import MqBroker
    from pytest_lambda_events.model.trace import Ledger

__all__ = ["ActiveMqBrokers", "ActiveMqQueue", "create_activemq_queue"]

_SEVERAL: Final = (",", "*", ">")  # a composite destination, and wildcards


class _Home(NamedTuple):
    """One broker: who it is, its queues, and what its messageIDs begin with."""

    broker: MqBroker
    engine: JmsBroker
    producer: str


class ActiveMqBrokers:
    """Every ActiveMQ broker of a harness. `region` and `account` are where those are that are given by name."""

    def __init__(self, clock: Clock, ledger: Ledger, identifiers: Identifiers, *, region: str, account: str) -> None:
        self.clock = clock
        self.region = region
        self.account = account
        self._ledger = ledger
        self._identifiers = identifiers
        self._named: dict[str, MqBroker] = {}
        self._homes: dict[str, _Home] = {}
        self._queues: dict[str, ActiveMqQueue] = {}

    def home(self, broker: str) -> _Home:
        """The broker of this name or ARN; there is one as soon as somebody asks. Errors: `UsageError`."""
        known = self._named.get(broker)
        if known is None:
            uuid = "" if broker.startswith("arn:") else self._identifiers.uuid4(f"activemq/{broker}")
            known = self._named[broker] = broker_of(broker, region=self.region, account=self.account, uuid=uuid)
        if known.arn not in self._homes:
            engine = JmsBroker(self._ledger, partial(queue_place, known.arn))
            producer = producer_of(self._identifiers, known, self.clock.start_ms)
            self._homes[known.arn] = _Home(known, engine, producer)
        return self._homes[known.arn]

    def queue_of(self, home: _Home, engine: JmsQueue) -> ActiveMqQueue:
        """The one source of a queue of a broker."""
        found = self._queues.get(engine.place)
        if found is None:
            # messageIDs are those of one producer for each queue
            number = list(home.engine.queues).index(engine.name) + 1
            producer = f"{home.producer.rpartition(':')[0]}:{number}"
            found = self._queues[engine.place] = ActiveMqQueue(self, home, engine, producer)
        return found

    def unused_name(self, home: _Home) -> str:
        """A name for a queue that was given none."""
        return free_name("queue", home.engine.queues, len(home.engine.queues) + 1)

    def mapped(self, arn: str, parameters: Mapping[str, Any]) -> ActiveMqQueue | None:
        """The queue that CreateEventSourceMapping's parameters are about; None when it was not made here."""
        home, names = self._homes.get(arn), list(parameters.get("Queues") or ())
        engine = home.engine.queues.get(names[0]) if home is not None and len(names) == 1 else None
        return None if home is None or engine is None else self.queue_of(home, engine)


def create_activemq_queue(
    brokers: ActiveMqBrokers,
    name: str | None,
    *,
    broker: str = "orders",
    prioritizedMessages: bool = False,
    **policy: Any,
) -> ActiveMqQueue:
    """Make a queue; `policy` are members of ActiveMQ's RedeliveryPolicy. Errors: `UsageError`."""
    home = brokers.home(broker)
    if name is None:
        name = brokers.unused_name(home)
    check_queue(name)
    if any(letter in name for letter in _SEVERAL):
        raise UsageError(f"the queue {name!r}: for ActiveMQ , * and > in a name mean several queues; give a plain name")
    if name == DEAD_LETTER_QUEUE:
        raise UsageError(f"every broker has {DEAD_LETTER_QUEUE}: it is the dlq of its queues")
    check_policy(policy, "prioritizedMessages")
    prioritized = check_flag("prioritizedMessages", prioritizedMessages)
    engine = home.engine.declare(name, policy=RedeliveryPolicy(**policy), prioritized=prioritized)
    return brokers.queue_of(home, engine)


class ActiveMqQueue:
    """A queue of an ActiveMQ broker of Amazon MQ, in memory. `arn` is the broker's, as in EventSourceArn."""

    def __init__(self, brokers: ActiveMqBrokers, home: _Home, engine: JmsQueue, producer: str) -> None:
        self.name = engine.name
        self.arn = home.broker.arn
        self._brokers = brokers
        self._home = home
        self._engine = engine
        self._producer = producer
        self._sent = 0

    # -- what a mapping needs to know -------------------------------------------------------------------------------

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
        return self._engine.place

    @property
    def engine(self) -> JmsQueue:
        """The exact queue, which a poller drives."""
        return self._engine

    def consumer(self) -> JmsQueue:
        """What the poller of one mapping drives: in memory the queue itself."""
        return self._engine

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due."""
        self._engine.settle(now_ms)

    def fill_in(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateEventSourceMapping's parameters with those that this queue knows.

        Errors: `UsageError` for a mapping of another queue.
        """
        return filled_in(parameters, self.name, region=self._brokers.region, account=self._brokers.account)

    # -- what is there ----------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[ActiveMqMessage]:
        """Every record that it ever took, in order."""
        self._settled_ms()
        return list(self._engine.store.taken.values())

    @property
    def messages(self) -> list[ActiveMqMessage]:
        """The records that are in it now, those with a consumer included, in its order."""
        self._settled_ms()
        return [stored.record for stored in self._engine.store.messages()]

    @property
    def dlq(self) -> ActiveMqQueue | None:
        """ActiveMQ.DLQ, which all queues of the broker share; it has none itself."""
        if self.name == DEAD_LETTER_QUEUE:
            return None
        return self._brokers.queue_of(self._home, self._home.engine.dead_letters())

    # -- putting messages in ----------------------------------------------------------------------------------------

    def send(
        self,
        *payloads: Any,
        message_type: str | Callable[[int], str | None] | None = None,
        delivery_mode: int | Callable[[int], int] = 2,
        correlation_id: str | Callable[[int], str | None] | None = None,
        reply_to: str | Callable[[int], str | None] | None = None,
        type: str | Callable[[int], str | None] | None = None,  # noqa: A002 - JMS calls it so
        time_to_live: int | Callable[[int], int] = 0,
        priority: int | Callable[[int], int] = 4,
        properties: Mapping[str, Any] | Callable[[int], Mapping[str, Any] | None] | None = None,
        at: float | None = None,
    ) -> list[ActiveMqMessage]:
        """Send messages, now or at virtual second `at`; the records that came to be, in order.

        Payloads: `str` and JSON are text messages, `bytes` bytes messages, unless `message_type` says otherwise;
        anything that is neither becomes compact JSON. `time_to_live` is JMS's, in milliseconds, 0 for ever;
        `properties` are str, bool, int or float. The other arguments are those of `activemq_event`. Any of them may be
        a function of the payload's number, from 0. What an envelope brings along holds where nothing else is given.
        Errors: `UsageError` for what JMS does not take, or a moment in the past. Nothing is sent unless every payload
        can be.
        """
        now_ms = self._settled_ms()
        at_ms = sending_ms(self._brokers.clock, at, now_ms)
        given = {
            "message_type": message_type,
            "delivery_mode": delivery_mode,
            "correlation_id": correlation_id,
            "reply_to": reply_to,
            "type": type,
            "priority": priority,
            "properties": properties,
        }
        records = drafts_of(
            payloads,
            given,
            time_to_live,
            queue=self.name,
            at_ms=at_ms,
            id_of=lambda number: f"{self._producer}:{self._sent + number + 1}",
        )
        self._sent += len(records)
        for record in records:
            if at_ms > now_ms:
                self._home.engine.announce(at_ms, self._engine, partial(self._engine.put, record))
            else:
                self._engine.put(record, now_ms)
        return records

    def purge(self) -> None:
        """Delete what nobody holds, as in the broker's console: `discarded`."""
        self._engine.purge(self._settled_ms())

    def _settled_ms(self) -> int:
        clock = self._brokers.clock
        clock.enter()
        self._engine.settle(clock.now_ms)
        return clock.now_ms

    def __repr__(self) -> str:
        return f"<ActiveMqQueue {self.place}>"
