"""A collection and a database through the harness: what pymongo's calls answer, and the change events they make."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import bson
import bson.json_util
import pytest

from pytest_lambda_events import NotSimulated, UsageError
from pytest_lambda_events.events import ABSENT, validate
from pytest_lambda_events.sources.documentdb.event import DocumentDbEventShape

ARN = "arn:aws:rds:us-east-1:123456789012:cluster:orders"


def operations(records: Any) -> list[str]:
    return [record.change["operationType"] for record in records]


# -- verbs that return the records -------------------------------------------------------------------------------------


def test_every_verb_returns_its_records(orders: Any) -> None:
    """In order; what changes nothing returns none."""
    one, two = orders.insert({"_id": 1, "total": 5, "note": "x"}, '{"_id": 2}')
    (updated,) = orders.update(1, {"total": 6, "note": ABSENT})
    assert updated.change["updateDescription"] == {"removedFields": ["note"], "updatedFields": {"total": 6}}
    assert orders.update(1, {"total": 6}) == []
    assert orders.update(3, {"total": 6}) == []
    (counted,) = orders.update({"total": 6}, {"$inc": {"total": 1}})
    (replaced,) = orders.replace(2, {"total": 9})
    assert replaced.change["fullDocument"] == {"_id": 2, "total": 9}
    assert orders.replace(2, {"total": 9}) == []
    assert orders.replace(3, {"total": 9}) == []
    (deleted,) = orders.delete(1)
    assert orders.delete(1) == []
    dropped, invalidated = orders.drop()
    assert orders.drop() == []
    assert orders.records == [one, two, updated, counted, replaced, deleted, dropped, invalidated]
    assert operations(orders.rename("archive") if orders.insert({}) else []) == ["rename", "invalidate", "invalidate"]


def test_what_a_record_is(aws: Any, orders: Any) -> None:
    """Its id is the resume token; it prints what happened to what; it parses anew each time."""
    (record,) = orders.insert({"_id": 1, "total": 5})
    assert record.id == record.change["_id"]["_data"]
    assert record.json() == record.change
    assert repr(record) == f"<ChangeEvent {record.id} insert shop.orders 1>"
    assert (orders.name, orders.arn, orders.mapped_arn) == ("shop.orders", ARN, ARN)
    assert repr(orders) == f"<DocumentDbCollection shop.orders of {ARN}>"
    assert (orders.database.name, orders.database["users"].name) == ("shop", "shop.users")


def test_writes_may_be_announced(aws: Any) -> None:
    """`at=` is a virtual second; what comes then is in the cluster's order."""
    shop = aws.documentdb_database("shop")
    orders = shop["orders"]
    assert orders.insert({"_id": 1}, at=5) == []
    assert orders.update(1, {"total": 1}, at=6) == []
    assert orders.replace(1, {"total": 2}, at=7) == []
    assert shop["users"].insert({"_id": 9}, at=7.5) == []
    assert orders.delete(1, at=8) == []
    assert orders.insert({}, at=8.5) == []
    assert orders.rename("old", at=9) == []
    assert shop.drop(at=10) == []
    assert orders.records == []
    aws.virtual_clock.advance(7)
    assert operations(orders.records) == ["insert", "update", "replace"]
    aws.virtual_clock.advance(3)
    assert [(record.change["operationType"], record.arrival_ms - 1_735_689_600_000) for record in shop.records[3:]] == [
        ("insert", 7500),
        ("delete", 8000),
        ("insert", 8500),
        ("rename", 9000),
        ("drop", 10_000),
        ("drop", 10_000),
        ("dropDatabase", 10_000),
        ("invalidate", 10_000),
    ]
    assert orders.insert({"_id": 5}, at=10)[0].change["clusterTime"]["$timestamp"]["t"] == 1_735_689_610
    assert orders.drop(at=11) == []
    with pytest.raises(UsageError, match="at=3 lies in the past: virtual time is at 10 s"):
        orders.insert({}, at=3)


def test_an_objectid_is_of_the_second_of_its_write(aws: Any, orders: Any) -> None:
    aws.virtual_clock.advance(100)
    now, later = orders.insert_one({}).inserted_id["$oid"], 200
    orders.insert({}, at=later)
    aws.virtual_clock.advance(100)
    ids = [document["_id"]["$oid"] for document in orders.find()]
    assert ids[0] == now
    assert [int(one[:8], 16) - 1_735_689_600 for one in ids] == [100, 200]
    assert ids[0][8:18] == ids[1][8:18]


def test_what_is_in_the_log_now(aws: Any) -> None:
    """`records` are all there ever were, `messages` those that retention has left."""
    orders = aws.documentdb_collection("shop.orders", change_stream_log_retention_duration=3600)
    (old,) = orders.insert({"_id": 1})
    aws.virtual_clock.advance(1800)
    (new,) = orders.insert({"_id": 2})
    aws.virtual_clock.advance(1800)
    assert (orders.records, orders.messages) == ([old, new], [new])


# -- as with pymongo ---------------------------------------------------------------------------------------------------


def test_insert(orders: Any) -> None:
    """A document without `_id` gets one, in the user's own dict, too, as pymongo does it."""
    mine: dict[str, Any] = {"total": 5}
    made = orders.insert_one(mine)
    assert made.inserted_id == mine["_id"] == orders.find_one()["_id"]
    assert (made.acknowledged, operations(made.records)) == (True, ["insert"])
    many = orders.insert_many([{"_id": 2}, {"_id": "three"}])
    assert (many.inserted_ids, len(many.records)) == ([2, "three"], 2)
    assert orders.count_documents({}) == 3
    assert orders.insert_many(['{"_id": 4}']).inserted_ids == [4]


def test_an_insert_that_fails_halfway(orders: Any) -> None:
    """Those before it are there, as with ordered inserts; what cannot be read at all stops everything."""
    with pytest.raises(UsageError, match="E11000 duplicate key error"):
        orders.insert_many([{"_id": 1}, {"_id": 1}, {"_id": 2}])
    assert orders.find() == [{"_id": 1}]
    with pytest.raises(UsageError, match="a set cannot be stored"):
        orders.insert({"_id": 3}, {"_id": 4, "tags": {1}})
    assert len(orders.records) == 1


def test_update(orders: Any) -> None:
    orders.insert({"_id": 1, "n": 1}, {"_id": 2, "n": 1}, {"_id": 3, "n": 5})
    one = orders.update_one({"n": 1}, {"$set": {"n": 2}})
    assert (one.matched_count, one.modified_count, one.upserted_id) == (1, 1, None)
    many = orders.update_many({"n": {"$lte": 2}}, {"$set": {"n": 2}})
    assert (many.matched_count, many.modified_count) == (2, 1)
    assert [record.change["documentKey"]["_id"] for record in many.records] == [2]
    none = orders.update_many({"n": 9}, {"$set": {"n": 2}})
    assert (none.matched_count, none.modified_count, none.records) == (0, 0, [])


def test_upserts(orders: Any) -> None:
    """An upsert that finds nothing is an insert: of what the filter says and the update adds."""
    made = orders.update_one(
        {"_id": 1, "address.city": "Riga", "n": {"$gt": 5}},
        {"$inc": {"n": 1}, "$setOnInsert": {"made": True}},
        upsert=True,
    )
    assert (made.matched_count, made.upserted_id, operations(made.records)) == (0, 1, ["insert"])
    assert orders.find_one(1) == {"_id": 1, "address": {"city": "Riga"}, "n": 1, "made": True}
    again = orders.update_many({"_id": 1}, {"$inc": {"n": 1}, "$setOnInsert": {"made": False}}, upsert=True)
    assert (again.matched_count, again.upserted_id, operations(again.records)) == (1, None, ["update"])
    with_id = orders.update_one({"name": "x"}, {"$setOnInsert": {"_id": 7}}, upsert=True)
    assert (with_id.upserted_id, orders.find_one(7)) == (7, {"_id": 7, "name": "x"})
    replaced = orders.replace_one({"_id": 8}, {"n": 8}, upsert=True)
    assert (replaced.upserted_id, orders.find_one(8)) == (8, {"_id": 8, "n": 8})
    named = orders.replace_one({"name": "nobody"}, {"n": 9}, upsert=True)
    assert named.upserted_id == orders.find_one({"n": 9})["_id"]
    assert set(named.upserted_id) == {"$oid"}


def test_replace_and_delete(orders: Any) -> None:
    orders.insert({"_id": 1, "n": 1}, {"_id": 2, "n": 1}, {"_id": 3, "n": 1})
    one = orders.replace_one({"n": 1}, {"m": 1})
    assert (one.matched_count, one.modified_count) == (1, 1)
    same = orders.replace_one({"m": 1}, {"_id": 1, "m": 1})
    assert (same.matched_count, same.modified_count, same.records) == (1, 0, [])
    none = orders.replace_one({"m": 9}, {})
    assert (none.matched_count, none.modified_count) == (0, 0)
    assert orders.delete_one({"n": 1}).deleted_count == 1
    assert orders.find() == [{"_id": 1, "m": 1}, {"_id": 3, "n": 1}]
    many = orders.delete_many({})
    assert (many.deleted_count, operations(many.records)) == (2, ["delete", "delete"])
    assert orders.delete_one({}).deleted_count == 0


def test_find_gives_copies(orders: Any) -> None:
    orders.insert({"_id": 1, "tags": ["a"]})
    orders.find_one()["tags"].append("b")
    orders.find()[0]["tags"].append("b")
    assert orders.find_one({"tags": "a"}) == {"_id": 1, "tags": ["a"]}
    assert orders.find_one(2) is None
    assert orders.find_one({"tags": "b"}) is None


def test_values_of_bson_go_in_and_come_out_as_extended_json(orders: Any) -> None:
    """With pymongo installed; `bson.json_util` reads what comes out."""
    oid = bson.ObjectId("67748580d7ac33d94c41bac4")
    document = {
        "_id": oid,
        "price": bson.Decimal128("19.90"),
        "n": bson.Int64(5),
        "at": dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc),
        "raw": b"\x00",
    }
    orders.insert_one(dict(document))
    assert orders.find_one(oid) == orders.find_one({"_id": oid, "price": bson.Decimal128("19.9")})
    (found,) = orders.find({"at": {"$lt": dt.datetime(2025, 1, 2)}})
    options = bson.json_util.JSONOptions(tz_aware=True)
    assert bson.json_util.loads(json.dumps(found), json_options=options) == document


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda c: c.find({}, {"name": 1}), "find: projection is not simulated"),
        (lambda c: c.find_one({}, sort=[("a", 1)]), "find: sort is not simulated"),
        (lambda c: c.insert_many([], ordered=False), "insert_many: ordered is not simulated"),
        (lambda c: c.update_one({}, {"$set": {"a": 1}}, array_filters=[{}]), "update_one: array_filters"),
        (lambda c: c.update_many({}, {"$set": {"a": 1}}, hint="x"), "update_many: hint"),
        (lambda c: c.replace_one({}, {}, collation={}), "replace_one: collation"),
        (lambda c: c.delete_one({}, session=1), "delete_one: session"),
        (lambda c: c.delete_many({}, session=1), "delete_many: session"),
        (lambda c: c.rename("b", dropTarget=True), "rename: dropTarget"),
        (lambda c: c.aggregate([]), "aggregate is not simulated: work on the list that find returns"),
        (lambda c: c.watch(), "watch is not simulated: map the collection"),
        (lambda c: c.find_one_and_update({}, {}), "find_one_and_update is not simulated"),
        (lambda c: c.bulk_write([]), "bulk_write is not simulated"),
        (lambda c: c.create_index("a"), "there are no indexes"),
        (lambda c: c.update_one({}, [{"$set": {"a": 1}}]), "a pipeline of stages"),
    ],
)
def test_what_is_left_out_is_refused_by_name(orders: Any, call: Any, words: str) -> None:
    with pytest.raises(NotSimulated, match=words):
        call(orders)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda c: c.replace_one({}, [1]), "a replacement is a whole document"),
        (lambda c: c.replace_one({}, {"$set": {"a": 1}}), "a replacement is a whole document without operators"),
        (lambda c: c.replace(1, {"a": 1, "$b": 1}), r"\$b"),
        (lambda c: c.update(1, {}), "operators are needed"),
        (lambda c: c.update(1, 7), "operators are needed"),
        (lambda c: c.update(1, {"$oid": "67748580d7ac33d94c41bac4"}), r"\$oid is not simulated"),
        (lambda c: c.insert(7), "a document is an object"),
        (lambda c: c.insert_one({"_id": [1]}), "takes no array as an _id"),
        (lambda c: c.rename("a$b"), "no name of a collection"),
        (lambda c: c.rename(7), "no name of a collection"),
        (lambda c: c.rename("archive"), "source namespace does not exist"),
        (lambda c: c.database[""], "no name of a collection"),
    ],
)
def test_what_means_nothing_is_refused(orders: Any, call: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        call(orders)


def test_other_attributes_are_not_there(orders: Any) -> None:
    """So that `hasattr` works."""
    assert not hasattr(orders, "no_such_thing")
    with pytest.raises(AttributeError, match="DocumentDbCollection has no attribute 'no_such_thing'"):
        _ = orders.no_such_thing


# -- where they are ----------------------------------------------------------------------------------------------------


def test_a_collection_is_the_same_however_it_is_reached(aws: Any, orders: Any) -> None:
    orders.insert({"_id": 1})
    assert aws.documentdb_collection("shop.orders").find() == [{"_id": 1}]
    assert aws.documentdb_database("shop")["orders"].find() == [{"_id": 1}]
    assert aws.documentdb_collection("shop.orders", cluster=ARN).find() == [{"_id": 1}]
    assert aws.documentdb_collection("shop.orders", cluster="other").find() == []
    assert (aws.documentdb_collection().name, aws.documentdb_collection().name) == (
        "test.collection-1",
        "test.collection-2",
    )
    assert aws.documentdb_database().name == "test"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"name": "orders"}, "no collection: write database.collection"),
        ({"name": "shop."}, "no collection"),
        ({"name": "shop.a$b"}, "no collection"),
        ({"cluster": "Not A Cluster"}, "no ARN of a cluster"),
        ({"change_stream_log_retention_duration": 3599}, "3600 to 604800 seconds"),
        ({"change_stream_log_retention_duration": 604_801}, "an hour to seven days"),
        ({"change_stream_log_retention_duration": True}, "an hour to seven days"),
    ],
)
def test_what_no_collection_can_be(aws: Any, how: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        aws.documentdb_collection(**how)


def test_what_no_database_can_be(aws: Any) -> None:
    with pytest.raises(UsageError, match=r"'a\.b' is no name of a database"):
        aws.documentdb_database("a.b")


def test_no_change_is_written_down_where_the_stream_is_not_enabled(aws: Any, recorder: Any) -> None:
    """DocumentDB's default; Lambda could not read it, so a mapping is refused with the command that is missing."""
    orders = aws.documentdb_collection("shop.orders", change_stream=False)
    assert orders.insert({"_id": 1}) == []
    assert orders.find() == [{"_id": 1}]
    with pytest.raises(NotSimulated, match=r'"modifyChangeStreams": 1, "database": "shop", "collection": "orders"'):
        aws.event_source_mapping(orders, recorder())
    with pytest.raises(NotSimulated, match=r'"database": "shop", "collection": ""'):
        aws.event_source_mapping(orders.database, recorder())
    assert aws.documentdb_collection("shop.orders").insert({"_id": 2})
    assert aws.event_source_mapping(orders.database, recorder())


# -- judges ------------------------------------------------------------------------------------------------------------


def test_every_event_is_sound_and_pymongo_reads_it(orders: Any) -> None:
    """`validate` has nothing to say, and `bson.json_util` gives what a driver's `watch` would."""
    orders.insert({"_id": 1, "tags": ["a"], "at": dt.datetime(2025, 1, 1), "price": bson.Decimal128("1.5")}, {})
    orders.update(1, {"$push": {"tags": "b"}, "$unset": {"at": ""}})
    orders.replace(1, {"n": 1})
    orders.delete(1)
    orders.drop()
    orders.insert({"_id": 1})
    orders.rename("archive")
    shape = DocumentDbEventShape(ARN)
    event = json.loads(shape.event_text([shape.record_text(record) for record in orders.database.records]))
    assert validate(event) == []
    for record in [*orders.records, *orders.database.records]:
        change = bson.json_util.loads(record.text)
        assert change["clusterTime"] == bson.Timestamp(1_735_689_600, record.change["clusterTime"]["$timestamp"]["i"])
    first = bson.json_util.loads(orders.records[0].text)["fullDocument"]
    assert first["price"] == bson.Decimal128("1.5")
    assert first["at"].replace(tzinfo=None) == dt.datetime(2025, 1, 1)
