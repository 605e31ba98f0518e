"""RabbitMQ in live mode: a real server, every type of header, and what a failed batch does to the queue."""

from __future__ import annotations

import base64
import datetime as dt
import threading
import time
from decimal import Decimal

import amqp
import pytest
from amqp import serialization

from pytest_lambda_events import LiveHarness, NotConnected, UsageError
from pytest_lambda_events.sources import validate

QUIET = 0.1
NOW = {"MaximumBatchingWindowInSeconds": 0}
BROKER = "arn:aws:mq:eu-west-1:111122223333:broker:shop:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"


class Recorder:
    """A handler that remembers its events, and fails as often as it is told to."""

    def __init__(self, fails=0):
        self.events = []
        self.fails = fails

    def __call__(self, event, context):
        self.events.append(event)
        if len(self.events) <= self.fails:
            raise ValueError("not yet")

    @property
    def messages(self):
        """The messages by invocation."""
        return [one for event in self.events for one in event["rmqMessagesByQueue"].values()]

    @property
    def bodies(self):
        """Bodies and redelivered flags by invocation."""
        return [[(base64.b64decode(one["data"]).decode(), one["redelivered"]) for one in few] for few in self.messages]


@pytest.fixture
def url(rabbitmq):
    """The server, as its guest."""
    return f"amqp://guest:guest@127.0.0.1:{rabbitmq['port']}/"


@pytest.fixture
def queue(live, url, unique):
    """A new queue of the virtual host /."""
    return live.rabbitmq_queue(unique("orders"), url=url)


@pytest.fixture
def channel(rabbitmq):
    """Somebody else's channel."""
    with amqp.Connection(f"127.0.0.1:{rabbitmq['port']}") as connection:
        yield connection.channel()


def test_the_event_is_what_lambda_sends(live, url, unique):
    """All that the publisher said, field by field, from a virtual host of its own."""
    queue = live.rabbitmq_queue(unique("orders"), url=url, vhost="shop", broker=BROKER)
    handler = Recorder()
    mapping = live.event_source_mapping(queue, handler, **NOW)
    (sent,) = queue.send(
        {"order": 1},
        headers={"text": "x", "flag": True, "none": None, "list": [1, {"deep": 2.5}], "big": 2**40},
        priority=4,
        message_id="m-1",
        timestamp=1_700_000_000,
        expiration=60_000,
    )
    run = mapping.run_until_idle(quiet=QUIET)

    (event,) = handler.events
    assert [] == validate(event)
    assert (BROKER, "aws:rmq") == (event["eventSourceArn"], event["eventSource"])
    ((name, (message,)),) = event["rmqMessagesByQueue"].items()
    assert f"{queue.name}::shop" == name
    assert message["basicProperties"] == {
        "contentType": "application/json",
        "contentEncoding": None,
        "headers": {
            "text": {"bytes": [120]},
            "flag": True,
            "none": None,
            "list": [1, {"deep": 2.5}],
            "big": 2**40,
        },
        "deliveryMode": 2,
        "priority": 4,
        "correlationId": None,
        "replyTo": None,
        "expiration": "60000",
        "messageId": "m-1",
        "timestamp": "Nov 14, 2023, 10:13:20 PM",
        "type": None,
        "userId": None,
        "appId": None,
        "clusterId": None,
        "bodySize": 11,
    }
    assert [sent] == run.processed == queue.records


def test_every_type_of_header_is_decoded(live, queue, channel, monkeypatch):
    """Also those that py-amqp does not send, and other clients do."""
    fields = {
        "bytes": (b"x", b"\x00\x00\x00\x02\x01\xff"),
        "float": (b"f", b"\x3f\xc0\x00\x00"),
        "byte": (b"b", b"\xff"),
        "short": (b"s", b"\xff\xfe"),
        "long": (b"l", b"\xff\xff\xff\xff\xff\xff\xff\xfe"),
        "price": (b"D", b"\x02\x00\x00\x00\x96"),
        "count": (b"D", b"\x00\x00\x00\x00\x07"),
        "raw": (b"S", b"\x00\x00\x00\x01\xff"),
        "when": (b"T", b"\x00\x00\x00\x00\x65\x53\xf1\x00"),
    }
    written = serialization._write_item

    def write(value, out, bits):
        if isinstance(value, tuple) and isinstance(value[0], bytes):
            out(value[0])
            out(value[1])
        else:
            written(value, out, bits)

    monkeypatch.setattr(serialization, "_write_item", write)
    channel.basic_publish(amqp.Message(b"\x00\xff", application_headers=fields), routing_key=queue.name)
    handler = Recorder()
    live.event_source_mapping(queue, handler, **NOW).run_until_idle(quiet=QUIET)

    ((message,),) = handler.messages
    assert "AP8=" == message["data"]
    assert {
        "bytes": [1, -1],
        "float": 1.5,
        "byte": -1,
        "short": -2,
        "long": -2,
        "price": 1.5,
        "count": 7,
        "raw": [-1],
        "when": "Nov 14, 2023, 10:13:20 PM",
    } == message["basicProperties"]["headers"]
    (record,) = queue.records
    assert dt.timezone.utc == record.headers["when"].tzinfo
    assert not any(isinstance(value, Decimal) for value in record.headers.values())


def test_a_failed_batch_comes_again_as_redelivered(live, queue, monkeypatch):
    """As a whole, in its order, before what came later; and it is the same records."""
    monkeypatch.setattr("pytest_lambda_events.harness.wiring_mq.requeue_ms", lambda _failures: 50)
    handler = Recorder(fails=1)
    mapping = live.event_source_mapping(queue, handler, BatchSize=2, **NOW)
    sent = queue.send("a", "b", "c")
    run = mapping.run_until_idle(quiet=QUIET)

    assert [[("a", False), ("b", False)], [("a", True), ("b", True)], [("c", False)]] == handler.bodies
    assert sent == run.processed
    assert [2, 2, 1] == [len(run.attempts(one)) for one in sent]
    assert 0 == queue.ready


def test_messages_that_look_the_same_are_told_apart_by_their_order(live, queue, monkeypatch):
    """AMQP gives them no identity, and RabbitMQ keeps their order."""
    monkeypatch.setattr("pytest_lambda_events.harness.wiring_mq.requeue_ms", lambda _failures: 50)
    mapping = live.event_source_mapping(queue, Recorder(fails=1), BatchSize=1, **NOW)
    first, second = queue.send("same", "same")
    run = mapping.run_until_idle(quiet=QUIET)

    assert [first, second] == run.processed
    assert [2, 1] == [len(run.attempts(first)), len(run.attempts(second))]


def test_a_retry_waits_a_second(live, queue):
    """The poller's own rest, in real time."""
    mapping = live.event_source_mapping(queue, Recorder(fails=1), **NOW)
    (record,) = queue.send("a")
    run = mapping.run_until_idle(quiet=QUIET)

    first, second = run.attempts(record)
    assert 0.99 <= second - first < 3


def test_a_message_of_somebody_else_is_delivered(live, queue, channel):
    """And one that was redelivered before says so at once."""
    channel.basic_publish(amqp.Message("theirs"), routing_key=queue.name)
    got = channel.basic_get(queue.name)
    channel.basic_reject(got.delivery_tag, requeue=True)
    handler = Recorder()
    run = live.event_source_mapping(queue, handler, **NOW).run_until_idle(quiet=QUIET)

    assert [[("theirs", True)]] == handler.bodies
    assert queue.records == run.processed
    (received,) = [step for step in run.trace if step.kind == "received"]
    assert (2,) == received.detail


def test_what_is_filtered_is_acknowledged(live, queue):
    """It is gone from the queue."""
    pattern = '{"data": {"kind": ["order"]}}'
    handler = Recorder()
    mapping = live.event_source_mapping(queue, handler, **NOW, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    order, noise = queue.send({"kind": "order"}, {"kind": "noise"})
    run = mapping.run_until_idle(quiet=QUIET)

    assert ([order], [noise]) == (run.processed, run.filtered)
    assert 0 == queue.ready


def test_what_was_not_answered_is_the_queues_again(rabbitmq, url, unique):
    """When the harness ends in the middle, as when a consumer crashes."""
    name = unique("crash")

    def handler(event, context):
        raise KeyboardInterrupt

    with LiveHarness(timeout=3) as live:
        queue = live.rabbitmq_queue(name, url=url)
        queue.send("a")
        mapping = live.event_source_mapping(queue, handler, **NOW)
        with pytest.raises(KeyboardInterrupt):
            mapping.run_until_idle(quiet=QUIET)
    with LiveHarness(timeout=3) as live:
        queue = live.rabbitmq_queue(name, url=url)
        again = Recorder()
        live.event_source_mapping(queue, again, **NOW).run_until_idle(quiet=QUIET)

    assert [[("a", True)]] == again.bodies


def test_a_disabled_mapping_leaves_the_messages_where_they_are(live, queue):
    """What it had gathered for its window comes back."""
    handler = Recorder()
    mapping = live.event_source_mapping(queue, handler, BatchSize=10, MaximumBatchingWindowInSeconds=300)
    queue.send("a")
    mapping.run_for(0.2)
    assert 0 == queue.ready
    mapping.disable()
    assert 1 == queue.ready
    mapping.update(MaximumBatchingWindowInSeconds=0, Enabled=True)
    mapping.run_until_idle(quiet=QUIET)

    assert [[("a", True)]] == handler.bodies


def test_dead_letters_and_arguments_are_the_brokers(live, url, unique):
    """A queue that is too long drops its head to the exchange that it names."""
    dead = live.rabbitmq_queue(unique("dead"), url=url)
    arguments = {"x-max-length": 1, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead.name}
    queue = live.rabbitmq_queue(unique("short"), url=url, arguments=arguments)
    queue.send("a", "b")
    handler = Recorder()
    live.event_source_mapping(dead, handler, **NOW).run_until_idle(quiet=QUIET)

    ((message,),) = handler.messages
    assert "YQ==" == message["data"]
    assert "x-death" in message["basicProperties"]["headers"]
    assert 1 == queue.ready


def test_purge_empties_the_queue(queue):
    """At the broker."""
    queue.send("a", "b")
    queue.purge()

    assert 0 == queue.ready


def test_a_queue_that_is_there_is_taken_as_it_is(live, url, queue):
    """Its arguments are its owner's."""
    queue.send("a")
    assert 1 == live.rabbitmq_queue(queue.name, url=url).ready
    with pytest.raises(UsageError, match="exists already"):
        live.rabbitmq_queue(queue.name, url=url, arguments={"x-max-length": 1})


def test_arguments_that_the_broker_refuses_are_refused(live, url, unique):
    """In its words."""
    with pytest.raises((UsageError, NotConnected), match="x-max-length"):
        live.rabbitmq_queue(unique("bad"), url=url, arguments={"x-max-length": "many"})


def test_a_header_of_bytes_is_refused_before_anything_is_sent(queue):
    """The client would make a text of it."""
    with pytest.raises(UsageError, match="a header of bytes"):
        queue.send("fine", "not", headers=lambda number: {"h": b"\xff"} if number else None)

    assert 0 == queue.ready
    assert [] == queue.records


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("amqp://guest:wrong@127.0.0.1:{port}/", "ACCESS_REFUSED"),
        ("amqp://guest:guest@127.0.0.1:{port}/nowhere", "vhost nowhere not found"),
        ("amqp://127.0.0.1:1/", r"RabbitMQ at 127\.0\.0\.1:1 \(virtual host /\) did not let us in: .*refused"),
    ],
)
def test_a_broker_that_does_not_let_us_in_is_an_error(live, rabbitmq, address, words):
    """It says where, and why; and nothing of the password."""
    with pytest.raises(NotConnected, match=words) as caught:
        live.rabbitmq_queue("orders", url=address.format(port=rabbitmq["port"]))
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("address", ["localhost", "http://localhost", "amqp://", "amqp://localhost:many"])
def test_an_address_that_is_none_is_refused(live, address):
    """With an example of one."""
    with pytest.raises(UsageError, match="url="):
        live.rabbitmq_queue("orders", url=address)


def test_a_broker_that_says_nothing_is_given_up(silent_port):
    """It takes the connection, and is silent."""
    with LiveHarness(timeout=0.5) as live:
        began = time.monotonic()
        with pytest.raises(NotConnected, match="did not let us in"):
            live.rabbitmq_queue("orders", url=f"amqp://127.0.0.1:{silent_port}/")
        assert time.monotonic() - began < 5


def test_a_connection_that_is_lost_ends_the_run(live, queue, channel):
    """The queue goes away, or the socket does."""
    mapping = live.event_source_mapping(queue, Recorder(), **NOW)
    mapping.run_until_idle(quiet=QUIET)
    channel.queue_delete(queue.name)

    with pytest.raises(NotConnected, match="did not let us read the queue"):
        mapping.run_for(1)


def test_a_handler_may_publish_from_another_thread_of_its_own(live, url, queue):
    """Its connection is its own."""
    handler_queue = queue.name

    def handler(event, context):
        if len(event["rmqMessagesByQueue"][f"{handler_queue}::/"]) == 1 and "first" not in done:
            done.append("first")
            thread = threading.Thread(target=publish)
            thread.start()
            thread.join()

    def publish():
        with amqp.Connection(f"127.0.0.1:{url.rpartition(':')[2].strip('/')}") as connection:
            connection.channel().basic_publish(amqp.Message("second"), routing_key=handler_queue)

    done = []
    mapping = live.event_source_mapping(queue, handler, **NOW)
    queue.send("first")
    run = mapping.run_until_idle(quiet=0.3)

    assert ["first", "second"] == [one.data.decode() for one in run.processed]
