"""Classic queues and what leads from one to the other. What is marked as recorded was tried on RabbitMQ 3.10.8, with
the same outcome.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_lambda_events import UsageError
from pytest_lambda_events.brokers.amqp_settings import read_arguments
from pytest_lambda_events.brokers.amqp_vhost import VirtualHost
from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.model.rabbitmq_message import RabbitMqMessage
from pytest_lambda_events.model.trace import Ledger

TO_DEAD = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}


class World:
    """A virtual host, and how it is used in short: messages are named by their body."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.copies = 0
        self.vhost = VirtualHost(self.ledger, self._copied)
        self.sent = 0

    def _copied(self, record: RabbitMqMessage, queue: str) -> RabbitMqMessage:
        self.copies += 1
        return replace(record, id=f"copy{self.copies}", queue=queue)

    def queue(self, name: str, **arguments: Any) -> Any:
        given = {name.replace("_", "-"): value for name, value in arguments.items()}
        return self.vhost.declare_queue(name, name, read_arguments(given))

    def send(self, body: str, key: str, now_ms: int = 0, *, exchange: str = "", **properties: Any) -> list[Any]:
        records = []
        for queue in self.vhost.route(exchange, key):
            self.sent += 1
            record = RabbitMqMessage(
                id=f"{body}{self.sent}", data=body.encode(), queue=queue.name, vhost="/", sent_ms=now_ms, **properties
            )
            self.vhost.settle(now_ms)
            self.vhost.publish(queue, record, now_ms, exchange=exchange, routing_key=key)
            records.append(record)
        return records

    def fates(self, place: str) -> dict[str, str]:
        return {self.ledger.records[one.record_id].data.decode(): str(one.fate) for one in self.ledger.places[place]}


@pytest.fixture
def world() -> World:
    """An empty virtual host."""
    return World()


def bodies(deliveries: Any) -> str:
    """The bodies of deliveries or records."""
    return "".join((getattr(one, "record", one)).data.decode() for one in deliveries)


def ready(queue: Any) -> str:
    """What is there, by body."""
    return bodies(queue.store.messages())


def test_what_is_requeued_goes_to_its_old_place(world: World) -> None:
    """Recorded. Whatever the order of the nacks."""
    queue = world.queue("q")
    for body in "0123":
        world.send(body, "q")
    first, second, third = queue.receive(3, 0)
    for one in (second, first, third):
        assert queue.give_back([one], 5) == 5
    again = queue.receive(9, 5)
    assert bodies(again) == "0123"
    assert [(one.redelivered, one.count) for one in again] == [(True, 2)] * 3 + [(False, 1)]
    queue.check()


def test_a_delivery_is_answered_once(world: World) -> None:
    """What is no longer held is passed over."""
    queue = world.queue("q")
    world.send("a", "q")
    (old,) = queue.receive(1, 0)
    queue.give_back([old], 0)
    assert queue.acknowledge([old], 0, fate="processed") == 0
    (new,) = queue.receive(1, 0)
    assert queue.acknowledge([new, new], 0, fate="processed") == 1
    assert queue.give_back([new], 1) == 1
    assert ready(queue) == ""
    queue.check()


def test_a_time_to_live_ends_at_the_head_only(world: World) -> None:
    """Recorded. A short one waits behind a long one, and goes when that is taken."""
    queue, dead = world.queue("q", **TO_DEAD), world.queue("dead")
    world.send("l", "q", expiration="60000")
    world.send("s", "q", expiration="30")
    world.vhost.settle(300)
    assert (ready(queue), ready(dead)) == ("ls", "")
    (held,) = queue.receive(1, 300)
    assert (bodies([held]), ready(dead)) == ("l", "s")
    assert [step.at_ms for step in world.ledger.steps if step.kind == "left"] == [300]


def test_what_comes_to_the_head_too_late_ends_then(world: World) -> None:
    """Not at its own moment, which is past."""
    world.queue("q")
    world.send("l", "q", expiration="100")
    world.send("s", "q", expiration="30")
    world.vhost.settle(300)
    assert [(step.at_ms, step.detail) for step in world.ledger.steps if step.kind == "left"] == [(100, "expired")] * 2


def test_the_queues_time_to_live_holds_for_what_has_a_longer_one(world: World) -> None:
    """Recorded. The shorter of both; the message's own is noted whichever it was."""
    queue, dead = world.queue("q", x_message_ttl=50, **TO_DEAD), world.queue("dead")
    world.send("a", "q", expiration="5000")
    assert queue.next_end(0) == 50
    world.vhost.settle(49)
    assert ready(queue) == "a"
    world.vhost.settle(50)
    (record,) = dead.store.taken.values()
    assert record.headers["x-death"][0]["original-expiration"] == "5000"
    assert record.expiration is None


def test_what_is_with_a_consumer_does_not_expire_until_it_is_given_back(world: World) -> None:
    """Recorded. Then at once: the time to live goes on."""
    queue, dead = world.queue("q", x_message_ttl=200, **TO_DEAD), world.queue("dead")
    world.send("z", "q")
    held = queue.receive(1, 0)
    world.vhost.settle(400)
    assert ready(dead) == ""
    queue.give_back(held, 400)
    assert (ready(queue), ready(dead)) == ("", "z")
    assert queue.receive(1, 400) == []


def test_priorities(world: World) -> None:
    """Recorded. Highest first, as they came within one; none is the lowest, more than there are is the highest."""
    queue = world.queue("p", x_max_priority=5)
    for body, priority in (("a", None), ("b", 9), ("c", 5), ("d", 1)):
        world.send(body, "p", priority=priority)
    assert bodies(queue.receive(9, 0)) == "bcda"


def test_without_max_priority_a_priority_means_nothing(world: World) -> None:
    """It is a property like others."""
    queue = world.queue("p")
    world.send("a", "p", priority=1)
    world.send("b", "p", priority=9)
    assert bodies(queue.receive(9, 0)) == "ab"


def test_a_low_priority_waits_behind_a_high_one_though_it_has_expired(world: World) -> None:
    """RabbitMQ documentation, "Priority queues": only the head expires."""
    queue = world.queue("p", x_max_priority=5, **TO_DEAD)
    world.queue("dead")
    world.send("h", "p", priority=5)
    world.send("l", "p", priority=1, expiration="30")
    world.vhost.settle(300)
    assert ready(queue) == "hl"


def test_a_queue_that_is_too_long_drops_its_head(world: World) -> None:
    """Recorded. With priorities that is the highest; what a consumer holds counts when it comes back."""
    queue, dead = world.queue("q", x_max_length=2, **TO_DEAD), world.queue("dead")
    world.send("1", "q")
    held = queue.receive(1, 0)
    world.send("2", "q")
    world.send("3", "q")
    assert ready(dead) == ""
    queue.give_back(held, 0)
    assert (ready(dead), ready(queue)) == ("1", "23")
    assert next(iter(dead.store.taken.values())).headers["x-first-death-reason"] == "maxlen"
    by_priority = world.queue("p", x_max_priority=5, x_max_length=2)
    for body, priority in (("h", 5), ("l", 1), ("m", 1)):
        world.send(body, "p", priority=priority)
    assert ready(by_priority) == "lm"
    assert world.fates("p")["h"] == "discarded"


def test_a_limit_of_zero_keeps_nothing(world: World) -> None:
    """A strange queue, and no endless loop."""
    queue = world.queue("q", x_max_length=0)
    world.send("a", "q")
    assert ready(queue) == ""


def test_a_direct_exchange_goes_by_the_whole_key(world: World) -> None:
    """To every queue that is bound with it, once."""
    one, two = world.queue("one"), world.queue("two")
    for name in ("one", "two", "two"):
        world.vhost.bind(name, "x", "key")
    world.vhost.bind("two", "x", "other")
    assert len(world.send("a", "key", exchange="x")) == 2
    assert world.send("b", "key.more", exchange="x") == world.send("c", "k", exchange="nowhere") == []
    world.send("d", "other", exchange="x")
    assert (ready(one), ready(two)) == ("a", "ad")
    assert world.send("e", "three") == []


@pytest.mark.parametrize("name", ["", "amq.topic", "amq.fanout"])
def test_an_exchange_that_is_not_simulated(world: World, name: str) -> None:
    """Said so."""
    world.queue("q")
    with pytest.raises(UsageError, match="not simulated"):
        world.vhost.bind("q", name, "k")
    world.vhost.bind("q", "amq.direct", "k")


def test_a_queue_is_declared_once(world: World) -> None:
    """Two would be one on RabbitMQ."""
    world.queue("q")
    with pytest.raises(UsageError, match="exists already"):
        world.queue("q")


def test_a_dead_letter_exchange_without_a_key_of_its_own_keeps_the_messages(world: World) -> None:
    """And a message keeps what it is: its id, and what it was sent as."""
    queue = world.queue("q", x_dead_letter_exchange="dlx", x_message_ttl=30)
    dead = world.queue("dead")
    world.vhost.bind("dead", "dlx", "q")
    (record,) = world.send("a", "q", content_type="text/plain")
    world.vhost.settle(100)
    (moved,) = dead.store.taken.values()
    assert moved == record
    assert (moved.queue, moved.content_type) == ("dead", "text/plain")
    assert record.headers is None
    assert world.vhost.dead_letters_of(queue) == [dead]
    assert [(step.at_ms, step.kind, step.place, step.detail) for step in world.ledger.steps[1:]] == [
        (30, "left", "q", "dead_lettered"),
        (30, "entered", "dead", None),
    ]


def test_several_queues_get_a_dead_message(world: World) -> None:
    """The first the message itself, the others copies."""
    world.queue("q", x_dead_letter_exchange="dlx", x_dead_letter_routing_key="k", x_message_ttl=30)
    one, two = world.queue("one"), world.queue("two")
    world.vhost.bind("one", "dlx", "k")
    world.vhost.bind("two", "dlx", "k")
    (record,) = world.send("a", "q")
    world.vhost.settle(100)
    assert [list(queue.store.taken) for queue in (one, two)] == [[record.id], ["copy1"]]
    assert two.store.taken["copy1"].headers["x-death"][0]["queue"] == "q"


@pytest.mark.parametrize(("reason", "fate"), [("expired", "expired"), ("rejected", "discarded")])
@pytest.mark.parametrize("arguments", [{}, {"x_dead_letter_exchange": "nobody-declared-it"}])
def test_a_message_that_has_nowhere_to_go_is_gone(
    world: World, reason: str, fate: str, arguments: dict[str, Any]
) -> None:
    """Dropped in silence, as RabbitMQ does."""
    queue = world.queue("q", x_message_ttl=30, **arguments)
    (record,) = world.send("a", "q")
    if reason == "rejected":
        queue.reject([record.id], 10)
    world.vhost.settle(100)
    assert world.fates("q") == {"a": fate}


def test_what_another_consumer_rejects(world: World) -> None:
    """It has to be there, and not be with somebody."""
    queue, dead = world.queue("q", **TO_DEAD), world.queue("dead")
    (one,), (two,) = world.send("a", "q"), world.send("b", "q")
    queue.receive(1, 0)
    with pytest.raises(UsageError, match="is not ready in q"):
        queue.reject([two.id, one.id], 0)
    queue.reject([two.id, two.id], 0)
    assert ready(dead) == "b"


def test_a_circle_of_times_to_live_ends(world: World) -> None:
    """Recorded. RabbitMQ drops a message that expires its way back to where it was."""
    world.queue("c1", x_dead_letter_exchange="", x_dead_letter_routing_key="c2", x_message_ttl=30)
    world.queue("c2", x_dead_letter_exchange="", x_dead_letter_routing_key="c1", x_message_ttl=30)
    world.send("a", "c1")
    world.vhost.settle(500)
    assert [(step.at_ms, step.place, step.detail) for step in world.ledger.steps if step.kind == "left"] == [
        (30, "c1", "dead_lettered"),
        (60, "c2", "expired"),
    ]


def test_a_retry_through_a_waiting_queue_goes_on_as_long_as_it_is_rejected(world: World) -> None:
    """The usual pattern: reject, wait, come back."""
    work = world.queue("work", x_dead_letter_exchange="", x_dead_letter_routing_key="wait")
    world.queue("wait", x_dead_letter_exchange="", x_dead_letter_routing_key="work", x_message_ttl=50)
    (record,) = world.send("a", "work")
    for turn in range(4):
        now_ms = 100 * turn
        work.reject([record.id], now_ms)
        assert work.next_change(now_ms) == now_ms + 50
    world.vhost.settle(1_000)
    counts = [death["count"] for death in work.store.taken[record.id].headers["x-death"]]
    assert (ready(work), counts) == ("a", [4, 4])


def test_everything_happens_in_the_order_of_time(world: World) -> None:
    """Announced messages and times to live of several queues, however late somebody looks."""
    one = world.queue("one", x_message_ttl=100, **TO_DEAD)
    two, dead = world.queue("two", x_message_ttl=30, **TO_DEAD), world.queue("dead")
    world.send("a", "one")
    for at_ms, body, queue in ((80, "b", two), (20, "c", two)):
        record = RabbitMqMessage(id=body, data=body.encode(), queue=queue.name, vhost="/", sent_ms=at_ms)

        def put(now_ms: int, record: Any = record, queue: Any = queue) -> None:
            world.vhost.publish(queue, record, now_ms, exchange="", routing_key=queue.name)

        world.vhost.announce(at_ms, queue, put)
    assert (two.next_change(0), one.next_end(0), dead.next_change(0)) == (20, 100, 20)
    world.vhost.settle(1_000)
    assert bodies(dead.store.taken.values()) == "cab"
    assert [step.at_ms for step in world.ledger.steps if step.place == "dead"] == [50, 100, 110]
    assert dead.next_end(0) is None
    assert two.next_change(1_000) is None


def test_what_was_announced_for_others_is_not_expected(world: World) -> None:
    """Unless its dead letters come here."""
    one, two = world.queue("one", x_message_ttl=5, **TO_DEAD), world.queue("two")
    dead, other = world.queue("dead"), world.queue("other")
    for at_ms, queue in ((10, one), (20, two), (30, one)):
        world.vhost.announce(at_ms, queue, lambda _now_ms: None)
    assert [queue.next_change(0) for queue in (one, two, dead, other)] == [10, 20, 10, None]


def test_a_purge_takes_what_nobody_holds(world: World) -> None:
    """And has a fate for it."""
    queue = world.queue("q")
    for body in "ab":
        world.send(body, "q")
    held = queue.receive(1, 0)
    queue.purge(0)
    queue.purge(0)
    assert world.fates("q") == {"a": "pending", "b": "discarded"}
    queue.give_back(held, 0)
    assert ready(queue) == "a"
    assert repr(queue) == "<AmqpQueue q>"


def test_a_miscount_is_found(world: World) -> None:
    """The law that nothing is lost."""
    queue = world.queue("q")
    world.send("a", "q")
    queue.store._counts["ready"] += 1
    with pytest.raises(ConservationError, match="q has 1 messages"):
        queue.check()
