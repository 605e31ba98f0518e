"""100,000 records of a Kafka topic with 8 partitions through a mapping, in batches of 100, against the floor."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

from benchmarks.floor import floor_cpu_seconds
from benchmarks.measure import Bar
from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Iterator

_cpu = time.process_time

_MANY, _FEW = 100_000, 10_000


def _mapped_cpu_seconds(records: int) -> float:
    """CPU seconds for so many records, from putting them to the last commit."""

    def handler(_event: Any, _context: Any) -> dict[str, list[Any]]:
        return {"batchItemFailures": []}

    with Harness() as aws:
        topic = aws.kafka_topic("orders", partitions=8)
        mapping = aws.event_source_mapping(
            topic,
            handler,
            BatchSize=100,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ProvisionedPollerConfig={"MinimumPollers": 1},
        )
        gc.collect()
        began = _cpu()
        topic.send(*[str(number) for number in range(records)], key=str)
        run = mapping.run_until_idle()
        spent = _cpu() - began
    assert len(run.processed) == records
    assert len(run.invocations) == records // 100
    return spent


def _without_collector(records: int) -> float:
    """The same without Python's garbage collector, which goes through all that moto has loaded, and more often the more
    there is: that is no growth of ours.
    """
    gc.disable()
    try:
        return _mapped_cpu_seconds(records)
    finally:
        gc.enable()


def run() -> Iterator[Bar]:
    """Best of three, interleaved with the floor so that both meet the same noise."""
    floor, mapped, large, small = [], [], [], []
    for _ in range(3):
        floor.append(floor_cpu_seconds(_MANY))
        mapped.append(_mapped_cpu_seconds(_MANY))
        large.append(_without_collector(_MANY))
        small.append(min(_without_collector(_FEW) for _ in range(3)))
    detail = f"{min(mapped):.2f} s against {min(floor):.2f} s"
    yield Bar(what="100,000 records against the floor", measured=min(mapped) / min(floor), most=5, detail=detail)
    detail = f"{min(large) / _MANY * 1e6:.1f} µs against {min(small) / _FEW * 1e6:.1f} µs, collector off"
    growth = min(large) / _MANY / (min(small) / _FEW)
    yield Bar(what="per record, 100,000 against 10,000", measured=growth, most=1.3, detail=detail)
