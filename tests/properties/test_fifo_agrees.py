"""The FIFO engine and the naive FIFO model, driven with the same operations, give the same answers and the same story.

By default a few hundred histories; `LAMBDA_EVENTS_EXAMPLES=20000` tries so many.
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.visibility_queue import Message

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
# the deduplication interval and its edges
announcements = st.none() | lengths_or_0 | st.sampled_from([299_999, 300_000, 300_001])
retentions = st.sampled_from([1_000, 3_000, 20_000, 14 * 24 * HOUR_MS, 14 * 24 * HOUR_MS])
scopes = st.sampled_from(["queue", "messageGroup"])
queues = st.sampled_from(["orders", "orders", "dead"])
dedup_ids = st.none() | st.sampled_from(["d1", "d2", "d3"])


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


class FifoAndModel(RuleBasedStateMachine):
    """A FIFO queue and its dead-letter queue, twice."""

    @initialize(
        visibility=lengths_or_0,
        delay=lengths_or_0,
        retention=retentions,
        dead_retention=retentions,
        dead_visibility=lengths,
        most=st.sampled_from([None, 1, 2, 3]),
        groups=st.integers(1, 4),
        scope=scopes,
        watched=st.booleans(),
    )
    def create(self, visibility, delay, retention, dead_retention, dead_visibility, most, groups, scope, watched):
        self.now = START_MS
        self.watched = watched
        self.groups = groups
        self.ledger = Ledger()
        self.numbers = count(1)
        self.handles = {"orders": ["orders-0"], "dead": ["dead-0"]}
        self.received = {"orders": [], "dead": []}
        self.sequence = {"orders": {}, "dead": {}}
        receipts = {"orders": count(1), "dead": count(1)}

        def made(name, fixed):
            return VisibilityQueue(name, fixed, self.ledger, lambda: f"{name}-{next(receipts[name])}", fifo=True)

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
                    deduplication_scope=scope,
                ),
            ),
        }
        model = naive.NaiveFifoQueue("dead", visibility=dead_visibility, delay=0, retention=dead_retention)
        self.models = {
            "dead": model,
            "orders": naive.NaiveFifoQueue(
                "orders",
                visibility=visibility,
                delay=delay,
                retention=retention,
                max_receives=most,
                dead_letters=None if most is None else model,
                scope=scope,
            ),
        }

    # -- operations -------------------------------------------------------------------------------------------------

    @rule(name=queues, group=st.integers(1, 4), dedup=dedup_ids, delay=st.none() | lengths_or_0, ahead=announcements)
    def send(self, name, group, dedup, delay, ahead):
        self.put(name, group, dedup, delay, ahead, 0)

    @rule(name=queues, groups=st.lists(st.integers(1, 4), min_size=2, max_size=10))
    def send_batch(self, name, groups):
        for index, group in enumerate(groups):
            self.put(name, group, None, None, None, index)

    def put(self, name, group, dedup, delay, ahead, index):
        at = None if ahead is None else self.now + ahead
        moment = self.now if at is None else at
        group_id, number = f"g{group % self.groups}", next(self.numbers)
        dedup_id = dedup or f"unique-{number}"
        first = self.engines[name].duplicate_of(group_id, dedup_id, moment)
        assert (first and first.id) == self.models[name].duplicate_of(group_id, dedup_id, moment)
        if first is not None:
            return
        record = SqsMessage(
            id=f"m{number}",
            body="",
            sent_timestamp=moment,
            sender_id="",
            message_group_id=group_id,
            message_deduplication_id=dedup_id,
            sequence_number=self.engines[name].next_sequence_number(moment, index),
        )
        self.check_number(name, moment, record.sequence_number)
        self.engines[name].send(record, self.now, delay_ms=delay, at_ms=at)
        self.models[name].send(record.id, self.now, delay=delay, at=at, group=group_id, dedup=dedup_id)

    def check_number(self, name, moment, number):
        """Greater than all for this moment and those before it, less than all that are announced for later."""
        given = self.sequence[name]
        assert len(number) == 20
        assert int(number) - 2**64 >> 8 in range(moment * 1000, moment * 1000 + 1000)
        assert all((then <= moment) == (it < number) for it, then in given.items())
        given[number] = moment

    @rule(
        name=queues,
        limit=st.integers(1, 10),
        visibility=st.none() | lengths_or_0,
        one_group=st.booleans(),
        attempt=st.none() | st.sampled_from(["x", "y"]),
    )
    def receive(self, name, limit, visibility, one_group, attempt):
        found = self.engines[name]
        taken = found.receive(limit, self.now, visibility_ms=visibility, one_group=one_group, attempt_id=attempt)
        expected = self.models[name].receive(limit, self.now, visibility, one_group, attempt)
        assert [(m.record.id, m.receipt_handle, m.receive_count) for m in taken] == expected
        if one_group:
            assert attempt or len({message.record.message_group_id for message in taken}) <= 1
        self.handles[name] += [handle for _, handle, _ in expected]
        self.received[name].append([(message, message.receive_count) for message in taken])

    @rule(name=queues, data=st.data())
    def delete(self, name, data):
        handle = data.draw(st.sampled_from(self.handles[name]))
        result = answer(lambda: self.engines[name].delete(handle, self.now))
        assert result == self.models[name].delete(handle, self.now)

    @precondition(lambda self: any(self.received.values()))
    @rule(data=st.data())
    def delete_received(self, data):
        name = data.draw(st.sampled_from([name for name, batches in self.received.items() if batches]))
        batch = data.draw(st.sampled_from(self.received[name]))
        part: list[tuple[Message, int]] = batch[: data.draw(st.integers(0, len(batch)))]
        result = self.engines[name].delete_received(part, self.now)
        assert result == self.models[name].delete_received([(m.record.id, many) for m, many in part], self.now)

    @rule(name=queues, data=st.data(), visibility=lengths_or_0 | st.sampled_from([12 * HOUR_MS - 1_000, 12 * HOUR_MS]))
    def change_visibility(self, name, data, visibility):
        handle = data.draw(st.sampled_from(self.handles[name]))
        result = answer(lambda: self.engines[name].change_visibility(handle, visibility, self.now))
        assert result == self.models[name].change_visibility(handle, visibility, self.now)

    @rule(name=queues, limit=st.integers(1, 5))
    def move_out(self, name, limit):
        moved = self.engines[name].move_out(limit, self.now)
        assert [message.record.id for message in moved] == self.models[name].move_out(limit, self.now)

    @rule(name=queues)
    def purge(self, name):
        assert self.engines[name].purge(self.now) == self.models[name].purge(self.now)

    @rule(name=queues, visibility=lengths_or_0, delay=lengths_or_0, retention=retentions, scope=scopes)
    def set_attributes(self, name, visibility, delay, retention, scope):
        found, model = self.engines[name], self.models[name]
        found.settle(self.now)  # what fell due before belongs to the old attributes
        model.pass_until(self.now)
        found.settings = replace(
            found.settings,
            visibility_ms=visibility,
            delay_ms=delay,
            retention_ms=retention,
            deduplication_scope=scope,
        )
        model.visibility, model.delay, model.retention, model.scope = visibility, delay, retention, scope

    # -- time ---------------------------------------------------------------------------------------------------------

    @rule(ms=lengths | st.sampled_from([299_999, 300_000, 300_001, 12 * HOUR_MS]))
    def wait(self, ms):
        self.now += ms

    @rule(data=st.data(), off_by=st.sampled_from([0, 0, -1, 1]))
    def wait_until_due(self, data, off_by):
        moments = {moment for model in self.models.values() for moment in model.due_moments() if moment > self.now}
        for model in self.models.values():
            moments |= {then + naive.FIVE_MINUTES_MS for then, *_ in model.sent}
            moments |= {began + naive.FIVE_MINUTES_MS for began, _ in model.attempts.values()}
        moments = {moment for moment in moments if moment > self.now}
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
            assert before[1] == []
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
        assert all(m.record.sent_timestamp == m.enqueued_ms for m in found.messages(self.now))
        return messages, [message.record.id for message in found._ready], found.counts(self.now)

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
        self.the_order_is_kept("orders")
        self.the_order_is_kept("dead")
        self.the_order_is_kept_in_the_dead_letter_queue()

    def the_order_is_kept(self, name):
        """Read from the journal alone: nothing is received while an older message of its group is there unreceived.

        At each receive, those of a group are its oldest messages that are still in the queue, in their order.
        """
        inside = {}
        for at, step in enumerate(self.ledger.steps):
            if step.place != name:
                continue
            if step.kind == "entered":
                group = self.ledger.records[step.records[0]].message_group_id
                inside.setdefault(group, []).append(step.records[0])
            elif step.kind in ("left", "moved"):
                for record_id in step.records:
                    inside[self.ledger.records[record_id].message_group_id].remove(record_id)
            elif step.kind == "received":
                for group, ids in inside.items():
                    mine = [it for it in step.records if self.ledger.records[it].message_group_id == group]
                    spent = self.moved_at_once(name, at, group)
                    assert mine == [it for it in ids if it in mine or it not in spent][: len(mine)]

    def moved_at_once(self, name, at, group):
        """Those of a group that the same receive sent to the dead-letter queue: journaled after it."""
        for later in self.ledger.steps[at + 1 :]:
            if later.at_ms != self.ledger.steps[at].at_ms or (later.place, later.kind) == (name, "received"):
                break
            if (later.place, later.kind, later.detail) == (name, "left", "dead_lettered"):
                return [it for it in later.records if self.ledger.records[it].message_group_id == group]
        return []

    def the_order_is_kept_in_the_dead_letter_queue(self):
        entered = {}
        for place in ("orders", "dead"):
            ids = [step.records[0] for step in self.ledger.steps if step.place == place and step.kind == "entered"]
            entered[place] = [(self.ledger.records[it].message_group_id, it) for it in ids]
        came = [pair for pair in entered["dead"] if pair in entered["orders"]]
        for group in {group for group, _ in came}:
            arrived = [pair for pair in came if pair[0] == group]
            assert arrived == [pair for pair in entered["orders"] if pair in arrived]


def test_the_fifo_engine_agrees_with_the_naive_model() -> None:
    """Whatever is done and however time passes, order per group, answers, counts and journal are as the rules say."""
    run_state_machine_as_test(
        FifoAndModel,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
