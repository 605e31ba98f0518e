"""Whole traces, step by step: a success, a poison record, a batch that fails, a restart. Same seed, same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Faults

if TYPE_CHECKING:
    from pytest_lambda_events.harness.mapping import EventSourceMapping

REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def told(mapping: EventSourceMapping[Any]) -> list[str]:
    """The trace in brief: second, kind, records by partition and offset, and what came of it."""
    run, lines = mapping.view(), []
    for step in run.trace:
        ids = " ".join(record.removeprefix("orders-") for record in step.records)
        detail = {"left": step.detail, "ended": step.detail[0] if step.kind == "ended" else ""}.get(step.kind, "")
        lines.append(f"{(step.at_ms - 1_735_689_600_000) / 1000:g} {step.kind} {ids} {detail}".strip())
    return [line for line in lines if " entered " not in line]


@pytest.fixture
def topic(aws: Any) -> Any:
    """Two partitions."""
    return aws.kafka_topic("orders", partitions=2)


def test_a_success(aws: Any, topic: Any, recorder: Any) -> None:
    """One invocation, one end."""
    mapping = aws.event_source_mapping(topic, recorder())
    topic.send(*"abc", partition=lambda number: number % 2)
    mapping.run_until_idle()
    assert told(mapping) == [
        "0.5 invoked 0-0 1-0 0-1",
        "0.5 left 0-0 1-0 0-1 processed",
        "0.5 ended 0-0 1-0 0-1 success",
    ]


def test_one_poison_record(aws: Any, topic: Any, recorder: Any, provisioned: Any) -> None:
    """It is tried alone until its retries are used up."""
    mapping = aws.event_source_mapping(topic, recorder(reports="b"), MaximumRetryAttempts=2, **REPORTS, **provisioned)
    topic.send(*"abc", partition=lambda number: number % 2)
    mapping.run_until_idle()
    assert told(mapping) == [
        "0.5 invoked 0-0 1-0 0-1",
        "0.5 left 0-0 0-1 processed",
        "0.5 ended 0-0 1-0 0-1 partial",
        "0.7 invoked 1-0",
        "0.7 ended 1-0 partial",
        "1.1 invoked 1-0",
        "1.1 ended 1-0 partial",
        "1.1 left 1-0 discarded",
    ]


def test_a_batch_that_fails_as_a_whole(aws: Any, topic: Any, recorder: Any, provisioned: Any) -> None:
    """It is halved until the bad one is alone."""
    mapping = aws.event_source_mapping(
        topic, recorder(fails="b"), MaximumRetryAttempts=0, BisectBatchOnFunctionError=True, **provisioned
    )
    topic.send(*"abc", partition=lambda number: number % 2)
    mapping.run_until_idle()
    assert told(mapping) == [
        "0.5 invoked 0-0 1-0 0-1",
        "0.5 ended 0-0 1-0 0-1 error",
        "0.5 split 0-0 1-0 0-1",
        "0.5 invoked 0-0",
        "0.5 left 0-0 processed",
        "0.5 ended 0-0 success",
        "0.5 invoked 1-0 0-1",
        "0.5 ended 1-0 0-1 error",
        "0.5 split 1-0 0-1",
        "0.5 invoked 1-0",
        "0.5 ended 1-0 error",
        "0.5 left 1-0 discarded",
        "0.5 invoked 0-1",
        "0.5 left 0-1 processed",
        "0.5 ended 0-1 success",
    ]


def test_a_restart_in_the_middle(aws: Any, topic: Any, recorder: Any) -> None:
    """What was not committed comes again."""
    handler = recorder(fails="b")
    mapping = aws.event_source_mapping(topic, handler)
    topic.send(*"ab", partition=lambda number: number % 2)
    mapping.run_for(0.6)
    mapping.disable()
    topic.send("c", partition=0)
    mapping.run_for(10)
    handler.fails = ""
    mapping.enable()
    mapping.run_until_idle()
    assert told(mapping) == [
        "0.5 invoked 0-0 1-0",
        "0.5 ended 0-0 1-0 error",
        "11.1 invoked 0-0 1-0 0-1",
        "11.1 left 0-0 1-0 0-1 processed",
        "11.1 ended 0-0 1-0 0-1 success",
    ]


def test_same_seed_same_trace(aws: Any, recorder: Any, provisioned: Any) -> None:
    """Byte for byte, faults and records without a key included."""
    aws.stop()
    traces = []
    for _ in range(2):
        with type(aws)() as world:
            topic = world.kafka_topic("orders", partitions=8)
            mapping = world.event_source_mapping(
                topic,
                recorder(reports="aei"),
                BatchSize=3,
                MaximumRetryAttempts=1,
                faults=Faults(crashes=0.3, throttles=0.3),
                **REPORTS,
                **provisioned,
            )
            topic.send(*"abcdefghijkl", partition=lambda number: number % 3)
            topic.send(*("x" * 9_000 for _ in range(4)))
            run = mapping.run_until_idle()
            mapping.poller.check()
        traces.append(run.trace.to_json())
        assert {step.detail for step in run.trace if step.kind == "fault"} == {"crashes", "throttles"}
        assert len(run.processed) + len(run.discarded) == len(run.records) == 16
    assert traces[0] == traces[1]


def test_a_poller_that_is_gone_before_it_commits_delivers_again(aws: Any, topic: Any, recorder: Any) -> None:
    """At least once: the function has done it, and does it again."""
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, faults=Faults(crashes=1))
    (record,) = topic.send("a", partition=0)
    run = mapping.run_for(1)
    assert handler.batches == ["a", "a", "a"]
    assert run.pending == [record]
    assert topic.group(mapping.uuid).committed == {0: 0, 1: 0}
    assert [call.outcome for call in run.invocations] == ["success"] * 3
