"""Whole traces, to the last byte: a success, a poison message, a batch that fails, a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events import Harness

    Golden = Callable[[Any, str], None]

DEAD = {"x-message-ttl": 10_000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "orders-dead"}


@pytest.fixture
def queue(aws: Harness) -> Any:
    """Ten seconds to live, and then elsewhere."""
    aws.rabbitmq_queue("orders-dead")
    return aws.rabbitmq_queue("orders", arguments=DEAD)


def test_a_success(aws: Harness, queue: Any, recorder: Any, golden: Golden) -> None:
    """Two messages in a batch; both are acknowledged."""
    mapping = aws.event_source_mapping(queue, recorder())
    queue.send({"order": 1}, headers={"tenant": "blue"}, message_id="m-1")
    queue.send("b", priority=3, timestamp=True)
    golden(mapping.run_until_idle(), "rabbitmq/success")


def test_one_poison_message(aws: Harness, queue: Any, recorder: Any, golden: Golden) -> None:
    """It blocks the queue until its time to live ends; what comes meanwhile fails with it."""
    mapping = aws.event_source_mapping(queue, recorder(fails="b"))
    queue.send("b")
    queue.send("c", at=2)
    golden(mapping.run_until_idle(), "rabbitmq/poison")


def test_a_batch_that_fails_as_a_whole(aws: Harness, queue: Any, recorder: Any, golden: Golden) -> None:
    """All three come again, marked as redelivered, until the handler is mended."""
    handler = recorder(fails="b")
    mapping = aws.event_source_mapping(queue, handler)
    queue.send(*"abc")
    mapping.run_for(2)
    handler.fails = ""
    golden(mapping.run_until_idle(), "rabbitmq/whole_batch")


def test_a_restart(aws: Harness, queue: Any, recorder: Any, golden: Golden) -> None:
    """A poller that is gone before it can acknowledge; then its mapping is deleted, and another one goes on."""
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, faults=Faults(crashes=1))
    queue.send("a")
    mapping.run_for(0.6)
    mapping.delete()
    queue.send("b")
    again = aws.event_source_mapping(queue, handler)
    golden(aws.run_until_idle(), "rabbitmq/restart")
    assert handler.batches == ["a", "Ab"]
    assert again.view().metrics["Invocations"] == 1
