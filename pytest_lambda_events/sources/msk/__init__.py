"""Amazon MSK: what varies from `kafka`. The law: only what differs stands here."""

from __future__ import annotations

from dataclasses import replace

from pytest_lambda_events.model.source import Source
from pytest_lambda_events.sources.kafka import RULES
from pytest_lambda_events.sources.kafka import SOURCE as SELF_MANAGED

__all__ = ["SOURCE"]

SOURCE = Source(
    name="msk",
    title="Amazon MSK",
    event_type="MskEvent",
    family="log",
    service="kafka",
    form=replace(
        SELF_MANAGED.form,
        event_sources=("aws:kafka",),
        keys=SELF_MANAGED.form.keys | {"eventSourceArn"},
    ),
    # Lambda Developer Guide, "Using Lambda with Amazon MSK": the cluster is the ARN's, and IAM needs no secret
    rules=replace(
        RULES,
        source="msk",
        applies=RULES.applies - {"SelfManagedEventSource", "SelfManagedKafkaEventSourceConfig"}
        | {"AmazonManagedKafkaEventSourceConfig"},
        provisioned_only=RULES.provisioned_only - {"SelfManagedKafkaEventSourceConfig.SchemaRegistryConfig"}
        | {"AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig"},
        required=("Topics",),
        access=frozenset(("CLIENT_CERTIFICATE_TLS_AUTH", "SASL_SCRAM_512_AUTH")),
        not_simulated=frozenset(("AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig",)),
        group_config="AmazonManagedKafkaEventSourceConfig",
    ),
)
