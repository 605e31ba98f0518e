"""SQS's event as types, for annotations. The law: key for key what `check` knows; a test compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SqsAttributes", "SqsEvent", "SqsMessageAttribute", "SqsRecord"]


class _MessageAttributeAlways(TypedDict):
    stringListValues: list[str]
    binaryListValues: list[str]
    dataType: str


class SqsMessageAttribute(_MessageAttributeAlways, total=False):
    """One message attribute: `stringValue`, or `binaryValue` in base64; the lists are always empty."""

    stringValue: str
    binaryValue: str


class _AttributesAlways(TypedDict):
    ApproximateReceiveCount: str
    SentTimestamp: str
    SenderId: str
    ApproximateFirstReceiveTimestamp: str


class SqsAttributes(_AttributesAlways, total=False):
    """The system attributes; times are epoch milliseconds as text."""

    AWSTraceHeader: str
    DeadLetterQueueSourceArn: str
    MessageGroupId: str


class _RecordAlways(TypedDict):
    messageId: str
    receiptHandle: str
    body: str
    attributes: SqsAttributes
    messageAttributes: Mapping[str, SqsMessageAttribute]
    md5OfBody: str
    eventSource: str
    eventSourceARN: str
    awsRegion: str


class SqsRecord(_RecordAlways, total=False):
    """One message of a standard queue."""

    md5OfMessageAttributes: str | None


class SqsEvent(TypedDict):
    """What Lambda hands to a function behind a standard queue."""

    Records: list[SqsRecord]
