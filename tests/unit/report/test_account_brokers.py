"""The story of a broker's messages, word for word: batches fail as a whole, and nothing is deleted but acknowledged."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Faults, Harness
from pytest_lambda_events.report.terminal.account import account
from pytest_lambda_events.report.view import view_of
from pytest_lambda_events.report.words import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

BROKER = "arn:aws:mq:us-east-1:123456789012:broker:orders:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"


@pytest.fixture
def aws() -> Iterator[Harness]:
    with Harness() as harness:
        yield harness


def refuses(event: Any, _context: Any) -> None:
    """A handler that raises where there is a message `bb`."""
    if "YmI=" in str(event):
        raise ValueError("no")


def told(run: Any) -> str:
    """What is told of the records, without the line of this file."""
    story = account(view_of(run), width=120).partition("\n\n")[0]
    return re.sub(r"x{9,}", "xxx", re.sub(r" \(test_account_brokers.py:\d+\)", "", story))


def text(expected: str) -> str:
    return dedent(expected).strip("\n")


def test_rabbitmq(aws):
    aws.rabbitmq_queue("dead")
    arguments = {"x-message-ttl": 3_000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    queue = aws.rabbitmq_queue("orders", arguments=arguments)
    mapping = aws.event_source_mapping(queue, refuses)
    queue.send("bb", "c")
    queue.send("d", at=10)

    assert told(mapping.run_until_idle()) == text(
        """
        orders::/#0  bb  -> dead_lettered
              0 s  sent to orders
              0 s  received (1st time)
            0.5 s  invoked #1 in a batch of 2: failed: raised ValueError: no
            0.5 s  back in the queue
            1.5 s  received (2nd time), invoked #2 in a batch of 2: failed, same as #1
            1.5 s  back in the queue
              3 s  dead-lettered to dead
        orders::/#1  c  -> dead_lettered, the same steps
        orders::/#2  d  -> processed
             10 s  sent to orders
             10 s  received (1st time)
           10.5 s  invoked #3: success, acknowledged after success
        """
    )


def test_activemq(aws):
    queue = aws.activemq_queue("orders", maximumRedeliveries=1)
    mapping = aws.event_source_mapping(queue, refuses, BatchSize=1)
    queue.send("bb")

    assert told(mapping.run_until_idle()) == text(
        """
        ...:26:1:1:1  bb  -> dead_lettered
              0 s  sent to orders
              0 s  received (1st time), invoked #1: failed: raised ValueError: no
              1 s  back in the queue, received (2nd time), invoked #2: failed, same as #1
              1 s  dead-lettered to ActiveMQ.DLQ
        """
    )


def test_what_ends_otherwise(aws):
    queue = aws.rabbitmq_queue("orders", vhost="shop", arguments={"x-message-ttl": 1_000})
    mapping = aws.event_source_mapping(queue, refuses, faults=Faults(crashes=1))
    queue.send("a", "x" * 5_000_000)
    mapping.run_for(0.5)
    mapping.disable()
    queue.send("b", at=0.6)
    run = mapping.run_for(0.7)
    mapping.run_for(3)

    assert told(mapping.view()) == text(
        """
        orders::shop#1  xxx...  -> discarded
              0 s  sent to orders::shop
              0 s  received (1st time), discarded: dropped, or purged
        orders::shop#0  a  -> expired
              0 s  sent to orders::shop
              0 s  received (1st time)
            0.5 s  invoked #1: success
            0.5 s  fault: the poller was gone before it could acknowledge, back in the queue
              1 s  expired: its time to live ran out
        orders::shop#2  b  -> expired
            0.6 s  sent to orders::shop
            1.6 s  expired: its time to live ran out
        """
    )
    assert "still in orders::shop when the run stopped (never received)" in told(run)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (f"{BROKER}#orders::/", "orders"),
        (f"{BROKER}#orders::shop", "orders::shop"),
        (f"{BROKER}#ActiveMQ.DLQ", "ActiveMQ.DLQ"),
        (f"{BROKER}#a#b:c/d", "a#b:c/d"),
        (BROKER, "b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"),
        ("arn:aws:sqs:us-east-1:123456789012:orders#1", "orders#1"),
    ],
)
def test_a_queue_is_called_by_its_name(place, name):
    assert name_of(place) == name
