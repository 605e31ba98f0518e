"""JSON Schema by jsonschema. The law: the text is never written anew; it is checked, and nothing is fetched for that.

A schema without `$schema` is of draft 7, as in Confluent's registry and Glue's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from pytest_lambda_events.brokers.schema_codecs import compact, library
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from pytest_lambda_events.model.schema_framing import Registry

__all__ = ["JsonSchemaCodec"]


class JsonSchemaCodec:
    """A schema as JSON text, a dict or a boolean."""

    def __init__(self, schema: Any) -> None:
        jsonschema = library("jsonschema", "jsonschema")
        raw = _read(schema)
        kind = jsonschema.validators.validator_for(raw, default=jsonschema.Draft7Validator)
        try:
            kind.check_schema(raw)
        except jsonschema.SchemaError as error:
            raise UsageError(f"this is no JSON Schema: {error.message}; it is {raw!r:.200}") from error
        # a registry of its own, because the usual one would fetch what a $ref names
        self._validator = kind(raw, registry=library("jsonschema_specifications", "jsonschema").REGISTRY)
        self._best_match = jsonschema.exceptions.best_match
        self.fingerprint = json.dumps(raw, sort_keys=True)

    def indexes(self, _registry: Registry) -> tuple[int, ...]:
        """There is one type for each schema."""
        return (0,)

    def encode(self, value: Any) -> bytes:
        """See `SchemaCodec`: compact JSON of the value, a text included."""
        try:
            text = compact(value)
            problem = self._problem(json.loads(text))
        except (TypeError, ValueError) as error:
            raise UsageError(f"{value!r:.200} cannot be written as JSON: {error}") from error
        if problem is not None:
            raise UsageError(f"{value!r:.200} is no value of this JSON Schema: {problem}")
        return text.encode()

    def decode(self, payload: bytes, _registry: Registry, _indexes: tuple[int, ...]) -> str:
        """See `SchemaCodec`. Text and bytes are the same here."""
        text = payload.decode()
        try:
            problem = self._problem(json.loads(text, parse_constant=_no_constant))
        except RecursionError:
            raise ValueError("the value is nested too deeply") from None
        if problem is not None:
            raise ValueError(f"the value breaks the JSON Schema: {problem}")
        return text

    def _problem(self, value: Any) -> str | None:
        try:
            error = self._best_match(self._validator.iter_errors(value))
        except Exception as unresolved:  # noqa: BLE001 - a $ref that leads nowhere, whose class has no public name
            return f"it cannot be checked: {unresolved}"
        return None if error is None else f"{error.json_path}: {error.message}"


def _read(schema: Any) -> Any:
    if isinstance(schema, str):
        try:
            schema = json.loads(schema)
        except json.JSONDecodeError as error:
            raise UsageError(f"a JSON Schema is JSON: {error}; it is {schema!r:.200}") from error
    if not isinstance(schema, (Mapping, bool)):
        raise UsageError(f"a JSON Schema is an object or a boolean, not {schema!r:.200}")
    return schema


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
