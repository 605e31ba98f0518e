"""Avro by fastavro. The law: binary as Avro's specification has it; as JSON the plain one that people expect, where a
union is its value, not Avro's own JSON encoding.

What Lambda makes of logical types and bytes is not documented. Ours: the type under the logical one (a date is a number
of days), and bytes as Avro's JSON encoding has them, a character each.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.schema_codecs import compact, library
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from pytest_lambda_events.model.schema_framing import Registry

__all__ = ["AvroCodec"]

_LOGICAL: Final = ("logicalType", "precision", "scale")


class AvroCodec:
    """A schema as its JSON (text, dict or list) or as the name of a primitive type.

    fastavro reads in C: a value of a recursive schema that is nested by tens of thousands ends the process.
    """

    def __init__(self, schema: Any) -> None:
        fastavro = library("fastavro", "avro")
        raw = _read(schema)
        try:
            self._writing = fastavro.parse_schema(raw)
            self._reading = fastavro.parse_schema(_without_logical_types(raw))
        except Exception as error:
            raise UsageError(f"this is no Avro schema: {type(error).__name__}: {error}; it is {raw!r:.200}") from error
        self._fastavro = fastavro
        self.fingerprint = json.dumps(raw, sort_keys=True)

    def indexes(self, _registry: Registry) -> tuple[int, ...]:
        """Avro has one type for each schema."""
        return (0,)

    def encode(self, value: Any) -> bytes:
        """See `SchemaCodec`. Fields that the schema does not have are refused; those with a default may be left out."""
        written = io.BytesIO()
        try:
            self._fastavro.schemaless_writer(written, self._writing, value, strict_allow_default=True)
        except Exception as error:
            raise UsageError(
                f"{value!r:.200} is no value of this Avro schema: {type(error).__name__}: {error}"
            ) from error
        return written.getvalue()

    def decode(self, payload: bytes, _registry: Registry, _indexes: tuple[int, ...]) -> str:
        """See `SchemaCodec`. What follows the value is not looked at, as Avro's own readers do not."""
        try:
            return compact(_plain(self._fastavro.schemaless_reader(io.BytesIO(payload), self._reading, None)))
        except Exception as error:
            raise ValueError(f"these bytes are no Avro of the schema: {type(error).__name__}: {error}") from error


def _read(schema: Any) -> Any:
    try:
        read = json.loads(schema) if isinstance(schema, str) else schema
    except json.JSONDecodeError:
        return schema  # a primitive type by its name, or else the library says what is wrong with it
    return "null" if read is None else read


def _without_logical_types(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {name: _without_logical_types(one) for name, one in schema.items() if name not in _LOGICAL}
    if isinstance(schema, (list, tuple)):
        return [_without_logical_types(one) for one in schema]
    return schema


def _plain(value: Any) -> Any:
    """The value with nothing in it that JSON does not have."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
