"""DynamoDB Streams' event: the JSON that Lambda hands to the function. The law: field by field and key by key as
captured on AWS.

Written as text, because text is what Lambda sends and what its 6 MB count; whoever wants the values parses it, as a
handler's runtime does. Attributes come in the order of a Java HashMap. Captures and rules: docs/sources/dynamodb.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.model.java_maps import hash_map_order
from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord
    from pytest_lambda_events.model.dynamodb_values import AttributeValue, Image
    from pytest_lambda_events.model.windows import TumblingWindow

__all__ = ["DynamoDbEventShape"]


class DynamoDbEventShape:
    """What a poller needs to make events of the records of the stream `arn`."""

    overhead = len('{"Records":[]}')

    def __init__(self, arn: str) -> None:
        self._source = f'"eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":{compact(arn.split(":")[3])}'
        self._arn = f'"eventSourceARN":{compact(arn)}}}'
        self._stream_arn = arn

    def record_text(self, record: DynamoDbRecord) -> str:
        """One record as compact JSON."""
        images = f'"Keys":{_image(record.keys)},'
        if record.new_image is not None:
            images += f'"NewImage":{_image(record.new_image)},'
        if record.old_image is not None:
            images += f'"OldImage":{_image(record.old_image)},'
        identity = "" if record.user_identity is None else f'"userIdentity":{compact(dict(record.user_identity))},'
        return (
            f'{{"eventID":"{record.event_id}","eventName":"{record.event_name}",{self._source},'
            f'"dynamodb":{{"ApproximateCreationDateTime":{record.created_ms // 1000}.0,{images}'
            f'"SequenceNumber":"{record.id}","SizeBytes":{record.size_bytes},"StreamViewType":"{record.view_type}"}},'
            f"{identity}{self._arn}"
        )

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around the records."""
        return f'{{"Records":[{",".join(record_texts)}]}}'

    def window_text(self, record_texts: Sequence[str], window: TumblingWindow, *, shard_id: str, moment_ms: int) -> str:
        """The event of an invocation for the tumbling window that `moment_ms` (epoch) lies in."""
        around = compact(window.event([], shard_id=shard_id, arn=self._stream_arn, moment_ms=moment_ms))
        return self.event_text(record_texts)[:-1] + around[self.overhead - 1 :]

    @staticmethod
    def item_identifier(record: DynamoDbRecord) -> str:
        """What names the record in batchItemFailures: its SequenceNumber."""
        return record.id

    @staticmethod
    def order_key(record: DynamoDbRecord) -> Hashable:
        """What is kept in order under parallelization: the item's key."""
        return tuple(
            sorted((name, kind, content) for name, value in record.keys.items() for kind, content in value.items())
        )


def _image(image: Image) -> str:
    return compact(_in_order(image))


def _in_order(image: Image) -> dict[str, AttributeValue]:
    """The attributes as the poller's HashMap hands them out, nested maps included."""
    return {name: _value(value) for name, value in hash_map_order(image).items()}


def _value(value: AttributeValue) -> AttributeValue:
    if "M" in value:
        return {"M": _in_order(value["M"])}
    if "L" in value:
        return {"L": [_value(one) for one in value["L"]]}
    return value
