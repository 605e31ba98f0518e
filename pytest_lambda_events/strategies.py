"""Hypothesis strategies for the event of every source; the extra `hypothesis` brings what they need.

The facade over `sources`. The law: what a strategy draws, `validate` finds nothing wrong with. Names are resolved when
they are first used (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.model.late_names import late_names

if TYPE_CHECKING:
    from pytest_lambda_events.sources.activemq.strategies import activemq_events
    from pytest_lambda_events.sources.documentdb.strategies import documentdb_events
    from pytest_lambda_events.sources.dynamodb.strategies import dynamodb_events
    from pytest_lambda_events.sources.kafka.strategies import kafka_events
    from pytest_lambda_events.sources.kinesis.strategies import kinesis_events
    from pytest_lambda_events.sources.msk.strategies import msk_events
    from pytest_lambda_events.sources.rabbitmq.strategies import rabbitmq_events
    from pytest_lambda_events.sources.s3_batch.strategies import s3_batch_events
    from pytest_lambda_events.sources.sqs.strategies import sqs_events
    from pytest_lambda_events.sources.sqs_fifo.strategies import sqs_fifo_events

__all__ = [
    "activemq_events",
    "documentdb_events",
    "dynamodb_events",
    "kafka_events",
    "kinesis_events",
    "msk_events",
    "rabbitmq_events",
    "s3_batch_events",
    "sqs_events",
    "sqs_fifo_events",
]

__getattr__ = late_names(globals(), {name: f"sources.{name.removesuffix('_events')}.strategies" for name in __all__})
