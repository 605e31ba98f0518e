"""The tests that docs/live.md shows, as printed, with the addresses of the brokers here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_lambda_events import LiveHarness

PAGE = Path(__file__).parents[3] / "docs" / "live.md"


@pytest.fixture
def page():
    """What the page defines."""
    source = "\n".join(
        re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    )
    names = {"__name__": "page"}
    exec(compile(source, str(PAGE), "exec"), names)  # noqa: S102 - the project's own text
    return names


def run(test):
    """As the fixture of the plugin would."""
    with LiveHarness(timeout=5) as live:
        test(live)


def test_kafka(page, kafka):
    """Its topic is there before."""
    kafka.topic(name="orders")
    page["KAFKA"] = kafka.servers
    run(page["test_orders_of_a_real_cluster"])


def test_rabbitmq(page, rabbitmq):
    """In the virtual host /."""
    page["RABBITMQ"] = f"amqp://{rabbitmq['user']}:{rabbitmq['password']}@127.0.0.1:{rabbitmq['port']}/"
    run(page["test_a_payment_that_fails_once"])


def test_activemq(page, activemq):
    """As the user of these tests."""
    page["ACTIVEMQ"] = f"stomp://{activemq['user']}:{activemq['password']}@127.0.0.1:{activemq['port']}"
    run(page["test_a_job_that_never_succeeds"])


def test_documentdb(page, mongodb):
    """Against the stub, as the page says."""
    page["DOCUMENTDB"] = mongodb.url
    run(page["test_changes_of_a_collection"])


def test_every_test_of_the_page_is_run_here(page):
    """A fifth would need a test of its own."""
    assert 4 == len([name for name in page if name.startswith("test_")])
