"""Which documents a filter finds (MongoDB Manual, "Query and Projection Operators", "Query an Array")."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import bson
import pytest

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.document_filters import read_condition, read_filter
from pytest_lambda_events.model.paths import ABSENT

DOCUMENT = {
    "_id": {"$oid": "67748580d7ac33d94c41bac4"},
    "city": "Riga",
    "total": 5,
    "price": {"$numberDecimal": "19.90"},
    "paid": True,
    "note": None,
    "placed": {"$date": "2025-01-01T12:30:00.250Z"},
    "tags": ["new", "gift"],
    "address": {"city": "Riga", "lines": ["1 Sea Street"]},
    "items": [{"sku": "anchor", "quantity": 2}, {"sku": "rope", "sizes": [1, 9]}],
}

FOUND: list[Any] = [
    None,
    {},
    bson.ObjectId("67748580d7ac33d94c41bac4"),
    {"_id": {"$oid": "67748580d7ac33d94c41bac4"}},
    {"city": "Riga"},
    {"city": "Riga", "total": 5.0},
    {"address.city": "Riga"},
    {"address": {"city": "Riga", "lines": ["1 Sea Street"]}},
    {"note": None},
    {"no.such.field": None},
    {"city.name": None},
    {"tags": "gift"},
    {"tags": ["new", "gift"]},
    {"tags.1": "gift"},
    {"items.sku": "rope"},
    {"items.0.quantity": 2},
    {"items.sizes": 9},
    {"items.sizes": [1, 9]},
    {"total": {"$eq": 5}},
    {"total": {"$gt": 4, "$lt": 6}},
    {"total": {"$gte": 5, "$lte": 5.0}},
    {"total": {"$ne": 6}},
    {"missing": {"$ne": 6}},
    {"price": {"$gt": 19.5}},
    {"city": {"$lt": "Sofia"}},
    {"paid": {"$gt": False}},
    {"placed": {"$lt": dt.datetime(2025, 1, 2, tzinfo=dt.timezone.utc)}},
    {"items.sizes": {"$gt": 8}},
    {"city": {"$in": ["Oslo", "Riga"]}},
    {"missing": {"$in": ["Oslo", None]}},
    {"city": {"$nin": ["Oslo"]}},
    {"tags": {"$in": ("gift",)}},
    {"note": {"$exists": True}},
    {"missing": {"$exists": False}},
    {"items.sizes": {"$exists": 1}},
    {"address": {"$exists": True, "$ne": {}}},
]

NOT_FOUND: list[Any] = [
    7,
    "67748580d7ac33d94c41bac4",
    {"city": "riga"},
    {"city": None},
    {"city": "Riga", "total": 6},
    {"address": {"city": "Riga"}},
    {"address": {"lines": ["1 Sea Street"], "city": "Riga"}},
    {"address": {}},
    {"tags": ["gift", "new"]},
    {"tags.2": "gift"},
    {"tags.first": "new"},
    {"_id.$oid": "67748580d7ac33d94c41bac4"},
    {"paid": 1},
    {"total": {"$gt": 5}},
    {"total": {"$ne": 5}},
    {"total": {"$gt": "4"}},
    {"city": {"$gt": 5}},
    {"missing": {"$gt": 0}},
    {"note": {"$lte": 5}},
    {"city": {"$in": []}},
    {"city": {"$nin": ["Riga"]}},
    {"tags": {"$nin": ["gift"]}},
    {"note": {"$exists": False}},
    {"missing": {"$exists": True}},
    {"missing": {"$nin": [None]}},
]


@pytest.mark.parametrize("given", FOUND, ids=repr)
def test_these_find_the_document(given: Any) -> None:
    assert read_filter(given).matches(DOCUMENT)


@pytest.mark.parametrize("given", NOT_FOUND, ids=repr)
def test_these_do_not(given: Any) -> None:
    assert not read_filter(given).matches(DOCUMENT)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"$or": [{"a": 1}]}, r"filter: \$or is not simulated"),
        ({"a": {"$regex": "x"}}, r"filter: a: \$regex is not simulated; there are \$eq"),
        ({"a": {"$gt": 1, "$size": 2}}, r"a: \$size is not simulated"),
        ({"a": re.compile("x")}, "a is a pattern"),
        ({"a": {"$gt": [1]}}, r"comparing with \[1\] \(a array\)"),
        ({"a": {"$lt": None}}, "comparing with None"),
    ],
)
def test_what_is_not_read_is_refused_by_name(given: Any, words: str) -> None:
    with pytest.raises(NotSimulated, match=words):
        read_filter(given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"": 1}, "'' is no path"),
        ({"a..b": 1}, "is no path"),
        ({7: 1}, "7 is no path"),
        ({"a": {"$in": "Riga"}}, r"\$in needs an array"),
        ({"a": {1, 2}}, "filter\\['a'\\]: a set cannot be stored"),
    ],
)
def test_what_mongodb_refuses_is_refused(given: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_filter(given)


def test_a_filter_says_what_is_equal() -> None:
    """For upserts, and to find a document by its key."""
    found = read_filter({"_id": {"$eq": 7}, "a.b": "x", "c": {"$gt": 5}})
    assert found.equalities == {"_id": 7, "a.b": "x"}
    assert found.key == 7
    assert read_filter({"_id": {"$gt": 7}}).key is ABSENT


@pytest.mark.parametrize(
    ("wanted", "stays"),
    [
        (5, [{"sku": "a", "n": 1}, 7, "x"]),
        ({"$gte": 5}, [{"sku": "a", "n": 1}, "x"]),
        ({"n": {"$lt": 5}}, [5, 7, "x"]),
        ({"sku": "a"}, [5, 7, "x"]),
        ({"$in": ["x", 7]}, [{"sku": "a", "n": 1}, 5]),
    ],
)
def test_conditions_on_elements(wanted: Any, stays: list[Any]) -> None:
    """What `$pull` takes: a value, a condition, or a filter of documents."""
    condition = read_condition(wanted, "items")
    assert [one for one in [{"sku": "a", "n": 1}, 5, 7, "x"] if not condition(one)] == stays
