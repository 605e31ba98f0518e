"""Is this a DocumentDB event as Lambda sends it? The law: the shape declared as tables, what is derived computed again.

Which keys a change has depends on its operation; `model.change_event` says which. Shape and rules: docs/sources.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.change_event import KEYS, OPERATIONS
from pytest_lambda_events.model.extended_json_forms import DOCUMENT, VALUE
from pytest_lambda_events.model.looking import text_at, value_at
from pytest_lambda_events.model.resume_tokens import GRAMMAR, read_resume_token
from pytest_lambda_events.model.shapes import STRING, Arn, Constant, Fields, Integer, ListOf, MapOf, Nullable, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path
    from pytest_lambda_events.model.resume_tokens import ResumeToken
    from pytest_lambda_events.model.shapes import Shape

__all__ = ["CHANGES", "EVENT", "check"]

_UINT32: Final = 2**32 - 1
_DB: Final = Text(re.compile(r'[^/\\. "$\0]{1,63}'), "the name of a database")
_COLL: Final = Text(re.compile(r"[^$\0]+"), "the name of a collection")
_NAMESPACE: Final = Fields(always={"db": _DB, "coll": _COLL})
_TOKEN: Final = Text(
    GRAMMAR,
    "a resume token of 36 lower-case hex digits, 01 second number 01 number 0000 xxxx "
    "(long ones that begin with 82 are MongoDB's, not DocumentDB's)",
)

_SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "_id": Fields(always={"_data": _TOKEN}),
        "clusterTime": Fields(
            always={"$timestamp": Fields(always={"t": Integer(1, _UINT32), "i": Integer(1, _UINT32)})},
        ),
        "documentKey": Fields(always={"_id": VALUE}),
        "fullDocument": DOCUMENT,
        "ns": _NAMESPACE,
        "operationType": Constant(tuple(OPERATIONS)),
        "to": _NAMESPACE,
        # truncatedArrays, which MongoDB has since 4.2, is no key of DocumentDB's
        "updateDescription": Fields(
            always={"removedFields": ListOf(STRING), "updatedFields": MapOf(VALUE)},
        ),
    }
)
"""The keys of a change; some operations vary them."""

_VARIANTS: Final[Mapping[str, Mapping[str, Shape]]] = MappingProxyType(
    {
        # with UpdateLookup; null when the document was gone before it was looked up (MongoDB Manual, "Change Events")
        "update": {"fullDocument": Nullable(DOCUMENT)},
        "dropDatabase": {"ns": Fields(always={"db": _DB})},
    }
)


def _changes(operation: str) -> Fields:
    always, varied = OPERATIONS[operation], _VARIANTS.get(operation, {})
    shapes = {key: varied.get(key, _SHAPES[key]) for key in KEYS if key in always | varied.keys()}
    return Fields(
        always={key: shape for key, shape in shapes.items() if key in always},
        sometimes={key: shape for key, shape in shapes.items() if key not in always},
    )


CHANGES: Final[Mapping[str, Fields]] = MappingProxyType({operation: _changes(operation) for operation in OPERATIONS})
"""The change of each operation."""

_ANY_CHANGE: Final = Fields(
    always={key: _SHAPES[key] for key in ("_id", "clusterTime", "operationType")},
    sometimes={key: shape for key, shape in _SHAPES.items() if key not in {"_id", "clusterTime", "operationType"}},
)


class _Change:
    """A change, by its operation."""

    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        CHANGES.get(text_at(value, "operationType") or "", _ANY_CHANGE).check(value, path, report)


EVENT = Fields(
    always={
        "eventSourceArn": Arn(
            "rds",
            re.compile(r"cluster:[a-z](?:-?[a-z0-9])*"),
            "arn:aws:rds:us-east-1:123456789012:cluster:orders",
        ),
        "events": ListOf(Fields(always={"event": _Change()}), least=1),
        "eventSource": Constant(("aws:docdb",)),
    }
)

_SAMPLE_TOKEN: Final = "0163eeb6e7000000090100000009000041e1"  # noqa: S105 - Lambda Developer Guide's sample event


def check(event: Any, report: Report) -> None:
    """Say what is wrong with an event of a DocumentDB cluster."""
    EVENT.check(event, (), report)
    entries = value_at(event, "events")
    if not isinstance(entries, list):
        return
    last: ResumeToken | None = None
    db: str | None = None
    for number, entry in enumerate(entries):
        change = value_at(entry, "event")
        path: Path = ("events", number, "event")
        token = read_resume_token(text_at(change, "_id", "_data") or "")
        if token is not None:
            _check_token(token, last, change, path, report)
            last = token
        db = _check_db(change, db, path, report)
        _check_document(change, path, report)
        _check_update(change, path, report)


def _check_token(token: ResumeToken, last: ResumeToken | None, change: Any, path: Path, report: Report) -> None:
    where = (*path, "_id", "_data")
    if token.text == _SAMPLE_TOKEN:
        report.note(where, token.text, "a token of its own: this one is the documentation sample's")
    if last is not None and (token.seconds, token.increment) <= (last.seconds, last.increment):
        report.note(where, token.text, f"a later token than {last.text}, the _data of the change before it")
    for key, number in (("t", token.seconds), ("i", token.increment)):
        found = value_at(change, "clusterTime", "$timestamp", key)
        if isinstance(found, int) and found != number:
            report.note((*path, "clusterTime", "$timestamp", key), found, f"{number}, as in _id._data")


def _check_db(change: Any, db: str | None, path: Path, report: Report) -> str | None:
    """A mapping has one DatabaseName (Lambda API Reference, DocumentDBEventSourceConfig)."""
    found = text_at(change, "ns", "db")
    if db is not None and found is not None and found != db:
        report.note((*path, "ns", "db"), found, f'"{db}": all changes of an event are of one database')
    return db or found


def _check_document(change: Any, path: Path, report: Report) -> None:
    key, document = value_at(change, "documentKey"), value_at(change, "fullDocument")
    if isinstance(key, dict) and isinstance(key.get("_id"), list):
        report.note((*path, "documentKey", "_id"), key["_id"], "no array: MongoDB takes none as an _id")
    if not isinstance(key, dict) or not isinstance(document, dict) or "_id" not in key or "_id" not in document:
        return
    one, other = key["_id"], document["_id"]
    if one != other or isinstance(one, bool) != isinstance(other, bool):  # Python's True is 1, JSON's is not
        report.note((*path, "documentKey", "_id"), one, "the _id of fullDocument")


def _check_update(change: Any, path: Path, report: Report) -> None:
    description = value_at(change, "updateDescription")
    updated, removed = value_at(description, "updatedFields"), value_at(description, "removedFields")
    if not isinstance(updated, dict) or not isinstance(removed, list):
        return
    where = (*path, "updateDescription")
    if not updated and not removed and "truncatedArrays" not in description:
        report.note(
            where, description, "a field in updatedFields or removedFields: a write without effect emits nothing"
        )
    for field in updated.keys() & {one for one in removed if isinstance(one, str)}:
        report.note((*where, "removedFields"), removed, f"no {field}: it is in updatedFields")
