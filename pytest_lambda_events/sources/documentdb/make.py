"""Realistic change events, from nothing but a document. The law: what DocumentDB adds is derived from the write.

A document gets its `_id` as a driver would make it, and has it first, where MongoDB moves it.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.change_event import KEYS, OPERATIONS, ChangeEvent
from pytest_lambda_events.model.extended_json import extended
from pytest_lambda_events.model.extended_json_forms import bson_size, is_wrapped
from pytest_lambda_events.model.paths import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.resume_tokens import ResumeToken

__all__ = ["Changes", "Namespace", "changes_from", "document_from", "make_change", "object_id_maker"]

# MongoDB Limits and Thresholds, "BSON Document Size"; DocumentDB Developer Guide, "Quotas and limits"
_MAXIMUM_BYTES: Final = 16 * 1024 * 1024
_LARGEST_GROWTH: Final = 8  # nothing is longer in BSON than so many times its JSON text
_COUNTER_LIMIT: Final = 2**24

_PLACE: Final = re.compile(r"[0-9]{1,6}")

_encode: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A collection of a database."""

    db: str
    coll: str

    def __str__(self) -> str:
        return f"{self.db}.{self.coll}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an update does: new values by dotted path, in extended JSON, and the paths that it removes."""

    updated: Mapping[str, Any]
    removed: tuple[str, ...]


def object_id_maker(identifiers: Identifiers, seconds: int) -> Callable[[], dict[str, str]]:
    """What makes the ObjectIds of one driver within one second: that second, its five bytes, its counter."""
    dice = identifiers.stream("object-id")
    prefix = f"{seconds:08x}{dice.getrandbits(40):010x}"
    counter = dice.randrange(_COUNTER_LIMIT)

    def new() -> dict[str, str]:
        nonlocal counter
        counter = (counter + 1) % _COUNTER_LIMIT
        return {"$oid": f"{prefix}{counter:06x}"}

    return new


def document_from(payload: Any, *, new_id: Callable[[], Any], whole: bool) -> dict[str, Any]:
    """A document in extended JSON, `_id` first; `new_id` makes it where there is none.

    JSON text of an object is that document. Where it need not be `whole`, anything else is the `_id` alone. Errors:
    `UsageError` for what is no document, and for what MongoDB does not store.
    """
    found = _parsed(payload)
    if not isinstance(found, Mapping) or is_wrapped(found):
        if whole or found is None:
            raise UsageError(
                f"a document is an object, such as a dict, and this is a {type(payload).__name__}: {payload!r:.80}"
            )
        found = {"_id": found}
    document: dict[str, Any] = extended(found)
    key = document.pop("_id", ABSENT)
    if isinstance(key, list):
        raise UsageError(f"document._id: MongoDB takes no array as an _id, and this is {key!r:.80}")
    return {"_id": new_id() if key is ABSENT else key, **document}


def _parsed(payload: Any) -> Any:
    """JSON text of an object as that object; anything else as it is."""
    try:
        found = json.loads(payload) if isinstance(payload, (str, bytes)) else None
    except ValueError:
        return payload
    return found if isinstance(found, dict) else payload


def changes_from(changes: Mapping[str, Any] | None, removed: Iterable[str] | None) -> Changes:
    """What an update does; the value `ABSENT` removes a field.

    Errors: `UsageError` for an update that does nothing, and for what MongoDB refuses (MongoDB Manual, "Update
    Operators").
    """
    given = changes or {}
    updated = {path: value for path, value in given.items() if value is not ABSENT}
    gone = (*(path for path in given if path not in updated), *(removed or ()))
    if not updated and not gone:
        raise UsageError("an update that changes nothing emits no event: give changes= or removed=")
    _check_paths([*updated, *gone])
    return Changes(
        updated={path: extended(value, f"changes[{path!r}]") for path, value in updated.items()}, removed=gone
    )


def _check_paths(paths: Sequence[Any]) -> None:
    for path in paths:
        steps = path.split(".") if isinstance(path, str) else [""]
        if "" in steps:
            raise UsageError(f"changes: {path!r} is no path of a field; write it like 'address.city' or 'items.0.sku'")
        if any(step.startswith("$") for step in steps):
            raise UsageError(
                f"changes: {path!r} begins with $: give the new values of the fields themselves, and ABSENT for a "
                "field that goes, not the operators of an update"
            )
        if steps[0] == "_id":
            raise UsageError(f"changes: {path!r} would modify the immutable field '_id', which MongoDB refuses")
    for first, second in pairwise(sorted(path.split(".") for path in paths)):
        if second[: len(first)] == first:
            raise UsageError(
                f"changes: updating the path {'.'.join(second)!r} would create a conflict at {'.'.join(first)!r}, "
                "which MongoDB refuses"
            )


def make_change(
    operation: str,
    *,
    token: ResumeToken,
    namespace: Namespace,
    document: Mapping[str, Any] | None = None,
    changes: Changes | None = None,
    look_up: bool = False,
    to: Namespace | None = None,
) -> ChangeEvent:
    """The change event of a write.

    `document` is in extended JSON: the whole of it, or at least its `_id`. `look_up`: the mapping's FullDocument is
    UpdateLookup. Errors: `UsageError` for a document that MongoDB refuses.
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
    change: dict[str, Any] = {key: values[key] for key in KEYS if key in carried}
    return ChangeEvent(id=identifier, text=_text(change))


def _text(change: Mapping[str, Any]) -> str:
    text = _encode(change)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"a document has text that is not valid UTF-8, which MongoDB refuses: {error}") from None
    document = change.get("fullDocument")
    if document is not None and len(text) * _LARGEST_GROWTH > _MAXIMUM_BYTES:
        size = bson_size(document)
        if size > _MAXIMUM_BYTES:
            raise UsageError(f"a document of {size} bytes: MongoDB's largest has {_MAXIMUM_BYTES} bytes (16 MB)")
    return text


def _updated(document: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """The document as it is after the update."""
    after = copy.deepcopy(dict(document))
    for path, value in changes.updated.items():
        *way, last = path.split(".")
        parent: Any = after
        for step in way:
            there = _found(parent, step)
            parent = _put(parent, step, {} if there is ABSENT else there, path)
        _put(parent, last, copy.deepcopy(value), path)
    for path in changes.removed:
        *way, last = path.split(".")
        parent = after
        for step in way:
            parent = _found(parent, step)
        if isinstance(parent, dict):
            parent.pop(last, None)
        elif _found(parent, last) is not ABSENT:
            parent[int(last)] = None  # in an array MongoDB leaves null
    return after


def _found(parent: Any, step: str) -> Any:
    """What stands at one step of a path; `ABSENT` where nothing does."""
    if isinstance(parent, dict):
        return parent.get(step, ABSENT)
    place = _place(step)
    if isinstance(parent, list) and place is not None and place < len(parent):
        return parent[place]
    return ABSENT


def _put(parent: Any, step: str, value: Any, path: str) -> Any:
    """Put the value at one step of a path, and give it back."""
    place = _place(step)
    if isinstance(parent, dict) and not is_wrapped(parent):
        parent[step] = value
    elif isinstance(parent, list) and place is not None:
        parent.extend([None] * (place + 1 - len(parent)))  # MongoDB fills the gap with nulls
        parent[place] = value
    else:
        raise UsageError(
            f"changes: {path!r} does not fit the document: MongoDB cannot create field {step!r} in {parent!r:.80}"
        )
    return value


def _place(step: str) -> int | None:
    """A step as a place in an array; None for what is none."""
    return int(step) if _PLACE.fullmatch(step) else None
