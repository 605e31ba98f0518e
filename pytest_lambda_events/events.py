"""Events without a poller, for unit tests that call a handler directly. The law: neither time nor moto is touched.

The facade over `sources`: a builder for every source, and `identify` and `validate` for events from anywhere. Names are
resolved when they are first used (PEP 562), so that a test which makes SQS events loads nothing of Kafka.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.model.late_names import late_names

if TYPE_CHECKING:
    from pytest_lambda_events.invoking.context import lambda_context
    from pytest_lambda_events.model.findings import Finding
    from pytest_lambda_events.model.paths import ABSENT
    from pytest_lambda_events.sources import identify, validate
    from pytest_lambda_events.sources.activemq.build import activemq_event
    from pytest_lambda_events.sources.documentdb.build import documentdb_event
    from pytest_lambda_events.sources.dynamodb.build import dynamodb_event
    from pytest_lambda_events.sources.kafka.build import kafka_event
    from pytest_lambda_events.sources.kinesis.build import kinesis_event
    from pytest_lambda_events.sources.msk.build import msk_event
    from pytest_lambda_events.sources.rabbitmq.build import rabbitmq_event
    from pytest_lambda_events.sources.s3_batch.build import s3_batch_event
    from pytest_lambda_events.sources.sqs.build import sqs_event
    from pytest_lambda_events.sources.sqs_fifo.build import sqs_fifo_event

__all__ = [
    "ABSENT",
    "Finding",
    "activemq_event",
    "documentdb_event",
    "dynamodb_event",
    "identify",
    "kafka_event",
    "kinesis_event",
    "lambda_context",
    "msk_event",
    "rabbitmq_event",
    "s3_batch_event",
    "sqs_event",
    "sqs_fifo_event",
    "validate",
]

_HOMES = {
    "ABSENT": "model.paths",
    "Finding": "model.findings",
    "identify": "sources",
    "lambda_context": "invoking.context",
    "validate": "sources",
    **{name: f"sources.{name.removesuffix('_event')}.build" for name in __all__ if name.endswith("_event")},
}

__getattr__ = late_names(globals(), _HOMES)
