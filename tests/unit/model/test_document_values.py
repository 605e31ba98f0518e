"""How MongoDB compares values (MongoDB Manual, "Comparison/Sort Order")."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events.model.document_values import key_of, kind_of, number_of, ordered

OID = {"$oid": "67748580d7ac33d94c41bac4"}
NAN = {"$numberDouble": "NaN"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (5, 5.0),
        (5, {"$numberLong": "5"}),
        (5, {"$numberInt": "5"}),
        (5, {"$numberDecimal": "5.00"}),
        (0.5, {"$numberDecimal": "0.5"}),
        ({"$numberDouble": "Infinity"}, {"$numberDecimal": "Infinity"}),
        (NAN, {"$numberDecimal": "NaN"}),
        (None, None),
        ({"$date": "2025-01-01T00:00:00Z"}, {"$date": "2025-01-01T01:00:00.000+01:00"}),
        ({"$date": "1969-12-31T23:59:59.999Z"}, {"$date": {"$numberLong": "-1"}}),
        (OID, dict(OID)),
        ({"a": [1, {"b": 2}]}, {"a": [1.0, {"b": 2}]}),
        ({"$binary": {"base64": "AA==", "subType": "00"}}, {"$binary": {"subType": "00", "base64": "AA=="}}),
    ],
)
def test_these_are_equal(one: Any, other: Any) -> None:
    assert key_of(one) == key_of(other)
    assert hash(key_of(one)) == hash(key_of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (5, "5"),
        (None, False),
        (None, {}),
        ([], {}),
        ([1], 1),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"$numberDecimal": "0.1"}, 0.1),  # 0.1 is a little more as a double
        ("67748580d7ac33d94c41bac4", OID),
        ({"$date": "2025-01-01T00:00:00Z"}, "2025-01-01T00:00:00Z"),
        ({"$date": "2025-13-01T00:00:00Z"}, {"$date": "2025-14-01T00:00:00Z"}),
        ({"$minKey": 1}, {"$maxKey": 1}),
    ],
)
def test_these_are_not(one: Any, other: Any) -> None:
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"a": 1}, {"$minKey": 1}, {"$date": "2025-13-01T00:00:00Z"}, {"$date": "soon"}],
)
def test_these_have_no_order(value: Any) -> None:
    assert ordered(value) is None


def test_what_is_no_number() -> None:
    assert [number_of(value) for value in (True, "1", OID, None)] == [None] * 4


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        ([], "array"),
        ({}, "object"),
        (True, "bool"),
        ("", "string"),
        (1.5, "number"),
        (OID, "oid"),
        ({"$date": "2025-01-01T00:00:00Z"}, "date"),
        ({"$minKey": 1}, "minKey"),
    ],
)
def test_kinds_have_names(value: Any, kind: str) -> None:
    assert kind_of(value) == kind
