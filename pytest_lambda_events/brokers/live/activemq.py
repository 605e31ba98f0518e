"""A consumer of a real ActiveMQ queue. The law: what a JMS client does on AWS's side is done here (redelivery policy,
dead letters); what a broker does, the broker does.

STOMP knows no rollback: a message that is refused (NACK) goes to ActiveMQ.DLQ, and what was not acknowledged comes
again when its connection closes. So a batch that failed closes the connection, and the broker delivers everything
again that it had sent there, marked as redelivered: also what had just come and was in no batch yet. What a poller
still holds then comes again as well; it is recognised by its messageID, and not handed out twice.
"""

from __future__ import annotations

from collections import deque
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.held import LiveDelivery
from pytest_lambda_events.brokers.live.patience import BEHIND_MS
from pytest_lambda_events.model.activemq_message import BYTES_MESSAGE, TEXT_MESSAGE, ActiveMqMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.brokers.jms_policy import RedeliveryPolicy
    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.brokers.live.stomp import StompConnection, StompFrame
    from pytest_lambda_events.brokers.message_store import BrokerJournal
    from pytest_lambda_events.model.records import Fate

__all__ = ["RESERVED_HEADERS", "JmsConsumer", "headers_of", "message_of"]

_TOGETHER_SECONDS: Final = 0.05  # messages that the broker sends in a row come so close to one another
_PERSISTENT: Final = 2  # JMS's number for it
_PREFIXES: Final = {"/queue/": "queue://", "/topic/": "topic://", "/temp-queue/": "temp-queue://"}

RESERVED_HEADERS: Final = frozenset(
    (
        "ack",
        "amq-msg-type",
        "content-length",
        "content-type",
        "correlation-id",
        "destination",
        "expires",
        "id",
        "message-id",
        "original-destination",
        "persistent",
        "priority",
        "receipt",
        "redelivered",
        "reply-to",
        "selector",
        "subscription",
        "timestamp",
        "transaction",
        "transformation",
        "type",
    )
)
"""Headers of STOMP, and of ActiveMQ over STOMP, which are no properties of the message."""


class JmsConsumer:
    """One mapping's consumer of a queue; see `polling.acknowledging_ports.AcknowledgingBroker`.

    `connect` makes a connection; `note` is told of each message when it comes for the first time.
    """

    def __init__(
        self,
        connect: Callable[[], StompConnection],
        queue: str,
        place: str,
        *,
        policy: RedeliveryPolicy,
        patience: Patience,
        journal: BrokerJournal,
        note: Callable[[int, ActiveMqMessage], None],
    ) -> None:
        self._connect = connect
        self._queue = queue
        self._place = place
        self._policy = policy
        self._patience = patience
        self._journal = journal
        self._note = note
        self._connection: StompConnection | None = None
        self._prefetch = 0
        self._waiting: deque[tuple[StompFrame, int]] = deque()
        self._held: dict[str, str | None] = {}  # what the poller has, and what the broker is answered with
        self._done: set[str] = set()  # acknowledged while there was nothing to answer with
        self._counts: dict[str, int] = {}
        self._owed: set[str] = set()  # given back, and not seen again
        self._owed_since_ms: int | None = None
        self._asked_ms = 0
        patience.at_rest(self._pause)

    def _pause(self) -> None:
        """Take nothing while nobody polls: what the broker had sent meanwhile would count as delivered."""
        if self._connection is not None and self._prefetch and not self._held and not self._waiting:
            self._prefetch = 0
            self._connection.unsubscribe()

    def settle(self, now_ms: int) -> None:
        """What falls due in a real broker happens there."""

    def receive(self, limit: int, now_ms: int) -> list[LiveDelivery]:
        """Up to `limit` of the messages that came; what the broker is just sending is waited for."""
        self._asked_ms = now_ms
        self._listen(limit + len(self._held))
        self._take_in(limit, now_ms)
        self._forget_debts(now_ms)
        deliveries: list[LiveDelivery] = []
        while self._waiting and len(deliveries) < limit:
            frame, came_ms = self._waiting.popleft()
            deliveries.append(self._delivery(frame, came_ms))
        if deliveries:
            self._patience.stir()
            ids = tuple([one.record.id for one in deliveries])
            self._journal.received(now_ms, self._place, ids, tuple([one.count for one in deliveries]))
        return deliveries

    def _listen(self, many: int) -> None:
        """Have the broker send as many messages as a batch may have: no more are taken from other consumers."""
        if many > self._prefetch:
            self._pause()
        if self._connection is None:
            self._connection = self._connect()
            self._prefetch = 0
        if not self._prefetch:
            self._prefetch = many
            self._connection.subscribe(self._queue, many)
            self._patience.stir()  # quiet is what comes after it

    def _take_in(self, limit: int, now_ms: int) -> None:
        connection = self._connection
        if connection is None:
            return
        for frame in connection.arrived(at_least=limit - len(self._waiting), seconds=_TOGETHER_SECONDS):
            record_id, tag = frame.headers["message-id"], frame.headers["ack"]
            if record_id in self._done:
                self._done.discard(record_id)
                connection.acknowledge(tag)
            elif record_id in self._held:
                self._held[record_id] = tag
            else:
                self._waiting.append((frame, now_ms))

    def _forget_debts(self, now_ms: int) -> None:
        """What does not come again within some seconds went to somebody else."""
        if self._owed_since_ms is None:
            self._owed_since_ms = now_ms
        elif now_ms - self._owed_since_ms > BEHIND_MS:
            self._owed.clear()

    def _delivery(self, frame: StompFrame, came_ms: int) -> LiveDelivery:
        redelivered = frame.headers.get("redelivered") == "true"
        record = message_of(frame, self._queue, came_ms)
        count = self._counts.get(record.id, 0) + 1
        count = self._counts[record.id] = max(count, 2 if redelivered else 1)
        self._held[record.id] = frame.headers["ack"]
        self._owed.discard(record.id)
        self._note(came_ms, record)
        out_ms = max(came_ms, record.broker_in_time)  # the broker's clock may be ahead of this one
        return LiveDelivery(record, redelivered, count, out_ms, record.id)

    def acknowledge(self, deliveries: Sequence[LiveDelivery], now_ms: int, *, fate: Fate) -> int:
        """ACK for each that is still held; how many were."""
        done = [one for one in deliveries if one.tag in self._held]
        for one in done:
            tag = self._held.pop(one.tag)
            if tag is None or self._connection is None:
                self._done.add(one.tag)
            else:
                self._connection.acknowledge(tag)
        if done:
            self._journal.left(now_ms, self._place, tuple([one.record.id for one in done]), fate)
        return len(done)

    def give_back(self, deliveries: Sequence[LiveDelivery], now_ms: int, *, closing: bool = False) -> int:
        """Refuse what the redelivery policy gives up, and close the connection for the rest; when that comes again."""
        back = [one for one in deliveries if one.tag in self._held]
        kept = []
        for one in back:
            tag = self._held.pop(one.tag)
            if tag is not None and self._connection is not None and self._policy.is_exceeded(one.count):
                self._connection.refuse(tag)
                # unless it is told otherwise, ActiveMQ keeps no dead letters that are not persistent
                fate: Fate = "dead_lettered" if one.record.delivery_mode == _PERSISTENT else "discarded"
                self._journal.left(now_ms, self._place, (one.record.id,), fate)
            else:
                kept.append(one)
        if kept or closing:
            self.close()
        self._owed.update([one.record.id for one in kept])
        self._owed_since_ms = None
        for one in kept:
            self._journal.reappeared(now_ms, self._place, one.record.id)
        if not kept or closing:
            return now_ms
        return now_ms + self._policy.delay_ms(max([one.count for one in kept]))

    def close(self) -> None:
        """Leave: the broker has everything again that was not acknowledged."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._waiting.clear()
        self._held = dict.fromkeys(self._held)

    def next_change(self, now_ms: int) -> int | None:
        """When it is worth asking again."""
        return self._patience.next_ask(now_ms, self._asked_ms, is_behind=bool(self._owed))

    def next_end(self, now_ms: int) -> int | None:  # noqa: ARG002 - part of the port
        """Nobody can tell."""
        return None

    def check(self) -> None:
        """Nobody can tell."""


def message_of(frame: StompFrame, queue: str, came_ms: int) -> ActiveMqMessage:
    """A message as it came. STOMP does not say when the broker got it: that is the producer's time here."""
    headers = frame.headers
    timestamp = int(headers.get("timestamp", came_ms))
    return ActiveMqMessage(
        id=headers["message-id"],
        data=frame.body,
        queue=queue,
        timestamp=timestamp,
        broker_in_time=timestamp,
        message_type=BYTES_MESSAGE if "content-length" in headers else TEXT_MESSAGE,
        delivery_mode=_PERSISTENT if headers.get("persistent") == "true" else 1,
        correlation_id=headers.get("correlation-id"),
        reply_to=_java_destination(headers.get("reply-to")),
        type=headers.get("type"),
        expiration=int(headers.get("expires", 0)),
        priority=int(headers.get("priority", 4)),
        properties=MappingProxyType({name: value for name, value in headers.items() if name not in RESERVED_HEADERS}),
    )


def headers_of(message: ActiveMqMessage) -> Mapping[str, str]:
    """The headers of a SEND frame."""
    headers: dict[str, Any] = {
        **message.properties,
        "persistent": "true" if message.delivery_mode == _PERSISTENT else "false",
        "priority": str(message.priority),
        "expires": str(message.expiration) if message.expiration else None,
        "correlation-id": message.correlation_id,
        "reply-to": _stomp_destination(message.reply_to),
        "type": message.type,
        "content-length": str(len(message.data)) if message.message_type == BYTES_MESSAGE else None,
    }
    return {name: value for name, value in headers.items() if value is not None}


def _java_destination(given: str | None) -> str | None:
    """A destination as Java writes it: Lambda shows that."""
    for stomp, java in _PREFIXES.items():
        if given is not None and given.startswith(stomp):
            return java + given[len(stomp) :]
    return given


def _stomp_destination(given: str | None) -> str | None:
    for stomp, java in _PREFIXES.items():
        if given is not None and given.startswith(java):
            return stomp + given[len(java) :]
    return given
