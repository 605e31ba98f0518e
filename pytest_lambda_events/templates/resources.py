"""What CloudFormation calls resources and their properties, and AWS's API its own. The law: tables, read by one reader.

AWS CloudFormation Template Reference Guide, the page of each resource type ("Properties", "Return values").
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.model.parameters import SHAPES, MapOf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.parameters import Shape

__all__ = [
    "FUNCTION_PROPERTIES",
    "IDENTITIES",
    "INVOKE_PROPERTIES",
    "MAPPING_PROPERTIES",
    "MAPPING_SHAPES",
    "QUEUE_SHAPES",
    "RENAMED",
    "STREAM_SHAPES",
    "TABLE_SHAPES",
    "Identity",
]


@dataclass(frozen=True, slots=True)
class Identity:
    """How a type of resource is called: its kind, the property with its name, what Ref gives, and what Fn::GetAtt."""

    kind: str
    named_by: str
    ref: str
    attributes: Mapping[str, str]


def _identity(kind: str, named_by: str, ref: str, **attributes: str) -> Identity:
    return Identity(kind, named_by, ref, MappingProxyType(attributes))


_TABLE: Final = _identity("table", "TableName", "name", Arn="arn", StreamArn="stream_arn")
_FUNCTION: Final = _identity("function", "FunctionName", "name", Arn="arn")

IDENTITIES: Final[Mapping[str, Identity]] = MappingProxyType(
    {
        "AWS::AmazonMQ::Broker": _identity("broker", "BrokerName", "id", Arn="arn"),
        "AWS::DocDB::DBCluster": _identity("documentdb", "DBClusterIdentifier", "id"),
        "AWS::DynamoDB::GlobalTable": _TABLE,
        "AWS::DynamoDB::Table": _TABLE,
        "AWS::EC2::SecurityGroup": _identity("security_group", "", "id", GroupId="id"),
        "AWS::EC2::Subnet": _identity("subnet", "", "id", SubnetId="id"),
        "AWS::IAM::Role": _identity("role", "RoleName", "name", Arn="arn"),
        "AWS::KMS::Key": _identity("key", "", "id", Arn="arn", KeyId="id"),
        "AWS::Kinesis::Stream": _identity("stream", "Name", "name", Arn="arn"),
        "AWS::Kinesis::StreamConsumer": _identity(
            "consumer", "ConsumerName", "arn", ConsumerARN="arn", ConsumerName="name"
        ),
        "AWS::Lambda::Function": _FUNCTION,
        "AWS::MSK::Cluster": _identity("msk", "ClusterName", "arn", Arn="arn"),
        "AWS::MSK::ServerlessCluster": _identity("serverless_msk", "ClusterName", "arn", Arn="arn"),
        "AWS::S3::Bucket": _identity("bucket", "BucketName", "name", Arn="arn", DomainName="host"),
        "AWS::SNS::Topic": _identity("topic", "TopicName", "arn", TopicArn="arn", TopicName="name"),
        "AWS::SQS::Queue": _identity("queue", "QueueName", "url", Arn="arn", QueueName="name", QueueUrl="url"),
        "AWS::SecretsManager::Secret": _identity("secret", "Name", "arn", Id="arn"),
    }
)

RENAMED: Final[Mapping[str, str]] = MappingProxyType({"KmsKeyArn": "KMSKeyArn"})
"""Properties of AWS::Lambda::EventSourceMapping that the API spells otherwise."""

MAPPING_SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {name: shape for name, shape in SHAPES.items() if name != "Tags"}
)
_API_NAMES: Final = {api: name for name, api in RENAMED.items()}
MAPPING_PROPERTIES: Final = tuple(_API_NAMES.get(name, name) for name in SHAPES)
"""What AWS::Lambda::EventSourceMapping has."""

QUEUE_SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "ContentBasedDeduplication": "boolean",
        "DeduplicationScope": "string",
        "DelaySeconds": "integer",
        "FifoQueue": "boolean",
        "FifoThroughputLimit": "string",
        "KmsDataKeyReusePeriodSeconds": "integer",
        "KmsMasterKeyId": "string",
        "MaximumMessageSize": "integer",
        "MessageRetentionPeriod": "integer",
        "ReceiveMessageWaitTimeSeconds": "integer",
        "RedriveAllowPolicy": "policy",
        "RedrivePolicy": "redrive",
        "SqsManagedSseEnabled": "boolean",
        "VisibilityTimeout": "integer",
    }
)
"""CreateQueue's attributes, which AWS::SQS::Queue has as properties, besides QueueName and Tags."""

STREAM_SHAPES: Final[Mapping[str, Shape | None]] = MappingProxyType(
    {
        "MaxRecordSizeInKiB": "integer",
        "RetentionPeriodHours": "integer",
        "ShardCount": "integer",
        "StreamModeDetails": {"StreamMode": "string"},
        # these change nothing of what a mapping reads
        "DesiredShardLevelMetrics": None,
        "RecordDistributionStrategy": None,
        "StreamEncryption": None,
        "Tags": None,
        "WarmThroughputMiBps": None,
        "WarmThroughputObject": None,
    }
)
"""CreateStream's, and RetentionPeriodHours; None for what is known and of no effect here."""

_KEYS: Final[Shape] = ({"AttributeName": "string", "KeyType": "string"},)
_THROUGHPUT: Final[Shape] = {"ReadCapacityUnits": "integer", "WriteCapacityUnits": "integer"}
_INDEX: Final[dict[str, Shape]] = {
    "IndexName": "string",
    "KeySchema": _KEYS,
    "Projection": {"NonKeyAttributes": ("string",), "ProjectionType": "string"},
}

TABLE_SHAPES: Final[Mapping[str, Shape | None]] = MappingProxyType(
    {
        "AttributeDefinitions": ({"AttributeName": "string", "AttributeType": "string"},),
        "BillingMode": "string",
        "GlobalSecondaryIndexes": (
            {
                **_INDEX,
                "ProvisionedThroughput": _THROUGHPUT,
                "ContributorInsightsSpecification": "structure",
                "OnDemandThroughput": "structure",
                "WarmThroughput": "structure",
            },
        ),
        "KeySchema": _KEYS,
        "LocalSecondaryIndexes": (_INDEX,),
        "ProvisionedThroughput": _THROUGHPUT,
        "StreamSpecification": {"StreamViewType": "string", "ResourcePolicy": "structure"},
        "TimeToLiveSpecification": {"AttributeName": "string", "Enabled": "boolean"},
        "ContributorInsightsSpecification": None,
        "DeletionProtectionEnabled": None,
        "GlobalTableSettingsReplicationMode": None,
        "GlobalTableSourceArn": None,
        "GlobalTableWitnesses": None,
        "ImportSourceSpecification": None,
        "KinesisStreamSpecification": None,
        "MultiRegionConsistency": None,
        "OnDemandThroughput": None,
        "PointInTimeRecoverySpecification": None,
        "ReadOnDemandThroughputSettings": None,
        "ReadProvisionedThroughputSettings": None,
        "Replicas": None,
        "ResourcePolicy": None,
        "SSESpecification": None,
        "TableClass": None,
        "Tags": None,
        "VectorIndexes": None,
        "WarmThroughput": None,
        "WriteOnDemandThroughputSettings": None,
        "WriteProvisionedThroughputSettings": None,
    }
)
"""CreateTable's, as AWS::DynamoDB::Table and GlobalTable have them; None for what is of no effect here."""

FUNCTION_PROPERTIES: Final[Mapping[str, Shape | None]] = MappingProxyType(
    {
        "Environment": {"Variables": MapOf("string")},
        "FunctionName": "string",
        "Handler": "string",
        "MemorySize": "integer",
        "ReservedConcurrentExecutions": "integer",
        "Role": "string",
        "Runtime": "string",
        "Timeout": "integer",
        "DurableConfig": "structure",
        "TenancyConfig": "structure",
        "Architectures": None,
        "CapacityProviderConfig": None,
        "Code": None,
        "CodeSigningConfigArn": None,
        "DeadLetterConfig": None,
        "Description": None,
        "EphemeralStorage": None,
        "FileSystemConfigs": None,
        "FunctionScalingConfig": None,
        "ImageConfig": None,
        "KmsKeyArn": None,
        "Layers": None,
        "LoggingConfig": None,
        "PackageType": None,
        "PublishToLatestPublished": None,
        "RecursiveLoop": None,
        "RuntimeManagementConfig": None,
        "SnapStart": None,
        "Tags": None,
        "TracingConfig": None,
        "VpcConfig": None,
    }
)
"""CreateFunction's, as AWS::Lambda::Function has them; None for what is of no effect here."""

INVOKE_PROPERTIES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "DestinationConfig": {"OnSuccess": {"Destination": "string"}, "OnFailure": {"Destination": "string"}},
        "MaximumEventAgeInSeconds": "integer",
        "MaximumRetryAttempts": "integer",
        "Qualifier": "string",
    }
)
"""PutFunctionEventInvokeConfig's, as AWS::Lambda::EventInvokeConfig has them, besides FunctionName."""
