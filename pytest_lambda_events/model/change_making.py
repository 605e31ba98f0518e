"""Change events made from writes. The law: what a change stream adds is derived from the write, key by key.

Which keys a change has stands in `change_event`; documents are in extended JSON here.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.change_event import KEYS, OPERATIONS, ChangeEvent
from pytest_lambda_events.model.document_paths import put_at, removed_from
from pytest_lambda_events.model.extended_json_forms import bson_size
from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.resume_tokens import ResumeToken

__all__ = ["Changes", "Namespace", "check_size", "make_change", "with_lookup"]

# MongoDB Limits and Thresholds, "BSON Document Size"; DocumentDB Developer Guide, "Quotas and limits"
_MAXIMUM_BYTES: Final = 16 * 1024 * 1024
_LARGEST_GROWTH: Final = 8  # nothing is longer in BSON than so many times its JSON text


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A collection of a database."""

    db: str
    coll: str

    def __str__(self) -> str:
        return f"{self.db}.{self.coll}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an update does; new values by dotted path, in extended JSON, and the paths that it removes."""

    updated: Mapping[str, Any]
    removed: tuple[str, ...]


def make_change(
    operation: str,
    *,
    token: ResumeToken,
    namespace: Namespace,
    document: Mapping[str, Any] | None = None,
    changes: Changes | None = None,
    look_up: bool = False,
    to: Namespace | None = None,
    at_ms: int | None = None,
) -> ChangeEvent:
    """The change event of a write.

    `document` is in extended JSON: the whole of it, or at least its `_id`. `look_up`: the mapping's FullDocument is
    UpdateLookup, and the document is as it was before the update. `at_ms` is when the write was made, where that is
    known better than to the token's second. Errors: `UsageError` for a document that MongoDB refuses.
    """
    carried = OPERATIONS[operation] | ({"fullDocument"} if look_up and operation == "update" else set())
    identifier = token.text
    values: dict[str, Any] = {
        "_id": {"_data": identifier},
        "clusterTime": {"$timestamp": {"t": token.seconds, "i": token.increment}},
        "ns": {"db": namespace.db} if operation == "dropDatabase" else {"db": namespace.db, "coll": namespace.coll},
        "operationType": operation,
    }
    if document is not None:
        values["documentKey"] = {"_id": document["_id"]}
        values["fullDocument"] = document
    if changes is not None:
        values["updateDescription"] = {"removedFields": changes.removed, "updatedFields": changes.updated}
        if document is not None and look_up:
            values["fullDocument"] = _updated(document, changes)
    if to is not None:
        values["to"] = {"db": to.db, "coll": to.coll}
    text = _text({key: values[key] for key in KEYS if key in carried})
    return ChangeEvent(id=identifier, text=text, arrival_ms=token.seconds * 1000 if at_ms is None else at_ms)


def with_lookup(change: Mapping[str, Any], document: Mapping[str, Any] | None) -> str:
    """The text of an update, with the document as it is now; None where it is gone, which becomes null."""
    values = {**change, "fullDocument": document}
    return _text({key: values[key] for key in KEYS if key in values})


def check_size(document: Mapping[str, Any]) -> None:
    """Errors: `UsageError` for a document that MongoDB refuses for its size, or for text that is not valid UTF-8."""
    _checked(compact(document), document)


def _text(change: Mapping[str, Any]) -> str:
    return _checked(compact(change), change.get("fullDocument"))


def _checked(text: str, document: Mapping[str, Any] | None) -> str:
    """The text, which holds the document."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"a document has text that is not valid UTF-8, which MongoDB refuses: {error}") from None
    if document is not None and len(text) * _LARGEST_GROWTH > _MAXIMUM_BYTES:
        size = bson_size(document)
        if size > _MAXIMUM_BYTES:
            raise UsageError(f"a document of {size} bytes: MongoDB's largest has {_MAXIMUM_BYTES} bytes (16 MB)")
    return text


def _updated(document: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """The document as it is after the update."""
    after = copy.deepcopy(dict(document))
    for path, value in changes.updated.items():
        put_at(after, path, copy.deepcopy(value), "changes")
    for path in changes.removed:
        removed_from(after, path)
    return after
