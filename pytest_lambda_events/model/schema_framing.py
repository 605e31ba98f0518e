"""Schemas of Kafka records, and how a registry's serializer says in the bytes which schema they follow.

The law: byte for byte as the serializers write it, and nothing is read that they would not have written.

==========  ==========================================================================================================
registry    prefix of the payload
==========  ==========================================================================================================
Confluent   00, the schema's id in 4 bytes; for Protobuf then the indexes of the message type: how many there are and
            each of them as zigzag varints, or a single 00 for the usual [0]
Glue        03, the compression (00 none, 05 zlib), the UUID of the schema version in 16 bytes; for Protobuf then the
            index of the message type as a varint, which is compressed with the message
==========  ==========================================================================================================

Where an event source mapping is configured with the registry, Lambda takes the schema out of the bytes and into
keySchemaMetadata and valueSchemaMetadata (Lambda Developer Guide, "Using schema registries with Kafka event sources");
of Protobuf the indexes of the message type stay behind.
"""

from __future__ import annotations

import re
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.nearest import nearest

__all__ = [
    "DATA_FORMATS",
    "REGISTRIES",
    "SCHEMA_ID",
    "Framed",
    "Headed",
    "KafkaSchema",
    "Registry",
    "framed",
    "headed",
    "indexed",
    "read_message_indexes",
    "schema_from",
    "unframed",
]

Registry = Literal["confluent", "glue"]
"""Whose wire format it is."""

REGISTRIES: Final = ("confluent", "glue")
DATA_FORMATS: Final = ("AVRO", "JSON", "PROTOBUF")

SCHEMA_ID: Final = re.compile(r"0|[1-9][0-9]{0,9}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""The id of a Confluent schema, or of a version of a Glue schema."""

_CONFLUENT: Final = b"\x00"
_CONFLUENT_HEADER: Final = 5
_MOST_CONFLUENT: Final = 2**31 - 1
_GLUE: Final = b"\x03"
_GLUE_HEADER: Final = 18
_PLAIN: Final = 0
_ZLIB: Final = 5
_VARINT: Final = 5
"""The longest varint of 32 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSchema:
    """The schema of a key or value: the registry's id for it, and its format.

    `schema_id` is a number for Confluent's registry and the UUID of a schema version for Glue's. `message_indexes` say
    which message of a Protobuf file it is, from the outermost in; the first one as a rule.
    """

    schema_id: str
    data_format: str
    message_indexes: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        if self.data_format not in DATA_FORMATS:
            near = nearest(str(self.data_format), DATA_FORMATS)
            raise UsageError(f"dataFormat={self.data_format!r}{near}: Lambda knows {', '.join(DATA_FORMATS)}")
        schema_id: Any = self.schema_id
        if not isinstance(schema_id, str) or SCHEMA_ID.fullmatch(schema_id) is None:
            raise UsageError(
                f"schemaId={self.schema_id!r}: write a schema's number in Confluent's registry ('7'), or the UUID of a "
                "schema version in Glue's, in lower case"
            )
        if not self.message_indexes or not all(_is_index(one) for one in self.message_indexes):
            raise UsageError(
                f"messageIndexes={self.message_indexes!r}: write the place of each message in its file or in the "
                "message around it, from 0, such as [0]"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Framed:
    """What a prefix says, and the payload behind it, no longer compressed. No indexes where there is no Protobuf."""

    registry: Registry
    schema_id: str
    message_indexes: tuple[int, ...]
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Headed:
    """What a prefix says, and all that is behind it, no longer compressed: of Protobuf the message's index, too."""

    registry: Registry
    schema_id: str
    body: bytes


def schema_from(given: Any) -> KafkaSchema | None:
    """A schema that is given as a `KafkaSchema`, or as `{"schemaId": "7", "dataFormat": "AVRO"}`, as events have it.

    For Protobuf there may be `messageIndexes`, too. Errors: `UsageError`.
    """
    if given is None or isinstance(given, KafkaSchema):
        return given
    if not isinstance(given, Mapping) or not {"schemaId", "dataFormat"} <= given.keys() <= _SCHEMA_KEYS:
        raise UsageError(f'{given!r:.200} is no schema: write {{"schemaId": "7", "dataFormat": "AVRO"}}')
    schema_id, indexes = given["schemaId"], given.get("messageIndexes", (0,))
    if not isinstance(indexes, (list, tuple)):
        raise UsageError(f"messageIndexes={indexes!r:.80}: write a list, such as [0]")
    return KafkaSchema(
        schema_id=str(schema_id) if isinstance(schema_id, int) else schema_id,
        data_format=given["dataFormat"],
        message_indexes=tuple(indexes),
    )


_SCHEMA_KEYS = {"schemaId", "dataFormat", "messageIndexes"}


def framed(payload: bytes, schema: KafkaSchema, registry: Registry) -> bytes:
    """The payload as a registry's serializer writes it. Errors: `UsageError` for a schema of the other registry."""
    if registry == "confluent":
        return _CONFLUENT + _confluent_id(schema) + indexed(payload, schema, registry)
    if registry == "glue":
        return _GLUE + bytes((_PLAIN,)) + _glue_id(schema) + indexed(payload, schema, registry)
    raise UsageError(f"framing={registry!r}{nearest(str(registry), REGISTRIES)}: there are {' and '.join(REGISTRIES)}")


def indexed(payload: bytes, schema: KafkaSchema, registry: Registry) -> bytes:
    """The payload behind what says which message of a Protobuf file it is; other formats have nothing there.

    Errors: `UsageError` for a path of indexes where Glue has a single one.
    """
    if schema.data_format != "PROTOBUF":
        return payload
    return (_confluent_indexes(schema) if registry == "confluent" else _glue_index(schema)) + payload


def headed(data: bytes) -> Headed | None:
    """What the prefix of some bytes says of the schema; None where no serializer would have written them."""
    if data[:1] == _CONFLUENT and len(data) >= _CONFLUENT_HEADER:
        number = int.from_bytes(data[1:_CONFLUENT_HEADER], "big")
        if number > _MOST_CONFLUENT:
            return None
        return Headed(registry="confluent", schema_id=str(number), body=data[_CONFLUENT_HEADER:])
    if data[:1] == _GLUE and len(data) >= _GLUE_HEADER:
        body = _decompressed(data[1], data[_GLUE_HEADER:])
        if body is not None:
            return Headed(registry="glue", schema_id=str(uuid.UUID(bytes=data[2:_GLUE_HEADER])), body=body)
    return None


def read_message_indexes(head: Headed) -> tuple[tuple[int, ...], bytes] | None:
    """Which message of a Protobuf file the body is of, and that message; None where it says none."""
    if head.registry == "confluent":
        return _read_indexes(head.body)
    read = _read_varint(head.body, 0)
    return None if read is None else ((read[0],), head.body[read[1] :])


def unframed(data: bytes, *, data_format: str = "AVRO") -> Framed | None:
    """What the prefix of some bytes says; None where no serializer would have written them.

    That the payload is Protobuf does not stand in the prefix: it has to be known.
    """
    head = headed(data)
    if head is None:
        return None
    indexes: tuple[int, ...] = ()
    payload = head.body
    if data_format == "PROTOBUF":
        read = read_message_indexes(head)
        if read is None:
            return None
        indexes, payload = read
    return Framed(registry=head.registry, schema_id=head.schema_id, message_indexes=indexes, payload=payload)


def _decompressed(compression: int, data: bytes) -> bytes | None:
    if compression == _PLAIN:
        return data
    if compression != _ZLIB:
        return None
    try:
        return zlib.decompress(data)
    except zlib.error:
        return None


def _confluent_id(schema: KafkaSchema) -> bytes:
    number = int(schema.schema_id) if schema.schema_id.isdigit() else None
    if number is None or number > _MOST_CONFLUENT:
        raise UsageError(
            f"schemaId={schema.schema_id!r}: a schema in Confluent's registry has a number up to {_MOST_CONFLUENT}; "
            "with the UUID of a schema version say framing='glue'"
        )
    return number.to_bytes(4, "big")


def _glue_id(schema: KafkaSchema) -> bytes:
    if schema.schema_id.isdigit():
        raise UsageError(
            f"schemaId={schema.schema_id!r}: a schema version in Glue's registry has a UUID; with a number say "
            "framing='confluent'"
        )
    return uuid.UUID(schema.schema_id).bytes


def _confluent_indexes(schema: KafkaSchema) -> bytes:
    if schema.message_indexes == (0,):
        return b"\x00"
    numbers = (len(schema.message_indexes), *schema.message_indexes)
    return b"".join(_varint(number << 1) for number in numbers)


def _glue_index(schema: KafkaSchema) -> bytes:
    if len(schema.message_indexes) != 1:
        raise UsageError(
            f"messageIndexes={list(schema.message_indexes)}: Glue's serializer counts all messages of a file in one "
            "row and writes one index"
        )
    return _varint(schema.message_indexes[0])


def _read_indexes(data: bytes) -> tuple[tuple[int, ...], bytes] | None:
    """Confluent's indexes of the message type and the message; None where there are none."""
    read = _read_varint(data, 0)
    if read is None:
        return None
    count, at = read
    indexes = []
    for _ in range(count >> 1):
        read = _read_varint(data, at)
        if read is None:
            return None
        number, at = read
        indexes.append(number)
    if any(number & 1 for number in (count, *indexes)):  # zigzag: the odd ones are negative
        return None
    return tuple([number >> 1 for number in indexes]) or (0,), data[at:]


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - 7 bits a byte, the eighth says that more follow
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def _read_varint(data: bytes, at: int) -> tuple[int, int] | None:
    """A number and where it ends; None where none does."""
    number = 0
    for place, byte in enumerate(data[at : at + _VARINT]):
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004
            return number, at + place + 1
    return None


def _is_index(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_CONFLUENT >> 1
