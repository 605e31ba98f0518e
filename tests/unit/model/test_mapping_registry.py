"""SchemaRegistryConfig: what is read of it, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.model.mapping_registry import RegistryConfig
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP = {"kafka": "SelfManagedKafkaEventSourceConfig", "msk": "AmazonManagedKafkaEventSourceConfig"}
GLUE = "arn:aws:glue:eu-west-1:123456789012:registry/shop"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"
WHOLE = {
    "SchemaRegistryURI": "https://registry.example.com",
    "EventRecordFormat": "JSON",
    "SchemaValidationConfigs": [{"Attribute": "VALUE"}],
}


def parameters(source: str, config: dict[str, Any]) -> dict[str, Any]:
    return {GROUP[source]: {"SchemaRegistryConfig": config}, "ProvisionedPollerConfig": {"MinimumPollers": 1}}


@pytest.mark.parametrize("source", sorted(GROUP))
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("https://registry.example.com", "JSON", {"VALUE"})),
        ({"SchemaRegistryURI": GLUE, "EventRecordFormat": "SOURCE"}, (GLUE, "SOURCE", {"VALUE"})),
        (
            {"SchemaValidationConfigs": [{"Attribute": "VALUE"}, {"Attribute": "KEY"}]},
            ("https://registry.example.com", "JSON", {"KEY", "VALUE"}),
        ),
        (
            {"AccessConfigs": [{"Type": "BASIC_AUTH", "URI": SECRET}]},
            ("https://registry.example.com", "JSON", {"VALUE"}),
        ),
    ],
)
def test_what_is_read(read: Callable[..., Any], source: str, changes: Any, expected: Any) -> None:
    """For both kinds of Kafka."""
    uri, event_format, attributes = expected
    config = read(source, parameters(source, {**WHOLE, **changes}))
    assert config.registry == RegistryConfig(uri=uri, event_format=event_format, attributes=frozenset(attributes))


@pytest.mark.parametrize("source", sorted(GROUP))
@pytest.mark.parametrize("config", [{}, {"SchemaValidationConfigs": []}])
def test_without_a_registry(read: Callable[..., Any], source: str, config: Any) -> None:
    """An empty structure is none."""
    assert read(source, parameters(source, config)).registry is None
    assert read(source, {}).registry is None


@pytest.mark.parametrize("source", sorted(GROUP))
@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"SchemaRegistryURI": None}, "SchemaRegistryURI=''"),
        ({"SchemaRegistryURI": "http://registry.example.com"}, "https:// address"),
        ({"SchemaRegistryURI": "arn:aws:glue:eu-west-1:123456789012:schema/shop/a"}, "ARN of a registry of AWS Glue"),
        ({"EventRecordFormat": None}, "add EventRecordFormat"),
        ({"SchemaValidationConfigs": None}, "say what is read by a schema"),
        ({"SchemaValidationConfigs": []}, "say what is read by a schema"),
        ({"SchemaValidationConfigs": [{}]}, "say what is read by a schema"),
        ({"SchemaValidationConfigs": [{"Attribute": "KEY"}] * 2}, "names KEY twice"),
        ({"AccessConfigs": [{"Type": "BASIC_AUTH"}]}, "the ARN of its secret as URI"),
    ],
)
def test_what_is_refused(read: Callable[..., Any], source: str, changes: Any, hint: str) -> None:
    """In AWS's common sentence."""
    with pytest.raises(Refusal) as refused:
        read(source, parameters(source, {**WHOLE, **changes}))
    member = f"{GROUP[source][:1].lower()}{GROUP[source][1:]}.schemaRegistryConfig"
    assert refused.value.message == f"Unsupported '{member}' parameter for given event source mapping type."
    assert hint in refused.value.hint
