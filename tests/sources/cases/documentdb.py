"""How events of DocumentDB's change streams may vary."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from pytest_lambda_events.events import ABSENT, documentdb_event

OPERATIONS = ("insert", "replace", "update", "delete", "rename", "dropDatabase")
ORDER = {
    "_id": {"$oid": "67748580d7ac33d94c41bac4"},
    "customer": "Zoë",
    "placed": dt.datetime(2025, 1, 1, 12, 30, 0, 250_000, tzinfo=dt.timezone.utc),
    "amount": Decimal("19.90"),
    "token": uuid.UUID("12345678-1234-4678-9234-567812345678"),
    "photo": b"\x00\xff",
    "ratio": float("inf"),
    "items": [{"sku": "ANCHOR-01", "quantity": 2}],
    "note": None,
}


def plain() -> Any:
    """Two documents, one with an _id of its own."""
    return documentdb_event({"order": 1}, {"order": 2, "_id": "two"}, time="2025-01-01T00:00:00Z")


def everything() -> Any:
    """One change of each kind, but those that end a collection's stream."""
    return documentdb_event(
        ORDER,
        {"_id": 7, "customer": "Ada"},
        ORDER,
        7,
        None,
        None,
        operation=lambda number: OPERATIONS[number],
        changes=lambda number: {"customer": "Zoë Okafor", "items.0.quantity": 3} if number == 2 else None,
        removed=lambda number: ["note"] if number == 2 else None,
        to=lambda number: "shop.orders_2024" if number == 4 else None,
        FullDocument="UpdateLookup",
        cluster="arn:aws:rds:eu-west-1:210987654321:cluster:shop-1",
        time="2025-01-01T00:00:00Z",
    )


def updates() -> Any:
    """An update as it comes by default, without the document."""
    return documentdb_event(
        *({"_id": "a"}, {"_id": "b"}, {"_id": "c"}),
        "a",
        operation=lambda number: "update" if number == 3 else "insert",
        changes=lambda number: {"city": "Riga", "old": ABSENT} if number == 3 else None,
        time="2025-01-01T00:00:00Z",
    )


def ends() -> Any:
    """The collection goes, and with it the change stream."""
    return documentdb_event(
        count=2, operation=lambda number: ("drop", "invalidate")[number], time="2025-01-01T00:00:00Z"
    )


def _change(event: Any, number: int = 0) -> Any:
    return event["events"][number]["event"]


def _shuffle(event: Any) -> None:
    if len(event["events"]) > 1:
        event["events"][:2] = event["events"][1::-1]


def _same_token(event: Any) -> None:
    for entry in event["events"]:
        entry["event"]["_id"] = _change(event)["_id"]
        entry["event"]["clusterTime"] = _change(event)["clusterTime"]


def _another_second(event: Any) -> None:
    token = _change(event)["_id"]["_data"]
    _change(event)["_id"]["_data"] = f"01{int(token[2:10], 16) - 1:08x}{token[10:]}"


def _another_number(event: Any) -> None:
    token = _change(event)["_id"]["_data"]
    _change(event)["_id"]["_data"] = f"{token[:10]}000000ff01000000ff{token[28:]}"


def _halves_of_a_token_disagree(event: Any) -> None:
    token = _change(event)["_id"]["_data"]
    _change(event)["_id"]["_data"] = f"{token[:20]}000000ff{token[28:]}"


def _token_of_mongodb(event: Any) -> None:
    _change(event)["_id"]["_data"] = (
        "826467950F000000092B022C0100296E5A100402564FD535C0466984FB5C4D928AA3E146645F69640064646794D7BFE0EDAD21EF63460004"
    )


def _the_samples_token(event: Any) -> None:
    _change(event)["_id"]["_data"] = "0163eeb6e7000000090100000009000041e1"


def _another_database(event: Any) -> None:
    if "ns" in _change(event, -1):
        _change(event, -1)["ns"]["db"] = "elsewhere"


def _another_document(event: Any) -> None:
    if "fullDocument" in _change(event):
        _change(event)["fullDocument"]["_id"] = "another"


def _shouting_object_id(event: Any) -> None:
    if isinstance(_change(event).get("documentKey", {}).get("_id"), dict):
        key = {"$oid": _change(event)["documentKey"]["_id"]["$oid"].upper()}
        _change(event)["documentKey"]["_id"] = _change(event)["fullDocument"]["_id"] = key


def _in_document(value: Any) -> Any:
    def put(event: Any) -> None:
        if "fullDocument" in _change(event):
            _change(event)["fullDocument"]["added"] = value

    return put


def _in_update(value: Any) -> Any:
    def put(event: Any) -> None:
        for entry in event["events"]:
            if "updateDescription" in entry["event"]:
                entry["event"]["updateDescription"].update(value)

    return put


def _nested(levels: int) -> Any:
    return [_nested(levels - 1)] if levels else []


def _extra(key: str, value: Any, *operations: str) -> Any:
    def put(event: Any) -> None:
        for entry in event["events"]:
            if entry["event"]["operationType"] in operations:
                entry["event"][key] = value

    return put


MORE = {
    "shuffled changes": (_shuffle, "_data"),
    "changes with one token": (_same_token, "_data"),
    "a token of another second": (_another_second, "t"),
    "a token of another number": (_another_number, "i"),
    "a token that disagrees with itself": (_halves_of_a_token_disagree, "_data"),
    "a token of MongoDB": (_token_of_mongodb, "_data"),
    "the documentation's token": (_the_samples_token, "_data"),
    "a change of another database": (_another_database, "db"),
    "the key of another document": (_another_document, "_id"),
    "an ObjectId in capitals": (_shouting_object_id, "$oid"),
    "a delete with its document": (_extra("fullDocument", {"_id": 7}, "delete"), "fullDocument"),
    "an end with the key of a document": (
        _extra("documentKey", {"_id": 7}, "drop", "rename", "invalidate"),
        "documentKey",
    ),
    "an invalidate of a collection": (_extra("ns", {"db": "shop", "coll": "orders"}, "invalidate"), "ns"),
    "a dropDatabase of a collection": (_extra("ns", {"db": "shop", "coll": "orders"}, "dropDatabase"), "coll"),
    "an insert with a description": (
        _extra("updateDescription", {"removedFields": [], "updatedFields": {"a": 1}}, "insert"),
        "updateDescription",
    ),
    "a drop with a new name": (_extra("to", {"db": "shop", "coll": "orders"}, "drop"), "to"),
    "truncated arrays": (_in_update({"truncatedArrays": []}), "truncatedArrays"),
    "an update of nothing": (_in_update({"updatedFields": {}, "removedFields": []}), "updateDescription"),
    "a field both set and removed": (
        _in_update({"updatedFields": {"city": 1}, "removedFields": ["city"]}),
        "removedFields",
    ),
    "a legacy date": (_in_document({"$date": 1735689600000}), "$date"),
    "a legacy binary": (_in_document({"$binary": "AP8=", "$type": "00"}), "added"),
    "a legacy regular expression": (_in_document({"$regex": "a", "$options": "i"}), "added"),
    "a legacy UUID": (_in_document({"$uuid": "12345678123446789234567812345678"}), "added"),
    "an operator in a document": (_in_document({"$set": {"a": 1}}), "$set"),
    "a field name with a dollar": (_in_document({"a": 1, "$b": 2}), "$b"),
    "a date of another form": (_in_document({"$date": "yesterday"}), "$date"),
    "a number with too many bits": (_in_document(2**63), "added"),
    "a wrapped number that is none": (_in_document({"$numberLong": "ten"}), "$numberLong"),
    "a binary that is no base64": (_in_document({"$binary": {"base64": "*", "subType": "00"}}), "base64"),
    "no binary at all": (_in_document({"$binary": {"subType": "00"}}), "base64"),
    "too many levels": (_in_document(_nested(101)), "added"),
}

EVENTS = {"plain": plain, "everything": everything, "updates": updates, "ends": ends}
_FIELDS = ("order", *(field for field in ORDER if field != "_id"))
OPTIONAL = frozenset(
    (
        *(f"events[*].event.fullDocument.{field}" for field in _FIELDS),
        "events[2].event.fullDocument",  # of an update
        "events[*].event.updateDescription.updatedFields[*]",
    )
)
FREE = frozenset(
    (
        "events[*].event.ns.db",
        "events[*].event.ns.coll",
        "events[*].event.to.db",
        "events[*].event.to.coll",
        "events[*].event.updateDescription.removedFields[*]",
    )
)
ANYTHING = frozenset(
    (
        *(f"events[*].event.fullDocument.{field}" for field in _FIELDS),
        "events[*].event.updateDescription.updatedFields[*]",
        "events[3].event.documentKey._id",  # of changes without the document, with which the others have to agree
    )
)
NULL = frozenset(("events[2].event.fullDocument",))
PRINTED = frozenset(
    (
        # an _id may be of any type: that it is not the document's is what is noticed
        "events[*].event.documentKey._id",
        "events[*].event.documentKey._id.$oid",
        "events[*].event.fullDocument._id",
        "events[*].event.fullDocument._id.$oid",
    )
)
DERIVED = frozenset(
    (
        "events[*].event.clusterTime.$timestamp.t",
        "events[*].event.clusterTime.$timestamp.i",
        "events[0].event.documentKey._id.$oid",
        "events[0].event.fullDocument._id.$oid",
    )
)
