"""RabbitMQ's event: the JSON that Lambda hands to the function. The law: field by field and key by key as captured.

Key order is part of the shape. The properties are RabbitMQ's Java objects written out field by field: all are there,
`null` where the publisher set none; a text among the headers is an object with its signed bytes, a time is a text of
Java's DateFormat.
"""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import compact
from pytest_lambda_events.model.java_bytes import signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage

__all__ = ["MONTHS", "RabbitMqEventShape", "event_json", "java_date", "message_json"]

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As Java's US locale has them, whatever the locale here."""

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_NOON: Final = 12


def message_json(message: RabbitMqMessage, *, redelivered: bool) -> dict[str, Any]:
    """One message as one delivery hands it over."""
    headers, timestamp = message.headers, message.timestamp
    return {
        "basicProperties": {
            "contentType": message.content_type,
            "contentEncoding": message.content_encoding,
            "headers": None if headers is None else _header(headers),
            "deliveryMode": message.delivery_mode,
            "priority": message.priority,
            "correlationId": message.correlation_id,
            "replyTo": message.reply_to,
            "expiration": message.expiration,
            "messageId": message.message_id,
            "timestamp": None if timestamp is None else java_date(_EPOCH + dt.timedelta(seconds=timestamp)),
            "type": message.type,
            "userId": message.user_id,
            "appId": message.app_id,
            "clusterId": message.cluster_id,
            "bodySize": len(message.data),
        },
        "redelivered": redelivered,
        "data": b64encode(message.data).decode("ascii"),
    }


def event_json(arn: str, queue: str, vhost: str, messages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The event around the messages of the one queue that a mapping has."""
    return {
        "eventSourceArn": arn,
        "rmqMessagesByQueue": {f"{queue}::{vhost}": list(messages)},
        "eventSource": "aws:rmq",
    }


class RabbitMqEventShape:
    """Events of one queue's mapping."""

    def __init__(self, arn: str, queue: str, vhost: str) -> None:
        around = compact(event_json(arn, queue, vhost, []))
        self._start, _, self._end = around.rpartition("[]")
        self.overhead = len(around.encode())

    def record_text(self, delivery: Any) -> str:
        """One delivery as compact JSON."""
        return compact(message_json(delivery.record, redelivered=delivery.redelivered))

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around them."""
        return f"{self._start}[{','.join(record_texts)}]{self._end}"


def java_date(moment: dt.datetime) -> str:
    """A time as Java's DateFormat writes it in the US: `Jul 2, 2023, 1:30:34 AM`, without a zone, in UTC."""
    utc = moment.replace(tzinfo=dt.timezone.utc) if moment.tzinfo is None else moment.astimezone(dt.timezone.utc)
    half = "AM" if utc.hour < _NOON else "PM"
    hour = utc.hour % _NOON or _NOON
    return f"{MONTHS[utc.month - 1]} {utc.day}, {utc.year}, {hour}:{utc.minute:02d}:{utc.second:02d} {half}"


def _header(value: Any) -> Any:
    """A value of a table, as the Java object of its type is written out."""
    if isinstance(value, str):
        return {"bytes": signed(value.encode("utf-8"))}
    if isinstance(value, bytes):
        return signed(value)
    if isinstance(value, dt.datetime):
        return java_date(value)
    if isinstance(value, tuple):
        return [_header(one) for one in value]
    if hasattr(value, "items"):
        table: Mapping[str, Any] = value
        return {name: _header(one) for name, one in table.items()}
    return value
