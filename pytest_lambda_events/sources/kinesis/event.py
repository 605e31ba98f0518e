"""Kinesis's event: the JSON that Lambda hands to the function. The law: field by field and key by key as captured.

Key order is part of the shape. Captures and rules: docs/sources/kinesis.md.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.kinesis_record import KinesisRecord
    from pytest_lambda_events.model.windows import TumblingWindow

__all__ = ["KinesisEventShape"]


class KinesisEventShape:
    """What a poller needs to make events of the records of one shard.

    `arn` is the stream's, or with enhanced fan-out the consumer's; `role_arn` is the function's execution role.
    """

    def __init__(self, arn: str, role_arn: str) -> None:
        self._arn = arn
        self._envelope = {
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": role_arn,
            "awsRegion": arn.split(":")[3],
            "eventSourceARN": arn,
        }

    def record(self, record: KinesisRecord) -> dict[str, Any]:
        """One record."""
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record.partition_key,
                "sequenceNumber": record.id,
                "data": b64encode(record.data).decode("ascii"),
                "approximateArrivalTimestamp": record.arrival_ms / 1000,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{record.shard_id}:{record.id}",
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
