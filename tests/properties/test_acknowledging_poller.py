"""What the poller of a broker may and may not do, whatever the function answers and however time passes; with
RabbitMQ's queues behind it, and with ActiveMQ's.

The function is scripted: what happens to a message at its first, second, third… attempt; the last entry repeats, so
that some messages never succeed. `LAMBDA_EVENTS_EXAMPLES=20000` tries so many plans.
"""

from __future__ import annotations

import base64
import json
import os
import random
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events import Faults
from pytest_lambda_events.brokers.amqp_settings import read_arguments
from pytest_lambda_events.brokers.amqp_vhost import VirtualHost
from pytest_lambda_events.brokers.jms_broker import JmsBroker
from pytest_lambda_events.brokers.jms_policy import RedeliveryPolicy
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.model.activemq_message import ActiveMqMessage
from pytest_lambda_events.model.mapping import MappingConfig
from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage
from pytest_lambda_events.model.trace import Ledger, Trace
from pytest_lambda_events.polling import acknowledging, batching
from pytest_lambda_events.polling.acknowledging import AcknowledgingPoller
from pytest_lambda_events.polling.backoff import requeue_ms
from pytest_lambda_events.polling.concurrency import Reservation
from pytest_lambda_events.polling.faults import Dice
from pytest_lambda_events.polling.run import Limits, drive
from pytest_lambda_events.sources.activemq.event import ActiveMqEventShape
from pytest_lambda_events.sources.rabbitmq.event import RabbitMqEventShape

EXAMPLES = int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "150"))
START_MS = 1_735_689_600_000
LIMITS = Limits(invocations=20_000, ms=30 * 86_400_000)
ARN = "arn:aws:mq:us-east-1:123456789012:broker:b:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"
SMALL_LIMIT = 1_500  # bytes, in the place of 6 MB: a few messages of the sizes below

thorough = settings(
    max_examples=EXAMPLES,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass(frozen=True)
class Sent:
    """A message: what becomes of it at each attempt, when it comes, how long it lives, how large it is."""

    script: tuple[str, ...]
    ahead: int
    lives: int
    padding: int
    priority: int
    persistent: bool


@dataclass(frozen=True)
class Act:
    """Something that happens from outside, and how long the world runs after it."""

    kind: str
    run: int


@dataclass(frozen=True)
class Plan:
    """A queue, a mapping, and what happens."""

    broker: str
    sends: tuple[Sent, ...]
    acts: tuple[Act, ...]
    batch_size: int
    window: int
    duration: int
    concurrency: int
    by_priority: bool
    ttl: int
    most_ready: int | None
    redeliveries: int
    dead_letters: bool
    crashes: float
    throttles: float
    limit: int | None


def messages_of(event):
    """The messages of either broker's event."""
    return event["messages"] if "messages" in event else next(iter(event["rmqMessagesByQueue"].values()))


def number_of(message):
    """Which of the plan's messages it is."""
    return int(base64.b64decode(message["data"]).partition(b"|")[0])


class Function:
    """Ends as the messages of its batch say; where they disagree the worst one decides."""

    def __init__(self, clock, plan):
        self.clock = clock
        self.plan = plan
        self.attempts = Counter()

    def invoke(self, event_text, request_id):
        kinds = set()
        for message in messages_of(json.loads(event_text)):
            number = number_of(message)
            script = self.plan.sends[number].script
            kinds.add(script[min(self.attempts[number], len(script) - 1)])
            self.attempts[number] += 1
        started = self.clock.now_ms
        ended = started + self.plan.duration
        for kind in ("error", "timeout", "malformed"):
            if kind in kinds:
                return Ending(kind, started, ended, None, None, f"scripted: {kind}")
        return Ending("returned", started, ended, None, None, None)


class World:
    """A queue, a poller, and what they wrote down."""

    def __init__(self, plan):
        self.plan = plan
        self.clock = VirtualClock(START_MS)
        self.ledger = Ledger()
        self.entered = []
        if plan.broker == "rabbitmq":
            self._rabbitmq()
        else:
            self._activemq()
        requests = count(1)
        self.poller = AcknowledgingPoller(
            "mapping",
            config=MappingConfig(
                batch_size=plan.batch_size,
                window_ms=plan.window,
                reports_failures=False,
                enabled=True,
                parameters={},
            ),
            broker=self.queue,
            queue="q",
            shape=self.shape,
            rest_ms=requeue_ms if plan.broker == "rabbitmq" else lambda _failures: 0,
            function=Function(self.clock, plan),
            reservation=Reservation(None),
            clock=self.clock,
            ledger=self.ledger,
            new_request_id=lambda: f"r{next(requests)}",
            concurrency=plan.concurrency,
            dice=Dice(Faults(crashes=plan.crashes, throttles=plan.throttles), random.Random(0), self.ledger, "mapping"),
            filter_of=lambda _config: lambda text: '"filtered' not in base64_decoded(text),
        )
        for number, sent in enumerate(plan.sends):
            put = partial(self.put, number, sent)
            if sent.ahead:
                self.announce(START_MS + sent.ahead, self.queue, put)
            else:
                put(START_MS)

    def _rabbitmq(self):
        plan = self.plan
        copies = count(1)
        host = VirtualHost(self.ledger, lambda record, queue: replace(record, id=f"copy{next(copies)}", queue=queue))
        arguments = {"x-message-ttl": plan.ttl}
        if plan.by_priority:
            arguments["x-max-priority"] = 5
        if plan.most_ready is not None:
            arguments["x-max-length"] = plan.most_ready
        if plan.dead_letters:
            arguments |= {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
        self.queue = host.declare_queue("q", "q", read_arguments(arguments))
        self.dead = host.declare_queue("dead", "dead", read_arguments({}))
        self.announce = host.announce
        self.shape = RabbitMqEventShape(ARN, "q", "/")
        self.host = host

    def _activemq(self):
        plan = self.plan
        broker = JmsBroker(self.ledger, str)
        policy = RedeliveryPolicy(maximumRedeliveries=plan.redeliveries)
        self.queue = broker.declare("q", policy=policy, prioritized=plan.by_priority)
        self.dead = broker.dead_letters()
        self.announce = broker.announce
        self.shape = ActiveMqEventShape(ARN)

    def put(self, number, sent, at_ms):
        marker = b'|{"filtered":1}' if sent.script == ("filtered",) else b"|"
        data = str(number).encode() + marker + b"x" * sent.padding
        common = {"id": f"m{number}", "data": data, "queue": "q"}
        mode = 2 if sent.persistent else 1
        self.entered.append(f"m{number}")
        if self.plan.broker == "rabbitmq":
            expiration = str(sent.lives) if sent.lives else None
            record = RabbitMqMessage(
                **common, vhost="/", sent_ms=at_ms, expiration=expiration, priority=sent.priority, delivery_mode=mode
            )
            self.host.publish(self.queue, record, at_ms, exchange="", routing_key="q")
        else:
            record = ActiveMqMessage(
                **common,
                timestamp=at_ms,
                broker_in_time=at_ms,
                expiration=at_ms + sent.lives if sent.lives else 0,
                priority=sent.priority,
                delivery_mode=mode,
            )
            self.queue.put(record, at_ms)

    def act(self, kind):
        poller, now_ms = self.poller, self.clock.now_ms
        if kind in ("disable", "enable"):
            poller.reconfigure(replace(poller.config, enabled=kind == "enable"))
        elif kind == "change":
            poller.reconfigure(replace(poller.config, batch_size=poller.config.batch_size % 7 + 1))
        elif kind == "purge":
            self.queue.purge(now_ms)
        elif kind == "outage":
            self.clock.jump_to(now_ms + 5_000)

    def run(self, horizon=None):
        reason = drive(
            lambda: [self.poller],
            self.clock,
            LIMITS,
            horizon_ms=None if horizon is None else self.clock.now_ms + horizon,
            settle=self.queue.settle,
        )
        self.queue.check()
        self.dead.check()
        return reason

    def fates(self, *places):
        return self.ledger.fates(places, [len(self.ledger.places.get(place, ())) for place in places])


def base64_decoded(text):
    """A message's body, in quotes; what is not text stays away."""
    return base64.b64decode(json.loads(text)["data"]).decode("utf-8", "replace")


def played(plan):
    """A world in which the plan has happened, run to its end with the mapping enabled."""
    with pytest.MonkeyPatch.context() as patch:
        if plan.limit is not None:
            patch.setattr(acknowledging, "PAYLOAD_LIMIT_BYTES", plan.limit)
            patch.setattr(acknowledging, "fits", lambda *args: batching.fits(*args, limit=plan.limit))
        world = World(plan)
        for act in plan.acts:
            world.act(act.kind)
            world.run(act.run)
        world.act("enable")
        assert world.run() == "idle"
    return world


# -- plans ------------------------------------------------------------------------------------------------------------

kinds = st.sampled_from(["done", "done", "done", "error", "timeout", "malformed"])
scripts = st.one_of(st.just(("filtered",)), *[st.lists(kinds, min_size=1, max_size=4).map(tuple)] * 5)
sends = st.builds(
    Sent,
    script=scripts,
    ahead=st.sampled_from([0, 0, 1, 400, 500, 2_000, 30_000]),
    lives=st.sampled_from([0, 0, 0, 1, 600, 5_000]),
    padding=st.sampled_from([0, 10, 100, 300, 1_200]),
    priority=st.integers(0, 9),
    persistent=st.booleans(),
)
acts = st.builds(
    Act,
    kind=st.sampled_from(["disable", "enable", "enable", "change", "purge", "outage"]),
    run=st.sampled_from([0, 0, 100, 500, 600, 3_000]),
)
plans = st.builds(
    Plan,
    broker=st.sampled_from(["rabbitmq", "activemq"]),
    sends=st.lists(sends, max_size=12).map(tuple),
    acts=st.lists(acts, max_size=6).map(tuple),
    batch_size=st.sampled_from([1, 2, 3, 5, 100]),
    window=st.sampled_from([0, 500, 500, 5_000]),
    duration=st.sampled_from([0, 0, 1, 1_000]),
    concurrency=st.sampled_from([1, 1, 2, 5]),
    by_priority=st.booleans(),
    ttl=st.sampled_from([20_000, 200_000]),
    most_ready=st.sampled_from([None, None, None, 0, 2]),
    redeliveries=st.sampled_from([0, 1, 6]),
    dead_letters=st.booleans(),
    crashes=st.sampled_from([0, 0, 0.3]),
    throttles=st.sampled_from([0, 0, 0.3]),
    limit=st.sampled_from([None, None, SMALL_LIMIT]),
)


# -- the laws ---------------------------------------------------------------------------------------------------------


def nothing_is_lost_and_nothing_is_invented(plan, world):
    """Each message that came ended once, or is in the dead-letter queue; and nothing else is anywhere."""
    fates = world.fates("q")
    assert list(fates) == list(dict.fromkeys(world.entered))
    assert len(fates) == len(plan.sends)
    assert set(fates.values()) <= {"processed", "filtered", "dead_lettered", "discarded", "expired"}
    dead = {name for name, fate in fates.items() if fate == "dead_lettered"}
    assert {record.id for record in world.dead.store.taken.values()} == dead
    assert world.fates("dead", "ActiveMQ.DLQ").keys() == dead
    assert world.queue.store.messages() == []


def a_message_ends_once(_plan, world):
    """And is nowhere before it came."""
    entries = Counter(entry.record_id for entry in world.ledger.places.get("q", ()))
    assert set(entries.values()) <= {2}


def only_what_is_held_is_handed_over(_plan, world):
    """Between two deliveries of a message it was given back; what is with the function is with nobody else."""
    held = set()
    for step in world.ledger.steps:
        if step.place == "q" and step.kind == "received":
            assert not held & set(step.records)
            held |= set(step.records)
        elif step.place == "q" and step.kind in ("reappeared", "left"):
            held -= set(step.records)
        elif step.kind == "invoked":
            assert set(step.records) <= held


def time_never_goes_backwards(_plan, world):
    """In the queue and behind it."""
    moments = [step.at_ms for step in world.ledger.steps]
    assert moments == sorted(moments)


def first_attempts_are_in_order(plan, world):
    """Without priorities and with one consumer; a connection that closes does not change it."""
    if plan.by_priority or plan.concurrency > 1:
        return
    seen = []
    for step in world.ledger.steps:
        if step.kind == "invoked":
            seen += [name for name in step.records if name not in seen]
    assert seen == [name for name in world.entered if name in seen]


def the_flag_says_whether_it_came_before(_plan, world):
    """`redelivered` is true of a message that was received before, and of no other."""
    received = Counter()
    before = {}
    for step in world.ledger.steps:
        if step.place == "q" and step.kind == "received":
            received.update(step.records)
            assert list(step.detail) == [received[name] for name in step.records]
        elif step.kind == "invoked":
            before[step.detail] = [received[name] > 1 for name in step.records]
    for call in world.ledger.invocations:
        event = messages_of(json.loads(call.event_text))
        assert [f"m{number_of(one)}" for one in event] == [record.id for record in call.records]
        if call.request_id in before:
            assert [one["redelivered"] for one in event] == before[call.request_id]


def no_event_is_too_large(plan, world):
    """No event has more messages than BatchSize (at any time), or more bytes than the limit, or none."""
    for call in world.ledger.invocations:
        assert 1 <= len(call.records) <= max(plan.batch_size, 7)
        if plan.limit is not None:
            assert len(call.event_text.encode()) <= plan.limit


def deliveries_are_bounded_by_the_policy(plan, world):
    """ActiveMQ: one more than maximumRedeliveries."""
    if plan.broker == "activemq":
        received = Counter()
        for step in world.ledger.steps:
            if step.place == "q" and step.kind == "received":
                received.update(step.records)
        assert max(received.values(), default=0) <= plan.redeliveries + 1


def no_more_at_once_than_consumers(plan, world):
    """A running batch has a consumer of its own."""
    calls = sorted(
        (round(call.at * 1000), round((call.at + call.duration) * 1000))
        for call in world.ledger.invocations
        if call.outcome != "throttled"
    )
    for index, (start, _) in enumerate(calls):
        assert sum(ends > start for _, ends in calls[:index]) < plan.concurrency


def metrics_agree_with_the_ledger(_plan, world):
    """What is counted is what was written down."""
    metrics = world.poller.metrics
    invoked = [step for step in world.ledger.steps if step.kind == "invoked"]
    assert metrics["Invocations"] == len(invoked)
    assert metrics["InvokedEventCount"] == sum(len(step.records) for step in invoked)
    received = [step for step in world.ledger.steps if step.kind == "received" and step.place == "q"]
    assert metrics["PolledEventCount"] == sum(len(step.records) for step in received)
    filtered = [step for step in world.ledger.steps if step.kind == "left" and step.detail == "filtered"]
    assert metrics["FilteredOutEventCount"] == sum(len(step.records) for step in filtered)
    assert metrics["Throttles"] == sum(call.outcome == "throttled" for call in world.ledger.invocations)


LAWS = (
    nothing_is_lost_and_nothing_is_invented,
    a_message_ends_once,
    only_what_is_held_is_handed_over,
    time_never_goes_backwards,
    first_attempts_are_in_order,
    the_flag_says_whether_it_came_before,
    no_event_is_too_large,
    deliveries_are_bounded_by_the_policy,
    no_more_at_once_than_consumers,
    metrics_agree_with_the_ledger,
)


@thorough
@given(plans)
def test_every_plan_comes_to_rest_and_keeps_the_laws(plan) -> None:
    """With a time to live, or a limit of redeliveries, a run ends, and whatever happened, the laws hold."""
    world = played(plan)
    for law in LAWS:
        law(plan, world)


@settings(thorough, max_examples=max(EXAMPLES // 5, 20))
@given(plans)
def test_same_inputs_same_trace(plan) -> None:
    """Two worlds with the same plan write the same trace, byte for byte."""
    assert Trace(played(plan).ledger.steps).to_json() == Trace(played(plan).ledger.steps).to_json()
