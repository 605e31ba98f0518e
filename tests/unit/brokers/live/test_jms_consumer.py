"""What a consumer over STOMP does about messages that it did not want twice. The connection is scripted."""

from __future__ import annotations

from itertools import count

import pytest

from pytest_lambda_events.brokers.jms_policy import RedeliveryPolicy
from pytest_lambda_events.brokers.live.activemq import JmsConsumer, headers_of, message_of
from pytest_lambda_events.brokers.live.patience import BEHIND_MS, Patience
from pytest_lambda_events.brokers.live.stomp import StompFrame
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.model.trace import Ledger


class Broker:
    """A queue: what is not acknowledged when a connection closes comes again over the next one, marked."""

    def __init__(self, *names):
        self.queue = [(name, False) for name in names]
        self.acknowledged = []
        self.refused = []
        self.tags = count(1)

    def connect(self):
        return Connection(self)


class Connection:
    def __init__(self, broker):
        self.broker = broker
        self.out = {}
        self.prefetch = 0

    def subscribe(self, queue, prefetch):
        self.prefetch = prefetch

    def unsubscribe(self):
        self.prefetch = 0

    def arrived(self, *, at_least, seconds):
        frames = []
        while self.broker.queue and len(self.out) < self.prefetch:
            name, redelivered = self.broker.queue.pop(0)
            tag = f"tag-{next(self.broker.tags)}"
            self.out[tag] = name
            headers = {"message-id": name, "ack": tag, **({"redelivered": "true"} if redelivered else {})}
            frames.append(StompFrame(headers, name.encode()))
        return frames

    def acknowledge(self, tag):
        self.broker.acknowledged.append(self.out.pop(tag))

    def refuse(self, tag):
        self.broker.refused.append(self.out.pop(tag))

    def close(self):
        self.broker.queue[:0] = [(name, True) for name in self.out.values()]
        self.out.clear()


@pytest.fixture
def clock():
    return VirtualClock(0)


@pytest.fixture
def patience(clock):
    return Patience(clock)


@pytest.fixture
def consumer_of(patience):
    def make(broker, **policy):
        return JmsConsumer(
            broker.connect,
            "orders",
            "place",
            policy=RedeliveryPolicy(**policy),
            patience=patience,
            journal=Ledger(),
            note=lambda *_: None,
        )

    return make


def shown(deliveries):
    return [(one.record.id, one.redelivered, one.count) for one in deliveries]


def test_what_the_poller_still_holds_is_not_handed_out_again(consumer_of):
    """One batch failed, and its connection closed; another batch of the same connection succeeds later."""
    broker = Broker("a", "b")
    consumer = consumer_of(broker)
    failed, held = consumer.receive(2, 0)
    assert 1_000 == consumer.give_back([failed], 0)

    assert [("a", True, 2)] == shown(consumer.receive(1, 1_000))
    assert 1 == consumer.acknowledge([held], 1_000, fate="processed")
    assert ["b"] == broker.acknowledged


def test_what_was_done_while_nothing_was_connected_is_acknowledged_when_it_comes(consumer_of):
    """The broker has it again, and is told then."""
    broker = Broker("a", "b")
    consumer = consumer_of(broker)
    failed, held = consumer.receive(2, 0)
    consumer.give_back([failed], 0)
    assert 1 == consumer.acknowledge([held], 10, fate="processed")
    assert [] == broker.acknowledged
    assert [("a", True, 2)] == shown(consumer.receive(2, 1_000))

    assert ["b"] == broker.acknowledged
    assert 0 == consumer.acknowledge([held], 1_000, fate="processed")


def test_what_fails_too_often_is_refused_and_the_rest_kept(consumer_of):
    """A batch of which one was delivered before."""
    broker = Broker("b")
    broker.queue.insert(0, ("a", True))
    consumer = consumer_of(broker, maximumRedeliveries=1)
    deliveries = consumer.receive(2, 0)
    assert [("a", True, 2), ("b", False, 1)] == shown(deliveries)
    assert 1_000 == consumer.give_back(deliveries, 0)

    assert ["a"] == broker.refused
    last = consumer.receive(1, 1_000)
    assert [("b", True, 2)] == shown(last)
    assert 2_000 == consumer.give_back(last, 2_000)
    assert ["a", "b"] == broker.refused


def test_what_was_given_back_is_waited_for_and_then_no_more(consumer_of, patience):
    """Somebody else may have got it."""
    broker = Broker("a")
    consumer = consumer_of(broker, initialRedeliveryDelay=0)
    patience.begin(100)
    consumer.give_back(consumer.receive(1, 0), 0)
    broker.queue.clear()
    consumer.receive(1, 150)
    assert 200 == consumer.next_change(200)
    consumer.receive(1, 151 + BEHIND_MS)

    assert None is consumer.next_change(152 + BEHIND_MS)


def test_closing_gives_everything_back_at_once(consumer_of):
    """A mapping that is disabled keeps no delay."""
    broker = Broker("a")
    consumer = consumer_of(broker)
    assert 5 == consumer.give_back(consumer.receive(1, 0), 5, closing=True)

    assert [("a", True)] == broker.queue
    assert None is consumer.next_end(0)
    consumer.settle(0)
    consumer.check()


@pytest.mark.parametrize(
    ("stomp", "java"),
    [
        ("/queue/a", "queue://a"),
        ("/topic/a", "topic://a"),
        ("/temp-queue/a", "temp-queue://a"),
        ("elsewhere", "elsewhere"),
        (None, None),
    ],
)
def test_destinations_are_written_as_each_side_writes_them(stomp, java):
    """Lambda shows Java's form."""
    headers = {"message-id": "1", **({} if stomp is None else {"reply-to": stomp})}
    message = message_of(StompFrame(headers, b""), "orders", 7)

    assert java == message.reply_to
    assert (7, 7, 1) == (message.timestamp, message.broker_in_time, message.delivery_mode)
    assert stomp == headers_of(message).get("reply-to")
