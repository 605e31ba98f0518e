"""What is private in a Kinesis event. The law: data and keys are the producer's; sequence numbers and shards stay.

A partition key that changes has another hash, which may belong to another shard; records stay where they were recorded.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.aggregated import UserRecord, aggregated, deaggregated
from pytest_lambda_events.model.looking import decoded
from pytest_lambda_events.model.redaction import SourceRedaction, base64_data, json_value, plain_text

if TYPE_CHECKING:
    from pytest_lambda_events.model.redaction import Content

__all__ = ["REDACTION"]


def _data(value: Any, content: Content) -> Any:
    """Data, which may be many records in one, as the Kinesis Producer Library packs them; its sum comes out true."""
    packed = deaggregated(decoded(value) or b"")
    if packed is None:
        return base64_data(value, content)
    changed = [
        UserRecord(
            data=content.at(place).data(one.data),
            partition_key=content.at(place).text(one.partition_key),
            explicit_hash_key=one.explicit_hash_key,
        )
        for place, one in enumerate(packed)
    ]
    return value if changed == packed else b64encode(aggregated(changed)).decode("ascii")


REDACTION: Final = SourceRedaction(
    payloads={
        "Records[*].kinesis.partitionKey": plain_text,
        "Records[*].kinesis.data": _data,
        "state": json_value,
    },
)
