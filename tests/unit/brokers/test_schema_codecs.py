"""Avro, Protobuf and JSON Schema: judged by other libraries and by bytes of their specifications."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import sys
from decimal import Decimal
from typing import Any

import pytest
from avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter
from avro.schema import parse as apache_schema
from google.protobuf import descriptor_pb2, struct_pb2, timestamp_pb2, type_pb2
from google.protobuf.source_context_pb2 import SourceContext
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.brokers.schema_codecs import codec_of
from pytest_lambda_events.errors import UsageError

ORDER = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "PAID"]}, "default": "NEW"},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "extra", "type": {"type": "map", "values": "double"}, "default": {}},
        {"name": "raw", "type": "bytes", "default": ""},
    ],
}


def read(codec: Any, payload: bytes, registry: Any = "confluent", indexes: tuple[int, ...] = (0,)) -> Any:
    """The value as JSON has it."""
    return json.loads(codec.decode(payload, registry, indexes))


# -- Avro --------------------------------------------------------------------------------------------------------------

orders = st.fixed_dictionaries(
    {
        "id": st.integers(-(2**63), 2**63 - 1),
        "note": st.none() | st.text(max_size=5),
        "state": st.sampled_from(("NEW", "PAID")),
        "tags": st.lists(st.text(max_size=3), max_size=3),
        "extra": st.dictionaries(st.text(max_size=3), st.floats(allow_nan=False, allow_infinity=False), max_size=2),
        "raw": st.binary(max_size=4),
    }
)


@given(order=orders)
def test_avro_agrees_with_apaches_library(order: dict[str, Any]) -> None:
    """What either writes, the other reads."""
    codec, schema = codec_of(ORDER, "AVRO"), apache_schema(json.dumps(ORDER))
    written = io.BytesIO()
    DatumWriter(schema).write(order, BinaryEncoder(written))
    shown = {**order, "raw": order["raw"].decode("latin-1")}
    assert read(codec, written.getvalue()) == shown
    assert DatumReader(schema).read(BinaryDecoder(io.BytesIO(codec.encode(order)))) == order


@given(data=st.binary(max_size=30))
def test_no_bytes_raise_anything_but_value_error(data: bytes) -> None:
    """A producer may have sent anything."""
    for codec in (codec_of(ORDER, "AVRO"), codec_of(type_pb2.Type, "PROTOBUF"), codec_of(True, "JSON")):
        try:
            text = codec.decode(data, "confluent", (0,))
        except ValueError as error:
            assert str(error)  # noqa: PT017 - that, or JSON
        else:
            json.loads(text)


@pytest.mark.parametrize(
    ("schema", "value", "payload", "shown"),
    [
        ("string", "Ada", b"\x06Ada", "Ada"),
        ('"string"', "Ada", b"\x06Ada", "Ada"),
        ("int", -65, b"\x81\x01", -65),
        ("null", None, b"", None),
        (["null", "int"], 1, b"\x02\x02", 1),
        ({"type": "fixed", "name": "F", "size": 2}, b"\xff\x00", b"\xff\x00", "\u00ff\x00"),
        ({"type": "int", "logicalType": "date"}, dt.date(1970, 1, 3), b"\x04", 2),
        (
            {"type": "long", "logicalType": "timestamp-millis"},
            dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.timezone.utc),
            b"\xd0\x0f",
            1000,
        ),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
            Decimal("1.28"),
            b"\x04\x00\x80",
            "\x00\u0080",
        ),
        ("double", math.inf, b"\x00\x00\x00\x00\x00\x00\xf0\x7f", "Infinity"),
        ("double", -math.inf, b"\x00\x00\x00\x00\x00\x00\xf0\xff", "-Infinity"),
    ],
)
def test_avro_bytes_and_their_json(schema: Any, value: Any, payload: bytes, shown: Any) -> None:
    """Logical types go in as Python has them, and come out as what lies under them."""
    codec = codec_of(schema, "AVRO")
    assert codec.encode(value) == payload
    assert read(codec, payload) == shown


def test_not_a_number() -> None:
    """JSON has none: it becomes a text."""
    codec = codec_of("double", "AVRO")
    assert read(codec, codec.encode(math.nan)) == "NaN"


def test_avro_text_dict_and_order_of_keys_are_one_schema() -> None:
    """The fingerprint is the content's."""
    turned = dict(reversed(ORDER.items()))
    codecs = [codec_of(one, "AVRO") for one in (ORDER, json.dumps(ORDER), turned, json.dumps(turned, indent=2))]
    assert len({codec.fingerprint for codec in codecs}) == 1
    assert codecs[0].indexes("glue") == (0,)


@pytest.mark.parametrize("value", [{"id": "x"}, {}, {"id": 1, "nope": 2}, None, {"id": 1, "state": "LOST"}])
def test_no_value_of_the_avro_schema(value: Any) -> None:
    """A name with a mistake in it is refused, too, though Avro could leave it out."""
    with pytest.raises(UsageError, match="is no value of this Avro schema"):
        codec_of(ORDER, "AVRO").encode(value)


@pytest.mark.parametrize("schema", [{"type": "recrod"}, "strnig", 7])
def test_no_avro_schema(schema: Any) -> None:
    """It says why, and what it was."""
    with pytest.raises(UsageError, match="this is no Avro schema"):
        codec_of(schema, "AVRO")


# -- JSON Schema -------------------------------------------------------------------------------------------------------

USER = {"type": "object", "properties": {"age": {"type": "integer", "minimum": 0}}, "required": ["age"]}


@pytest.mark.parametrize("schema", [USER, json.dumps(USER)])
def test_json_is_compact_and_checked(schema: Any) -> None:
    """Both ways."""
    codec = codec_of(schema, "JSON")
    assert codec.encode({"age": 1, "name": "Zoë"}) == '{"age":1,"name":"Zoë"}'.encode()
    assert codec.decode(b'{ "age" : 1.0 }', "glue", (0,)) == '{ "age" : 1.0 }'
    assert codec.indexes("confluent") == (0,)
    with pytest.raises(UsageError, match=r"is no value of this JSON Schema: \$.age: -1 is less than the minimum of 0"):
        codec.encode({"age": -1})
    with pytest.raises(ValueError, match=r"the value breaks the JSON Schema: \$: 'age' is a required property"):
        codec.decode(b"{}", "confluent", (0,))


@pytest.mark.parametrize("data", [b"{", b"\xff", b'{"age":NaN}', b"", b"[" * 200_000])
def test_no_json(data: bytes) -> None:
    """Not even text, or nested without end."""
    with pytest.raises(ValueError, match=r"."):
        codec_of(USER, "JSON").decode(data, "confluent", (0,))


def test_the_draft_is_the_seventh_unless_the_schema_says_another() -> None:
    """`exclusiveMinimum` was a boolean in draft 4."""
    four = {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 0, "exclusiveMinimum": True}
    with pytest.raises(ValueError, match="less than or equal to the minimum"):
        codec_of(four, "JSON").decode(b"0", "confluent", (0,))
    with pytest.raises(UsageError, match="this is no JSON Schema"):
        codec_of({"minimum": 0, "exclusiveMinimum": True}, "JSON")


def test_nothing_is_fetched() -> None:
    """A $ref to elsewhere leads nowhere, as when Lambda cannot reach it."""
    codec = codec_of({"$ref": "https://schemas.example.com/order.json"}, "JSON")
    with pytest.raises(
        ValueError, match=r"it cannot be checked: Unresolvable: https://schemas\.example\.com/order\.json"
    ):
        codec.decode(b"{}", "confluent", (0,))


@pytest.mark.parametrize(
    ("schema", "told"),
    [("{", "a JSON Schema is JSON"), ([], "an object or a boolean"), ({"type": 7}, "no JSON Schema")],
)
def test_no_json_schema(schema: Any, told: str) -> None:
    """It says why."""
    with pytest.raises(UsageError, match=told):
        codec_of(schema, "JSON")


@pytest.mark.parametrize("value", [{1, 2}, math.nan, object()])
def test_what_json_cannot_say(value: Any) -> None:
    """Sets, NaN and whatever."""
    with pytest.raises(UsageError, match="cannot be written as JSON"):
        codec_of(True, "JSON").encode(value)


# -- Protobuf ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [{"file_name": "a"}, {"fileName": "a"}, SourceContext(file_name="a")])
def test_protobuf_takes_dicts_and_messages_and_keeps_the_names_of_the_file(value: Any) -> None:
    """ProtoJSON would say fileName."""
    codec = codec_of(SourceContext, "PROTOBUF")
    assert codec.encode(value) == b"\x0a\x01a"
    assert read(codec, b"\x0a\x01a") == {"file_name": "a"}


@pytest.mark.parametrize(
    "schema", [type_pb2.EnumValue, type_pb2.EnumValue.DESCRIPTOR], ids=["a compiled class", "its descriptor"]
)
def test_a_message_is_named_by_its_place(schema: Any) -> None:
    """For Confluent the fourth of the file; for Glue the second by name: Enum, EnumValue, Field, Option, Type."""
    codec = codec_of(schema, "PROTOBUF")
    assert (codec.indexes("confluent"), codec.indexes("glue")) == ((3,), (1,))
    payload = codec.encode({"number": 5})
    assert read(codec, payload, "confluent", (3,)) == read(codec, payload, "glue", (1,)) == {"number": 5}
    with pytest.raises(ValueError, match=r"google/protobuf/type\.proto has no message \[5\]"):
        codec.decode(payload, "glue", (5,))


@pytest.mark.parametrize("schema", [type_pb2, type_pb2.DESCRIPTOR], ids=["a compiled module", "a file's descriptor"])
def test_a_file_stands_for_its_first_message(schema: Any) -> None:
    """Type is the first of type.proto."""
    codec = codec_of(schema, "PROTOBUF")
    assert codec.indexes("confluent") == (0,)
    assert read(codec, codec.encode({"name": "n"})) == {"name": "n"}
    assert codec.fingerprint == codec_of(type_pb2.Field, "PROTOBUF").fingerprint


def test_a_nested_message() -> None:
    """The path from the file in; Glue counts nested ones in the same row, by their full names."""
    codec = codec_of(descriptor_pb2.DescriptorProto.ReservedRange, "PROTOBUF")
    assert codec.indexes("confluent") == (2, 1)
    messages = descriptor_pb2.DESCRIPTOR.message_types_by_name.values()
    names = sorted(
        [one.full_name for one in messages] + [two.full_name for one in messages for two in one.nested_types]
    )
    assert codec.indexes("glue") == (names.index("google.protobuf.DescriptorProto.ReservedRange"),)
    assert read(codec, codec.encode({"start": 1}), "confluent", (2, 1)) == {"start": 1}


def test_protobufs_own_types_have_their_own_json() -> None:
    """As Protobuf's JSON has them."""
    moment = codec_of(timestamp_pb2.Timestamp, "PROTOBUF")
    assert read(moment, moment.encode("1970-01-01T00:00:01Z")) == "1970-01-01T00:00:01Z"
    anything = codec_of(struct_pb2.Struct, "PROTOBUF")
    assert read(anything, anything.encode({"a": [1, None]})) == {"a": [1, None]}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"nope": 1}, r"is no google\.protobuf\.SourceContext: ParseError"),
        (7, r"is no google\.protobuf\.SourceContext"),
        (type_pb2.Field(), r"a google\.protobuf\.Field is no google\.protobuf\.SourceContext"),
    ],
)
def test_no_such_message(value: Any, told: str) -> None:
    """Fields that the message does not have, and other messages."""
    with pytest.raises(UsageError, match=told):
        codec_of(SourceContext, "PROTOBUF").encode(value)


@pytest.mark.parametrize("schema", ['syntax = "proto3";', 7, descriptor_pb2.FieldDescriptorProto.Type])
def test_no_protobuf_schema(schema: Any) -> None:
    """Text has to be compiled; an enum is no message."""
    with pytest.raises(UsageError, match="is no Protobuf schema"):
        codec_of(schema, "PROTOBUF")


def test_a_file_without_messages() -> None:
    """Such as one of extensions alone."""
    from google.protobuf import descriptor_pool

    pool = descriptor_pool.DescriptorPool()
    pool.Add(descriptor_pb2.FileDescriptorProto(name="empty.proto"))
    with pytest.raises(UsageError, match=r"empty\.proto has no message"):
        codec_of(pool.FindFileByName("empty.proto"), "PROTOBUF")


# -- all of them -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data_format", "module", "extra"),
    [
        ("AVRO", "fastavro", "avro"),
        ("JSON", "jsonschema", "jsonschema"),
        ("PROTOBUF", "google.protobuf.message_factory", "protobuf"),
    ],
)
def test_a_missing_library_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, data_format: str, module: str, extra: str
) -> None:
    """What to install stands in the error."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf"pip install 'pytest-lambda-events\[{extra}\]'"):
        codec_of({}, data_format)


def test_a_format_that_lambda_does_not_know() -> None:
    """The nearest is named."""
    with pytest.raises(UsageError, match=r"data_format='Avro' \(did you mean 'AVRO'\?\)"):
        codec_of({}, "Avro")
