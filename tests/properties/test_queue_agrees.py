"""The engine and the naive model, driven with the same operations, give the same answers and tell the same story.

By default a few hundred histories; `LAMBDA_EVENTS_EXAMPLES=20000` tries so many.
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pytest_lambda_events.brokers import visibility_queue as engine
from pytest_lambda_events.brokers.visibility_queue import FixedSettings, VisibilityQueue
from pytest_lambda_events.model.records import SqsMessage
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.model.trace import Ledger

# by path: the oldest pytest that we support does not make a package of a test file's folder
_spec = importlib.util.spec_from_file_location("naive_queue", Path(__file__).with_name("naive_queue.py"))
naive = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(naive)

EXAMPLES = int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "100"))
START_MS = 1_735_689_600_000
PLACES = {engine.DELAYED: "delayed", engine.READY: "visible", engine.IN_FLIGHT: "in flight"}
HOUR_MS = 3_600_000

# few values, so that things fall due together
lengths = st.sampled_from([1, 1_000, 2_000, 3_000, 10_000])
lengths_or_0 = st.sampled_from([0, 0, 1, 1_000, 2_000, 3_000, 10_000])
retentions = st.sampled_from([1_000, 3_000, 7_000, 20_000, 14 * 24 * HOUR_MS])
queues = st.sampled_from(["orders", "dead"])


def flat(ledger: Ledger, place: str) -> list[tuple]:
    """A queue's part of the journal, one line for each record, as the naive model writes it."""
    lines = []
    for step in ledger.steps:
        if step.place == place:
            details = step.detail if step.kind == "received" else [step.detail] * len(step.records)
            lines += [(step.at_ms, step.kind, *pair) for pair in zip(step.records, details, strict=True)]
    return lines


def answer(call) -> object:
    """What a call returns, or the code of its refusal."""
    try:
        return call()
    except Refusal as refusal:
        return refusal.code


class QueueAndModel(RuleBasedStateMachine):
    """A queue and its dead-letter queue, twice."""

    @initialize(
        visibility=lengths_or_0,
        delay=lengths_or_0,
        retention=retentions,
        dead_retention=retentions,
        dead_visibility=lengths,
        most=st.sampled_from([None, 1, 2, 3]),
        watched=st.booleans(),
    )
    def create(self, visibility, delay, retention, dead_retention, dead_visibility, most, watched):
        self.now = START_MS
        self.watched = watched
        self.ledger = Ledger()
        self.numbers = count(1)
        self.handles = {"orders": ["orders-0"], "dead": ["dead-0"]}
        self.announced = 0
        receipts = {"orders": count(1), "dead": count(1)}

        def made(name, fixed):
            return VisibilityQueue(name, fixed, self.ledger, lambda: f"{name}-{next(receipts[name])}")

        dead = made("dead", FixedSettings(visibility_ms=dead_visibility, retention_ms=dead_retention))
        self.engines = {
            "dead": dead,
            "orders": made(
                "orders",
                FixedSettings(
                    visibility_ms=visibility,
                    delay_ms=delay,
                    retention_ms=retention,
                    max_receive_count=most,
                    dead_letter_queue=None if most is None else dead,
                ),
            ),
        }
        model = naive.NaiveQueue("dead", visibility=dead_visibility, delay=0, retention=dead_retention)
        self.models = {
            "dead": model,
            "orders": naive.NaiveQueue(
                "orders",
                visibility=visibility,
                delay=delay,
                retention=retention,
                max_receives=most,
                dead_letters=None if most is None else model,
            ),
        }

    # -- operations -------------------------------------------------------------------------------------------------

    @rule(
        name=st.sampled_from(["orders", "orders", "orders", "dead"]),
        many=st.integers(1, 4),
        delay=st.none() | lengths_or_0,
        ahead=st.none() | lengths_or_0,
    )
    def send(self, name, many, delay, ahead):
        at = None if ahead is None else self.now + ahead
        for _ in range(many):
            record = SqsMessage(id=f"m{next(self.numbers)}", body="", sent_timestamp=at or self.now, sender_id="")
            self.engines[name].send(record, self.now, delay_ms=delay, at_ms=at)
            self.models[name].send(record.id, self.now, delay=delay, at=at)

    @rule(name=queues, limit=st.integers(1, 10), visibility=st.none() | lengths_or_0)
    def receive(self, name, limit, visibility):
        taken = self.engines[name].receive(limit, self.now, visibility_ms=visibility)
        expected = self.models[name].receive(limit, self.now, visibility=visibility)
        assert [(m.record.id, m.receipt_handle, m.receive_count) for m in taken] == expected
        self.handles[name] += [handle for _, handle, _ in expected]

    @rule(name=queues, data=st.data())
    def delete(self, name, data):
        handle = data.draw(st.sampled_from(self.handles[name]))
        result = answer(lambda: self.engines[name].delete(handle, self.now))
        assert result == self.models[name].delete(handle, self.now)

    @rule(name=queues, data=st.data(), visibility=lengths_or_0 | st.sampled_from([12 * HOUR_MS - 1_000, 12 * HOUR_MS]))
    def change_visibility(self, name, data, visibility):
        handle = data.draw(st.sampled_from(self.handles[name]))
        result = answer(lambda: self.engines[name].change_visibility(handle, visibility, self.now))
        assert result == self.models[name].change_visibility(handle, visibility, self.now)

    @rule(name=queues)
    def purge(self, name):
        assert self.engines[name].purge(self.now) == self.models[name].purge(self.now)

    @rule(name=queues, visibility=lengths_or_0, delay=lengths_or_0, retention=retentions)
    def set_attributes(self, name, visibility, delay, retention):
        found, model = self.engines[name], self.models[name]
        found.settle(self.now)  # what fell due before belongs to the old attributes
        model.pass_until(self.now)
        found.settings = replace(found.settings, visibility_ms=visibility, delay_ms=delay, retention_ms=retention)
        model.visibility, model.delay, model.retention = visibility, delay, retention

    # -- time ---------------------------------------------------------------------------------------------------------

    @rule(ms=lengths | st.just(12 * HOUR_MS))
    def wait(self, ms):
        self.now += ms

    @rule(data=st.data(), off_by=st.sampled_from([0, 0, -1, 1]))
    def wait_until_due(self, data, off_by):
        moments = {moment for model in self.models.values() for moment in model.due_moments() if moment > self.now}
        if moments:
            self.now = max(self.now, data.draw(st.sampled_from(sorted(moments))) + off_by)

    @rule(name=queues)
    def wait_for_the_next_change(self, name):
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
            self.now = due - 1
            assert self.picture(name) == before
            lines = len(flat(self.ledger, name))
            self.now = due
            assert self.picture(name) != before or len(flat(self.ledger, name)) != lines

    # -- what must hold -----------------------------------------------------------------------------------------------

    def picture(self, name):
        """Everything to be seen in the engine's queue: messages, the order of the next receive, counts."""
        found = self.engines[name]
        messages = [
            (m.record.id, PLACES[m.place], m.receive_count, m.first_receive_ms, m.enqueued_ms, m.dead_letter_source_arn)
            for m in found.messages(self.now)
        ]
        line = [m.record.id for m in found._ready if m.place == engine.READY]
        return messages, line, found.counts(self.now)

    def compare(self, name):
        model = self.models[name]
        assert self.picture(name) == (model.places(self.now), model.next_in_line(self.now), model.counts(self.now))
        assert self.engines[name].next_change(self.now) == model.next_change(self.now)
        assert flat(self.ledger, name) == model.story

    @invariant()
    def nothing_is_lost(self):
        for found in self.engines.values():
            found.check()

    @precondition(lambda self: self.watched)
    @invariant()
    def they_agree_at_every_step(self):
        self.compare("orders")
        self.compare("dead")

    @rule(name=queues)
    def look(self, name):
        self.compare(name)

    def teardown(self):
        if not hasattr(self, "engines"):
            return
        self.compare("orders")
        self.compare("dead")
        self.the_journal_is_consistent()

    def the_journal_is_consistent(self):
        """Read without the model: in each queue a record enters once, then is received 1, 2, 3…, and leaves once."""
        inherited = {}
        for name, source in (("orders", None), ("dead", "orders")):
            seen, gone, last = {}, {}, 0
            for at, kind, record_id, detail in flat(self.ledger, name):
                assert at >= last
                last = at
                assert record_id not in gone
                if kind == "entered":
                    assert record_id not in seen
                    seen[record_id] = inherited.get(record_id, 0)
                elif kind == "received":
                    seen[record_id] += 1
                    assert detail == seen[record_id]
                elif kind == "left":
                    gone[record_id] = detail
                assert record_id in seen
            live = [message.record.id for message in self.engines[name].messages(self.now)]
            assert sorted(live) == sorted(seen.keys() - gone.keys())
            if source is None:
                inherited = {record_id: seen[record_id] for record_id in gone if gone[record_id] == "dead_lettered"}
        assert set(inherited) <= {entry.record_id for entry in self.ledger.places.get("dead", ())}


def test_the_engine_agrees_with_the_naive_model() -> None:
    """Whatever is done and however time passes, the engine answers, counts, orders and journals as the rules say."""
    run_state_machine_as_test(
        QueueAndModel,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


@pytest.mark.parametrize("name", ["orders", "dead"])
def test_an_empty_queue_expects_nothing(name) -> None:
    """Without messages there is no next change, at any time."""
    machine = QueueAndModel()
    machine.create(1, 0, 1_000, 1_000, 1, 1, watched=True)
    machine.compare(name)
    machine.now += 10
    assert machine.engines[name].next_change(machine.now) is None
