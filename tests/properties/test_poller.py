"""What a queue's poller may and may not do, whatever the function answers and however time passes.

The function is scripted: what happens to a record at its first, second, third… attempt; the last entry repeats, so that
some records never succeed. `LAMBDA_EVENTS_EXAMPLES=20000` tries so many plans.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events.brokers.visibility_ports import FixedSettings
from pytest_lambda_events.brokers.visibility_queue import VisibilityQueue
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.model.mapping import MappingConfig
from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.model.records import SqsMessage
from pytest_lambda_events.model.trace import Ledger, Trace
from pytest_lambda_events.polling import batching
from pytest_lambda_events.polling import queue as polling
from pytest_lambda_events.polling.concurrency import Reservation
from pytest_lambda_events.polling.queue import QueuePoller
from pytest_lambda_events.polling.run import Limits, drive

EXAMPLES = int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "150"))
START_MS = 1_735_689_600_000
LIMITS = Limits(invocations=5_000, ms=15 * 86_400_000)
SMALL_LIMIT = 400  # bytes, in the place of 6 MB: a few records of the sizes below

thorough = settings(
    max_examples=EXAMPLES,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
few = settings(thorough, max_examples=max(EXAMPLES // 3, 20))


# -- the world --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attempt:
    """What a record makes the function do: an ending, having slept, having taken at least so long."""

    kind: str
    slept: int = 0
    duration: int = 0


@dataclass(frozen=True)
class Sent:
    """Records to send, all alike: their script, and when they come."""

    script: tuple[Attempt, ...]
    delay: int | None = None
    ahead: int | None = None
    padding: int = 0
    copies: int = 1


@dataclass(frozen=True)
class Phase:
    """Some sends, then a run of so many milliseconds (None: no run), then an outage."""

    sends: tuple[Sent, ...]
    run: int | None
    outage: int


@dataclass(frozen=True)
class Plan:
    """A mapping, a queue, and what happens."""

    phases: tuple[Phase, ...]
    batch_size: int = 10
    window: int = 0
    reports: bool = True
    visibility: int = 30_000
    delay: int = 0
    retention: int = 300_000
    most: int | None = None
    limit: int | None = None


class Shape:
    """The least that an event needs."""

    overhead = len('{"Records":[]}')

    def record_text(self, delivery):
        record = {"id": delivery.record.id, "handle": delivery.receipt_handle, "count": delivery.receive_count}
        return json.dumps({**record, "body": delivery.record.body}, separators=(",", ":"))

    def event_text(self, texts):
        return f'{{"Records":[{",".join(texts)}]}}'


class ScriptedFunction:
    """Ends as the records of its batch say; where they disagree the worst one decides."""

    def __init__(self, clock, scripts):
        self.clock = clock
        self.scripts = scripts
        self.attempts = Counter()

    def invoke(self, event_text, request_id):
        parts = {}
        for record in json.loads(event_text)["Records"]:
            script = self.scripts[record["id"]]
            parts[record["id"]] = script[min(self.attempts[record["id"]], len(script) - 1)]
            self.attempts[record["id"]] += 1
        started = self.clock.now_ms
        self.clock.jump_to(started + sum(part.slept for part in parts.values()))
        ended = max(self.clock.now_ms, started + max(part.duration for part in parts.values()))
        kinds = {part.kind for part in parts.values()}
        for kind in ("error", "timeout", "malformed"):
            if kind in kinds:
                return Ending(kind, started, ended, None, None, f"scripted: {kind}")
        failures = [{"itemIdentifier": record_id} for record_id, part in parts.items() if part.kind == "failed"]
        if "stranger" in kinds:
            failures.append({"itemIdentifier": "nobody"})
        return Ending("returned", started, ended, {"batchItemFailures": failures} if failures else None, None, None)


class World:
    """A queue with a dead-letter queue, a poller, and what they wrote down."""

    def __init__(self, plan):
        self.plan = plan
        self.clock = VirtualClock(START_MS)
        self.ledger = Ledger()
        self.scripts = {}
        receipts, requests = count(1), count(1)

        def made(name, fixed):
            return VisibilityQueue(name, fixed, self.ledger, lambda: f"h{next(receipts)}")

        self.dead = made("dead", FixedSettings(retention_ms=14 * 86_400_000))
        self.queue = made(
            "orders",
            FixedSettings(
                visibility_ms=plan.visibility,
                delay_ms=plan.delay,
                retention_ms=plan.retention,
                max_receive_count=plan.most,
                dead_letter_queue=None if plan.most is None else self.dead,
            ),
        )
        self.poller = QueuePoller(
            "mapping",
            config=MappingConfig(
                batch_size=plan.batch_size,
                window_ms=plan.window,
                reports_failures=plan.reports,
                enabled=True,
                parameters={},
            ),
            broker=self.queue,
            shape=lambda config: Shape(),
            function=ScriptedFunction(self.clock, self.scripts),
            reservation=Reservation(None),
            clock=self.clock,
            ledger=self.ledger,
            new_request_id=lambda: f"r{next(requests)}",
        )

    def send(self, sent):
        now = self.clock.now_ms
        at = None if sent.ahead is None else now + sent.ahead
        for _ in range(sent.copies):
            record = SqsMessage(id=f"m{len(self.scripts)}", body="x" * sent.padding, sent_timestamp=now, sender_id="")
            self.scripts[record.id] = sent.script
            self.queue.send(record, now, delay_ms=sent.delay, at_ms=at)

    def run(self, horizon=None):
        return drive(
            lambda: [self.poller],
            self.clock,
            LIMITS,
            horizon_ms=None if horizon is None else self.clock.now_ms + horizon,
        )

    # -- what was written down ----------------------------------------------------------------------------------------

    def moments(self, kind, place):
        """Record id to the moments of its steps of this kind."""
        found = defaultdict(list)
        for step in self.ledger.steps:
            if step.kind == kind and step.place == place:
                for record_id in step.records:
                    found[record_id].append(step.at_ms)
        return found

    def left(self):
        """Record id to when it left the queue, and how. Each at most once."""
        found = {}
        for step in self.ledger.steps:
            if step.kind == "left" and step.place == "orders":
                for record_id in step.records:
                    assert record_id not in found
                    found[record_id] = (step.at_ms, step.detail)
        return found


def played(plan):
    """A world in which the plan has happened, run to its end. The last run must come to rest by itself."""
    world = World(plan)
    with pytest.MonkeyPatch.context() as patch:
        if plan.limit is not None:
            patch.setattr(polling, "PAYLOAD_LIMIT_BYTES", plan.limit)
            patch.setattr(polling, "fits", partial(batching.fits, limit=plan.limit))
        for phase in plan.phases:
            for sent in phase.sends:
                world.send(sent)
            if phase.run is not None:
                until = world.clock.now_ms + phase.run
                assert world.run(phase.run) == "horizon"
                assert world.clock.now_ms >= until
            world.clock.jump_to(world.clock.now_ms + phase.outage)
        assert world.run() == "idle"
    return world


# -- plans ------------------------------------------------------------------------------------------------------------

moments = st.sampled_from([0, 1, 500, 1_000, 2_000, 10_000, 30_000])
kinds = st.sampled_from(["done", "done", "done", "failed", "failed", "error", "timeout", "malformed", "stranger"])
attempts = st.builds(
    Attempt,
    kind=kinds,
    slept=st.sampled_from([0, 0, 0, 1, 1_000, 2_000]),
    duration=st.sampled_from([0, 0, 0, 1, 1_000, 10_000]),
)
sends = st.builds(
    Sent,
    script=st.lists(attempts, min_size=1, max_size=4).map(tuple),
    delay=st.none() | moments,
    ahead=st.none() | moments,
    padding=st.sampled_from([0, 20, 100, 200]),
    copies=st.sampled_from([1, 1, 1, 1, 12]),
)
phases = st.builds(
    Phase,
    sends=st.lists(sends, max_size=8).map(tuple),
    run=st.none() | moments,
    outage=st.sampled_from([0, 0, 1, 1_000, 30_000, 60_000]),
)


@st.composite
def plans(draw):
    batch_size = draw(st.integers(1, 10) | st.sampled_from([11, 20, 10_000]))
    window = draw(st.sampled_from([1_000, 5_000, 20_000] if batch_size > 10 else [0, 0, 1_000, 5_000]))
    visibility = draw(st.sampled_from([1_000, 2_000, 5_000, 30_000]))
    return Plan(
        phases=tuple(draw(st.lists(phases, min_size=1, max_size=3))),
        batch_size=batch_size,
        window=window,
        reports=draw(st.booleans()),
        visibility=visibility,
        delay=draw(st.sampled_from([0, 0, 1_000])),
        retention=visibility * draw(st.sampled_from([1, 2, 10])) + draw(st.sampled_from([0, 0, 1, 500])),
        most=draw(st.none() | st.integers(1, 4)),
        limit=draw(st.sampled_from([None, None, SMALL_LIMIT])),
    )


# -- the laws: each reads what a played plan wrote down ---------------------------------------------------------------


def nothing_is_lost_and_nothing_is_invented(plan, world):
    """At rest each record that was sent has one fate, that of its one leaving, and is where that says."""
    world.queue.check()
    fates = world.ledger.fates(["orders"], [len(world.ledger.places.get("orders", ()))])
    left = world.left()
    assert fates.keys() == world.scripts.keys() == left.keys()
    assert fates == {record_id: fate for record_id, (_, fate) in left.items()}
    assert set(fates.values()) <= {"processed", "expired", "dead_lettered"}
    assert list(world.queue) == []
    assert all(len(moments) == 1 for moments in world.moments("entered", "orders").values())
    dead_lettered = {record_id for record_id in fates if fates[record_id] == "dead_lettered"}
    assert {message.record.id for message in world.dead} == dead_lettered
    received = world.moments("received", "orders")
    for message in world.dead:
        assert message.receive_count == len(received[message.record.id]) == plan.most


def receive_counts_are_receives(plan, world):
    """A first receive is number 1, and so on, one visibility timeout apart at least; the event says which it was."""
    seen = Counter()
    for step in world.ledger.steps:
        if step.kind == "received":
            assert len(step.records) == len(set(step.records)) == len(step.detail) <= 10
            for record_id, number in zip(step.records, step.detail, strict=True):
                seen[record_id] += 1
                assert number == seen[record_id]
    assert world.poller.metrics["PolledEventCount"] == seen.total()
    for moments in world.moments("received", "orders").values():
        assert all(later - earlier >= plan.visibility for earlier, later in pairwise(moments))
    for call in world.ledger.invocations:
        assert all(1 <= record["count"] <= seen[record["id"]] for record in call.event["Records"])


def who_is_deleted_was_in_a_success(plan, world):
    """An invocation deletes those that it did not fail and that are still there, and no others."""
    left, deleted = world.left(), set()
    invocations = iter(world.ledger.invocations)
    pending = []  # the deletions since the last invocation ended
    for step in world.ledger.steps:
        if step.kind == "left" and step.detail == "processed":
            pending += [(step.at_ms, record_id) for record_id in step.records]
        elif step.kind == "ended":
            call = next(invocations)
            failed = {record.id for record in call.failed}
            ids = {record.id for record in call.records}
            assert all(at == step.at_ms for at, _ in pending)
            now_deleted = {record_id for _, record_id in pending}
            assert now_deleted <= ids - failed
            gone_before = {one for one in ids - failed - now_deleted if left[one][0] <= step.at_ms}
            assert now_deleted | gone_before == ids - failed
            assert bool(failed) == (call.outcome != "success")
            assert failed == ids or call.outcome in ("success", "partial")
            deleted |= now_deleted
            pending = []
    assert pending == []
    assert {record_id for record_id, (_, fate) in left.items() if fate == "processed"} == deleted
    metrics = world.poller.metrics
    assert metrics["DeletedEventCount"] == len(deleted)
    assert metrics["Invocations"] == len(world.ledger.invocations)
    assert metrics["InvokedEventCount"] == sum(len(call.records) for call in world.ledger.invocations)
    assert metrics["FailedInvokeEventCount"] == sum(len(call.failed) for call in world.ledger.invocations)


def no_event_is_too_large(plan, world):
    """No event has more records than BatchSize or more bytes than the limit, or a record twice, or none."""
    for call in world.ledger.invocations:
        ids = [record["id"] for record in call.event["Records"]]
        assert ids == [record.id for record in call.records]
        assert 1 <= len(ids) == len(set(ids)) <= plan.batch_size
        assert len(call.event_text.encode()) <= (plan.limit or batching.PAYLOAD_LIMIT_BYTES)


def a_batch_goes_when_it_may(plan, world):
    """One batch at a time; one that is not full waits for the window, which runs from the end of the one before."""
    begun = [step for step in world.ledger.steps if step.kind == "invoked"]
    ended = [step.at_ms for step in world.ledger.steps if step.kind == "ended"]
    for step, previous in zip(begun, [START_MS, *ended][:-1], strict=True):
        assert step.at_ms >= previous
        if len(step.records) < plan.batch_size and plan.limit is None:
            assert step.at_ms >= previous + plan.window
    if plan.window == 0 and plan.limit is None:
        # nothing is kept waiting, so to be received is to be attempted, and attempts are as far apart as receives
        assert world.moments("invoked", "mapping") == world.moments("received", "orders")


def an_outcome_takes_effect_at_the_end(plan, world):
    """Not before the invocation has ended, and at exactly that moment unless nobody polled then."""
    ended = [step.at_ms for step in world.ledger.steps if step.kind == "ended"]
    for at, call in zip(ended, world.ledger.invocations, strict=True):
        end = START_MS + round((call.at + call.duration) * 1000)
        assert at >= end
        assert at == end or any(phase.outage for phase in plan.phases)


LAWS = (
    nothing_is_lost_and_nothing_is_invented,
    receive_counts_are_receives,
    who_is_deleted_was_in_a_success,
    no_event_is_too_large,
    a_batch_goes_when_it_may,
    an_outcome_takes_effect_at_the_end,
)


# -- the properties ---------------------------------------------------------------------------------------------------


@thorough
@given(plans())
def test_every_plan_comes_to_rest_and_keeps_the_laws(plan) -> None:
    """Whatever the function answers and however time passes: with finite retention a run ends, and the laws hold."""
    world = played(plan)
    for law in LAWS:
        law(plan, world)


@few
@given(plans())
def test_same_inputs_same_trace(plan) -> None:
    """Two worlds with the same plan write the same trace, byte for byte."""
    assert Trace(played(plan).ledger.steps).to_json() == Trace(played(plan).ledger.steps).to_json()


@thorough
@given(
    st.lists(st.tuples(st.integers(0, 5), moments, moments), min_size=1, max_size=12),
    st.integers(1, 10),
    st.sampled_from([1_000, 2_000, 30_000]),
    st.none() | st.integers(1, 4),
    st.integers(1, 6),
    st.sampled_from([0, 1, 999]),
)
def test_with_an_instant_function_the_story_can_be_told_in_advance(
    records, batch_size, visibility, most, timeouts, odd
) -> None:
    """A record is attempted when it is visible and after each visibility timeout, until something ends it."""
    retention = visibility * timeouts + odd
    plan = Plan(
        phases=(
            Phase(
                sends=tuple(
                    Sent(script=(Attempt("failed"),) * failures + (Attempt("done"),), delay=delay, ahead=ahead)
                    for failures, delay, ahead in records
                ),
                run=None,
                outage=0,
            ),
        ),
        batch_size=batch_size,
        visibility=visibility,
        retention=retention,
        most=most,
    )
    world = played(plan)
    attempted, left = world.moments("invoked", "mapping"), world.left()
    for number, (failures, delay, ahead) in enumerate(records):
        entered = START_MS + ahead
        visible, expected = entered + delay, []
        while True:
            if visible >= entered + retention:
                end = (entered + retention, "expired")
            elif len(expected) == most:
                end = (visible, "dead_lettered")
            else:
                expected.append(visible)
                if len(expected) <= failures:
                    visible += visibility
                    continue
                end = (visible, "processed")
            break
        assert (attempted[f"m{number}"], left[f"m{number}"]) == (expected, end)


# -- found by the above, or by thinking about it ----------------------------------------------------------------------


@pytest.mark.parametrize("many", [1, 15])
def test_a_visibility_timeout_of_zero_does_not_keep_the_poller_receiving(many) -> None:
    """Messages that are visible again at once are gathered once for each batch, so that gathering ends."""
    world = World(Plan(phases=(), batch_size=20, window=1_000, visibility=0))
    receive, calls = world.queue.receive, count(1)

    def counted(limit, now_ms):
        assert next(calls) < 100
        return receive(limit, now_ms)

    world.queue.receive = counted
    world.send(Sent(script=(Attempt("done"),), copies=many))
    assert world.run(60_000) == "horizon"
    assert [len(call.records) for call in world.ledger.invocations] == [many]


def test_a_batch_that_is_full_by_bytes_does_not_wait_for_its_window() -> None:
    """What did not fit is kept for the next batches, without another receive; only the last has to wait."""
    nine = Sent(script=(Attempt("done"),), padding=50, copies=9)
    world = played(Plan(phases=(Phase(sends=(nine,), run=None, outage=0),), window=20_000, limit=SMALL_LIMIT))
    assert [(call.at, len(call.records)) for call in world.ledger.invocations] == [(0, 4), (0, 4), (20, 1)]
    assert [len(received) for received in world.moments("received", "orders").values()] == [1] * 9
