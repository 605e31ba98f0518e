"""DescribeStream, DescribeStreamSummary, ListShards. The law: shards as the engine has them, the rest as moto has it.

Rules: API Reference of the three, and ShardFilter. A closed shard is listed until retention has ended for all that it
could hold.
"""

from __future__ import annotations

import datetime as dt
import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.moto.kinesis.adoption import made_ms
from pytest_lambda_events.brokers.moto.kinesis.iterators import LIFETIME_MS
from pytest_lambda_events.brokers.moto.kinesis.requests import answer, moment_from, number_from, stream_from, streams_of
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.brokers.hashed_stream import HashedShard
    from pytest_lambda_events.brokers.moto.kinesis.streams import StreamHandle
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["describe_stream", "describe_stream_summary", "list_shards", "next_token", "read_token"]

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MOST: Final = 10_000
_DEFAULT_DESCRIBED: Final = 100
_DEFAULT_LISTED: Final = 1_000


def describe_stream(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """K41 shards with the ranges of their hash keys and K32 sequence numbers, K42 a page at a time."""
    handle = stream_from(surface, response)
    limit = number_from(response, "Limit", default=_DEFAULT_DESCRIBED, most=_MOST)
    shards = _after(handle.engine.listed(surface.clock.now_ms), response._get_param("ExclusiveStartShardId"))
    stream = handle.stream
    described = _without_none(
        {
            **stream.to_json(shard_limit=1)["StreamDescription"],
            "StreamCreationTimestamp": _created(handle, surface),
            "StreamModeDetails": stream.stream_mode,
            "HasMoreShards": len(shards) > limit,
            "Shards": [_shown(shard) for shard in shards[:limit]],
        }
    )
    return answer({"StreamDescription": described})


def describe_stream_summary(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """K43 OpenShardCount counts the open shards, after a split or merge too; ConsumerCount the consumers."""
    handle = stream_from(surface, response)
    summary = _without_none(
        {
            **handle.stream.to_json_summary()["StreamDescriptionSummary"],
            "StreamCreationTimestamp": _created(handle, surface),
            "OpenShardCount": len(handle.engine.open_shards),
            "ConsumerCount": len(handle.stream.consumers),
            "MaxRecordSizeInKiB": handle.maximum_kib,
        }
    )
    return answer({"StreamDescriptionSummary": summary})


def list_shards(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """K44 every shard, also a closed one while something in it can be read; K45 a filter chooses among them.

    K46 a page token ends after 5 minutes, and goes with no stream's name.
    """
    token = response._get_param("NextToken")
    named = response._get_param("StreamName") or response._get_param("StreamARN")
    if token is None:
        if not named:
            raise Refusal("InvalidArgumentException", "Either NextToken or StreamName should be provided.")
        handle = stream_from(surface, response)
        shard_filter = response._get_param("ShardFilter") or {}
        state = {"stream": handle.name, "after": response._get_param("ExclusiveStartShardId")}
        state["filter"] = {name: _plain(shard_filter[name]) for name in sorted(shard_filter)}
    else:
        if named:
            raise Refusal("InvalidArgumentException", "NextToken and StreamName cannot be provided together.")
        state = read_token(token, surface.clock.now_ms)
        handle = streams_of(surface).of_request(response.kinesis_backend, None, state["stream"])
    limit = number_from(response, "MaxResults", default=_DEFAULT_LISTED, most=_MOST)
    shards = _after(_chosen(handle, state["filter"], surface.clock.now_ms), state["after"])
    shown: dict[str, Any] = {"Shards": [_shown(shard) for shard in shards[:limit]]}
    if len(shards) > limit:
        shown["NextToken"] = next_token({**state, "after": shards[limit - 1].id}, surface.clock.now_ms)
    return answer(shown)


def _chosen(handle: StreamHandle, shard_filter: Mapping[str, Any], now_ms: int) -> Sequence[HashedShard]:
    """The shards that a ShardFilter chooses. Errors: `Refusal`."""
    engine = handle.engine
    shards = engine.listed(now_ms)
    created_ms = min(shard.created_ms for shard in engine.shards.values())
    horizon_ms = max(now_ms - engine.settings.retention_ms, created_ms)
    kind = shard_filter.get("Type", "FROM_TRIM_HORIZON")
    at_ms = _moment_of(shard_filter, horizon_ms) if kind.endswith("_TIMESTAMP") else horizon_ms
    match kind:
        case "AFTER_SHARD_ID":
            if "ShardId" not in shard_filter:
                raise Refusal(
                    "InvalidArgumentException",
                    "ShardId must be supplied in a ShardFilter with a Type of AFTER_SHARD_ID",  # [?]
                )
            return _after(shards, shard_filter["ShardId"])
        case "AT_LATEST":
            return [shard for shard in shards if shard.is_open]
        case "AT_TRIM_HORIZON" | "AT_TIMESTAMP":
            return [shard for shard in shards if shard.shard.created_ms <= at_ms and _open_at(shard, at_ms)]
        case _:  # FROM_TRIM_HORIZON, FROM_TIMESTAMP
            return [shard for shard in shards if _open_at(shard, at_ms)]


def _open_at(shard: HashedShard, at_ms: int) -> bool:
    """Whether a shard was not closed before a moment."""
    closed_ms = shard.shard.closed_ms
    return closed_ms is None or closed_ms >= at_ms


def _moment_of(shard_filter: Mapping[str, Any], horizon_ms: int) -> int:
    if "Timestamp" not in shard_filter:
        raise Refusal(
            "InvalidArgumentException",
            "Timestamp must be supplied in a ShardFilter with a Type of FROM_TIMESTAMP or AT_TIMESTAMP",  # [?]
        )
    return max(round(float(shard_filter["Timestamp"]) * 1000), horizon_ms)


def _plain(value: Any) -> Any:
    return moment_from(value) / 1000 if not isinstance(value, str) else value


def _after(shards: Sequence[HashedShard], shard_id: str | None) -> Sequence[HashedShard]:
    return shards if shard_id is None else [shard for shard in shards if shard.id > shard_id]


def _shown(shard: HashedShard) -> dict[str, Any]:
    numbers = {"StartingSequenceNumber": shard.starting_number}
    if shard.ending_number is not None:
        numbers["EndingSequenceNumber"] = shard.ending_number
    shown: dict[str, Any] = {"ShardId": shard.id}
    shown.update(zip(("ParentShardId", "AdjacentParentShardId"), shard.shard.parents, strict=False))
    shown["HashKeyRange"] = {"StartingHashKey": str(shard.low), "EndingHashKey": str(shard.high)}
    shown["SequenceNumberRange"] = numbers
    return shown


def _created(handle: StreamHandle, surface: MotoSurface) -> dt.datetime:
    created_ms = min(made_ms(handle.stream.creation_datetime), surface.clock.now_ms)
    return _EPOCH + dt.timedelta(milliseconds=created_ms)


def _without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


# -- page tokens ----------------------------------------------------------------------------------------------------


def next_token(state: Mapping[str, Any], now_ms: int) -> str:
    """A page token that says all this, given now."""
    return b64encode(json.dumps({**state, "given": now_ms}).encode("ascii")).decode("ascii")


def read_token(token: str, now_ms: int) -> dict[str, Any]:
    """What a page token says. Errors: `Refusal` for one that is none, or has expired."""
    try:
        state: dict[str, Any] = json.loads(b64decode(token, validate=True))
        given_ms = state["given"]
    except (KeyError, TypeError, ValueError):
        raise Refusal("InvalidArgumentException", "NextToken is invalid.") from None  # [?]
    if now_ms - given_ms > LIFETIME_MS:
        raise Refusal("ExpiredNextTokenException", "The NextToken has expired; it is valid for 300 seconds.")  # [?]
    return state
