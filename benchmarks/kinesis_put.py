"""Putting 100 records onto a shard of 100,000 against an empty one, directly and through boto3."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.measure import Bar, seconds
from pytest_lambda_events import Harness
from pytest_lambda_events.sources.kinesis.broker import create_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MANY, _LARGE = 100, 100_000


def _costs(held: int) -> dict[str, float]:
    """CPU seconds of putting, and of reading, 100 records where a shard holds so many."""
    with Harness() as aws:
        stream = create_stream("clicks", {}, aws._surface, aws.virtual_clock, aws.ledger, identifiers=aws._identifiers)
        numbers = count()

        def put() -> None:
            stream.send(*[str(next(numbers)) for _ in range(_MANY)])

        while next(numbers) < held:
            put()
        client: Any = boto3.client("kinesis", region_name=aws.region)
        shard = stream.shards[0].id

        def boto3_put() -> None:
            records = [{"Data": b"click", "PartitionKey": str(next(numbers))} for _ in range(_MANY)]
            client.put_records(StreamName=stream.name, Records=records)

        def boto3_read() -> None:
            iterator = client.get_shard_iterator(
                StreamName=stream.name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            client.get_records(ShardIterator=iterator, Limit=_MANY)

        calls: dict[str, tuple[Callable[[], None], int]] = {
            "send of 100": (put, 20),
            "put_records of 100 through boto3": (boto3_put, 10),
            "get_records of 100 through boto3": (boto3_read, 10),
        }
        for call, _ in calls.values():
            call()
        return {name: seconds(call, times=8, number=number, cpu=True) for name, (call, number) in calls.items()}


def run() -> Iterator[Bar]:
    """Each operation on both shards, in turns; the better of two."""
    turns = [(_costs(0), _costs(_LARGE)) for _ in range(2)]
    small, large = (
        {name: min(cost[name] for cost in costs) for name in costs[0]} for costs in zip(*turns, strict=True)
    )
    for name, cost in large.items():
        detail = f"{cost * 1e3:.2f} ms against {small[name] * 1e3:.2f} ms"
        yield Bar(what=f"{name}, 100,000 against none", measured=cost / small[name], most=1.5, detail=detail)
