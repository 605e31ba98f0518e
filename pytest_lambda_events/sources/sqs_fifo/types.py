"""The event of a FIFO queue as types, for annotations. The law: those of `sqs`, and what a FIFO queue adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.sources.sqs.types import SqsMessageAttribute

__all__ = ["SqsFifoAttributes", "SqsFifoEvent", "SqsFifoRecord"]


class _AttributesAlways(TypedDict):
    ApproximateReceiveCount: str
    SentTimestamp: str
    SequenceNumber: str
    MessageGroupId: str
    SenderId: str
    MessageDeduplicationId: str
    ApproximateFirstReceiveTimestamp: str


class SqsFifoAttributes(_AttributesAlways, total=False):
    """The system attributes; times are epoch milliseconds as text."""

    AWSTraceHeader: str
    DeadLetterQueueSourceArn: str


class _RecordAlways(TypedDict):
    messageId: str
    receiptHandle: str
    body: str
    attributes: SqsFifoAttributes
    messageAttributes: Mapping[str, SqsMessageAttribute]
    md5OfBody: str
    eventSource: str
    eventSourceARN: str
    awsRegion: str


class SqsFifoRecord(_RecordAlways, total=False):
    """One message of a FIFO queue."""

    md5OfMessageAttributes: str | None


class SqsFifoEvent(TypedDict):
    """What Lambda hands to a function behind a FIFO queue."""

    Records: list[SqsFifoRecord]
