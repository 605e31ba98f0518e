"""Kinesis's event as types, for annotations. The law: key for key what `check` knows; a test compares them."""

from __future__ import annotations

from typing import Any, TypedDict

__all__ = ["KinesisEvent", "KinesisPayload", "KinesisRecord", "KinesisWindow"]


class KinesisPayload(TypedDict):
    """What was put: `data` in base64; `approximateArrivalTimestamp` is epoch seconds with milliseconds."""

    kinesisSchemaVersion: str
    partitionKey: str
    sequenceNumber: str
    data: str
    approximateArrivalTimestamp: float


class KinesisRecord(TypedDict):
    """One record of a stream."""

    kinesis: KinesisPayload
    eventSource: str
    eventVersion: str
    eventID: str
    eventName: str
    invokeIdentityArn: str
    awsRegion: str
    eventSourceARN: str


class KinesisWindow(TypedDict):
    """Start and end of a tumbling window, ISO 8601 to the second."""

    start: str
    end: str


class _EventAlways(TypedDict):
    Records: list[KinesisRecord]


class KinesisEvent(_EventAlways, total=False):
    """What Lambda hands to a function behind a stream; all but Records only with a tumbling window."""

    shardId: str
    eventSourceARN: str
    window: KinesisWindow
    state: dict[str, Any]
    isFinalInvokeForWindow: bool
    isWindowTerminatedEarly: bool
