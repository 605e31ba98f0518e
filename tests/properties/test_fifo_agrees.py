"""The FIFO engine and the naive FIFO model, driven with the same operations, give the same answers and the same story.

By default a few hundred histories; `LAMBDA_EVENTS_EXAMPLES=20000` tries so many.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from pytest_lambda_events.model.records import SqsMessage

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.visibility_queue import Message

# by path: the oldest pytest that we support does not make a package of a test file's folder
_spec = importlib.util.spec_from_file_location("queue_machine", Path(__file__).with_name("queue_machine.py"))
shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shared)

queues, times = shared.queues, shared.lengths_or_0
# the deduplication interval and its edges
announcements = st.none() | times | st.sampled_from([299_999, 300_000, 300_001])
retentions = st.sampled_from([1_000, 3_000, 20_000, *[14 * 24 * shared.HOUR_MS] * 2])
scopes = st.sampled_from(["queue", "messageGroup"])
dedup_ids = st.none() | st.sampled_from(["d1", "d2", "d3"])


class FifoAndModel(shared.AgainstTheModel):
    """A FIFO queue and its dead-letter queue, twice."""

    fifo = True

    @initialize(
        visibility=times,
        delay=times,
        retention=retentions,
        dead_retention=retentions,
        dead_visibility=shared.lengths,
        most=st.sampled_from([None, 1, 2, 3]),
        groups=st.integers(1, 4),
        scope=scopes,
        watched=st.booleans(),
    )
    def create(self, groups, **given):
        self.build(**given)
        self.groups = groups
        self.received = {"orders": [], "dead": []}
        self.sequence = {"orders": {}, "dead": {}}

    @rule(name=queues, group=st.integers(1, 4), dedup=dedup_ids, delay=st.none() | times, ahead=announcements)
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
        visibility=st.none() | times,
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

    @precondition(lambda self: any(self.received.values()))
    @rule(data=st.data())
    def delete_received(self, data):
        name = data.draw(st.sampled_from([name for name, batches in self.received.items() if batches]))
        batch = data.draw(st.sampled_from(self.received[name]))
        part: list[tuple[Message, int]] = batch[: data.draw(st.integers(0, len(batch)))]
        result = self.engines[name].delete_received(part, self.now)
        assert result == self.models[name].delete_received([(m.record.id, many) for m, many in part], self.now)

    @rule(name=queues, limit=st.integers(1, 5))
    def move_out(self, name, limit):
        moved = self.engines[name].move_out(limit, self.now)
        assert [message.record.id for message in moved] == self.models[name].move_out(limit, self.now)

    @rule(name=queues, visibility=times, delay=times, retention=retentions, scope=scopes)
    def set_attributes(self, name, visibility, delay, retention, scope):
        self.reconfigure(name, visibility, delay, retention, deduplication_scope=scope)
        self.models[name].scope = scope

    # -- what must hold -----------------------------------------------------------------------------------------------

    def moments(self):
        """Deduplication and attempts end, too."""
        moments = super().moments()
        for model in self.models.values():
            moments |= {then + shared.naive.FIVE_MINUTES_MS for then, *_ in model.sent}
            moments |= {began + shared.naive.FIVE_MINUTES_MS for began, _ in model.attempts.values()}
        return moments

    def picture(self, name):
        """And each message says the moment at which it came."""
        assert all(m.record.sent_timestamp == m.enqueued_ms for m in self.engines[name].messages(self.now))
        return super().picture(name)

    def at_the_end(self):
        """The order is kept."""
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
    run_state_machine_as_test(FifoAndModel, settings=shared.SETTINGS)
