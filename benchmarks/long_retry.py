"""A message retried for 14 days with a visibility timeout of 12 hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.measure import Bar, seconds
from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Iterator


def _fail(_event: Any, _context: Any) -> None:
    raise ValueError("never")


def _run_ms() -> float:
    with Harness() as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=43_200, MessageRetentionPeriod=1_209_600)
        mapping = aws.event_source_mapping(queue, _fail)
        queue.send("poison")
        spent = seconds(mapping.run_until_idle, times=1, cpu=True)
        run = mapping.view()
    assert len(run.invocations) == 28
    assert len(run.expired) == 1
    return spent * 1000


def run() -> Iterator[Bar]:
    """Best of five runs, each in a world of its own."""
    yield Bar(what="14 days of retries", measured=min(_run_ms() for _ in range(5)), most=5, unit=" ms")
