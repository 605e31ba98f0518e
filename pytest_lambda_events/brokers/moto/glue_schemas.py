"""Schemas that the user's own code registered with Glue's API in moto. The law: moto's Glue is read where it is loaded
and never imported; who loaded no `moto.glue` has registered nothing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.schema_codecs import codec_of
from pytest_lambda_events.model.mapping_registry import GLUE_REGISTRY
from pytest_lambda_events.model.registered_schema import RegisteredSchema

if TYPE_CHECKING:
    from pytest_lambda_events.model.registered_schema import SchemaCodec

__all__ = ["GlueSchemas"]

_MODELS = "moto.glue.models"
_DELETING = "DELETING"


class GlueSchemas:
    """Registries and versions of schemas in moto, each version read once."""

    def __init__(self) -> None:
        self._codecs: dict[str, SchemaCodec] = {}

    def has(self, registry_arn: str) -> bool:
        """Whether the registry is there."""
        return _registry(registry_arn) is not None

    def schema(self, registry_arn: str, version_id: str) -> RegisteredSchema | None:
        """A version of a schema in it. Errors: `UsageError` for a definition that nothing here can read."""
        registry = _registry(registry_arn)
        for schema in registry.schemas.values() if registry is not None else ():
            version = schema.schema_versions.get(version_id)
            if version is None or version.schema_version_status == _DELETING:
                continue
            codec = self._codecs.get(version_id)
            if codec is None:
                codec = self._codecs[version_id] = codec_of(version.schema_definition, schema.data_format)
            return RegisteredSchema(
                schema_id=version_id,
                data_format=schema.data_format,
                message_indexes=codec.indexes("glue"),
                registry="glue",
                registry_uri=registry_arn,
                subject=schema.schema_name,
                version=version.version_number,
                codec=codec,
            )
        return None


def _registry(arn: str) -> Any:
    """Moto's registry; None when it has none."""
    models, found = sys.modules.get(_MODELS), GLUE_REGISTRY.fullmatch(arn)
    if models is None or found is None:
        return None
    backend = models.glue_backends[found["account"]][found["region"]]
    return backend.registries.get(found["name"])
