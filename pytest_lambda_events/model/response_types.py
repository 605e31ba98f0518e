"""What a function may answer, as types, for annotations. The law: key for key what Lambda and S3 read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BatchItemFailure",
    "KafkaBatchItemFailure",
    "KafkaItemIdentifier",
    "KafkaPartialBatchResponse",
    "PartialBatchResponse",
    "S3BatchResponse",
    "S3BatchResult",
    "S3ResultCode",
    "TumblingWindowResponse",
]

S3ResultCode = Literal["Succeeded", "TemporaryFailure", "PermanentFailure"]
"""What became of a task of S3 Batch Operations."""


class BatchItemFailure(TypedDict):
    """One failed record, by its messageId (SQS) or sequence number (Kinesis, DynamoDB)."""

    itemIdentifier: str


class PartialBatchResponse(TypedDict):
    """What a function behind SQS, Kinesis or DynamoDB answers with ReportBatchItemFailures."""

    batchItemFailures: list[BatchItemFailure]


class KafkaItemIdentifier(TypedDict):
    """A record of Kafka: `partition` is the topic-partition as it stands in the event, such as `orders-0`."""

    partition: str
    offset: int


class KafkaBatchItemFailure(TypedDict):
    """One failed record of Kafka."""

    itemIdentifier: KafkaItemIdentifier


class KafkaPartialBatchResponse(TypedDict):
    """What a function behind Kafka answers with ReportBatchItemFailures."""

    batchItemFailures: list[KafkaBatchItemFailure]


class _WindowAlways(TypedDict):
    state: Mapping[str, Any]


class TumblingWindowResponse(_WindowAlways, total=False):
    """What a function with a tumbling window answers: the state for the next invocation, and failed records."""

    batchItemFailures: list[BatchItemFailure]


class S3BatchResult(TypedDict):
    """What became of one task."""

    taskId: str
    resultCode: S3ResultCode
    resultString: str


class S3BatchResponse(TypedDict):
    """What a function answers to S3 Batch Operations."""

    invocationSchemaVersion: str
    treatMissingKeysAs: S3ResultCode
    invocationId: str
    results: list[S3BatchResult]
