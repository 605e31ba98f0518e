"""What a log's poller may and may not do, whatever the function answers, however time passes and whoever else reads.

The function is scripted: what happens to a record at its first, second, third… attempt; the last entry repeats, so that
some records never succeed. `LAMBDA_EVENTS_EXAMPLES=20000` tries so many plans.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events.brokers.memory_log import MemoryLog
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.model.kafka_record import KafkaRecord
from pytest_lambda_events.model.mapping import MappingConfig
from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.model.trace import Ledger, Trace
from pytest_lambda_events.polling import log, log_reading, retrying
from pytest_lambda_events.polling.concurrency import Reservation
from pytest_lambda_events.polling.log import LogPoller
from pytest_lambda_events.polling.run import Limits, drive
from pytest_lambda_events.sources.kafka.event import KafkaEventShape, event_of

EXAMPLES = int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "150"))
START_MS = 1_735_689_600_000
LIMITS = Limits(invocations=20_000, ms=30 * 86_400_000)
FILTERED = "ZmlsdGVyZWQ="  # the key of records that the filter drops, in base64
SMALL_LIMIT = 600  # bytes, in the place of 6 MB: a few records of the sizes below

thorough = settings(
    max_examples=EXAMPLES,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass(frozen=True)
class Sent:
    """A record: what becomes of it at each attempt, where and when it comes, how large it is."""

    script: tuple[str, ...]
    partition: int
    ahead: int
    padding: int
    slept: int


@dataclass(frozen=True)
class Act:
    """Something that happens from outside, and how long the world runs after it."""

    kind: str
    run: int


@dataclass(frozen=True)
class Plan:
    """A topic, a mapping, and what happens."""

    sends: tuple[Sent, ...]
    acts: tuple[Act, ...]
    partitions: int
    batch_size: int
    window: int
    reports: bool
    bisects: bool
    retries: int | None
    age: int | None
    retention: int
    pollers: int
    duration: int
    limit: int | None


class Function:
    """Ends as the records of its batch say; where they disagree the worst one decides."""

    def __init__(self, clock, plan):
        self.clock = clock
        self.plan = plan
        self.attempts = Counter()

    def invoke(self, event_text, request_id):
        event = json.loads(event_text)
        kinds, failed, slept = set(), [], 0
        for name, records in event["records"].items():
            for record in records:
                sent = self.plan.sends[int(dict(record["headers"][0])["n"][0])]
                place = name, record["offset"]
                kind = sent.script[min(self.attempts[place], len(sent.script) - 1)]
                self.attempts[place] += 1
                kinds.add(kind)
                slept += sent.slept
                if kind == "failed":
                    failed.append({"itemIdentifier": {"partition": name, "offset": record["offset"]}})
        started = self.clock.now_ms
        self.clock.jump_to(started + slept)
        ended = max(self.clock.now_ms, started + self.plan.duration)
        for kind in ("error", "timeout", "malformed"):
            if kind in kinds:
                return Ending(kind, started, ended, None, None, f"scripted: {kind}")
        if "stranger" in kinds:
            failed.append({"itemIdentifier": "orders-0-0"})
        return Ending("returned", started, ended, {"batchItemFailures": failed}, None, None)


class Foreign:
    """A consumer that commits all that it is given."""

    def __init__(self, world):
        self.world = world

    def assigned(self, partitions, now_ms):
        pass

    def revoked(self, partitions, now_ms):
        pass

    def poll(self):
        group, topic = self.world.group, self.world.topic
        for number in group.partitions_of(self):
            partition = topic.partitions[number]
            start = max(group.committed[number], partition.first)
            self.world.taken += [record.id for record in partition.records[start:]]
            group.commit(number, partition.end)


class World:
    """A topic, a group, a poller, and what they wrote down."""

    def __init__(self, plan):
        self.plan = plan
        self.clock = VirtualClock(START_MS)
        self.ledger = Ledger()
        self.topic = MemoryLog(
            "topic",
            partitions=plan.partitions,
            journal=self.ledger,
            dice=random.Random(0),
            retention_ms=plan.retention,
        )
        self.group = self.topic.group("group")
        self.taken = []
        self.foreign = None
        requests = count(1)
        self.poller = LogPoller(
            "mapping",
            config=MappingConfig(
                batch_size=plan.batch_size,
                window_ms=plan.window,
                reports_failures=plan.reports,
                enabled=True,
                parameters={"ProvisionedPollerConfig": {"MinimumPollers": plan.pollers}},
                starting_position="TRIM_HORIZON",
                retry_attempts=plan.retries,
                record_age_ms=plan.age,
                bisects=plan.bisects,
            ),
            broker=self.topic,
            group=self.group,
            shape=KafkaEventShape("orders", lambda: {"eventSource": "SelfManagedKafka", "bootstrapServers": "a:1"}),
            function=Function(self.clock, plan),
            reservation=Reservation(None),
            clock=self.clock,
            ledger=self.ledger,
            new_request_id=lambda: f"r{next(requests)}",
            filter_of=lambda _config: lambda text: FILTERED not in text,
        )
        for number, sent in enumerate(plan.sends):
            self.topic.announce(
                START_MS + sent.ahead, lambda at_ms, sent=sent, number=number: self.put(sent, number, at_ms)
            )

    def put(self, sent, number, at_ms):
        partition = self.topic.partitions[sent.partition % self.plan.partitions]
        key = b"filtered" if sent.script == ("filtered",) else None
        record = KafkaRecord(
            topic="orders",
            partition=partition.number,
            offset=partition.end,
            timestamp=at_ms,
            key=key,
            value=b"x" * sent.padding,
            headers=(("n", bytes([number])),),
        )
        self.topic.append(record, at_ms)

    def act(self, kind):
        poller, now_ms = self.poller, self.clock.now_ms
        if kind in ("disable", "enable"):
            poller.reconfigure(replace(poller.config, enabled=kind == "enable"))
        elif kind == "change":
            poller.reconfigure(replace(poller.config, batch_size=poller.config.batch_size % 7 + 1))
        elif kind == "join" and self.foreign is None:
            self.foreign = Foreign(self)
            self.group.join(self.foreign, now_ms)
        elif kind == "leave" and self.foreign is not None:
            self.group.leave(self.foreign, now_ms)
            self.foreign = None
        elif kind == "poll" and self.foreign is not None:
            self.topic.settle(now_ms)
            self.foreign.poll()
        elif kind == "outage":
            self.clock.jump_to(now_ms + 5_000)

    def run(self, horizon=None):
        reason = drive(
            lambda: [self.poller],
            self.clock,
            LIMITS,
            horizon_ms=None if horizon is None else self.clock.now_ms + horizon,
        )
        self.poller.check()
        return reason

    @property
    def steps(self):
        return [step for step in self.ledger.steps if step.place == "mapping"]


def played(plan):
    """A world in which the plan has happened, run to its end with the mapping alone and enabled."""
    world = World(plan)
    with pytest.MonkeyPatch.context() as patch:
        if plan.limit is not None:
            for module in (log, retrying):
                patch.setattr(module, "PAYLOAD_LIMIT_BYTES", plan.limit)
            patch.setattr(
                log, "fits_by_partition", lambda *args: log_reading.fits_by_partition(*args, limit=plan.limit)
            )
        for act in plan.acts:
            world.act(act.kind)
            world.run(act.run)
        world.act("leave")
        world.act("enable")
        assert world.run() == "idle"
    return world


# -- plans ------------------------------------------------------------------------------------------------------------

kinds = st.sampled_from(["done", "done", "done", "failed", "failed", "error", "timeout", "malformed", "stranger"])
scripts = st.one_of(st.just(("filtered",)), *[st.lists(kinds, min_size=1, max_size=4).map(tuple)] * 5)
sends = st.builds(
    Sent,
    script=scripts,
    partition=st.integers(0, 3),
    ahead=st.sampled_from([0, 0, 1, 400, 500, 2_000, 30_000]),
    padding=st.sampled_from([0, 10, 100, 300]),
    slept=st.sampled_from([0, 0, 0, 1, 700]),
)
acts = st.builds(
    Act,
    kind=st.sampled_from(["disable", "enable", "enable", "change", "join", "leave", "poll", "outage"]),
    run=st.sampled_from([0, 0, 100, 500, 600, 3_000]),
)
plans = st.builds(
    Plan,
    sends=st.lists(sends, max_size=14).map(tuple),
    acts=st.lists(acts, max_size=6).map(tuple),
    partitions=st.integers(1, 4),
    batch_size=st.sampled_from([1, 2, 3, 5, 100]),
    window=st.sampled_from([0, 500, 500, 5_000]),
    reports=st.booleans(),
    bisects=st.booleans(),
    retries=st.sampled_from([None, 0, 1, 3]),
    age=st.sampled_from([None, None, 60_000]),
    retention=st.sampled_from([1_000, 60_000, 600_000]),
    pollers=st.sampled_from([1, 1, 2, 3]),
    duration=st.sampled_from([0, 0, 1, 1_000]),
    limit=st.sampled_from([None, None, SMALL_LIMIT]),
)


# -- the laws ---------------------------------------------------------------------------------------------------------


def nothing_is_lost_and_nothing_is_invented(plan, world):
    """Each record that was sent ended with one fate, or was read by somebody else."""
    fates = world.ledger.fates(["mapping"], [len(world.ledger.places.get("mapping", ()))])
    everything = {record.id for record in world.topic.order}
    assert len(everything) == len(plan.sends)
    assert set(fates.values()) <= {"processed", "filtered", "discarded", "expired"}
    gone = {record.id for record in world.topic.order if record.offset < world.topic.partitions[record.partition].first}
    assert everything - fates.keys() <= set(world.taken) | gone
    for number, partition in enumerate(world.topic.partitions):
        assert world.group.committed[number] <= partition.end


def nothing_ends_that_was_not_expected(_plan, world):
    """Between two ends of a record it was announced anew, because what it did was not committed."""
    pending = set()
    entries = world.ledger.places.get("mapping", [])
    for entry in entries:
        if entry.fate == "pending":
            assert entry.record_id not in pending
            pending.add(entry.record_id)
        else:
            pending.remove(entry.record_id)
    assert not pending


def partitions_are_read_in_order(plan, world):
    """First attempts of a partition rise, unless a mapping or a member began anew; and so do offsets in an event."""
    first = defaultdict(list)
    seen = set()
    for call in world.ledger.invocations:
        event = json.loads(call.event_text)
        assert event == event_of(list(call.records), "a:1")
        for records in event["records"].values():
            assert all(one["offset"] < two["offset"] for one, two in pairwise(records))
        for record in call.records:
            if record.id not in seen:
                seen.add(record.id)
                first[record.partition].append(record.offset)
    if not plan.acts:
        assert all(offsets == sorted(offsets) for offsets in first.values())


def no_event_is_too_large(plan, world):
    """No event has more records than BatchSize (at any time), or more bytes than the limit, or none."""
    for call in world.ledger.invocations:
        ids = [record.id for record in call.records]
        assert 1 <= len(ids) == len(set(ids)) <= max(plan.batch_size, 7)
        if plan.limit is not None and len(ids) > 1:
            assert len(call.event_text.encode()) <= plan.limit


def only_what_failed_is_tried_again(plan, world):
    """Without restarts, a record that was processed never comes again, nor do retries pass their number."""
    if plan.acts:
        return
    tries = Counter()
    ended = set()
    for step in world.steps:
        if step.kind == "invoked":
            assert not ended & set(step.records)
            tries.update(step.records)
        elif step.kind == "left":
            ended.update(step.records)
    if plan.retries is not None and not plan.bisects:
        assert all(number <= plan.retries + 1 for number in tries.values())


def metrics_agree_with_the_ledger(_plan, world):
    """What is counted is what was written down."""
    metrics = world.poller.metrics
    invoked = [step for step in world.steps if step.kind == "invoked"]
    assert metrics["Invocations"] == len(invoked)
    assert metrics["InvokedEventCount"] == sum(len(step.records) for step in invoked)
    left = Counter()
    for step in world.steps:
        if step.kind == "left":
            left[step.detail] += len(step.records)
    assert metrics["DroppedEventCount"] == left["discarded"]
    assert metrics["FilteredOutEventCount"] == left["filtered"]


def one_batch_of_a_poller_at_a_time(plan, world):
    """As many batches at once as there are pollers, and a partition never in two of them."""
    calls = sorted(
        (round(call.at * 1000), round((call.at + call.duration) * 1000), {record.partition for record in call.records})
        for call in world.ledger.invocations
    )
    for index, (start, _, partitions) in enumerate(calls):
        running = [one for one in calls[:index] if one[1] > start]
        assert len(running) < max(plan.pollers, 1)
        assert not any(partitions & one[2] for one in running)


LAWS = (
    nothing_is_lost_and_nothing_is_invented,
    nothing_ends_that_was_not_expected,
    partitions_are_read_in_order,
    no_event_is_too_large,
    only_what_failed_is_tried_again,
    metrics_agree_with_the_ledger,
    one_batch_of_a_poller_at_a_time,
)


@thorough
@given(plans)
def test_every_plan_comes_to_rest_and_keeps_the_laws(plan) -> None:
    """With finite retention a run ends, and whatever happened, the laws hold."""
    world = played(plan)
    for law in LAWS:
        law(plan, world)


@settings(thorough, max_examples=max(EXAMPLES // 5, 20))
@given(plans)
def test_same_inputs_same_trace(plan) -> None:
    """Two worlds with the same plan write the same trace, byte for byte."""
    assert Trace(played(plan).ledger.steps).to_json() == Trace(played(plan).ledger.steps).to_json()
