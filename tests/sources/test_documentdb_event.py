"""DocumentDB's event: shape, order and derivations as recorded on AWS; documents as MongoDB's own driver reads them."""

from __future__ import annotations

import copy
import datetime as dt
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import bson
import bson.json_util
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.events import ABSENT, documentdb_event, identify, validate
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.change_event import KEYS, OPERATIONS, ChangeEvent
from pytest_lambda_events.model.change_making import Namespace, make_change
from pytest_lambda_events.model.delivered import DeliveredText
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.resume_tokens import ResumeToken, read_resume_token
from pytest_lambda_events.sources.documentdb.check import check
from pytest_lambda_events.sources.documentdb.event import DocumentDbEventShape
from pytest_lambda_events.sources.documentdb.types import DocumentDbChange
from pytest_lambda_events.strategies import documentdb_events

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
EPOCH_2025 = 1_735_689_600
ARN = "arn:aws:rds:us-east-1:123456789012:cluster:orders"
A_TOKEN = (
    "a resume token of 36 lower-case hex digits, 01 second number 01 number 0000 xxxx "
    "(long ones that begin with 82 are MongoDB's, not DocumentDB's)"
)
OF_DOCUMENTS = frozenset(("insert", "update", "replace", "delete"))


def changes_of(event: Any) -> list[dict[str, Any]]:
    """The change events."""
    return [entry["event"] for entry in event["events"]]


def change(operation: str, document: Any = None, **arguments: Any) -> dict[str, Any]:
    """The one change of an event."""
    payloads = () if operation not in OF_DOCUMENTS else ({"_id": 1, "a": 2},) if document is None else (document,)
    if operation == "update":
        arguments = {"changes": {"a": 3}, **arguments}
    if operation == "rename":
        arguments = {"to": "shop.archive", **arguments}
    (only,) = changes_of(documentdb_event(*payloads, operation=operation, time="2025-01-01T00:00:00Z", **arguments))
    return only


def found(event: Any) -> list[str]:
    """What validate says, without what was found."""
    return [f"{one.severity}: {one.path}: {one.expected}" for one in validate(event)]


# ------------------------------------------------------------------------------------------------- shape


def test_the_events_keys_stand_in_awss_order() -> None:
    """The ARN first, the source last, each change in an object of its own (recorded on AWS)."""
    event = documentdb_event({"a": 1}, {"a": 2})
    assert list(event) == ["eventSourceArn", "events", "eventSource"]
    assert [list(entry) for entry in event["events"]] == [["event"], ["event"]]
    assert event["eventSourceArn"] == ARN
    assert event["eventSource"] == "aws:docdb"
    assert identify(event).name == "documentdb"


@pytest.mark.parametrize(
    ("operation", "keys"),
    [
        ("insert", ["_id", "clusterTime", "documentKey", "fullDocument", "ns", "operationType"]),
        ("update", ["_id", "clusterTime", "documentKey", "ns", "operationType", "updateDescription"]),
        ("replace", ["_id", "clusterTime", "documentKey", "fullDocument", "ns", "operationType"]),
        ("delete", ["_id", "clusterTime", "documentKey", "ns", "operationType"]),
        ("drop", ["_id", "clusterTime", "ns", "operationType"]),
        ("rename", ["_id", "clusterTime", "ns", "operationType", "to"]),
        ("dropDatabase", ["_id", "clusterTime", "ns", "operationType"]),
        ("invalidate", ["_id", "clusterTime", "operationType"]),
    ],
)
def test_each_operation_has_its_keys_in_order(operation: str, keys: list[str]) -> None:
    """No key of a document where none is written, no null in the place of an absent key."""
    made = change(operation)
    assert list(made) == keys
    assert made["operationType"] == operation
    assert None not in made.values()


def test_the_keys_are_those_of_the_type() -> None:
    """The annotation knows every key of a change."""
    assert DocumentDbChange.__required_keys__ | DocumentDbChange.__optional_keys__ == set(KEYS)
    assert set().union(*OPERATIONS.values()) == set(KEYS)


def test_the_place_of_the_change_is_told() -> None:
    """Database and collection; a database that goes has no collection."""
    assert change("insert", collection="shop.orders.archive")["ns"] == {"db": "shop", "coll": "orders.archive"}
    assert change("dropDatabase")["ns"] == {"db": "shop"}
    assert change("rename", to="other.orders")["to"] == {"db": "other", "coll": "orders"}


@pytest.mark.parametrize("look_up", ["Default", "UpdateLookup"])
def test_a_delete_never_has_its_document(look_up: Any) -> None:
    """There is none to look up."""
    assert "fullDocument" not in change("delete", FullDocument=look_up)


def test_the_token_tells_the_cluster_time() -> None:
    """01, second, number, 01, number, 0000 and four digits; small numbers that rise within the second."""
    changes = changes_of(documentdb_event(count=12, time="2025-01-01T00:00:00.999Z"))
    times = [one["clusterTime"]["$timestamp"] for one in changes]
    assert {list(one["clusterTime"]["$timestamp"]) == ["t", "i"] for one in changes} == {True}
    assert {one["t"] for one in times} == {EPOCH_2025}
    assert [one["i"] for one in times] == list(range(times[0]["i"], times[0]["i"] + 12))
    assert 1 <= times[0]["i"] <= 10
    for one, time in zip(changes, times, strict=True):
        token = read_resume_token(one["_id"]["_data"])
        assert token is not None
        assert (token.seconds, token.increment) == (time["t"], time["i"])


def test_a_recorded_change_is_made_again_from_its_document() -> None:
    """The documentation's sample, key by key."""
    sample = json.loads((SAMPLES / "documentdb.json").read_text(encoding="utf-8"))
    (recorded,) = changes_of(sample)
    token = read_resume_token(recorded["_id"]["_data"])
    assert token is not None
    made = make_change(
        "insert",
        token=token,
        namespace=Namespace(**recorded["ns"]),
        document=recorded["fullDocument"],
    )
    shape = DocumentDbEventShape(sample["eventSourceArn"])
    text = shape.event_text([shape.record_text(made)])
    assert text == json.dumps(sample, separators=(",", ":"))
    assert shape.overhead == len(text) - len(shape.record_text(made))


# ---------------------------------------------------------------------------------------------- documents


def test_an_id_is_made_where_there_is_none() -> None:
    """An ObjectId: the second of the write, five bytes of one process, a counter."""
    changes = changes_of(documentdb_event({"a": 1}, {"a": 2}, {"a": 3}, time="2025-01-01T00:00:00Z"))
    ids = [bson.ObjectId(one["documentKey"]["_id"]["$oid"]) for one in changes]
    assert {one.generation_time for one in ids} == {dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc)}
    assert len({one.binary[4:9] for one in ids}) == 1
    counts = [int.from_bytes(one.binary[9:], "big") for one in ids]
    assert counts == [counts[0], counts[0] + 1, counts[0] + 2]
    assert [one["fullDocument"]["_id"] for one in changes] == [one["documentKey"]["_id"] for one in changes]


def test_a_counter_that_is_full_begins_anew() -> None:
    """It has three bytes."""
    from pytest_lambda_events.sources.documentdb import make

    class Full(Identifiers):
        def stream(self, purpose: str) -> Any:
            dice = super().stream(purpose)
            dice.randrange = lambda limit: limit - 1  # type: ignore[method-assign, assignment, misc]
            return dice

    assert make.object_id_maker(Full(0))(1)["$oid"].endswith("000000")


@pytest.mark.parametrize(
    ("identifier", "shown"),
    [
        (7, 7),
        ("seven", "seven"),
        (None, None),
        (uuid.UUID(int=0), {"$binary": {"base64": "AAAAAAAAAAAAAAAAAAAAAA==", "subType": "04"}}),
        (bson.ObjectId("64ad054bd418cd98afb1c1d7"), {"$oid": "64ad054bd418cd98afb1c1d7"}),
        ({"$oid": "64ad054bd418cd98afb1c1d7"}, {"$oid": "64ad054bd418cd98afb1c1d7"}),
        ({"region": "eu", "number": 7}, {"region": "eu", "number": 7}),
    ],
)
def test_an_id_may_be_of_any_type_and_comes_first(identifier: Any, shown: Any) -> None:
    """MongoDB moves it there."""
    made = change("insert", {"a": 1, "_id": identifier})
    assert made["documentKey"] == {"_id": shown}
    assert list(made["fullDocument"].items()) == [("_id", shown), ("a", 1)]


@pytest.mark.parametrize("operation", ["update", "delete"])
@pytest.mark.parametrize("payload", [7, {"_id": 7}, {"_id": 7, "a": 1}, '{"_id": 7}', b' {"_id": 7, "a": 1}'])
def test_updates_and_deletes_take_the_document_or_its_id(operation: str, payload: Any) -> None:
    """The event shows the key alone, whatever was given."""
    made = change(operation, payload)
    assert made["documentKey"] == {"_id": 7}
    assert "fullDocument" not in made


@pytest.mark.parametrize("identifier", ["text", "{no JSON", {"$oid": "64ad054bd418cd98afb1c1d7"}])
def test_text_that_is_no_document_is_an_id(identifier: Any) -> None:
    """Nothing else is guessed."""
    assert change("delete", identifier)["documentKey"] == {"_id": identifier}


def test_json_text_of_a_document_is_that_document() -> None:
    """Also text that an envelope made, and extended JSON in it."""
    text = DeliveredText('{"_id": 1, "when": {"$date": "2025-01-01T00:00:00Z"}}')
    assert change("insert", text)["fullDocument"] == {"_id": 1, "when": {"$date": "2025-01-01T00:00:00Z"}}


def test_values_are_in_relaxed_extended_json() -> None:
    """Never in the legacy form."""
    document = {
        "_id": 1,
        "when": dt.datetime(2025, 1, 1, 12, 0, 0, 250_000),
        "before": dt.datetime(1960, 1, 1),
        "amount": Decimal("19.90"),
        "large": 2**40,
        "raw": b"\x00\xff",
        "nan": float("nan"),
        "é": "\u2028",
    }
    assert change("insert", document)["fullDocument"] == {
        "_id": 1,
        "when": {"$date": "2025-01-01T12:00:00.250Z"},
        "before": {"$date": {"$numberLong": "-315619200000"}},
        "amount": {"$numberDecimal": "19.90"},
        "large": 2**40,
        "raw": {"$binary": {"base64": "AP8=", "subType": "00"}},
        "nan": {"$numberDouble": "NaN"},
        "é": "\u2028",
    }


def test_the_given_document_is_not_changed() -> None:
    """It is the test's."""
    document = {"a": {"b": [1]}}
    before = copy.deepcopy(document)
    documentdb_event(document, operation="update", changes={"a.b.0": 2}, FullDocument="UpdateLookup")
    assert document == before


# ------------------------------------------------------------------------------------------------ updates


def test_an_update_tells_what_it_changed() -> None:
    """New values by path, removed paths; both keys always there, in this order."""
    made = change(
        "update",
        {"_id": 1},
        changes={"address.city": "Riga", "old": ABSENT, "when": dt.datetime(2025, 1, 1)},
        removed=["older", "address.street"],
    )
    assert list(made["updateDescription"]) == ["removedFields", "updatedFields"]
    assert made["updateDescription"] == {
        "removedFields": ["old", "older", "address.street"],
        "updatedFields": {"address.city": "Riga", "when": {"$date": "2025-01-01T00:00:00Z"}},
    }
    assert change("update", removed=["a"], changes=None)["updateDescription"] == {
        "removedFields": ["a"],
        "updatedFields": {},
    }


@pytest.mark.parametrize(
    ("document", "changes", "after"),
    [
        (1, {"a": 2}, {"_id": 1, "a": 2}),
        ({"_id": 1, "a": 1, "b": 2}, {"a": ABSENT}, {"_id": 1, "b": 2}),
        ({"_id": 1}, {"a.b.c": 2}, {"_id": 1, "a": {"b": {"c": 2}}}),
        ({"_id": 1, "a": {"b": 1, "c": 2}}, {"a.b": ABSENT, "a.c": 3}, {"_id": 1, "a": {"c": 3}}),
        ({"_id": 1, "a": [1, {"b": 2}]}, {"a.1.b": 3}, {"_id": 1, "a": [1, {"b": 3}]}),
        ({"_id": 1, "a": [1]}, {"a.3": 4}, {"_id": 1, "a": [1, None, None, 4]}),
        ({"_id": 1, "a": [1]}, {"a.1.b": 4}, {"_id": 1, "a": [1, {"b": 4}]}),
        ({"_id": 1, "a": [1, 2]}, {"a.0": ABSENT}, {"_id": 1, "a": [None, 2]}),
        ({"_id": 1, "a": [1]}, {"a.x": ABSENT, "b.c": ABSENT, "a.5.b": ABSENT}, {"_id": 1, "a": [1]}),
        ({"_id": 1, "a": 1}, {"a.b": ABSENT}, {"_id": 1, "a": 1}),
    ],
)
def test_update_lookup_brings_the_document_as_it_is_afterwards(document: Any, changes: Any, after: Any) -> None:
    """With arrays and paths as MongoDB reads them."""
    made = change("update", document, changes=changes, FullDocument="UpdateLookup")
    assert made["fullDocument"] == after
    assert list(made) == [
        "_id",
        "clusterTime",
        "documentKey",
        "fullDocument",
        "ns",
        "operationType",
        "updateDescription",
    ]


# ---------------------------------------------------------------------------------------- the whole event


def test_a_cluster_is_a_name_or_an_arn() -> None:
    """The service in the ARN is rds."""
    named = documentdb_event(cluster="shop-1", region="eu-west-1", account="000000000001")
    assert named["eventSourceArn"] == "arn:aws:rds:eu-west-1:000000000001:cluster:shop-1"
    arn = "arn:aws-us-gov:rds:us-gov-west-1:210987654321:cluster:shop"
    assert documentdb_event(cluster=arn)["eventSourceArn"] == arn
    assert validate(documentdb_event(cluster=arn)) == []


def test_counts_and_seeds() -> None:
    """count= repeats one document, each time with an _id of its own, or makes users; the seed fixes every id."""
    repeated = changes_of(documentdb_event({"a": 1}, count=3))
    assert len({json.dumps(one["documentKey"]) for one in repeated}) == 3
    assert [one["fullDocument"]["user"] for one in changes_of(documentdb_event(count=2))] == [1, 2]
    assert documentdb_event({"a": 1}, seed=1) == documentdb_event({"a": 1}, seed=1)
    assert documentdb_event({"a": 1}, seed=1) != documentdb_event({"a": 1}, seed=2)


def test_every_argument_of_a_record_may_be_a_function_of_its_number() -> None:
    """So that one event shows a history."""
    event = documentdb_event(
        {"_id": 1},
        count=6,
        collection=lambda number: ("shop.a", "shop.b")[number % 2],
        operation=lambda number: ("insert", "insert", "update", "rename", "drop", "invalidate")[number],
        changes=lambda number: {"a": 1} if number == 2 else None,
        removed=lambda number: ("b",) if number == 2 else None,
        to=lambda number: "shop.c" if number == 3 else None,
    )
    assert [one.get("ns", {}).get("coll") for one in changes_of(event)] == ["a", "b", "a", "b", "a", None]
    assert changes_of(event)[2]["updateDescription"]["removedFields"] == ["b"]
    assert validate(event) == []


def test_overrides_come_last() -> None:
    """Nothing is derived from them."""
    event = documentdb_event({"a": 1}, overrides={"events[*].event.ns.db": "other", "eventSource": ABSENT})
    assert event["events"][0]["event"]["ns"]["db"] == "other"
    assert "eventSource" not in event


@pytest.mark.parametrize(
    "history",
    [
        ["insert 1", "delete 1", "insert 1"],
        ["update 1", "replace 1", "delete 1"],
        ["insert 1", "drop", "insert 1", "update 1"],
        ["delete 1", "dropDatabase", "insert 1", "drop"],
        ["rename", "insert 1", "drop", "invalidate"],
        ["insert 1", "drop", "dropDatabase", "invalidate"],
        ["invalidate"],
    ],
)
def test_changes_come_in_any_order_that_can_be(history: list[str]) -> None:
    """What was there before the event is not known, so it may be."""
    assert validate(told(history)) == []


@pytest.mark.parametrize(
    ("history", "message"),
    [
        (["insert 1", "insert 1"], "E11000 duplicate key error collection: shop.orders"),
        (["update 1", "insert 1"], "E11000"),
        (["delete 1", "delete 1"], "no document 1 is left in shop.orders"),
        (["delete 1", "update 1"], "no document 1 is left in shop.orders"),
        (["drop", "replace 1"], "no document 1 is left in shop.orders"),
        (["insert 1", "dropDatabase", "update 1"], "no document 1 is left in shop.orders"),
        (["rename", "delete 1"], "no document 1 is left in shop.orders"),
        (["drop", "drop"], "shop.orders is gone already"),
        (["rename", "drop"], "shop.orders is gone already"),
        (["dropDatabase", "drop"], "shop.orders is gone already"),
        (["dropDatabase", "dropDatabase"], "shop is gone already"),
        (["invalidate", "insert 1"], "after an invalidate, which ends the change stream"),
        (["invalidate", "invalidate"], "ends the change stream"),
    ],
)
def test_changes_that_cannot_follow_each_other_are_refused(history: list[str], message: str) -> None:
    """A write without effect emits nothing."""
    with pytest.raises(UsageError, match=message):
        told(history)


def told(history: list[str]) -> Any:
    """An event of a history such as `insert 1`, `drop`."""
    steps = [step.partition(" ") for step in history]
    documents = [{"_id": int(number)} if number else None for _, _, number in steps]
    return documentdb_event(
        *documents,
        operation=lambda number: steps[number][0],
        changes=lambda number: {"a": number} if steps[number][0] == "update" else None,
        to=lambda number: "shop.moved" if steps[number][0] == "rename" else None,
    )


@pytest.mark.parametrize(
    ("documents", "arguments", "message"),
    [
        ((), {"count": 0}, "count=0"),
        (({}, {}), {"count": 2}, "repeats one payload"),
        ((), {"operation": "updated"}, r"operation='updated' \(did you mean 'update'\?\): it is one of insert, "),
        ((), {"operation": None}, "operation=None"),
        ((), {"FullDocument": "updateLookup"}, r"FullDocument='updateLookup' \(did you mean 'UpdateLookup'\?\)"),
        ((), {"changes": {"a": 1}}, "are of an update, and operation='insert'"),
        ((), {"removed": ["a"], "operation": "delete"}, "are of an update, and operation='delete'"),
        (({"_id": 1},), {"operation": "update"}, "changes nothing emits no event"),
        ((1,), {"operation": "update", "changes": {}, "removed": []}, "changes nothing emits no event"),
        ((1,), {"operation": "update", "changes": {"_id": 2}}, "immutable field '_id'"),
        ((1,), {"operation": "update", "changes": {"_id.a": 2}}, "immutable field '_id'"),
        ((1,), {"operation": "update", "changes": {"$set": {"a": 1}}}, "not the operators of an update"),
        ((1,), {"operation": "update", "changes": {"a..b": 1}}, "'a..b' is no path"),
        ((1,), {"operation": "update", "removed": [7]}, "7 is no path"),
        ((1,), {"operation": "update", "changes": {"a.b": 1, "a": 2}}, "path 'a.b' would create a conflict at 'a'"),
        ((1,), {"operation": "update", "changes": {"a": 1}, "removed": ["a"]}, "conflict at 'a'"),
        ((1,), {"operation": "update", "changes": {"a": {1}}}, r"changes\['a'\]: a set cannot be stored"),
        (
            ({"_id": 1, "a": 1},),
            {"operation": "update", "changes": {"a.b": 1}, "FullDocument": "UpdateLookup"},
            "cannot create field 'b' in 1",
        ),
        (
            ({"_id": 1, "a": [1]},),
            {"operation": "update", "changes": {"a.b": 1}, "FullDocument": "UpdateLookup"},
            r"cannot create field 'b' in \[1\]",
        ),
        (
            ({"_id": 1, "a": b""},),
            {"operation": "update", "changes": {"a.b": 1}, "FullDocument": "UpdateLookup"},
            r"cannot create field 'b' in \{'\$binary'",
        ),
        ((), {"operation": "rename"}, "to= is the new name that a rename gives"),
        ((), {"to": "a.b"}, "operation='insert'"),
        ((), {"operation": "rename", "to": "archive"}, "to='archive' is no collection"),
        ((), {"operation": "rename", "to": "shop.orders"}, "cannot rename a collection to itself"),
        ((), {"collection": "orders"}, "collection='orders' is no collection: write database.collection"),
        ((), {"collection": "shop."}, "is no collection"),
        ((), {"collection": "shop.system.users"}, "is no collection"),
        ((), {"collection": "sh op.orders"}, "is no collection"),
        ((), {"collection": "shop.or$ders"}, "is no collection"),
        ((), {"collection": 7}, "is no collection"),
        ((), {"count": 2, "collection": lambda number: ("a.a", "b.b")[number]}, "one DatabaseName"),
        (({"a": 1},), {"operation": "drop"}, "operation='drop' is of no document"),
        (({"a": 1}, {"a": 1}), {"operation": "invalidate"}, "operation='invalidate' is of no document"),
        ((), {"operation": "invalidate", "count": 2}, "after an invalidate"),
        ((), {"operation": "drop", "count": 2}, "gone already"),
        (("text",), {}, "a document is an object, such as a dict, and this is a str: 'text'"),
        (("[1]",), {}, "this is a str"),
        ((7,), {"operation": "replace"}, "this is a int: 7"),
        ((None,), {}, "this is a NoneType"),
        ((None,), {"operation": "delete"}, "this is a NoneType"),
        (({"$oid": "64ad054bd418cd98afb1c1d7"},), {}, "a document is an object"),
        (({"_id": [1]},), {}, "takes no array as an _id"),
        (({"$a": 1, "b": 2},), {}, "the field name"),
        (({"a": "\ud800"},), {}, "not valid UTF-8"),
        ((), {"cluster": "Orders"}, "lower-case letters, digits and single hyphens"),
        ((), {"cluster": "my--orders"}, "is no ARN of a cluster"),
        ((), {"cluster": "orders-"}, "is no ARN of a cluster"),
        ((), {"cluster": "arn:aws:sqs:us-east-1:123456789012:orders"}, "is no ARN of a cluster"),
        ((), {"account": "12"}, "is no ARN of a cluster"),
        ((), {"time": "yesterday"}, "not an ISO 8601 time"),
        ((), {"time": "1969-01-01T00:00:00Z"}, "32 bits, from 1970 to 2106"),
    ],
)
def test_bad_input_is_refused(documents: Any, arguments: dict[str, Any], message: str) -> None:
    """With what is wrong, and what to do."""
    with pytest.raises(UsageError, match=message):
        documentdb_event(*documents, **arguments)


def test_a_document_has_at_most_16_mb() -> None:
    """As BSON: nulls are longer there than in JSON."""
    fits = {"_id": 1, "a": "x" * (16 * 1024 * 1024 - 22)}
    assert len(bson.encode(fits)) == 16 * 1024 * 1024
    assert len(changes_of(documentdb_event(fits))) == 1
    with pytest.raises(UsageError, match=r"a document of 16777217 bytes: .* 16777216 bytes"):
        documentdb_event({**fits, "a": fits["a"] + "x"})
    many = {"_id": 1, "a": [[]] * 1_300_000}
    assert len(json.dumps(many)) < 8 * 1024 * 1024
    with pytest.raises(UsageError, match=f"a document of {len(bson.encode(many))} bytes"):
        documentdb_event(many)


# --------------------------------------------------------------------------------------------- consumers


def test_mongodbs_own_driver_reads_our_events() -> None:
    """Its values are what was given; written again they are what we wrote."""
    identifier, when = bson.ObjectId(), dt.datetime(2025, 1, 1, 12, tzinfo=dt.timezone.utc)
    document = {"_id": identifier, "when": when, "large": 2**40, "raw": b"\x00", "amount": Decimal("1.20"), "n": [None]}
    event = documentdb_event(document, {"_id": 2}, operation=lambda number: ("insert", "replace")[number])
    text = json.dumps(event)
    read = bson.json_util.loads(text)
    first = read["events"][0]["event"]
    assert first["documentKey"]["_id"] == identifier
    assert first["fullDocument"]["when"] == when.replace(tzinfo=None)
    assert first["fullDocument"]["raw"] == b"\x00"
    assert first["fullDocument"]["amount"] == bson.Decimal128("1.20")
    assert isinstance(first["clusterTime"], bson.Timestamp)
    assert first["clusterTime"].time == event["events"][0]["event"]["clusterTime"]["$timestamp"]["t"]
    options = bson.json_util.RELAXED_JSON_OPTIONS
    assert bson.json_util.dumps(read, json_options=options) == text


def test_a_handler_of_the_documentation_runs() -> None:
    """Lambda Developer Guide, "Using Lambda with Amazon DocumentDB": it asks for these keys by name."""
    lines = []
    for record in documentdb_event({"a": 1}, collection="shop.orders").get("events", []):
        data = record["event"]
        lines.append((data["operationType"], data["ns"]["db"], data["ns"]["coll"], json.dumps(data["fullDocument"])))
    assert [line[:3] for line in lines] == [("insert", "shop", "orders")]


def test_the_native_record_is_its_change() -> None:
    """Equal and hashable by its token; the parsed change is the caller's own."""
    token = ResumeToken(seconds=EPOCH_2025, increment=1)
    place = Namespace(db="shop", coll="orders")
    record = make_change("insert", token=token, namespace=place, document={"_id": "seven"})
    assert record.id == token.text
    assert record.json() == record.change == json.loads(record.text)
    record.change["ns"] = None
    assert record.change["ns"] == {"db": "shop", "coll": "orders"}
    other = make_change("delete", token=token, namespace=place, document={"_id": 8})
    assert record == other
    assert hash(record) == hash(other)
    assert record != token.text
    assert str(place) == "shop.orders"
    assert repr(record) == f"<ChangeEvent {token.text} insert shop.orders seven>"
    assert repr(make_change("invalidate", token=token, namespace=place)) == f"<ChangeEvent {token.text} invalidate>"
    long = make_change("insert", token=token, namespace=place, document={"_id": "x" * 90})
    assert repr(long).endswith("...>")
    assert isinstance(record, ChangeEvent)


# ------------------------------------------------------------------------------------------------- check


def test_awss_sample_has_no_error() -> None:
    """Its token is recognised."""
    sample = json.loads((SAMPLES / "documentdb.json").read_text(encoding="utf-8"))
    assert found(sample) == [
        "note: events[0].event._id._data: a token of its own: this one is the documentation sample's"
    ]


@pytest.mark.parametrize(
    ("operation", "key"),
    [
        (operation, key)
        for operation in OPERATIONS
        for key in sorted(OPERATIONS[operation] - {"operationType"})  # without it, nothing says what there has to be
    ],
)
def test_what_an_operation_always_has_is_an_error_when_missing(operation: str, key: str) -> None:
    """Handlers read it."""
    event = documentdb_event(
        *((1,) if operation in {"update", "delete"} else ()),
        operation=operation,
        changes={"a": 1} if operation == "update" else None,
        to="a.b" if operation == "rename" else None,
    )
    assert validate(event) == []
    del event["events"][0]["event"][key]
    assert f"error: events[0].event.{key}: this key, which every real event has" in found(event)


def test_an_update_may_have_lost_its_document() -> None:
    """With UpdateLookup it is null when the document was deleted meanwhile; an insert has it always."""
    event = documentdb_event(1, operation="update", changes={"a": 1}, FullDocument="UpdateLookup")
    event["events"][0]["event"]["fullDocument"] = None
    assert validate(event) == []
    inserted = documentdb_event({"a": 1}, overrides={"events[0].event.fullDocument": None})
    assert found(inserted) == ["error: events[0].event.fullDocument: a document, which is an object with _id"]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (  # a test fixture of the Rust SDK
            {"events[0].event.operationType": "drop"},
            [
                "note: events[0].event.documentKey: no such key: AWS does not send it",
                "note: events[0].event.fullDocument: no such key: AWS does not send it",
            ],
        ),
        (
            {"events[0].event.updateDescription": {"removedFields": [], "truncatedArrays": [], "updatedFields": {}}},
            ["note: events[0].event.updateDescription: no such key: AWS does not send it"],
        ),
        (
            {"events[0].event._id._data": "826467950F000000092B022C0100296E5A100402564FD535C0466984FB5C4D928AA3E146"},
            [f"note: events[0].event._id._data: {A_TOKEN}"],
        ),
        (
            {"events[0].event.clusterTime.$timestamp.t": 5},
            [f"note: events[0].event.clusterTime.$timestamp.t: {EPOCH_2025}, as in _id._data"],
        ),
        (
            {"events[0].event.documentKey._id": [1]},
            [
                "note: events[0].event.documentKey._id: no array: MongoDB takes none as an _id",
                "note: events[0].event.documentKey._id: the _id of fullDocument",
            ],
        ),
        (
            {"events[0].event.documentKey._id": True},
            ["note: events[0].event.documentKey._id: the _id of fullDocument"],
        ),
        (
            {"eventSourceArn": "arn:aws:docdb-elastic:us-east-1:123456789012:cluster/x"},
            ["error: eventSourceArn: an ARN such as arn:aws:rds:us-east-1:123456789012:cluster:orders"],
        ),
        ({"events": []}, ["error: events: a list with at least 1 element"]),
    ],
)
def test_a_finding_says_how_bad_it_is(overrides: dict[str, Any], expected: list[str]) -> None:
    """An error where handlers break, a note where it works and is not what AWS sends."""
    event = documentdb_event({"_id": 1, "a": 1}, time="2025-01-01T00:00:00Z", overrides=overrides)
    assert found(event) == expected


def test_tokens_rise_within_an_event() -> None:
    """The stream has one order."""
    event = documentdb_event(count=3)
    event["events"].reverse()
    assert [one.split(": ")[1] for one in found(event)] == ["events[1].event._id._data", "events[2].event._id._data"]


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (
            {"removedFields": [], "updatedFields": {}},
            "updateDescription: a field in updatedFields or removedFields: a write without effect emits nothing",
        ),
        (
            {"removedFields": ["a", "b"], "updatedFields": {"a": 1}},
            "updateDescription.removedFields: no a: it is in updatedFields",
        ),
        (
            {"removedFields": [], "truncatedArrays": [{"field": "a", "newSize": 1}], "updatedFields": {}},
            "updateDescription.truncatedArrays: no such key: AWS does not send it",
        ),
    ],
)
def test_a_description_says_what_was_changed(description: Any, expected: str) -> None:
    """Something, and once; truncatedArrays is MongoDB's."""
    event = documentdb_event(
        1, operation="update", changes={"a": 1}, overrides={"events[0].event.updateDescription": description}
    )
    assert found(event) == [f"note: events[0].event.{expected}"]


def test_all_changes_of_an_event_are_of_one_database() -> None:
    """A mapping has one DatabaseName."""
    event = documentdb_event(count=2, overrides={"events[1].event.ns.db": "other"})
    assert found(event) == ['note: events[1].event.ns.db: "shop": all changes of an event are of one database']


@settings(
    max_examples=settings().max_examples // 2, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(documentdb_events(max_records=3, cluster="orders"))
def test_what_the_strategy_draws_is_well_formed(event: Any) -> None:
    """With the arguments that are given, and up to so many changes."""
    assert validate(event) == []
    assert event["eventSourceArn"].endswith(":cluster:orders")
    assert 1 <= len(event["events"]) <= 3


def test_an_unknown_operation_is_measured_against_them_all() -> None:
    """And says which there are."""
    event = documentdb_event({"a": 1}, overrides={"events[0].event.operationType": "create"})
    (only,) = found(event)
    assert only.startswith('error: events[0].event.operationType: "insert" or "update" or')


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from((*KEYS, "event", "$oid", "$timestamp", "t", "_data", "db", "x")), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=2 * settings().max_examples)
@given(json_values, st.data())
def test_check_never_raises(value: Any, data: st.DataObject) -> None:
    """Whatever stands wherever."""
    event = documentdb_event(
        *({"_id": 1}, 1),
        operation=lambda number: ("insert", "update")[number],
        changes=lambda number: (None, {"a": 1})[number],
    )
    steps = data.draw(st.sampled_from([(), ("events",), *_places(event)]))
    check(_put(event, steps, value), Report())


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, child in children for place in ((*path, key), *_places(child, (*path, key)))]


def _put(event: Any, steps: tuple[Any, ...], value: Any) -> Any:
    if not steps:
        return value
    event[steps[0]] = _put(event[steps[0]], steps[1:], value)
    return event


def test_a_change_stream_is_one_shard_without_windows() -> None:
    """What a stream's poller may ask of any source: a name, one order for all, and no tumbling windows."""
    shape, record = DocumentDbEventShape("arn"), _change("insert", document={"_id": 1})
    assert shape.item_identifier(record) == record.id
    assert shape.order_key(record) == shape.order_key(_change("insert", document={"_id": 2}))
    with pytest.raises(UsageError, match="shop: a change stream has no tumbling windows"):
        shape.window_text([], None, shard_id="shop", moment_ms=0)


def test_an_arn_is_of_its_regions_partition() -> None:
    """As those of S3 Batch Operations are."""
    event = documentdb_event({"_id": 1}, region="cn-north-1")
    assert event["eventSourceArn"] == "arn:aws-cn:rds:cn-north-1:123456789012:cluster:orders"


def test_a_change_is_as_old_as_its_write() -> None:
    """To the millisecond where that is known, else to the second of its token."""
    assert _change("insert", document={"_id": 1}).arrival_ms == 1_735_689_600_000
    assert _change("insert", document={"_id": 1}, at_ms=1_735_689_600_250).arrival_ms == 1_735_689_600_250


def _change(operation: str, **how: Any) -> ChangeEvent:
    return make_change(
        operation,
        token=ResumeToken(seconds=1_735_689_600, increment=1),
        namespace=Namespace(db="shop", coll="orders"),
        **how,
    )
