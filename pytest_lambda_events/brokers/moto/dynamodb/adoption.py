"""Streams between moto's tables and ours. The law: what happened before stays, as far as moto has kept it.

Moto has one shard for each table, numbers its records by their place, and goes on with it when the stream is disabled.
So a record gets another sequence number on its way; images, times and order stay.
"""

from __future__ import annotations

import datetime as dt
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from moto.core.utils import unix_time_millis
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamRecord

from pytest_lambda_events.brokers.moto.dynamodb.images import keep, wire_image
from pytest_lambda_events.brokers.table_stream import RETENTION_MS, Change
from pytest_lambda_events.model.dynamodb_record import TTL_IDENTITY, VIEWS

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.moto.dynamodb.engines import TableEngine
    from pytest_lambda_events.brokers.table_stream import TableStream
    from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord, ViewType

__all__ = ["give_back", "stream_settings", "take_over", "ttl_attribute"]

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def stream_settings(table: Any) -> ViewType | None:
    """The view type of a table's stream; None while it has none."""
    specification = table.stream_specification or {}
    if not specification.get("StreamEnabled"):
        return None
    return next((view for view in VIEWS if view == specification.get("StreamViewType")), None)


def ttl_attribute(table: Any) -> str | None:
    """The attribute by which a table removes items; None while it does not."""
    return table.ttl.get("AttributeName") if table.ttl.get("TimeToLiveStatus") == "ENABLED" else None


def take_over(table: Any, engine: TableEngine, now_ms: int) -> None:
    """Let the engine begin with what moto's table has: its stream, the records in it, and time to live."""
    view = stream_settings(table)
    if view is not None and table.latest_stream_label is not None:
        held, table.stream_shard.items = table.stream_shard.items, []
        times = [_millis(theirs.record["dynamodb"]["ApproximateCreationDateTime"]) for theirs in held]
        times = list(accumulate(times, max))  # a freeze may have gone back, a stream does not
        made_ms = min([_millis(table.stream_shard.created_on), *times])
        # a mock that began on real time is ahead of virtual time, and its past lies in our future
        lead_ms = max(max([made_ms, *times]) - now_ms, 0)
        stream = engine.open_stream(table.latest_stream_label, view, made_ms - lead_ms)
        for theirs, when in zip(held, times, strict=True):
            if when - lead_ms + RETENTION_MS > now_ms:
                stream.write(_change(theirs.record), when - lead_ms)
    attribute = ttl_attribute(table)
    if attribute is not None:
        engine.watch_expiry(attribute, now_ms)


def _millis(moment: dt.datetime | str) -> int:
    """Epoch milliseconds of one of moto's times, which are UTC and do not say so; an older moto has text."""
    if isinstance(moment, str):
        moment = dt.datetime.fromisoformat(moment)
    return (moment.replace(tzinfo=dt.timezone.utc) - _EPOCH) // dt.timedelta(milliseconds=1)


def _change(record: dict[str, Any]) -> Change:
    """What a record of moto's says of a change; an image that it does not carry is one of the key."""
    part, name = record["dynamodb"], record["eventName"]
    keys = _image(part["Keys"])
    return Change(
        keys=keys,
        old_image=None if name == "INSERT" else _image(part.get("OldImage")) or keys,
        new_image=None if name == "REMOVE" else _image(part.get("NewImage")) or keys,
        by_ttl="userIdentity" in record,
    )


def _image(attributes: dict[str, Any] | None) -> dict[str, Any]:
    return keep(Item(None, None, attributes or {}))  # type: ignore[arg-type] # the key is not asked for


def give_back(table: Any, stream: TableStream, now_ms: int) -> None:
    """Put what the stream holds into moto's, in order, with all times as late there as they would be now."""
    stream.settle(now_ms)
    lag_ms = max(int(unix_time_millis()) - now_ms, 0)
    theirs = table.stream_shard
    held = [record for shard in stream.shards.values() for record in shard.records[shard.first :]]
    for record in held:
        number = str(theirs.starting_sequence_number + len(theirs.items))
        theirs.items.append(_to_moto(record, number, table.region_name, lag_ms))


def _to_moto(record: DynamoDbRecord, number: str, region: str, lag_ms: int) -> Any:
    theirs: Any = StreamRecord.__new__(StreamRecord)
    created = _EPOCH + dt.timedelta(milliseconds=record.created_ms + lag_ms)
    part = {
        "StreamViewType": record.view_type,
        "ApproximateCreationDateTime": created.replace(tzinfo=None),
        "SequenceNumber": number,
        "SizeBytes": record.size_bytes,
        "Keys": wire_image(record.keys),
    }
    for name, image in (("NewImage", record.new_image), ("OldImage", record.old_image)):
        if image is not None:
            part[name] = wire_image(image)
    theirs.record = {
        "eventID": record.event_id,
        "eventName": record.event_name,
        "eventSource": "aws:dynamodb",
        "eventVersion": "1.1",
        "awsRegion": region,
        "dynamodb": part,
    }
    if record.user_identity is not None:
        theirs.record["userIdentity"] = {"PrincipalId": TTL_IDENTITY["principalId"], "Type": TTL_IDENTITY["type"]}
    return theirs
