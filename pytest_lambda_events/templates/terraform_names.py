"""What Terraform's AWS provider calls resources, their arguments and attributes. The law: tables; names are the API's
in snake case, but for the few of a table.

Terraform Registry, hashicorp/aws, the page of each resource ("Argument Reference", "Attribute Reference").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError, UsageError
from pytest_lambda_events.templates.declared import Unresolved
from pytest_lambda_events.templates.identities import identity_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.parameters import Shape
    from pytest_lambda_events.templates.identities import Where
    from pytest_lambda_events.templates.placed import Place

__all__ = [
    "EVERYWHERE",
    "FUNCTION",
    "IDENTITIES",
    "INVOKE",
    "NOT_THERE",
    "OTHERS",
    "QUEUE",
    "STREAM",
    "SUBSCRIPTION",
    "TOPIC",
    "UNLIMITED",
    "TerraformResource",
    "computed",
    "snake",
]

_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPELT: Final[Mapping[str, str]] = {
    "AccessConfigs": "access_config",
    "Destination": "destination_arn",
    "Filters": "filter",
    "SchemaValidationConfigs": "schema_validation_config",
    "SourceAccessConfigurations": "source_access_configuration",
}
"""Members that the provider calls otherwise than in snake case."""

EVERYWHERE: Final = frozenset(
    (
        "connection",
        "count",
        "depends_on",
        "for_each",
        "id",
        "lifecycle",
        "provider",
        "provisioner",
        "region",
        "tags",
        "tags_all",
        "timeouts",
        "//",
    )
)

IDENTITIES: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = MappingProxyType(
    {
        "aws_docdb_cluster": ("documentdb", "cluster_identifier", {"arn": "arn", "id": "id"}),
        "aws_dynamodb_table": (
            "table",
            "name",
            {"arn": "arn", "id": "id", "name": "name", "stream_arn": "stream_arn"},
        ),
        "aws_iam_role": ("role", "name", {"arn": "arn", "id": "id", "name": "name"}),
        "aws_kinesis_stream": ("stream", "name", {"arn": "arn", "id": "arn", "name": "name"}),
        "aws_kinesis_stream_consumer": ("consumer", "name", {"arn": "arn", "id": "arn", "name": "name"}),
        "aws_kms_key": ("key", "", {"arn": "arn", "id": "id", "key_id": "id"}),
        "aws_lambda_function": (
            "function",
            "function_name",
            {"arn": "arn", "function_name": "name", "id": "name"},
        ),
        "aws_mq_broker": ("broker", "broker_name", {"arn": "arn", "id": "id"}),
        "aws_msk_cluster": ("msk", "cluster_name", {"arn": "arn", "id": "arn"}),
        "aws_msk_serverless_cluster": ("serverless_msk", "cluster_name", {"arn": "arn", "id": "arn"}),
        "aws_s3_bucket": ("bucket", "bucket", {"arn": "arn", "bucket": "name", "id": "name"}),
        "aws_secretsmanager_secret": ("secret", "name", {"arn": "arn", "id": "arn", "name": "name"}),
        "aws_security_group": ("security_group", "", {"arn": "arn", "id": "id"}),
        "aws_sns_topic": ("topic", "name", {"arn": "arn", "id": "arn", "name": "name"}),
        "aws_sqs_queue": ("queue", "name", {"arn": "arn", "id": "url", "name": "name", "url": "url"}),
        "aws_subnet": ("subnet", "", {"arn": "arn", "id": "id"}),
    }
)
"""Of each type of resource: its kind, the argument with its name, and the attributes that follow from that."""

QUEUE: Final[Mapping[str, tuple[str, Shape]]] = {
    "content_based_deduplication": ("ContentBasedDeduplication", "boolean"),
    "deduplication_scope": ("DeduplicationScope", "string"),
    "delay_seconds": ("DelaySeconds", "integer"),
    "fifo_queue": ("FifoQueue", "boolean"),
    "fifo_throughput_limit": ("FifoThroughputLimit", "string"),
    "kms_data_key_reuse_period_seconds": ("KmsDataKeyReusePeriodSeconds", "integer"),
    "kms_master_key_id": ("KmsMasterKeyId", "string"),
    "max_message_size": ("MaximumMessageSize", "integer"),
    "message_retention_seconds": ("MessageRetentionPeriod", "integer"),
    "receive_wait_time_seconds": ("ReceiveMessageWaitTimeSeconds", "integer"),
    "redrive_allow_policy": ("RedriveAllowPolicy", "policy"),
    "redrive_policy": ("RedrivePolicy", "redrive"),
    "sqs_managed_sse_enabled": ("SqsManagedSseEnabled", "boolean"),
    "visibility_timeout_seconds": ("VisibilityTimeout", "integer"),
}
FUNCTION: Final[Mapping[str, tuple[str, Shape]]] = {
    "memory_size": ("MemorySize", "integer"),
    "reserved_concurrent_executions": ("ReservedConcurrentExecutions", "integer"),
    "role": ("Role", "string"),
    "timeout": ("Timeout", "integer"),
}
STREAM: Final[Mapping[str, tuple[str, Shape]]] = {
    "max_record_size_in_kib": ("MaxRecordSizeInKiB", "integer"),
    "retention_period": ("RetentionPeriodHours", "integer"),
    "shard_count": ("ShardCount", "integer"),
}
INVOKE: Final[Mapping[str, tuple[str, Shape]]] = {
    "maximum_event_age_in_seconds": ("MaximumEventAgeInSeconds", "integer"),
    "maximum_retry_attempts": ("MaximumRetryAttempts", "integer"),
    "qualifier": ("Qualifier", "string"),
}
OTHERS: Final[Mapping[str, frozenset[str]]] = {
    "aws_dynamodb_table": frozenset(
        (
            "attribute",
            "billing_mode",
            "deletion_protection_enabled",
            "global_secondary_index",
            "global_table_witness",
            "hash_key",
            "import_table",
            "local_secondary_index",
            "name",
            "on_demand_throughput",
            "point_in_time_recovery",
            "range_key",
            "read_capacity",
            "replica",
            "restore_date_time",
            "restore_source_name",
            "restore_source_table_arn",
            "restore_to_latest_time",
            "server_side_encryption",
            "stream_enabled",
            "stream_view_type",
            "table_class",
            "ttl",
            "warm_throughput",
            "write_capacity",
        )
    ),
    "aws_kinesis_stream": frozenset(
        ("arn", "encryption_type", "enforce_consumer_deletion", "kms_key_id", "name", "shard_level_metrics")
    )
    | {"stream_mode_details"},
    "aws_lambda_function": frozenset(
        (
            "architectures",
            "capacity_provider_config",
            "code_sha256",
            "code_signing_config_arn",
            "dead_letter_config",
            "description",
            "durable_config",
            "environment",
            "ephemeral_storage",
            "file_system_config",
            "filename",
            "function_name",
            "handler",
            "image_config",
            "image_uri",
            "kms_key_arn",
            "layers",
            "logging_config",
            "package_type",
            "publish",
            "publish_to",
            "replace_security_groups_on_destroy",
            "replacement_security_group_ids",
            "runtime",
            "s3_bucket",
            "s3_key",
            "s3_object_version",
            "skip_destroy",
            "snap_start",
            "source_code_hash",
            "source_kms_key_arn",
            "tenancy_config",
            "tracing_config",
            "vpc_config",
        )
    ),
    "aws_sqs_queue": frozenset(("name", "name_prefix", "policy")),
}
"""Arguments that are known besides those of the tables."""

TOPIC: Final[Mapping[str, tuple[str, Shape]]] = {
    "content_based_deduplication": ("ContentBasedDeduplication", "boolean"),
    "fifo_topic": ("FifoTopic", "boolean"),
}
SUBSCRIPTION: Final[Mapping[str, tuple[str, Shape]]] = {
    "endpoint": ("Endpoint", "string"),
    "filter_policy": ("FilterPolicy", "policy"),
    "filter_policy_scope": ("FilterPolicyScope", "string"),
    "protocol": ("Protocol", "string"),
    "raw_message_delivery": ("RawMessageDelivery", "boolean"),
    "topic_arn": ("TopicArn", "string"),
}
UNLIMITED: Final = -1
NOT_THERE: Final[tuple[Any, ...]] = (None, "", [], {})
"""What an argument has that was not given."""


def snake(name: str) -> str:
    """The provider's word for a parameter or member of the API."""
    return _SPELT.get(name) or _BOUNDARY.sub("_", name).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformResource:
    """A resource with the values that its arguments and attributes have, or `Unresolved`.

    `read_back` says that they were read from AWS, where what does not apply to a source shows as zero.
    """

    address: str
    type: str
    name: str
    values: Mapping[str, Any]
    place: Place
    places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    read_back: bool = False
    written: bool = False

    def at(self, argument: str) -> Place:
        """The place of an argument."""
        return self.places.get(argument, self.place.at(argument))


def computed(kind: str, values: Mapping[str, Any], name: str, where: Where, place: Place) -> Any:
    """The attributes of `IDENTITIES`, or `Unresolved`. `name` is its label."""
    family, argument, attributes = IDENTITIES[kind]
    given = values.get(argument)
    if isinstance(given, Unresolved):
        return given
    if given in NOT_THERE:
        fifo = family in ("queue", "topic") and (values.get("fifo_queue") or values.get("fifo_topic"))
        given = f"{values.get(f'{argument}_prefix') or ''}{name}{'.fifo' if fifo else ''}"
    if family == "consumer":
        stream = values.get("stream_arn")
        if isinstance(stream, Unresolved):
            return stream
        given = f"{stream} {given}"
    try:
        identity = identity_of(family, str(given), where)
    except UsageError as error:
        raise TemplateError(f"{place}: {error}") from None
    return {attribute: identity[key] for attribute, key in attributes.items()}
