"""MongoDB's extended JSON: our values are those of MongoDB's own driver, and what it does not store is refused."""

from __future__ import annotations

import datetime as dt
import enum
import json
import re
import uuid
from collections import OrderedDict
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import bson
import bson.json_util
import pytest
from bson.codec_options import CodecOptions, DatetimeConversion
from freezegun.api import FakeDatetime
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.extended_json import extended
from pytest_lambda_events.model.extended_json_forms import DOCUMENT, VALUE, bson_size, is_wrapped
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.paths import ABSENT

UTC = dt.timezone.utc
EAST = dt.timezone(dt.timedelta(hours=5, minutes=30))
UUID = uuid.UUID("12345678-1234-4678-9234-567812345678")
# the form that we make; milliseconds beyond Python's years stay milliseconds
OPTIONS = bson.json_util.RELAXED_JSON_OPTIONS.with_options(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
OID = "64ad054bd418cd98afb1c1d7"


class Colour(str, enum.Enum):
    """Text with a name."""

    RED = "red"


class Level(enum.IntEnum):
    """A number with a name."""

    HIGH = 3


class HomemadeId:
    """What other packages call an ObjectId."""

    binary = bytes.fromhex(OID)


class DerivedId(bson.ObjectId):
    """As packages that wrap pymongo derive it."""


# MongoDB Specifications, "Extended JSON", conversion table, the column of the relaxed form
RELAXED = [
    (None, None),
    (True, True),
    ("é\u2028", "é\u2028"),
    (7, 7),
    (2**31, 2**31),
    (-(2**63), -(2**63)),
    (1.5, 1.5),
    (float("nan"), {"$numberDouble": "NaN"}),
    (float("inf"), {"$numberDouble": "Infinity"}),
    (float("-inf"), {"$numberDouble": "-Infinity"}),
    (b"\x00\xff", {"$binary": {"base64": "AP8=", "subType": "00"}}),
    (bytearray(b"a"), {"$binary": {"base64": "YQ==", "subType": "00"}}),
    (UUID, {"$binary": {"base64": "EjRWeBI0RniSNFZ4EjRWeA==", "subType": "04"}}),
    (Decimal("19.90"), {"$numberDecimal": "19.90"}),
    (Decimal("1E+3"), {"$numberDecimal": "1E+3"}),
    (Decimal("NaN"), {"$numberDecimal": "NaN"}),
    (Decimal("-Infinity"), {"$numberDecimal": "-Infinity"}),
    (dt.datetime(2025, 1, 1), {"$date": "2025-01-01T00:00:00Z"}),
    (dt.datetime(2025, 1, 1, 12, 0, 0, 250_999, UTC), {"$date": "2025-01-01T12:00:00.250Z"}),
    (dt.datetime(2025, 1, 1, 5, 30, tzinfo=EAST), {"$date": "2025-01-01T00:00:00Z"}),
    (dt.datetime(9999, 12, 31, 23, 59, 59, 999_000), {"$date": "9999-12-31T23:59:59.999Z"}),
    (dt.datetime(1969, 12, 31, 23, 59, 59), {"$date": {"$numberLong": "-1000"}}),
    (FakeDatetime(2025, 1, 1), {"$date": "2025-01-01T00:00:00Z"}),
    (re.compile("a", re.MULTILINE | re.IGNORECASE), {"$regularExpression": {"pattern": "a", "options": "imu"}}),
    (re.compile(b"a"), {"$regularExpression": {"pattern": "a", "options": ""}}),
    ([1, (2, "b")], [1, [2, "b"]]),
    (OrderedDict(b=1, a={"c": b""}), {"b": 1, "a": {"c": {"$binary": {"base64": "", "subType": "00"}}}}),
    (MappingProxyType({"a": 1}), {"a": 1}),
    (Colour.RED, "red"),
    (Level.HIGH, 3),
    (HomemadeId(), {"$oid": OID}),
    (bson.ObjectId(OID), {"$oid": OID}),
    (DerivedId(OID), {"$oid": OID}),
    (bson.Int64(7), 7),
    (bson.Decimal128("1.20"), {"$numberDecimal": "1.20"}),
    (bson.Binary(b"a", 128), {"$binary": {"base64": "YQ==", "subType": "80"}}),
    (bson.Timestamp(1_689_060_683, 10), {"$timestamp": {"t": 1_689_060_683, "i": 10}}),
    (bson.DatetimeMS(1_735_689_600_000), {"$date": "2025-01-01T00:00:00Z"}),
    (bson.DatetimeMS(-1), {"$date": {"$numberLong": "-1"}}),
    (bson.DatetimeMS(253_402_300_799_999), {"$date": "9999-12-31T23:59:59.999Z"}),
    (bson.DatetimeMS(253_402_300_800_000), {"$date": {"$numberLong": "253402300800000"}}),
    (bson.DatetimeMS(2**60), {"$date": {"$numberLong": str(2**60)}}),
    (bson.Regex("a", "si"), {"$regularExpression": {"pattern": "a", "options": "is"}}),
    (bson.Code("f()"), {"$code": "f()"}),
    (bson.Code("f()", {"a": bson.ObjectId(OID)}), {"$code": "f()", "$scope": {"a": {"$oid": OID}}}),
    (bson.DBRef("orders", 7, "shop"), {"$ref": "orders", "$id": 7, "$db": "shop"}),
    (bson.MinKey(), {"$minKey": 1}),
    (bson.MaxKey(), {"$maxKey": 1}),
    (bson.SON(b=1, a=2), {"b": 1, "a": 2}),
]


@pytest.mark.parametrize(("value", "expected"), RELAXED, ids=[f"{number}" for number in range(len(RELAXED))])
def test_a_value_has_its_relaxed_form(value: Any, expected: Any) -> None:
    """As the conversion table of the specification has it."""
    found = extended(value)
    assert found == expected
    assert json.dumps(found) == json.dumps(expected)
    assert said(VALUE, found) == []


def said(shape: Any, value: Any) -> list[str]:
    """What a shape finds."""
    report = Report()
    shape.check(value, (), report)
    return [str(one) for one in report.findings]


def relaxed(value: Any) -> Any:
    """What MongoDB's own driver makes of a document that is in extended JSON."""
    read = bson.json_util.loads(json.dumps(value), json_options=OPTIONS)
    return json.loads(bson.json_util.dumps(read, json_options=OPTIONS))


@pytest.mark.parametrize("value", [value for value, _ in RELAXED], ids=[f"{n}" for n in range(len(RELAXED))])
def test_pymongo_reads_it_and_writes_the_same(value: Any) -> None:
    """An independent judge."""
    document = {"a": extended(value)}
    assert relaxed(document) == document


@pytest.mark.parametrize(
    "value",
    [
        {"$oid": OID},
        {"$date": "2025-01-01T00:00:00.5+01:00"},
        {"$date": {"$numberLong": "-5"}},
        {"$numberLong": "5"},
        {"$numberInt": "5"},
        {"$numberDouble": "-1.5e10"},
        {"$numberDecimal": "5"},
        {"$binary": {"base64": "AP8=", "subType": "0"}},
        {"$timestamp": {"t": 0, "i": 0}},
        {"$timestamp": {"t": 2**32 - 1, "i": 2**32 - 1}},
        {"$regularExpression": {"pattern": "a", "options": ""}},
        {"$code": "f()"},
        {"$symbol": "s"},
        {"$undefined": True},
        {"$dbPointer": {"$ref": "orders", "$id": {"$oid": OID}}},
    ],
    ids=lambda value: next(iter(value)),
)
def test_what_is_extended_json_already_passes(value: dict[str, Any]) -> None:
    """As a copy."""
    given = {"a": [value]}
    found = extended(given)
    assert found == given
    assert found["a"][0] is not value
    assert is_wrapped(value)


def test_values_inside_of_extended_json_are_converted() -> None:
    """A reference may be by any value."""
    assert extended({"$ref": "orders", "$id": bson.ObjectId(OID)}) == {"$ref": "orders", "$id": {"$oid": OID}}
    code = {"$code": "f()", "$scope": {"a": bson.ObjectId(OID)}}
    assert extended(code) == {"$code": "f()", "$scope": {"a": {"$oid": OID}}}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": {1, 2}}, r"document\.a: a set cannot be stored \(\{1, 2\}\): give a list"),
        ({"a": [0, {"b": dt.date(2025, 1, 1)}]}, r"document\.a\[1\]\.b: a date cannot .* give a datetime"),
        ([dt.time(1)], r"document\[0\]: a time cannot .* datetime or text"),
        ({"a": dt.timedelta(1)}, "no lengths of time"),
        ({"a": ABSENT}, "ABSENT is for fields that an update removes"),
        ({"a": object()}, "a object cannot be stored .* what a driver of MongoDB takes"),
        ({"a": 2**63}, "9223372036854775808 has more than 64 bits"),
        ({"a": bson.Int64(-(2**63)) - 1}, "more than 64 bits"),
        ({"a": Decimal("1." + "1" * 34)}, "no decimal128"),
        ({"a": Decimal("1E+7000")}, "no decimal128"),
        ({1: "a"}, "the field name 1 is a int"),
        ({"a": {"$b": 1, "c": 2}}, r"document\.a: the field name '\$b'"),
        ({"a\0": 1}, "null character"),
        ({"$set": {"a": 1}}, "no extended JSON"),
        ({"$oid": "short"}, "24 lower-case hex digits"),
        ({"$date": 1_735_689_600_000}, "legacy form"),
        ({"$binary": "AP8=", "$type": "00"}, "legacy form"),
        ({"$regex": "a", "$options": "i"}, "legacy form"),
        ({"$uuid": "1234"}, "legacy form"),
    ],
)
def test_what_mongodb_does_not_store_is_refused(value: Any, message: str) -> None:
    """With the path to it, and what to give instead."""
    with pytest.raises(UsageError, match=message):
        extended(value)


def nested(levels: int, inner: Any) -> Any:
    """So many levels of documents and arrays."""
    for level in range(levels):
        inner = {"a": inner} if level % 2 else [inner]
    return inner


def test_a_document_has_at_most_a_hundred_levels() -> None:
    """Also one that contains itself is refused, and no endless recursion."""
    assert extended(nested(100, 1)) == nested(100, 1)
    assert said(VALUE, nested(100, 1)) == []
    for container in (nested(101, []), nested(102, {})):
        with pytest.raises(UsageError, match="100 levels"):
            extended(container)
    assert len(said(VALUE, nested(105, 1))) == 1
    circle: dict[str, Any] = {}
    circle["a"] = circle
    with pytest.raises(UsageError, match="100 levels"):
        extended(circle)


def test_names_of_fields_are_plain_text() -> None:
    """Also where they were given as an Enum; an empty one is allowed."""
    found = extended({Colour.RED: 1, "": 2})
    assert found == {"red": 1, "": 2}
    assert {type(name) for name in found} == {str}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), ["error: event: found"]),
        (b"raw", ["error: event: found"]),
        (2**64, ["note: event: found"]),
        ({"$oid": 7}, ["error: $oid: found"]),
        ({"$date": True}, ["error: $date: found"]),
        ({"$date": {}}, ["error: $date.$numberLong: found"]),
        ({"$date": "yesterday"}, ["note: $date: found"]),
        ({"$date": 5}, ["note: $date: found"]),
        ({"$numberLong": 5}, ["error: $numberLong: found"]),
        ({"$timestamp": {"t": -1}}, ["note: $timestamp.t: found", "error: $timestamp.i: found"]),
        ({"$timestamp": {"t": 2**32, "i": 2**32}}, ["note: $timestamp.t: found", "note: $timestamp.i: found"]),
        ({"$minKey": True}, ["error: $minKey: found"]),
        ({"$set": {}}, ["note: $set: found"]),
        ({"$a": 1, "b": {"$oid": "x"}}, ["note: $a: found", "error: b.$oid: found"]),
        ({"$code": "f()", "$scope": [1]}, ["error: $scope: found"]),
    ],
)
def test_what_is_not_of_its_form_is_found(value: Any, expected: list[str]) -> None:
    """A wrong type is an error, a legacy form a note."""
    found = said(VALUE, value)
    assert [one[: len(start)] for one, start in zip(found, expected, strict=True)] == expected


def test_a_document_has_an_id() -> None:
    """And is no value that only looks like one."""
    assert said(DOCUMENT, {"_id": 1}) == []
    assert "error: _id" in said(DOCUMENT, {})[0]
    assert "a document" in said(DOCUMENT, {"$oid": OID})[0]
    assert "a document" in said(DOCUMENT, [])[0]
    assert not is_wrapped({})
    assert not is_wrapped([])


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    st.binary(),
    st.datetimes(dt.datetime(1, 1, 1), timezones=st.just(UTC)),
    st.builds(bson.ObjectId, st.binary(min_size=12, max_size=12)),
    st.builds(bson.Timestamp, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    st.builds(bson.Regex, st.text("abc"), st.just("im")),
    st.builds(bson.Code, st.text("abc")),
    st.builds(bson.Code, st.text("abc"), st.just({"a": 1})),
    st.builds(bson.Decimal128, st.just("1.5")),
    st.just(bson.DBRef("orders", 7)),
    st.just(bson.MinKey()),
    st.just(bson.MaxKey()),
)
names = st.text(st.characters(codec="ascii", exclude_characters="\0$"), max_size=8)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=8)


@given(st.dictionaries(names, values))
def test_sizes_and_relaxed_forms_are_those_of_mongodbs_driver(document: dict[str, Any]) -> None:
    """For any document."""
    found = extended(document)
    codec: Any = CodecOptions(tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_AUTO)
    raw = bson.encode(document, codec_options=codec)
    assert found == json.loads(bson.json_util.dumps(bson.decode(raw, codec_options=codec), json_options=OPTIONS))
    assert bson_size(found) == len(raw)
    assert said(VALUE, found) == []


@pytest.mark.parametrize(
    ("wrapped", "size"),
    [
        ({"$numberLong": "5"}, 8),
        ({"$numberInt": "5"}, 4),
        ({"$numberDouble": "NaN"}, 8),
        ({"$symbol": "é"}, 7),
        ({"$undefined": True}, 0),
        ({"$dbPointer": {"$ref": "orders", "$id": {"$oid": OID}}}, 23),
    ],
)
def test_a_form_that_is_never_made_has_its_size_too(wrapped: dict[str, Any], size: int) -> None:
    """BSON specification: what follows the type and the name."""
    assert bson_size({"a": wrapped}) == 5 + 3 + size
