"""ActiveMQ in live mode: a real server over STOMP, and the redelivery policy of the client that Lambda is."""

from __future__ import annotations

import base64
import time

import pytest
import stomp

from pytest_lambda_events import LiveHarness, NotConnected, RunLimitReached, UsageError
from pytest_lambda_events.sources import validate

QUIET = 0.3
NOW = {"MaximumBatchingWindowInSeconds": 0}
QUICK = {"initialRedeliveryDelay": 50, "redeliveryDelay": 50}


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
    def bodies(self):
        """Bodies and redelivered flags by invocation."""
        return [
            [(base64.b64decode(one["data"]).decode(), one["redelivered"]) for one in event["messages"]]
            for event in self.events
        ]


@pytest.fixture
def url(activemq):
    """The server, as its user."""
    return f"stomp://{activemq['user']}:{activemq['password']}@127.0.0.1:{activemq['port']}"


@pytest.fixture
def queue(live, url, unique):
    """A new queue, with short delays."""
    return live.activemq_queue(unique("orders"), url=url, **QUICK)


@pytest.fixture
def stranger(activemq):
    """Somebody else's connection."""
    connection = stomp.Connection12([("127.0.0.1", activemq["port"])], auto_content_length=False)
    connection.connect(activemq["user"], activemq["password"], wait=True)
    yield connection
    connection.disconnect()


def test_the_event_is_what_lambda_sends(live, queue):
    """All that the producer said, field by field; the broker's times are near."""
    handler = Recorder()
    mapping = live.event_source_mapping(queue, handler, **NOW)
    before = int(time.time() * 1000)
    text, data = queue.send(
        {"order": 1},
        b"\x00\xff",
        correlation_id="c-1",
        reply_to="answers",
        type="Order",
        priority=9,
        time_to_live=60_000,
        properties={"kind": "new", "n": 7, "é": "ü:\n\\"},
    )
    run = mapping.run_until_idle(quiet=QUIET)

    (event,) = handler.events
    assert [] == validate(event)
    first, second = event["messages"]
    assert before <= first["timestamp"] <= first["brokerOutTime"] <= int(time.time() * 1000)
    assert first["timestamp"] == first["brokerInTime"]
    assert 50_000 < first["expiration"] - before < 70_000
    for name in ("timestamp", "brokerInTime", "brokerOutTime", "expiration"):
        del first[name]
    assert first == {
        "messageID": text.id,
        "messageType": "jms/text-message",
        "deliveryMode": 2,
        "correlationID": "c-1",
        "replyTo": "queue://answers",
        "destination": {"physicalName": queue.name},
        "redelivered": False,
        "type": "Order",
        "priority": 9,
        "data": "eyJvcmRlciI6MX0=",
        "properties": {"kind": "new", "n": "7", "é": "ü:\n\\"},
    }
    assert ("jms/bytes-message", "AP8=") == (second["messageType"], second["data"])
    assert [text, data] == run.processed == queue.records


def test_a_message_that_says_nothing_has_the_defaults(live, queue, stranger):
    """Of somebody else, over plain STOMP: not persistent, no type, no correlation."""
    stranger.send(f"/queue/{queue.name}", "theirs")
    handler = Recorder()
    run = live.event_source_mapping(queue, handler, **NOW).run_until_idle(quiet=QUIET)

    ((message,),) = (event["messages"] for event in handler.events)
    assert (1, "", "null", "", 0, 4, {}) == tuple(
        message[name]
        for name in ("deliveryMode", "correlationID", "replyTo", "type", "expiration", "priority", "properties")
    )
    assert queue.records == run.processed


def test_a_failed_batch_comes_again_as_redelivered(live, queue):
    """As a whole, in its order, before what came later, after the policy's delay; and it is the same records."""
    handler = Recorder(fails=1)
    mapping = live.event_source_mapping(queue, handler, BatchSize=2, **NOW)
    sent = queue.send("a", "b", "c")
    run = mapping.run_until_idle(quiet=QUIET)

    assert [[("a", False), ("b", False)], [("a", True), ("b", True)], [("c", False)]] == handler.bodies
    assert sent == run.processed
    first, second = run.attempts(sent[0])
    assert 0.05 <= second - first < 3


def test_what_fails_too_often_goes_to_the_dead_letter_queue(live, queue):
    """At the broker, by its redelivery policy's number."""
    queue = live.activemq_queue(queue.name, url=_url(queue), maximumRedeliveries=1, **QUICK)
    mapping = live.event_source_mapping(queue, Recorder(fails=9), BatchSize=1, **NOW)
    poison, other = queue.send("poison", "other")
    run = mapping.run_until_idle(quiet=QUIET)

    assert [poison, other] == run.dead_lettered
    assert [2, 2] == [len(run.attempts(one)) for one in (poison, other)]
    dead = Recorder()
    mapping.delete()
    assert queue.dlq is queue.dlq
    assert None is queue.dlq.dlq
    live.event_source_mapping(queue.dlq, dead, **NOW, BatchSize=1000).run_until_idle(quiet=QUIET)
    there = {one["messageID"]: one for event in dead.events for one in event["messages"]}
    assert {poison.id, other.id} <= set(there)
    assert "ActiveMQ.DLQ" == there[poison.id]["destination"]["physicalName"]


def _url(queue):
    address = queue._address
    return f"stomp://{address.user}:{address.password}@{address.host}:{address.port}"


def test_what_is_not_persistent_is_gone_instead(live, queue):
    """ActiveMQ keeps no such dead letters, unless it is told to."""
    queue = live.activemq_queue(queue.name, url=_url(queue), maximumRedeliveries=0, **QUICK)
    mapping = live.event_source_mapping(queue, Recorder(fails=9), **NOW)
    (record,) = queue.send("a", delivery_mode=1)
    run = mapping.run_until_idle(quiet=QUIET)

    assert [record] == run.discarded


def test_the_default_policy_waits_a_second(live, url, unique):
    """Seven deliveries would take six."""
    queue = live.activemq_queue(unique("slow"), url=url)
    mapping = live.event_source_mapping(queue, Recorder(fails=1), **NOW)
    (record,) = queue.send("a")
    run = mapping.run_until_idle(quiet=QUIET)

    first, second = run.attempts(record)
    assert 0.99 <= second - first < 5


def test_what_comes_while_nobody_polls_is_new(live, url, queue):
    """Between two runs nothing is taken from the queue, so that nothing counts as delivered."""
    handler = Recorder()
    mapping = live.event_source_mapping(queue, handler, **NOW)
    mapping.run_until_idle(quiet=QUIET)
    queue.send("a")
    mapping.delete()
    live.event_source_mapping(live.activemq_queue(queue.name, url=url), handler, **NOW).run_until_idle(quiet=QUIET)

    assert [[("a", False)]] == handler.bodies


def test_what_comes_after_a_run_that_met_its_bound_is_new(live, url, queue):
    """Nobody polls then, either."""
    handler = Recorder()
    mapping = live.event_source_mapping(queue, handler, **NOW)
    with pytest.raises(RunLimitReached):
        mapping.run_until(lambda _run: False, max_seconds=QUIET)
    queue.send("a")
    mapping.delete()
    live.event_source_mapping(live.activemq_queue(queue.name, url=url), handler, **NOW).run_until_idle(quiet=QUIET)

    assert [[("a", False)]] == handler.bodies


def test_what_was_not_answered_is_the_queues_again(url, unique):
    """When the harness ends in the middle, as when a consumer crashes."""
    name = unique("crash")

    def handler(event, context):
        raise KeyboardInterrupt

    with LiveHarness(timeout=3) as live:
        queue = live.activemq_queue(name, url=url)
        queue.send("a")
        mapping = live.event_source_mapping(queue, handler, **NOW)
        with pytest.raises(KeyboardInterrupt):
            mapping.run_until_idle(quiet=QUIET)
    with LiveHarness(timeout=3) as live:
        again = Recorder()
        live.event_source_mapping(live.activemq_queue(name, url=url), again, **NOW).run_until_idle(quiet=QUIET)

    assert [[("a", True)]] == again.bodies


def test_a_disabled_mapping_gives_back_what_it_had_gathered(live, url, queue):
    """Another consumer gets it."""
    mapping = live.event_source_mapping(queue, Recorder(), BatchSize=10, MaximumBatchingWindowInSeconds=300)
    queue.send("a")
    mapping.run_for(0.5)
    mapping.disable()
    other = Recorder()
    live.event_source_mapping(live.activemq_queue(queue.name, url=url), other, **NOW).run_until_idle(quiet=QUIET)

    assert [[("a", True)]] == other.bodies


def test_a_larger_batch_size_takes_effect(live, queue):
    """The broker is asked for so many at once."""
    handler = Recorder()
    mapping = live.event_source_mapping(queue, handler, BatchSize=1, **NOW)
    queue.send("a", "b")
    mapping.run_until_idle(quiet=QUIET)
    mapping.update(BatchSize=3)
    queue.send("c", "d", "e", "f")
    mapping.run_until_idle(quiet=QUIET)

    assert [1, 1, 3, 1] == [len(one) for one in handler.bodies]


def test_what_is_filtered_is_acknowledged(live, queue):
    """It does not come again."""
    pattern = '{"data": {"kind": ["order"]}}'
    handler = Recorder()
    mapping = live.event_source_mapping(queue, handler, **NOW, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    order, noise = queue.send({"kind": "order"}, {"kind": "noise"})
    run = mapping.run_until_idle(quiet=QUIET)

    assert ([order], [noise]) == (run.processed, run.filtered)
    assert 1 == len(handler.events)


@pytest.mark.parametrize(
    ("payload", "given", "words"),
    [
        ("a\0b", {}, "a text message with a NUL"),
        ("a", {"properties": {"persistent": "yes"}}, "'persistent' is a header of STOMP's"),
        ("a", {"headers": {}}, "send takes no headers"),
    ],
)
def test_what_stomp_cannot_carry_is_refused(queue, payload, given, words):
    """Before anything is sent."""
    with pytest.raises(UsageError, match=words):
        queue.send("fine", payload, **given)
    assert [] == queue.records


def test_a_policy_that_is_none_is_refused(live, url):
    """With the names that there are."""
    with pytest.raises(UsageError, match="takes no maxRedeliveries; there are maximumRedeliveries"):
        live.activemq_queue("orders", url=url, maxRedeliveries=1)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("stomp://lambda:wrong@127.0.0.1:{port}", "did not let us in: User name .lambda. or password is invalid"),
        ("stomp://127.0.0.1:1", r"ActiveMQ at 127\.0\.0\.1:1 did not let us in: nobody answers"),
        ("stomp://lambda:secret@127.0.0.1:{openwire_port}", "did not let us in: the connection was closed"),
    ],
)
def test_a_broker_that_does_not_let_us_in_is_an_error(live, activemq, address, words):
    """It says where, and why; and nothing of the password."""
    with pytest.raises(NotConnected, match=words) as caught:
        live.activemq_queue("orders", url=address.format(**activemq))
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("address", ["localhost", "tcp://localhost:61616", "stomp://", "stomp://localhost:many"])
def test_an_address_that_is_none_is_refused(live, address):
    """With an example of one."""
    with pytest.raises(UsageError, match="url="):
        live.activemq_queue("orders", url=address)


def test_a_broker_that_says_nothing_is_given_up(silent_port):
    """It takes the connection, and is silent."""
    with LiveHarness(timeout=0.5) as live:
        began = time.monotonic()
        with pytest.raises(NotConnected, match=r"did not let us in: (no answer|the connection was closed)"):
            live.activemq_queue("orders", url=f"stomp://127.0.0.1:{silent_port}")
        assert time.monotonic() - began < 5


def test_a_connection_that_is_lost_ends_the_run(live, queue):
    """The socket is gone, while nothing comes and when something is sent."""
    mapping = live.event_source_mapping(queue, Recorder(), **NOW)
    mapping.run_for(0.1)
    queue._consumers[0]._listen(1)
    queue._consumers[0]._connection._connection.transport.disconnect_socket()
    with pytest.raises(NotConnected, match=r"did not (keep|let)"):
        mapping.run_for(2)
    queue._producer._connection.transport.disconnect_socket()
    with pytest.raises(NotConnected, match="did not take the message"):
        queue.send("a")
