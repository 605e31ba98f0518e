"""A realistic ActiveMQ message, from nothing but a payload. The law: every derived field is derived.

What JMS would not take is refused here: Jakarta Messaging, "Message headers" and "Message properties".
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.activemq_message import BYTES_MESSAGE, MESSAGE_TYPES, TEXT_MESSAGE, ActiveMqMessage
from pytest_lambda_events.model.mq_brokers import check_number
from pytest_lambda_events.model.records import payload_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.activemq_message import MessageType
    from pytest_lambda_events.model.mq_brokers import MqBroker

__all__ = ["check_queue", "java_text", "make_message", "producer_of"]

_PORTS: Final = (32_768, 60_999)  # the ephemeral ports of Linux, in which those of captures lie
_LONGEST_QUEUE: Final = 1_000  # Lambda API Reference, CreateEventSourceMapping, Queues
_UP_MS: Final = (3_600_000, 60 * 86_400_000)  # an hour to sixty days: so long had the broker been up
_CONNECTIONS: Final = 60
_LONGEST_LONG: Final = 2**63
# Double.toString: plain from 10^-3 to 10^7, with an exponent outside
_LEAST_PLAIN: Final = 1e-3
_MOST_PLAIN: Final = 1e7

# Jakarta Messaging, "Message selector syntax": an identifier is none of these, whatever the case
_RESERVED: Final = frozenset(("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE"))
_CLIENTS_OWN: Final = frozenset(("JMSXGroupID", "JMSXGroupSeq"))
"""Of the properties whose names begin with JMS, those that a client sets."""

_DESTINATION: Final = re.compile(r"(?:temp-)?(?:queue|topic)://.+", re.DOTALL)


def producer_of(identifiers: Identifiers, broker: MqBroker, sent_ms: int) -> str:
    """What the messageIDs of one producer begin with: a connection to the broker, which makes the ids.

    As captured: the broker's host, a port, the broker's start in epoch milliseconds, and the numbers of transport,
    connection, session and producer.
    """
    dice = identifiers.stream(f"producer/{broker.arn}")
    started = max(sent_ms - dice.randint(*_UP_MS), 0)
    return f"ID:{broker.host}-{dice.randint(*_PORTS)}-{started}-4:{dice.randint(1, _CONNECTIONS)}:1:1"


def check_queue(queue: str) -> None:
    """Refuse what is no name of a queue. Errors: `UsageError`."""
    if not 1 <= len(queue) <= _LONGEST_QUEUE:
        raise UsageError(f"queue={queue!r:.80}: the name of a queue has 1 to {_LONGEST_QUEUE} characters")
    if "://" in queue:
        raise UsageError(
            f"queue={queue!r}: give the name alone, {queue.partition('://')[2]!r}; Lambda reads queues only"
        )


def make_message(
    payload: Any,
    *,
    message_id: str,
    queue: str,
    sent_ms: int,
    broker_in_ms: int,
    message_type: str | None = None,
    delivery_mode: int | None = None,
    correlation_id: str | None = None,
    reply_to: str | None = None,
    type: str | None = None,  # noqa: A002 - JMS calls it so
    expiration: int | None = None,
    priority: int | None = None,
    properties: Mapping[str, Any] | None = None,
) -> ActiveMqMessage:
    """A message as a producer would have sent it to the queue. Errors: `UsageError` for what JMS does not take."""
    data = payload_bytes(payload)
    delivery_mode = 2 if delivery_mode is None else delivery_mode
    expiration = 0 if expiration is None else expiration
    priority = 4 if priority is None else priority
    check_number("delivery_mode", delivery_mode, 1, 2, meaning="1 is non-persistent, 2 persistent")
    check_number("priority", priority, 0, 9, meaning="JMS has ten priorities")
    check_number("expiration", expiration, 0, _LONGEST_LONG - 1, meaning="epoch milliseconds, or 0 for never")
    for name, text in (("correlation_id", correlation_id), ("reply_to", reply_to), ("type", type)):
        if text is not None and not isinstance(text, str):
            raise UsageError(f"{name}={text!r} is no text: JMS takes a string, or none")
    return ActiveMqMessage(
        id=message_id,
        data=data,
        queue=queue,
        timestamp=sent_ms,
        broker_in_time=broker_in_ms,
        message_type=_type_of(payload, data, message_type),
        delivery_mode=delivery_mode,
        correlation_id=correlation_id,
        reply_to=_destination(reply_to),
        type=type,
        expiration=expiration,
        priority=priority,
        properties=_properties(properties or {}),
    )


def _type_of(payload: Any, data: bytes, given: str | None) -> MessageType:
    """The type that is asked for, else that of the payload: bytes are a bytes message, all else is a text message."""
    if given is None:
        return BYTES_MESSAGE if isinstance(payload, (bytes, bytearray)) else TEXT_MESSAGE
    if given not in MESSAGE_TYPES:
        raise UsageError(f"message_type={given!r}: Lambda delivers {' and '.join(MESSAGE_TYPES)}")
    if given == TEXT_MESSAGE:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(
                f"message_type={given!r} does not fit the payload, which is no text: {error}. "
                f"Leave message_type out, or give {BYTES_MESSAGE!r}"
            ) from error
        return TEXT_MESSAGE
    return BYTES_MESSAGE


def _destination(reply_to: str | None) -> str | None:
    """A destination as ActiveMQ writes it, of a queue where only a name is given."""
    if not reply_to:
        return None
    return reply_to if _DESTINATION.fullmatch(reply_to) else f"queue://{reply_to}"


def _properties(given: Mapping[Any, Any]) -> Mapping[str, str]:
    for name in given:
        # Java's identifiers are Python's, and may have a dollar sign anywhere
        if not isinstance(name, str) or not name.replace("$", "_").isidentifier() or name.upper() in _RESERVED:
            raise UsageError(
                f"properties: {name!r} is no name of a property: JMS takes a Java identifier other than the words of "
                "its selectors, such as orderType"
            )
        if name.startswith("JMS") and name not in _CLIENTS_OWN:
            raise UsageError(
                f"properties: {name!r} is not the sender's to set: names with JMS are the provider's (but for "
                f"{' and '.join(sorted(_CLIENTS_OWN))}); headers are arguments of their own, such as correlation_id"
            )
    return MappingProxyType({name: java_text(value, name) for name, value in given.items()})


def java_text(value: Any, name: str = "value") -> str:
    """A property's value as Java writes it, because events show texts: `true`, `10`, `1.0E10`. Errors: `UsageError`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and -_LONGEST_LONG <= value < _LONGEST_LONG:
        return str(value)
    if isinstance(value, float):
        return _double(value)
    raise UsageError(
        f"properties: {name}={value!r} is no value of a property: JMS takes str, bool, int (of 64 bits) and float"
    )


def _double(value: float) -> str:
    """A float as `Double.toString` has it (that of Java 19 and later, which writes the shortest)."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _LEAST_PLAIN <= abs(value) < _MOST_PLAIN:
        return repr(value)
    shortest = Decimal(repr(value)).normalize()
    if len(shortest.as_tuple().digits) == 1:
        shortest = Decimal(f"{value:.1e}").normalize()  # Java has two digits at the least, the nearest two
    sign, digits, power = shortest.as_tuple()
    first, *others = map(str, digits)
    return f"{'-' if sign else ''}{first}.{''.join(others) or '0'}E{len(others) + int(power)}"
