"""Records between moto's streams and ours. The law: a record keeps its data, keys, order and age both ways.

Moto numbers the records of each shard 1, 2, 3, and a number alone has to name a record here: what comes from moto gets
a number of its own, unless it once went back there from here. Moto does not know when a shard was made or closed: the
first we take for the stream's beginning, the second for now. What stock moto did to records before (put them into
closed shards, doubled them in a merge) stays done.
"""

from __future__ import annotations

import datetime as dt
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final

from moto.kinesis.models import Record as MotoRecord

from pytest_lambda_events.brokers.hashed_stream import HASH_KEYS
from pytest_lambda_events.model.kinesis_record import KinesisRecord
from pytest_lambda_events.model.sequence_numbers import KinesisNumber

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.brokers.hashed_stream import HashedShard, HashedStream

__all__ = ["data_of", "give_back", "made_ms", "take_over", "to_moto"]

_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - moto's own times are naive, and UTC


def data_of(given: Any) -> bytes:
    """A record's data as moto has it: base64, as text or bytes."""
    return b64decode(given or b"")


def made_ms(moment: Any) -> int:
    """Epoch milliseconds of a moment as moto keeps it: a datetime, or an older one's text."""
    if isinstance(moment, str):
        moment = dt.datetime.fromisoformat(moment[:26])
    return int((moment.replace(tzinfo=None) - _EPOCH) // dt.timedelta(milliseconds=1))


def take_over(stream: Any, engine: HashedStream, now_ms: int) -> None:
    """Move what moto's stream holds into the engine, in order; what has outlived its retention stays behind."""
    shards = list(stream.shards.values())
    held = [list(shard.records.values()) for shard in shards]
    # a `mock_aws` that began on real time is ahead of virtual time: its past lies in our future
    latest_ms = max((_arrival_ms(theirs) for records in held for theirs in records), default=now_ms)
    lead_ms = max(latest_ms - now_ms, 0)
    created_ms = min(made_ms(stream.creation_datetime) - lead_ms, now_ms)
    oldest_ms = now_ms - engine.settings.retention_ms
    for shard, records in zip(shards, held, strict=True):
        shard.records.clear()
        first = _number(records[0], shard._shard_id) if records else None
        hashed = engine.restore(
            shard._shard_id,
            shard.starting_hash,
            min(shard.ending_hash, HASH_KEYS - 1),  # an older moto's last shard ends one too late
            created_ms,
            parents=[parent for parent in (shard.parent, shard.adjacent_parent) if parent],
            created_s=created_ms // 1000 if first is None else first.created_s,
            is_open=shard.is_open,
        )
        kept = [theirs for theirs in records if _arrival_ms(theirs) - lead_ms > oldest_ms]
        _fill(engine, hashed, kept, lead_ms, now_ms)
        if not shard.is_open:
            engine.close_shard(hashed.id, now_ms)


def _fill(engine: HashedStream, hashed: HashedShard, records: Sequence[Any], lead_ms: int, now_ms: int) -> None:
    numbers = [_number(theirs, hashed.index) for theirs in records]
    known = [number for number in numbers if number is not None and number.created_s == hashed.created_s]
    ours = len(known) == len(records)
    if known:
        hashed.base = max(number.index for number in known) + 1
    last_ms = 0
    for theirs in records:
        last_ms = max(last_ms, _arrival_ms(theirs) - lead_ms)  # a merge in moto may have mixed them up
        record = KinesisRecord(
            id=str(theirs.sequence_number) if ours else hashed.next_number(last_ms, now_ms),
            data=data_of(theirs.data),
            partition_key=theirs.partition_key,
            arrival_ms=last_ms,
            shard_id=hashed.id,
            explicit_hash_key=theirs.explicit_hash_key or None,
        )
        engine.append(hashed.id, record, now_ms)


def _number(theirs: Any, index: int) -> KinesisNumber | None:
    """What the number of one of moto's records says, if it was ours."""
    number = KinesisNumber.read(str(theirs.sequence_number))
    return number if number is not None and number.shard == index else None


def _arrival_ms(theirs: Any) -> int:
    return made_ms(theirs.created_at_datetime)


def to_moto(record: KinesisRecord, lag_ms: int = 0) -> Any:
    """Moto's record for ours, so much later."""
    data = b64encode(record.data).decode("ascii")
    theirs = MotoRecord(record.partition_key, data, int(record.sequence_number), record.explicit_hash_key or "")
    theirs.created_at = (record.arrival_ms + lag_ms) / 1000
    theirs.created_at_datetime = _EPOCH + dt.timedelta(milliseconds=record.arrival_ms + lag_ms)
    return theirs


def give_back(stream: Any, engine: HashedStream, now_ms: int, lag_ms: int = 0) -> None:
    """Move what the engine holds into moto's stream, in order, with all times `lag_ms` later."""
    engine.settle(now_ms)
    for shard_id, shard in engine.shards.items():
        kept = stream.shards[shard_id].records
        for record in shard.records[shard.first :]:
            theirs = to_moto(record, lag_ms)
            kept[theirs.sequence_number] = theirs
