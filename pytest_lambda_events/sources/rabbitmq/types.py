"""RabbitMQ's event as types, for annotations. The law: key for key what `check` knows; a test compares them."""

from __future__ import annotations

from typing import Any, TypedDict

__all__ = ["RabbitMqBasicProperties", "RabbitMqEvent", "RabbitMqMessage"]


class RabbitMqBasicProperties(TypedDict):
    """AMQP's properties, all of them in every message; None where the publisher set none.

    A text in `headers` is `{"bytes": [...]}`, its UTF-8 in signed bytes. `expiration` is a length in milliseconds, as a
    text; `timestamp` a text such as `Jul 2, 2023, 1:30:34 AM`, in UTC.
    """

    contentType: str | None
    contentEncoding: str | None
    headers: dict[str, Any] | None
    deliveryMode: int | None
    priority: int | None
    correlationId: str | None
    replyTo: str | None
    expiration: str | None
    messageId: str | None
    timestamp: str | None
    type: str | None
    userId: str | None
    appId: str | None
    clusterId: str | None
    bodySize: int


class RabbitMqMessage(TypedDict):
    """One message; `data` is base64."""

    basicProperties: RabbitMqBasicProperties
    redelivered: bool
    data: str


class RabbitMqEvent(TypedDict):
    """What Lambda hands to a function behind a RabbitMQ queue; the keys of the map are `queue::vhost`."""

    eventSourceArn: str
    rmqMessagesByQueue: dict[str, list[RabbitMqMessage]]
    eventSource: str
