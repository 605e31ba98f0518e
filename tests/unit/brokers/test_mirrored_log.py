"""A topic behind a connection: offsets with gaps, what retention took, groups that others set. The connection is
scripted; with real ones the tests are those of live mode.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from pytest_lambda_events.brokers.live.patience import Patience
from pytest_lambda_events.brokers.mirrored_log import Fetched, FromOffset, MirroredGroup, MirroredLog
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.kafka_record import KafkaRecord
from pytest_lambda_events.model.mapping import MappingConfig
from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.model.trace import Ledger
from pytest_lambda_events.polling.concurrency import Reservation
from pytest_lambda_events.polling.log import LogPoller
from pytest_lambda_events.polling.run import Limits, drive
from pytest_lambda_events.sources.kafka.event import KafkaEventShape

START_MS = 1_735_689_600_000


def record(offset, partition=0):
    return KafkaRecord(topic="t", partition=partition, offset=offset, timestamp=START_MS, value=str(offset).encode())


@dataclass
class Connection:
    """A consumer whose partitions are lists of offsets that have a record."""

    offsets: list = field(default_factory=list)
    low: int = 0
    high: int | None = None
    group: dict = field(default_factory=dict)
    at: int | None = None
    reading: dict = field(default_factory=dict)
    commits: list = field(default_factory=list)

    @property
    def end(self):
        return self.high if self.high is not None else max(self.offsets, default=self.low - 1) + 1

    def bounds(self, partition):
        return self.low, self.end

    def offset_at(self, partition, at_ms):
        return self.at

    def committed(self):
        return dict(self.group)

    def commit(self, partition, offset):
        self.group[partition] = offset
        self.commits.append(offset)

    def read_from(self, offsets):
        self.reading = dict(offsets)

    def fetch(self):
        for number, start in list(self.reading.items()):
            for offset in self.offsets:
                if offset >= start:
                    yield Fetched(number, offset, record(offset, number))
            self.reading[number] = self.end
            yield Fetched(number, self.end, None)


class Function:
    """Remembers offsets, and fails as often as it is told to."""

    def __init__(self, clock, fails=0):
        self.clock = clock
        self.fails = fails
        self.calls = []

    def invoke(self, event_text, request_id):
        records = [one["offset"] for few in json.loads(event_text)["records"].values() for one in few]
        self.calls.append(records)
        kind = "error" if len(self.calls) <= self.fails else "returned"
        return Ending(kind, self.clock.now_ms, self.clock.now_ms, None, None, None)


class World:
    """A poller over a scripted connection, on virtual time."""

    def __init__(self, connection, fails=0, **config):
        self.clock = VirtualClock(START_MS)
        self.ledger = Ledger()
        self.patience = Patience(self.clock)
        self.connection = connection
        self.noted = []
        self.log = MirroredLog(
            connection, 1, patience=self.patience, note=lambda at_ms, one: self.noted.append(one.offset)
        )
        self.group = MirroredGroup("g", self.log, connection)
        self.function = Function(self.clock, fails)
        self.config = {
            "parameters": {},
            "enabled": True,
            "reports_failures": False,
            "batch_size": 10,
            "window_ms": 0,
            "starting_position": "TRIM_HORIZON",
            **config,
        }
        self.poller = self.poll()

    def poll(self):
        return LogPoller(
            f"mapping-{len(self.ledger.steps)}",
            config=MappingConfig(**self.config),
            broker=self.log,
            group=self.group,
            shape=KafkaEventShape("t", lambda: {"eventSource": "SelfManagedKafka"}),
            function=self.function,
            reservation=Reservation(None),
            clock=self.clock,
            ledger=self.ledger,
            new_request_id=lambda: "request",
        )

    def run(self):
        self.patience.begin(100)
        pollers = [self.poller]
        drive(lambda: pollers, self.clock, Limits(invocations=100, ms=600_000), settle=self.log.settle)
        self.poller.check()


def test_gaps_between_offsets_are_no_records():
    """Transactions leave markers, and compaction takes away: nothing waits for what is not there."""
    world = World(Connection([3, 4, 7, 9], low=3, high=11), batch_size=2)
    world.run()

    assert [[3, 4], [7, 9]] == world.function.calls
    assert [3, 4, 7, 9] == world.noted
    assert {0: 11} == world.connection.group
    assert [5, 6, 8, 10] == world.log.partitions[0].gaps


def test_a_failed_batch_over_a_gap_is_tried_again_and_committed_over_it():
    """The gap has ended by itself."""
    world = World(Connection([0, 2]), fails=2)
    world.run()

    assert [[0, 2]] * 3 == world.function.calls
    assert [0, 3] == world.connection.commits


def test_what_comes_later_is_read_from_where_it_was():
    """Also behind a gap that had no record yet."""
    world = World(Connection([0], high=2))
    world.run()
    world.connection.offsets.append(2)
    world.connection.high = None
    world.run()

    assert [[0], [2]] == world.function.calls


class BusyConnection(Connection):
    """A cluster that knows at once of a record that is written while a run goes on, and hands it out late."""

    def __init__(self, hands_out_after_ms):
        super().__init__([0])
        self.clock = None
        self.hands_out_after_ms = hands_out_after_ms
        self.written_ms = None

    def write(self):
        self.written_ms = self.clock.now_ms
        self.high = 2

    def fetch(self):
        if self.written_ms is not None and self.clock.now_ms >= self.written_ms + self.hands_out_after_ms:
            self.offsets, self.high = [0, 1], None
        for number, start in list(self.reading.items()):
            for offset in [one for one in self.offsets if one >= start]:
                yield Fetched(number, offset, record(offset, number))
                self.reading[number] = offset + 1


def test_a_run_does_not_end_over_what_a_busy_cluster_has_not_handed_out_yet():
    """Quiet alone, 0.1 s here, is no proof: before the end it is asked what there is."""
    busy = BusyConnection(hands_out_after_ms=900)
    world = World(busy)
    busy.clock = world.clock
    invoke = world.function.invoke

    def writes(event_text, request_id):
        if busy.written_ms is None:
            busy.write()
        return invoke(event_text, request_id)

    world.function.invoke = writes
    world.run()

    assert [[0], [1]] == world.function.calls
    assert START_MS + 900 <= world.clock.now_ms < START_MS + 1_100


def test_a_mapping_that_reads_again_over_gaps():
    """Disabled and enabled, the records that were not committed come again; gaps do not."""
    world = World(Connection([0, 2, 4]), fails=99, batch_size=1)
    world.patience.begin(None)
    drive(lambda: [world.poller], world.clock, Limits(invocations=2, ms=600_000), settle=world.log.settle)
    config = world.poller.config
    world.poller.reconfigure(MappingConfig(**{**world.config, "enabled": False}))
    world.function.fails = 0
    world.poller.reconfigure(config)
    world.run()

    assert [[0], [0], [0], [2], [4]] == world.function.calls


@pytest.mark.parametrize(
    ("position", "calls"), [("TRIM_HORIZON", [[5, 6, 7]]), ("LATEST", []), ("AT_TIMESTAMP", [[6, 7]])]
)
def test_where_a_new_group_begins(position, calls):
    """At the first record, behind the last one, or at a moment; and that is committed at once."""
    world = World(Connection([5, 6, 7], low=5, at=6), starting_position=position, starting_ms=START_MS)
    begun = {"TRIM_HORIZON": 5, "LATEST": 8, "AT_TIMESTAMP": 6}[position]
    assert [begun] == world.connection.commits
    world.run()

    assert calls == world.function.calls
    assert {0: 8} == world.connection.group


def test_a_moment_after_the_last_record_is_the_end():
    """Nothing is read until something comes."""
    world = World(Connection([5], low=5, at=None), starting_position="AT_TIMESTAMP", starting_ms=START_MS)

    assert [6] == world.connection.commits


def test_a_group_goes_on_where_it_is():
    """Whatever the starting position; what was before is never fetched."""
    world = World(Connection([0, 1, 2], group={0: 1}), starting_position="LATEST")
    world.run()

    assert [[1, 2]] == world.function.calls
    assert [1, 2] == world.noted


def test_a_group_whose_place_retention_took_goes_on_at_the_first_record():
    """As Lambda does."""
    world = World(Connection([7, 8], low=7, group={0: 2}))
    world.run()

    assert [[7, 8]] == world.function.calls


def test_a_group_that_somebody_set_is_followed_while_nobody_reads():
    """To an offset that was read here, and no other."""
    world = World(Connection([0, 1, 2]), batch_size=1)
    world.run()
    config = world.poller.config
    disabled = MappingConfig(**{**world.config, "enabled": False})
    world.poller.reconfigure(disabled)
    world.connection.group = {0: 1}
    world.poller.reconfigure(config)
    world.run()
    assert [[0], [1], [2], [1], [2]] == world.function.calls

    world.poller.reconfigure(disabled)
    world.connection.group = {0: 40}
    with pytest.raises(UsageError, match="set to offset 40 of partition 0 by somebody else"):
        world.poller.reconfigure(config)


def test_a_mapping_that_is_made_disabled_keeps_its_place():
    """What it would begin with is known, and committed."""
    connection = Connection([0, 1])
    clock = VirtualClock(START_MS)
    log = MirroredLog(connection, 1, patience=Patience(clock), note=lambda *_: None)
    group = MirroredGroup("g", log, connection)
    group.hold(_Member(group), clock.now_ms)

    assert {0: 0} == connection.group
    assert [] == list(group.members)


class _Member:
    def __init__(self, group):
        self.group = group

    def assigned(self, partitions, now_ms):
        for number in partitions:
            self.group.commit(number, 0)

    def revoked(self, partitions, now_ms):
        raise AssertionError


def test_a_list_that_begins_later():
    """Numbers are the broker's; slices and loops are as of any list."""
    entries = FromOffset(10)
    for letter in "abc":
        entries.append(letter)

    assert ("a", "c", 13) == (entries[10], entries[12], len(entries))
    assert (["b", "c"], ["a", "b"], []) == (entries[11:], entries[:12], entries[0:5])
    assert ["a", "b", "c"] == list(entries)
    with pytest.raises(IndexError):
        entries[9]
    assert "<MirroredPartition 0: offsets 0 to -1>" == repr(
        MirroredLog(Connection(), 1, patience=None, note=None).partitions[0]
    )
