"""A Kinesis stream with poison records, behind bisect and retries, against the floor for as many records.

The handler refuses every batch that holds a poison record, and says so by raising.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

from benchmarks.floor import floor_cpu_seconds
from benchmarks.measure import Bar
from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARDS = 4
BATCH = 100
POISON_EVERY = 1_000
FEW, MANY = 10_000, 100_000

_cpu = (time.process_time,)  # in a tuple, because freezegun replaces time functions that it finds in a module's globals


def _handler(event: Any, _context: Any) -> None:
    for record in event["Records"]:
        if record["kinesis"]["partitionKey"].startswith("poison"):
            raise ValueError("poison")


def _seconds(records: int) -> float:
    """CPU seconds of one run over so many records, their sending left out."""
    with Harness() as aws:
        stream = aws.kinesis_stream("clicks", ShardCount=SHARDS)
        mapping = aws.event_source_mapping(
            stream,
            _handler,
            StartingPosition="TRIM_HORIZON",
            BatchSize=BATCH,
            BisectBatchOnFunctionError=True,
            MaximumRetryAttempts=2,
        )
        stream.send(
            *map(str, range(records)),
            partition_key=lambda number: f"{'poison' if number % POISON_EVERY == 0 else 'key'}-{number}",
        )
        # what was sent is old by now: without this, Python's collector walks all of it over and over
        gc.collect()
        gc.freeze()
        began = _cpu[0]()
        run = mapping.run_until_idle(max_invocations=10 * records)
        spent = _cpu[0]() - began
        gc.unfreeze()
        assert len(run.discarded) == records // POISON_EVERY
        assert len(run.processed) == records - records // POISON_EVERY
    return spent


def run() -> Iterator[Bar]:
    """Against the floor, and against a tenth of the records, in turns."""
    turns = [(floor_cpu_seconds(MANY), _seconds(FEW), _seconds(MANY)) for _ in range(3)]
    floor, few, many = (min(spent) for spent in zip(*turns, strict=True))
    yield Bar(
        what=f"{MANY:,} records on {SHARDS} shards, 1 poison in {POISON_EVERY:,}, against the floor",
        measured=many / floor,
        most=5,
        detail=f"{many:.2f} s against {floor:.2f} s",
    )
    yield Bar(what=f"per record at {MANY:,} against {FEW:,}", measured=many / MANY / (few / FEW), most=1.3)
