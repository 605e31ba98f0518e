"""What a record carries, as JSON under its source's own names. The law: one line for each kind of record; bytes are the
text that they are, or base64.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KINDS", "kind_of", "payload_as_json"]


def kind_of(record: Any) -> str:
    """The name of the source whose record this is; of a topic's `kafka`, and of a queue's `sqs`, whichever it is."""
    return _KINDS[type(record).__name__][0]


def payload_as_json(record: Any) -> dict[str, Any]:
    """What the record carries."""
    return _KINDS[type(record).__name__][1](record)


def _bytes(data: bytes | None) -> Any:
    if data is None:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def _data(record: Any) -> dict[str, Any]:
    return {"data": _bytes(record.data)}


def _change_of_item(record: Any) -> dict[str, Any]:
    return {
        "event_name": record.event_name,
        "keys": record.keys,
        "new_image": record.new_image,
        "old_image": record.old_image,
    }


_KINDS: Final[Mapping[str, tuple[str, Callable[[Any], dict[str, Any]]]]] = {
    "ActiveMqMessage": ("activemq", _data),
    "ChangeEvent": ("documentdb", lambda record: {"change": record.change}),
    "DynamoDbRecord": ("dynamodb", _change_of_item),
    "KafkaRecord": ("kafka", lambda record: {"key": _bytes(record.key), "value": _bytes(record.value)}),
    "KinesisRecord": ("kinesis", _data),
    "RabbitMqMessage": ("rabbitmq", _data),
    "S3BatchTask": ("s3_batch", lambda record: {"key": record.key, "version_id": record.version_id}),
    "SqsMessage": ("sqs", lambda record: {"body": record.body}),
}

KINDS: Final = tuple(sorted({kind for kind, _ in _KINDS.values()}))
"""The names of all kinds."""
