"""Protobuf by Google's library. The law: the message that the indexes before the payload name, whichever of its file
was registered; fields keep the names of the file, as Lambda keeps them, where Protobuf's JSON would have camelCase.

Fields that have their default do not stand in the JSON, as in Protobuf's own (ours: AWS says nothing of it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.schema_codecs import compact, library
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.schema_framing import Registry

__all__ = ["ProtobufCodec"]


class ProtobufCodec:
    """A message: its compiled class or descriptor; or the descriptor of a file, for its first message."""

    def __init__(self, schema: Any) -> None:
        self._classes = library("google.protobuf.message_factory", "protobuf").GetMessageClass
        self._json = library("google.protobuf.json_format", "protobuf")
        self._message = _descriptor(schema)
        self._file = self._message.file
        self.fingerprint: str = self._file.serialized_pb.hex()

    def indexes(self, registry: Registry) -> tuple[int, ...]:
        """See `SchemaCodec`: the path from the file in, or Glue's one number."""
        if registry == "glue":
            return ([one.full_name for one in _in_glues_order(self._file)].index(self._message.full_name),)
        path: list[int] = []
        inner = self._message
        while inner is not None:
            around = inner.containing_type
            path.append(_names(_top_level(self._file) if around is None else around.nested_types).index(inner.name))
            inner = around
        return tuple(reversed(path))

    def encode(self, value: Any) -> bytes:
        """See `SchemaCodec`. A value is a message, or a dict as Protobuf's JSON has it, fields named in either form."""
        kind = self._classes(self._message)
        if hasattr(value, "DESCRIPTOR"):
            if value.DESCRIPTOR.full_name != self._message.full_name:
                raise UsageError(f"a {value.DESCRIPTOR.full_name} is no {self._message.full_name}")
            written: bytes = value.SerializeToString(deterministic=True)
            return written
        try:
            written = self._json.ParseDict(value, kind()).SerializeToString(deterministic=True)
        except Exception as error:
            raise UsageError(
                f"{value!r:.200} is no {self._message.full_name}: {type(error).__name__}: {error}"
            ) from error
        return written

    def decode(self, payload: bytes, registry: Registry, indexes: tuple[int, ...]) -> str:
        """See `SchemaCodec`."""
        message = _named(self._file, registry, indexes)
        try:
            read = self._classes(message).FromString(payload)
            found = self._json.MessageToDict(read, preserving_proto_field_name=True)
        except Exception as error:
            raise ValueError(f"these bytes are no {message.full_name}: {type(error).__name__}: {error}") from error
        return compact(found)


def _descriptor(schema: Any) -> Any:
    """The descriptor of a message."""
    found = getattr(schema, "DESCRIPTOR", schema)
    if hasattr(found, "message_types_by_name"):  # of a file, or of a compiled module
        messages = _top_level(found)
        if not messages:
            raise UsageError(f"{found.name} has no message")
        return messages[0]
    if not hasattr(found, "nested_types"):
        raise UsageError(
            f"{schema!r:.200} is no Protobuf schema: give the compiled message class (orders_pb2.Order), its "
            "descriptor, or that of its file; .proto text has to be compiled first"
        )
    return found


def _top_level(file: Any) -> list[Any]:
    """The messages of a file that are in no other, in its order."""
    return list(file.message_types_by_name.values())


def _names(messages: Sequence[Any]) -> list[str]:
    return [one.name for one in messages]


def _in_glues_order(file: Any) -> list[Any]:
    """All messages of a file, by name: where a message stands here is what Glue's serializer writes."""
    found, level = [], _top_level(file)
    while level:
        found += level
        level = [inner for one in level for inner in one.nested_types]
    return sorted(found, key=lambda one: one.full_name)


def _named(file: Any, registry: Registry, indexes: tuple[int, ...]) -> Any:
    """The message of these indexes. Errors: `ValueError` where the file has none."""
    level: Sequence[Any] = _in_glues_order(file) if registry == "glue" else _top_level(file)
    message = None
    for index in indexes:
        if index >= len(level):
            raise ValueError(f"{file.name} has no message {list(indexes)}")
        message = level[index]
        level = message.nested_types
    return message
