"""Avro, Protobuf and JSON Schema. The law: a library of its own for each, loaded when a schema of it is registered."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.schema_framing import DATA_FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.registered_schema import SchemaCodec

__all__ = ["codec_of", "compact", "library"]

_CODECS: Final[Mapping[str, tuple[str, str]]] = {
    "AVRO": ("avro", "AvroCodec"),
    "JSON": ("json_schema", "JsonSchemaCodec"),
    "PROTOBUF": ("protobuf", "ProtobufCodec"),
}


def codec_of(schema: Any, data_format: str) -> SchemaCodec:
    """What reads and writes values of a schema. Errors: `UsageError` for no schema, or without its library."""
    if data_format not in _CODECS:
        near = nearest(str(data_format), DATA_FORMATS)
        raise UsageError(f"data_format={data_format!r}{near}: Lambda knows {', '.join(DATA_FORMATS)}")
    module, name = _CODECS[data_format]
    codec: SchemaCodec = getattr(import_module(f"{__name__}.{module}"), name)(schema)
    return codec


def library(name: str, extra: str) -> Any:
    """A library of an extra. Errors: `UsageError` that names the extra where it is missing."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"a schema of this format needs {name.partition('.')[0]}, which is not installed: "
            f"pip install 'pytest-lambda-events[{extra}]'"
        ) from error


def compact(value: Any) -> str:
    """JSON without spaces, and with characters outside ASCII as they are. Errors: `TypeError`, `ValueError`."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
