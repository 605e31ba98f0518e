"""Putting 100 records onto a topic that holds 100,000 against one that holds 100, with one partition and with eight.

Reading is in `kafka_log`: per record, of 100,000 against 10,000.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from benchmarks.measure import Bar, seconds
from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Iterator

_MANY, _SMALL, _LARGE = 100, 100, 100_000


def _cost(held: int, partitions: int) -> float:
    """CPU seconds of putting 100 records where a topic holds so many."""
    with Harness() as aws:
        topic = aws.kafka_topic("orders", partitions=partitions)
        numbers = count()

        def put() -> None:
            topic.send(*[str(next(numbers)) for _ in range(_MANY)], key=str)

        for _ in range(held // _MANY):
            put()
        return seconds(put, times=8, number=20, cpu=True)


def _pair(partitions: int) -> tuple[float, float]:
    return _cost(_SMALL, partitions), _cost(_LARGE, partitions)


def run() -> Iterator[Bar]:
    """The better of two for each, in turns."""
    for partitions, called in ((1, "one partition"), (8, "8 partitions")):
        small, large = (min(costs) for costs in zip(*[_pair(partitions) for _ in range(2)], strict=True))
        detail = f"{large * 1e3:.2f} ms against {small * 1e3:.2f} ms"
        yield Bar(what=f"{called}: send of 100, 100,000 against 100", measured=large / small, most=1.5, detail=detail)
