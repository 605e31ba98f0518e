"""SubscribeToShard. The law: what is there is pushed at once, then the subscription ends, and no time passes.

On AWS a subscription lasts 5 minutes and pushes what comes in meanwhile; a consumer subscribes again where it ended,
with the ContinuationSequenceNumber of the last event. That is what a consumer does here, only sooner. Rules: API
Reference, SubscribeToShard; the event stream's framing is botocore's (`botocore.eventstream`).
"""

from __future__ import annotations

from binascii import crc32
from struct import pack
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.moto.kinesis.reading import (
    MOST_RECORDS,
    page_of,
    place_for,
    shard_of,
    shown_children,
    shown_record,
)
from pytest_lambda_events.brokers.moto.kinesis.requests import answer, streams_of
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_lambda_events.brokers.hashed_stream import HashedShard, HashedStream
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["subscribe_to_shard"]

_TEXT = 7  # the type of a header whose value is a text


def subscribe_to_shard(surface: MotoSurface, _original: Callable[..., Any] | None, response: Any) -> Any:
    """K50 a consumer gets the records of a shard from a position on, and the children where the shard ends."""
    arn = response._get_param("ConsumerARN")
    handle = streams_of(surface).of_request(response.kinesis_backend, arn, None)
    if all(consumer.consumer_arn != arn for consumer in handle.stream.consumers):
        raise Refusal("ResourceNotFoundException", f"Consumer {arn}, account {handle.account} not found.")
    hashed = shard_of(surface, handle, response._get_param("ShardId"))
    position = response._get_param("StartingPosition")
    given = {
        "ShardIteratorType": position["Type"],
        "StartingSequenceNumber": position.get("SequenceNumber"),
        "Timestamp": position.get("Timestamp"),
    }
    now_ms = surface.clock.now_ms
    place = place_for(handle, hashed, given, now_ms)
    events = [_message("initial-response", {}), *_events(handle.engine, hashed, place, now_ms)]
    return 200, {"Content-Type": "application/vnd.amazon.eventstream"}, b"".join(events)


def _events(engine: HashedStream, hashed: HashedShard, place: int, now_ms: int) -> Iterator[bytes]:
    """An event for each page of what there is; one without records when there is nothing."""
    while True:
        place, records = page_of(engine, hashed.id, place, MOST_RECORDS, now_ms)
        place += len(records)
        event: dict[str, Any] = {
            "Records": [shown_record(record) for record in records],
            "MillisBehindLatest": max(now_ms - records[-1].arrival_ms, 1) if place < hashed.shard.end else 0,
        }
        last = hashed.shard.records[place - 1].id if place else hashed.starting_number
        if engine.is_drained(hashed.id, place):
            event["ChildShards"] = shown_children(engine, hashed.id)
        else:
            event["ContinuationSequenceNumber"] = last
        yield _message("SubscribeToShardEvent", event)
        if place >= hashed.shard.end:
            return


def _message(kind: str, content: Mapping[str, Any]) -> bytes:
    """One message of an event stream."""
    payload = answer(content).encode("ascii")
    headers = b"".join(
        pack(">B", len(name)) + name.encode("ascii") + pack(">BH", _TEXT, len(value)) + value.encode("ascii")
        for name, value in ((":event-type", kind), (":content-type", "application/json"), (":message-type", "event"))
    )
    prelude = pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + pack(">I", crc32(prelude)) + headers + payload
    return message + pack(">I", crc32(message))
