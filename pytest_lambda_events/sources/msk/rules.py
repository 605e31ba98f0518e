"""What a mapping of MSK topics may have. The law: data; `model/mapping_refusals` reads it."""

from __future__ import annotations

from dataclasses import replace

from pytest_lambda_events.sources.kafka.rules import RULES as SELF_MANAGED

__all__ = ["RULES"]

# Lambda Developer Guide, "Using Lambda with Amazon MSK": the cluster is the ARN's, and IAM needs no secret
RULES = replace(
    SELF_MANAGED,
    source="msk",
    applies=SELF_MANAGED.applies - {"SelfManagedEventSource", "SelfManagedKafkaEventSourceConfig"}
    | {"AmazonManagedKafkaEventSourceConfig"},
    provisioned_only=SELF_MANAGED.provisioned_only - {"SelfManagedKafkaEventSourceConfig.SchemaRegistryConfig"}
    | {"AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig"},
    required=("Topics",),
    access=frozenset(("CLIENT_CERTIFICATE_TLS_AUTH", "SASL_SCRAM_512_AUTH")),
    not_simulated=frozenset(),
    group_config="AmazonManagedKafkaEventSourceConfig",
)
