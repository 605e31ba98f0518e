"""What stands in a dead message. Values, names and order as RabbitMQ 3.10.8 wrote them, besides `x-last-death-*`, which
came with 3.13.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pytest_lambda_events.brokers.amqp_deaths import dead_headers, goes_in_circles

AT_MS = 1_795_665_993_400
TIME = dt.datetime(2026, 11, 26, 4, 6, 33, tzinfo=dt.timezone.utc)


def die(headers: Any = None, **changes: Any) -> Any:
    """A death in the queue `a1`, published by the default exchange."""
    given = {"reason": "expired", "queue": "a1", "exchange": "", "routing_key": "a1", "expiration": None}
    return dead_headers(headers, **{**given, **changes}, at_ms=AT_MS)


def test_the_first_death() -> None:
    """With the publisher's own headers, and the time to live that the message loses."""
    headers = die({"k": "v"}, expiration="50")
    assert list(headers) == [
        "k",
        "x-death",
        "x-first-death-exchange",
        "x-first-death-queue",
        "x-first-death-reason",
        "x-last-death-exchange",
        "x-last-death-queue",
        "x-last-death-reason",
    ]
    (death,) = headers["x-death"]
    assert list(death.items()) == [
        ("count", 1),
        ("reason", "expired"),
        ("queue", "a1"),
        ("time", TIME),
        ("exchange", ""),
        ("routing-keys", ("a1",)),
        ("original-expiration", "50"),
    ]
    assert (headers["k"], headers["x-first-death-reason"], headers["x-last-death-queue"]) == ("v", "expired", "a1")


def test_a_message_without_headers_or_a_time_to_live_of_its_own() -> None:
    """As when the queue's time to live ended it."""
    (death,) = die()["x-death"]
    assert "original-expiration" not in death


def test_a_loop_counts_by_queue_and_reason_and_the_latest_is_first() -> None:
    """Rejected in `work`, expired in `wait`, again and again."""
    headers = None
    for _ in range(2):
        headers = die(headers, queue="work", reason="rejected", routing_key="work")
        headers = die(headers, queue="wait", routing_key="wait")
    assert headers is not None
    latest, before = headers["x-death"]
    assert list(latest.items()) == [
        ("count", 2),
        ("exchange", ""),
        ("queue", "wait"),
        ("reason", "expired"),
        ("routing-keys", ("wait",)),
        ("time", TIME),
    ]
    assert (before["queue"], before["reason"], before["count"]) == ("work", "rejected", 2)
    assert (headers["x-first-death-queue"], headers["x-first-death-reason"]) == ("work", "rejected")
    assert (headers["x-last-death-queue"], headers["x-last-death-reason"]) == ("wait", "expired")


@pytest.mark.parametrize("odd", ["text", ("text", 7), ({"queue": "a1", "reason": "expired"},), None])
def test_what_a_publisher_put_there_is_no_obstacle(odd: Any) -> None:
    """Only what looks like an entry is one."""
    assert die({"x-death": odd})["x-death"][0]["count"] == 1
    assert not goes_in_circles({"x-death": odd}, "work")


@pytest.mark.parametrize(
    ("deaths", "queue", "expected"),
    [
        ([], "work", False),
        ([("work", "expired")], "wait", False),
        ([("work", "expired"), ("wait", "expired")], "work", True),
        ([("work", "maxlen"), ("wait", "expired")], "work", True),
        ([("work", "rejected"), ("wait", "expired")], "work", False),
        ([("work", "expired"), ("wait", "rejected")], "work", False),
        ([("other", "rejected"), ("work", "expired"), ("wait", "expired")], "work", True),
    ],
)
def test_a_circle_that_nobody_rejected_in_is_dropped(deaths: Any, queue: str, expected: bool) -> None:
    """The latest entries up to that of the queue; RabbitMQ drops such a message."""
    headers = None
    for name, reason in deaths:
        headers = die(headers, queue=name, reason=reason)
    assert goes_in_circles(headers, queue) is expected
