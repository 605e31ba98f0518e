"""SplitShard, MergeShards, UpdateShardCount. The law: AWS's checks, then the engine; at once, where AWS takes a while.

Rules: API Reference of the three; words as recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.moto.kinesis.requests import (
    answer,
    hash_key_from,
    number_from,
    shard_id_from,
    stream_from,
    streams_of,
)
from pytest_lambda_events.brokers.moto.kinesis.streams import StreamHandle, show_shards
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.brokers.hashed_stream import HashedShard
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = [
    "backend_merge_shards",
    "backend_split_shard",
    "merge",
    "split",
    "stream_merge_shards",
    "stream_split_shard",
    "stream_update_shard_count",
    "update_shard_count",
]

_MOST_SHARDS: Final = 10_000


def split(
    surface: MotoSurface, handle: StreamHandle, shard_id: str, new_starting_hash_key: str | None
) -> tuple[HashedShard, HashedShard]:
    """Split a shard as SplitShard does, in the middle when no hash key is given. Errors: `Refusal`."""
    surface.clock.enter()
    with surface.lock:
        _provisioned(handle)
        shard = _shard(handle, shard_id)
        at = (shard.low + shard.high + 1) // 2
        if new_starting_hash_key is not None:
            at = hash_key_from(new_starting_hash_key, "newStartingHashKey")
        if not shard.low + 1 < at < shard.high:
            raise Refusal(
                "InvalidArgumentException",
                f"NewStartingHashKey {at} used in SplitShard() on shard {shard.id} in stream {handle.name} under "
                f"account {handle.account} is not both greater than one plus the shard's StartingHashKey {shard.low} "
                f"and less than the shard's EndingHashKey {shard.high}.",
            )
        _check_open(handle, shard)
        children = handle.engine.split(shard.id, at, surface.clock.now_ms)
        show_shards(handle.stream, handle.engine)
        return children


def merge(surface: MotoSurface, handle: StreamHandle, shard_id: str, adjacent_id: str) -> HashedShard:
    """Merge two shards as MergeShards does; the second one's hash keys follow the first one's. Errors: `Refusal`."""
    surface.clock.enter()
    with surface.lock:
        _provisioned(handle)
        first, second = _shard(handle, shard_id), _shard(handle, adjacent_id)
        if first.high + 1 != second.low:
            raise Refusal(
                "InvalidArgumentException",
                f"Shards {first.id} and {second.id} in stream {handle.name} under account {handle.account} are not an "
                "adjacent pair of shards eligible for merging",
                f"{first.id} ends with hash key {first.high}, {second.id} begins with {second.low}",
            )
        _check_open(handle, first)
        _check_open(handle, second)
        child = handle.engine.merge(first.id, second.id, surface.clock.now_ms)
        show_shards(handle.stream, handle.engine)
        return child


def _scale(surface: MotoSurface, handle: StreamHandle, count: int) -> int:
    """As UpdateShardCount; how many shards were open before. Errors: `Refusal`."""
    _provisioned(handle)
    engine = handle.engine
    before = len(engine.open_shards)
    counts = f"Current open shard count: {before}, Target shard count: {count}"
    if count > 2 * before:
        raise Refusal(
            "LimitExceededException",
            f"UpdateShardCount cannot scale up over double your current open shard count. {counts}",
        )
    if 2 * count < before:
        raise Refusal(
            "LimitExceededException",
            f"UpdateShardCount cannot scale down below half your current open shard count. {counts}",
        )
    engine.scale(count, surface.clock.now_ms)
    show_shards(handle.stream, engine)
    return before


def _provisioned(handle: StreamHandle) -> None:
    if (handle.stream.stream_mode or {}).get("StreamMode") == "ON_DEMAND":
        raise Refusal(
            "ValidationException",
            f"Request is invalid. Stream {handle.name} under account {handle.account} is in On-Demand mode.",
        )


def _shard(handle: StreamHandle, asked: str) -> HashedShard:
    shard_id = shard_id_from(asked, handle.name, handle.account)
    shard = handle.engine.hashed.get(shard_id)
    if shard is None:
        raise Refusal(
            "ResourceNotFoundException",
            f"Could not find shard {shard_id} in stream {handle.name} under account {handle.account}.",
        )
    return shard


def _check_open(handle: StreamHandle, shard: HashedShard) -> None:
    if not shard.is_open:
        raise Refusal(
            "InvalidArgumentException",
            f"Shard {shard.id} in stream {handle.name} under account {handle.account} has already been merged or split"
            ", and thus is not eligible for merging or splitting.",
        )


# -- behind moto's names --------------------------------------------------------------------------------------------


def backend_split_shard(  # noqa: PLR0917 - moto's parameters
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    stream_arn: str | None,
    stream_name: str | None,
    shard_to_split: str,
    new_starting_hash_key: str,
) -> None:
    """K31 records stay where they were put, and K11 keep their arrival times; K32 the parent is closed, and ends.

    K33 where it cannot be split is refused, and so are K34 a closed shard and K40 an on-demand stream.
    """
    handle = streams_of(surface).of_request(backend, stream_arn, stream_name)
    split(surface, handle, shard_to_split, str(new_starting_hash_key))


def stream_split_shard(
    surface: MotoSurface, _original: Callable[..., Any], stream: Any, shard_to_split: str, new_starting_hash_key: str
) -> None:
    """SplitShard for those who call moto's stream."""
    split(surface, StreamHandle(stream, streams_of(surface)), shard_to_split, str(new_starting_hash_key))


def backend_merge_shards(  # noqa: PLR0917 - moto's parameters
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    stream_arn: str | None,
    stream_name: str | None,
    shard_to_merge: str,
    adjacent_shard_to_merge: str,
) -> None:
    """K12 records are not copied; K35 the child has both parents; K36 shards that are not neighbours, in the order of
    their hash keys, are refused; so are K34 closed ones.
    """
    handle = streams_of(surface).of_request(backend, stream_arn, stream_name)
    merge(surface, handle, shard_to_merge, adjacent_shard_to_merge)


def stream_merge_shards(
    surface: MotoSurface, _original: Callable[..., Any], stream: Any, shard_to_merge: str, adjacent_shard_to_merge: str
) -> None:
    """MergeShards for those who call moto's stream."""
    merge(surface, StreamHandle(stream, streams_of(surface)), shard_to_merge, adjacent_shard_to_merge)


def update_shard_count(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """K37 shards of the same size, with AWS's ids; K38 at most twice as many, K39 at least half as many."""
    handle = stream_from(surface, response)
    count = number_from(response, "TargetShardCount", default=1, most=_MOST_SHARDS)
    before = _scale(surface, handle, count)
    return answer(
        {
            "StreamName": handle.name,
            "CurrentShardCount": before,
            "TargetShardCount": count,
            "StreamARN": handle.arn,
        }
    )


def stream_update_shard_count(
    surface: MotoSurface, _original: Callable[..., Any], stream: Any, target_shard_count: int
) -> None:
    """UpdateShardCount as CloudFormation asks for it inside moto, also when nothing changes."""
    handle = StreamHandle(stream, streams_of(surface))
    if len(handle.engine.open_shards) != int(target_shard_count):
        _scale(surface, handle, int(target_shard_count))
