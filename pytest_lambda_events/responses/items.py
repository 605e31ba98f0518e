"""The records of an event as a response names them. The law: an identifier is read from the event, never made.

Lambda Developer Guide, "Reporting batch item failures": the messageId of SQS, the sequence number of Kinesis and
DynamoDB, topic-partition and offset of Kafka. Amazon MQ and DocumentDB have no partial responses.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.model.looking import integer_at, text_at, value_at
from pytest_lambda_events.polling.partial_offsets import identifier_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.model.source import Source

__all__ = ["IDENTIFIER_NAMES", "Item", "items_of", "key_of_record", "takes_partial_responses"]

_PATHS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "sqs": ("messageId",),
        "sqs_fifo": ("messageId",),
        "kinesis": ("kinesis", "sequenceNumber"),
        "dynamodb": ("dynamodb", "SequenceNumber"),
    }
)
_KAFKA: Final = ("msk", "kafka")

IDENTIFIER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sqs": "messageId",
        "sqs_fifo": "messageId",
        "kinesis": "sequenceNumber",
        "dynamodb": "SequenceNumber",
        "msk": '{"partition": "topic-0", "offset": 0}',
        "kafka": '{"partition": "topic-0", "offset": 0}',
    }
)
"""What identifies a record of each source that takes partial responses."""


class Item(NamedTuple):
    """A record of an event: its identifier as a response has it, and as a text; its message group on a FIFO queue."""

    record: Any
    identifier: Any
    key: str
    group: str | None


def takes_partial_responses(source: Source) -> bool:
    """Whether a mapping of this source can have FunctionResponseTypes."""
    return source.name in IDENTIFIER_NAMES


def items_of(event: Any, source: Source) -> list[Item]:
    """The records of an event that can be named, in order."""
    return list(_kafka_items(event) if source.name in _KAFKA else _items(event, source))


def _items(event: Any, source: Source) -> Iterator[Item]:
    records = value_at(event, "Records")
    for record in records if isinstance(records, list) else ():
        key = key_of_record(record, source)
        if key is not None:
            yield Item(record, key, key, text_at(record, "attributes", "MessageGroupId"))


def _kafka_items(event: Any) -> Iterator[Item]:
    partitions = value_at(event, "records")
    for partition, records in partitions.items() if isinstance(partitions, dict) else ():
        for record in records if isinstance(records, list) else ():
            offset = value_at(record, "offset")
            key = identifier_text({"partition": partition, "offset": offset})
            if key is not None:
                yield Item(record, {"partition": partition, "offset": offset}, key, None)


def key_of_record(record: Any, source: Source) -> str | None:
    """The text that stands for a record of an event; None for what is no record of this source."""
    if source.name in _KAFKA:
        topic, partition = text_at(record, "topic"), integer_at(record, "partition")
        if topic is None or partition is None:
            return None
        return identifier_text({"partition": f"{topic}-{partition}", "offset": value_at(record, "offset")})
    return text_at(record, *_PATHS[source.name])
