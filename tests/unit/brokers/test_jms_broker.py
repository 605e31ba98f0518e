"""ActiveMQ's queues. What is marked as recorded was tried on ActiveMQ 5.17.2 with a JMS client, with the same
outcome.
"""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events import UsageError
from pytest_lambda_events.brokers.jms_broker import JmsBroker
from pytest_lambda_events.brokers.jms_policy import RedeliveryPolicy
from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.model.activemq_message import ActiveMqMessage
from pytest_lambda_events.model.trace import Ledger


class World:
    """A broker, and how it is used in short: a message's id is its body."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.broker = JmsBroker(self.ledger, str)
        self.queue = self.broker.declare("q")

    @property
    def dlq(self) -> Any:
        return self.broker.dead_letters()

    def message(self, body: str, now_ms: int = 0, *, lives: int = 0, **headers: Any) -> ActiveMqMessage:
        return ActiveMqMessage(
            id=body,
            data=body.encode(),
            queue="q",
            timestamp=now_ms,
            broker_in_time=now_ms,
            expiration=now_ms + lives if lives else 0,
            **headers,
        )

    def send(self, body: str, now_ms: int = 0, *, queue: Any = None, **headers: Any) -> ActiveMqMessage:
        record = self.message(body, now_ms, **headers)
        self.broker.settle(now_ms)
        (queue or self.queue).put(record, now_ms)
        return record

    def fates(self, place: str) -> dict[str, str]:
        return {one.record_id: str(one.fate) for one in self.ledger.places.get(place, ())}


@pytest.fixture
def world() -> World:
    """A broker with one queue."""
    return World()


def bodies(deliveries: Any) -> str:
    """The bodies of deliveries or stored messages."""
    return "".join(one.record.id for one in deliveries)


def test_messages_come_as_they_were_sent_whatever_their_priority(world: World) -> None:
    """Recorded: prioritizedMessages is off by default."""
    for body, priority in (("a", 0), ("b", 4), ("c", 9)):
        world.send(body, priority=priority)
    assert bodies(world.queue.receive(9, 0)) == "abc"


def test_a_prioritized_queue(world: World) -> None:
    """Highest first, as they came within one."""
    queue = world.broker.declare("p", prioritized=True)
    for body, priority in (("a", 0), ("b", 9), ("c", 4), ("d", 9)):
        world.send(body, queue=queue, priority=priority)
    assert bodies(queue.receive(9, 0)) == "bdca"


def test_a_batch_that_is_rolled_back_comes_after_a_second_and_first(world: World) -> None:
    """Recorded: marked as redelivered, with the brokerOutTime of its first dispatch."""
    for body in "abc":
        world.send(body)
    first = world.queue.receive(2, 5)
    assert world.queue.give_back(first, 10) == 1_010
    assert bodies(world.queue.receive(9, 10)) == "c"
    assert (world.queue.next_change(10), world.queue.next_change(2_000)) == (1_010, 2_000)
    again = world.queue.receive(9, 1_010)
    assert bodies(again) == "ab"
    assert [(one.count, one.redelivered, one.out_ms) for one in again] == [(2, True, 5)] * 2
    assert [step.at_ms for step in world.ledger.steps if step.kind == "reappeared"] == [1_010, 1_010]


def test_a_connection_that_closes_gives_back_at_once(world: World) -> None:
    """Recorded: it counts as a delivery, and the next has a new brokerOutTime."""
    for body in "abc":
        world.send(body)
    assert world.queue.give_back(world.queue.receive(1, 5), 10, closing=True) == 10
    again = world.queue.receive(9, 10)
    assert bodies(again) == "abc"
    assert [(one.count, one.out_ms) for one in again] == [(2, 10), (1, 10), (1, 10)]


def test_the_seventh_delivery_is_the_last(world: World) -> None:
    """Recorded: what is different in ActiveMQ.DLQ, and what is not."""
    sent = world.send("a", properties={"own": "1"})
    times = []
    now_ms = 0
    while deliveries := world.queue.receive(1, now_ms):
        times.append(now_ms)
        now_ms = world.queue.give_back(deliveries, now_ms)
    assert times == [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000]
    (dead,) = world.dlq.store.taken.values()
    assert dead == sent
    assert (dead.queue, dead.expiration, dead.timestamp, dead.broker_in_time) == ("ActiveMQ.DLQ", 0, 0, 6_000)
    assert list(dead.properties) == ["own", "originalExpiration", "dlqDeliveryFailureCause"]
    assert dead.properties["originalExpiration"] == "0"
    assert dead.properties["dlqDeliveryFailureCause"] == RedeliveryPolicy().cause(7)
    (again,) = world.dlq.receive(1, 6_000)
    assert (again.count, again.redelivered) == (1, False)
    assert (world.fates("q"), world.fates("ActiveMQ.DLQ")) == ({"a": "dead_lettered"}, {"a": "pending"})


def test_what_activemq_dlq_itself_gives_up_is_gone(world: World) -> None:
    """It does not come back to where it is."""
    world.send("a", queue=world.dlq)
    now_ms = 0
    while deliveries := world.dlq.receive(1, now_ms):
        now_ms = world.dlq.give_back(deliveries, now_ms)
    assert world.fates("ActiveMQ.DLQ") == {"a": "discarded"}


@pytest.mark.parametrize(
    ("mode", "fate", "text"),
    [(2, "dead_lettered", "java.lang.Throwable: Message Expired. Expiration:200"), (1, "expired", None)],
)
def test_an_expired_message(world: World, mode: int, fate: str, text: str | None) -> None:
    """Recorded: to ActiveMQ.DLQ if it is persistent, otherwise nowhere. At its moment, by our choice."""
    world.send("a", lives=200, delivery_mode=mode)
    assert (world.queue.next_end(0), world.queue.next_change(0)) == (200, 0)
    world.broker.settle(199)
    assert bodies(world.queue.store.messages()) == "a"
    world.broker.settle(500)
    assert world.fates("q") == {"a": fate}
    assert [step.at_ms for step in world.ledger.steps if step.kind == "left"] == [200]
    found = [dict(one.properties) for one in world.dlq.store.taken.values()]
    assert found == ([] if text is None else [{"originalExpiration": "200", "dlqDeliveryFailureCause": text}])


def test_what_expires_with_a_consumer_goes_when_it_would_have_come_again(world: World) -> None:
    """Recorded: a second after the rollback, not before."""
    world.send("a", lives=300)
    held = world.queue.receive(1, 0)
    world.broker.settle(500)
    assert world.queue.next_end(500) is None
    world.queue.give_back(held, 500)
    world.broker.settle(1_499)
    assert world.fates("q") == {"a": "pending"}
    world.broker.settle(9_000)
    assert [(step.at_ms, step.kind, step.place) for step in world.ledger.steps[2:]] == [
        (1_500, "left", "q"),
        (1_500, "entered", "ActiveMQ.DLQ"),
    ]


def test_a_message_that_was_given_back_in_time_expires_at_its_moment(world: World) -> None:
    """It is watched again when it comes back."""
    world.send("a", lives=2_000)
    world.send("b")
    world.queue.give_back(world.queue.receive(2, 0), 0)
    world.broker.settle(1_500)
    assert bodies(world.queue.store.messages()) == "ab"
    world.broker.settle(2_000)
    assert world.fates("q")["a"] == "dead_lettered"


def test_a_message_that_had_expired_on_its_way(world: World) -> None:
    """It ends when it came, not before."""
    world.broker.settle(1_000)
    world.queue.put(world.message("a", 0, lives=10), 1_000)
    world.broker.settle(1_000)
    assert [step.at_ms for step in world.ledger.steps if step.kind == "left"] == [1_000]


def test_a_message_that_is_not_persistent_is_not_kept(world: World) -> None:
    """ActiveMQ.DLQ takes none of these: processNonPersistent is off."""
    queue = world.broker.declare("n", policy=RedeliveryPolicy(maximumRedeliveries=0))
    world.send("a", queue=queue, delivery_mode=1)
    assert queue.give_back(queue.receive(1, 0), 7) == 7
    assert world.fates("n") == {"a": "discarded"}


def test_what_happens_by_itself_is_foreseen(world: World) -> None:
    """Announced messages, and of ActiveMQ.DLQ what will expire elsewhere."""
    other = world.broker.declare("o")
    for at_ms, body, queue in ((30, "b", world.queue), (20, "c", other)):
        record = world.message(body, at_ms)
        world.broker.announce(at_ms, queue, lambda now_ms, record=record, queue=queue: queue.put(record, now_ms))
    assert (world.queue.next_change(0), other.next_change(0), world.dlq.next_change(0)) == (30, 20, None)
    world.send("d", lives=100)
    world.send("e", lives=50, delivery_mode=1)
    assert world.dlq.next_change(0) == 100
    world.broker.settle(1_000)
    assert [(one.record.id) for one in world.dlq.store.messages()] == ["d"]
    assert bodies(other.receive(9, 1_000)) == "c"
    assert world.queue.next_end(0) is None


def test_of_a_mixed_batch_each_message_has_its_own_count(world: World) -> None:
    """One that came for the seventh time goes, one that came for the first comes again."""
    world.send("a")
    now_ms = 0
    for _ in range(6):
        now_ms = world.queue.give_back(world.queue.receive(1, now_ms), now_ms)
    world.send("b", now_ms)
    assert world.queue.give_back(world.queue.receive(9, now_ms), now_ms) == now_ms + 1_000
    assert world.fates("q") == {"a": "dead_lettered", "b": "pending"}


def test_a_delivery_is_answered_once(world: World) -> None:
    """What is no longer held is passed over."""
    world.send("a")
    (old,) = world.queue.receive(1, 0)
    world.queue.give_back([old], 0, closing=True)
    assert world.queue.acknowledge([old], 0, fate="processed") == 0
    assert world.queue.give_back([old], 0) == 0
    assert world.queue.acknowledge(world.queue.receive(1, 0), 0, fate="processed") == 1
    world.queue.check()


def test_a_purge_takes_what_nobody_holds(world: World) -> None:
    """What waits for its redelivery, too."""
    for body in "abc":
        world.send(body)
    world.queue.give_back(world.queue.receive(1, 0), 0)
    held = world.queue.receive(1, 0)
    world.queue.purge(0)
    world.queue.purge(0)
    assert world.fates("q") == {"a": "discarded", "b": "pending", "c": "discarded"}
    assert world.queue.next_change(0) is None
    assert world.queue.give_back(held, 0) == 1_000
    assert repr(world.queue) == "<JmsQueue q>"


def test_a_queue_is_declared_once(world: World) -> None:
    """And a miscount is found."""
    with pytest.raises(UsageError, match="exists already"):
        world.broker.declare("q")
    world.queue.store._counts["held"] += 1
    with pytest.raises(ConservationError, match="q has 0 messages"):
        world.queue.check()
