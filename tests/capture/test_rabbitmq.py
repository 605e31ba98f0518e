"""Capturing from a real RabbitMQ: what the function would get, and a queue as it was, but for `redelivered`."""

from __future__ import annotations

import amqp
import pytest

from pytest_lambda_events.cassette import load
from pytest_lambda_events.cassette.capture.rabbitmq import HOLD_SECONDS, RabbitMqTap
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.sources import identify, validate

RISK = "--take-risk"


@pytest.fixture
def url(rabbitmq):
    return f"amqp://{rabbitmq['user']}:{rabbitmq['password']}@127.0.0.1:{rabbitmq['port']}"


@pytest.fixture
def channel(rabbitmq):
    """A channel of the test's own."""
    connection = amqp.Connection(host=f"127.0.0.1:{rabbitmq['port']}", virtual_host="/")
    connection.connect()
    yield connection.channel()
    connection.close()


@pytest.fixture
def queue(channel, unique):
    """Make a queue with these messages (bodies, or messages); its name."""
    made = []

    def make(*messages, **arguments):
        name = unique("capture")
        made.append(name)
        channel.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)
        for one in messages:
            message = one if isinstance(one, amqp.Message) else amqp.Message(one)
            channel.basic_publish_confirm(message, exchange="", routing_key=name)
        return name

    yield make
    for name in made:
        channel.queue_delete(name)


@pytest.fixture
def capture(cli, url, tmp_path):
    def run(name, *arguments):
        ended = cli("capture", "rabbitmq", name, RISK, "--url", url, "--no-redact", *arguments)
        assert ended.code == 0, ended.err
        return load(tmp_path / ended.out.splitlines()[0]), ended.err

    return run


def contents(channel, name):
    """Everything that is ready, in its order: bodies, and whether they were delivered before."""
    found = []
    while (got := channel.basic_get(name, no_ack=True)) is not None:
        found.append((got.body, got.delivery_info["redelivered"]))
    return found


def messages_of(cassette):
    return [
        message
        for one in cassette.interactions
        for messages in one.event["rmqMessagesByQueue"].values()
        for message in messages
    ]


def test_the_event_is_what_the_function_would_get(queue, capture):
    """Every property and every type of header; the broker's ARN is made up, and marked."""
    name = queue(
        amqp.Message(
            b"\x00\xff",
            content_type="application/octet-stream",
            delivery_mode=2,
            priority=3,
            correlation_id="c",
            expiration="60000000",
            message_id="m",
            timestamp=1_688_261_434,
            type="t",
            app_id="a",
            application_headers={"text": "ä", "int": 1, "deep": {"flag": True, "list": [1, "x"]}},
        )
    )

    cassette, _ = capture(name)

    (interaction,) = cassette.interactions
    assert identify(interaction.event).name == cassette.source == "rabbitmq"
    assert [] == [one for one in validate(interaction.event) if one.severity == "error"]
    assert interaction.invented == ("eventSourceArn",)
    assert list(interaction.event["rmqMessagesByQueue"]) == [f"{name}::/"]
    (message,) = messages_of(cassette)
    assert (message["data"], message["redelivered"]) == ("AP8=", False)
    properties = message["basicProperties"]
    assert properties["headers"] == {
        "text": {"bytes": [-61, -92]},
        "int": 1,
        "deep": {"flag": True, "list": [1, {"bytes": [120]}]},
    }
    assert properties["timestamp"] == "Jul 2, 2023, 1:30:34 AM"
    assert (properties["bodySize"], properties["deliveryMode"], properties["priority"]) == (2, 2, 3)
    assert (properties["expiration"], properties["userId"]) == ("60000000", None)


def test_the_queue_is_as_it_was_but_for_the_mark(queue, capture, channel):
    """Contents, number and order; what was not fetched is not marked."""
    bodies = [f"message {number}" for number in range(12)]
    name = queue(*bodies)

    cassette, told = capture(name, "--count", "9", "--batch-size", "5")

    assert [len(one.event["rmqMessagesByQueue"][f"{name}::/"]) for one in cassette.interactions] == [5, 4]
    assert (
        f"9 messages were fetched and given back, now marked as redelivered: {name} has 12 ready (before: 12)" in told
    )
    assert contents(channel, name) == [(body, number < 9) for number, body in enumerate(bodies)]


def test_a_broker_at_amazon_mq_is_named(queue, capture):
    """Then nothing is made up."""
    arn = "arn:aws:mq:us-east-1:123456789012:broker:orders:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"
    cassette, _ = capture(queue("a"), "--broker-arn", arn)
    assert cassette.interactions[0].invented == ()
    assert cassette.interactions[0].event["eventSourceArn"] == arn


def test_a_filter_gives_back_the_others_too(queue, capture, channel):
    """All were fetched."""
    name = queue('{"n": 1}', '{"n": 2}')
    cassette, _ = capture(name, "--filter", '{"data": {"n": [2]}}')
    assert len(messages_of(cassette)) == 1
    assert [body for body, _ in contents(channel, name)] == ['{"n": 1}', '{"n": 2}']


def test_without_the_option_it_explains_and_touches_nothing(queue, cli, url, channel):
    """Not even a fetch."""
    name = queue("a")
    ended = cli("capture", "rabbitmq", name, "--url", url)
    assert ended.code == 2
    assert "marks them as redelivered" in ended.err
    assert contents(channel, name) == [("a", False)]


def test_what_cannot_be_captured_is_said(queue, cli, url, unique):
    """No queue, no URI, nobody who answers, nothing there; an ARN that is none."""
    for arguments, code, told in (
        ((unique("none"), "--url", url), 2, "there is no queue"),
        (("q", "--url", "http://localhost"), 2, "is no AMQP URI"),
        (("q", "--url", "amqp://127.0.0.1:9"), 2, "did not let us in"),
        ((queue(), "--url", url), 1, "nothing was fetched"),
        (("q", "--url", url, "--broker-arn", "arn:x"), 2, "no ARN of a broker"),
    ):
        ended = cli("capture", "rabbitmq", *arguments, RISK)
        assert (ended.code, told in ended.err) == (code, True), ended.err


def test_a_quorum_queue_is_left_before_its_limit(queue, url, channel):
    """Each capture is a delivery; at the third that the broker counts it stops."""
    name = queue("a", "b", **{"x-queue-type": "quorum"})
    ends = []
    for _ in range(4):
        tap = RabbitMqTap(url, name)
        ends.append((len(tap.take(10, 0)), tap.over))
        closed = tap.close()
    assert ends == [(2, True), (2, True), (2, True), (1, True)]
    assert not closed.sound
    assert "a quorum queue counts deliveries" in closed.told[1]
    assert sorted(body for body, _ in contents(channel, name)) == ["a", "b"]


def test_the_time_for_which_messages_are_held_is_bounded(queue, url, channel):
    """Whatever is asked for."""
    moments = iter([0.0, 0.0, HOLD_SECONDS, HOLD_SECONDS, *[100.0] * 10])
    name = queue("a", "b", "c")
    tap = RabbitMqTap(url, name, now=lambda: next(moments))
    assert len(tap.take(10, 0)) == 2
    assert tap.over
    tap.close()
    assert len(contents(channel, name)) == 3


def test_what_came_before_an_error_is_not_lost(queue, url, channel):
    """The next round raises it; the broker has everything back."""
    name = queue("a", "b", "c")
    tap = RabbitMqTap(url, name)
    get, left = tap._channel.basic_get, [1, 1]

    def broken(queue_name):
        if not left:
            raise OSError("gone")
        left.pop()
        return get(queue_name)

    tap._channel.basic_get = broken
    assert len(tap.take(10, 0)) == 2
    with pytest.raises(NotConnected, match="gone"):
        tap.take(10, 0)
    assert tap.close().sound
    assert len(contents(channel, name)) == 3


def test_what_does_not_come_back_is_a_warning(queue, url, channel):
    """Somebody else may have had it, or nobody: it is said."""
    name = queue("a", "b")
    clock = iter(range(1_000))
    tap = RabbitMqTap(url, name, now=lambda: next(clock), sleep=lambda _: None)
    tap.take(1, 0)
    channel.basic_get(name, no_ack=True)
    assert not tap.close().sound

    tap = RabbitMqTap(url, name)
    tap.take(1, 0)
    channel.queue_delete(name)
    with pytest.raises(NotConnected, match="is gone"):
        tap.close()


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    """One line with pip's command."""
    monkeypatch.setitem(__import__("sys").modules, "amqp", None)
    with pytest.raises(UsageError, match=r"pytest-lambda-events\[rabbitmq\]"):
        RabbitMqTap("amqp://localhost", "orders")
