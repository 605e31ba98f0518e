"""What the SQS extended client leaves in a queue when the payload is too large: a pointer to it in S3. The law: byte
for byte what the client's language writes.

Rules: amazon-sqs-java-extended-client-lib and its Python counterpart; captures.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from pytest_lambda_events.building import compact
from pytest_lambda_events.envelopes.s3_bucket import check_names
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import DeliveredText, aside_of
from pytest_lambda_events.model.messages import attributes_from
from pytest_lambda_events.model.records import utf8_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Flavour", "extended_client"]

Flavour = Literal["java", "python"]
"""Whose JSON it is: Java's without blanks, or Python's json.dumps with them."""

_WRITERS: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType({"java": compact, "python": json.dumps})
_POINTER: Final = ("software.amazon.payloadoffloading.PayloadS3Pointer", "ExtendedPayloadSize")
_LEGACY_POINTER: Final = ("com.amazon.sqs.javamessaging.MessageS3Pointer", "SQSLargePayloadSize")
_MOST_ATTRIBUTES: Final = 9  # SQS takes ten, and the size is one
_JUST_TOO_LARGE: Final = 262_145  # one byte more than a message could have when the client was written


def extended_client(
    bucket: str,
    key: str | None = None,
    *,
    content: Any = None,
    size: int | None = None,
    message_attributes: Mapping[str, Any] | None = None,
    legacy: bool = False,
    flavour: Flavour = "java",
    seed: int = 0,
) -> DeliveredText:
    """A pointer to a payload in S3, as the SQS extended client sends it, with the attribute that says its size.

    Args:
        bucket: The bucket that holds the payload.
        key: Its key, a UUID when left out.
        content: The payload itself, to derive the size from; put it into the bucket as your producer would.
        size: The payload's size in bytes, when there is no content.
        message_attributes: The producer's own: plain values (str, number, bytes), or the API's form with DataType.
        legacy: The form of version 1 of the Java client (`SQSLargePayloadSize`).
        flavour: Whose JSON it is: `java` or `python`.
        seed: Fixes the key.

    Errors: `UsageError` for a size beside a content or below 1, a name that S3 would not take, more than nine message
    attributes, and one with the name that the client uses itself.
    """
    if flavour not in _WRITERS:
        raise UsageError(f"flavour={flavour!r}: it is java or python")
    given = aside_of(content).get("message_attributes") if message_attributes is None else message_attributes
    attributes = attributes_from(given or {})
    if content is not None:
        if size is not None:
            raise UsageError("content= says the size; leave size= out, or the content")
        size = len(utf8_text(content).encode("utf-8"))
    elif size is None:
        size = _JUST_TOO_LARGE
    if size < 1:
        raise UsageError(f"size={size}: the payload that was too large has at least one byte")
    if key is None:
        key = Identifiers(seed).uuid4(f"extended-client/{bucket}/{size}")
    check_names(bucket, key)
    pointer, reserved = _LEGACY_POINTER if legacy else _POINTER
    if reserved in attributes:
        raise UsageError(f"message_attributes: {reserved!r} is the client's own attribute, and says {size} already")
    if len(attributes) > _MOST_ATTRIBUTES:
        raise UsageError(
            f"{len(attributes)} message attributes: with {reserved} that is more than SQS takes; the client accepts "
            f"{_MOST_ATTRIBUTES}"
        )
    attributes[reserved] = {"DataType": "Number", "StringValue": str(size)}
    body = _WRITERS[flavour]([pointer, {"s3BucketName": bucket, "s3Key": key}])
    return DeliveredText(body, message_attributes=attributes)
