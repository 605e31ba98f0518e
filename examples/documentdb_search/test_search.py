"""Is every product found that is there, and no other?"""

from __future__ import annotations

from typing import Any

import pytest
from search import handler, handler_as_first_written, index

LOOKS_UP = {"DocumentDBEventSourceConfig": {"FullDocument": "UpdateLookup"}}
HOUR = 3_600


@pytest.fixture(autouse=True)
def empty_index() -> None:
    """Every test begins with an empty index."""
    index.clear()


@pytest.fixture
def products(documentdb_collection: Any) -> Any:
    """The collection as the stack declares it; its change stream is enabled."""
    return documentdb_collection("shop.products")


def a_day_in_the_shop(products: Any) -> None:
    """Two products come, one gets another name, one is sold out."""
    products.insert_one({"_id": "anchor", "name": "Iron anchor"})
    products.insert_one({"_id": "rope", "name": "Hemp rope"})
    products.update_one({"_id": "anchor"}, {"$set": {"name": "Steel anchor"}})
    products.delete_one({"_id": "rope"})


def test_the_index_follows_the_collection(products: Any, event_source_mapping: Any) -> None:
    """Every kind of change, and whatever order they are read in."""
    mapping = event_source_mapping(products, handler, **LOOKS_UP)
    a_day_in_the_shop(products)
    products.replace_one({"_id": "anchor"}, {"name": "Light anchor"})

    run = mapping.run_until_idle()

    assert run.processed == products.records
    assert index.search("anchor") == ["anchor"]
    assert index.search("light") == ["anchor"]
    assert index.search("steel") == index.search("rope") == []
    assert mapping.check_idempotency(index=lambda: index.words) == []


def test_an_update_without_its_document_blocks_the_index_until_it_is_switched_off(
    products: Any, event_source_mapping: Any
) -> None:
    """The mistake: without UpdateLookup an update has no fullDocument. What comes after it is never found."""
    mapping = event_source_mapping(products, handler_as_first_written, BatchSize=1)
    products.insert_one({"_id": "anchor", "name": "Iron anchor"})
    products.update_one({"_id": "anchor"}, {"$set": {"name": "Steel anchor"}})
    products.insert({"_id": "rope", "name": "Hemp rope"}, at=HOUR)

    run = mapping.run_until_idle()

    assert index.search("rope") == []
    assert [record.change["operationType"] for record in run.expired] == ["update"]
    assert run.elapsed >= 3 * HOUR
    assert not mapping.enabled
    assert [advice.code for advice in run.advice] == ["mapping-disabled-by-expiry"]


def test_a_document_that_is_gone_when_it_is_looked_up(products: Any, event_source_mapping: Any) -> None:
    """With UpdateLookup the same function fails at the first product that is deleted soon after an update."""
    mapping = event_source_mapping(products, handler_as_first_written, **LOOKS_UP)
    products.insert_one({"_id": "rope", "name": "Hemp rope"})
    products.update_one({"_id": "rope"}, {"$set": {"price": 5}})
    products.delete_one({"_id": "rope"})

    run = mapping.run_for(60)

    assert run.processed == []
    assert isinstance(run.invocations[0].error, TypeError)
    assert run.invocations[0].event["events"][1]["event"]["fullDocument"] is None


def test_a_dropped_collection_is_not_found_any_more(products: Any, event_source_mapping: Any) -> None:
    """A drop is one event, and no delete for each document."""
    mapping = event_source_mapping(products, handler, **LOOKS_UP)
    products.insert_many([{"_id": "anchor", "name": "Iron anchor"}, {"_id": "rope", "name": "Hemp rope"}])
    products.drop()
    products.insert_one({"_id": "buoy", "name": "Red buoy"})

    mapping.run_until_idle()

    assert index.search("anchor") == []
    assert index.search("buoy") == ["buoy"]
