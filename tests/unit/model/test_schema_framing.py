"""The prefixes of schema registries: bytes that serializers wrote, and back."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.schema_framing import Framed, KafkaSchema, framed, schema_from, unframed

UUID = "574f6a9a-9548-4dea-86a3-d82c0479a116"


def schema(schema_id: str, data_format: str = "AVRO", *indexes: int) -> KafkaSchema:
    """A schema, of the first message where no index is given."""
    return KafkaSchema(schema_id=schema_id, data_format=data_format, message_indexes=indexes or (0,))


def test_a_value_that_glues_serializer_wrote() -> None:
    """Recorded on AWS (Powertools for AWS Lambda, Kafka consumer, Avro without a registry in the mapping)."""
    recorded = base64.b64decode("AwBXT2qalUhN6oaj2CwEeaEWFFBvd2VydG9vbHMK")
    assert unframed(recorded) == Framed(
        registry="glue", schema_id=UUID, message_indexes=(), payload=b"\x14Powertools\x0a"
    )
    assert framed(b"\x14Powertools\x0a", schema(UUID), "glue") == recorded


@pytest.mark.parametrize(
    ("given_schema", "registry", "prefix"),
    [
        (schema("1337"), "confluent", "0000000539"),
        (schema("0", "JSON"), "confluent", "0000000000"),
        (schema("2147483647"), "confluent", "007fffffff"),
        (schema("7", "PROTOBUF"), "confluent", "0000000007" + "00"),
        (schema("7", "PROTOBUF", 0, 0), "confluent", "0000000007" + "040000"),
        (schema("7", "PROTOBUF", 1), "confluent", "0000000007" + "0202"),
        (schema("7", "PROTOBUF", 100, 1), "confluent", "0000000007" + "04c80102"),
        (schema("7", "PROTOBUF", 64), "confluent", "0000000007" + "028001"),
        (schema(UUID), "glue", "0300" + UUID.replace("-", "")),
        (schema(UUID, "PROTOBUF"), "glue", "0300" + UUID.replace("-", "") + "00"),
        (schema(UUID, "PROTOBUF", 300), "glue", "0300" + UUID.replace("-", "") + "ac02"),
    ],
)
def test_the_prefix_of_each_registry(given_schema: KafkaSchema, registry: Any, prefix: str) -> None:
    """Magic byte, id, and for Protobuf which message it is; and what is written is read."""
    data = framed(b"payload", given_schema, registry)
    assert data == bytes.fromhex(prefix) + b"payload"
    protobuf = given_schema.data_format == "PROTOBUF"
    assert unframed(data, data_format=given_schema.data_format) == Framed(
        registry=registry,
        schema_id=given_schema.schema_id,
        message_indexes=given_schema.message_indexes if protobuf else (),
        payload=b"payload",
    )


def test_the_long_form_of_the_first_message_is_read_too() -> None:
    """Confluent's older clients write one index, 0, where newer ones write a single 0."""
    read = unframed(bytes.fromhex("0000000007" + "0200") + b"payload", data_format="PROTOBUF")
    assert read == Framed(registry="confluent", schema_id="7", message_indexes=(0,), payload=b"payload")


def test_glues_compression_is_undone() -> None:
    """The second byte is 5 for zlib; the index of a Protobuf message is compressed with it."""
    header = bytes.fromhex("0305" + UUID.replace("-", ""))
    read = unframed(header + zlib.compress(b"\x02payload"), data_format="PROTOBUF")
    assert read == Framed(registry="glue", schema_id=UUID, message_indexes=(2,), payload=b"payload")


@pytest.mark.parametrize(
    ("data", "data_format"),
    [
        (b"", "AVRO"),
        (b"\x00\x00\x00\x07", "AVRO"),  # too short for an id
        (b"\x01\x00\x00\x00\x07", "AVRO"),
        (b'{"order":1}', "JSON"),
        (b"\x00\xff\xff\xff\xff", "AVRO"),  # ids are positive
        (b"\x00\x00\x00\x00\x07", "PROTOBUF"),  # no indexes
        (b"\x00\x00\x00\x00\x07\x04\x00", "PROTOBUF"),  # two are announced
        (b"\x00\x00\x00\x00\x07\x02\x01", "PROTOBUF"),  # -1
        (b"\x00\x00\x00\x00\x07" + b"\xff" * 6, "PROTOBUF"),  # a number without end
        (b"\x03\x00" + b"u" * 15, "AVRO"),
        (b"\x03\x04" + b"u" * 16, "AVRO"),  # no such compression
        (b"\x03\x05" + b"u" * 16 + b"not zlib", "AVRO"),
        (b"\x03\x00" + b"u" * 16, "PROTOBUF"),
    ],
)
def test_what_no_serializer_wrote_is_not_read(data: bytes, data_format: str) -> None:
    """None, and no exception."""
    assert unframed(data, data_format=data_format) is None


@given(st.binary(max_size=60), st.sampled_from(("AVRO", "JSON", "PROTOBUF")))
def test_reading_never_raises(data: bytes, data_format: str) -> None:
    """Whatever the bytes are."""
    read = unframed(data, data_format=data_format)
    assert read is None or len(read.payload) < len(data) or data[1] == 5


@given(
    st.binary(),
    st.integers(0, 2**31 - 1),
    st.sampled_from(("AVRO", "JSON", "PROTOBUF")),
    st.lists(st.integers(0, 2**30 - 1), min_size=1, max_size=4),
)
def test_what_is_written_is_read(payload: bytes, number: int, data_format: str, indexes: list[int]) -> None:
    """All ids, formats and indexes."""
    data = framed(payload, schema(str(number), data_format, *indexes), "confluent")
    read = unframed(data, data_format=data_format)
    assert read is not None
    assert (read.schema_id, read.payload) == (str(number), payload)
    assert read.message_indexes == (tuple(indexes) if data_format == "PROTOBUF" else ())


def test_a_schema_is_given_as_events_have_it() -> None:
    """By the names of the event; a number may be a number; None is none."""
    assert schema_from(None) is None
    assert schema_from({"schemaId": "7", "dataFormat": "AVRO"}) == schema("7")
    assert schema_from({"schemaId": 7, "dataFormat": "JSON"}) == schema("7", "JSON")
    given_indexes = {"schemaId": UUID, "dataFormat": "PROTOBUF", "messageIndexes": [1, 2]}
    assert schema_from(given_indexes) == schema(UUID, "PROTOBUF", 1, 2)
    assert schema_from(schema(UUID)) == schema(UUID)


@pytest.mark.parametrize(
    ("given_schema", "message"),
    [
        ("AVRO", "'AVRO' is no schema"),
        ({"schemaId": "7"}, "is no schema"),
        ({"schemaId": "7", "dataFormat": "AVRO", "registry": "glue"}, "is no schema"),
        ({"schemaId": "7", "dataFormat": "Avro"}, "dataFormat='Avro' .did you mean 'AVRO'"),
        ({"schemaId": "my-schema", "dataFormat": "AVRO"}, "schemaId='my-schema'"),
        ({"schemaId": UUID.upper(), "dataFormat": "AVRO"}, "in lower case"),
        ({"schemaId": None, "dataFormat": "AVRO"}, "schemaId=None"),
        ({"schemaId": "07", "dataFormat": "AVRO"}, "schemaId='07'"),
        ({"schemaId": "7", "dataFormat": "PROTOBUF", "messageIndexes": []}, r"messageIndexes=\(\)"),
        ({"schemaId": "7", "dataFormat": "PROTOBUF", "messageIndexes": [-1]}, r"messageIndexes=\(-1,\)"),
        ({"schemaId": "7", "dataFormat": "PROTOBUF", "messageIndexes": 0}, "messageIndexes=0: write a list"),
        ({"schemaId": "7", "dataFormat": "PROTOBUF", "messageIndexes": [True]}, r"messageIndexes=\(True,\)"),
    ],
)
def test_what_is_no_schema_is_refused(given_schema: Any, message: str) -> None:
    """With what to write instead."""
    with pytest.raises(UsageError, match=message):
        schema_from(given_schema)


@pytest.mark.parametrize(
    ("given_schema", "registry", "message"),
    [
        (schema(UUID), "confluent", "framing='glue'"),
        (schema("2147483648"), "confluent", "up to 2147483647"),
        (schema("7"), "glue", "framing='confluent'"),
        (schema(UUID, "PROTOBUF", 1, 0), "glue", "one index"),
        (schema("7"), "gleu", "did you mean 'glue'"),
    ],
)
def test_a_schema_of_another_registry_is_refused(given_schema: KafkaSchema, registry: Any, message: str) -> None:
    """Numbers are Confluent's, UUIDs are Glue's."""
    with pytest.raises(UsageError, match=message):
        framed(b"", given_schema, registry)
