"""Concurrency, throttling and what they do to messages (Lambda Developer Guide, "Scaling behavior", "Reserved
concurrency").
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Faults, UsageError

if TYPE_CHECKING:
    from pytest_lambda_events import Harness


def nothing(_event: Any, _context: Any) -> None:
    """A handler that succeeds."""


def starts(run: Any) -> list[float]:
    """When the invocations that ran began."""
    return sorted(call.at for call in run.invocations if call.outcome != "throttled")


def test_maximum_concurrency_overlaps_batches(aws: Harness) -> None:
    """Two at a time, ten seconds each: four batches take twenty seconds."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=60)
    mapping = aws.event_source_mapping(
        queue, nothing, function={"Timeout": 30}, duration=10, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2}
    )
    queue.send("a", "b", "c", "d")
    run = mapping.run_until_idle()
    assert starts(run) == [0, 0, 10, 10]
    assert run.elapsed == 20


def test_concurrency_starts_at_five_and_climbs_by_the_minute(aws: Harness) -> None:
    """Eight batches of 90 s: five at once, the other three when the first minute is over."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=600)
    mapping = aws.event_source_mapping(
        queue, nothing, function={"Timeout": 100}, duration=90, BatchSize=1, ScalingConfig={"MaximumConcurrency": 50}
    )
    queue.send(*"abcdefgh")
    assert starts(mapping.run_until_idle()) == [0, 0, 0, 0, 0, 60, 60, 60]


CLIMBED = [0] * 4 + [20] + [40] * 4 + [60] * 6
AT_FIVE = [0] * 4 + [20] + [40] * 4 + [60] + [80] * 4 + [100]


@pytest.mark.parametrize(
    ("fails", "types", "expected"),
    [("", [], CLIMBED), ("a", [], AT_FIVE), ("a", ["ReportBatchItemFailures"], CLIMBED)],
    ids=["no error", "an error", "failures are reported"],
)
def test_an_error_begins_the_climb_anew(aws: Harness, fails: str, types: list[str], expected: list[int]) -> None:
    """Fifteen batches of 40 s, always one of them running: more than five at once when the minute is over."""

    def handler(event: Any, context: Any) -> None:
        if event["Records"][0]["body"] == fails:
            raise ValueError(fails)

    queue = aws.sqs_queue("orders", VisibilityTimeout=600)
    scaling = {"ScalingConfig": {"MaximumConcurrency": 50}, "FunctionResponseTypes": types}
    mapping = aws.event_source_mapping(queue, handler, function={"Timeout": 100}, duration=40, BatchSize=1, **scaling)
    queue.send(*"abcd")
    queue.send(*"efghijklmno", at=20)
    assert starts(mapping.run_for(150)) == expected


def test_a_provisioned_poller_carries_ten(aws: Harness) -> None:
    """Two pollers, twenty batches at once."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=60)
    mapping = aws.event_source_mapping(
        queue,
        nothing,
        function={"Timeout": 30},
        duration=10,
        BatchSize=1,
        ProvisionedPollerConfig={"MinimumPollers": 2, "MaximumPollers": 2},
    )
    queue.send(*[str(n) for n in range(25)])
    assert starts(mapping.run_until_idle()) == [0] * 20 + [10] * 5


def test_reserved_concurrency_of_zero_sends_messages_to_the_dlq_without_running(aws: Harness) -> None:
    """Each receive counts; the advice names the records that never ran."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=2)
    mapping = aws.event_source_mapping(queue, nothing, function={"ReservedConcurrentExecutions": 0})
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert run.dead_lettered == [record]
    assert run.attempts(record) == []
    assert run.receives(record) == [0, 30]
    assert run.metrics["Invocations"] == 0
    assert run.metrics["Throttles"] == len(run.invocations) == 10
    assert {call.outcome for call in run.invocations} == {"throttled"}
    assert [advice.code for advice in run.advice] == ["max-receive-count-low", "throttled-to-death"]
    assert record.id in run.advice[1].message


def test_a_throttled_batch_is_tried_again_inside_its_visibility_timeout(aws: Harness) -> None:
    """One execution reserved, two batches of four seconds: the second is tried after 1, 2 and 4 more seconds."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=1)
    mapping = aws.event_source_mapping(
        queue,
        nothing,
        function={"Timeout": 10, "ReservedConcurrentExecutions": 1},
        duration=4,
        BatchSize=1,
        ScalingConfig={"MaximumConcurrency": 2},
    )
    a, b = queue.send("a", "b")
    run = mapping.run_until_idle()
    assert run.processed == [a, b]
    assert run.receives(b) == [0]
    throttled = [call.at for call in run.invocations if call.outcome == "throttled"]
    assert throttled == [0, 1, 3]
    assert run.attempts(b) == [7]
    # none of it is about throttling: the timeouts above are too tight for AWS's recommendations, and meant to be
    assert [advice.code for advice in run.advice] == ["visibility-below-six-timeouts", "max-receive-count-low"]


def test_a_functions_reservation_is_shared_by_its_mappings(aws: Harness) -> None:
    """Two queues, one function with one execution."""
    first, second = aws.sqs_queue("first", VisibilityTimeout=30), aws.sqs_queue("second", VisibilityTimeout=30)
    function = {"FunctionName": "shared", "ReservedConcurrentExecutions": 1, "Timeout": 10}
    aws.event_source_mapping(first, nothing, function=function, duration=5)
    other = aws.event_source_mapping(second, nothing, function=function, duration=5)
    first.send("a")
    (b,) = second.send("b")
    aws.run_until_idle()
    assert other.view().attempts(b) == [7]
    assert other.view().metrics["Throttles"] == 3


def test_disabling_lets_a_throttled_batch_lapse(aws: Harness) -> None:
    """It comes back by itself, and is received again when the mapping is enabled."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30)
    mapping = aws.event_source_mapping(queue, nothing, function={"ReservedConcurrentExecutions": 0})
    (record,) = queue.send("a")
    mapping.run_for(2)
    mapping.disable()
    run = mapping.run_for(60)
    assert run.receives(record) == [0]
    assert run.pending == [record]


# -- faults -----------------------------------------------------------------------------------------------------------


def test_duplicates_are_found_by_a_handler_that_is_not_idempotent(aws: Harness) -> None:
    """A message that was processed and deleted comes once more: 100 is booked twice, and the trace says why."""
    booked: list[str] = []
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(
        queue,
        lambda event, _context: booked.extend(record["body"] for record in event["Records"]),
        faults=Faults(duplicates=0.5),
    )
    sent = queue.send(*[str(n) for n in range(20)])
    run = mapping.run_until_idle()
    assert run.processed == sent
    doubled = [record for record in sent if booked.count(record.body) > 1]
    assert doubled
    faults = [step for step in run.trace if step.kind == "fault"]
    assert {step.detail for step in faults} == {"duplicates"}
    assert {record.id for record in doubled} == {step.records[0] for step in faults}


def test_a_crash_between_invocation_and_delete_brings_the_batch_back(aws: Harness) -> None:
    """The function succeeded and runs again, after the visibility timeout."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
    mapping = aws.event_source_mapping(queue, nothing, faults=Faults(crashes=1))
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert run.attempts(record) == [0, 30, 60]
    assert [call.outcome for call in run.invocations] == ["success"] * 3
    assert run.dead_lettered == [record]


def test_a_failed_delete_brings_a_message_back(aws: Harness) -> None:
    """Of a batch that succeeded, the messages whose delete failed come back after their visibility timeout."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=50)
    mapping = aws.event_source_mapping(queue, nothing, faults=Faults(failed_deletes=0.5))
    sent = queue.send(*"abcdefgh")
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert sorted({attempt for record in sent for attempt in run.attempts(record)})[:2] == [0, 30]


def test_late_visibility_is_at_most_ten_seconds(aws: Harness) -> None:
    """A handler that fails sees its message after 30 to 40 s."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=5)
    mapping = aws.event_source_mapping(queue, lambda *_: 1 / 0, faults=Faults(late_visibility=1))
    (record,) = queue.send("a")
    attempts = mapping.run_until_idle().attempts(record)
    gaps = [later - earlier for earlier, later in itertools.pairwise(attempts)]
    assert len(gaps) == 4
    assert all(30 < gap <= 40 for gap in gaps)


def test_reordering_shuffles_a_batch(aws: Harness, recorder: Any) -> None:
    """Best-effort ordering: a handler that relies on order is found out."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, faults=Faults(reordering=1))
    queue.send(*"abcdefghij")
    mapping.run_until_idle()
    assert handler.batches[0] != list("abcdefghij")
    assert sorted(handler.batches[0]) == list("abcdefghij")


def test_throttles_on_request(aws: Harness) -> None:
    """The account's other functions have the concurrency."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=2)
    mapping = aws.event_source_mapping(queue, nothing, faults=Faults(throttles=1))
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert run.dead_lettered == [record]
    assert run.attempts(record) == []


def test_faults_are_seeded(aws: Harness) -> None:
    """The same mapping in the same world has the same faults."""
    texts = []
    for _ in range(2):
        aws.stop()
        aws.__init__(seed=3, region="us-east-1")
        aws.start()
        queue = aws.sqs_queue("orders", VisibilityTimeout=30)
        mapping = aws.event_source_mapping(queue, nothing, faults=Faults(duplicates=0.3, failed_deletes=0.2))
        queue.send(*[str(n) for n in range(30)])
        texts.append(mapping.run_until_idle().trace.to_json())
    assert texts[0] == texts[1]


def test_a_probability_is_between_zero_and_one() -> None:
    """Anything else is refused by name."""
    for wrong in (-0.1, 1.1, True, "often"):
        with pytest.raises(UsageError, match="duplicates"):
            Faults(duplicates=wrong)


def throttled_at(run: Any) -> list[float]:
    """When the function was throttled."""
    return [call.at for call in run.invocations if call.outcome == "throttled"]


def test_a_throttled_batch_lapses_when_it_could_be_received_again(aws: Harness, recorder: Any) -> None:
    """At that very moment it is received anew, rather than tried with the old receipt."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=3)
    function = {"Timeout": 1, "ReservedConcurrentExecutions": 0}
    mapping = aws.event_source_mapping(queue, recorder(), function=function)
    (record,) = queue.send("a")
    run = mapping.run_for(5)
    assert run.receives(record) == [0, 3]
    assert throttled_at(run) == [0, 1, 3, 4]


def test_the_first_message_to_lapse_ends_the_retries(aws: Harness, recorder: Any) -> None:
    """A batch of two receives, 10 s apart, is tried until the earlier one is visible again."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30)
    function = {"ReservedConcurrentExecutions": 0}
    mapping = aws.event_source_mapping(queue, recorder(), function=function, MaximumBatchingWindowInSeconds=20)
    queue.send("a")
    queue.send("b", at=10)
    assert throttled_at(mapping.run_for(36)) == [20, 21, 23, 27, 30, 31, 33]
