"""What a mapping of Kafka topics may have. The law: data; `model/mapping_refusals` reads it."""

from __future__ import annotations

from pytest_lambda_events.model.mapping_rules import PollerLimits, Positions, SourceRules

__all__ = ["RULES"]

# Lambda Developer Guide, "Using Lambda with self-managed Apache Kafka" and "Configuring error handling controls for
# Kafka event sources"
RULES = SourceRules(
    name="Kafka topics",
    source="kafka",
    applies=frozenset(
        (
            "BisectBatchOnFunctionError",
            "DestinationConfig",
            "FilterCriteria",
            "FunctionResponseTypes",
            "LoggingConfig",
            "MaximumRecordAgeInSeconds",
            "MaximumRetryAttempts",
            "ProvisionedPollerConfig",
            "SelfManagedEventSource",
            "SelfManagedKafkaEventSourceConfig",
            "SourceAccessConfigurations",
            "StartingPosition",
            "StartingPositionTimestamp",
            "Topics",
        )
    ),
    default_batch_size=100,
    default_window_ms=500,
    max_timeout_s=840,
    pollers=PollerLimits(minimum=(1, 200), maximum=2_000, groups=True),
    provisioned_only=frozenset(
        (
            "BisectBatchOnFunctionError",
            "FunctionResponseTypes",
            "LoggingConfig",
            "MaximumRecordAgeInSeconds",
            "MaximumRetryAttempts",
            "MetricsConfig",
            "SelfManagedKafkaEventSourceConfig.SchemaRegistryConfig",
        )
    ),
    positions=Positions(default="TRIM_HORIZON"),
    required=("Topics", "SourceAccessConfigurations"),
    access=frozenset(
        (
            "BASIC_AUTH",
            "CLIENT_CERTIFICATE_TLS_AUTH",
            "IAM_AUTH",
            "IAM_OAUTHBEARER_AUTH",
            "OAUTHBEARER_AUDIENCE",
            "OAUTHBEARER_AUTH",
            "OAUTHBEARER_IDENTITY_POOL",
            "OAUTHBEARER_LOGICAL_CLUSTER",
            "OAUTHBEARER_SCOPE",
            "SASL_SCRAM_256_AUTH",
            "SASL_SCRAM_512_AUTH",
            "SERVER_ROOT_CA_CERTIFICATE",
            "VPC_SECURITY_GROUP",
            "VPC_SUBNET",
        )
    ),
    metrics=frozenset(("ErrorCount", "EventCount", "KafkaMetrics")),
    destinations=frozenset(("kafka", "s3", "sns", "sqs")),
    most_retries_to_destination=10,
    unquoted=frozenset(),
    not_simulated=frozenset(("SelfManagedKafkaEventSourceConfig.ConsumptionMode",)),
    group_config="SelfManagedKafkaEventSourceConfig",
)
