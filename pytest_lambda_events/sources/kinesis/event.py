"""Kinesis's event: the JSON that Lambda hands to the function. The law: field by field and key by key as captured.

Key order is part of the shape. Captures and rules: docs/sources/kinesis.md.
"""

from __future__ import annotations

from base64 import b64encode
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.model.kinesis_record import KinesisRecord
    from pytest_lambda_events.model.windows import TumblingWindow

__all__ = ["KinesisEventShape"]

# a JSON string, quotes included; what is not ASCII stays as it is
_quoted: Final[Callable[[str], str]] = encode_basestring


class KinesisEventShape:
    """What a poller needs to make events of the records of one shard.

    `arn` is the stream's, or with enhanced fan-out the consumer's; `role_arn` is the function's execution role.

    The dicts are for events without a poller; a poller writes text, because text is what Lambda sends and what its 6 MB
    count. Both say the same.
    """

    overhead = len('{"Records":[]}')

    def __init__(self, arn: str, role_arn: str) -> None:
        self._arn = arn
        self._envelope = {
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": role_arn,
            "awsRegion": arn.split(":")[3],
            "eventSourceARN": arn,
        }
        self._ending = f",{compact(self._envelope)[1:]}"

    def record(self, record: KinesisRecord) -> dict[str, Any]:
        """One record."""
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record.partition_key,
                "sequenceNumber": record.sequence_number,
                "data": b64encode(record.data).decode("ascii"),
                "approximateArrivalTimestamp": record.arrival_ms / 1000,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{record.shard_id}:{record.sequence_number}",
            **self._envelope,
        }

    def event(self, records: Sequence[KinesisRecord]) -> dict[str, Any]:
        """The event around the records."""
        return {"Records": [self.record(record) for record in records]}

    def window_event(
        self, records: Sequence[KinesisRecord], window: TumblingWindow, *, shard_id: str, moment_ms: int
    ) -> dict[str, Any]:
        """The event of an invocation for the tumbling window that `moment_ms` (epoch) lies in."""
        shown = [self.record(record) for record in records]
        return window.event(shown, shard_id=shard_id, arn=self._arn, moment_ms=moment_ms)

    # -- for pollers (`polling.ports.StreamShape`) --------------------------------------------------------------------

    def record_text(self, record: KinesisRecord) -> str:
        """One record as compact JSON."""
        number = record.sequence_number
        return (
            f'{{"kinesis":{{"kinesisSchemaVersion":"1.0","partitionKey":{_quoted(record.partition_key)},'
            f'"sequenceNumber":"{number}","data":"{b64encode(record.data).decode("ascii")}",'
            f'"approximateArrivalTimestamp":{record.arrival_ms / 1000!r}}},"eventSource":"aws:kinesis",'
            f'"eventVersion":"1.0","eventID":"{record.shard_id}:{number}"{self._ending}'
        )

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around the records."""
        return f'{{"Records":[{",".join(record_texts)}]}}'

    def window_text(self, record_texts: Sequence[str], window: TumblingWindow, *, shard_id: str, moment_ms: int) -> str:
        """The event of an invocation for the tumbling window that `moment_ms` (epoch) lies in."""
        members = window.event([], shard_id=shard_id, arn=self._arn, moment_ms=moment_ms)
        del members["Records"]  # they are text already, and stand first
        return f"{self.event_text(record_texts)[:-1]},{compact(members)[1:]}"

    def item_identifier(self, record: KinesisRecord) -> str:
        """What names the record in batchItemFailures: the sequence number, which the records of an aggregate share."""
        return record.sequence_number

    def order_key(self, record: KinesisRecord) -> str:
        """What is kept in order under parallelization: the partition key."""
        return record.partition_key
