"""What is private in a Kinesis event. The law: data and keys are the producer's; sequence numbers and shards stay.

A partition key that changes has another hash, which may belong to another shard; records stay where they were recorded.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.aggregated import UserRecord, aggregated, deaggregated
from pytest_lambda_events.model.dynamodb_changes import size_of
from pytest_lambda_events.model.looking import decoded, value_at
from pytest_lambda_events.model.redaction import SourceRedaction, base64_data, json_value, plain_text

if TYPE_CHECKING:
    from pytest_lambda_events.model.redaction import Content

__all__ = ["REDACTION"]

_SIZE: Final = re.compile(rb'"SizeBytes"\s*:\s*([0-9]+)')


def _data(value: Any, content: Content) -> Any:
    """Data, which may be many records in one, as the Kinesis Producer Library packs them; its sum comes out true."""
    packed = deaggregated(decoded(value) or b"")
    if packed is None:
        after = base64_data(value, content)
        return after if after == value else _sized(after)
    changed = [
        UserRecord(
            data=content.at(place).data(one.data),
            partition_key=content.at(place).text(one.partition_key),
            explicit_hash_key=one.explicit_hash_key,
        )
        for place, one in enumerate(packed)
    ]
    return value if changed == packed else b64encode(aggregated(changed)).decode("ascii")


def _sized(after: Any) -> Any:
    """Data with a true SizeBytes, if it is a change that DynamoDB put into the stream."""
    data = decoded(after) or b""
    size, places = _size(data), list(_SIZE.finditer(data))
    if size is None or len(places) != 1:
        return after
    start, end = places[0].span(1)
    return b64encode(data[:start] + str(size).encode("ascii") + data[end:]).decode("ascii")


def _size(data: bytes) -> int | None:
    try:
        change = value_at(json.loads(data), "dynamodb")
    except (ValueError, RecursionError):
        return None
    return size_of(change) if isinstance(change, dict) else None


REDACTION: Final = SourceRedaction(
    payloads={
        "Records[*].kinesis.partitionKey": plain_text,
        "Records[*].kinesis.data": _data,
        "state": json_value,
    },
)
