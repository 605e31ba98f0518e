"""The queues of Amazon MQ in memory and real ones, driven with the same operations through the same mapping, deliver
the same: every event key by key, what became of each message, how often it was tried, and what is left in the queue.

Left out of the comparison are the times and messageIDs that an ActiveMQ broker gives. Delays are shortened for both:
RabbitMQ's poller rests a second after a failure, and ActiveMQ waits one before a redelivery.
"""

from __future__ import annotations

import base64
import importlib.util
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from pytest_lambda_events import LiveHarness
from pytest_lambda_events.harness import wiring_mq
from pytest_lambda_events.sources.activemq.broker import ActiveMqBrokers, create_activemq_queue
from pytest_lambda_events.sources.rabbitmq.broker import RabbitMqBrokers, create_rabbitmq_queue

# by path: the oldest pytest that we support does not make a package of a test file's folder
_spec = importlib.util.spec_from_file_location("agreement", Path(__file__).with_name("agreement.py"))
agreement = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(agreement)

TIMES_AND_IDS = ("messageID", "timestamp", "brokerInTime", "brokerOutTime")
REST_MS = 40

texts = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4))
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
)
tables = st.dictionaries(
    st.text(min_size=1, max_size=4),
    st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_size=3,
)
properties = st.dictionaries(
    st.sampled_from(["orderType", "n", "é", "_x"]),
    st.one_of(st.text(max_size=4), st.booleans(), st.integers(-(2**31), 2**31 - 1), st.just(1.5)),
    max_size=2,
)


class Rabbit:
    """Two RabbitMQ queues."""

    quiet = 0.05
    arguments = st.just({})
    given = st.fixed_dictionaries(
        {"priority": st.integers(0, 5)},
        optional={
            "headers": st.none() | tables,
            "delivery_mode": st.sampled_from([1, 2]),
            "correlation_id": texts,
            "message_id": texts,
            "type": texts,
            "content_type": texts,
            "timestamp": st.integers(0, 4_000_000_000),
        },
    )

    def __init__(self, where, world, name, arguments):
        self.url = f"amqp://guest:guest@127.0.0.1:{where['port']}/shop"
        self.drops = "x-max-length" in arguments
        self.always = {}
        self.name = name
        live = LiveHarness(timeout=5)
        live.start()
        arn = live.rabbitmq_queue(name, url=self.url, arguments=arguments).arn
        live.stop()
        brokers = RabbitMqBrokers(
            world.clock, world.ledger, world.identifiers, region=agreement.REGION, account=agreement.ACCOUNT
        )
        self.ours = create_rabbitmq_queue(brokers, name, broker=arn, vhost="shop", arguments=arguments)

    def open(self, live):
        """The real queue, in a new harness."""
        return live.rabbitmq_queue(self.name, url=self.url)

    def left(self, theirs):
        """How many messages are ready in each."""
        return len(self.ours.messages), theirs.ready

    @staticmethod
    def values_of(event):
        for messages in event["rmqMessagesByQueue"].values():
            for message in messages:
                yield None, base64.b64decode(message["data"])

    @staticmethod
    def comparable(event):
        return event


class RabbitWithPriorities(Rabbit):
    """A queue hands out by priority."""

    arguments = st.just({"x-max-priority": 3})


class RabbitWithALimit(Rabbit):
    """A queue drops its head when it is too long."""

    arguments = st.just({"x-max-length": 2})


class Active:
    """Two ActiveMQ queues."""

    quiet = 0.25
    drops = False
    # JMS promises no order between persistent messages and others: ActiveMQ keeps them apart
    arguments = st.fixed_dictionaries(
        {"maximumRedeliveries": st.integers(0, 2), "delivery_mode": st.sampled_from([1, 2])}
    )
    given = st.fixed_dictionaries(
        {},
        optional={
            "properties": properties,
            "priority": st.integers(0, 9),
            "correlation_id": texts,
            "reply_to": st.sampled_from(["answers", "topic://news"]),
            "type": texts,
        },
    )

    def __init__(self, where, world, name, policy):
        self.url = f"stomp://{where['user']}:{where['password']}@127.0.0.1:{where['port']}"
        self.always = {"delivery_mode": policy["delivery_mode"]}
        policy = {"maximumRedeliveries": policy["maximumRedeliveries"]}
        self.policy = {**policy, "initialRedeliveryDelay": REST_MS, "redeliveryDelay": REST_MS}
        self.name = name
        live = LiveHarness(timeout=5)
        live.start()
        arn = live.activemq_queue(name, url=self.url).arn
        live.stop()
        brokers = ActiveMqBrokers(
            world.clock, world.ledger, world.identifiers, region=agreement.REGION, account=agreement.ACCOUNT
        )
        self.ours = create_activemq_queue(brokers, name, broker=arn, **self.policy)

    def open(self, live):
        """The real queue, in a new harness."""
        return live.activemq_queue(self.name, url=self.url, **self.policy)

    def left(self, theirs):
        """STOMP does not tell."""
        return None, None

    @staticmethod
    def values_of(event):
        for message in event["messages"]:
            yield None, base64.b64decode(message["data"])

    @staticmethod
    def comparable(event):
        messages = [
            {name: value for name, value in message.items() if name not in TIMES_AND_IDS}
            for message in event["messages"]
        ]
        return {**event, "messages": messages}


class MqAgrees(agreement.Agrees):
    """Two queues, two mappings."""

    side = None
    where = None
    unique = None

    @initialize(data=st.data(), batch_size=st.integers(1, 3))
    def begin(self, data, batch_size):
        """One configuration for both."""
        self.parameters = {"BatchSize": batch_size, "MaximumBatchingWindowInSeconds": 0}
        arguments = data.draw(self.side.arguments)
        self.both = self.side(self.where, self.memory, self.unique("agrees"), arguments)
        self.quiet = self.both.quiet
        self.ours = self.both.ours
        self.handlers = agreement.Scripted(self.both.values_of), agreement.Scripted(self.both.values_of)
        self.restart()

    def opened(self):
        """The same queue, over a new connection."""
        return self.both.open(self.live)

    @rule(data=st.data(), fails=st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=2, max_size=5))
    def send(self, data, fails):
        """Some messages, alike in everything that a publisher says."""
        for many in fails:
            payload = {"n": next(self.numbers), "fails": many, "how": "raise"}
            given = {**data.draw(self.side.given), **self.both.always}
            self.ours.send(payload, **given)
            self.theirs.send(payload, **given)

    def compare(self):
        """The same deliveries; of the messages that both mappings know the same fates, and the same is left."""
        ours, theirs = ([self.both.comparable(event) for event in handler.taken()] for handler in self.handlers)
        assert ours == theirs
        if not self.our_mapping.enabled:
            return
        our_left, their_left = self.both.left(self.theirs)
        assert our_left == their_left
        our_run, their_run = self.our_mapping.view(), self.their_mapping.view()
        ours = {record.json()["n"]: record for record in our_run.records}
        theirs = {record.json()["n"]: record for record in their_run.records}
        assert set(theirs) <= set(ours)
        for number, record in theirs.items():
            fate = our_run.fate(ours[number])
            if fate == "discarded" and self.both.drops:
                continue  # a queue that is too long drops its head, and tells nobody
            assert fate == their_run.fate(record), record
            assert len(our_run.attempts(ours[number])) == len(their_run.attempts(record)), record


@pytest.mark.parametrize(
    ("kind", "both"),
    [
        pytest.param("rabbitmq", Rabbit, id="rabbitmq"),
        pytest.param("rabbitmq", RabbitWithPriorities, id="rabbitmq-priorities"),
        pytest.param("rabbitmq", RabbitWithALimit, id="rabbitmq-limit"),
        pytest.param("activemq", Active, id="activemq"),
    ],
)
def test_a_queue_in_memory_is_like_a_real_one(request, monkeypatch, unique, kind, both):
    """Same operations, same deliveries."""
    monkeypatch.setattr(wiring_mq, "requeue_ms", lambda _failures: REST_MS)

    class Machine(MqAgrees):
        side = both
        where = request.getfixturevalue(kind)

    Machine.unique = staticmethod(unique)
    run_state_machine_as_test(Machine, settings=agreement.SETTINGS)
