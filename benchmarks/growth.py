"""Receiving and sending at a backlog of 100,000 against one of 100, on the engine and through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.measure import Bar, seconds
from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SMALL, _LARGE = 100, 100_000


def _costs(backlog: int) -> dict[str, float]:
    """Seconds of each operation on a queue that holds `backlog` messages."""
    with Harness() as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=0)
        queue.send(*(str(number) for number in range(backlog)))
        engine, clock = queue.engine, aws.virtual_clock
        client: Any = boto3.client("sqs", region_name=aws.region)

        # a visibility timeout of 0 gives what was received back at once, so that the backlog stays what it is
        def receive() -> None:
            engine.receive(10, clock.now_ms)

        def boto3_receive() -> None:
            client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)

        def send() -> None:
            queue.send("one more")

        def boto3_send() -> None:
            client.send_message(QueueUrl=queue.url, MessageBody="one more")

        calls: dict[str, tuple[Callable[[], None], int]] = {
            "receive(10) on the engine": (receive, 300),
            "receive_message(10) through boto3": (boto3_receive, 20),
            "send on the engine": (send, 300),
            "send_message through boto3": (boto3_send, 20),
        }
        for call, number in calls.values():
            seconds(call, times=1, number=number)
        return {name: seconds(call, number=number) for name, (call, number) in calls.items()}


def run() -> Iterator[Bar]:
    """Each operation at both backlogs."""
    small, large = _costs(_SMALL), _costs(_LARGE)
    for name, cost in large.items():
        detail = f"{cost * 1e6:.0f} µs against {small[name] * 1e6:.0f} µs"
        yield Bar(what=f"{name}, backlog 100,000 against 100", measured=cost / small[name], most=1.5, detail=detail)
