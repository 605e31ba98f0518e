"""A realistic SQS message, from nothing but a payload. The law: every derived field is derived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    trace_header: str | None = None,
) -> SqsMessage:
    """A message as SendMessage would have made it in the queue `arn`. Errors: `Refusal`, `UsageError`."""
    body = payload_text(payload)
    attributes = attributes_from(message_attributes) if message_attributes else NO_ATTRIBUTES
    return SqsMessage(
        id=identifiers.uuid4(f"message/{arn}"),
        body=body,
        sent_timestamp=sent_ms,
        sender_id=identifiers.principal("AIDA", "sender"),
        message_attributes=check_message(body, attributes, delay_seconds=None, maximum_bytes=MAXIMUM_MESSAGE_BYTES),
        message_group_id=message_group_id,
        trace_header=trace_header,
    )
