"""A Kinesis record as a value: equal by its sequence number, shown in short, its shard by id."""

from __future__ import annotations

import json

import pytest

from pytest_lambda_events.model.kinesis_record import KinesisRecord, hash_key, shard_id_of, shard_index_of


def record(**changes: object) -> KinesisRecord:
    """A record that is like any other."""
    fields = {"id": "7", "data": b'{"click":1}', "partition_key": "k", "arrival_ms": 5, "shard_id": shard_id_of(0)}
    return KinesisRecord(**{**fields, **changes})


def test_records_are_equal_and_hashed_by_their_sequence_number() -> None:
    """Not by what they carry."""
    assert record() == record(data=b"other")
    assert record() != record(id="8")
    assert record() != "7"
    assert len({record(), record(data=b"other"), record(id="8")}) == 2


def test_a_record_parses_its_data() -> None:
    """JSON, or an error that says that it is none."""
    assert record().json() == {"click": 1}
    with pytest.raises(json.JSONDecodeError):
        record(data=b"text").json()


def test_a_record_shows_itself_in_short() -> None:
    """Number, partition key and the beginning of the data."""
    assert repr(record()) == """<KinesisRecord 7 'k' b'{"click":1}'>"""
    assert repr(record(data=b"x" * 100)).endswith("xxx...'>")


def test_a_shards_id_is_its_index_in_twelve_digits() -> None:
    """And back; what a sequence number has no room for is no shard."""
    assert shard_id_of(6) == "shardId-000000000006"
    assert shard_index_of("shardId-000000000006") == 6
    assert shard_index_of("shardId-002147483647") == 2**31 - 1
    for text in ("", "6", "shardId-6", "shardId-002147483648", "shardId-00000000000٦"):
        assert shard_index_of(text) is None


def test_a_hash_key_is_the_md5_of_the_partition_key() -> None:
    """As a number of 128 bits."""
    assert hash_key("") == 0xD41D8CD98F00B204E9800998ECF8427E
    assert 0 <= hash_key("é") < 2**128
