"""The record of an ActiveMQ queue. The law: frozen, hashable, equal by `id`; the body is bytes and stays as it is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BYTES_MESSAGE", "MESSAGE_TYPES", "TEXT_MESSAGE", "ActiveMqMessage", "MessageType"]

MessageType = Literal["jms/text-message", "jms/bytes-message"]
"""The two JMS types that Lambda delivers."""

TEXT_MESSAGE: Final = "jms/text-message"
BYTES_MESSAGE: Final = "jms/bytes-message"
MESSAGE_TYPES: Final[tuple[MessageType, ...]] = (TEXT_MESSAGE, BYTES_MESSAGE)

_SHOWN: Final = 60
_NO_PROPERTIES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ActiveMqMessage:
    """One message: `id` is its messageID, `data` its body.

    `timestamp` (when the producer sent it) and `broker_in_time` are epoch milliseconds, `expiration` too, or 0 for
    never. Texts that are not set are None here; in the event they are `""`, or the text `null`. `properties` are texts
    as Java writes them.
    """

    id: str
    data: bytes
    queue: str
    timestamp: int
    broker_in_time: int
    message_type: MessageType = TEXT_MESSAGE
    delivery_mode: int = 2
    correlation_id: str | None = None
    reply_to: str | None = None
    type: str | None = None
    expiration: int = 0
    priority: int = 4
    properties: Mapping[str, str] = field(default_factory=lambda: _NO_PROPERTIES)

    def json(self) -> Any:
        """The body, parsed as JSON. Errors: `ValueError` when it is not."""
        return json.loads(self.data)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, ActiveMqMessage) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        data = self.data if len(self.data) <= _SHOWN else self.data[: _SHOWN - 3] + b"..."
        return f"<ActiveMqMessage {self.id} {data!r}>"
