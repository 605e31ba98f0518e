"""Databases and collections that write down their changes: which write makes which events, in which stream."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.brokers.document_cluster import Cluster
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.document_filters import read_filter
from pytest_lambda_events.model.document_updates import read_update
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.brokers.document_cluster import Collection
    from pytest_lambda_events.model.change_event import ChangeEvent

START = 1_735_689_600_000
ARN = "arn:aws:rds:us-east-1:123456789012:cluster:orders"


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(ARN, journal=Ledger(), dice=random.Random(0))


@pytest.fixture
def orders(cluster: Cluster) -> Collection:
    """A collection whose changes are written down, with one document."""
    found = cluster.database("shop").collection("orders")
    found.is_recorded = True
    found.insert({"_id": 1, "total": 5}, START)
    return found


def told(events: Sequence[ChangeEvent]) -> list[str]:
    """Operation and namespace of each."""
    return [" ".join(event.brief.split()[:2]) for event in events]


def change(collection: Collection, given: Any) -> list[ChangeEvent]:
    (document,) = collection.documents.find(read_filter(1))
    return collection.update(document, read_update(given), START)[1]


WRITES: dict[str, Callable[[Collection], Any]] = {
    "insert": lambda one: one.insert({"_id": 2}, START),
    "update": lambda one: change(one, {"$set": {"total": 6}}),
    "replace": lambda one: one.replace({"_id": 1, "total": 5}, {"total": 7}, START)[1],
    "delete": lambda one: one.delete({"_id": 1}, START),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_makes_its_event_in_the_collections_and_the_databases_stream(orders: Collection, name: str) -> None:
    (event,) = WRITES[name](orders)
    assert event.change["operationType"] == name
    assert orders.stream.records[-1] == orders.database.stream.records[-1] == event
    assert event.arrival_ms == START


def test_what_events_carry(orders: Collection) -> None:
    """The document of inserts and replacements, what an update changed, the key of a delete."""
    for write in WRITES.values():
        write(orders)
    carried = [event.change for event in orders.stream.records]
    assert [one.get("fullDocument") for one in carried] == [
        {"_id": 1, "total": 5},
        {"_id": 2},
        None,
        {"_id": 1, "total": 7},
        None,
    ]
    assert carried[2]["updateDescription"] == {"removedFields": [], "updatedFields": {"total": 6}}
    assert carried[4]["documentKey"] == {"_id": 1}


def test_writes_that_change_nothing_make_no_event(orders: Collection) -> None:
    assert change(orders, {"$set": {"total": 5}}) == []
    assert orders.replace({"_id": 1, "total": 5}, {"total": 5, "_id": 1.0}, START) == (False, [])
    assert orders.database.collection("users").drop(START) == []
    assert orders.database.cluster.database("empty").drop(START) == []
    assert len(orders.stream.records) == 1


def test_a_replacement_keeps_its_place_and_its_id(orders: Collection) -> None:
    orders.insert({"_id": 2}, START)
    orders.replace({"_id": 1}, {"_id": 1.0, "new": True}, START)
    assert orders.documents.all() == [{"_id": 1, "new": True}, {"_id": 2}]
    assert list(orders.documents.all()[0]) == ["_id", "new"]
    with pytest.raises(UsageError, match="the _id field cannot be changed"):
        orders.replace({"_id": 1}, {"_id": 3}, START)


def test_an_id_is_taken_once(orders: Collection) -> None:
    """By value: 1 and 1.0 are one number."""
    with pytest.raises(UsageError, match=r"E11000 duplicate key error collection: shop\.orders index: _id_"):
        orders.insert({"_id": 1.0}, START)
    orders.insert({"_id": True}, START)
    assert orders.documents.with_id(True) == {"_id": True}
    assert orders.documents.with_id(2) is None


def test_a_document_of_more_than_16_mb_is_refused(orders: Collection) -> None:
    with pytest.raises(UsageError, match="16 MB"):
        orders.insert({"_id": 2, "text": "x" * 16_777_216}, START)
    with pytest.raises(UsageError, match="16 MB"):
        orders.replace({"_id": 1}, {"text": "x" * 16_777_216}, START)
    with pytest.raises(UsageError, match="not valid UTF-8"):
        orders.insert({"_id": 2, "text": "\ud800"}, START)
    assert orders.documents.all() == [{"_id": 1, "total": 5}]


@pytest.mark.parametrize("name", [[], "x"])
def test_a_filter_by_key_is_quick_and_the_same(orders: Collection, name: Any) -> None:
    assert orders.documents.find(read_filter({"_id": 1, "total": {"$gt": 4}})) == [{"_id": 1, "total": 5}]
    assert orders.documents.find(read_filter({"_id": 1, "total": {"$gt": 5}})) == []
    assert orders.documents.find(read_filter({"_id": name})) == []


# -- what ends collections, by stream: mongodb/specifications, change streams -----------------------------------------


def test_a_drop(orders: Collection) -> None:
    """Drop and invalidate in the collection's stream, the drop alone in the database's."""
    events = orders.drop(START)
    assert told(events) == ["drop shop.orders", "invalidate"]
    assert told(orders.stream.records) == ["insert shop.orders", "drop shop.orders", "invalidate"]
    assert told(orders.database.stream.records) == ["insert shop.orders", "drop shop.orders"]
    assert orders.documents.all() == []
    assert orders.drop(START) == []
    assert told(orders.insert({"_id": 1}, START)) == ["insert shop.orders"]  # the stream goes on


def test_a_rename(orders: Collection) -> None:
    """In the streams of both names with an invalidate each; the documents have moved without further events."""
    archive = orders.database.collection("archive")
    events = orders.rename("archive", START)
    assert told(events) == ["rename shop.orders", "invalidate", "invalidate"]
    assert events[0].change["to"] == {"db": "shop", "coll": "archive"}
    assert told(orders.stream.records)[1:] == ["rename shop.orders", "invalidate"]
    assert told(archive.stream.records) == ["rename shop.orders", "invalidate"]
    assert told(orders.database.stream.records)[1:] == ["rename shop.orders"]
    assert (orders.documents.all(), archive.documents.all()) == ([], [{"_id": 1, "total": 5}])
    assert orders.stream.records[-1].id < archive.stream.records[-1].id


def test_what_cannot_be_renamed(orders: Collection) -> None:
    users = orders.database.collection("users")
    with pytest.raises(UsageError, match=r"source namespace does not exist: shop\.users"):
        users.rename("people", START)
    users.insert({"_id": 1}, START)
    for name in ("users", "orders"):
        with pytest.raises(UsageError, match=rf"target namespace exists: shop\.{name}"):
            orders.rename(name, START)
    assert orders.documents.all() == [{"_id": 1, "total": 5}]


def test_a_database_is_dropped(orders: Collection) -> None:
    """A drop for each collection, then dropDatabase; each stream ends with its own invalidate."""
    shop = orders.database
    shop.is_recorded = True
    users = shop.collection("users")
    users.insert({"_id": 1}, START)
    shop.drop(START)
    assert told(shop.stream.records)[2:] == ["drop shop.orders", "drop shop.users", "dropDatabase shop", "invalidate"]
    assert told(orders.stream.records)[1:] == ["drop shop.orders", "invalidate"]
    assert shop.stream.records[-2].change["ns"] == {"db": "shop"}


def test_changes_are_written_down_where_that_was_asked_for(cluster: Cluster) -> None:
    """By collection, or by database; a drop of the database tells what is recorded."""
    shop = cluster.database("shop")
    orders, users = shop.collection("orders"), shop.collection("users")
    orders.insert({"_id": 1}, START)
    assert cluster.log.records == []
    users.is_recorded = True
    users.insert({"_id": 1}, START)
    orders.insert({"_id": 2}, START)
    assert told(shop.stream.records) == ["insert shop.users"]
    assert orders.rename("archive", START) == []
    shop.drop(START)
    assert told(shop.stream.records)[1:] == ["drop shop.users", "dropDatabase shop", "invalidate"]
    orders.insert({"_id": 1}, START)
    users.is_recorded = False
    assert shop.drop(START) == []
    shop.is_recorded = True
    assert told(orders.insert({"_id": 1}, START)) == ["insert shop.orders"]
