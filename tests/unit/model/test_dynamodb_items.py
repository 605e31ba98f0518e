"""Plain values become typed ones and come back; what DynamoDB refuses is refused in its words."""

from __future__ import annotations

import base64
import datetime as dt
import enum
import itertools
from collections import OrderedDict
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.dynamodb_items import plain_item, typed_item
from pytest_lambda_events.model.dynamodb_keys import TableKey, key_names
from pytest_lambda_events.model.dynamodb_numbers import (
    ShardNumbers,
    sequence_number,
    sequence_parts,
    shard_id,
)
from pytest_lambda_events.model.dynamodb_record import IMAGES, DynamoDbRecord
from pytest_lambda_events.model.dynamodb_typed import checked_item
from pytest_lambda_events.model.dynamodb_values import number_text, same_item
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.sources.dynamodb.strategies import attributes


class Colour(str, enum.Enum):
    """A str that is more than one."""

    RED = "red"


class Level(enum.IntEnum):
    """An int that is more than one."""

    HIGH = 3


TYPED = (
    ("text", {"S": "text"}),
    ("", {"S": ""}),
    (Colour.RED, {"S": "red"}),
    (7, {"N": "7"}),
    (-(10**20), {"N": "-100000000000000000000"}),
    (Level.HIGH, {"N": "3"}),
    (0.1, {"N": "0.1"}),
    (1e22, {"N": "10000000000000000000000"}),
    (-0.0, {"N": "0"}),
    (Decimal("12.3400"), {"N": "12.34"}),
    (Decimal("1E+3"), {"N": "1000"}),
    (True, {"BOOL": True}),
    (None, {"NULL": True}),
    (b"\x00\xff", {"B": "AP8="}),
    (bytearray(b"a"), {"B": "YQ=="}),
    (Binary(b"a"), {"B": "YQ=="}),
    ({"b", "a"}, {"SS": ["a", "b"]}),
    (frozenset((10, 9, Decimal("0.5"))), {"NS": ["0.5", "9", "10"]}),
    ({b"b", b"a"}, {"BS": ["YQ==", "Yg=="]}),
    (["a", 1, None], {"L": [{"S": "a"}, {"N": "1"}, {"NULL": True}]}),
    ((), {"L": []}),
    ({}, {"M": {}}),
    (OrderedDict(a={"b": 1}), {"M": {"a": {"M": {"b": {"N": "1"}}}}}),
    (MappingProxyType({"a": 1}), {"M": {"a": {"N": "1"}}}),
    ({"S": "text"}, {"M": {"S": {"S": "text"}}}),  # plain, whatever it looks like
)


@pytest.mark.parametrize(("plain", "typed"), TYPED, ids=range(len(TYPED)))
def test_a_plain_value_becomes_a_typed_one(plain: Any, typed: Any) -> None:
    """By its Python type, and nothing is guessed."""
    assert typed_item({"a": plain}) == {"a": typed}
    assert checked_item({"a": typed}) == {"a": typed}


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), attributes(), max_size=4))
def test_items_survive_the_way_there_and_back(item: dict[str, Any]) -> None:
    """Whatever is drawn; numbers as Decimal. boto3's deserializer makes the same of the typed item."""
    typed = typed_item(item)
    back = plain_item(typed)
    assert typed_item(back) == typed
    assert same_item(typed, checked_item(typed))


SERIALIZED = {
    "id": "a",
    "n": Decimal("-12.5"),
    "whole": 42,
    "flag": False,
    "nothing": None,
    "raw": b"\x00\xff",
    "names": {"b", "a"},
    "sizes": {1, 2},
    "raws": {b"a"},
    "list": ["a", {"b": [1]}],
}


def test_boto3s_serializer_agrees() -> None:
    """Value for value; only the elements of sets have another order, and binary is bytes before it is sent."""

    def sent(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: sent(one) for key, one in value.items()}
        if isinstance(value, list):
            return [sent(one) for one in value]
        return base64.b64encode(value).decode() if isinstance(value, bytes) else value

    serialize = TypeSerializer().serialize
    theirs = {name: sent(serialize(value)) for name, value in SERIALIZED.items()}
    assert same_item(typed_item(SERIALIZED), theirs)


def test_boto3s_deserializer_agrees() -> None:
    """It leaves base64 as it is, because botocore decodes it; all else is what we read."""
    deserialize = TypeDeserializer().deserialize
    for name, value in typed_item(SERIALIZED).items():
        if "B" not in value and "BS" not in value:
            assert deserialize(value) == plain_item({name: value})[name] == SERIALIZED[name]


def test_plain_items_have_boto3s_types() -> None:
    """Decimal, bytes, set: not float, not str."""
    item = plain_item(typed_item(SERIALIZED))
    assert item == SERIALIZED
    assert type(item["whole"]) is Decimal
    assert type(item["raw"]) is bytes


@pytest.mark.parametrize(
    ("literal", "kept"),
    [
        ("0042.1200", "42.12"),
        ("1E125", "1" + "0" * 125),
        ("-0", "0"),
        ("+5", "5"),
        ("1.0", "1"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.5E2", "150"),
        ("1e-130", "0." + "0" * 129 + "1"),
        ("100", "100"),
    ],
)
def test_a_number_is_kept_in_its_shortest_form(literal: str, kept: str) -> None:
    """Measured on AWS: no exponent, no zeros that say nothing."""
    assert checked_item({"n": {"N": literal}}) == {"n": {"N": kept}}
    assert number_text(Decimal(literal), "n") == kept


NESTED: Any = []
for _ in range(32):
    NESTED = [NESTED]

REFUSED: tuple[tuple[Any, str], ...] = (
    (10**126, "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    (-1e126, "Number overflow"),
    (Decimal("1E-131"), "Number underflow. Attempting to store a number with magnitude smaller than supported range"),
    (int("1" * 39), "Attempting to store more than 38 significant digits in a Number"),
    (Decimal("-1." + "1" * 38), "Attempting to store more than 38 significant digits in a Number"),
    (set(), "An number set  may not be empty"),
    ({0.1, Decimal("0.1")}, "Input collection contains duplicates"),
    (NESTED, "Nesting Levels have exceeded supported limits"),
    ({"x" * 70_000: 1}, "Attribute name is too large"),
)


@pytest.mark.parametrize(("value", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_dynamodb_refuses_is_refused_in_its_words(value: Any, message: str) -> None:
    """A ValidationException; the hint names the attribute."""
    with pytest.raises(Refusal) as caught:
        typed_item({"attribute": value})
    assert caught.value.code == "ValidationException"
    assert message in caught.value.message
    assert "attribute" in caught.value.hint or "xxx" in caught.value.hint


UNUSABLE: tuple[tuple[Any, str], ...] = (
    ("text", "an item is a mapping"),
    ({1: "a"}, "no name of an attribute"),
    ({"": "a"}, "no name of an attribute"),
    ({"a": dt.date(2025, 1, 1)}, "a is a date"),
    ({"a": [{"b": object()}]}, r"a\[0\]\.b is a object"),
    ({"a": float("nan")}, "neither infinity nor NaN"),
    ({"a": Decimal("Infinity")}, "neither infinity nor NaN"),
    ({"a": {1, "b"}}, "a set of N and S"),
    ({"a": {None}}, "a set of NULL"),
    ({"a": "\ud800"}, "no Unicode text"),
    ({"\ud800": "a"}, "no Unicode text"),
)


@pytest.mark.parametrize(("item", "message"), UNUSABLE, ids=range(len(UNUSABLE)))
def test_what_cannot_mean_anything_is_refused(item: Any, message: str) -> None:
    """The message says where, and what to write instead."""
    with pytest.raises(UsageError, match=message):
        typed_item(item)


BAD_TYPED: tuple[tuple[Any, type[Exception], str], ...] = (
    ("text", UsageError, "an item is a mapping"),
    ({"a": "text"}, UsageError, "no typed value"),
    ({"a": {}}, UsageError, "no typed value"),
    ({"a": {"S": "a", "N": "1"}}, UsageError, "no typed value"),
    ({"a": {"s": "a"}}, UsageError, "no typed value"),
    ({"a": {"S": 1}}, UsageError, "a is a S with 1"),
    ({"a": {"S": "\ud800"}}, UsageError, "no Unicode text"),
    ({"a": {"N": 1}}, UsageError, "^a is a N with 1: N holds a number as a str"),
    ({"a": {"N": "one"}}, Refusal, "cannot be converted to a numeric value: one"),
    ({"a": {"N": ""}}, Refusal, "cannot be converted to a numeric value$"),
    ({"a": {"N": "1e126"}}, Refusal, "Number overflow"),
    ({"a": {"B": 1}}, UsageError, "^a is a B with 1: B holds bytes, or their base64"),
    ({"a": {"B": "!"}}, UsageError, "^a is a B with '!': B holds base64"),
    ({"a": {"BOOL": "true"}}, UsageError, "^a is a BOOL with 'true': BOOL holds True or False"),
    ({"a": {"NULL": False}}, Refusal, "must have the value of true"),
    ({"a": {"SS": "text"}}, UsageError, "a is a SS"),
    ({"a": {"SS": []}}, Refusal, "An string set  may not be empty"),
    ({"a": {"NS": []}}, Refusal, "An number set  may not be empty"),
    ({"a": {"BS": []}}, Refusal, "Binary sets should not be empty"),
    ({"a": {"SS": ["a", "a"]}}, Refusal, r"Input collection \[a, a\] contains duplicates\."),
    ({"a": {"NS": ["1", "1.0"]}}, Refusal, "Input collection contains duplicates"),
    ({"a": {"BS": ["Yg==", "Yg=="]}}, Refusal, r"Input collection \[Yg==, Yg==\]of type BS contains duplicates\."),
    ({"a": {"L": "text"}}, UsageError, "a is a L"),
    ({"a": {"M": ["text"]}}, UsageError, "a is a M"),
    ({"a": {"L": [{"M": {"b": 1}}]}}, UsageError, r"a\[0\]\.b is no typed value"),
)


@pytest.mark.parametrize(("image", "error", "message"), BAD_TYPED, ids=range(len(BAD_TYPED)))
def test_typed_items_are_checked(image: Any, error: type[Exception], message: str) -> None:
    """The shape is ours to complain of, the content DynamoDB's."""
    with pytest.raises(error, match=message):
        checked_item(image)


@pytest.mark.parametrize("kind", ["L", "M"])
def test_typed_items_may_be_thirty_two_deep(kind: str) -> None:
    """DynamoDB's limit, the attribute's own level included."""
    value: dict[str, Any] = {"S": "a"}
    for _ in range(32):
        value = {kind: [value] if kind == "L" else {"b": value}}
    assert checked_item({"a": value}) == {"a": value}
    with pytest.raises(Refusal, match="levels"):
        checked_item({"a": {kind: [value] if kind == "L" else {"b": value}}})


def test_typed_binary_may_be_bytes() -> None:
    """As boto3 takes it; Lambda's JSON has base64."""
    assert checked_item({"a": {"B": b"a"}, "b": {"BS": [b"b", "YQ=="]}}) == {
        "a": {"B": "YQ=="},
        "b": {"BS": ["Yg==", "YQ=="]},
    }


def test_items_are_the_same_whatever_the_order_of_a_set() -> None:
    """Lists have an order, sets and attributes have none."""
    one = {"a": {"SS": ["x", "y"]}, "m": {"M": {"s": {"NS": ["1", "2"]}}}, "l": {"L": [{"BS": ["YQ==", "Yg=="]}]}}
    other = {"l": {"L": [{"BS": ["Yg==", "YQ=="]}]}, "m": {"M": {"s": {"NS": ["2", "1"]}}}, "a": {"SS": ["y", "x"]}}
    assert same_item(one, other)
    assert not same_item(one, {**other, "a": {"SS": ["y", "z"]}})
    assert not same_item({"l": {"L": [{"N": "1"}, {"N": "2"}]}}, {"l": {"L": [{"N": "2"}, {"N": "1"}]}})


@pytest.mark.parametrize(
    ("given", "item", "names"),
    [
        (None, {"name": "a", "id": 1}, ("id",)),
        (None, {"pk": "a", "sk": 1}, ("pk",)),
        ("pk", {}, ("pk",)),
        (("pk", "sk"), {}, ("pk", "sk")),
        (["pk"], {}, ("pk",)),
    ],
)
def test_the_key_is_named_or_found(given: Any, item: Any, names: Any) -> None:
    """Named, else `id`, else the first attribute."""
    assert key_names(given, item) == names


@pytest.mark.parametrize("names", [(), ("a", "b", "c"), ("a", "a")])
def test_a_key_has_one_name_or_two(names: Any) -> None:
    """A partition key, and perhaps a sort key."""
    with pytest.raises(UsageError, match="partition and a sort key"):
        key_names(names, {"a": 1})


def test_an_item_without_attributes_has_no_key() -> None:
    """There is no first one."""
    with pytest.raises(UsageError, match="at least one attribute"):
        key_names(None, {})


def test_the_key_of_an_item_is_in_the_tables_order() -> None:
    """Partition key first, whatever the item's order."""
    image = typed_item({"other": 1, "sk": 2, "pk": "a"})
    key = TableKey.of(image, ("pk", "sk"))
    assert list(key.of_item(image).items()) == [("pk", {"S": "a"}), ("sk", {"N": "2"})]


KEYS_REFUSED = (
    ({"sk": 1}, "Missing the key pk in the item"),
    ({"pk": 1, "sk": 1}, "Type mismatch for key pk expected: S actual: N"),
    ({"pk": "", "sk": 1}, "cannot contain an empty string value. Key: pk"),
    ({"pk": "x" * 2049, "sk": 1}, "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
)


@pytest.mark.parametrize(("item", "message"), KEYS_REFUSED, ids=[message for _, message in KEYS_REFUSED])
def test_keys_are_refused_in_dynamodbs_words(item: Any, message: str) -> None:
    """Missing, of another type, empty, too large."""
    key = TableKey.of(typed_item({"pk": "a", "sk": 1}), ("pk", "sk"))
    with pytest.raises(Refusal) as caught:
        key.of_item(typed_item(item))
    assert message in caught.value.message


def test_a_sort_key_is_smaller_and_may_be_binary() -> None:
    """1,024 bytes; an empty one has a type in the refusal."""
    key = TableKey.of(typed_item({"pk": "a", "sk": b"a"}), ("pk", "sk"))
    assert key.of_item(typed_item({"pk": "x" * 2048, "sk": b"x" * 1024}))
    with pytest.raises(Refusal, match="Aggregated size of all range keys has exceeded the size limit of 1024 bytes"):
        key.of_item(typed_item({"pk": "a", "sk": b"x" * 1025}))
    with pytest.raises(Refusal, match="empty binary value"):
        key.of_item(typed_item({"pk": "a", "sk": b""}))


@pytest.mark.parametrize("value", [True, None, [], {}, {"a"}], ids=["BOOL", "NULL", "L", "M", "SS"])
def test_a_key_is_a_string_a_number_or_bytes(value: Any) -> None:
    """No table has another key, so there is nothing that AWS would say."""
    with pytest.raises(UsageError, match="is of type"):
        TableKey.of(typed_item({"id": value}), ("id",))


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        ("2400001838000228527682", (24, 1838000228527682)),
        ("11900001787531427260892", (119, 1787531427260892)),
        ("25216600000000076581433972", (252166, 76581433972)),
        ("4981469800001502076366178526", (49814698, 1502076366178526)),
        ("100000000025043195499", (1, 25043195499)),
    ],
)
def test_a_recorded_sequence_number_is_read_and_written(number: str, parts: tuple[int, int]) -> None:
    """A counter, and 20 digits that begin with 0000."""
    assert sequence_parts(number) == parts
    assert sequence_number(*parts) == number


@pytest.mark.parametrize("number", ["111", "", "x" * 22, "0" * 22, "1" * 41])
def test_what_is_no_sequence_number_is_not_read(number: str) -> None:
    """It has 21 to 40 digits."""
    assert sequence_parts(number) is None


def test_sequence_numbers_rise_and_are_repeatable() -> None:
    """Counter by one and digits by a few, as in recorded batches."""
    first, second = (ShardNumbers(Identifiers(3).stream("a")) for _ in range(2))
    numbers = [first.next() for _ in range(50)]
    assert numbers == [second.next() for _ in range(50)]
    read = [sequence_parts(number) or (0, 0) for number in numbers]
    for (counter, tail), (next_counter, next_tail) in itertools.pairwise(read):
        assert next_counter == counter + 1
        assert 1 <= next_tail - tail <= 3
        assert f"{tail:020d}".startswith("0000")


def test_a_shards_id_is_that_of_captures() -> None:
    """Milliseconds in 20 digits and 8 hex digits."""
    assert shard_id(1789654247890, "85a74c59") == "shardId-00000001789654247890-85a74c59"


def record(**changes: Any) -> DynamoDbRecord:
    """A record, all of it."""
    fields: dict[str, Any] = {
        "id": "100000000025043195499",
        "event_id": "0" * 32,
        "event_name": "MODIFY",
        "keys": {"id": {"S": "a"}},
        "new_image": {"id": {"S": "a"}, "n": {"N": "2"}},
        "old_image": {"id": {"S": "a"}, "n": {"N": "1"}},
        "view_type": "NEW_AND_OLD_IMAGES",
        "size_bytes": 20,
        "created_ms": 0,
    }
    return DynamoDbRecord(**{**fields, **changes})


def test_a_record_is_its_sequence_number() -> None:
    """Equal and hashable by id, and shown with its key."""
    assert record() == record(event_name="REMOVE")
    assert record() != record(id="200000000025043195499")
    assert record() != "100000000025043195499"
    assert len({record(), record()}) == 1
    assert repr(record()) == "<DynamoDbRecord 100000000025043195499 MODIFY id='a'>"


def test_a_records_json_is_the_item_that_it_shows() -> None:
    """The new image, else the old one, else the keys."""
    assert record().json() == {"id": "a", "n": 2}
    assert record(new_image=None).json() == {"id": "a", "n": 1}
    assert record(new_image=None, old_image=None).json() == {"id": "a"}


def test_images_are_those_of_twelve_recorded_events() -> None:
    """Each event name with each view type."""
    new, old = frozenset(("NewImage",)), frozenset(("OldImage",))
    assert IMAGES == {
        ("INSERT", "KEYS_ONLY"): frozenset(),
        ("INSERT", "NEW_IMAGE"): new,
        ("INSERT", "OLD_IMAGE"): frozenset(),
        ("INSERT", "NEW_AND_OLD_IMAGES"): new,
        ("MODIFY", "KEYS_ONLY"): frozenset(),
        ("MODIFY", "NEW_IMAGE"): new,
        ("MODIFY", "OLD_IMAGE"): old,
        ("MODIFY", "NEW_AND_OLD_IMAGES"): new | old,
        ("REMOVE", "KEYS_ONLY"): frozenset(),
        ("REMOVE", "NEW_IMAGE"): frozenset(),
        ("REMOVE", "OLD_IMAGE"): old,
        ("REMOVE", "NEW_AND_OLD_IMAGES"): old,
    }


def test_only_boto3s_binary_is_one() -> None:
    """A class of another's with its name is not, nor is what else stands in boto3's module."""

    class Binary:
        value = b"a"

    with pytest.raises(UsageError, match="Binary"):
        typed_item({"a": Binary()})
