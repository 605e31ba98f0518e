"""DocumentDB's event as types, for annotations. The law: key for key what `check` knows; a test compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DocumentDbChange",
    "DocumentDbClusterTime",
    "DocumentDbEntry",
    "DocumentDbEvent",
    "DocumentDbNamespace",
    "DocumentDbResumeToken",
    "DocumentDbTimestamp",
    "DocumentDbUpdateDescription",
]


class DocumentDbResumeToken(TypedDict):
    """Where in the change stream the change is."""

    _data: str


class DocumentDbTimestamp(TypedDict):
    """A second since 1970, and a number within it."""

    t: int
    i: int


DocumentDbClusterTime = TypedDict("DocumentDbClusterTime", {"$timestamp": DocumentDbTimestamp})
"""When the write was made."""


class _NamespaceAlways(TypedDict):
    db: str


class DocumentDbNamespace(_NamespaceAlways, total=False):
    """A database and its collection; a dropDatabase has no collection."""

    coll: str


class DocumentDbUpdateDescription(TypedDict):
    """What an update changed, by dotted path."""

    removedFields: list[str]
    updatedFields: Mapping[str, Any]


class _ChangeAlways(TypedDict):
    _id: DocumentDbResumeToken
    clusterTime: DocumentDbClusterTime
    operationType: str


class DocumentDbChange(_ChangeAlways, total=False):
    """One change event; which keys it has depends on operationType. Documents are in extended JSON."""

    documentKey: Mapping[str, Any]
    fullDocument: Mapping[str, Any] | None
    ns: DocumentDbNamespace
    to: DocumentDbNamespace
    updateDescription: DocumentDbUpdateDescription


class DocumentDbEntry(TypedDict):
    """What stands in the list of events."""

    event: DocumentDbChange


class DocumentDbEvent(TypedDict):
    """What Lambda hands to a function behind a DocumentDB cluster."""

    eventSourceArn: str
    events: list[DocumentDbEntry]
    eventSource: str
