"""What is shown of a record, whatever its source. The law: one line for each kind, and a new kind needs one here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.activemq_message import ActiveMqMessage
from pytest_lambda_events.model.batch_task import S3BatchTask
from pytest_lambda_events.model.change_event import ChangeEvent
from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord
from pytest_lambda_events.model.kafka_record import KafkaRecord
from pytest_lambda_events.model.kinesis_record import KinesisRecord
from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["brief_of"]

_LONGEST: Final = 400  # no terminal is as wide; a megabyte costs nothing


def brief_of(record: Any) -> str:
    """The beginning of what it carries, as people know it."""
    if isinstance(record, (KinesisRecord, ActiveMqMessage, RabbitMqMessage)):
        return str(record.data[: 4 * _LONGEST], "utf-8", "replace")[:_LONGEST]
    if isinstance(record, DynamoDbRecord):
        return f"{record.event_name} {_item_text(record.keys)}"
    if isinstance(record, ChangeEvent):
        return record.brief[:_LONGEST]
    if isinstance(record, KafkaRecord):
        return (
            "(tombstone)"
            if record.value is None
            else record.value[: 4 * _LONGEST].decode("utf-8", "replace")[:_LONGEST]
        )
    if isinstance(record, S3BatchTask):
        return f"s3://{record.bucket}/{record.key}"[:_LONGEST]
    return str(record.body[:_LONGEST])


def _item_text(item: Mapping[str, Any]) -> str:
    """`id=1, sort=a`, without the types."""
    return ", ".join([f"{name}={next(iter(typed.values()))}" for name, typed in item.items()])
