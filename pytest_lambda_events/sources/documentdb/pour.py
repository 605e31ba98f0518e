"""Changes of a DocumentDB event, made in a collection again. The law: the same operation, with the same description.

A change event tells what was changed, not what was there: a document that a change is about, and that is not there, is
put there as far as it is known, without an event of its own. Fields of it that nobody knows say so. In a database each
change is made in the collection of its name; a collection takes those of any, and is dropped with its database. An
invalidate follows from the drop or rename before it, and is not made.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.looking import integer_at, value_at
from pytest_lambda_events.model.pouring import Pour, Verb
from pytest_lambda_events.sources.documentdb.broker import DocumentDbDatabase

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from pytest_lambda_events.model.change_event import ChangeEvent

__all__ = ["INTO", "NOT_CAPTURED", "mark_of", "pours"]

INTO: Final = ("documentdb",)
NOT_CAPTURED: Final = "not_captured"
"""The name and value of what is made up."""


def pours(event: Any, source: Any) -> Iterator[Pour]:
    """What makes each change again."""
    for number, entry in enumerate(event["events"]):
        change = entry["event"]
        if change["operationType"] == "invalidate":
            continue
        is_database = isinstance(source, DocumentDbDatabase)
        collection = value_at(change, "ns", "coll")
        seconds = integer_at(change, "clusterTime", "$timestamp", "t")
        before, put = _verbs(change)
        yield Pour(
            path=("events", number),
            record=entry,
            identity=value_at(change, "_id", "_data"),
            before=before if not is_database or collection is not None else None,
            put=put,
            captured_ms=None if seconds is None else seconds * 1000,
            mark=_mark(change),
            target=source.collection(collection) if is_database and collection is not None else None,
        )


def mark_of(record: ChangeEvent) -> Hashable:
    """What a change is recognised by: what happened, and to which document."""
    return _mark(record.change)


def _mark(change: Any) -> Hashable:
    return change["operationType"], json.dumps(change.get("documentKey"), sort_keys=True)


def _verbs(change: Any) -> tuple[Verb, Verb]:
    """What makes the collection ready, and what makes the change."""
    operation, key = change["operationType"], value_at(change, "documentKey", "_id")
    known = {"_id": key, NOT_CAPTURED: NOT_CAPTURED}
    match operation:
        case "insert":
            return Verb("restore", (key, None)), Verb("insert", (change["fullDocument"],))
        case "replace":
            return _if_missing(key, known), Verb("replace", (_by_id(key), change["fullDocument"]))
        case "update":
            described = change["updateDescription"]
            new, gone = described.get("updatedFields") or {}, described.get("removedFields") or []
            wanted = {"$set": new} if new else {}
            if gone:
                wanted["$unset"] = dict.fromkeys(gone, "")
            return _if_missing(key, _before(key, change, new, gone)), Verb("update", (_by_id(key), wanted))
        case "delete":
            return _if_missing(key, known), Verb("delete", (_by_id(key),))
        case "rename":
            return _some_document(), Verb("rename", (change["to"]["coll"],))
        case _:  # drop, dropDatabase
            return _some_document(), Verb("drop")


def _if_missing(key: Any, document: Any) -> Verb:
    return Verb("restore", (key, document), {"only_if_missing": True})


def _some_document() -> Verb:
    """A collection without documents is not there, and cannot be dropped."""
    return _if_missing(NOT_CAPTURED, {"_id": NOT_CAPTURED})


def _by_id(key: Any) -> dict[str, Any]:
    return {"_id": key}


def _before(key: Any, change: Any, new: Any, gone: Any) -> dict[str, Any]:
    """A document that becomes what is described: what changes is another value there, what goes is there."""
    found = copy.deepcopy(change.get("fullDocument") or {"_id": key})
    for path in (*new, *gone):
        _put(found, path.split("."))
    return {"_id": key, **found}


def _put(value: Any, steps: list[str]) -> None:
    """Put something at a path, and what leads there; a number is a place in a list."""
    step, *below = steps
    inner: Any = NOT_CAPTURED if not below else [] if below[0].isdecimal() else {}
    if isinstance(value, list):
        place = int(step)
        value += [NOT_CAPTURED] * (place + 1 - len(value))
        if not below or not isinstance(value[place], (dict, list)):
            value[place] = inner
        held = value[place]
    else:
        if not below or not isinstance(value.get(step), (dict, list)):
            value[step] = inner
        held = value[step]
    if below:
        _put(held, below)
