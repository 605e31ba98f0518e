"""Messages of an ActiveMQ event, sent to a queue again. The law: body, headers and properties as they were.

Ids and times are given anew by the broker. A message that would have expired lives as long as it did then. Properties
that are the provider's own (JMSXDeliveryCount) are not a sender's to set, and are left out.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.looking import integer_at
from pytest_lambda_events.model.pouring import Pour, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["INTO", "pours"]

INTO: Final = ("activemq",)
_CLIENTS_OWN: Final = ("JMSXGroupID", "JMSXGroupSeq")


def pours(event: Any, source: Any) -> Iterator[Pour]:
    """What puts each message back."""
    del source
    for number, message in enumerate(event["messages"]):
        sent, expires = integer_at(message, "timestamp"), integer_at(message, "expiration")
        reply_to = message.get("replyTo")
        properties = {
            name: value
            for name, value in (message.get("properties") or {}).items()
            if not name.startswith("JMS") or name in _CLIENTS_OWN
        }
        options = {
            "message_type": message.get("messageType"),
            "delivery_mode": integer_at(message, "deliveryMode"),
            "correlation_id": message.get("correlationID") or None,
            "reply_to": None if reply_to == "null" else reply_to or None,
            "type": message.get("type") or None,
            "time_to_live": expires - sent if sent is not None and expires is not None and expires > sent else None,
            "priority": integer_at(message, "priority"),
            "properties": properties or None,
        }
        yield Pour(
            path=("messages", number),
            record=message,
            identity=message.get("messageID"),
            put=Verb(
                "send",
                (base64.b64decode(message["data"]),),
                {name: one for name, one in options.items() if one is not None},
            ),
            captured_ms=sent,
        )
