"""ActiveMQ's event as types, for annotations. The law: key for key what `check` knows; a test compares them."""

from __future__ import annotations

from typing import Literal, TypedDict

__all__ = ["ActiveMqDestination", "ActiveMqEvent", "ActiveMqMessage"]


class ActiveMqDestination(TypedDict):
    """Where the message was: the queue."""

    physicalName: str


class ActiveMqMessage(TypedDict):
    """One message. Times are epoch milliseconds, `data` is base64, and `replyTo` without a value is the text `null`."""

    messageID: str
    messageType: Literal["jms/text-message", "jms/bytes-message"]
    timestamp: int
    deliveryMode: int
    correlationID: str
    replyTo: str
    destination: ActiveMqDestination
    redelivered: bool
    type: str
    expiration: int
    priority: int
    data: str
    brokerInTime: int
    brokerOutTime: int
    properties: dict[str, str]


class ActiveMqEvent(TypedDict):
    """What Lambda hands to a function behind an ActiveMQ queue."""

    eventSource: str
    eventSourceArn: str
    messages: list[ActiveMqMessage]
