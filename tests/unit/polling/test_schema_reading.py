"""What becomes of a record's bytes by what the registry says: a table, with a codec of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.model.kafka_record import KafkaRecord
from pytest_lambda_events.model.mapping_registry import RegistryConfig
from pytest_lambda_events.model.registered_schema import RegisteredSchema
from pytest_lambda_events.model.schema_framing import KafkaSchema
from pytest_lambda_events.polling.schema_reading import Readable, Unreadable, read_record

UUID = "574f6a9a-9548-4dea-86a3-d82c0479a116"
HEADS = {"confluent": b"\x00\x00\x00\x00\x07", "glue": b"\x03\x00" + bytes.fromhex(UUID.replace("-", ""))}
IDS = {"confluent": "7", "glue": UUID}


class Upper:
    """A format whose values are upper case letters, and whose JSON is a text, or an object of the lower case ones."""

    fingerprint = "upper"

    def indexes(self, _registry: Any) -> tuple[int, ...]:
        return (0,)

    def encode(self, value: Any) -> bytes:
        return value.upper().encode()

    def decode(self, payload: bytes, _registry: Any, indexes: tuple[int, ...]) -> str:
        text = payload.decode("ascii")
        if not text.isupper():
            raise ValueError(f"{text} is not upper case")
        return f'"{text.lower()}"' if len(text) == 1 else f'{{"{text.lower()}":{indexes[0]}}}'


@dataclass
class Schemas:
    """A registry with one schema."""

    registry: Any
    data_format: str = "AVRO"
    uri: str = "https://r"
    asked: list[str] = field(default_factory=list)

    def find(self, schema_id: str) -> RegisteredSchema | None:
        self.asked.append(schema_id)
        if schema_id != IDS[self.registry]:
            return None
        return RegisteredSchema(
            schema_id=schema_id,
            data_format=self.data_format,
            registry=self.registry,
            registry_uri=self.uri,
            subject="s",
            version=1,
            codec=Upper(),
        )


def config(event_format: Any = "JSON", *attributes: Any) -> RegistryConfig:
    return RegistryConfig(uri="https://r", event_format=event_format, attributes=frozenset(attributes or ("VALUE",)))


def record(value: bytes | None, key: bytes | None = None) -> KafkaRecord:
    return KafkaRecord(topic="t", partition=0, offset=0, timestamp=0, value=value, key=key)


def schema(kind: str, data_format: str = "AVRO") -> KafkaSchema:
    return KafkaSchema(schema_id=IDS[kind], data_format=data_format)


@pytest.mark.parametrize("kind", ["confluent", "glue"])
@pytest.mark.parametrize(
    ("event_format", "data_format", "body", "delivered", "decoded"),
    [
        ("JSON", "AVRO", b"AB", b'{"ab":0}', b'{"ab":0}'),
        ("SOURCE", "AVRO", b"AB", b"AB", b'{"ab":0}'),
        ("JSON", "JSON", b"A", b'"a"', b"a"),  # filters compare a text that stands alone without its quotes
        ("SOURCE", "JSON", b"A", b"A", b"a"),
        ("JSON", "PROTOBUF", b"\x00AB", b'{"ab":0}', b'{"ab":0}'),
        ("SOURCE", "PROTOBUF", b"\x00AB", b"\x00AB", b'{"ab":0}'),  # the index stays
    ],
)
def test_what_the_function_and_the_filter_get(
    kind: str, event_format: str, data_format: str, body: bytes, delivered: bytes, decoded: bytes
) -> None:
    """Both formats of an event, for both registries; metadata whichever it is."""
    found = read_record(record(HEADS[kind] + body, b"k"), config(event_format), Schemas(kind, data_format))
    assert isinstance(found, Readable)
    assert (found.delivered.value, found.decoded.value) == (delivered, decoded)
    assert found.delivered.value_schema == found.decoded.value_schema == schema(kind, data_format)
    assert (found.delivered.key, found.delivered.key_schema) == (b"k", None)


@pytest.mark.parametrize(
    ("kind", "data_format", "value", "reason", "problem"),
    [
        ("confluent", "AVRO", b"AB", "DESERIALIZATION_ERROR", "the value does not begin with a schema's id"),
        ("confluent", "AVRO", b"", "DESERIALIZATION_ERROR", "does not begin with a schema's id"),
        ("confluent", "AVRO", HEADS["glue"] + b"AB", "DESERIALIZATION_ERROR", "begins with an id of glue's registry"),
        ("glue", "AVRO", HEADS["confluent"] + b"AB", "DESERIALIZATION_ERROR", "an id of confluent's registry"),
        ("glue", "AVRO", b"\x03\x05" + HEADS["glue"][2:] + b"no zlib", "DESERIALIZATION_ERROR", "does not begin"),
        ("confluent", "AVRO", b"\x00\x00\x00\x00\x08AB", "SCHEMA_NOT_FOUND", "schema 8, which is not in https://r"),
        ("confluent", "AVRO", HEADS["confluent"] + b"ab", "DESERIALIZATION_ERROR", "schema 7: ab is not upper case"),
        ("confluent", "AVRO", HEADS["confluent"] + b"\xff", "DESERIALIZATION_ERROR", "the value is no value of schema"),
        ("confluent", "PROTOBUF", HEADS["confluent"], "DESERIALIZATION_ERROR", "which message of its file"),
        ("glue", "PROTOBUF", HEADS["glue"] + b"\xff", "DESERIALIZATION_ERROR", "which message of its file"),
    ],
)
def test_what_cannot_be_read(kind: str, data_format: str, value: bytes, reason: str, problem: str) -> None:
    """AWS's reason, and ours."""
    found = read_record(record(value), config(), Schemas(kind, data_format))
    assert isinstance(found, Unreadable)
    assert found.reason == reason
    assert problem in found.problem


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        (b"A", HEADS["confluent"] + b"A", "the key does not"),
        (HEADS["confluent"] + b"A", b"A", "the value does not"),
        (b"A", b"A", "the key does not"),  # the key is looked at first
    ],
)
def test_every_selected_attribute_has_to_be_read(key: bytes, value: bytes, told: str) -> None:
    """The first that cannot decides."""
    found = read_record(record(value, key), config("JSON", "KEY", "VALUE"), Schemas("confluent"))
    assert isinstance(found, Unreadable)
    assert found.problem.startswith(told)


@pytest.mark.parametrize("event_format", ["JSON", "SOURCE"])
def test_what_is_not_there_is_not_read(event_format: str) -> None:
    """A tombstone without a key asks the registry nothing, and is the same record as before."""
    schemas, tombstone = Schemas("confluent"), record(None)
    found = read_record(tombstone, config(event_format, "KEY", "VALUE"), schemas)
    assert isinstance(found, Readable)
    assert found == (tombstone, tombstone)
    assert found.delivered.value_schema is None
    assert schemas.asked == []


def test_the_rest_of_the_record_stays() -> None:
    """Place, timestamp and headers."""
    given_record = KafkaRecord(
        topic="t", partition=3, offset=9, timestamp=5, value=HEADS["glue"] + b"A", headers=(("h", b"\xff"),)
    )
    found = read_record(given_record, config(), Schemas("glue"))
    assert isinstance(found, Readable)
    assert found.delivered == given_record  # equal by place
    assert (found.delivered.timestamp, found.delivered.headers) == (5, (("h", b"\xff"),))


@given(
    data=st.one_of(st.binary(max_size=30), st.binary(max_size=9).map(lambda tail: HEADS["confluent"] + tail)),
    data_format=st.sampled_from(("AVRO", "JSON", "PROTOBUF")),
)
def test_no_bytes_raise(data: bytes, data_format: str) -> None:
    """Whatever a producer sent is read or given up; what is read as SOURCE is the end of what was sent."""
    found = read_record(record(data), config("SOURCE"), Schemas("confluent", data_format))
    if isinstance(found, Readable):
        assert data.endswith(found.delivered.value or b"-")
    else:
        assert found.reason in ("SCHEMA_NOT_FOUND", "DESERIALIZATION_ERROR")
