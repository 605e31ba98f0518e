"""Annotations for tests and handlers: the type of every fixture, event and response. The law: at run time these are
names, and cost nothing until they are used.

::

    from pytest_lambda_events.typing import EventSourceMappingFactory, SqsEvent, SqsQueueFactory


    def handler(event: SqsEvent, context: object) -> None: ...


    def test_orders(sqs_queue: SqsQueueFactory, event_source_mapping: EventSourceMappingFactory) -> None: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, overload

from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.model.late_names import late_names

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_lambda_events.brokers.schema_registry import SchemaRegistry
    from pytest_lambda_events.cassette.player import LambdaCassette
    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.harness.job import S3BatchJob as BatchJob
    from pytest_lambda_events.harness.live import LiveHarness
    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.invoking.context import LambdaContext
    from pytest_lambda_events.model.faults import Faults
    from pytest_lambda_events.model.records import EventSource, R
    from pytest_lambda_events.model.response_types import (
        BatchItemFailure,
        KafkaBatchItemFailure,
        KafkaItemIdentifier,
        KafkaPartialBatchResponse,
        PartialBatchResponse,
        S3BatchResponse,
        S3BatchResult,
        S3ResultCode,
        TumblingWindowResponse,
    )
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.sources.activemq.broker import ActiveMqQueue
    from pytest_lambda_events.sources.activemq.types import ActiveMqDestination, ActiveMqEvent, ActiveMqMessage
    from pytest_lambda_events.sources.documentdb.broker import DocumentDbCollection, DocumentDbDatabase
    from pytest_lambda_events.sources.documentdb.types import (
        DocumentDbChange,
        DocumentDbEntry,
        DocumentDbEvent,
        DocumentDbNamespace,
        DocumentDbUpdateDescription,
    )
    from pytest_lambda_events.sources.dynamodb.broker import DynamoDbTable
    from pytest_lambda_events.sources.dynamodb.types import (
        DynamoDbAttributeValue,
        DynamoDbChange,
        DynamoDbEvent,
        DynamoDbRecord,
        DynamoDbUserIdentity,
    )
    from pytest_lambda_events.sources.kafka.broker import KafkaTopic
    from pytest_lambda_events.sources.kafka.types import KafkaEvent, KafkaRecord
    from pytest_lambda_events.sources.kinesis.broker import KinesisStream
    from pytest_lambda_events.sources.kinesis.types import KinesisEvent, KinesisPayload, KinesisRecord, KinesisWindow
    from pytest_lambda_events.sources.msk.broker import MskTopic
    from pytest_lambda_events.sources.msk.types import MskEvent
    from pytest_lambda_events.sources.rabbitmq.broker import RabbitMqQueue
    from pytest_lambda_events.sources.rabbitmq.types import RabbitMqBasicProperties, RabbitMqEvent, RabbitMqMessage
    from pytest_lambda_events.sources.s3_batch.event import SchemaVersion
    from pytest_lambda_events.sources.s3_batch.types import S3BatchEvent, S3BatchJob, S3BatchTask
    from pytest_lambda_events.sources.sqs.broker import SqsQueue
    from pytest_lambda_events.sources.sqs.types import SqsEvent, SqsRecord
    from pytest_lambda_events.sources.sqs_fifo.types import SqsFifoEvent, SqsFifoRecord

__all__ = [
    "ActiveMqDestination",
    "ActiveMqEvent",
    "ActiveMqMessage",
    "ActiveMqQueueFactory",
    "BatchItemFailure",
    "DocumentDbChange",
    "DocumentDbCollectionFactory",
    "DocumentDbDatabaseFactory",
    "DocumentDbEntry",
    "DocumentDbEvent",
    "DocumentDbNamespace",
    "DocumentDbUpdateDescription",
    "DynamoDbAttributeValue",
    "DynamoDbChange",
    "DynamoDbEvent",
    "DynamoDbRecord",
    "DynamoDbTableFactory",
    "DynamoDbUserIdentity",
    "EventFactory",
    "EventSourceMappingFactory",
    "Harness",
    "KafkaBatchItemFailure",
    "KafkaEvent",
    "KafkaItemIdentifier",
    "KafkaPartialBatchResponse",
    "KafkaRecord",
    "KafkaTopicFactory",
    "KinesisEvent",
    "KinesisPayload",
    "KinesisRecord",
    "KinesisStreamFactory",
    "KinesisWindow",
    "LambdaCassette",
    "LambdaContext",
    "LiveHarness",
    "MskEvent",
    "MskTopicFactory",
    "PartialBatchResponse",
    "RabbitMqBasicProperties",
    "RabbitMqEvent",
    "RabbitMqMessage",
    "RabbitMqQueueFactory",
    "Run",
    "S3BatchEvent",
    "S3BatchJob",
    "S3BatchJobFactory",
    "S3BatchResponse",
    "S3BatchResult",
    "S3BatchTask",
    "S3ResultCode",
    "SchemaRegistryFactory",
    "SqsEvent",
    "SqsFifoEvent",
    "SqsFifoRecord",
    "SqsQueueFactory",
    "SqsRecord",
    "TumblingWindowResponse",
    "VirtualClock",
]

_HOMES = {
    "ActiveMqDestination": "sources.activemq.types",
    "ActiveMqEvent": "sources.activemq.types",
    "ActiveMqMessage": "sources.activemq.types",
    "BatchItemFailure": "model.response_types",
    "DocumentDbChange": "sources.documentdb.types",
    "DocumentDbEntry": "sources.documentdb.types",
    "DocumentDbEvent": "sources.documentdb.types",
    "DocumentDbNamespace": "sources.documentdb.types",
    "DocumentDbUpdateDescription": "sources.documentdb.types",
    "DynamoDbAttributeValue": "sources.dynamodb.types",
    "DynamoDbChange": "sources.dynamodb.types",
    "DynamoDbEvent": "sources.dynamodb.types",
    "DynamoDbRecord": "sources.dynamodb.types",
    "DynamoDbUserIdentity": "sources.dynamodb.types",
    "Harness": "harness",
    "KafkaBatchItemFailure": "model.response_types",
    "KafkaEvent": "sources.kafka.types",
    "KafkaItemIdentifier": "model.response_types",
    "KafkaPartialBatchResponse": "model.response_types",
    "KafkaRecord": "sources.kafka.types",
    "KinesisEvent": "sources.kinesis.types",
    "KinesisPayload": "sources.kinesis.types",
    "KinesisRecord": "sources.kinesis.types",
    "KinesisWindow": "sources.kinesis.types",
    "LambdaCassette": "cassette.player",
    "LambdaContext": "invoking.context",
    "LiveHarness": "harness.live",
    "MskEvent": "sources.msk.types",
    "PartialBatchResponse": "model.response_types",
    "RabbitMqBasicProperties": "sources.rabbitmq.types",
    "RabbitMqEvent": "sources.rabbitmq.types",
    "RabbitMqMessage": "sources.rabbitmq.types",
    "Run": "model.run",
    "S3BatchEvent": "sources.s3_batch.types",
    "S3BatchJob": "sources.s3_batch.types",
    "S3BatchResponse": "model.response_types",
    "S3BatchResult": "model.response_types",
    "S3BatchTask": "sources.s3_batch.types",
    "S3ResultCode": "model.response_types",
    "SqsEvent": "sources.sqs.types",
    "SqsFifoEvent": "sources.sqs_fifo.types",
    "SqsFifoRecord": "sources.sqs_fifo.types",
    "SqsRecord": "sources.sqs.types",
    "TumblingWindowResponse": "model.response_types",
}


class SqsQueueFactory(Protocol):
    """The fixture `sqs_queue`; see `Harness.sqs_queue`."""

    def __call__(
        self,
        name: str | None = None,
        *,
        fifo: bool = False,
        maxReceiveCount: int | None = None,
        tags: Mapping[str, str] | None = None,
        **attributes: Any,
    ) -> SqsQueue:
        """Create or adopt a queue."""


class KinesisStreamFactory(Protocol):
    """The fixture `kinesis_stream`; see `Harness.kinesis_stream`."""

    def __call__(self, name: str | None = None, **attributes: Any) -> KinesisStream:
        """Create or adopt a stream."""


class KafkaTopicFactory(Protocol):
    """The fixture `kafka_topic`; see `Harness.kafka_topic`."""

    def __call__(
        self, name: str | None = None, partitions: int = 1, *, bootstrap_servers: str | None = None, **settings: Any
    ) -> KafkaTopic:
        """Create a topic."""


class MskTopicFactory(Protocol):
    """The fixture `msk_topic`; see `Harness.msk_topic`."""

    def __call__(
        self, name: str | None = None, partitions: int = 1, *, cluster: str = "orders", **settings: Any
    ) -> MskTopic:
        """Create a topic."""


class ActiveMqQueueFactory(Protocol):
    """The fixture `activemq_queue`; see `Harness.activemq_queue`."""

    def __call__(
        self,
        name: str | None = None,
        *,
        broker: str = "orders",
        prioritizedMessages: bool = False,
        **policy: Any,
    ) -> ActiveMqQueue:
        """Create a queue."""


class RabbitMqQueueFactory(Protocol):
    """The fixture `rabbitmq_queue`; see `Harness.rabbitmq_queue`."""

    def __call__(
        self,
        name: str | None = None,
        *,
        vhost: str = "/",
        broker: str = "orders",
        arguments: Mapping[str, Any] | None = None,
    ) -> RabbitMqQueue:
        """Declare a queue."""


class DocumentDbCollectionFactory(Protocol):
    """The fixture `documentdb_collection`; see `Harness.documentdb_collection`."""

    def __call__(
        self,
        name: str | None = None,
        *,
        cluster: str = "orders",
        change_stream: bool = True,
        change_stream_log_retention_duration: int | None = None,
    ) -> DocumentDbCollection:
        """Create a collection."""


class DocumentDbDatabaseFactory(Protocol):
    """The fixture `documentdb_database`; see `Harness.documentdb_database`."""

    def __call__(
        self,
        name: str = "test",
        *,
        cluster: str = "orders",
        change_streams: bool = True,
        change_stream_log_retention_duration: int | None = None,
    ) -> DocumentDbDatabase:
        """Create a database."""


class SchemaRegistryFactory(Protocol):
    """The fixtures `schema_registry` and `glue_registry`; see the methods of `Harness` of these names."""

    def __call__(self, name: str = ..., /) -> SchemaRegistry:
        """Make a registry, or give the one that is there."""


class DynamoDbTableFactory(Protocol):
    """The fixture `dynamodb_table`; see `Harness.dynamodb_table`."""

    def __call__(
        self,
        name: str | None = None,
        *,
        keys: Sequence[str] | Mapping[str, str] | str = ("id",),
        ttl: str | None = None,
        **attributes: Any,
    ) -> DynamoDbTable:
        """Create or adopt a table."""


class EventSourceMappingFactory(Protocol):
    """The fixture `event_source_mapping`; see `Harness.event_source_mapping`."""

    @overload
    def __call__(
        self,
        source: EventSource[R],
        handler: Callable[[Any, Any], Any] | str,
        *,
        function: Mapping[str, Any] | None = None,
        duration: float | Callable[[Any], float] = 0,
        faults: Faults | None = None,
        single_group_batches: bool = False,
        concurrency: int = 1,
        **parameters: Any,
    ) -> EventSourceMapping[R]: ...

    @overload
    def __call__(
        self,
        source: str | None,
        handler: Callable[[Any, Any], Any] | str | None = None,
        *,
        function: Mapping[str, Any] | None = None,
        duration: float | Callable[[Any], float] = 0,
        faults: Faults | None = None,
        single_group_batches: bool = False,
        concurrency: int = 1,
        **parameters: Any,
    ) -> EventSourceMapping[Any]: ...

    def from_template(
        self,
        path: str | os.PathLike[str],
        function: str,
        *,
        event: str | None = None,
        handlers: Mapping[str, Callable[[Any, Any], Any] | str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        duration: float | Callable[[Any], float] = 0,
        faults: Faults | None = None,
        single_group_batches: bool = False,
        concurrency: int = 1,
    ) -> EventSourceMapping[Any]:
        """Make the mapping that a template declares; see `MappingFactory.from_template` in the harness."""


class S3BatchJobFactory(Protocol):
    """The fixture `s3_batch_job`; see `Harness.s3_batch_job`."""

    def __call__(
        self,
        handler: Callable[[Any, Any], Any] | str,
        *,
        keys: Iterable[Any] | None = None,
        manifest: str | None = None,
        fields: Sequence[str] | None = None,
        bucket: str | None = None,
        function: Mapping[str, Any] | None = None,
        duration: float | Callable[[Any], float] = 0,
        schema: SchemaVersion = "1.0",
        user_arguments: Mapping[str, str] | None = None,
        report: Mapping[str, Any] | None = None,
        concurrency: int = 1,
        job_id: str | None = None,
        description: str | None = None,
    ) -> BatchJob:
        """Create a job."""


class EventFactory(Protocol):
    """The fixtures `sqs_event`, `kinesis_event` and so on; see the functions of `pytest_lambda_events.events`.

    An event is `Any`, so that it goes into a handler with whatever annotation: `dict[str, Any]`, or ours.
    """

    def __call__(self, *payloads: Any, **arguments: Any) -> Any:
        """Make an event."""


__getattr__ = late_names(globals(), _HOMES)
