"""A stream of letters, a scripted function, and a poller between them, on integer time that begins at 0."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import count

import pytest

from pytest_lambda_events.brokers.shard_stream import ShardStream
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.model.mapping import MappingConfig
from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.model.trace import Ledger
from pytest_lambda_events.polling.concurrency import Reservation
from pytest_lambda_events.polling.run import Limits, drive
from pytest_lambda_events.polling.stream import StreamPoller

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Letter:
    """A record: its name is its data."""

    id: str
    arrival_ms: int
    key: str
    padding: int = 0


@dataclass
class Settings:
    retention_ms: int = DAY_MS


class Shape:
    overhead = len('{"Records":[]}')

    def record_text(self, record):
        record = {"id": record.id, "key": record.key, "data": "ß" * record.padding}
        return json.dumps(record, separators=(",", ":"), ensure_ascii=False)

    def event_text(self, texts):
        return f'{{"Records":[{",".join(texts)}]}}'

    def window_text(self, texts, window, *, shard_id, moment_ms):
        records = [json.loads(text) for text in texts]
        event = window.event(records, shard_id=shard_id, arn="arn", moment_ms=moment_ms)
        return json.dumps(event, separators=(",", ":"), ensure_ascii=False)

    def item_identifier(self, record):
        return f"sequence-{record.id}"

    def order_key(self, record):
        return record.key


class Destination:
    """Takes what is discarded, or is out of order."""

    def __init__(self):
        self.discards = []
        self.problem = None

    def deliver(self, discard):
        self.discards.append(discard)
        return self.problem


class World:
    """`function(ids, event)` answers with a response, an exception to raise, an `Ending`, or its kind.

    `calls` are the invocations, as moment and names; `slept` and `duration` say how long each takes.
    """

    def __init__(self, function=lambda ids, event: None, *, shards=1, **config):
        self.clock = VirtualClock(0)
        self.ledger = Ledger()
        self.settings = Settings()
        self.stream = ShardStream("arn", settings=self.settings, journal=self.ledger)
        for number in range(shards):
            self.stream.open_shard(f"s{number}", 0)
        self.function = function
        self.destination = Destination()
        self.reservation = Reservation(None)
        self.calls, self.events, self.requests = [], [], []
        self.slept = self.duration = 0
        self.passes = None
        self.dice = None
        self.given = {
            "batch_size": 100,
            "window_ms": 0,
            "reports_failures": False,
            "enabled": True,
            "parameters": {},
            "starting_position": "TRIM_HORIZON",
            "destination": "arn:destination",
            **config,
        }
        self.poller = None
        self.names = count(1)

    def map(self, **changes):
        """Make the mapping now."""
        self.poller = StreamPoller(
            "mapping",
            config=MappingConfig(**{**self.given, **changes}),
            broker=self.stream,
            shape=lambda _config: Shape(),
            function=self,
            reservation=self.reservation,
            clock=self.clock,
            ledger=self.ledger,
            new_request_id=lambda: f"r{next(self.names)}",
            dice=self.dice,
            destination_of=lambda config: self.destination if config.destination else None,
            filter_of=lambda config: self.passes,
        )
        return self

    def reconfigure(self, **changes):
        self.poller.reconfigure(replace(self.poller.config, **changes))

    def put(self, names, shard="s0", *, at=None, key=None, padding=0):
        """Put a record for each letter, now or at a moment to come."""

        def put(now):
            for name in names:
                self.stream.append(shard, Letter(name, now, key or name, padding), now)

        put(self.clock.now_ms) if at is None else self.stream.announce(at, put)
        return self

    def split(self, shard, *children, at=None):
        def split(now):
            self.stream.shards[shard].closed_ms = now
            for child in children:
                self.stream.open_shard(child, now, (shard,))

        split(self.clock.now_ms) if at is None else self.stream.announce(at, split)
        return self

    def invoke(self, event_text, request_id):
        event = json.loads(event_text)
        ids = "".join(record["id"] for record in event["Records"])
        started = self.clock.now_ms
        self.calls.append((started, ids))
        self.events.append(event)
        self.requests.append(request_id)
        answer = self.function(ids, event)
        self.clock.jump_to(self.clock.now_ms + self.slept)
        ended = max(self.clock.now_ms, started + self.duration)
        if isinstance(answer, Ending):
            return answer._replace(started_ms=started, ended_ms=ended)
        if isinstance(answer, BaseException):
            return Ending("error", started, ended, None, answer, repr(answer))
        if answer in ("error", "timeout", "malformed"):
            return Ending(answer, started, ended, None, None, f"scripted: {answer}")
        return Ending("returned", started, ended, answer, None, None)

    def run(self, until=None, *, invocations=10_000):
        if self.poller is None:
            self.map()
        reason = drive(
            lambda: [self.poller], self.clock, Limits(invocations=invocations, ms=30 * DAY_MS), horizon_ms=until
        )
        assert reason == ("idle" if until is None else "horizon")
        self.poller.check()
        return self

    # -- what happened ------------------------------------------------------------------------------------------------

    @property
    def order(self):
        return [ids for _, ids in self.calls]

    @property
    def fates(self):
        """Each fate with its records, in the order in which they came."""
        found = {}
        for record, fate in self.ledger.fates(["mapping"], [len(self.ledger.places.get("mapping", ()))]).items():
            found[fate] = found.get(fate, "") + record
        return found

    @property
    def discards(self):
        return ["".join(record.id for record in discard.records) for discard in self.destination.discards]


POISON = ValueError("poison")


def failing(*poison, kind=POISON):
    """A function that fails when any of these is in its batch."""
    return lambda ids, event: kind if any(name in ids for name in poison) else None


def reporting(*poison):
    """A function that reports these."""

    def function(ids, event):
        return {"batchItemFailures": [{"itemIdentifier": f"sequence-{name}"} for name in ids if name in poison]}

    return function


@pytest.fixture
def world():
    """Makes worlds."""
    return World


@pytest.fixture
def fails():
    """Makes functions that fail with poisoned records."""
    return failing


@pytest.fixture
def reports():
    """Makes functions that report poisoned records."""
    return reporting
