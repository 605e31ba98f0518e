"""What is private in an SQS event, and what follows from it. The law: whatever SQS computes is computed again."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.looking import text_at, value_at
from pytest_lambda_events.model.messages import content_deduplication_id, md5_of_body
from pytest_lambda_events.model.redaction import SourceRedaction, base64_data, plain_text
from pytest_lambda_events.sources.sqs.check import sum_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["REDACTION"]

_RECORD: Final = "Records[*]"
_ATTRIBUTES: Final = "Records[*].attributes"
_ATTRIBUTE: Final = "Records[*].messageAttributes[*]"


def _make_true(before: Any, after: Any) -> None:
    """The sums of what changed, and a deduplication id that was made of the body."""
    for old, new in _records(before, after):
        body, changed = text_at(old, "body"), text_at(new, "body")
        if changed is not None and body != changed:
            new["md5OfBody"] = md5_of_body(changed)
            identity = text_at(old, "attributes", "MessageDeduplicationId")
            if body is not None and identity == content_deduplication_id(body):
                new["attributes"]["MessageDeduplicationId"] = content_deduplication_id(changed)
        attributes = new.get("messageAttributes")
        if attributes and attributes != old["messageAttributes"] and text_at(new, "md5OfMessageAttributes") is not None:
            with contextlib.suppress(KeyError, TypeError, AttributeError):  # attributes that SQS would not send
                new["md5OfMessageAttributes"] = sum_of(attributes)


def _records(before: Any, after: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    old, new = value_at(before, "Records"), value_at(after, "Records")
    if isinstance(old, list) and isinstance(new, list):
        yield from ((one, other) for one, other in zip(old, new, strict=True) if isinstance(one, dict))


REDACTION: Final = SourceRedaction(
    identifiers={
        f"{_RECORD}.receiptHandle": "handle",
        f"{_ATTRIBUTES}.SenderId": "principal",
        f"{_ATTRIBUTES}.AWSTraceHeader": "trace",
    },
    payloads={
        f"{_RECORD}.body": plain_text,
        f"{_ATTRIBUTES}.MessageGroupId": plain_text,
        f"{_ATTRIBUTES}.MessageDeduplicationId": plain_text,
        f"{_ATTRIBUTE}.stringValue": plain_text,
        f"{_ATTRIBUTE}.binaryValue": base64_data,
    },
    make_true=_make_true,
)
