"""A driver's writes, carried out on a collection. The law: what pymongo's method of that name would answer, and the
change events that came of it; arguments are read before anything is written.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.document_paths import put_at
from pytest_lambda_events.model.extended_json import extended
from pytest_lambda_events.model.extended_json_forms import is_wrapped
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.sources.documentdb.make import document_from
from pytest_lambda_events.sources.documentdb.results import DeleteResult, InsertManyResult, UpdateResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_lambda_events.brokers.document_cluster import Collection
    from pytest_lambda_events.model.document_filters import Filter
    from pytest_lambda_events.model.document_updates import Update

__all__ = ["Writer", "as_operators", "read_replacement", "refuse_options"]


class Writer:
    """Writes into one collection; `new_id` makes the ObjectId of a moment, as a driver would."""

    def __init__(self, collection: Collection, new_id: Callable[[int], dict[str, str]]) -> None:
        self._collection = collection
        self._new_id = new_id

    def ready(self, documents: Iterable[Any], made_ms: int) -> list[dict[str, Any]]:
        """Documents as they will be inserted. Errors: `UsageError` for any that MongoDB refuses."""
        return [document_from(one, new_id=lambda: self._new_id(made_ms), whole=True) for one in documents]

    def insert(self, ready: Iterable[dict[str, Any]], at_ms: int) -> InsertManyResult:
        """Insert what `ready` gave, in order. Errors: `UsageError` where an `_id` is taken; those before it stay."""
        ids: list[Any] = []
        records = []
        for document in ready:
            records += self._collection.insert(document, at_ms)
            ids.append(copy.deepcopy(document["_id"]))
        return InsertManyResult(inserted_ids=ids, records=records)

    def update(
        self, found: Filter, update: Update, at_ms: int, *, most: int | None = 1, upsert: bool = False
    ) -> UpdateResult:
        """Update the first `most` documents that are found. Errors: `UsageError`; those before the one stay updated."""
        documents = self._collection.documents.find(found)[:most]
        if not documents and upsert:
            seed: dict[str, Any] = {}
            for path, value in found.equalities.items():
                put_at(seed, path, copy.deepcopy(value), "filter")
            return self._upsert(update.apply(seed, at_ms, is_new=True)[0], at_ms)
        modified, records = 0, []
        for document in documents:
            is_modified, events = self._collection.update(document, update, at_ms)
            modified += is_modified
            records += events
        return UpdateResult(matched_count=len(documents), modified_count=modified, records=records)

    def replace(
        self, found: Filter, replacement: Mapping[str, Any], at_ms: int, *, upsert: bool = False
    ) -> UpdateResult:
        """Replace the first document that is found. Errors: `UsageError`."""
        documents = self._collection.documents.find(found)[:1]
        if documents:
            is_modified, records = self._collection.replace(documents[0], replacement, at_ms)
            return UpdateResult(matched_count=1, modified_count=int(is_modified), records=records)
        if upsert:
            key = {} if found.key is ABSENT else {"_id": found.key}
            return self._upsert({**key, **replacement}, at_ms)
        return UpdateResult(matched_count=0, modified_count=0, records=[])

    def delete(self, found: Filter, at_ms: int, *, most: int | None = 1) -> DeleteResult:
        """Delete the first `most` documents that are found."""
        documents = self._collection.documents.find(found)[:most]
        records = [event for document in documents for event in self._collection.delete(document, at_ms)]
        return DeleteResult(deleted_count=len(documents), records=records)

    def _upsert(self, document: Mapping[str, Any], at_ms: int) -> UpdateResult:
        made = self.insert(self.ready([document], at_ms), at_ms)
        return UpdateResult(matched_count=0, modified_count=0, records=made.records, upserted_id=made.inserted_ids[0])


def as_operators(changes: Any) -> Any:
    """New values by path as `$set` and `$unset`; operators as they are."""
    if not isinstance(changes, Mapping) or is_wrapped(changes):
        return changes
    new = {path: value for path, value in changes.items() if value is not ABSENT}
    gone = {path: "" for path, value in changes.items() if value is ABSENT}
    return {**({"$set": new} if new else {}), **({"$unset": gone} if gone else {})}


def read_replacement(document: Any) -> dict[str, Any]:
    """A whole document in extended JSON, with or without `_id`. Errors: `UsageError`."""
    if not isinstance(document, Mapping) or is_wrapped(document):
        raise UsageError(f"a replacement is a whole document without operators, and this is {document!r:.80}")
    found: dict[str, Any] = extended(document)
    return found


def refuse_options(method: str, options: Mapping[str, Any]) -> None:
    """Errors: `NotSimulated` for an option that would be ignored; None is none."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise NotSimulated(f"{method}: {', '.join(given)} is not simulated; leave it out")
