"""A schema that a registry knows: its id, and what turns values into bytes and back. The law: values, and one port; how
a format is written is the codec's business, and stands in a higher room.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pytest_lambda_events.model.schema_framing import KafkaSchema

if TYPE_CHECKING:
    from pytest_lambda_events.model.schema_framing import Registry

__all__ = ["RegisteredSchema", "SchemaCodec"]


class SchemaCodec(Protocol):
    """One schema of Avro, Protobuf or JSON Schema, ready for use (`brokers.schema_codecs`)."""

    @property
    def fingerprint(self) -> str:
        """The same for the same schema, however it was written down."""

    def indexes(self, registry: Registry) -> tuple[int, ...]:
        """Which message of its file it is, as this registry's serializer counts them; `(0,)` without Protobuf."""

    def encode(self, value: Any) -> bytes:
        """The bytes of a value, without any prefix. Errors: `UsageError` for one that the schema does not have."""

    def decode(self, payload: bytes, registry: Registry, indexes: tuple[int, ...]) -> str:
        """The value as JSON text; `indexes` are those that stood before the payload.

        Errors: `ValueError`, in one sentence, for bytes that are no such value.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredSchema(KafkaSchema):
    """A version of a schema in the registry at `registry_uri`, under a subject (Confluent) or schema name (Glue).

    As `value_schema` or `key_schema` it encodes what is sent, and `registry` says in whose form.
    """

    registry: Registry
    registry_uri: str
    subject: str
    version: int
    codec: SchemaCodec = field(repr=False, compare=False)

    def encode(self, value: Any) -> bytes:
        """The bytes of a value, without any prefix; bytes are taken for what a serializer has written.

        Errors: `UsageError` for a value that the schema does not have.
        """
        return bytes(value) if isinstance(value, (bytes, bytearray)) else self.codec.encode(value)
