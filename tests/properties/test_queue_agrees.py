"""The engine and the naive model, driven with the same operations, give the same answers and tell the same story.

By default a few hundred histories; `LAMBDA_EVENTS_EXAMPLES=20000` tries so many.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from pytest_lambda_events.model.records import SqsMessage

# by path: the oldest pytest that we support does not make a package of a test file's folder
_spec = importlib.util.spec_from_file_location("queue_machine", Path(__file__).with_name("queue_machine.py"))
shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shared)

retentions = st.sampled_from([1_000, 3_000, 7_000, 20_000, 14 * 24 * shared.HOUR_MS])
times = shared.lengths_or_0


class QueueAndModel(shared.AgainstTheModel):
    """A queue and its dead-letter queue, twice."""

    @initialize(
        visibility=times,
        delay=times,
        retention=retentions,
        dead_retention=retentions,
        dead_visibility=shared.lengths,
        most=st.sampled_from([None, 1, 2, 3]),
        watched=st.booleans(),
    )
    def create(self, **given):
        self.build(**given)

    @rule(name=shared.queues, many=st.integers(1, 4), delay=st.none() | times, ahead=st.none() | times)
    def send(self, name, many, delay, ahead):
        at = None if ahead is None else self.now + ahead
        for _ in range(many):
            record = SqsMessage(id=f"m{next(self.numbers)}", body="", sent_timestamp=at or self.now, sender_id="")
            self.engines[name].send(record, self.now, delay_ms=delay, at_ms=at)
            self.models[name].send(record.id, self.now, delay=delay, at=at)

    @rule(name=shared.queues, limit=st.integers(1, 10), visibility=st.none() | times)
    def receive(self, name, limit, visibility):
        taken = self.engines[name].receive(limit, self.now, visibility_ms=visibility)
        expected = self.models[name].receive(limit, self.now, visibility=visibility)
        assert [(m.record.id, m.receipt_handle, m.receive_count) for m in taken] == expected
        self.handles[name] += [handle for _, handle, _ in expected]

    @rule(name=shared.queues, visibility=times, delay=times, retention=retentions)
    def set_attributes(self, name, visibility, delay, retention):
        self.reconfigure(name, visibility, delay, retention)

    def at_the_end(self):
        """Read without the model: in each queue a record enters once, then is received 1, 2, 3…, and leaves once."""
        inherited = {}
        for name, source in (("orders", None), ("dead", "orders")):
            seen, gone, last = {}, {}, 0
            for at, kind, record_id, detail in shared.flat(self.ledger, name):
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
    run_state_machine_as_test(QueueAndModel, settings=shared.SETTINGS)


@pytest.mark.parametrize("name", ["orders", "dead"])
def test_an_empty_queue_expects_nothing(name) -> None:
    """Without messages there is no next change, at any time."""
    machine = QueueAndModel()
    machine.build(visibility=1, delay=0, retention=1_000, dead_retention=1_000, dead_visibility=1, most=1, watched=True)
    machine.compare(name)
    machine.now += 10
    assert machine.engines[name].next_change(machine.now) is None
