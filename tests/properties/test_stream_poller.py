"""What a stream's poller may and may not do, whatever the function answers, the stream does and time brings.

The function is scripted: what happens to a record at its first, second, third… attempt; the last entry repeats, so that
some records never succeed. `LAMBDA_EVENTS_EXAMPLES=20000` tries so many plans.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import count, pairwise
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events.brokers.shard_stream import ShardStream
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.model.mapping import MappingConfig
from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.model.trace import Ledger, Trace
from pytest_lambda_events.polling import gathering, retrying, stream
from pytest_lambda_events.polling.concurrency import Reservation
from pytest_lambda_events.polling.run import Limits, drive
from pytest_lambda_events.polling.stream import StreamPoller

EXAMPLES = int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "150"))
START_MS = 1_735_689_600_000
LIMITS = Limits(invocations=20_000, ms=15 * 86_400_000)
SMALL_LIMIT = 500  # bytes, in the place of 6 MB: a few records of the sizes below

thorough = settings(
    max_examples=EXAMPLES,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
few = settings(thorough, max_examples=max(EXAMPLES // 3, 20))


# -- the world --------------------------------------------------------------------------------------------------------


class Record(NamedTuple):
    """A record of the stream; equal by all it has, which is never the same twice."""

    id: str
    arrival_ms: int
    shard: str
    key: str
    padding: int


@dataclass(frozen=True)
class Attempt:
    """What a record makes the function do: an ending, having slept, having taken at least so long."""

    kind: str
    slept: int = 0
    duration: int = 0


@dataclass(frozen=True)
class Put:
    """Records to put, all alike: their script, into which of the open shards, under which key, and when."""

    script: tuple[Attempt, ...]
    shard: int = 0
    key: int = 0
    ahead: int | None = None
    padding: int = 0
    copies: int = 1


@dataclass(frozen=True)
class Reshard:
    """Split one of the open shards, or merge it with the next."""

    shard: int
    merges: bool


@dataclass(frozen=True)
class Change:
    """Another configuration."""

    enabled: bool | None = None
    parallelization: int | None = None
    batch_size: int | None = None


@dataclass(frozen=True)
class Phase:
    """What is done, then a run of so many milliseconds (None: no run), then an outage."""

    deeds: tuple[Put | Reshard | Change, ...]
    run: int | None
    outage: int


@dataclass(frozen=True)
class Plan:
    """A mapping, a stream, and what happens."""

    phases: tuple[Phase, ...]
    before: tuple[Put | Reshard, ...] = ()
    shards: int = 1
    batch_size: int = 10
    window: int = 0
    reports: bool = True
    bisects: bool = False
    retries: int | None = None
    age: int | None = None
    parallelization: int = 1
    position: str = "TRIM_HORIZON"
    retention: int = 300_000
    reserved: int | None = None
    filters: bool = False
    limit: int | None = None

    @property
    def changes(self):
        return [deed for phase in self.phases for deed in phase.deeds if isinstance(deed, Change)]


class Shape:
    """The least that an event needs."""

    overhead = len('{"Records":[]}')

    def record_text(self, record):
        return json.dumps({"id": record.id, "padding": "x" * record.padding}, separators=(",", ":"))

    def event_text(self, texts):
        return f'{{"Records":[{",".join(texts)}]}}'

    def item_identifier(self, record):
        return record.id

    def order_key(self, record):
        return record.key


class World:
    """A stream, a function that does what its records say, a destination, a poller, and what they wrote down."""

    def __init__(self, plan):
        self.plan = plan
        self.clock = VirtualClock(START_MS)
        self.ledger = Ledger()
        self.retention_ms = plan.retention
        self.stream = ShardStream("arn", settings=self, journal=self.ledger)
        self.scripts, self.records = {}, {}
        self.attempts = Counter()
        self.discards = []
        self.names, requests = count(), count(1)
        for _ in range(plan.shards):
            self.open_shard()
        for deed in plan.before:
            self.do(deed)
        self.stream.settle(START_MS)
        self.known_before = len(self.records)
        self.poller = StreamPoller(
            "mapping",
            config=MappingConfig(
                batch_size=plan.batch_size,
                window_ms=plan.window,
                reports_failures=plan.reports,
                enabled=True,
                parameters={},
                starting_position=plan.position,
                retry_attempts=plan.retries,
                record_age_ms=plan.age,
                bisects=plan.bisects,
                parallelization=plan.parallelization,
            ),
            broker=self.stream,
            shape=lambda _config: Shape(),
            function=self,
            reservation=Reservation(plan.reserved),
            clock=self.clock,
            ledger=self.ledger,
            new_request_id=lambda: f"r{next(requests)}",
            destination_of=lambda config: self,
            filter_of=lambda config: (lambda text: '3","padding' not in text) if plan.filters else None,
        )

    # -- the stream ---------------------------------------------------------------------------------------------------

    def open_shard(self, parents=()):
        self.stream.open_shard(f"s{len(self.stream.shards)}", self.clock.now_ms, parents)

    def open_shards(self):
        return [shard for shard in self.stream.shards.values() if shard.closed_ms is None]

    def do(self, deed):
        self.stream.settle(self.clock.now_ms)
        if isinstance(deed, Put):
            now = self.clock.now_ms
            if deed.ahead is None:
                self.put(deed, now)
            else:
                self.stream.announce(now + deed.ahead, lambda at: self.put(deed, at))
        elif isinstance(deed, Reshard):
            self.reshard(deed)
        else:
            changes = {name: value for name, value in vars(deed).items() if value is not None}
            self.poller.reconfigure(replace(self.poller.config, **changes))

    def put(self, deed, at):
        shards = self.open_shards()
        shard = shards[deed.shard % len(shards)]
        for _ in range(deed.copies):
            record = Record(f"m{next(self.names)}", at, shard.id, f"k{deed.key}", deed.padding)
            self.scripts[record.id], self.records[record.id] = deed.script, record
            self.stream.append(shard.id, record, at)

    def reshard(self, deed):
        shards = self.open_shards()
        first = shards[deed.shard % len(shards)]
        parents = {first.id, shards[(deed.shard + 1) % len(shards)].id} if deed.merges else {first.id}
        for parent in parents:
            self.stream.close_shard(parent, self.clock.now_ms)
        for _ in range(1 if deed.merges else 2):
            self.open_shard(tuple(sorted(parents)))

    # -- the function and the destination -----------------------------------------------------------------------------

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

    def deliver(self, discard):
        self.discards.append(discard)

    def run(self, horizon=None):
        return drive(
            lambda: [self.poller],
            self.clock,
            LIMITS,
            horizon_ms=None if horizon is None else self.clock.now_ms + horizon,
        )

    # -- what was written down ----------------------------------------------------------------------------------------

    def left(self):
        """Record id to the number of the step in which it ended, and how. Each at most once."""
        found = {}
        for number, step in enumerate(self.ledger.steps):
            if step.kind == "left":
                for record_id in step.records:
                    assert record_id not in found
                    found[record_id] = (number, step.detail)
        return found

    def tries(self):
        """Each invocation: the numbers of the steps in which it began and ended, its records, its request id."""
        begun, found = {}, []
        for number, step in enumerate(self.ledger.steps):
            if step.kind == "invoked":
                begun[step.detail] = number
            elif step.kind == "ended" and step.detail[2] in begun:
                found.append((begun.pop(step.detail[2]), number, step.records, step.detail[2]))
        assert begun == {}
        return sorted(found)


def played(plan):
    """A world in which the plan has happened, run to its end. The last run must come to rest by itself."""
    with pytest.MonkeyPatch.context() as patch:
        if plan.limit is not None:
            for module in (gathering, retrying, stream):
                patch.setattr(module, "PAYLOAD_LIMIT_BYTES", plan.limit)
            fits = stream.fits
            patch.setattr(stream, "fits", lambda *given: fits(*given, plan.limit))
        world = World(plan)
        for phase in plan.phases:
            for deed in phase.deeds:
                world.do(deed)
            if phase.run is not None:
                until = world.clock.now_ms + phase.run
                assert world.run(phase.run) == "horizon"
                assert world.clock.now_ms >= until
                world.poller.check()
            world.clock.jump_to(world.clock.now_ms + phase.outage)
        world.do(Change(enabled=True))
        assert world.run() == "idle"
        world.poller.check()
        assert world.poller.blocked() == []
    return world


# -- plans ------------------------------------------------------------------------------------------------------------

moments = st.sampled_from([0, 1, 200, 500, 1_000, 2_000, 10_000, 30_000])
kinds = st.sampled_from(
    ["done", "done", "done", "done", "failed", "failed", "error", "timeout", "malformed", "stranger"]
)
attempts = st.builds(
    Attempt,
    kind=kinds,
    slept=st.sampled_from([0, 0, 0, 1, 1_000]),
    duration=st.sampled_from([0, 0, 0, 1, 1_000, 10_000]),
)
puts = st.builds(
    Put,
    script=st.lists(attempts, min_size=1, max_size=4).map(tuple),
    shard=st.integers(0, 3),
    key=st.integers(0, 4),
    ahead=st.none() | moments,
    padding=st.sampled_from([0, 20, 100, 200, 600]),
    copies=st.sampled_from([1, 1, 1, 1, 12]),
)
reshards = st.builds(Reshard, shard=st.integers(0, 3), merges=st.booleans())
changes = st.builds(
    Change,
    enabled=st.sampled_from([None, False, True]),
    parallelization=st.sampled_from([None, None, 1, 2, 5]),
    batch_size=st.sampled_from([None, None, 1, 3]),
)
phases = st.builds(
    Phase,
    deeds=st.lists(puts | puts | puts | reshards | changes, max_size=8).map(tuple),
    run=st.none() | moments,
    outage=st.sampled_from([0, 0, 1, 1_000, 30_000, 60_000]),
)
plans = st.builds(
    Plan,
    phases=st.lists(phases, min_size=1, max_size=3).map(tuple),
    before=st.lists(puts | reshards, max_size=3).map(tuple),
    shards=st.integers(1, 3),
    batch_size=st.integers(1, 10) | st.sampled_from([100, 10_000]),
    window=st.sampled_from([0, 0, 1_000, 5_000, 20_000]),
    reports=st.booleans(),
    bisects=st.booleans(),
    retries=st.none() | st.integers(0, 4),
    age=st.sampled_from([None, None, 60_000, 100_000]),
    parallelization=st.sampled_from([1, 1, 2, 3, 10]),
    position=st.sampled_from(["TRIM_HORIZON", "TRIM_HORIZON", "LATEST"]),
    retention=st.sampled_from([50_000, 120_000, 300_001]),
    reserved=st.sampled_from([None, None, None, 1, 0]),
    filters=st.booleans(),
    limit=st.sampled_from([None, None, SMALL_LIMIT]),
)


# -- the laws: each reads what a played plan wrote down ---------------------------------------------------------------


def nothing_is_lost_and_nothing_is_invented(plan, world):
    """At rest each record that is the mapping's has one fate, and no other record has any."""
    place = world.ledger.places.get("mapping", [])
    fates = world.ledger.fates(["mapping"], [len(place)])
    left = world.left()
    assert fates == {record_id: fate for record_id, (_, fate) in left.items()}
    assert set(fates.values()) <= {"processed", "discarded", "expired", "filtered"}
    known = list(world.records)
    first = world.known_before if plan.position == "LATEST" else 0
    assert sorted(fates) == sorted(known[first:])
    assert len([entry for entry in place if entry.fate == "pending"]) == len(fates)
    if plan.filters:
        assert all(fates[name].startswith(("filtered", "expired")) for name in fates if name.endswith("3"))
    else:
        assert "filtered" not in fates.values()


def who_is_processed_was_in_a_success(plan, world):
    """An invocation ends those before its first failure, at once, and no others."""
    processed, invocations = [], iter(world.ledger.invocations)
    done = {record_id for record_id, (_, fate) in world.left().items() if fate == "processed"}
    for step in world.ledger.steps:
        if step.kind == "left" and step.detail == "processed":
            processed += step.records
        elif step.kind == "ended":
            call = next(invocations)
            ids = [record.id for record in call.records]
            failed = [record.id for record in call.failed]
            assert ids == processed + failed
            assert bool(failed) == (call.outcome != "success")
            assert failed == ids or call.outcome in ("success", "partial")
            done -= set(processed)
            processed = []
    assert processed == []
    assert done == set()


def destinations_hear_of_what_was_given_up(plan, world):
    """Once each, with the count of their attempts."""
    given_up = [record.id for discard in world.discards for record in discard.records]
    assert len(given_up) == len(set(given_up))
    assert set(given_up) == {name for name, (_, fate) in world.left().items() if fate == "discarded"}
    tries = Counter(request for _, _, _, request in world.tries())
    for discard in world.discards:
        ages = [discard.at_ms - record.arrival_ms for record in discard.records]
        assert discard.event_text == Shape().event_text([Shape().record_text(one) for one in discard.records])
        if discard.condition == "RecordAgeExceeded":
            assert plan.age is not None
            assert min(ages) > plan.age
            assert discard.has_response_context is False
            assert discard.function_error is None
        else:
            assert discard.invoke_count == 1 + plan.retries
        if discard.has_response_context:
            assert discard.invoke_count == tries[discard.request_id]
            assert not plan.bisects or len(discard.records) == 1


def batches_are_of_one_shard_in_order_and_not_too_large(plan, world):
    """No event has more records than BatchSize or more bytes than the limit, or a record twice, or none."""
    most = max([plan.batch_size, *(change.batch_size or 0 for change in plan.changes)])
    for call in world.ledger.invocations:
        ids = [record["id"] for record in call.event["Records"]]
        assert ids == [record.id for record in call.records]
        assert 1 <= len(ids) <= most
        assert len({record.shard for record in call.records}) == 1
        places = [world.stream.shards[record.shard].records.index(record) for record in call.records]
        assert places == sorted(set(places))
        too_large = len(call.event_text.encode()) > (plan.limit or 10**9)
        assert not too_large or (len(ids) == 1 and "RequestEntityTooLarge" in call.problem)


def order_holds(plan, world):
    """A record is first tried after all before it in its shard under its key have ended, and all of its parents'.

    Or together with them.
    """
    ended = {record_id: number for record_id, (number, _) in world.left().items()}
    first_tried = {}
    for begun, _, ids, _ in world.tries():
        for record_id in ids:
            first_tried.setdefault(record_id, begun)
    for shard in world.stream.shards.values():
        inherited = [record for parent in shard.parents for record in world.stream.shards[parent].records]
        for place, record in enumerate(shard.records):
            begun = first_tried.get(record.id)
            if begun is not None:
                together = world.ledger.steps[begun].records
                before = [one for one in shard.records[:place] if one.key == record.key and one.id not in together]
                # what is not the mapping's, or ended before it was the mapping's, is nowhere
                assert all(ended.get(one.id, 0) < begun for one in [*before, *inherited])


def nothing_of_one_key_overlaps(plan, world):
    """In a shard no more batches at once than asked for, and never two with records of one key."""
    most = max([plan.parallelization, *(change.parallelization or 0 for change in plan.changes)])
    open_tries = defaultdict(dict)
    moves = sorted(move for begun, ended, ids, _ in world.tries() for move in ((begun, 1, ids), (ended, 0, ids)))
    for _, begins, ids in moves:
        records = [world.records[one] for one in ids]
        running = open_tries[records[0].shard]
        if begins:
            keys = {record.key for record in records}
            assert all(keys.isdisjoint(others) for others in running.values())
            running[ids] = keys
            assert len(running) <= most
        else:
            del running[ids]


def retries_are_unchanged_and_wait(plan, world):
    """One request id is one event; its attempts are as many as allowed, each delay twice the one before."""
    tries = defaultdict(list)
    for call in world.ledger.invocations:
        tries[call.request_id].append(call)
    for calls in tries.values():
        assert len({call.event_text for call in calls}) == 1
        ran = [call for call in calls if call.outcome != "throttled"]
        if plan.retries is not None:
            assert len(ran) <= 1 + plan.retries
        if len(calls[0].records) > 1 and plan.bisects:
            assert len(ran) <= 1
        if len(ran) == len(calls):
            for number, (earlier, later) in enumerate(pairwise(calls)):
                waited = round((later.at - earlier.at - earlier.duration) * 1000)
                assert waited >= min(200 * 2**number, 60_000)


def a_batch_goes_when_it_may(plan, world):
    """One that is not full, and not the rest of another, waits for the window, which runs from the end of the last."""
    if plan.parallelization > 1 or plan.limit is not None or plan.age is not None or plan.changes:
        return
    ended_at, unfinished = {}, {}
    for step in world.ledger.steps:
        if step.kind == "invoked":
            shard = world.records[step.records[0]].shard
            fresh = not set(step.records) & unfinished.get(shard, set())
            if fresh and len(step.records) < plan.batch_size and shard in ended_at:
                assert step.at_ms >= ended_at[shard] + plan.window
            unfinished[shard] = unfinished.get(shard, set()) | set(step.records)
        elif step.kind == "ended" and step.detail[0] != "throttled" and "TooLarge" not in (step.detail[3] or ""):
            ended_at[world.records[step.records[0]].shard] = step.at_ms


def metrics_count(plan, world):
    """What the invocations show."""
    metrics, calls = world.poller.metrics, world.ledger.invocations
    ran = [call for call in calls if call.outcome != "throttled" and "TooLarge" not in (call.problem or "")]
    failed = [call for call in calls if call.outcome != "throttled"]
    fates = Counter(fate for _, fate in world.left().values())
    assert metrics["Invocations"] == len(ran) == len(world.tries())
    assert metrics["Throttles"] == sum(call.outcome == "throttled" for call in calls)
    assert metrics["InvokedEventCount"] == sum(len(call.records) for call in ran)
    assert metrics["FailedInvokeEventCount"] == sum(len(call.failed) for call in failed)
    assert metrics["FilteredOutEventCount"] == fates["filtered"]
    assert metrics["OnFailureDestinationDeliveredEventCount"] == fates["discarded"]
    if not plan.changes:
        assert metrics["PolledEventCount"] <= fates.total()
    ages = [round(call.at * 1000) + START_MS - call.records[-1].arrival_ms for call in ran]
    assert metrics["IteratorAge"] == max(ages, default=0)


LAWS = (
    nothing_is_lost_and_nothing_is_invented,
    who_is_processed_was_in_a_success,
    destinations_hear_of_what_was_given_up,
    batches_are_of_one_shard_in_order_and_not_too_large,
    order_holds,
    nothing_of_one_key_overlaps,
    retries_are_unchanged_and_wait,
    a_batch_goes_when_it_may,
    metrics_count,
)


# -- the properties ---------------------------------------------------------------------------------------------------


@thorough
@given(plans)
def test_every_plan_comes_to_rest_and_keeps_the_laws(plan) -> None:
    """Whatever the function answers, the stream does and time brings: with finite retention a run ends."""
    world = played(plan)
    for law in LAWS:
        law(plan, world)


@few
@given(plans)
def test_same_inputs_same_trace(plan) -> None:
    """Two worlds with the same plan write the same trace, byte for byte."""
    assert Trace(played(plan).ledger.steps).to_json() == Trace(played(plan).ledger.steps).to_json()


@thorough
@given(
    st.integers(1, 60),
    st.sets(st.integers(0, 59), max_size=12),
    st.integers(1, 100),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from([1, 2, 5]),
    st.sampled_from(["error", "failed"]),
)
def test_bisect_gives_up_exactly_the_poisoned_records(
    many, poisoned, batch_size, retries, reports, parallelization, kind
) -> None:
    """Whichever they are and however they fail: each alone, in order, after all of its attempts; nothing else."""
    kind = kind if reports else "error"
    deeds = tuple(
        Put(script=(Attempt(kind if number in poisoned else "done"),), key=number % 7) for number in range(many)
    )
    world = played(
        Plan(
            phases=(Phase(deeds=deeds, run=None, outage=0),),
            batch_size=batch_size,
            bisects=True,
            retries=retries,
            reports=reports,
            parallelization=parallelization,
        )
    )
    expected = [f"m{number}" for number in sorted(poisoned) if number < many]
    given_up = [[record.id for record in discard.records] for discard in world.discards]
    assert sorted(given_up) == sorted([[one] for one in expected])
    assert parallelization > 1 or [one for [one] in given_up] == expected
    assert all(discard.invoke_count == 1 + retries for discard in world.discards)
    alone = Counter(step.records[0] for step in world.ledger.steps if step.kind == "invoked" and len(step.records) == 1)
    assert all(alone[one] >= 1 + retries for one in expected)


# -- windows ----------------------------------------------------------------------------------------------------------


class Summing:
    """A function of tumbling windows: hands on the names that it has seen, and fails as its scripts say."""

    def __init__(self, clock, script, duration):
        self.clock, self.script, self.duration = clock, script, duration
        self.events, self.closed = [], []

    def invoke(self, event_text, request_id):
        event = json.loads(event_text)
        now = self.clock.now_ms
        kind = self.script[len(self.events) % len(self.script)]
        self.events.append((now, event, kind))
        names = [record["id"] for record in event["Records"]]
        ending = Ending("returned", now, now + self.duration, None, None, None)
        if kind == "error":
            return ending._replace(kind="error")
        if event["isFinalInvokeForWindow"]:
            self.closed.append((event["shardId"], event["window"]["start"], event["state"].get("names", [])))
            return ending
        if kind == "stateless":
            return ending._replace(response={})
        failed = names[len(names) // 2 :] if kind == "failed" and len(names) > 1 else []
        done = names[: len(names) - len(failed)]
        state = {"names": event["state"].get("names", []) + done}
        failures = [{"itemIdentifier": name} for name in failed]
        return ending._replace(response={"state": state, "batchItemFailures": failures})


class Day:
    """Settings of a stream that keeps its records so long."""

    retention_ms = 86_400_000


def text_of(start_ms):
    """As the event writes it."""
    return dt.datetime.fromtimestamp(start_ms / 1000, dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class WindowShape(Shape):
    def window_text(self, texts, window, *, shard_id, moment_ms):
        event = window.event([json.loads(text) for text in texts], shard_id=shard_id, arn="arn", moment_ms=moment_ms)
        return json.dumps(event, separators=(",", ":"))


@thorough
@given(
    st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 1)), min_size=1, max_size=20),
    st.lists(st.sampled_from(["done", "done", "error", "failed", "stateless"]), min_size=1, max_size=5).filter(
        lambda script: "done" in script
    ),
    st.sampled_from([1_000, 10_000, 900_000]),
    st.integers(1, 6),
    st.booleans(),
    st.sampled_from([0, 0, 700, 3_000]),
    st.sampled_from([0, 0, 1_000, 20_000]),
    st.booleans(),
)
def test_every_window_adds_up_to_its_records(
    records, script, length, batch_size, bisects, duration, window, closes
) -> None:
    """Whatever fails on the way: each window of each shard ends once, with exactly its records, in order."""
    clock, ledger = VirtualClock(START_MS), Ledger()
    shards = ShardStream("arn", settings=Day, journal=ledger)
    for name in ("s0", "s1"):
        shards.open_shard(name, START_MS)
    function = Summing(clock, script, duration)
    names = count(1)
    poller = StreamPoller(
        "mapping",
        config=MappingConfig(
            batch_size=batch_size,
            window_ms=window,
            reports_failures=True,
            enabled=True,
            parameters={},
            starting_position="TRIM_HORIZON",
            bisects=bisects,
            tumbling_ms=length,
        ),
        broker=shards,
        shape=lambda _config: WindowShape(),
        function=function,
        reservation=Reservation(None),
        clock=clock,
        ledger=ledger,
        new_request_id=lambda: f"r{next(names)}",
    )
    expected = defaultdict(list)
    for number, (after, shard) in enumerate(sorted(records)):
        at, name = START_MS + after, f"s{shard}"
        start = at // length * length
        expected[name, start].append(f"m{number}")
        record = Record(f"m{number}", at, name, "k", 0)
        shards.announce(at, lambda now, name=name, record=record: shards.append(name, record, now))
    if closes:
        shards.announce(START_MS + 60_000, lambda now: shards.close_shard("s0", now))
    assert drive(lambda: [poller], clock, LIMITS) == "idle"
    poller.check()
    bounds = {start: text_of(start) for _, start in expected}
    for name in ("s0", "s1"):
        closed = [(start, seen) for shard, start, seen in function.closed if shard == name]
        assert closed == [(bounds[start], seen) for (shard, start), seen in sorted(expected.items()) if shard == name]
    for now, event, _ in function.events:
        arrivals = [START_MS + sorted(records)[int(record["id"][1:])][0] for record in event["Records"]]
        assert all(event["window"]["start"] == text_of(arrival // length * length) for arrival in arrivals)
        assert all(arrival <= now for arrival in arrivals)
        assert bool(arrivals) != event["isFinalInvokeForWindow"]
