"""Messages of a RabbitMQ event, published to a queue again. The law: body and properties as they were.

AMQP gives messages no identity, so nothing tells whether two are one message that was delivered twice: one that says
`redelivered`, and is in all else like an earlier one, is taken for it. A text among the headers, which the event has as
signed bytes, is a text again. `userId` is left out: a broker takes only its own user's.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.java_bytes import are_bytes, unsigned
from pytest_lambda_events.model.pouring import Pour, Verb
from pytest_lambda_events.sources.rabbitmq.event import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["INTO", "pours"]

INTO: Final = ("rabbitmq",)
_TEXTS: Final = {
    "contentType": "content_type",
    "contentEncoding": "content_encoding",
    "deliveryMode": "delivery_mode",
    "priority": "priority",
    "correlationId": "correlation_id",
    "replyTo": "reply_to",
    "expiration": "expiration",
    "messageId": "message_id",
    "type": "type",
    "appId": "app_id",
    "clusterId": "cluster_id",
}


def pours(event: Any, source: Any) -> Iterator[Pour]:
    """What puts each message back."""
    del source
    for queue, messages in event["rmqMessagesByQueue"].items():
        for number, message in enumerate(messages):
            properties = message["basicProperties"]
            options: dict[str, Any] = {
                ours: properties[theirs] for theirs, ours in _TEXTS.items() if properties.get(theirs) is not None
            }
            options.setdefault("delivery_mode", None)
            seconds = _epoch_seconds(properties.get("timestamp"))
            if properties.get("headers") is not None:
                options["headers"] = _plain(properties["headers"])
            if seconds is not None:
                options["timestamp"] = seconds
            alike = json.dumps([queue, properties, message["data"]], sort_keys=True)
            yield Pour(
                path=("rmqMessagesByQueue", queue, number),
                record=message,
                identity=alike if message.get("redelivered") else None,
                put=Verb("send", (base64.b64decode(message["data"]),), options),
                captured_ms=None if seconds is None else seconds * 1000,
            )


def _plain(value: Any) -> Any:
    """A header as its publisher gave it."""
    if isinstance(value, dict):
        if set(value) == {"bytes"} and are_bytes(value["bytes"]):
            data = unsigned(value["bytes"])
            try:
                return data.decode("utf-8")
            except UnicodeDecodeError:
                return data
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _epoch_seconds(text: Any) -> int | None:
    """A time that Java's DateFormat wrote, `Jul 2, 2023, 1:30:34 AM`; None for what is none."""
    if not isinstance(text, str):
        return None
    try:
        month, day, year, time, half = text.replace("\u202f", " ").split()
        hour, minute, second = (int(part) for part in time.split(":"))
        at = dt.datetime(
            int(year.rstrip(",")),
            MONTHS.index(month) + 1,
            int(day.rstrip(",")),
            hour % 12 + (12 if half == "PM" else 0),
            minute,
            second,
            tzinfo=dt.timezone.utc,
        )
    except ValueError:
        return None
    return int(at.timestamp())
