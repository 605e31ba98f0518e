"""A record of a topic, read by the schemas of a registry. The law: pure, from the bytes and what the registry says;
each attribute that the mapping chose is read, and the first that cannot be decides.

=====================================================  =====================================================
the attribute                                          what becomes of the record
=====================================================  =====================================================
no key, or a tombstone                                 nothing to read: it goes on without metadata (ours)
the registry has no schema of the id in the bytes      given up: SCHEMA_NOT_FOUND
does not begin as this registry's serializer begins    given up: DESERIALIZATION_ERROR (ours)
is no value of the schema                              given up: DESERIALIZATION_ERROR
is one                                                 SOURCE: the bytes behind the schema's id, of Protobuf with the
                                                       index of the message; JSON: the value as JSON text
=====================================================  =====================================================

Filters look at the value as JSON, whatever the function gets. Rules: Lambda Developer Guide, "Using schema registries
with Kafka event sources in Lambda"; that the index of a Protobuf message stays is what Powertools for AWS Lambda reads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from pytest_lambda_events.model.schema_framing import KafkaSchema, headed, read_message_indexes

if TYPE_CHECKING:
    from pytest_lambda_events.model.kafka_record import KafkaRecord
    from pytest_lambda_events.model.mapping_registry import RegistryConfig
    from pytest_lambda_events.model.registered_schema import RegisteredSchema
    from pytest_lambda_events.model.schema_framing import Headed, Registry

__all__ = ["Readable", "Schemas", "Unreadable", "read_attribute", "read_record"]

Reason: TypeAlias = Literal["SCHEMA_NOT_FOUND", "DESERIALIZATION_ERROR"]


class Schemas(Protocol):
    """A registry (`brokers.schema_registry.SchemaRegistry`)."""

    @property
    def registry(self) -> Registry:
        """Whose wire format it has."""

    @property
    def uri(self) -> str:
        """Where it is."""

    def find(self, schema_id: str) -> RegisteredSchema | None:
        """The schema of an id; None when there is none."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a record is given up before the function sees it: AWS's reason, and ours in a sentence."""

    reason: Reason
    problem: str


class Readable(NamedTuple):
    """The record as the function gets it, and as filters see it."""

    delivered: KafkaRecord
    decoded: KafkaRecord


class _Read(NamedTuple):
    schema: KafkaSchema
    source: bytes
    json_text: str


def read_record(record: KafkaRecord, config: RegistryConfig, schemas: Schemas) -> Readable | Unreadable:
    """Read the attributes that the mapping chose. Errors: what the registry's codecs raise, never for foreign bytes."""
    delivered = decoded = record
    if "KEY" in config.attributes and record.key is not None:
        key = read_attribute(record.key, schemas, "key")
        if isinstance(key, Unreadable):
            return key
        delivered = replace(delivered, key=_handed_over(key, config), key_schema=key.schema)
        decoded = replace(decoded, key=_filtered(key), key_schema=key.schema)
    if "VALUE" in config.attributes and record.value is not None:
        value = read_attribute(record.value, schemas, "value")
        if isinstance(value, Unreadable):
            return value
        delivered = replace(delivered, value=_handed_over(value, config), value_schema=value.schema)
        decoded = replace(decoded, value=_filtered(value), value_schema=value.schema)
    return Readable(delivered, decoded)


def read_attribute(data: bytes, schemas: Schemas, what: str) -> _Read | Unreadable:
    """Read a key or value."""
    head = headed(data)
    if head is None or head.registry != schemas.registry:
        return Unreadable("DESERIALIZATION_ERROR", f"the {what} {_no_prefix(head, schemas)}")
    schema = schemas.find(head.schema_id)
    if schema is None:
        return Unreadable(
            "SCHEMA_NOT_FOUND", f"the {what} is of schema {head.schema_id}, which is not in {schemas.uri}"
        )
    indexes, payload = schema.message_indexes, head.body
    if schema.data_format == "PROTOBUF":
        read = read_message_indexes(head)
        if read is None:
            return Unreadable("DESERIALIZATION_ERROR", f"the {what} does not say which message of its file it is")
        indexes, payload = read
    try:
        text = schema.codec.decode(payload, head.registry, indexes)
    except ValueError as error:
        return Unreadable("DESERIALIZATION_ERROR", f"the {what} is no value of schema {head.schema_id}: {error}")
    return _Read(KafkaSchema(schema_id=head.schema_id, data_format=schema.data_format), head.body, text)


def _no_prefix(head: Headed | None, schemas: Schemas) -> str:
    if head is None:
        return "does not begin with a schema's id; send it with one of the registry's: value_schema=, key_schema="
    return f"begins with an id of {head.registry}'s registry, and {schemas.uri} is of {schemas.registry}"


def _handed_over(read: _Read, config: RegistryConfig) -> bytes:
    return read.json_text.encode() if config.event_format == "JSON" else read.source


def _filtered(read: _Read) -> bytes:
    """The value as a pattern finds it: a text that stands alone is that text, without JSON's quotes (ours)."""
    if read.json_text.startswith('"'):
        return str(json.loads(read.json_text)).encode("utf-8", "surrogatepass")
    return read.json_text.encode()
