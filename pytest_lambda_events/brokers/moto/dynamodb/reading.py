"""DescribeStream, ListStreams, GetShardIterator, GetRecords. The law: whoever reads sees what a poller sees.

An iterator says itself where it stands and when it was given out: nothing is kept for it, and nothing is random.

Rules: Amazon DynamoDB Streams API Reference. Words marked [?] were not found in a recording.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from moto.core.responses import ActionResult

from pytest_lambda_events.brokers.moto.dynamodb.engines import tables_of
from pytest_lambda_events.brokers.moto.dynamodb.images import wire_image
from pytest_lambda_events.model.dynamodb_numbers import SEQUENCE
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.brokers.moto.dynamodb.engines import TableEngines
    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.brokers.shard_stream import Shard
    from pytest_lambda_events.brokers.table_stream import TableStream
    from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord

__all__ = ["describe_stream", "find_stream", "get_records", "get_shard_iterator", "list_streams"]

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_ARN: Final = re.compile(r"arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255}/stream/[^|]+")
_PAGE: Final = 100
_MOST_RECORDS: Final = 1000
_MOST_BYTES: Final = 1_048_576  # of one answer
_VALID_MS: Final = 15 * 60_000
_HORIZON: Final = -1  # the place of an iterator that begins at whatever retention has left
_TYPES: Final = ("AFTER_SEQUENCE_NUMBER", "LATEST", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON")


class _Iterator(NamedTuple):
    """Where a reader stands: a place in a shard of a stream; when it was given out (epoch milliseconds)."""

    arn: str
    shard_id: str
    place: int
    issued_ms: int

    def token(self) -> str:
        """As AWS writes it: the stream's ARN, a version, and what nobody is to read."""
        state = json.dumps([self.shard_id, self.place, self.issued_ms], separators=(",", ":"))
        return f"{self.arn}|1|{base64.b64encode(state.encode('ascii')).decode('ascii')}"

    @classmethod
    def read(cls, token: str) -> _Iterator:
        """The iterator of a token. Errors: `Refusal` ValidationException."""
        try:
            arn, version, state = token.split("|")
            shard_id, place, issued_ms = json.loads(base64.b64decode(state, validate=True))
            if version == "1":
                return cls(arn, str(shard_id), int(place), int(issued_ms))
        except (ValueError, TypeError, binascii.Error):
            pass
        raise _invalid("Invalid ShardIterator")


def _invalid(message: str, hint: str = "") -> Refusal:
    return Refusal("ValidationException", message, hint)


def _out_of_range(value: Any, member: str, rule: str) -> Refusal:
    return _invalid(
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {rule}"
    )


def _limit(given: Any, most: int) -> int:
    limit = most if given is None else int(given)
    if limit < 1:
        raise _out_of_range(limit, "limit", "have value greater than or equal to 1")
    if limit > most:
        raise _out_of_range(limit, "limit", f"have value less than or equal to {most}")
    return limit


def find_stream(tables: TableEngines, backend: Any, arn: str) -> tuple[Any, TableStream]:
    """A stream by its ARN, with its table, settled to the present. Errors: `Refusal`."""
    if _ARN.fullmatch(arn) is None:
        raise _invalid("Invalid StreamArn", f"a stream's ARN is arn:aws:dynamodb:…:table/…/stream/…, not {arn!r:.200}")
    for table, stream in tables.streams(backend):
        if stream.arn == arn:
            stream.settle(tables.now_ms)
            return table, stream
    raise Refusal("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found")


def _shard(stream: TableStream, shard_id: str, now_ms: int) -> Shard:
    for shard in stream.listed_shards(now_ms):
        if shard.id == shard_id:
            return shard
    raise Refusal("ResourceNotFoundException", "Requested resource not found: Shard does not exist")


def _page(found: Sequence[Any], start: str | None, limit: int, name_of: Callable[[Any], str]) -> tuple[Any, str | None]:
    """Up to `limit` of `found`, behind that named `start`, and the name of the last when there are more."""
    names = [name_of(one) for one in found]
    first = names.index(start) + 1 if start in names else 0
    page = found[first : first + limit]
    return page, names[first + limit - 1] if first + limit < len(found) else None


def describe_stream(surface: MotoSurface, _original: Callable[..., Any], handler: Any) -> ActionResult:
    """D18 shards have parents and sequence ranges; D12 ARN and label agree; D13 a disabled stream says so."""
    tables = tables_of(surface)
    arn = handler._get_param("StreamArn")
    limit = _limit(handler._get_param("Limit"), _PAGE)
    table, stream = find_stream(tables, handler.backend.dynamodb, arn)
    shards = stream.listed_shards(tables.now_ms)
    children_of = handler._get_param("ShardFilter")
    if children_of:
        parent = children_of.get("ShardId")
        shards = [shard for shard in shards if parent in shard.parents]
    page, last = _page(shards, handler._get_param("ExclusiveStartShardId"), limit, lambda shard: shard.id)
    description = {
        "StreamArn": arn,
        "StreamLabel": stream.label,
        "StreamStatus": "ENABLED" if stream.disabled_ms is None else "DISABLED",
        "StreamViewType": stream.view,
        "CreationRequestDateTime": _EPOCH + dt.timedelta(milliseconds=stream.created_ms),
        "TableName": table.name,
        "KeySchema": table.schema,
        "Shards": [_described(stream, shard) for shard in page],
    }
    if last is not None:
        description["LastEvaluatedShardId"] = last
    return ActionResult({"StreamDescription": description})


def _described(stream: TableStream, shard: Shard) -> dict[str, Any]:
    numbers = {"StartingSequenceNumber": stream.starts[shard.id]}
    ending = stream.last_number(shard)
    if ending is not None:
        numbers["EndingSequenceNumber"] = ending
    described: dict[str, Any] = {"ShardId": shard.id, "SequenceNumberRange": numbers}
    if shard.parents:
        described["ParentShardId"] = shard.parents[0]
    return described


def list_streams(surface: MotoSurface, _original: Callable[..., Any], handler: Any) -> ActionResult:
    """D16 streams that were disabled within 24 hours are listed, too, those of deleted tables included."""
    tables = tables_of(surface)
    name = handler._get_param("TableName")
    limit = _limit(handler._get_param("Limit"), _PAGE)
    found = [
        (table, stream)
        for table, stream in tables.streams(handler.backend.dynamodb)
        if name is None or name in {table.name, table.table_arn}
    ]
    page, last = _page(found, handler._get_param("ExclusiveStartStreamArn"), limit, lambda one: one[1].arn)
    streams = [
        {"StreamArn": stream.arn, "TableName": table.name, "StreamLabel": stream.label} for table, stream in page
    ]
    return ActionResult({"Streams": streams} | ({} if last is None else {"LastEvaluatedStreamArn": last}))


def get_shard_iterator(surface: MotoSurface, _original: Callable[..., Any], handler: Any) -> ActionResult:
    """D19 sequence numbers that the shard has had and has not; D20 one that retention has taken."""
    tables = tables_of(surface)
    arn, kind = handler._get_param("StreamArn"), handler._get_param("ShardIteratorType")
    number = handler._get_param("SequenceNumber")
    _, stream = find_stream(tables, handler.backend.dynamodb, arn)
    shard = _shard(stream, handler._get_param("ShardId"), tables.now_ms)
    place = _place(stream, shard, kind, number)
    return ActionResult({"ShardIterator": _Iterator(arn, shard.id, place, tables.now_ms).token()})


def _place(stream: TableStream, shard: Shard, kind: str, number: str | None) -> int:
    if kind not in _TYPES:
        raise _out_of_range(kind, "shardIteratorType", f"satisfy enum value set: [{', '.join(_TYPES)}]")
    if kind in {"TRIM_HORIZON", "LATEST"}:
        if number is not None:
            raise _invalid(  # [?]
                "One or more parameter values were invalid: SequenceNumber is not allowed with ShardIteratorType "
                f"{kind}"
            )
        return _HORIZON if kind == "TRIM_HORIZON" else shard.end
    if number is None or SEQUENCE.fullmatch(str(number)) is None:
        raise _invalid("Invalid SequenceNumber")  # [?]
    wanted, ending = int(number), stream.last_number(shard)
    if wanted < int(stream.starts[shard.id]) or (ending is not None and wanted > int(ending)):
        raise _invalid("Invalid SequenceNumber for the shard")  # [?]
    at = bisect_left(shard.records, wanted, key=_number)
    if at < shard.first:
        raise _trimmed()
    return at if kind == "AT_SEQUENCE_NUMBER" else bisect_right(shard.records, wanted, key=_number)


def _number(record: DynamoDbRecord) -> int:
    return int(record.id)


def _trimmed() -> Refusal:
    return Refusal(
        "TrimmedDataAccessException",
        "The data you are trying to access has been trimmed",
        "a stream keeps its records for 24 hours",
    )


def get_records(surface: MotoSurface, _original: Callable[..., Any], handler: Any) -> ActionResult:
    """D20 not what retention has taken; D21 an iterator is good for 15 minutes; D22 at most 1,000 records or 1 MB;
    D18 a closed shard that was read to its end has no next iterator. D8 binary values arrive as they were put.
    """
    tables = tables_of(surface)
    limit = _limit(handler._get_param("Limit"), _MOST_RECORDS)
    iterator = _Iterator.read(handler._get_param("ShardIterator"))
    now_ms = tables.now_ms
    if now_ms > iterator.issued_ms + _VALID_MS:
        raise Refusal(
            "ExpiredIteratorException",
            "The provided iterator exceeds the maximum age allowed.",
            f"it is {(now_ms - iterator.issued_ms) / 1000:g} s old, and 15 minutes is the most",
        )
    _, stream = find_stream(tables, handler.backend.dynamodb, iterator.arn)
    shard = _shard(stream, iterator.shard_id, now_ms)
    if _HORIZON < iterator.place < shard.first:
        raise _trimmed()
    place, records = stream.read(shard.id, iterator.place, limit, now_ms)
    shown = _up_to_a_megabyte(records)
    place += len(shown)
    answer: dict[str, Any] = {"Records": [_wire_record(record, stream) for record in shown]}
    if not stream.is_drained(shard.id, place):
        answer["NextShardIterator"] = _Iterator(iterator.arn, shard.id, place, now_ms).token()
    return ActionResult(answer)


def _up_to_a_megabyte(records: Sequence[DynamoDbRecord]) -> Sequence[DynamoDbRecord]:
    size = 0
    for number, record in enumerate(records):
        size += record.size_bytes
        if size > _MOST_BYTES and number > 0:
            return records[:number]
    return records


def _wire_record(record: DynamoDbRecord, stream: TableStream) -> dict[str, Any]:
    """D10 the region is the table's, D11 the version 1.1; whole seconds and SizeBytes as captured."""
    part: dict[str, Any] = {
        "ApproximateCreationDateTime": _EPOCH + dt.timedelta(seconds=record.created_ms // 1000),
        "Keys": wire_image(record.keys),
    }
    for name, image in (("NewImage", record.new_image), ("OldImage", record.old_image)):
        if image is not None:
            part[name] = wire_image(image)
    part |= {"SequenceNumber": record.id, "SizeBytes": record.size_bytes, "StreamViewType": record.view_type}
    wire: dict[str, Any] = {
        "eventID": record.event_id,
        "eventName": record.event_name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": stream.arn.split(":")[3],
        "dynamodb": part,
    }
    if record.user_identity is not None:
        identity = record.user_identity
        wire["userIdentity"] = {"PrincipalId": identity["principalId"], "Type": identity["type"]}
    return wire
