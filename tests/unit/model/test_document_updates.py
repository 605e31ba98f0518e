"""What update operators do, and what their change event says (MongoDB Manual, "Update Operators")."""

from __future__ import annotations

import copy
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.document_updates import read_update

NOW_MS = 1_735_689_600_250
BEFORE: dict[str, Any] = {
    "_id": 1,
    "total": 5,
    "ratio": 0.5,
    "price": {"$numberDecimal": "19.90"},
    "city": "Riga",
    "tags": ["new", "gift"],
    "address": {"city": "Riga", "zip": "1001"},
    "items": [{"sku": "anchor", "n": 2}, {"sku": "rope", "n": 7}],
}

# update, updatedFields, removedFields
CHANGES: list[Any] = [
    ({"$set": {"total": 6}}, {"total": 6}, []),
    ({"$set": {"total": 5.0}}, {"total": 5.0}, []),
    ({"$set": {"total": 5, "city": "Oslo"}}, {"city": "Oslo"}, []),
    ({"$set": {"address.city": "Oslo"}}, {"address.city": "Oslo"}, []),
    ({"$set": {"a.b.c": 1}}, {"a.b.c": 1}, []),
    ({"$set": {"items.0.n": 3}}, {"items.0.n": 3}, []),
    ({"$set": {"tags.3": "x"}}, {"tags.3": "x"}, []),
    ({"$unset": {"city": ""}}, {}, ["city"]),
    ({"$unset": {"address.zip": 1, "nothing": 1}}, {}, ["address.zip"]),
    ({"$unset": {"tags.0": 1}}, {}, ["tags.0"]),
    ({"$inc": {"total": 2}}, {"total": 7}, []),
    ({"$inc": {"total": -0.5}}, {"total": 4.5}, []),
    ({"$inc": {"count": 1}}, {"count": 1}, []),
    ({"$inc": {"price": Decimal("0.10")}}, {"price": {"$numberDecimal": "20.00"}}, []),
    ({"$inc": {"total": Decimal("0.5")}}, {"total": {"$numberDecimal": "5.5"}}, []),
    ({"$inc": {"ratio": float("inf")}}, {"ratio": {"$numberDouble": "Infinity"}}, []),
    ({"$push": {"tags": "x"}}, {"tags.2": "x"}, []),
    ({"$push": {"tags": {"$each": ["x", "y"]}}}, {"tags.2": "x", "tags.3": "y"}, []),
    ({"$push": {"log": "x"}}, {"log": ["x"]}, []),
    ({"$push": {"log": {"$each": []}}}, {"log": []}, []),
    ({"$addToSet": {"tags": "x"}}, {"tags": ["new", "gift", "x"]}, []),
    ({"$addToSet": {"tags": {"$each": ["b", "gift", "a", "b"]}}}, {"tags": ["new", "gift", "b", "a"]}, []),
    ({"$addToSet": {"log": 1}}, {"log": [1]}, []),
    ({"$pull": {"tags": "new"}}, {"tags": ["gift"]}, []),
    ({"$pull": {"items": {"n": {"$gte": 5}}}}, {"items": [{"sku": "anchor", "n": 2}]}, []),
    ({"$rename": {"city": "town"}}, {"town": "Riga"}, ["city"]),
    ({"$rename": {"address.city": "town"}}, {"town": "Riga"}, ["address.city"]),
    ({"$rename": {"city": "address.town"}}, {"address.town": "Riga"}, ["city"]),
    ({"$currentDate": {"seen": True}}, {"seen": {"$date": "2025-01-01T00:00:00.250Z"}}, []),
    ({"$currentDate": {"seen": {"$type": "date"}}}, {"seen": {"$date": "2025-01-01T00:00:00.250Z"}}, []),
    (
        {"$set": {"when": dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc)}, "$unset": {"city": ""}},
        {"when": {"$date": "2025-01-01T00:00:00Z"}},
        ["city"],
    ),
    ({"$set": {"total": 6}, "$setOnInsert": {"_id": 9, "made": 1}}, {"total": 6}, []),
]


@pytest.mark.parametrize(("given", "updated", "removed"), CHANGES, ids=lambda one: repr(one)[:50])
def test_an_update_says_what_it_changed(given: Any, updated: dict[str, Any], removed: list[str]) -> None:
    """And what it says makes the document afterwards out of the one before."""
    before = copy.deepcopy(BEFORE)
    after, changes = read_update(given).apply(before, NOW_MS)
    assert changes is not None
    assert (changes.updated, list(changes.removed)) == (updated, removed)
    assert before == BEFORE
    assert after != BEFORE or "5.0" in repr(after)


@pytest.mark.parametrize(
    "given",
    [
        {"$set": {}},
        {"$set": {"total": 5}},
        {"$set": {"address": {"city": "Riga", "zip": "1001"}}},
        {"$unset": {"nothing": "", "city.name": "", "tags.9": ""}},
        {"$inc": {"total": 0}},
        {"$push": {"tags": {"$each": []}}},
        {"$addToSet": {"tags": "gift"}},
        {"$pull": {"tags": "x"}},
        {"$pull": {"nothing": "x"}},
        {"$rename": {"nothing": "else"}},
        {"$setOnInsert": {"made": 1}},
    ],
    ids=repr,
)
def test_an_update_without_effect_is_no_change(given: Any) -> None:
    after, changes = read_update(given).apply(BEFORE, NOW_MS)
    assert changes is None
    assert after == BEFORE


def test_the_document_afterwards() -> None:
    """Fields keep their places, new ones come last, a gap in an array is filled with nulls."""
    given = {"$set": {"city": "Oslo", "new": 1, "tags.3": "x"}, "$unset": {"items.0": "", "address": ""}}
    after, _ = read_update(given).apply(BEFORE, NOW_MS)
    assert list(after) == ["_id", "total", "ratio", "price", "city", "tags", "items", "new"]
    assert after["tags"] == ["new", "gift", None, "x"]
    assert after["items"] == [None, {"sku": "rope", "n": 7}]


def test_an_upsert_sets_what_is_for_inserts_too() -> None:
    after, _ = read_update({"$setOnInsert": {"_id": 9, "made": 1}, "$inc": {"n": 1}}).apply({}, NOW_MS, is_new=True)
    assert after == {"_id": 9, "made": 1, "n": 1}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"$mul": {"total": 2}}, r"update: \$mul is not simulated"),
        ({"$ste": {"total": 2}}, r"\$ste is not simulated.*\$set"),
        ([{"$set": {"a": 1}}], "a pipeline of stages is not simulated"),
        ({"$push": {"tags": {"$each": [1], "$slice": 2, "$sort": 1}}}, r"\$push with \$slice, \$sort is not simulated"),
        ({"$set": {"items.$.n": 1}}, r"the positional operator in 'items\.\$\.n'"),
        ({"$set": {"items.$[one].n": 1}}, "the positional operator"),
        ({"$currentDate": {"seen": {"$type": "timestamp"}}}, "is not simulated; give True"),
        ({"$inc": {"ratio": Decimal(1)}}, "a double and a Decimal128"),
        ({"$unset": {"$set": 1}}, "'\\$set' as a field is not simulated"),
        ({"$pull": {"tags": {"$elemMatch": {}}}}, r"\$elemMatch is not simulated"),
    ],
)
def test_what_is_not_read_is_refused_by_name(given: Any, words: str) -> None:
    with pytest.raises(NotSimulated, match=words):
        read_update(given).apply(BEFORE, NOW_MS)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "operators are needed"),
        (7, "operators are needed"),
        ({"total": 6}, r"has the fields \['total'\]; replace_one takes a whole document"),
        ({"$set": {"a": 1}, "b": 2}, "operators only"),
        ({"$set": 5}, r"\$set needs an object of fields"),
        ({"$set": {"_id": 2}}, "immutable field '_id'"),
        ({"$set": {"a..b": 2}}, "is no path of a field"),
        ({"$set": {"a": 2}, "$inc": {"a.b": 1}}, "would create a conflict at 'a'"),
        ({"$rename": {"city": "total"}, "$set": {"total": 1}}, "would create a conflict at 'total'"),
        ({"$set": {"city.name": 2}}, "cannot create field 'name'"),
        ({"$set": {"tags.first": 2}}, "cannot create field 'first'"),
        ({"$set": {"total": {1}}}, "a set cannot be stored"),
        ({"$inc": {"total": "1"}}, "Cannot increment with non-numeric argument"),
        ({"$inc": {"city": 1}}, r"Cannot apply \$inc to a value of non-numeric type: city is a string"),
        ({"$inc": {"total": 2**63 - 1}}, "it passes 64 bits"),
        ({"$push": {"city": 1}}, r"\$push: the field 'city' must be an array but is of type string"),
        ({"$addToSet": {"address": 1}}, r"must be an array but is of type object"),
        ({"$pull": {"total": 1}}, r"must be an array but is of type number"),
        ({"$push": {"tags": {"$each": 1}}}, r"The argument to \$each"),
        ({"$rename": {"city": "city"}}, "must differ"),
        ({"$rename": {"city": 7}}, "be texts"),
        ({"$rename": {"items.0.sku": "sku"}}, "cannot be an element of an array"),
        ({"$set": {"note": "x" * 16_777_216}}, "a document of 16777"),
    ],
)
def test_what_mongodb_refuses_is_refused(given: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_update(given).apply(BEFORE, NOW_MS)
