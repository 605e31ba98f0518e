"""A realistic SQS message, from nothing but a payload. The law: every derived field is derived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.delivered import aside_of
from pytest_lambda_events.model.messages import MAXIMUM_MESSAGE_BYTES, attributes_from, check_message
from pytest_lambda_events.model.records import NO_ATTRIBUTES, SqsMessage, payload_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.identifiers import Identifiers

__all__ = ["make_message"]


def make_message(
    payload: Any,
    *,
    identifiers: Identifiers,
    arn: str,
    sent_ms: int,
    message_attributes: Mapping[str, Any] | None = None,
    message_group_id: str | None = None,
    sender_id: str | None = None,
    trace_header: str | None = None,
) -> SqsMessage:
    """A message as SendMessage would have made it in the queue `arn`. Errors: `Refusal`, `UsageError`.

    What goes with the payload (an envelope's attributes and sender) holds where nothing else is given.
    """
    aside = aside_of(payload)
    body = payload_text(payload)
    given = aside.get("message_attributes") if message_attributes is None else message_attributes
    attributes = attributes_from(given) if given else NO_ATTRIBUTES
    return SqsMessage(
        id=identifiers.uuid4(f"message/{arn}"),
        body=body,
        sent_timestamp=sent_ms,
        sender_id=sender_id or aside.get("sender_id") or identifiers.principal("AIDA", "sender"),
        message_attributes=check_message(body, attributes, delay_seconds=None, maximum_bytes=MAXIMUM_MESSAGE_BYTES),
        message_group_id=message_group_id or _tenant(aside),
        trace_header=trace_header,
    )


def _tenant(aside: Mapping[str, Any]) -> str | None:
    """The group that an envelope brings to a standard queue; one of a FIFO topic, with its deduplication, stays there.

    SNS Developer Guide, "Message delivery for FIFO topics".
    """
    return None if "message_deduplication_id" in aside else aside.get("message_group_id")
