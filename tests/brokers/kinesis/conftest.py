"""A world of Kinesis on virtual time, seen through boto3 alone, so that the same test can look at stock moto.

`KINESIS_WORLD=stock pytest tests/brokers/kinesis/test_fidelity.py` runs the clauses against moto's own engine: what
passes there needs no repair of ours any more. `python -m benchmarks.stock_moto` does that, and counts.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.clock.travel import Travel
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
REGION = "eu-west-1"
HALF = 1 << 127


class World:
    """Kinesis through boto3, and time."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.kinesis = boto3.client("kinesis", region_name=REGION)

    def stream(self, shards: int = 1, name: str = "clicks", **attributes: Any) -> str:
        self.kinesis.create_stream(StreamName=name, ShardCount=shards, **attributes)
        return name

    def arn(self, name: str) -> str:
        return self.kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]

    def put(self, name: str, *data: str, key: str = "k", at: int | None = None) -> list[str]:
        """Put each, under one key or hash key; their sequence numbers."""
        hashed = {} if at is None else {"ExplicitHashKey": str(at)}
        return [
            self.kinesis.put_record(StreamName=name, Data=one.encode(), PartitionKey=key, **hashed)["SequenceNumber"]
            for one in data
        ]

    def shard_of(self, name: str, hash_key: int) -> str:
        """Where a record goes."""
        put = {"StreamName": name, "Data": b"x", "PartitionKey": "k", "ExplicitHashKey": str(hash_key)}
        return self.kinesis.put_record(**put)["ShardId"]

    def iterator(self, name: str, shard: int = 0, kind: str = "TRIM_HORIZON", **options: Any) -> str:
        asked = {"StreamName": name, "ShardId": f"shardId-{shard:012d}", "ShardIteratorType": kind, **options}
        return self.kinesis.get_shard_iterator(**asked)["ShardIterator"]

    def read(self, iterator: str, **options: Any) -> dict[str, Any]:
        return self.kinesis.get_records(ShardIterator=iterator, **options)

    def data(self, name: str, shard: int = 0, kind: str = "TRIM_HORIZON", **options: Any) -> list[str]:
        """What there is to read in a shard."""
        return [record["Data"].decode() for record in self.read(self.iterator(name, shard, kind, **options))["Records"]]

    def shards(self, name: str, **options: Any) -> dict[str, dict[str, Any]]:
        listed = self.kinesis.list_shards(StreamName=name, **options)["Shards"]
        return {shard["ShardId"].removeprefix("shardId-").lstrip("0") or "0": shard for shard in listed}

    def ranges(self, name: str, **options: Any) -> dict[str, tuple[int, int]]:
        """The hash keys of each shard that is open, by its number."""
        return {
            number: (int(shard["HashKeyRange"]["StartingHashKey"]), int(shard["HashKeyRange"]["EndingHashKey"]))
            for number, shard in self.shards(name, **options).items()
            if "EndingSequenceNumber" not in shard["SequenceNumberRange"]
        }

    def split(self, name: str, shard: int = 0, at: int = HALF) -> None:
        self.kinesis.split_shard(StreamName=name, ShardToSplit=f"shardId-{shard:012d}", NewStartingHashKey=str(at))

    def merge(self, name: str, shard: int = 0, adjacent: int = 1) -> None:
        self.kinesis.merge_shards(
            StreamName=name,
            ShardToMerge=f"shardId-{shard:012d}",
            AdjacentShardToMerge=f"shardId-{adjacent:012d}",
        )

    def consumer(self, name: str, consumer: str = "fan") -> str:
        answer = self.kinesis.register_stream_consumer(StreamARN=self.arn(name), ConsumerName=consumer)
        return answer["Consumer"]["ConsumerARN"]

    def wait(self, seconds: float) -> None:
        self.clock.jump_to(self.clock.now_ms + int(seconds * 1000))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualClock]:
    """Virtual time, and the process on it."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    clock = VirtualClock(START_MS)
    travel = Travel(clock)
    travel.start()
    yield clock
    travel.stop()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def surface(clock: VirtualClock, ledger: Ledger) -> Iterator[MotoSurface]:
    surface = MotoSurface(clock, ledger, Identifiers(0), REGION)
    surface.start()
    yield surface
    surface.stop()


@pytest.fixture
def world(clock: VirtualClock, request: pytest.FixtureRequest) -> Iterator[World]:
    if os.environ.get("KINESIS_WORLD") == "stock":
        with mock_aws():
            yield World(clock)
    else:
        request.getfixturevalue("surface")
        yield World(clock)
