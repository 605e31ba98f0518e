"""A collection, or a database, of a real server as tests see it. The law: writes are the server's, and what they return
are the changes that its change stream then shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.live.change_stream import LiveChangeStream
from pytest_lambda_events.brokers.live.patience import ASK_MS
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.model.extended_json_forms import is_form
from pytest_lambda_events.sources.documentdb.names import cluster_arn, collection_name, database_name, namespace
from pytest_lambda_events.sources.documentdb.watched import filled_in
from pytest_lambda_events.sources.documentdb.writing import as_operators, read_replacement

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.brokers.live.mongodb import MongoConnection
    from pytest_lambda_events.brokers.live.parts import LiveParts
    from pytest_lambda_events.brokers.live.patience import Patience
    from pytest_lambda_events.model.change_event import ChangeEvent

__all__ = ["LiveDocumentDbCollection"]

_WITH_INVALIDATE: Final = 2


class LiveDocumentDbCollection:
    """A collection (`shop.orders`), or a database (`shop`), of a real server, and its changes from now on.

    Errors of everything that asks the server: `NotConnected`. `arn` is that of a DocumentDB cluster: `cluster` as an
    ARN, or one that is made up for that name; a MongoDB server has none. `collection` is pymongo's, for all that has no
    verb here (None for a database).
    """

    def __init__(
        self,
        name: str,
        parts: LiveParts,
        connection: MongoConnection,
        *,
        cluster: str,
        resume_after: str | None,
        start_at_s: int | None,
        seconds: float,
    ) -> None:
        if "." in name:
            place = namespace(name, "name")
            self._place = {"DatabaseName": place.db, "CollectionName": place.coll}
        else:
            self._place = {"DatabaseName": database_name(name)}
        self.name = name
        self.arn = cluster_arn(cluster, parts.region, parts.account)
        self._parts = parts
        self._connection = connection
        self._seconds = seconds
        self.engine = LiveChangeStream(
            connection,
            name,
            self.arn,
            patience=parts.patience,
            journal=parts.ledger,
            now_ms=lambda: parts.clock.now_ms,
            resume_after=resume_after,
            start_at_s=start_at_s,
        )
        database = connection.client[self._place["DatabaseName"]]
        self.collection = database[self._place["CollectionName"]] if "CollectionName" in self._place else None

    # -- what a mapping needs to know -------------------------------------------------------------------------------

    kind = "documentdb"
    visibility_ms = None

    @property
    def live_in(self) -> Patience:
        """Tells the sources of one live harness from those of another."""
        return self._parts.patience

    @property
    def mapped_arn(self) -> str:
        """EventSourceArn of its mappings: the cluster's."""
        return self.arn

    def settle(self, now_ms: int) -> None:
        """What falls due in a real server happens there; pollers ask it themselves."""

    def look_up(self, record: ChangeEvent) -> str:
        """A change's text as UpdateLookup gives it: with the document that the server looked up for an update."""
        return self.engine.looked_up.get(record.id, record.text)

    def fill_in(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateEventSourceMapping's parameters with those that it knows. Errors: `UsageError`."""
        return filled_in(self.arn, self.name, self._place, parameters)

    # -- changes ----------------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[ChangeEvent]:
        """Every change that came since this object was made, in order."""
        self.engine.settle(self._parts.clock.now_ms)
        return self.engine.records

    def insert(self, *documents: Any) -> list[ChangeEvent]:
        """Insert documents; the changes that the server then shows. Errors: `NotConnected`, as for a taken `_id`."""
        ready = [self._connection.native(one) for one in documents]
        return self._write("insert", lambda to: len([to.insert_one(one) for one in ready]))

    def update(self, key: Any, changes: Mapping[str, Any]) -> list[ChangeEvent]:
        """Update one document; the changes: none for a write that changes nothing.

        `key` is an `_id`, or a filter; `changes` as for `DocumentDbCollection.update`.
        """
        operators = self._connection.native(as_operators(changes))
        return self._write("update", lambda to: int(to.update_one(self._filter(key), operators).modified_count))

    def replace(self, key: Any, document: Any) -> list[ChangeEvent]:
        """Replace one document; the changes."""
        replacement = self._connection.native(read_replacement(document))
        return self._write("replace", lambda to: int(to.replace_one(self._filter(key), replacement).modified_count))

    def delete(self, key: Any) -> list[ChangeEvent]:
        """Delete one document; the changes."""
        return self._write("delete", lambda to: int(to.delete_one(self._filter(key)).deleted_count))

    def drop(self) -> list[ChangeEvent]:
        """Drop the collection; the changes: a drop, and an invalidate; none when there is no collection."""
        # only the answer about a collection that was there counts its indexes
        return self._write(
            "drop", lambda to: _WITH_INVALIDATE if "nIndexesWas" in to.database.drop_collection(to.name) else 0
        )

    def rename(self, new_name: str) -> list[ChangeEvent]:
        """Give the collection another name in its database; the changes: a rename, and an invalidate."""
        name = collection_name(new_name)
        return self._write("rename", lambda to: _WITH_INVALIDATE if to.rename(name) else 0)

    def _filter(self, key: Any) -> Any:
        is_filter = isinstance(key, Mapping) and not is_form(key)
        return self._connection.native(key if is_filter else {"_id": key})

    def _write(self, operation: str, write: Callable[[Any], int]) -> list[ChangeEvent]:
        """Write, and wait until the stream shows as many changes as `write` says that it made."""
        if self.collection is None:
            raise UsageError(f"{self.name} is a database: write into one of its collections")
        clock = self._parts.clock
        self.engine.settle(clock.now_ms)
        before = len(self.engine.records)
        with self._connection.asking(f"{operation} in {self.name}"):
            expected = write(self.collection)
        deadline_ms = clock.now_ms + int(self._seconds * 1000)
        while True:
            self.engine.settle(clock.now_ms)
            kinds = (operation, "invalidate")
            made = [one for one in self.engine.records[before:] if one.change["operationType"] in kinds]
            if len(made) >= expected:
                return made[:expected]
            if clock.now_ms > deadline_ms:
                raise NotConnected(
                    f"MongoDB at {self._connection.address} did the {operation} in {self.name}, and its change stream "
                    f"did not show it within {self._seconds:g} s: {len(made)} of {expected} changes came"
                )
            clock.jump_to(clock.now_ms + ASK_MS)

    def close(self) -> None:
        """Leave."""
        self.engine.close()
        self._connection.close()

    def __repr__(self) -> str:
        return f"<LiveDocumentDbCollection {self.name} at {self._connection.address}>"
