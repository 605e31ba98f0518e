"""What is shown of a record, whatever its source. The law: one line for each kind, and a new kind needs one here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.activemq_message import ActiveMqMessage
from pytest_lambda_events.model.batch_task import S3BatchTask
from pytest_lambda_events.model.change_event import ChangeEvent
from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord
from pytest_lambda_events.model.kafka_record import KafkaRecord
from pytest_lambda_events.model.kinesis_record import KinesisRecord
from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage
from pytest_lambda_events.model.records import SqsMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["body_of", "is_broker_message", "is_change", "is_message"]


def is_message(record: Any) -> bool:
    """Whether it is received from a queue and leaves it; all else is read where it is, and stays there."""
    return isinstance(record, SqsMessage) or is_broker_message(record)


def is_broker_message(record: Any) -> bool:
    """Whether it is a broker's, which gets it back with all of its batch."""
    return isinstance(record, (ActiveMqMessage, RabbitMqMessage))


def is_change(record: Any) -> bool:
    """Whether it tells of an item or a document that was written, rather than having been put itself."""
    return isinstance(record, (DynamoDbRecord, ChangeEvent))


def body_of(record: Any, length: int) -> str:
    """The beginning of what it carries, `length` characters at least where it has so many."""
    if isinstance(record, KinesisRecord) or is_broker_message(record):
        return str(record.data[: 4 * length], "utf-8", "replace")
    if isinstance(record, DynamoDbRecord):
        return f"{record.event_name} {_item_text(record.keys)}"
    if isinstance(record, ChangeEvent):
        return record.brief
    if isinstance(record, KafkaRecord):
        return "(tombstone)" if record.value is None else record.value[: 4 * length].decode("utf-8", "replace")
    if isinstance(record, S3BatchTask):
        return f"s3://{record.bucket}/{record.key}"[:length]
    return str(record.body[:length])


def _item_text(item: Mapping[str, Any]) -> str:
    """`id=1, sort=a`, without the types."""
    return ", ".join([f"{name}={next(iter(typed.values()))}" for name, typed in item.items()])
