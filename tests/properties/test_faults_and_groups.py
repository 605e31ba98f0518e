"""Throttles, crashes, duplicates and FIFO groups, at random: nothing lost, one fate each, order per group."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events import Faults, Harness
from pytest_lambda_events.model.records import FATES

EXAMPLES = int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "40"))
PROBABILITY = st.sampled_from([0.0, 0.0, 0.2, 0.6])
PLAN = settings(max_examples=EXAMPLES, database=None, suppress_health_check=[HealthCheck.too_slow])

faults = st.builds(
    Faults,
    duplicates=PROBABILITY,
    failed_deletes=PROBABILITY,
    crashes=PROBABILITY,
    throttles=PROBABILITY,
    late_visibility=PROBABILITY,
)
plans = st.fixed_dictionaries(
    {
        "fifo": st.booleans(),
        "sends": st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 120)), min_size=1, max_size=12),
        "poison": st.sets(st.integers(0, 11), max_size=3),
        "batch_size": st.integers(1, 10),
        "most": st.integers(1, 4),
        "reserved": st.sampled_from([None, 0, 1, 2]),
        "concurrency": st.sampled_from([None, 2, 5]),
        "duration": st.sampled_from([0, 2, 9]),
        "faults": faults,
        "seed": st.integers(0, 5),
    }
)


class World:
    """A plan carried out: a handler that stops at the first failure of each group and reports what is behind it."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.batches: list[list[str]] = []
        self.poison = {str(number) for number in plan["poison"]}
        with Harness(seed=plan["seed"], region="us-east-1") as aws:
            name = "q.fifo" if plan["fifo"] else "q"
            attributes = {"ContentBasedDeduplication": True} if plan["fifo"] else {}
            queue = aws.sqs_queue(name, VisibilityTimeout=30, maxReceiveCount=plan["most"], **attributes)
            parameters: dict[str, Any] = {"BatchSize": plan["batch_size"]}
            if plan["concurrency"] is not None:
                parameters["ScalingConfig"] = {"MaximumConcurrency": plan["concurrency"]}
            mapping = aws.event_source_mapping(
                queue,
                self.handle,
                function={"Timeout": 10, "ReservedConcurrentExecutions": plan["reserved"]},
                duration=plan["duration"],
                faults=plan["faults"],
                FunctionResponseTypes=["ReportBatchItemFailures"],
                **parameters,
            )
            self.sent = []
            for number, (group, at) in enumerate(sorted(plan["sends"], key=lambda send: send[1])):
                self.sent += queue.send(str(number), message_group_id=group, at=at)
            self.run = mapping.run_until_idle()
            self.dead = queue.dlq.messages if queue.dlq is not None else []
            queue.engine.check()

    def handle(self, event: Any, _context: Any) -> Any:
        bodies = [record["body"] for record in event["Records"]]
        self.batches.append(bodies)
        failures, stopped = [], set()
        for record in event["Records"]:
            group = record["attributes"]["MessageGroupId"]
            if record["body"] in self.poison or group in stopped:
                stopped.add(group)
                failures.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failures}


@PLAN
@given(plan=plans)
def test_nothing_is_lost_and_each_record_has_one_fate(plan: dict[str, Any]) -> None:
    """The run ends; every record sent is known, in order, with one fate; the dead ones are in the DLQ."""
    world = World(plan)
    run = world.run
    assert run.records == world.sent
    fates = {fate: getattr(run, fate) for fate in FATES}
    assert sorted(record.id for found in fates.values() for record in found) == sorted(r.id for r in world.sent)
    assert fates["pending"] == []
    assert {record.id for record in world.dead} == {record.id for record in fates["dead_lettered"]}
    for record in world.sent:
        assert run.fate(record) in ("processed", "dead_lettered")


@PLAN
@given(plan=plans)
def test_receive_counts_are_right_and_bounded(plan: dict[str, Any]) -> None:
    """What each event says is how often the record had been received; never more than maxReceiveCount times."""
    world = World(plan)
    counted: defaultdict[str, list[int]] = defaultdict(list)
    for step in world.run.trace:
        if step.kind == "received":
            for record_id, count in zip(step.records, step.detail, strict=True):
                counted[record_id].append(count)
    for record in world.sent:
        assert counted[record.id] == list(range(1, len(counted[record.id]) + 1))
        assert len(counted[record.id]) <= plan["most"]
        assert len(world.run.receives(record)) == len(counted[record.id])


@PLAN
@given(plan=plans.filter(lambda plan: plan["fifo"]))
def test_every_delivery_of_a_group_is_in_order(plan: dict[str, Any]) -> None:
    """Whatever goes wrong, a batch never has a group's later record before an earlier one."""
    world = World(plan)
    groups = {record.body: record.message_group_id for record in world.sent}
    for batch in world.batches:
        for group in "abc":
            bodies = [int(body) for body in batch if groups[body] == group]
            assert bodies == sorted(bodies)


@PLAN
@given(plan=plans.filter(lambda plan: plan["fifo"]))
def test_a_groups_records_run_one_invocation_at_a_time(plan: dict[str, Any]) -> None:
    """Two invocations that overlap in time share no group."""
    run = World(plan).run
    spans = [
        (call.at, call.at + call.duration, {record.message_group_id for record in call.records})
        for call in run.invocations
        if call.outcome != "throttled" and call.duration
    ]
    for number, (start, end, groups) in enumerate(spans):
        for other_start, other_end, other_groups in spans[number + 1 :]:
            if start < other_end and other_start < end:
                assert not groups & other_groups


@PLAN
@given(plan=plans)
def test_the_same_plan_has_the_same_trace(plan: dict[str, Any]) -> None:
    """Faults and all."""
    assert World(plan).run.trace.to_json() == World(plan).run.trace.to_json()
