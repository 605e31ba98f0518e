"""Sizes as DynamoDB counts them: every number here was measured on AWS, or is SizeBytes of a recorded record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pytest_lambda_events.model.dynamodb_items import typed_item
from pytest_lambda_events.model.dynamodb_sizes import (
    LARGEST_ITEM_BYTES,
    check_item_size,
    item_size,
    number_size,
    value_size,
)
from pytest_lambda_events.model.dynamodb_values import number_text
from pytest_lambda_events.model.refusal import Refusal

MEASURED_NUMBERS = (
    ("0", 1),
    ("1", 2),
    ("12", 2),
    ("42", 2),
    ("101", 3),
    ("123", 3),
    ("1234", 3),
    ("12345678901234567890123456789012345678", 20),
    ("0042", 2),
    ("100", 2),
    ("1010", 3),
    ("0.0000001", 2),
    ("1E125", 2),
    ("1E-100", 2),
    ("1.5", 3),
    ("15", 2),
    ("1.2", 3),
    ("1.200", 3),
    ("1.234", 4),
    ("3.14159", 5),
    ("123456", 4),
    ("100.5", 4),
    ("0.15", 2),
    ("-42", 3),
    ("-0", 1),
)


@pytest.mark.parametrize(("literal", "size"), MEASURED_NUMBERS)
def test_a_number_has_the_measured_size(literal: str, size: int) -> None:
    """One byte, and one for each two digits that matter, before the point and after it; one for a minus sign."""
    assert number_size(number_text(Decimal(literal), "n")) == size


UUID = "905fa520-4d4a-4850-97c5-1d429f8c23ba"
DOCUMENTED = {"Id": 101, "Message": "New item!"}
CHANGED = {"Id": 101, "Message": "This item has changed"}
ORDER = {"id": UUID, "userId": UUID, "tickets": [{"id": UUID}] * 3}
CONTACT = {
    "PK": "DMP#stream_test_1",
    "SK": "VERSION#latest",
    "title": "Stream test 1",
    "description": "Update 4",
    "contact": {
        "name": "Riley, Brian",
        "contact_id": {"identifier": "https://orcid.org/0000-0001-9870-5882", "type": "orcid"},
    },
}
READING = {"device": "foo", "timestamp": "2024-07-12T01:17:42", "humidity": 84.84, "temperature": 42.42}
BUS = {
    "Timestamp": "1650341392",
    "RouteId": "222000073",
    "RemainSeatCnt": "45",
    "PlateNo": "경기74아3282",
    "PredictTime": "7",
}
VENUE = {
    "meetup_id": UUID,
    "mtime": 1719080907442,
    "group_city": "New York",
    "group_country": "UK",
    "venue_name": "Updated Venue 3",
    "meetup_name": "Meetup 6",
    "group_name": "Group 8",
    "rsvp_count": 23,
    "group_lon": Decimal("74.891677"),
    "group_lat": Decimal("-59.493753"),
    "group_id": 4673,
}
VENUE_BEFORE = {
    **VENUE,
    "venue_name": "Updated Venue 2",
    "rsvp_count": 22,
    "group_lon": Decimal("-130.035739"),
    "group_lat": Decimal("66.888498"),
}
RECORDED: tuple[tuple[int, tuple[str, ...], tuple[Any, ...]], ...] = (
    (26, ("Id",), (DOCUMENTED,)),
    (59, ("Id",), (CHANGED, DOCUMENTED)),
    (38, ("Id",), (CHANGED,)),
    (6, ("pk", "sk"), ()),
    (20, ("pk", "sk"), ({"pk": "a", "sk": "b", "data": "test"},)),
    (35, ("pk", "sk"), ({"pk": "a", "sk": "b", "data": "hello"}, {"pk": "a", "sk": "b", "data": "test"})),
    (54, ("val", "key"), ({"val": "data", "key": "binary", "asdf1": b"\x00\x01*A", "asdf2": {b"\0\1*A", b"A*\1\0"}},)),
    (60, ("id",), ({"id": "record-1qit2y819gi", "data": "data-x6aq7ckdpgk"},)),
    (257, ("id",), (ORDER,)),
    (206, ("PK", "SK"), (CONTACT,)),
    (99, ("device", "timestamp"), (READING,)),
    (119, ("Timestamp", "RouteId"), (BUS,)),
    (467, ("meetup_id", "mtime"), (VENUE, VENUE_BEFORE)),
)


@pytest.mark.parametrize(("size", "keys", "images"), RECORDED, ids=[f"{row[0]} bytes" for row in RECORDED])
def test_recorded_size_bytes_are_recomputed(size: int, keys: tuple[str, ...], images: tuple[Any, ...]) -> None:
    """Keys, and each image that the record carries; lists and maps have 3 bytes and 1 for each element."""
    typed = [typed_item(image) for image in images or ({"pk": "a", "sk": "b"},)]
    counted = item_size({key: typed[0][key] for key in keys}) + (sum(map(item_size, typed)) if images else 0)
    assert counted == size


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "Zoë"}, 4),
        ({"B": "AAE="}, 2),
        ({"B": ""}, 0),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "é"]}, 3),
        ({"NS": ["1", "-1.5"]}, 6),
        ({"BS": ["AA==", "AAE="]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "a"}, {"L": []}]}, 9),
        ({"M": {}}, 3),
        ({"M": {"é": {"BOOL": True}}}, 7),
    ],
)
def test_a_value_of_each_type_has_its_size(value: Any, size: int) -> None:
    """Developer Guide, "DynamoDB item sizes and formats"."""
    assert value_size(value) == size


def test_an_item_may_have_400_kilobytes_and_no_more() -> None:
    """The refusal has DynamoDB's words, and the hint the size."""
    fits = typed_item({"id": "a", "text": "x" * (LARGEST_ITEM_BYTES - 7)})
    assert check_item_size(fits) == LARGEST_ITEM_BYTES
    with pytest.raises(Refusal, match="Item size has exceeded the maximum allowed size") as caught:
        check_item_size(typed_item({"id": "a", "text": "x" * (LARGEST_ITEM_BYTES - 6)}))
    assert "409601" in caught.value.hint
