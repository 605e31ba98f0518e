"""Ours, asked as a test asks it: a queue with its dead-letter queue and a mapping to the handler."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def mapped(handler: Callable[[Any, Any], Any], *, fifo: bool = False) -> Iterator[tuple[Harness, Any, Any]]:
    """The harness, the queue and the mapping."""
    with Harness() as aws:
        queue = aws.sqs_queue("orders.fifo" if fifo else "orders", VisibilityTimeout=30, maxReceiveCount=3)
        mapping = aws.event_source_mapping(queue, handler, FunctionResponseTypes=["ReportBatchItemFailures"])
        yield aws, queue, mapping
