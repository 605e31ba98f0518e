"""Messages of an SQS event, put into a queue again. The law: body and attributes byte by byte; the rest is the queue's.

Ids, times, counts and handles are given anew by the queue, the sender is the harness's caller, and a trace header is
not taken over: a producer's SDK sets it.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.looking import integer_at, text_at
from pytest_lambda_events.model.pouring import Pour, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["INTO", "pours"]

INTO: Final = ("sqs",)


def pours(event: Any, source: Any) -> Iterator[Pour]:
    """What puts each message back."""
    del source
    for number, record in enumerate(event["Records"]):
        options = {
            "message_attributes": _attributes(record.get("messageAttributes") or {}) or None,
            "message_group_id": text_at(record, "attributes", "MessageGroupId"),
            "message_deduplication_id": text_at(record, "attributes", "MessageDeduplicationId"),
        }
        yield Pour(
            path=("Records", number),
            record=record,
            identity=text_at(record, "messageId"),
            put=Verb("send", (record["body"],), {name: one for name, one in options.items() if one is not None}),
            captured_ms=integer_at(record, "attributes", "SentTimestamp"),
        )


def _attributes(shown: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Message attributes in the API's form."""
    found = {}
    for name, one in shown.items():
        binary = text_at(one, "binaryValue")
        value = {"StringValue": text_at(one, "stringValue")} if binary is None else {"BinaryValue": _bytes(binary)}
        found[name] = {"DataType": one["dataType"], **value}
    return found


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
