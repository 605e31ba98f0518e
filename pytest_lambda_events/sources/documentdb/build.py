"""DocumentDB events without a poller. The law: only changes that a stream could emit, in an order it could have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from pytest_lambda_events.building import ACCOUNT, REGION, each, finished, moment_ms, payloads_of
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.change_event import OPERATIONS
from pytest_lambda_events.model.change_making import make_change
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.resume_tokens import ResumeToken
from pytest_lambda_events.sources.documentdb.event import DocumentDbEventShape
from pytest_lambda_events.sources.documentdb.make import changes_from, document_from, object_id_maker
from pytest_lambda_events.sources.documentdb.names import cluster_arn, namespace

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.model.change_making import Changes, Namespace

__all__ = ["FullDocument", "Operation", "documentdb_event"]

Operation = Literal["insert", "update", "replace", "delete", "drop", "rename", "dropDatabase", "invalidate"]
"""What a change event is about."""

FullDocument = Literal["Default", "UpdateLookup"]
"""Whether updates carry the whole document, with the names of CreateEventSourceMapping."""

_FULL_DOCUMENT: Final = ("Default", "UpdateLookup")
_LARGEST_FIRST: Final = 10  # captures have 2, 9 and 10 as the number within a second


def documentdb_event(
    *documents: Any,
    collection: str | Callable[[int], str] = "shop.orders",
    cluster: str = "orders",
    region: str = REGION,
    account: str = ACCOUNT,
    count: int | None = None,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    operation: Operation | Callable[[int], str] = "insert",
    changes: Mapping[str, Any] | Callable[[int], Mapping[str, Any] | None] | None = None,
    removed: Sequence[str] | Callable[[int], Sequence[str] | None] | None = None,
    to: str | Callable[[int], str | None] | None = None,
    FullDocument: FullDocument = "Default",
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """A DocumentDB event of one change for each document, as Lambda hands it to a function.

    Args:
        documents: The documents: dicts or JSON text; of update and delete also the _id alone; users when none is given.
        collection: The collection as database.collection, all in one database.
        cluster: The cluster's name or ARN (an ARN says region and account, too).
        region: The cluster's region.
        account: The cluster's account, 12 digits.
        count: How often to repeat a single document, or how many users to make when no document is given.
        seed: Fixes every id: same seed, same event.
        time: When the writes were made, ISO 8601 or a datetime; the virtual present when a harness is active.
        operation: insert, update, replace, delete, drop, rename, dropDatabase or invalidate.
        changes: Of an update: new values by field (`address.city`); the value `ABSENT` removes a field.
        removed: Of an update: the fields that it removes.
        to: Of a rename: the new name as database.collection.
        FullDocument: UpdateLookup gives updates the whole document, as it is after them.
        overrides: What to put at which path when all is derived, e.g. `{"events[0].event.ns.coll": "users"}`.

    An argument of the records may be a function of the record's number (from 0) instead of one value for all; `None`
    stands for the document of a change that has none. Errors: `UsageError`, also for what MongoDB refuses.
    """
    if FullDocument not in _FULL_DOCUMENT:
        near = nearest(str(FullDocument), _FULL_DOCUMENT)
        raise UsageError(f"FullDocument={FullDocument!r}{near}: it is Default or UpdateLookup")
    identifiers = Identifiers(seed)
    seconds = moment_ms(time) // 1000
    shape = DocumentDbEventShape(cluster_arn(cluster, region, account))
    payloads = payloads_of(documents, count, kind="user", identifiers=identifiers)
    tokens = identifiers.stream("token")
    first = tokens.randint(1, _LARGEST_FIRST)
    new_id = partial(object_id_maker(identifiers), seconds)
    history = _History()
    texts = []
    for number, payload in enumerate(payloads):
        write = _write(
            each(operation, number),
            collection=each(collection, number),
            changes=each(changes, number),
            removed=each(removed, number),
            to=each(to, number),
        )
        document = None
        if "documentKey" in OPERATIONS[write.operation]:
            document = document_from(payload, new_id=new_id, whole="fullDocument" in OPERATIONS[write.operation])
        elif documents and count is None and payload is not None:
            raise UsageError(f"operation={write.operation!r} is of no document: give None in its place, or count= only")
        history.add(write, document)
        change = make_change(
            write.operation,
            token=ResumeToken(seconds=seconds, increment=first + number, rest=tokens.getrandbits(16)),
            namespace=write.namespace,
            document=document,
            changes=write.changes,
            look_up=FullDocument == "UpdateLookup",
            to=write.to,
        )
        texts.append(shape.record_text(change))
    event: dict[str, Any] = json.loads(shape.event_text(texts))
    return finished(event, overrides)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    """What is written, with arguments that fit its operation."""

    operation: str
    namespace: Namespace
    changes: Changes | None
    to: Namespace | None


def _write(
    operation: Any,
    *,
    collection: str,
    changes: Mapping[str, Any] | None,
    removed: Sequence[str] | None,
    to: str | None,
) -> _Write:
    """Errors: `UsageError` for an operation that there is not, and for arguments of another one."""
    if operation not in OPERATIONS:
        near = nearest(str(operation), OPERATIONS)
        raise UsageError(f"operation={operation!r}{near}: it is one of {', '.join(OPERATIONS)}")
    place = namespace(collection, "collection")
    if operation != "update" and not (changes is None and removed is None):
        raise UsageError(f"changes= and removed= are of an update, and operation={operation!r}")
    if (operation == "rename") is (to is None):
        raise UsageError(
            f"to= is the new name that a rename gives, as database.collection, and operation={operation!r}"
        )
    target = None if to is None else namespace(to, "to")
    if target == place:
        raise UsageError(f"to={to!r}: MongoDB cannot rename a collection to itself")
    return _Write(
        operation=operation,
        namespace=place,
        changes=changes_from(changes, removed) if operation == "update" else None,
        to=target,
    )


class _History:
    """What the changes of one event leave behind, as far as is known. The law: a write without effect emits nothing."""

    def __init__(self) -> None:
        self._db: str | None = None
        self._there: dict[tuple[str, str], bool] = {}  # by collection and _id
        self._gone: set[str] = set()  # collections and databases
        self._ended = False

    def add(self, write: _Write, document: Mapping[str, Any] | None) -> None:
        """Take one more change. Errors: `UsageError` for one that cannot follow those before it."""
        if self._ended:
            raise UsageError(f"operation={write.operation!r} after an invalidate, which ends the change stream")
        collection, db = str(write.namespace), write.namespace.db
        self._db = self._db or db
        if db != self._db:
            raise UsageError(
                f"changes of {self._db} and of {db}: a mapping has one DatabaseName, so an event has one, too"
            )
        subject = db if write.operation == "dropDatabase" else collection
        gone = not self._gone.isdisjoint((subject, db))
        if document is not None:
            self._add_document(write.operation, collection, repr(document["_id"]), gone=gone)
            self._gone -= {collection, db}
        elif write.operation == "invalidate":
            self._ended = True
        elif gone:
            raise UsageError(f"operation={write.operation!r}: {subject} is gone already, so it would emit nothing")
        else:
            self._gone.add(subject)
            self._gone.discard(str(write.to))
            self._there = {} if subject == db else self._without(collection)

    def _add_document(self, operation: str, collection: str, key: str, *, gone: bool) -> None:
        there = self._there.get((collection, key), False if gone else None)
        if operation == "insert" and there:
            raise UsageError(f"E11000 duplicate key error collection: {collection} index: _id_ dup key: {{ : {key} }}")
        if operation != "insert" and there is False:
            raise UsageError(
                f"operation={operation!r}: no document {key} is left in {collection}, so it would emit nothing"
            )
        self._there[collection, key] = operation != "delete"

    def _without(self, collection: str) -> dict[tuple[str, str], bool]:
        return {place: there for place, there in self._there.items() if place[0] != collection}
