"""Capturing from a real ActiveMQ: what the function would get, and a queue that nobody touched."""

from __future__ import annotations

import base64
import threading
import time

import pytest
import stomp

from pytest_lambda_events.brokers.live.stomp import StompAddress, StompConnection
from pytest_lambda_events.cassette import load
from pytest_lambda_events.cassette.capture.activemq import ActiveMqTap
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.sources import identify, validate

ARN = "arn:aws:mq:us-east-1:123456789012:broker:orders:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"


@pytest.fixture
def url(activemq):
    return f"stomp://{activemq['user']}:{activemq['password']}@127.0.0.1:{activemq['port']}"


@pytest.fixture
def connection(url):
    found = StompConnection(StompAddress.read(url))
    yield found
    found.close()


@pytest.fixture
def queue(connection, unique):
    """Make a queue with these messages: bodies, and headers of STOMP; its name."""

    def make(*bodies, **headers):
        name = unique("capture")
        for body in bodies:
            length = {} if isinstance(body, str) else {"content-length": str(len(body))}
            data = body.encode() if isinstance(body, str) else body
            connection.send(name, data, {"persistent": "true", **headers, **length})
        return name

    return make


@pytest.fixture
def capture(cli, url, tmp_path):
    def run(name, *arguments):
        ended = cli("capture", "activemq", name, "--url", url, "--no-redact", *arguments)
        assert ended.code == 0, ended.err
        assert "every message is where it was" in ended.err
        return load(tmp_path / ended.out.splitlines()[0])

    return run


def consumed(url, name, number):
    """What a consumer gets, in its order: body, and whether it was delivered before."""
    connection = StompConnection(StompAddress.read(url))
    try:
        connection.subscribe(name, 100)
        found, deadline = [], time.monotonic() + 10
        while len(found) < number and time.monotonic() < deadline:
            for frame in connection.arrived(at_least=number - len(found), seconds=1):
                connection.acknowledge(frame.headers["ack"])
                found.append((frame.body.decode(), frame.headers.get("redelivered", "false")))
        return found
    finally:
        connection.close()


def bodies_of(cassette):
    return [base64.b64decode(one["data"]) for event in cassette.interactions for one in event.event["messages"]]


def test_the_event_is_what_the_function_would_get(queue, capture):
    """Text and bytes, headers and properties; what STOMP does not tell is made up, and marked."""
    name = queue("Ünï", b"\x00\xff", priority="7", **{"correlation-id": "c", "reply-to": "/queue/r", "kind": "new"})

    cassette = capture(name)

    (interaction,) = cassette.interactions
    assert identify(interaction.event).name == cassette.source == "activemq"
    assert [] == [one for one in validate(interaction.event) if one.severity == "error"]
    assert interaction.invented == ("eventSourceArn", "messages[*].brokerInTime", "messages[*].brokerOutTime")
    text, data = interaction.event["messages"]
    assert (text["messageType"], data["messageType"]) == ("jms/text-message", "jms/bytes-message")
    assert bodies_of(cassette) == ["Ünï".encode(), b"\x00\xff"]
    assert text["destination"] == {"physicalName": name}
    assert text["properties"] == {"kind": "new"}
    assert (text["correlationID"], text["replyTo"], text["priority"], text["deliveryMode"]) == ("c", "queue://r", 7, 2)
    assert (text["redelivered"], text["expiration"], text["type"]) == (False, 0, "")
    assert text["timestamp"] <= text["brokerInTime"] <= text["brokerOutTime"]


def test_the_queue_is_as_it_was(queue, capture, url):
    """A consumer gets everything, once, in order, and not as redelivered; however often one looks."""
    bodies = [f"message {number}" for number in range(12)]
    name = queue(*bodies)

    first = capture(name, "--batch-size", "5")
    second = capture(name, "--count", "3", "--force")

    assert [len(one.event["messages"]) for one in first.interactions] == [5, 5, 2]
    assert bodies_of(first) == [body.encode() for body in bodies]
    assert bodies_of(second) == [body.encode() for body in bodies[:3]]
    assert consumed(url, name, 12) == [(body, "false") for body in bodies]


def test_a_broker_at_amazon_mq_is_named(queue, capture):
    """Then its ARN is not made up."""
    cassette = capture(queue("a"), "--broker-arn", ARN)
    assert "eventSourceArn" not in cassette.interactions[0].invented
    assert cassette.interactions[0].event["eventSourceArn"] == ARN


def test_a_filter_and_what_comes_later(queue, capture, connection, monkeypatch):
    """It looks again, and captures nothing twice."""
    name = queue('{"n": 1}', '{"n": 2}')
    monkeypatch.setattr(
        "pytest_lambda_events.cassette.capture.waiting.Patience.pause",
        lambda self, seconds: connection.send(name, b'{"n": 2, "later": true}', {}),
    )
    cassette = capture(name, "--filter", '{"data": {"n": [2]}}', "--for", "30", "--count", "2")
    assert bodies_of(cassette) == [b'{"n": 2}', b'{"n": 2, "later": true}']


def test_what_cannot_be_captured_is_said(cli, url, unique):
    """No address, nobody who answers, a wrong password, nothing there."""
    for arguments, code, told in (
        (("q", "--url", "http://localhost"), 2, "stomp://"),
        (("q", "--url", "stomp://127.0.0.1:9"), 2, "did not let us in"),
        (("q", "--url", url.replace("secret", "wrong")), 2, "did not let us in"),
        ((unique("none"), "--url", url), 1, "nothing was captured"),
    ):
        ended = cli("capture", "activemq", *arguments)
        assert (ended.code, told in ended.err) == (code, True), ended.err


def test_what_came_before_an_error_is_not_lost(queue, url, monkeypatch):
    """The next round raises it."""
    tap = ActiveMqTap(url, queue("a", "b", "c"))
    arrived = StompConnection.arrived

    def broken(self, **asked):
        if tap._seen:
            raise NotConnected("gone")
        return [one for one in arrived(self, **asked) if "browser" not in one.headers]

    monkeypatch.setattr(StompConnection, "arrived", broken)
    assert len(tap.take(1, 0)) == 1
    assert len(tap.take(1, 0)) == 1, "it was there already, and nobody was asked"
    assert len(tap.take(5, 0)) == 1
    with pytest.raises(NotConnected, match="gone"):
        tap.take(5, 0)
    tap.close()


def test_no_thread_is_left(queue, capture):
    """Stomp.py listens in one of its own."""
    before = threading.active_count()
    capture(queue("a"))
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    """One line with pip's command."""
    monkeypatch.setitem(__import__("sys").modules, stomp.__name__, None)
    with pytest.raises(UsageError, match=r"pytest-lambda-events\[activemq\]"):
        StompConnection(StompAddress.read("stomp://localhost"))
