"""The poller of a broker that nobody can look into: it is asked, answers, and keeps what is not acknowledged."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest

from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.model.mapping import MappingConfig
from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.model.trace import Ledger
from pytest_lambda_events.polling.acknowledging import AcknowledgingPoller
from pytest_lambda_events.polling.backoff import requeue_ms
from pytest_lambda_events.polling.concurrency import Reservation
from pytest_lambda_events.polling.run import Limits, drive

ASKS_MS = 100
HALF_BYTES = 6_291_456 // 2 - 2
"""Half of what an event may have; around two such messages stand two brackets, and behind each of them a comma."""


@dataclass(frozen=True)
class Record:
    """A message."""

    id: str


@dataclass(frozen=True)
class Delivery:
    """As it was handed out."""

    record: Record
    count: int
    out_ms: int

    @property
    def redelivered(self) -> bool:
        return self.count > 1


class Remote:
    """A broker behind a connection: no time of its own, nothing to count, only answers."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[str, int]] = deque()
        self.calls: list[tuple[Any, ...]] = []
        self.delay_ms = 0

    def settle(self, now_ms: int) -> None:
        """It happens by itself."""

    def receive(self, limit: int, now_ms: int) -> list[Delivery]:
        taken = [self.waiting.popleft() for _ in range(min(limit, len(self.waiting)))]
        return [Delivery(Record(name), times + 1, now_ms) for name, times in taken]

    def acknowledge(self, deliveries: Any, now_ms: int, *, fate: Any) -> int:
        self.calls.append((fate, "".join(one.record.id for one in deliveries)))
        return len(deliveries)

    def give_back(self, deliveries: Any, now_ms: int, *, closing: bool = False) -> int:
        self.calls.append(("closed" if closing else "back", "".join(one.record.id for one in deliveries)))
        self.waiting.extendleft((one.record.id, one.count) for one in reversed(deliveries))
        return now_ms + self.delay_ms

    def next_change(self, now_ms: int) -> int | None:
        return now_ms if self.waiting else now_ms + ASKS_MS

    def next_end(self, now_ms: int) -> int | None:
        return None

    def check(self) -> None:
        """Nobody can tell."""


class Shape:
    """Events are the names of their messages; those in capitals are too large, and two with a digit just fit."""

    overhead = 2

    def record_text(self, delivery: Delivery) -> str:
        name = delivery.record.id
        return "X" * 7_000_000 if name.isupper() else "x" * HALF_BYTES if name.isdigit() else name

    def event_text(self, record_texts: Any) -> str:
        return "".join(record_texts)


class World:
    """A poller of such a broker, and a function that fails with the messages in `fails`."""

    def __init__(self, **changes: Any) -> None:
        self.clock = VirtualClock(1_000)
        self.broker = Remote()
        self.ledger = Ledger()
        self.fails = ""
        self.events: list[tuple[int, str]] = []
        requests = count(1)
        given: dict[str, Any] = {"rest_ms": requeue_ms, "reservation": Reservation(None), "filter_of": lambda _: None}
        self.poller = AcknowledgingPoller(
            "mapping",
            config=MappingConfig(batch_size=3, window_ms=500, reports_failures=False, enabled=True, parameters={}),
            broker=self.broker,
            queue="q",
            shape=Shape(),
            function=self,
            clock=self.clock,
            ledger=self.ledger,
            new_request_id=lambda: f"r{next(requests)}",
            **{**given, **changes},
        )

    def invoke(self, event_text: str, request_id: str) -> Ending:
        now_ms = self.clock.now_ms
        self.events.append((now_ms - 1_000, event_text))
        if set(event_text) & set(self.fails):
            return Ending("error", now_ms, now_ms, None, ValueError("no"), "raised ValueError: no")
        return Ending("returned", now_ms, now_ms, None, None, None)

    def send(self, names: str) -> None:
        self.broker.waiting.extend((name, 0) for name in names)

    def run(self, ms: int, invocations: int = 1_000) -> list[tuple[int, str]]:
        drive(
            lambda: [self.poller],
            self.clock,
            Limits(invocations=invocations, ms=10**9),
            horizon_ms=self.clock.now_ms + ms,
        )
        return self.events


@pytest.fixture
def world() -> World:
    """One consumer, delays as of RabbitMQ."""
    return World()


def test_it_asks_as_often_as_the_broker_says(world: World) -> None:
    """And finds what came meanwhile."""
    assert world.run(150) == []
    world.send("a")
    assert world.run(1_000) == [(650, "a")]  # received at 150, and waited for others
    assert world.broker.calls == [("processed", "a")]


def test_a_full_batch_goes_at_once(world: World) -> None:
    """The rest waits."""
    world.send("abcd")
    assert world.run(600) == [(0, "abc"), (500, "d")]


def test_what_fills_an_event_goes_at_once(world: World) -> None:
    """To the byte: the window is waited for when one more would fit."""
    world.send("12")
    ((at_ms, event),) = world.run(1_000)
    assert (0, 2 * HALF_BYTES) == (at_ms, len(event))


def test_a_failed_batch_is_given_back_and_tried_after_the_pollers_own_delay(world: World) -> None:
    """With what came meanwhile, without a window."""
    world.fails = "b"
    world.send("ab")
    world.run(600)
    world.send("c")
    assert world.run(3_400) == [(500, "ab"), (1_500, "abc"), (3_500, "abc")]
    assert world.broker.calls == [("back", "ab"), ("back", "abc"), ("back", "abc")]


@pytest.mark.parametrize(
    ("own_ms", "brokers_ms", "second"), [(0, 3_000, 3_500), (2_000, 3_000, 3_500), (3_000, 0, 3_500)]
)
def test_the_longer_delay_counts(own_ms: int, brokers_ms: int, second: int) -> None:
    """The broker's or the poller's."""
    world = World(rest_ms=lambda _failures: own_ms)
    world.broker.delay_ms = brokers_ms
    world.fails = "a"
    world.send("a")
    assert world.run(second) == [(500, "a"), (second, "a")]


def test_a_throttled_batch_is_given_back(world: World) -> None:
    """It did not run, and counts for no limit of invocations."""
    throttled = World(reservation=Reservation(0))
    throttled.send("a")
    assert throttled.run(2_000, invocations=1) == []
    assert throttled.broker.calls == [("back", "a"), ("back", "a")]
    (blocked,) = throttled.poller.blocked()
    assert (blocked.shard_id, blocked.record, blocked.throttles) == ("q", Record("a"), 2)


def test_filtered_and_too_large_messages_are_acknowledged() -> None:
    """Each with its fate, in as few calls as possible."""
    world = World(filter_of=lambda _: lambda text: text not in "bd")
    world.send("abXcd")
    world.run(1_000)
    assert world.broker.calls == [("filtered", "b"), ("discarded", "X"), ("filtered", "d"), ("processed", "ac")]
    assert world.poller.metrics["PolledEventCount"] == 5
    assert world.poller.metrics["FilteredOutEventCount"] == 2
    assert world.poller.metrics["DroppedEventCount"] == 1


def test_disabling_closes_the_connection(world: World) -> None:
    """With all that was gathered; enabling begins anew."""
    world.send("ab")
    world.run(100)
    world.poller.reconfigure(replace(world.poller.config, enabled=False))
    world.poller.reconfigure(replace(world.poller.config, enabled=False))
    assert world.broker.calls == [("closed", "ab")]
    assert world.poller.next_due(world.clock.now_ms) is None
    world.poller.reconfigure(replace(world.poller.config, enabled=True))
    assert world.run(0) == [(100, "ab")]
    world.poller.close()


def test_a_success_unblocks(world: World) -> None:
    """And the delays begin anew."""
    world.fails = "a"
    world.send("a")
    world.run(1_600)
    (blocked,) = world.poller.blocked()
    assert (blocked.attempts, blocked.problem) == (2, "raised ValueError: no")
    assert world.poller.last_result == "PROBLEM: Function call failed"
    world.fails = ""
    world.run(3_000)
    assert world.poller.blocked() == []
    assert world.poller.last_result == "OK"


@pytest.mark.parametrize(
    ("tries", "delay_ms"), [(1, 1_000), (2, 2_000), (3, 4_000), (6, 32_000), (7, 60_000), (500, 60_000)]
)
def test_rabbitmqs_delays(tries: int, delay_ms: int) -> None:
    """A second, doubling, up to a minute: our choice."""
    assert requeue_ms(tries) == delay_ms
