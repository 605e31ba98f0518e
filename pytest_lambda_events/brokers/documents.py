"""The documents of a collection. The law: pure; one document for each `_id`, in the order in which they came, and every
write says what it did to which document, or that it did nothing.

Documents are in extended JSON and never changed in place, so that whoever holds one may keep it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.change_making import check_size
from pytest_lambda_events.model.document_updates import identical
from pytest_lambda_events.model.document_values import key_of
from pytest_lambda_events.model.paths import ABSENT

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from pytest_lambda_events.model.change_making import Changes
    from pytest_lambda_events.model.document_filters import Filter
    from pytest_lambda_events.model.document_updates import Update

__all__ = ["Documents", "Written"]


class Written(NamedTuple):
    """What a write did: the operation of its change event, the document as it is then, and what an update changed."""

    operation: str
    document: Mapping[str, Any]
    changes: Changes | None = None


class Documents:
    """The documents of the collection `name`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._by_key: dict[Hashable, dict[str, Any]] = {}

    def all(self) -> list[dict[str, Any]]:
        """Every document, in the order in which they came."""
        return list(self._by_key.values())

    def with_id(self, identifier: Any) -> dict[str, Any] | None:
        """The document with this `_id`, in extended JSON; None when there is none."""
        return self._by_key.get(key_of(identifier))

    def find(self, found: Filter) -> list[dict[str, Any]]:
        """The documents that a filter finds, in the order in which they came."""
        if found.key is not ABSENT and not isinstance(found.key, list):
            one = self.with_id(found.key)
            return [one] if one is not None and found.matches(one) else []
        return [document for document in self._by_key.values() if found.matches(document)]

    # -- writing ----------------------------------------------------------------------------------------------------

    def insert(self, document: dict[str, Any]) -> Written:
        """Put a document. Errors: `UsageError` where its `_id` is taken, and for one that MongoDB refuses."""
        key = key_of(document["_id"])
        if key in self._by_key:
            raise UsageError(
                f"E11000 duplicate key error collection: {self.name} index: _id_ dup key: "
                f"{{ : {document['_id']!r} }}; replace or update the document that is there, or give another _id"
            )
        check_size(document)
        self._by_key[key] = document
        return Written("insert", document)

    def update(self, document: Mapping[str, Any], update: Update, now_ms: int) -> Written | None:
        """Update a document that is there; None when that changes nothing. Errors: `UsageError`."""
        after, changes = update.apply(document, now_ms)
        if changes is None:
            return None
        self._by_key[key_of(document["_id"])] = after
        return Written("update", after, changes)

    def replace(self, document: Mapping[str, Any], replacement: Mapping[str, Any]) -> Written | None:
        """Put another document in the place of one that is there, with its `_id`; None when they are the same.

        Errors: `UsageError` for another `_id`, and for a document that MongoDB refuses.
        """
        identifier = document["_id"]
        if key_of(replacement.get("_id", identifier)) != key_of(identifier):
            raise UsageError(
                "the _id field cannot be changed: MongoDB refuses to replace the document with _id "
                f"{identifier!r} by one with _id {replacement['_id']!r}; delete one and insert the other"
            )
        after = {**replacement, "_id": identifier}
        after = {"_id": identifier, **after}
        if identical(document, after):
            return None
        check_size(after)
        self._by_key[key_of(identifier)] = after
        return Written("replace", after)

    def delete(self, document: Mapping[str, Any]) -> Written:
        """Take a document away that is there."""
        return Written("delete", self._by_key.pop(key_of(document["_id"])))
