"""Shards with ranges of hash keys: every key has one open shard, and numbers rise, whatever is split and merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.brokers.hashed_stream import HASH_KEYS, HashedStream
from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.model.aggregated import UserRecord
from pytest_lambda_events.model.sequence_numbers import KinesisNumber

if TYPE_CHECKING:
    from pytest_lambda_events.model.kinesis_record import KinesisRecord

START_MS = 1_735_689_600_000
FIRST = "shardId-000000000000"


class Settings:
    retention_ms = 86_400_000


class Journal:
    def __init__(self) -> None:
        self.entered_records: list[Any] = []

    def entered(self, at_ms: int, arn: str, record: Any) -> None:
        self.entered_records.append(record)


def stream(shards: int = 1) -> HashedStream:
    made = HashedStream("arn", settings=Settings(), journal=Journal(), spread=len)
    made.open_evenly(shards, START_MS)
    return made


def record(key: int = 0, data: bytes = b"a") -> UserRecord:
    return UserRecord(data=data, partition_key="k", explicit_hash_key=str(key))


def number_of(made: KinesisRecord) -> KinesisNumber:
    read = KinesisNumber.read(made.id)
    assert read is not None
    return read


def test_a_partition_key_goes_where_its_md5_lies() -> None:
    """Page: Kinesis Developer Guide, key concepts, "Partition key"."""
    made = stream(4)
    found = [made.put(UserRecord(data=b"", partition_key=key), START_MS).shard_id[-1] for key in ("a", "b", "d")]
    # 0cc175b9…, 92eb5ffe…, 8277e091…
    assert found == ["0", "2", "2"]


def test_a_later_moment_has_the_greater_number_whenever_it_was_given() -> None:
    """What is announced for later does not overtake what is put before."""
    made = stream()
    later = made.put_at(record(data=b"later"), START_MS + 5, START_MS)
    now = made.put(record(), START_MS)
    soon = made.put_at(record(), START_MS + 5, START_MS)
    made.settle(START_MS + 5)
    last = made.put(record(), START_MS + 5)
    kept = made.shards[FIRST].records
    assert kept == [now, later, soon, last]
    assert sorted(kept, key=lambda one: int(one.id)) == kept


def test_a_number_says_when_its_record_arrives() -> None:
    """Also for one that was announced; and never before its shard was made."""
    made = stream()
    assert number_of(made.put_at(record(), START_MS + 5_000, START_MS)).second == START_MS // 1000 + 5
    lower, _ = made.split(FIRST, HASH_KEYS // 2, START_MS)
    child = number_of(made.put(record(), START_MS))
    assert (child.shard, child.created_s, child.second) == (1, START_MS // 1000 + 1, START_MS // 1000 + 1)
    assert lower.created_s == child.created_s


def test_numbers_of_many_moments_are_forgotten_when_they_have_passed() -> None:
    """The memory of given numbers does not grow with the stream."""
    made = stream()
    made.put_at(record(data=b"announced"), START_MS + 150, START_MS)
    for moment in range(200):
        made.settle(START_MS + moment)
        made.put(record(), START_MS + moment)
    kept = made.shards[FIRST].records
    assert [one.id for one in kept] == sorted({one.id for one in kept})
    assert len(made.hashed[FIRST]._given) <= 65


def test_what_is_announced_for_a_shard_that_closed_comes_into_its_child() -> None:
    """As another record: a number says which shard it is of."""
    made = stream()
    announced = made.put_at(record(HASH_KEYS - 1, b"later"), START_MS + 5, START_MS)
    made.split(FIRST, HASH_KEYS // 2, START_MS + 1)
    made.settle(START_MS + 5)
    [arrived] = made.shards["shardId-000000000002"].records
    assert (arrived.data, arrived.arrival_ms, arrived == announced) == (b"later", START_MS + 5, False)
    assert number_of(arrived).shard == 2
    assert made.shards[FIRST].records == []


def test_a_closed_shard_refuses_records() -> None:
    """Whoever puts there has lost track."""
    made = stream()
    kept = made.put(record(), START_MS)
    made.split(FIRST, HASH_KEYS // 2, START_MS)
    with pytest.raises(ConservationError, match="the shard is closed"):
        made.append(FIRST, kept, START_MS)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, HASH_KEYS - 1)),
        st.tuples(st.just("announce"), st.integers(0, HASH_KEYS - 1)),
        st.tuples(st.just("split"), st.integers(0, 99)),
        st.tuples(st.just("merge"), st.integers(0, 99)),
        st.tuples(st.just("scale"), st.integers(1, 12)),
        st.tuples(st.just("wait"), st.integers(1, 3_000)),
    ),
    max_size=40,
)


@given(count=st.integers(1, 7), taken=steps)
def test_every_hash_key_has_one_open_shard_and_nothing_is_lost(count: int, taken: list[tuple[str, int]]) -> None:
    """Whatever is put, split, merged and scaled: ranges are whole, records are in one place, numbers rise."""
    made = stream(count)
    now_ms = START_MS
    puts = 0
    for step, value in taken:
        shards = made.open_shards
        match step:
            case "put":
                made.settle(now_ms)
                made.put(record(value), now_ms)
                puts += 1
            case "announce":
                made.settle(now_ms)
                made.put_at(record(value), now_ms + value % 2_000, now_ms)
                puts += 1
            case "split":
                shard = shards[value % len(shards)]
                if shard.high - shard.low > 1 << 70:
                    made.split(shard.id, (shard.low + shard.high) // 2, now_ms)
            case "merge" if len(shards) > 1:
                place = value % (len(shards) - 1)
                made.merge(shards[place].id, shards[place + 1].id, now_ms)
            case "scale":
                made.scale(value, now_ms)
                assert len(made.open_shards) == value
            case _:
                now_ms += value
        ranges = [(shard.low, shard.high) for shard in made.open_shards]
        assert [low for low, _ in ranges] == [0, *(high + 1 for _, high in ranges[:-1])]
        assert ranges[-1][1] == HASH_KEYS - 1
    made.settle(now_ms + 2_000)
    kept = {shard_id: shard.records for shard_id, shard in made.shards.items()}
    assert sum(map(len, kept.values())) == puts
    for shard_id, hashed in made.hashed.items():
        numbers = [one.id for one in kept[shard_id]]
        assert numbers == sorted(set(numbers))
        assert [one.arrival_ms for one in kept[shard_id]] == made.shards[shard_id].arrivals
        assert all(hashed.low <= int(one.explicit_hash_key) <= hashed.high for one in kept[shard_id])
        bounds = [hashed.starting_number, *numbers, *([hashed.ending_number] if hashed.ending_number else [])]
        assert bounds == sorted(bounds)
        for parent_id in hashed.shard.parents:
            parent = made.hashed[parent_id]
            assert parent.ending_number is not None
            assert parent.ending_number < hashed.starting_number
            assert parent_id in {other.id for other in made.hashed.values() if not other.is_open}
            assert shard_id in made.children(parent_id)
