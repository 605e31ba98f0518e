"""GetShardIterator and GetRecords. The law: the engine decides what is there; an iterator says where one stands.

Rules: API Reference, GetShardIterator and GetRecords. How often a shard may be read in a second is not limited here.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.moto.kinesis.adoption import to_moto
from pytest_lambda_events.brokers.moto.kinesis.iterators import ShardIterator
from pytest_lambda_events.brokers.moto.kinesis.requests import (
    answer,
    invalid,
    moment_from,
    number_from,
    shard_id_from,
    stream_from,
    streams_of,
)
from pytest_lambda_events.model.kinesis_record import shard_id_of
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.model.sequence_numbers import KinesisNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.brokers.hashed_stream import HashedShard, HashedStream
    from pytest_lambda_events.brokers.moto.kinesis.streams import StreamHandle
    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.model.kinesis_record import KinesisRecord

__all__ = [
    "MOST_RECORDS",
    "backend_get_records",
    "backend_get_shard_iterator",
    "get_records",
    "get_shard_iterator",
    "page_of",
    "place_for",
    "shard_of",
    "shown_children",
    "shown_record",
]

MOST_RECORDS: Final = 10_000
"""GetRecords' largest Limit."""
_MOST_BYTES: Final = 10 * 1024 * 1024
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_BY_NUMBER: Final = ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")
_TYPES: Final = "[AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]"


# -- where to begin -------------------------------------------------------------------------------------------------


def get_shard_iterator(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """An iterator for a place: K20 the oldest record, K21 what is put from now on, K22 a moment, K23 a sequence number
    or K24 what comes after it. K25, K26 a number of another shard or stream, K27 a moment to come, K28 a number where
    none belongs: these are refused.
    """
    given = {
        "ShardIteratorType": response._get_param("ShardIteratorType"),
        "StartingSequenceNumber": response._get_param("StartingSequenceNumber"),
        "Timestamp": response._get_param("Timestamp"),
    }
    handle, hashed = _shard_from(surface, response)
    return answer({"ShardIterator": _begin(surface, handle, hashed, given)})


def backend_get_shard_iterator(  # noqa: PLR0917 - moto's parameters
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    stream_arn: str | None,
    stream_name: str | None,
    shard_id: str,
    shard_iterator_type: str,
    starting_sequence_number: Any = None,
    at_timestamp: Any = None,
) -> str:
    """GetShardIterator for those who call moto's backend: tests that reach into it."""
    handle = streams_of(surface).of_request(backend, stream_arn, stream_name)
    number = starting_sequence_number
    given = {
        "ShardIteratorType": shard_iterator_type,
        "StartingSequenceNumber": None if number is None else str(number),
        "Timestamp": at_timestamp,
    }
    return _begin(surface, handle, shard_of(surface, handle, shard_id), given)


def _shard_from(surface: MotoSurface, response: Any) -> tuple[StreamHandle, HashedShard]:
    """The shard that a request names. Without the stream there is no shard either, and so says AWS."""
    asked = response._get_param("ShardId")
    try:
        handle = stream_from(surface, response)
    except Refusal as refusal:
        if refusal.code == "ResourceNotFoundException":
            arn, name = response._get_param("StreamARN") or "", response._get_param("StreamName")
            raise _no_shard(asked, name or arn.rpartition("/")[2], response.kinesis_backend.account_id) from refusal
        raise
    return handle, shard_of(surface, handle, asked)


def shard_of(surface: MotoSurface, handle: StreamHandle, asked: str) -> HashedShard:
    """The shard of this id. Errors: `Refusal` ResourceNotFoundException."""
    shard_id = shard_id_from(asked, handle.name, handle.account)
    for hashed in handle.engine.listed(surface.clock.now_ms):
        if hashed.id == shard_id:
            return hashed
    raise _no_shard(asked, handle.name, handle.account)


def _no_shard(asked: str, stream: str, account: str) -> Refusal:
    shard_id = shard_id_from(asked, stream, account)
    return Refusal(
        "ResourceNotFoundException", f"Shard {shard_id} in stream {stream} under account {account} does not exist"
    )


def _begin(surface: MotoSurface, handle: StreamHandle, hashed: HashedShard, given: Mapping[str, Any]) -> str:
    now_ms = surface.clock.now_ms
    place = place_for(handle, hashed, given, now_ms)
    return ShardIterator(handle.name, hashed.id, place, now_ms).text


def place_for(handle: StreamHandle, hashed: HashedShard, given: Mapping[str, Any], now_ms: int) -> int:
    """The place that a ShardIteratorType means. Errors: `Refusal`."""
    engine, kind, number = handle.engine, given["ShardIteratorType"], given.get("StartingSequenceNumber")
    if kind == "AT_TIMESTAMP":
        return engine.place_at(hashed.id, _moment(given.get("Timestamp"), now_ms), now_ms)
    if (kind in _BY_NUMBER) != (number is not None):
        what = "no StartingSequenceNumber" if number is None else "also a StartingSequenceNumber"
        raise Refusal(
            "InvalidArgumentException",
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or "
            f"(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {kind} and {what}.",
        )
    match kind:
        case "TRIM_HORIZON":
            return 0
        case "LATEST":
            engine.settle(now_ms)
            return hashed.shard.end
        case "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER":
            return _place_of(handle, hashed, str(number), now_ms, after=kind.startswith("AFTER"))
        case _:
            raise invalid(kind, "shardIteratorType", f"Member must satisfy enum value set: {_TYPES}")


def _place_of(handle: StreamHandle, hashed: HashedShard, number: str, now_ms: int, *, after: bool) -> int:
    read = KinesisNumber.read(number)
    where = (
        f"StartingSequenceNumber {number} used in GetShardIterator on shard {hashed.id} in stream {handle.name} under "
        f"account {handle.account} is invalid"
    )
    if read is None:
        raise Refusal("InvalidArgumentException", f"{where}.")
    if read.shard != hashed.index:
        raise Refusal(
            "InvalidArgumentException",
            f"Invalid StartingSequenceNumber. It encodes {shard_id_of(read.shard)}, while it was used in a call to a "
            f"shard with {hashed.id}",
        )
    if read.created_s != hashed.created_s:
        raise Refusal("InvalidArgumentException", f"{where} because it did not come from this stream.")
    return handle.engine.place_of(hashed.id, f"{number}~" if after else number, now_ms)


def _moment(value: Any, now_ms: int) -> int:
    if value is None:
        raise Refusal(
            "InvalidArgumentException",
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no "
            "timestamp parameter.",
        )
    at_ms = moment_from(value)
    if at_ms > now_ms:
        raise Refusal(
            "InvalidArgumentException",
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
            f"timestampInMillis: {at_ms}, currentTimestampInMillis: {now_ms}",
        )
    return at_ms


# -- reading on -----------------------------------------------------------------------------------------------------


def get_records(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """Up to 10,000 records and 10 MiB from where an iterator stands, with an iterator for what comes next.

    K11 records keep their arrival times and K12 come once; K13 at the end of a closed shard there is no next iterator,
    and K14 the children are told; K15 retention ends for records. K16 an iterator ends after 5 minutes, and K17 knows
    its stream; K19 another text is none. K18 MillisBehindLatest is 0 at the tip only. K29, K30 hold the limits.
    """
    limit = number_from(response, "Limit", default=MOST_RECORDS, most=MOST_RECORDS)
    handle, hashed, records, place = _read_on(
        surface, response.kinesis_backend, response._get_param("ShardIterator"), limit
    )
    now_ms, engine = surface.clock.now_ms, handle.engine
    kms = {} if handle.stream.encryption_type == "NONE" else {"EncryptionType": handle.stream.encryption_type}
    shown: dict[str, Any] = {
        "Records": [{**shown_record(record), **kms} for record in records],
        "MillisBehindLatest": _behind_ms(hashed, records, place, now_ms),
    }
    if engine.is_drained(hashed.id, place):
        shown["ChildShards"] = shown_children(engine, hashed.id)
    else:
        shown["NextShardIterator"] = ShardIterator(handle.name, hashed.id, place, now_ms).text
    return answer(shown)


def backend_get_records(
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    stream_arn: str | None,  # noqa: ARG001 - moto's parameter; the iterator knows its stream
    shard_iterator: str,
    limit: int | None,
) -> tuple[str | None, list[Any], int]:
    """GetRecords for those who call moto's backend: tests that reach into it."""
    handle, hashed, records, place = _read_on(surface, backend, shard_iterator, limit or MOST_RECORDS)
    now_ms = surface.clock.now_ms
    drained = handle.engine.is_drained(hashed.id, place)
    following = None if drained else ShardIterator(handle.name, hashed.id, place, now_ms).text
    return following, [to_moto(record) for record in records], _behind_ms(hashed, records, place, now_ms)


def _read_on(
    surface: MotoSurface, backend: Any, text: str, limit: int
) -> tuple[StreamHandle, HashedShard, Sequence[KinesisRecord], int]:
    """Stream and shard of an iterator, what there is to read, and the place behind it."""
    now_ms = surface.clock.now_ms
    iterator = ShardIterator.read(text, now_ms)
    stream = backend.streams.get(iterator.stream)
    if stream is None:
        raise _no_shard(iterator.shard_id, iterator.stream, backend.account_id)
    handle = streams_of(surface).of_request(backend, None, iterator.stream)
    hashed = shard_of(surface, handle, iterator.shard_id)
    place, records = page_of(handle.engine, hashed.id, iterator.place, limit, now_ms)
    return handle, hashed, records, place + len(records)


def page_of(
    engine: HashedStream, shard_id: str, place: int, limit: int, now_ms: int
) -> tuple[int, Sequence[KinesisRecord]]:
    """What one answer holds of a shard, from a place on; a record that is larger than an answer comes alone."""
    place, records = engine.read(shard_id, place, limit, now_ms)
    size = 0
    for count, record in enumerate(records):
        size += len(record.data) + len(record.partition_key)
        if size > _MOST_BYTES and count:
            return place, records[:count]
    return place, records


def _behind_ms(hashed: HashedShard, records: Sequence[KinesisRecord], place: int, now_ms: int) -> int:
    """How old the last record of an answer is, when more follow; on AWS at least a millisecond has passed by then."""
    return max(now_ms - records[-1].arrival_ms, 1) if records and place < hashed.shard.end else 0


def shown_record(record: KinesisRecord) -> dict[str, Any]:
    """A record as an answer has it."""
    return {
        "SequenceNumber": record.id,
        "ApproximateArrivalTimestamp": _EPOCH + dt.timedelta(milliseconds=record.arrival_ms),
        "Data": record.data,
        "PartitionKey": record.partition_key,
    }


def shown_children(engine: HashedStream, shard_id: str) -> list[dict[str, Any]]:
    """The children of a shard as an answer has them."""
    children = [engine.hashed[child_id] for child_id in engine.children(shard_id)]
    return [
        {
            "ShardId": child.id,
            "ParentShards": list(child.shard.parents),
            "HashKeyRange": {"StartingHashKey": str(child.low), "EndingHashKey": str(child.high)},
        }
        for child in children
    ]
