"""Records of a Kinesis event, put into a stream again. The law: data and partition key as they were.

Which explicit hash key a record was put with, no event tells: the partition key decides on the shard. Records that
Lambda took out of an aggregate (enhanced fan-out) share a sequence number, and come as records of their own.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.pouring import Pour, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["INTO", "pours"]

INTO: Final = ("kinesis",)


def pours(event: Any, source: Any) -> Iterator[Pour]:
    """What puts each record back."""
    del source
    for number, record in enumerate(event["Records"]):
        kinesis = record["kinesis"]
        arrival = kinesis.get("approximateArrivalTimestamp")
        yield Pour(
            path=("Records", number),
            record=record,
            identity=record.get("eventID") or kinesis["sequenceNumber"],
            put=Verb("send", (base64.b64decode(kinesis["data"]),), {"partition_key": kinesis["partitionKey"]}),
            captured_ms=round(arrival * 1000) if isinstance(arrival, (int, float)) else None,
        )
