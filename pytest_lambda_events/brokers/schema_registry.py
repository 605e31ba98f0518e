"""A schema registry in memory, Confluent's or Glue's. The law: ids as that registry gives them, and nothing of Kafka.

=========  =================================================================================================
Confluent  numbers from 1, the same for the same schema under whatever subject
Glue       a UUID for each version of each schema; the same definition again is the same version
=========  =================================================================================================

Whether a new version is compatible with those before it is not checked.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_lambda_events.brokers.schema_codecs import codec_of
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mapping_registry import GLUE_REGISTRY
from pytest_lambda_events.model.regions import partition_of
from pytest_lambda_events.model.registered_schema import RegisteredSchema

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.schema_framing import Registry

__all__ = ["GlueLookup", "SchemaRegistries", "SchemaRegistry"]

_HTTPS: Final = "https://"


class GlueLookup(Protocol):
    """What the user's own code made with Glue's API (`brokers.moto.glue_schemas`)."""

    def has(self, registry_arn: str) -> bool:
        """Whether the registry is there."""

    def schema(self, registry_arn: str, version_id: str) -> RegisteredSchema | None:
        """A version of a schema in it. Errors: `UsageError` for a definition that nothing here can read."""


class SchemaRegistry:
    """Schemas by id. `uri` is what a mapping's SchemaRegistryURI names, `registry` whose wire format it has."""

    def __init__(
        self,
        uri: str,
        registry: Registry,
        *,
        new_id: Callable[[], str],
        elsewhere: Callable[[str], RegisteredSchema | None] = lambda _schema_id: None,
    ) -> None:
        self.uri = uri
        self.registry = registry
        self._new_id = new_id
        self._elsewhere = elsewhere
        self._by_id: dict[str, RegisteredSchema] = {}
        self._ids: dict[tuple[str, str], str] = {}  # by the subject where it is the id's home (Glue), and the content
        self._versions: dict[str, list[str]] = {}

    def register(self, subject: str, schema: Any, data_format: str) -> RegisteredSchema:
        """Register a schema under a subject (Glue: a schema name); the same one again is the same version.

        `schema` is for AVRO and JSON (JSON Schema) the schema as text or as Python data, for PROTOBUF a compiled
        message class, or the descriptor of a message or file. Errors: `UsageError`, also where the format's library is
        not installed.
        """
        if not subject:
            raise UsageError("subject='': name it, such as orders-value")
        codec = codec_of(schema, data_format)
        key = (subject if self.registry == "glue" else "", f"{data_format} {codec.fingerprint}")
        schema_id = self._ids.get(key)
        if schema_id is None:
            schema_id = self._ids[key] = self._new_id()
        versions = self._versions.setdefault(subject, [])
        if schema_id not in versions:
            versions.append(schema_id)
        made = RegisteredSchema(
            schema_id=schema_id,
            data_format=data_format,
            message_indexes=codec.indexes(self.registry),
            registry=self.registry,
            registry_uri=self.uri,
            subject=subject,
            version=versions.index(schema_id) + 1,
            codec=codec,
        )
        self._by_id.setdefault(schema_id, made)
        return made

    def delete(self, schema: RegisteredSchema) -> None:
        """Forget a schema: whoever reads its id from a record does not find it any more. Twice is fine."""
        self._by_id.pop(schema.schema_id, None)
        self._ids = {key: schema_id for key, schema_id in self._ids.items() if schema_id != schema.schema_id}

    def find(self, schema_id: str) -> RegisteredSchema | None:
        """The schema of an id; None when there is none."""
        found = self._by_id.get(schema_id)
        return found if found is not None else self._elsewhere(schema_id)

    @property
    def schemas(self) -> list[RegisteredSchema]:
        """What was registered here and not deleted, in that order."""
        return list(self._by_id.values())

    def __repr__(self) -> str:
        return f"<SchemaRegistry {self.uri}: {len(self._by_id)} schemas>"


class SchemaRegistries:
    """The registries of a harness, by URI."""

    def __init__(
        self,
        identifiers: Identifiers,
        *,
        region: str,
        account: str,
        in_glue: GlueLookup,
    ) -> None:
        self._identifiers = identifiers
        self._region = region
        self._account = account
        self._in_glue = in_glue
        self._made: dict[str, SchemaRegistry] = {}

    def confluent(self, url: str) -> SchemaRegistry:
        """Confluent's registry at an https address; made at the first call. Errors: `UsageError`."""
        if not url.startswith(_HTTPS) or not url.removeprefix(_HTTPS).strip("/"):
            raise UsageError(f"{url!r}: the registry of a mapping has an address such as https://registry.example.com")
        uri = url.rstrip("/")
        if uri not in self._made:
            numbers = count(1)
            self._made[uri] = SchemaRegistry(uri, "confluent", new_id=lambda: str(next(numbers)))
        return self._made[uri]

    def glue(self, name: str) -> SchemaRegistry:
        """Glue's registry of a name or ARN; made at the first call. Errors: `UsageError`."""
        arn = name
        if not name.startswith("arn:"):
            arn = f"arn:{partition_of(self._region)}:glue:{self._region}:{self._account}:registry/{name}"
        if GLUE_REGISTRY.fullmatch(arn) is None:
            raise UsageError(
                f"{name!r}: give a registry's name (letters, digits, and _ - $ # .), or its ARN, such as "
                "arn:aws:glue:us-east-1:123456789012:registry/orders"
            )
        if arn not in self._made:
            self._made[arn] = SchemaRegistry(
                arn,
                "glue",
                new_id=lambda: self._identifiers.uuid4(f"schema/{arn}"),
                elsewhere=lambda schema_id: self._in_glue.schema(arn, schema_id),
            )
        return self._made[arn]

    def find(self, uri: str) -> SchemaRegistry | None:
        """The registry that a mapping's SchemaRegistryURI names; None when there is none, in moto's Glue neither."""
        found = self._made.get(uri.rstrip("/"))
        if found is None and self._in_glue.has(uri):
            return self.glue(uri)
        return found
