"""DynamoDB Streams' event as types, for annotations. The law: key for key what `check` knows; a test compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DynamoDbAttributeValue",
    "DynamoDbChange",
    "DynamoDbEvent",
    "DynamoDbRecord",
    "DynamoDbUserIdentity",
    "DynamoDbWindow",
]


class DynamoDbAttributeValue(TypedDict, total=False):
    """One typed value: exactly one of the keys. `N` is a number as text, `B` base64."""

    S: str
    N: str
    B: str
    BOOL: bool
    NULL: bool
    SS: list[str]
    NS: list[str]
    BS: list[str]
    L: list[DynamoDbAttributeValue]
    M: Mapping[str, DynamoDbAttributeValue]


class _ChangeAlways(TypedDict):
    ApproximateCreationDateTime: float
    Keys: Mapping[str, DynamoDbAttributeValue]
    SequenceNumber: str
    SizeBytes: int
    StreamViewType: str


class DynamoDbChange(_ChangeAlways, total=False):
    """The change: keys, and the images that the stream's view type lets through. Times are epoch seconds."""

    NewImage: Mapping[str, DynamoDbAttributeValue]
    OldImage: Mapping[str, DynamoDbAttributeValue]


class DynamoDbUserIdentity(TypedDict):
    """DynamoDB itself, on what time to live removed."""

    principalId: str
    type: str


class _RecordAlways(TypedDict):
    eventID: str
    eventName: str
    eventVersion: str
    eventSource: str
    awsRegion: str
    dynamodb: DynamoDbChange
    eventSourceARN: str


class DynamoDbRecord(_RecordAlways, total=False):
    """One record of a stream."""

    userIdentity: DynamoDbUserIdentity


class DynamoDbWindow(TypedDict):
    """Start and end of a tumbling window, such as `2025-01-01T00:00:30Z`."""

    start: str
    end: str


class _EventAlways(TypedDict):
    Records: list[DynamoDbRecord]


class DynamoDbEvent(_EventAlways, total=False):
    """What Lambda hands to a function behind a stream; all but Records only with a tumbling window."""

    shardId: str
    eventSourceARN: str
    window: DynamoDbWindow
    state: dict[str, Any]
    isFinalInvokeForWindow: bool
    isWindowTerminatedEarly: bool
