"""What the two machines that hold an engine against a naive model share: a queue and its dead-letter queue, twice, what
is done to both, how time passes, and what must hold.
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pytest_lambda_events.brokers import visibility_queue as engine
from pytest_lambda_events.brokers.visibility_ports import FixedSettings
from pytest_lambda_events.brokers.visibility_queue import VisibilityQueue
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.model.trace import Ledger

# by path: the oldest pytest that we support does not make a package of a test file's folder
_spec = importlib.util.spec_from_file_location("naive_queue", Path(__file__).with_name("naive_queue.py"))
naive = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(naive)

SETTINGS = settings(
    max_examples=int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "100")),
    stateful_step_count=40,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
START_MS = 1_735_689_600_000
HOUR_MS = 3_600_000
PLACES = {engine.DELAYED: "delayed", engine.READY: "visible", engine.IN_FLIGHT: "in flight"}

# few values, so that things fall due together
lengths = st.sampled_from([1, 1_000, 2_000, 3_000, 10_000])
lengths_or_0 = st.sampled_from([0, 0, 1, 1_000, 2_000, 3_000, 10_000])
# the deduplication interval and its edges, and the longest visibility
long_times = st.sampled_from([299_999, 300_000, 300_001, 12 * HOUR_MS])
visibilities = lengths_or_0 | st.sampled_from([12 * HOUR_MS - 1_000, 12 * HOUR_MS])
queues = st.sampled_from(["orders", "orders", "orders", "dead"])


def flat(ledger: Ledger, place: str) -> list[tuple]:
    """A queue's part of the journal, one line for each record, as the naive model writes it."""
    lines = []
    for step in ledger.steps:
        if step.place == place:
            details = step.detail if step.kind == "received" else [step.detail] * len(step.records)
            lines += [(step.at_ms, step.kind, *pair) for pair in zip(step.records, details, strict=True)]
    return lines


def answer(call: Any) -> object:
    """What a call returns, or the code of its refusal."""
    try:
        return call()
    except Refusal as refusal:
        return refusal.code


class AgainstTheModel(RuleBasedStateMachine):
    """A queue and its dead-letter queue, twice. What is sent and received is the subclass's, which calls `build`."""

    fifo = False

    def build(
        self,
        *,
        visibility: int,
        delay: int,
        retention: int,
        dead_retention: int,
        dead_visibility: int,
        most: int | None,
        watched: bool,
        scope: str = "queue",
    ) -> None:
        """Both queues, in the engine and in the model."""
        self.now = START_MS
        self.watched = watched
        self.ledger = Ledger()
        self.numbers = count(1)
        self.handles = {"orders": ["orders-0"], "dead": ["dead-0"]}
        receipts = {"orders": count(1), "dead": count(1)}

        def made(name: str, fixed: FixedSettings) -> VisibilityQueue:
            return VisibilityQueue(name, fixed, self.ledger, lambda: f"{name}-{next(receipts[name])}", fifo=self.fifo)

        dead = made("dead", FixedSettings(visibility_ms=dead_visibility, retention_ms=dead_retention))
        fixed = FixedSettings(
            visibility_ms=visibility,
            delay_ms=delay,
            retention_ms=retention,
            max_receive_count=most,
            dead_letter_queue=None if most is None else dead,
            deduplication_scope=scope,
        )
        self.engines = {"dead": dead, "orders": made("orders", fixed)}
        naive_queue = naive.NaiveFifoQueue if self.fifo else naive.NaiveQueue
        model = naive_queue("dead", visibility=dead_visibility, delay=0, retention=dead_retention)
        self.models = {
            "dead": model,
            "orders": naive_queue(
                "orders",
                visibility=visibility,
                delay=delay,
                retention=retention,
                max_receives=most,
                dead_letters=None if most is None else model,
                **({"scope": scope} if self.fifo else {}),
            ),
        }

    # -- operations -------------------------------------------------------------------------------------------------

    @rule(name=queues, data=st.data())
    def delete(self, name: str, data: Any) -> None:
        handle = data.draw(st.sampled_from(self.handles[name]))
        result = answer(lambda: self.engines[name].delete(handle, self.now))
        assert result == self.models[name].delete(handle, self.now)

    @rule(name=queues, data=st.data(), visibility=visibilities)
    def change_visibility(self, name: str, data: Any, visibility: int) -> None:
        handle = data.draw(st.sampled_from(self.handles[name]))
        result = answer(lambda: self.engines[name].change_visibility(handle, visibility, self.now))
        assert result == self.models[name].change_visibility(handle, visibility, self.now)

    @rule(name=queues)
    def purge(self, name: str) -> None:
        assert self.engines[name].purge(self.now) == self.models[name].purge(self.now)

    def reconfigure(self, name: str, visibility: int, delay: int, retention: int, **others: Any) -> None:
        """SetQueueAttributes; `others` are settings of the engine."""
        found, model = self.engines[name], self.models[name]
        found.settle(self.now)  # what fell due before belongs to the old attributes
        model.pass_until(self.now)
        found.settings = replace(
            found.settings, visibility_ms=visibility, delay_ms=delay, retention_ms=retention, **others
        )
        model.visibility, model.delay, model.retention = visibility, delay, retention

    # -- time ---------------------------------------------------------------------------------------------------------

    @rule(ms=lengths | long_times)
    def wait(self, ms: int) -> None:
        self.now += ms

    def moments(self) -> set[int]:
        """When something falls due."""
        return {moment for model in self.models.values() for moment in model.due_moments()}

    @rule(data=st.data(), off_by=st.sampled_from([0, 0, -1, 1]))
    def wait_until_due(self, data: Any, off_by: int) -> None:
        moments = sorted(moment for moment in self.moments() if moment > self.now)
        if moments:
            self.now = max(self.now, data.draw(st.sampled_from(moments)) + off_by)

    @rule(name=queues)
    def wait_for_the_next_change(self, name: str) -> None:
        found = self.engines[name]
        before = self.picture(name)
        due = found.next_change(self.now)
        assert due == self.models[name].next_change(self.now)
        if due is None:
            assert before == ([], [], (0, 0, 0))
            assert not self.models[name].announced
        elif due == self.now:
            assert found.counts(self.now)[0] > 0
        else:
            assert before[1] == []
            self.now = due - 1
            assert self.picture(name) == before
            lines = len(flat(self.ledger, name))
            self.now = due
            assert self.picture(name) != before or len(flat(self.ledger, name)) != lines

    # -- what must hold -----------------------------------------------------------------------------------------------

    def line(self, found: VisibilityQueue) -> list[str]:
        """The order of the next receive."""
        return [message.record.id for message in found._ready if self.fifo or message.place == engine.READY]

    def picture(self, name: str) -> tuple[Any, ...]:
        """Everything to be seen in the engine's queue: messages, the order of the next receive, counts."""
        found = self.engines[name]
        messages = [
            (m.record.id, PLACES[m.place], m.receive_count, m.first_receive_ms, m.enqueued_ms, m.dead_letter_source_arn)
            for m in found.messages(self.now)
        ]
        return messages, self.line(found), found.counts(self.now)

    def compare(self, name: str) -> None:
        model = self.models[name]
        assert self.picture(name) == (model.places(self.now), model.next_in_line(self.now), model.counts(self.now))
        assert self.engines[name].next_change(self.now) == model.next_change(self.now)
        assert flat(self.ledger, name) == model.story

    @invariant()
    def nothing_is_lost(self) -> None:
        for found in self.engines.values():
            found.check()

    @precondition(lambda self: self.watched)
    @invariant()
    def they_agree_at_every_step(self) -> None:
        self.compare("orders")
        self.compare("dead")

    @rule(name=queues)
    def look(self, name: str) -> None:
        self.compare(name)

    def teardown(self) -> None:
        if hasattr(self, "engines"):
            self.compare("orders")
            self.compare("dead")
            self.at_the_end()

    def at_the_end(self) -> None:
        """What the journal alone must show."""
        raise NotImplementedError
