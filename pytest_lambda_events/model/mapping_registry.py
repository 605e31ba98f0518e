"""The schema registry of a Kafka mapping. The law: pure; AWS's sentence for what cannot be meant, with our hint.

Lambda Developer Guide, "Using schema registries with Kafka event sources in Lambda". It shows no sentences of refusals,
so that the common one stands in for all of them (our choice).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from pytest_lambda_events.model.mapping_refusals import at, is_empty, unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pytest_lambda_events.model.mapping_rules import SourceRules

__all__ = ["GLUE_REGISTRY", "Attribute", "RegistryConfig", "read_registry"]

Attribute: TypeAlias = Literal["KEY", "VALUE"]

GLUE_REGISTRY: Final = re.compile(
    r"arn:aws[a-z-]*:glue:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):registry/(?P<name>[A-Za-z0-9$_#.-]{1,255})"
)
"""The ARN of a registry of AWS Glue."""

_MEMBER: Final = "SchemaRegistryConfig"
_HTTPS: Final = "https://"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryConfig:
    """Where the schemas are, which attributes of a record Lambda reads by them, and how it hands those over.

    `event_format` SOURCE: the bytes as they were, without what says the schema; JSON: the value as JSON.
    """

    uri: str
    event_format: Literal["JSON", "SOURCE"]
    attributes: frozenset[Attribute]


def read_registry(given: Mapping[str, Any], rules: SourceRules) -> RegistryConfig | None:
    """The registry of a mapping, None without one. Errors: `Refusal`."""
    if rules.group_config is None:
        return None
    path = f"{rules.group_config}.{_MEMBER}"
    config = at(given, path)
    if is_empty(config):
        return None
    reason = _problem(config)
    if reason is not None:
        raise unsupported(path, reason)
    return RegistryConfig(
        uri=config["SchemaRegistryURI"],
        event_format=config["EventRecordFormat"],
        attributes=frozenset(one["Attribute"] for one in config["SchemaValidationConfigs"]),
    )


def _problem(config: Mapping[str, Any]) -> str | None:
    uri = config.get("SchemaRegistryURI", "")
    if not uri.startswith(_HTTPS) and GLUE_REGISTRY.fullmatch(uri) is None:
        return (
            f"SchemaRegistryURI={uri!r}: give the ARN of a registry of AWS Glue, or the https:// address of one of "
            "Confluent's"
        )
    if "EventRecordFormat" not in config:
        return "add EventRecordFormat: JSON (decoded) or SOURCE (the bytes as they were, without the schema's id)"
    attributes = [one.get("Attribute") for one in config.get("SchemaValidationConfigs", ())]
    if not attributes or None in attributes:
        return 'say what is read by a schema: SchemaValidationConfigs=[{"Attribute": "VALUE"}], or KEY, or both'
    if len(set(attributes)) < len(attributes):
        return f"SchemaValidationConfigs names {attributes[0]} twice"
    if any(not {"Type", "URI"} <= one.keys() for one in config.get("AccessConfigs", ())):
        return "an entry of AccessConfigs has a Type, and the ARN of its secret as URI"
    return None
