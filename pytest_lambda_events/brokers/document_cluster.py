"""A cluster of databases and collections that writes down its changes. The law: pure; a write happens at its moment,
and its event is in the streams that are about it before the call returns.

Which streams show what, MongoDB Manual, "Change Events", and MongoDB's specification of change streams: a collection's
stream has its inserts, updates, replaces, deletes, and its drop or rename with an invalidate behind it; a database's
stream has those of all its collections without the invalidates, and its own dropDatabase with one. A rename is in the
streams of both names. What a stream shows after an invalidate is what is written then: a stream is never closed here.

Changes are written down where that was asked for (DocumentDB's modifyChangeStreams), by collection or by database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.change_log import ChangeLog
from pytest_lambda_events.brokers.documents import Documents
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.change_making import Namespace, make_change

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.brokers.change_log import ChangeStream
    from pytest_lambda_events.brokers.documents import Written
    from pytest_lambda_events.brokers.shard_stream import StreamJournal
    from pytest_lambda_events.model.change_event import ChangeEvent
    from pytest_lambda_events.model.change_making import Changes
    from pytest_lambda_events.model.document_updates import Update

__all__ = ["Cluster", "Collection", "Database"]


class Collection:
    """A collection: its documents, its stream, and whether its changes are written down by its own wish."""

    def __init__(self, database: Database, name: str) -> None:
        self.database = database
        self.namespace = Namespace(db=database.name, coll=name)
        self.documents = Documents(str(self.namespace))
        self.stream = database.cluster.log.watch(str(self.namespace))
        self.is_there = False  # a collection comes to be with its first document, and goes with a drop
        self.is_recorded = False

    @property
    def records_changes(self) -> bool:
        """Whether its changes are written down."""
        return self.is_recorded or self.database.is_recorded

    # -- documents --------------------------------------------------------------------------------------------------

    def insert(self, document: dict[str, Any], at_ms: int) -> list[ChangeEvent]:
        """Put a document; the events. Errors: `UsageError`."""
        written = self.documents.insert(document)
        self.is_there = True
        return self._note(written, at_ms)

    def update(self, document: Mapping[str, Any], update: Update, at_ms: int) -> tuple[bool, list[ChangeEvent]]:
        """Update a document that is there; whether that changed it, and the events. Errors: `UsageError`."""
        written = self.documents.update(document, update, at_ms)
        return written is not None, self._note(written, at_ms)

    def replace(
        self, document: Mapping[str, Any], replacement: Mapping[str, Any], at_ms: int
    ) -> tuple[bool, list[ChangeEvent]]:
        """Replace a document that is there; whether that changed it, and the events. Errors: `UsageError`."""
        written = self.documents.replace(document, replacement)
        return written is not None, self._note(written, at_ms)

    def delete(self, document: Mapping[str, Any], at_ms: int) -> list[ChangeEvent]:
        """Delete a document that is there; the events."""
        return self._note(self.documents.delete(document), at_ms)

    def restore(self, identifier: Any, document: dict[str, Any] | None, *, only_if_missing: bool) -> None:
        """Let a document be this, None standing for none, as if it had been so before: no stream has an event of it."""
        there = self.documents.with_id(identifier)
        if there is not None and only_if_missing:
            return
        if there is not None:
            self.documents.delete(there)
        if document is not None:
            self.documents.insert(document)
            self.is_there = True

    def _note(self, written: Written | None, at_ms: int) -> list[ChangeEvent]:
        if written is None:
            return []
        return self.write(
            written.operation,
            [self.stream, self.database.stream],
            at_ms,
            document=written.document,
            changes=written.changes,
        )

    # -- the collection itself --------------------------------------------------------------------------------------

    def drop(self, at_ms: int) -> list[ChangeEvent]:
        """Take away the collection with its documents; the events, none when there is no collection."""
        if not self.is_there:
            return []
        self._empty()
        events = self.write("drop", [self.stream, self.database.stream], at_ms)
        return events + self.write("invalidate", [self.stream], at_ms)

    def rename(self, name: str, at_ms: int) -> list[ChangeEvent]:
        """Give the documents to a collection of another name; the events. Errors: `UsageError`."""
        target = self.database.collection(name)
        if not self.is_there:
            raise UsageError(
                f"source namespace does not exist: {self.namespace} has no documents, and is no collection"
            )
        if target is self or target.is_there:
            raise UsageError(
                f"target namespace exists: {target.namespace}; drop it first (renaming onto it with dropTarget is not "
                "simulated)"
            )
        documents = self.documents.all()
        self._empty()
        for document in documents:
            target.documents.insert(document)
        target.is_there = True
        streams = [self.stream, target.stream, self.database.stream]
        events = self.write("rename", streams, at_ms, to=target.namespace)
        for stream in (self.stream, target.stream):
            events += self.write("invalidate", [stream], at_ms)
        return events

    def _empty(self) -> None:
        self.documents = Documents(str(self.namespace))
        self.is_there = False

    def write(
        self,
        operation: str,
        streams: Sequence[ChangeStream],
        at_ms: int,
        *,
        document: Mapping[str, Any] | None = None,
        changes: Changes | None = None,
        to: Namespace | None = None,
    ) -> list[ChangeEvent]:
        """The event of something that happened, if changes are written down."""
        if not self.records_changes:
            return []

        def make(token: Any) -> ChangeEvent:
            return make_change(
                operation, token=token, namespace=self.namespace, document=document, changes=changes, to=to, at_ms=at_ms
            )

        return [self.database.cluster.log.write(make, streams, at_ms)]


class Database:
    """A database: its collections by name, and a stream of all of them."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self.stream = cluster.log.watch(name)
        self.is_recorded = False
        self.collections: dict[str, Collection] = {}

    def collection(self, name: str) -> Collection:
        """The collection of this name, which need not have documents."""
        found = self.collections.get(name)
        if found is None:
            found = self.collections[name] = Collection(self, name)
        return found

    def drop(self, at_ms: int) -> list[ChangeEvent]:
        """Take away the database with its collections; the events, none when it has no collections."""
        there = [one for one in self.collections.values() if one.is_there]
        events = [event for one in there for event in one.drop(at_ms)]
        if events:  # written down for one of its collections at least
            nameless = there[0] if self.is_recorded else next(one for one in there if one.records_changes)
            events += nameless.write("dropDatabase", [self.stream], at_ms)
            events += nameless.write("invalidate", [self.stream], at_ms)
        return events


class Cluster:
    """A cluster by its ARN: databases by name, and one log of changes."""

    def __init__(self, arn: str, *, journal: StreamJournal, dice: random.Random) -> None:
        self.arn = arn
        self.log = ChangeLog(arn, journal=journal, dice=dice)
        self.databases: dict[str, Database] = {}

    def database(self, name: str) -> Database:
        """The database of this name, which need not have collections."""
        found = self.databases.get(name)
        if found is None:
            found = self.databases[name] = Database(self, name)
        return found
