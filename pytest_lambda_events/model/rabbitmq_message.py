"""The record of a RabbitMQ queue. The law: frozen, hashable, equal by `id`; the body is bytes and stays as it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROPERTIES", "RabbitMqMessage"]

PROPERTIES: Final = (
    "content_type",
    "content_encoding",
    "headers",
    "delivery_mode",
    "priority",
    "correlation_id",
    "reply_to",
    "expiration",
    "message_id",
    "timestamp",
    "type",
    "user_id",
    "app_id",
    "cluster_id",
)
"""AMQP's basic properties, as a `RabbitMqMessage` names them."""

_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class RabbitMqMessage:
    """One message: `id` is `queue::vhost#n`, because AMQP gives messages none; `data` is its body.

    `sent_ms` is when it was published, in epoch milliseconds, which AMQP does not tell. The others are AMQP's basic
    properties, None where the publisher set none: `headers` plain values, `expiration` milliseconds as a text,
    `timestamp` epoch seconds.
    """

    id: str
    data: bytes
    queue: str
    vhost: str
    sent_ms: int
    content_type: str | None = None
    content_encoding: str | None = None
    headers: Mapping[str, Any] | None = None
    delivery_mode: int | None = None
    priority: int | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    expiration: str | None = None
    message_id: str | None = None
    timestamp: int | None = None
    type: str | None = None
    user_id: str | None = None
    app_id: str | None = None
    cluster_id: str | None = None

    def json(self) -> Any:
        """The body, parsed as JSON. Errors: `ValueError` when it is not."""
        return json.loads(self.data)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, RabbitMqMessage) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        data = self.data if len(self.data) <= _SHOWN else self.data[: _SHOWN - 3] + b"..."
        return f"<RabbitMqMessage {self.id} {data!r}>"
