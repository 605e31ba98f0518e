"""A stream with the records of aggregates apart: read like the stream itself, only with other places."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events.brokers.hashed_stream import HASH_KEYS, HashedStream
from pytest_lambda_events.model.aggregated import MAGIC, UserRecord, aggregated

START_MS = 1_735_689_600_000
FIRST = "shardId-000000000000"


class Settings:
    retention_ms = 60_000


class Journal:
    def entered(self, at_ms: int, arn: str, record: Any) -> None:
        """Nobody asks."""


@pytest.fixture
def stream() -> HashedStream:
    made = HashedStream("arn", settings=Settings(), journal=Journal(), spread=len)
    made.open_evenly(1, START_MS)
    return made


def put(stream: HashedStream, *data: bytes, now_ms: int = START_MS) -> Any:
    """One record: an aggregate if there are several."""
    users = [UserRecord(data=one, partition_key=f"key-{one.decode()}") for one in data]
    whole = users[0] if len(users) == 1 else UserRecord(data=aggregated(users), partition_key="a")
    stream.settle(now_ms)
    return stream.put(whole, now_ms)


def data(records: Any) -> list[bytes]:
    return [record.data for record in records]


def test_records_within_share_number_shard_and_arrival(stream: HashedStream) -> None:
    """And have data, keys and an identity of their own."""
    alone = put(stream, b"1")
    whole = put(stream, b"2", b"3")
    place, records = stream.deaggregated.read(FIRST, 0, 10, START_MS)
    assert (place, data(records)) == (0, [b"1", b"2", b"3"])
    assert records[0] is alone
    assert [record.sequence_number for record in records] == [alone.id, whole.id, whole.id]
    assert [record.partition_key for record in records] == ["key-1", "key-2", "key-3"]
    assert {(record.shard_id, record.arrival_ms) for record in records} == {(FIRST, START_MS)}
    assert len({record.id for record in records}) == 3
    assert stream.deaggregated.read(FIRST, 0, 10, START_MS)[1] == records


def test_places_count_what_is_within(stream: HashedStream) -> None:
    """By limit, by time, at the end, and where retention ended."""
    put(stream, b"1", b"2", b"3")
    put(stream, b"4", now_ms=START_MS + 10_000)
    view = stream.deaggregated
    assert data(view.read(FIRST, 1, 2, START_MS + 10_000)[1]) == [b"2", b"3"]
    assert [view.place_at(FIRST, START_MS + at, START_MS + 10_000) for at in (0, 1, 10_001)] == [0, 3, 4]
    shard = view.shards[FIRST]
    assert (shard.first, shard.end, len(shard.records)) == (0, 4, 4)
    place, records = view.read(FIRST, 1, 10, START_MS + 60_000)
    assert (place, data(records), shard.first) == (3, [b"4"], 3)


def test_shards_are_the_stream_s(stream: HashedStream) -> None:
    """With parents, moments, and an end when they are closed."""
    put(stream, b"1", b"2")
    view = stream.deaggregated
    assert list(view.shards) == [FIRST]
    stream.split(FIRST, HASH_KEYS // 2, START_MS + 5)
    children = view.children(FIRST)
    assert list(view.shards) == [FIRST, *children]
    parent, child = view.shards[FIRST], view.shards[children[0]]
    assert (parent.id, parent.created_ms, parent.closed_ms) == (FIRST, START_MS, START_MS + 5)
    assert (child.parents, child.closed_ms) == ((FIRST,), None)
    assert [view.is_drained(FIRST, place) for place in (1, 2)] == [False, True]
    assert view.is_drained(children[0], 0) is False
    assert stream.deaggregated is view


def test_listeners_hear_of_each_record_within(stream: HashedStream) -> None:
    """Until they end that."""
    heard: list[Any] = []
    end = stream.deaggregated.subscribe(lambda at_ms, shard_id, record: heard.append((at_ms, shard_id, record.data)))
    put(stream, b"1", b"2")
    end()
    put(stream, b"3")
    assert heard == [(START_MS, FIRST, b"1"), (START_MS, FIRST, b"2")]


def test_what_only_begins_like_an_aggregate_is_none(stream: HashedStream) -> None:
    """Four bytes make no aggregate."""
    record = stream.put(UserRecord(data=MAGIC + b"no protobuf, no sum", partition_key="k"), START_MS)
    assert stream.deaggregated.shards[FIRST].records == [record]
