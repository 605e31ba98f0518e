"""A collection and a database as tests see them: write documents as with pymongo, look at what is there and at the
change events. The law: it takes what a driver takes; everything that happens is the cluster's.

Clusters live in memory, because moto has no data plane for DocumentDB. Those of one harness are found by their ARN.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.document_cluster import Cluster
from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.document_filters import read_filter
from pytest_lambda_events.model.document_updates import read_update
from pytest_lambda_events.sources.documentdb.make import object_id_maker
from pytest_lambda_events.sources.documentdb.names import cluster_arn, collection_name
from pytest_lambda_events.sources.documentdb.results import InsertOneResult
from pytest_lambda_events.sources.documentdb.watched import Watched, refuse_unrecorded
from pytest_lambda_events.sources.documentdb.writing import Writer, as_operators, read_replacement, refuse_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_lambda_events.brokers.document_cluster import Collection, Database
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.change_event import ChangeEvent
    from pytest_lambda_events.model.change_making import Namespace
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.sources.documentdb.results import DeleteResult, InsertManyResult, UpdateResult

__all__ = ["DocumentDbClusters", "DocumentDbCollection", "DocumentDbDatabase"]

_RETENTIONS_S: Final = (3_600, 604_800)  # DocumentDB Developer Guide, "Using change streams": an hour to seven days


class DocumentDbClusters:
    """Every cluster of a harness. `region` and `account` are where they are, and their secrets."""

    def __init__(self, clock: Clock, ledger: Ledger, identifiers: Identifiers, *, region: str, account: str) -> None:
        self.clock = clock
        self.region = region
        self.account = account
        self._ledger = ledger
        self._identifiers = identifiers
        self._clusters: dict[str, Cluster] = {}
        self._new_id = object_id_maker(identifiers)

    def new_id(self, at_ms: int) -> dict[str, str]:
        """The ObjectId that a driver would make at a moment."""
        return self._new_id(at_ms // 1000)

    def collection(
        self, place: Namespace, cluster: str, *, change_stream: bool, retention_s: int | None
    ) -> DocumentDbCollection:
        """A collection, which need not be there yet. Errors: `UsageError`."""
        engine = self._cluster(cluster, retention_s).database(place.db).collection(place.coll)
        engine.is_recorded = change_stream
        return DocumentDbCollection(self, engine)

    def collection_names(self, database: str, cluster: str) -> list[str]:
        """The collections of a database that somebody asked for. Errors: `UsageError`."""
        return list(self._cluster(cluster, None).database(database).collections)

    def database(self, name: str, cluster: str, *, change_streams: bool, retention_s: int | None) -> DocumentDbDatabase:
        """A database, which need not be there yet. Errors: `UsageError`."""
        engine = self._cluster(cluster, retention_s).database(name)
        engine.is_recorded = change_streams
        return DocumentDbDatabase(self, engine)

    def _cluster(self, cluster: str, retention_s: int | None) -> Cluster:
        arn = cluster_arn(cluster, self.region, self.account)
        found = self._clusters.get(arn)
        if found is None:
            dice = self._identifiers.stream(f"token/{arn}")
            found = self._clusters[arn] = Cluster(arn, journal=self._ledger, dice=dice)
        if retention_s is not None:
            least, most = _RETENTIONS_S
            if type(retention_s) is not int or not least <= retention_s <= most:
                raise UsageError(
                    f"change_stream_log_retention_duration={retention_s!r}: a cluster keeps its changes for {least} to "
                    f"{most} seconds, an hour to seven days"
                )
            found.log.retention_ms = retention_s * 1000
        return found

    def mapped(
        self, arn: str | None, parameters: Mapping[str, Any]
    ) -> DocumentDbCollection | DocumentDbDatabase | None:
        """What CreateEventSourceMapping's parameters are about; None for what was not made here."""
        cluster = None if arn is None else self._clusters.get(arn)
        config = parameters.get("DocumentDBEventSourceConfig")
        if cluster is None or not isinstance(config, Mapping):
            return None
        database = cluster.databases.get(str(config.get("DatabaseName")))
        name = config.get("CollectionName")
        if database is None or name is None:
            return None if database is None else DocumentDbDatabase(self, database)
        collection = database.collections.get(str(name))
        return None if collection is None else DocumentDbCollection(self, collection)


class DocumentDbDatabase(Watched):
    """A database of a cluster, in memory. `name` is its name, `arn` the cluster's ARN."""

    def __init__(self, clusters: DocumentDbClusters, engine: Database) -> None:
        super().__init__(clusters.clock, engine.cluster, engine.stream)
        self._clusters = clusters
        self._engine = engine

    def fill_in(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateEventSourceMapping's parameters with those that this database knows. Errors: `UsageError`."""
        if not self._engine.is_recorded and not any(one.is_recorded for one in self._engine.collections.values()):
            refuse_unrecorded(self.name, "")
        return self._filled({"DatabaseName": self.name}, parameters)

    def collection(self, name: str) -> DocumentDbCollection:
        """A collection of it, which need not be there yet; `database["orders"]` is the same. Errors: `UsageError`."""
        return DocumentDbCollection(self._clusters, self._engine.collection(collection_name(name)))

    __getitem__ = collection

    def drop(self, *, at: float | None = None) -> list[ChangeEvent]:
        """Drop the database, now or at virtual second `at`; the records that came to be.

        A drop for each collection comes first, then dropDatabase. Errors: `UsageError`.
        """
        return self._do(self._engine.drop, self._moment(at))


class DocumentDbCollection(Watched):
    """A collection of a cluster, in memory. `name` is database.collection, `arn` the cluster's ARN.

    It is written as with pymongo, or with verbs that return the change events. Documents go in as Python's values,
    bson's, or extended JSON, and come out as extended JSON, the form that events have them in.
    """

    def __init__(self, clusters: DocumentDbClusters, engine: Collection) -> None:
        super().__init__(clusters.clock, engine.database.cluster, engine.stream)
        self._clusters = clusters
        self._engine = engine
        self._writer = Writer(engine, clusters.new_id)

    def fill_in(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateEventSourceMapping's parameters with those that this collection knows. Errors: `UsageError`."""
        place = self._engine.namespace
        if not self._engine.records_changes:
            refuse_unrecorded(place.db, place.coll)
        return self._filled({"DatabaseName": place.db, "CollectionName": place.coll}, parameters)

    @property
    def database(self) -> DocumentDbDatabase:
        """The database that it is in: a mapping of that gets the changes of all its collections."""
        return DocumentDbDatabase(self._clusters, self._engine.database)

    # -- verbs that return the records ------------------------------------------------------------------------------

    def insert(self, *documents: Any, at: float | None = None) -> list[ChangeEvent]:
        """Insert documents, now or at virtual second `at`; the records that came to be, in order.

        A document is a mapping, or JSON text of an object; it gets an ObjectId where it has no `_id`. Errors:
        `UsageError` for what MongoDB refuses; an `_id` that is taken stops there, and those before it are inserted.
        """
        at_ms = self._moment(at)
        ready = self._writer.ready(documents, self._now_ms() if at_ms is None else at_ms)
        return self._do(lambda moment_ms: self._writer.insert(ready, moment_ms).records, at_ms)

    def update(self, key: Any, changes: Mapping[str, Any], *, at: float | None = None) -> list[ChangeEvent]:
        """Update one document, now or at virtual second `at`; the records: none for a write that changes nothing.

        `key` is an `_id`, or a filter. `changes` are new values by dotted path, where `ABSENT` takes a field away, or
        the operators of an update (`{"$inc": {"total": 1}}`). Errors: `UsageError`, `NotSimulated`.
        """
        found, update = read_filter(key), read_update(as_operators(changes))
        return self._do(lambda moment_ms: self._writer.update(found, update, moment_ms).records, self._moment(at))

    def replace(self, key: Any, document: Any, *, at: float | None = None) -> list[ChangeEvent]:
        """Replace one document, now or at virtual second `at`; the records. `key` is an `_id`, or a filter.

        Errors: `UsageError`, `NotSimulated`.
        """
        found, replacement = read_filter(key), read_replacement(document)
        return self._do(lambda moment_ms: self._writer.replace(found, replacement, moment_ms).records, self._moment(at))

    def delete(self, key: Any, *, at: float | None = None) -> list[ChangeEvent]:
        """Delete one document, now or at virtual second `at`; the records. `key` is an `_id`, or a filter.

        Errors: `UsageError`, `NotSimulated`.
        """
        found = read_filter(key)
        return self._do(lambda moment_ms: self._writer.delete(found, moment_ms).records, self._moment(at))

    def restore(
        self, identifier: Any, document: Any, *, only_if_missing: bool = False, at: float | None = None
    ) -> None:
        """Let the document with this `_id` be what it was before the story begins (None: not there), now or at `at`.

        No stream has an event of it. With `only_if_missing` a document that is there stays as it is. Errors: as
        `insert`.
        """
        at_ms = self._moment(at)
        (key,) = self._writer.ready([{"_id": identifier}], 0)
        ready = None if document is None else self._writer.ready([document], 0)[0]

        def restored(_moment_ms: int) -> list[ChangeEvent]:
            self._engine.restore(key["_id"], ready, only_if_missing=only_if_missing)
            return []

        self._do(restored, at_ms)

    def drop(self, *, at: float | None = None) -> list[ChangeEvent]:
        """Drop the collection, now or at virtual second `at`; the records: a drop, and an invalidate in its stream."""
        return self._do(self._engine.drop, self._moment(at))

    def rename(self, new_name: str, *, at: float | None = None, **options: Any) -> list[ChangeEvent]:
        """Give the collection another name in its database, now or at virtual second `at`; the records.

        Errors: `UsageError` without documents, and for a name that is taken.
        """
        refuse_options("rename", options)
        name = collection_name(new_name)
        return self._do(lambda moment_ms: self._engine.rename(name, moment_ms), self._moment(at))

    # -- as with pymongo --------------------------------------------------------------------------------------------

    def insert_one(self, document: Any, **options: Any) -> InsertOneResult:
        """Insert a document, which gets its `_id` as with pymongo. Errors: `UsageError`, `NotSimulated`."""
        made = self.insert_many([document], **options)
        return InsertOneResult(inserted_id=made.inserted_ids[0], records=made.records)

    def insert_many(self, documents: Iterable[Any], *, ordered: bool = True, **options: Any) -> InsertManyResult:
        """Insert documents, in order. Errors: as `insert`; `NotSimulated` for options."""
        refuse_options("insert_many", {**options, "ordered": None if ordered else ordered})
        given, now_ms = list(documents), self._now_ms()
        ready = self._writer.ready(given, now_ms)
        for document, made in zip(given, ready, strict=True):
            if isinstance(document, MutableMapping):
                document.setdefault("_id", copy.deepcopy(made["_id"]))
        return self._writer.insert(ready, now_ms)

    def update_one(self, filter: Any, update: Any, *, upsert: bool = False, **options: Any) -> UpdateResult:  # noqa: A002 - pymongo's name
        """Update the first document that is found. Errors: `UsageError`, `NotSimulated`."""
        refuse_options("update_one", options)
        return self._writer.update(read_filter(filter), read_update(update), self._now_ms(), upsert=upsert)

    def update_many(self, filter: Any, update: Any, *, upsert: bool = False, **options: Any) -> UpdateResult:  # noqa: A002
        """Update every document that is found. Errors: `UsageError`, `NotSimulated`."""
        refuse_options("update_many", options)
        return self._writer.update(read_filter(filter), read_update(update), self._now_ms(), most=None, upsert=upsert)

    def replace_one(self, filter: Any, replacement: Any, *, upsert: bool = False, **options: Any) -> UpdateResult:  # noqa: A002
        """Replace the first document that is found. Errors: `UsageError`, `NotSimulated`."""
        refuse_options("replace_one", options)
        return self._writer.replace(read_filter(filter), read_replacement(replacement), self._now_ms(), upsert=upsert)

    def delete_one(self, filter: Any, **options: Any) -> DeleteResult:  # noqa: A002
        """Delete the first document that is found. Errors: `UsageError`, `NotSimulated`."""
        refuse_options("delete_one", options)
        return self._writer.delete(read_filter(filter), self._now_ms())

    def delete_many(self, filter: Any, **options: Any) -> DeleteResult:  # noqa: A002
        """Delete every document that is found. Errors: `UsageError`, `NotSimulated`."""
        refuse_options("delete_many", options)
        return self._writer.delete(read_filter(filter), self._now_ms(), most=None)

    def find(self, filter: Any = None, *arguments: Any, **options: Any) -> list[dict[str, Any]]:  # noqa: A002
        """The documents that are found, in the order in which they came, as copies in extended JSON.

        Errors: `UsageError`, `NotSimulated` (projections, sorting, limits: a list has all that).
        """
        refuse_options("find", {**options, "projection": arguments or None})
        self._now_ms()
        return copy.deepcopy(self._engine.documents.find(read_filter(filter)))

    def find_one(self, filter: Any = None, *arguments: Any, **options: Any) -> dict[str, Any] | None:  # noqa: A002
        """The first document that is found, as `find`; None without one."""
        found = self.find(filter, *arguments, **options)
        return found[0] if found else None

    def count_documents(self, filter: Any, **options: Any) -> int:  # noqa: A002
        """How many documents are found."""
        return len(self.find(filter, **options))

    def __getattr__(self, name: str) -> Any:
        instead = _LEFT_OUT.get(name)
        if instead is not None:
            raise NotSimulated(f"{name} is not simulated: {instead}")
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")


_LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("find_one_and_update", "find_one_and_replace", "find_one_and_delete"),
            "find_one, and then update_one, replace_one or delete_one, do the same here, where nobody else writes",
        ),
        "bulk_write": "call insert_one, update_one and so on one by one",
        **dict.fromkeys(("aggregate", "distinct", "estimated_document_count"), "work on the list that find returns"),
        "watch": "map the collection with event_source_mapping, or read its records",
        **dict.fromkeys(
            ("create_index", "create_indexes", "drop_index", "drop_indexes", "list_indexes", "index_information"),
            "there are no indexes but that of _id, so nothing else is unique",
        ),
    }
)
"""Methods of pymongo's Collection that people will look for, and what to do instead."""
