"""What the agreement tests share: the world in memory beside a live harness, at the same time, a scripted handler, and
what is done to both.

A `Harness` freezes the time of the whole process, and a live harness refuses frozen time. So the sources and pollers in
memory are joined here to a virtual clock that nothing else is projected on: the handlers below do not look at it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from pytest_lambda_events import LiveHarness
from pytest_lambda_events.clock.real import RealTime
from pytest_lambda_events.clock.virtual import VirtualClock, parse_start
from pytest_lambda_events.harness.live import _NoAws
from pytest_lambda_events.harness.running import MAX_INVOCATIONS, MAX_SECONDS, World
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.trace import Ledger

# a failing example is not shrunk: with a real broker each step of that takes real time, and may go otherwise
SETTINGS = settings(
    max_examples=int(os.environ.get("LAMBDA_EVENTS_LIVE_EXAMPLES", "8")),
    stateful_step_count=8,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
REGION, ACCOUNT = "us-east-1", "123456789012"


class MemoryWorld:
    """The sources in memory and their mappings, on virtual time that nobody else sees."""

    def __init__(self) -> None:
        self.clock = VirtualClock(parse_start("2025-01-01T00:00:00Z"))
        self.ledger = Ledger()
        self.identifiers = Identifiers(0)
        self.world = World(
            clock=self.clock,
            ledger=self.ledger,
            identifiers=self.identifiers,
            travel=RealTime(),
            surface=_NoAws(REGION, ACCOUNT),
            entered=self.clock.enter,
        )

    def map(self, source: Any, handler: Any, **parameters: Any) -> Any:
        """A mapping of the source."""
        return self.world.map(source, handler, {}, 0, parameters)

    def run_until_idle(self) -> Any:
        """Run; what all mappings did."""
        return self.world.run_until_idle(None, MAX_INVOCATIONS, MAX_SECONDS)


class Scripted:
    """A handler that does with each record what is written in it: {"n": 3, "fails": 2, "how": "raise"}.

    `n` tells records apart, `fails` says how often it fails, and `how` it does. `events` is what it was given.
    `values_of` gives the payloads of an event's records, each with its item identifier.
    """

    def __init__(self, values_of: Any) -> None:
        self.events: list[Any] = []
        self._values_of = values_of
        self._attempts: Counter[int] = Counter()

    def __call__(self, event: Any, context: Any) -> Any:
        self.events.append(event)
        reported, raises = [], False
        for identifier, data in self._values_of(event):
            wanted = json.loads(data)
            self._attempts[wanted["n"]] += 1
            if self._attempts[wanted["n"]] <= wanted["fails"]:
                raises |= wanted["how"] == "raise"
                reported.append({"itemIdentifier": identifier})
        if raises:
            raise ValueError("as it is written")
        return {"batchItemFailures": reported}

    def taken(self) -> list[Any]:
        """The events since the last time."""
        events, self.events = self.events, []
        return events


class Agrees(RuleBasedStateMachine):
    """A source in memory and a real one, each with a mapping. `begin`, which calls `restart`, and what is sent are the
    subclass's.
    """

    quiet = 0.05
    """For how many seconds nothing has to come from the real one."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = MemoryWorld()
        self.live: Any = None
        self.ours: Any = None
        self.theirs: Any = None
        self.our_mapping: Any = None
        self.their_mapping: Any = None
        self.handlers: Any = None
        self.parameters: dict[str, Any] = {}
        self.numbers = count(1)
        self.is_sound = True

    def opened(self) -> Any:
        """The real source, in a new harness."""
        raise NotImplementedError

    def compare(self) -> None:
        """What was delivered since the last time, and what became of it."""
        raise NotImplementedError

    @rule()
    def restart(self) -> None:
        """The mapping goes, and another comes: here in memory, there with new connections."""
        if self.our_mapping is not None:
            self.our_mapping.delete()
            self.their_mapping.delete()
            self.live.stop()
        self.live = LiveHarness(timeout=5)
        self.live.start()
        self.theirs = self.opened()
        self.our_mapping = self.memory.map(self.ours, self.handlers[0], **self.parameters)
        self.their_mapping = self.live.event_source_mapping(self.theirs, self.handlers[1], **self.parameters)

    @rule()
    def poll(self) -> None:
        """Both until nothing comes."""
        self.is_sound = False
        self.memory.run_until_idle()
        self.their_mapping.run_until_idle(quiet=self.quiet)
        self.compare()
        self.is_sound = True

    @rule(polls=st.booleans())
    def pause(self, polls: bool) -> None:
        """Disabled, nothing is delivered; enabled, both go on."""
        self.our_mapping.disable()
        self.their_mapping.disable()
        if polls:
            self.poll()
        self.our_mapping.enable()
        self.their_mapping.enable()

    def teardown(self) -> None:
        """Look once more at what is there, and leave no connection behind."""
        if self.live is not None:
            try:
                if self.is_sound:
                    self.poll()
            finally:
                self.live.stop()
