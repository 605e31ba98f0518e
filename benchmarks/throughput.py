"""10,000 messages through a mapping, 10 % failing twice and 1 % always, against the floor in the same run.

The same with a FIFO queue of 200 groups, which fail as a whole, so that the handler keeps their order.
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

_cpu = time.process_time


def _mapped_cpu_seconds(messages: int, groups: int = 0) -> float:
    """CPU seconds for so many messages; in so many message groups of a FIFO queue, or on a standard one."""
    tries: dict[str, int] = {}

    def handler(event: Any, _context: Any) -> dict[str, list[dict[str, str]]]:
        failures = []
        for record in event["Records"]:
            number = int(record["body"])
            if number % 10 == 1:
                tries[record["messageId"]] = tries.get(record["messageId"], 0) + 1
                if tries[record["messageId"]] <= 2:
                    failures.append({"itemIdentifier": record["messageId"]})
            elif number % 100 == 2:
                failures.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failures}

    with Harness() as aws:
        name = "orders.fifo" if groups else "orders"
        attributes: dict[str, Any] = {"ContentBasedDeduplication": True} if groups else {}
        queue = aws.sqs_queue(name, VisibilityTimeout=30, maxReceiveCount=5, **attributes)
        mapping = aws.event_source_mapping(queue, handler, FunctionResponseTypes=["ReportBatchItemFailures"])
        gc.collect()
        began = _cpu()
        if groups:
            for group in range(groups):
                numbers = range(group, messages, groups)
                queue.send(*[str(number) for number in numbers], message_group_id=str(group))
        else:
            queue.send(*[str(number) for number in range(messages)])
        run = mapping.run_until_idle()
        spent = _cpu() - began
    assert len(run.dead_lettered) == messages // 100
    assert len(run.processed) == messages - messages // 100
    return spent


def _without_collector(messages: int, groups: int = 0) -> float:
    """The same without Python's garbage collector, which goes through all that moto has loaded, and more often the more
    messages there are: what our own work costs, and how that grows.
    """
    gc.disable()
    try:
        return _mapped_cpu_seconds(messages, groups)
    finally:
        gc.enable()


def run() -> Iterator[Bar]:
    """Best of five, interleaved with the floor so that both meet the same noise."""
    floor, mapped, small, fifo, bare, bare_small, bare_fifo = [], [], [], [], [], [], []
    for _ in range(5):
        floor.append(floor_cpu_seconds(10_000))
        mapped.append(_mapped_cpu_seconds(10_000))
        fifo.append(_mapped_cpu_seconds(10_000, groups=200))
        small.append(min(_mapped_cpu_seconds(1_000) for _ in range(3)))
        bare_small.append(min(_without_collector(1_000) for _ in range(3)))
        bare.append(_without_collector(10_000))
        bare_fifo.append(_without_collector(10_000, groups=200))
    least = min(floor)
    detail = f"{min(mapped):.3f} s against {least:.3f} s; {min(bare) / least:.2f}x with the garbage collector off"
    yield Bar(what="10,000 messages against the floor", measured=min(mapped) / least, most=3, detail=detail)
    detail = f"{min(bare) / 10 / min(bare_small):.2f}x with the garbage collector off"
    grown = min(mapped) / 10 / min(small)
    yield Bar(what="per message, 10,000 against 1,000", measured=grown, most=1.3, detail=detail)
    detail = f"{min(fifo):.3f} s; {min(bare_fifo) / least:.2f}x with the garbage collector off"
    yield Bar(what="FIFO with 200 groups against the floor", measured=min(fifo) / least, most=3.5, detail=detail)
