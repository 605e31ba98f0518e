"""ActiveMQ's event: the JSON that Lambda hands to the function. The law: field by field and key by key as captured.

Key order is part of the shape. A text that is not set is `""`, but replyTo is then the text `null`, because Lambda
writes a destination as Java's String.valueOf does.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.building import compact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.activemq_message import ActiveMqMessage

__all__ = ["ActiveMqEventShape", "event_json", "message_json"]


def message_json(message: ActiveMqMessage, *, broker_out_ms: int, redelivered: bool) -> dict[str, Any]:
    """One message as one delivery hands it over; `broker_out_ms` is when it left the broker."""
    return {
        "messageID": message.id,
        "messageType": message.message_type,
        "timestamp": message.timestamp,
        "deliveryMode": message.delivery_mode,
        "correlationID": message.correlation_id or "",
        "replyTo": message.reply_to or "null",
        "destination": {"physicalName": message.queue},
        "redelivered": redelivered,
        "type": message.type or "",
        "expiration": message.expiration,
        "priority": message.priority,
        "data": b64encode(message.data).decode("ascii"),
        "brokerInTime": message.broker_in_time,
        "brokerOutTime": broker_out_ms,
        "properties": dict(message.properties),
    }


def event_json(arn: str, messages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The event around the messages."""
    return {"eventSource": "aws:mq", "eventSourceArn": arn, "messages": list(messages)}


class ActiveMqEventShape:
    """Events of one broker's mapping."""

    def __init__(self, arn: str) -> None:
        around = compact(event_json(arn, []))
        self._start = around.removesuffix("]}")
        self.overhead = len(around.encode())

    def record_text(self, delivery: Any) -> str:
        """One delivery as compact JSON."""
        return compact(message_json(delivery.record, broker_out_ms=delivery.out_ms, redelivered=delivery.redelivered))

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around them."""
        return f"{self._start}{','.join(record_texts)}]}}"
