"""Receiving and sending at a backlog of 100,000 against one of 100, on the engine and through boto3."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.measure import Bar, seconds
from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SMALL, _LARGE = 100, 100_000
_KINDS = {"standard": None, "FIFO, one group": 1, "FIFO, 200 groups": 200, "FIFO, a group for each message": 10**9}


def _costs(backlog: int, groups: int | None) -> dict[str, float]:
    """CPU seconds of each operation on a queue that holds `backlog` messages, in so many groups (None: standard)."""
    with Harness() as aws:
        name = "orders" if groups is None else "orders.fifo"
        attributes: dict[str, Any] = {} if groups is None else {"ContentBasedDeduplication": True}
        queue = aws.sqs_queue(name, VisibilityTimeout=0, **attributes)
        numbers = count()

        def send() -> None:
            number = next(numbers)
            queue.send(str(number), message_group_id=None if groups is None else str(number % groups))

        for _ in range(backlog):
            send()
        engine, clock = queue.engine, aws.virtual_clock
        client: Any = boto3.client("sqs", region_name=aws.region)

        # a visibility timeout of 0 gives what was received back at once, so that the backlog stays what it is
        def receive() -> None:
            engine.receive(10, clock.now_ms)

        def boto3_receive() -> None:
            client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)

        def boto3_send() -> None:
            number = next(numbers)
            group = {} if groups is None else {"MessageGroupId": str(number % groups)}
            client.send_message(QueueUrl=queue.url, MessageBody=str(number), **group)

        calls: dict[str, tuple[Callable[[], None], int]] = {
            "receive(10) on the engine": (receive, 300),
            "receive_message(10) through boto3": (boto3_receive, 20),
            "send on the engine": (send, 300),
            "send_message through boto3": (boto3_send, 20),
        }
        for call, number in calls.values():
            seconds(call, times=1, number=number)
        return {name: seconds(call, number=number, cpu=True) for name, (call, number) in calls.items()}


def run() -> Iterator[Bar]:
    """Each operation at both backlogs, in turns; the better of two, so that a bad moment is nobody's growth."""
    for kind, groups in _KINDS.items():
        turns = [(_costs(_SMALL, groups), _costs(_LARGE, groups)) for _ in range(2)]
        small, large = (
            {name: min(cost[name] for cost in costs) for name in costs[0]} for costs in zip(*turns, strict=True)
        )
        for name, cost in large.items():
            detail = f"{cost * 1e6:.0f} µs against {small[name] * 1e6:.0f} µs"
            yield Bar(what=f"{kind}: {name}, 100,000 against 100", measured=cost / small[name], most=1.5, detail=detail)
