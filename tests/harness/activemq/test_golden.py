"""Whole traces, to the last byte: a success, a poison message, a batch that fails, a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events import Harness

    Golden = Callable[[Any, str], None]


@pytest.fixture
def queue(aws: Harness) -> Any:
    """With ActiveMQ's own redelivery policy."""
    return aws.activemq_queue("orders")


def test_a_success(aws: Harness, queue: Any, recorder: Any, golden: Golden) -> None:
    """A text and a bytes message in a batch; both are acknowledged."""
    mapping = aws.event_source_mapping(queue, recorder())
    queue.send({"order": 1}, correlation_id="c-1", properties={"tries": 3, "new": True})
    queue.send(b"\x00", priority=9, delivery_mode=1)
    golden(mapping.run_until_idle(), "activemq/success")


def test_one_poison_message(aws: Harness, queue: Any, recorder: Any, golden: Golden) -> None:
    """Seven deliveries, a second apart, then ActiveMQ.DLQ, which is mapped too."""
    mapping = aws.event_source_mapping(queue, recorder(fails="b"))
    dead = aws.event_source_mapping(queue.dlq, recorder(), function={"FunctionName": "dead"})
    queue.send("b")
    golden(mapping.run_until_idle(), "activemq/poison")
    golden(dead.view(), "activemq/poison_in_the_dlq")


def test_a_batch_that_fails_as_a_whole(aws: Harness, queue: Any, recorder: Any, golden: Golden) -> None:
    """All three come again, marked as redelivered, until the handler is mended."""
    handler = recorder(fails="b")
    mapping = aws.event_source_mapping(queue, handler)
    queue.send(*"abc")
    mapping.run_for(2)
    handler.fails = ""
    golden(mapping.run_until_idle(), "activemq/whole_batch")


def test_a_restart(aws: Harness, queue: Any, recorder: Any, golden: Golden) -> None:
    """A poller that is gone before it can acknowledge; then its mapping is deleted, and another one goes on."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, faults=Faults(crashes=1))
    queue.send("a")
    mapping.run_for(0.6)
    mapping.delete()
    queue.send("b")
    again = aws.event_source_mapping(queue, handler)
    golden(aws.run_until_idle(), "activemq/restart")
    assert handler.batches == ["a", "Ab"]
    assert again.view().metrics["Invocations"] == 1
