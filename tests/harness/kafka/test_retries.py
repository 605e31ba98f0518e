"""How a batch that failed goes on (Lambda Developer Guide, "Configuring error handling controls for Kafka event
sources").
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def test_a_failed_batch_is_tried_again_unchanged_until_it_succeeds(aws: Any, recorder: Any) -> None:
    """Same event, same request id, 0.2 s later, then 0.4 s; what came meanwhile comes after it."""
    topic = aws.kafka_topic("orders", partitions=2)
    handler = recorder(fails="b", times=3)
    mapping = aws.event_source_mapping(topic, handler)
    sent = topic.send(*"ab", partition=0)
    sent += topic.send("c", partition=1)
    topic.send("d", partition=1, at=0.6)
    run = mapping.run_until_idle()
    assert handler.batches == ["abc"] * 4 + ["d"]
    assert [call.at for call in run.invocations] == [0.5, 0.7, 1.1, 1.9, 1.9]
    assert handler.events[:4] == [handler.events[0]] * 4
    assert [len(set(handler.requests[:4])), len(set(handler.requests))] == [1, 2]
    assert run.processed[:3] == sent
    assert topic.group(mapping.uuid).committed == {0: 2, 1: 2}


def test_the_delay_doubles_up_to_a_minute(aws: Any, recorder: Any) -> None:
    """0.2 s, 0.4 s … 51.2 s, then every minute."""
    topic = aws.kafka_topic("orders")
    handler = recorder(fails="a", times=11)
    mapping = aws.event_source_mapping(topic, handler)
    (record,) = topic.send("a")
    moments = mapping.run_until_idle().attempts(record)
    delays = [round(later - earlier, 1) for earlier, later in pairwise(moments)]
    assert delays == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 60]


def test_retention_ends_retries_at_its_moment(aws: Any, recorder: Any) -> None:
    """Seven days; the good records behind the bad one expire with it, each at its own time."""
    topic = aws.msk_topic("orders")
    mapping = aws.event_source_mapping(topic, recorder(fails="a"), BatchSize=1)
    (bad,) = topic.send("a")
    topic.send("b", at=100)
    run = mapping.run_until(lambda run: bool(run.expired))
    assert run.expired == [bad]
    assert run.elapsed == 604_800
    run = mapping.run_until_idle()
    assert [record.offset for record in run.processed] == [1]
    assert run.attempts(run.processed[0]) == [604_800]


def test_records_that_wait_behind_a_bad_one_expire(aws: Any, recorder: Any, provisioned: Any) -> None:
    """One batch at a time: a week of retries of one partition loses what the others hold."""
    topic = aws.kafka_topic("orders", partitions=2, retention_ms=60_000)
    handler = recorder(fails="a")
    mapping = aws.event_source_mapping(topic, handler, BatchSize=1, MaximumRetryAttempts=9, **provisioned)
    (bad,) = topic.send("a", partition=0)
    behind = topic.send("b", "c", partition=1)
    run = mapping.run_until_idle()
    assert run.expired == [bad, *behind]
    assert handler.batches == ["a"] * 9
    assert run.elapsed == 60
    assert topic.group(mapping.uuid).committed == {0: 1, 1: 2}


def test_retries_end_at_their_number(aws: Any, recorder: Any, provisioned: Any) -> None:
    """MaximumRetryAttempts counts tries after the first; then the whole batch is dropped and committed."""
    topic = aws.kafka_topic("orders")
    handler = recorder(fails="b")
    mapping = aws.event_source_mapping(topic, handler, MaximumRetryAttempts=2, **provisioned)
    sent = topic.send(*"abc")
    run = mapping.run_until_idle()
    assert run.discarded == sent
    assert run.attempts(sent[0]) == [0.5, 0.7, 1.1]
    assert run.metrics["DroppedEventCount"] == 3
    assert topic.group(mapping.uuid).committed == {0: 3}


def test_record_age_ends_retries(aws: Any, recorder: Any, provisioned: Any) -> None:
    """Each record by its own timestamp; the others go on."""
    topic = aws.kafka_topic("orders", partitions=2)
    handler = recorder(fails="ab")
    mapping = aws.event_source_mapping(topic, handler, MaximumRecordAgeInSeconds=60, **provisioned)
    (old,) = topic.send("a", partition=0, timestamp=1_735_689_600_000 - 55_000)
    (new,) = topic.send("b", partition=1)
    run = mapping.run_until_idle()
    assert run.discarded == [old, new]
    assert handler.batches[0] == "ab"
    assert handler.batches[-1] == "b"
    assert max(run.attempts(old)) <= 5
    assert 51 < max(run.attempts(new)) <= 60
    assert topic.group(mapping.uuid).committed == {0: 1, 1: 1}


def test_a_record_that_is_too_old_at_first_is_never_tried(aws: Any, recorder: Any, provisioned: Any) -> None:
    """And what it would have gone with goes without it."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, MaximumRecordAgeInSeconds=60, **provisioned)
    good, old = topic.send("a", "b", timestamp=lambda number: 1_735_689_600_000 - 61_000 * number)
    topic.send("c", timestamp=1_735_689_000_000, at=10)
    run = mapping.run_until_idle()
    assert run.processed == [good]
    assert run.discarded[0] == old
    assert handler.batches == ["a"]
    assert topic.group(mapping.uuid).committed == {0: 3}


# -- bisect -----------------------------------------------------------------------------------------------------------


def test_a_batch_that_fails_is_halved(aws: Any, recorder: Any, provisioned: Any) -> None:
    """Lower half first, depth first; each half has retries of its own; splitting uses none."""
    topic = aws.kafka_topic("orders")
    handler = recorder(fails="b")
    mapping = aws.event_source_mapping(
        topic, handler, BisectBatchOnFunctionError=True, MaximumRetryAttempts=1, **provisioned
    )
    a, b, c, d = topic.send(*"abcd")
    run = mapping.run_until_idle()
    assert handler.batches == ["abcd", "ab", "a", "b", "b", "cd"]
    assert [call.at for call in run.invocations] == [0.5, 0.5, 0.5, 0.5, 0.7, 0.7]
    assert run.processed == [a, c, d]
    assert run.discarded == [b]
    assert len(set(handler.requests)) == 5
    assert [step.records for step in run.trace if step.kind == "split"] == [
        ("orders-0-0", "orders-0-1", "orders-0-2", "orders-0-3"),
        ("orders-0-0", "orders-0-1"),
    ]


@pytest.mark.parametrize(("retries", "batches"), [(0, "abc a bc b c"), (-1, "abc a bc b b b b c")])
def test_bisect_at_no_retries_and_at_infinite_ones(
    aws: Any, recorder: Any, provisioned: Any, retries: int, batches: str
) -> None:
    """Splitting uses none; without end, it is the single record that is tried until it succeeds."""
    topic = aws.kafka_topic("orders")
    handler = recorder(fails="b", times=6)
    mapping = aws.event_source_mapping(
        topic, handler, BisectBatchOnFunctionError=True, MaximumRetryAttempts=retries, **provisioned
    )
    topic.send(*"abc")
    run = mapping.run_until_idle()
    assert handler.batches == batches.split()
    assert len(run.discarded) == (retries == 0)


def test_a_half_that_succeeded_is_committed(aws: Any, recorder: Any, provisioned: Any) -> None:
    """A mapping that is disabled in between does not begin before it."""
    topic = aws.kafka_topic("orders")
    handler = recorder(fails="d")
    mapping = aws.event_source_mapping(topic, handler, BisectBatchOnFunctionError=True, **provisioned)
    topic.send(*"abcd")
    mapping.run_for(1)
    assert topic.group(mapping.uuid).committed == {0: 3}
    mapping.disable()
    mapping.enable()
    handler.fails = ""
    run = mapping.run_until_idle()
    assert handler.batches[-1] == "d"
    assert len(run.processed) == 4


# -- partial responses ------------------------------------------------------------------------------------------------


def test_only_the_reported_records_are_tried_again(aws: Any, recorder: Any, provisioned: Any) -> None:
    """In offset order, with a new event and request id; the others have been processed."""
    topic = aws.kafka_topic("orders", partitions=2)
    handler = recorder(reports="be", times=1)
    mapping = aws.event_source_mapping(topic, handler, **REPORTS, **provisioned)
    sent = topic.send(*"abcdef", partition=lambda number: number // 3)
    first = mapping.run_for(0.6)
    assert first.processed == [sent[0], sent[2], sent[3], sent[5]]
    assert first.pending == [sent[1], sent[4]]
    assert first.invocations[0].outcome == "partial"
    assert first.invocations[0].failed == (sent[1], sent[4])
    run = mapping.run_until_idle()
    assert handler.batches == ["abcdef", "be"]
    assert run.processed == sent
    assert run.attempts(sent[1]) == [0.5, 0.7]
    assert run.attempts(sent[0]) == [0.5]
    assert len(set(handler.requests)) == 2


def test_the_offsets_are_committed_when_none_is_left(aws: Any, recorder: Any, provisioned: Any) -> None:
    """Until then the whole batch would come again."""
    topic = aws.kafka_topic("orders", partitions=2)
    handler = recorder(reports="c")
    mapping = aws.event_source_mapping(topic, handler, **REPORTS, **provisioned)
    topic.send(*"abcd", partition=lambda number: number % 2)
    mapping.run_for(1)
    assert topic.group(mapping.uuid).committed == {0: 0, 1: 0}
    handler.reports = ""
    run = mapping.run_until_idle()
    assert topic.group(mapping.uuid).committed == {0: 2, 1: 2}
    assert run.metrics["CommittedEventCount"] == 4


def test_a_mapping_that_is_disabled_between_begins_with_the_whole_batch(
    aws: Any, recorder: Any, provisioned: Any
) -> None:
    """At least once: what was processed comes again, because it was not committed."""
    topic = aws.kafka_topic("orders")
    handler = recorder(reports="b")
    mapping = aws.event_source_mapping(topic, handler, **REPORTS, **provisioned)
    a, b, c = topic.send(*"abc")
    run = mapping.run_for(0.6)
    assert run.processed == [a, c]
    mapping.disable()
    handler.reports = ""
    assert mapping.run_until_idle().pending == [b]
    mapping.enable()
    run = mapping.run_until_idle()
    assert handler.batches == ["abc", "abc"]
    assert run.processed == [a, b, c]
    assert run.attempts(a) == [0.5, 1.1]
    mapping.poller.check()


def test_reported_records_that_fail_for_good_are_given_up_alone(aws: Any, recorder: Any, provisioned: Any) -> None:
    """So many retries after the first try, however few records are left."""
    topic = aws.kafka_topic("orders")
    handler = recorder(reports="bd")
    mapping = aws.event_source_mapping(topic, handler, MaximumRetryAttempts=2, **REPORTS, **provisioned)
    a, b, c, d = topic.send(*"abcd")
    run = mapping.run_until_idle()
    assert handler.batches == ["abcd", "bd", "bd"]
    assert run.discarded == [b, d]
    assert run.processed == [a, c]
    assert run.metrics["FailedInvokeEventCount"] == 6
    assert run.metrics["Errors"] == 0


def test_a_batch_that_is_reported_whole_is_halved(aws: Any, recorder: Any, provisioned: Any) -> None:
    """With bisect: progress keeps what was reported together, no progress splits it."""
    topic = aws.kafka_topic("orders")
    handler = recorder(reports="bd")
    mapping = aws.event_source_mapping(
        topic, handler, MaximumRetryAttempts=1, BisectBatchOnFunctionError=True, **REPORTS, **provisioned
    )
    topic.send(*"abcd")
    run = mapping.run_until_idle()
    assert handler.batches == ["abcd", "bd", "b", "b", "d", "d"]
    assert [record.offset for record in run.discarded] == [1, 3]
    assert topic.group(mapping.uuid).committed == {0: 4}


def test_halves_of_a_rest_are_committed_together(aws: Any, recorder: Any, provisioned: Any) -> None:
    """The batch that they are of is done when both are."""
    topic = aws.kafka_topic("orders")
    handler = recorder(reports="bd")
    mapping = aws.event_source_mapping(topic, handler, BisectBatchOnFunctionError=True, **REPORTS, **provisioned)
    topic.send(*"abcd")
    mapping.run_for(0.75)
    handler.reports = "d"
    mapping.run_for(2)
    assert topic.group(mapping.uuid).committed == {0: 0}
    handler.reports = ""
    mapping.run_until_idle()
    assert topic.group(mapping.uuid).committed == {0: 4}


@pytest.mark.parametrize(
    ("identifier", "code"),
    [
        ("orders-0-0", "partial-response-invalid-identifier"),
        (0, "partial-response-invalid-identifier"),
        ({"partition": 0, "offset": 0}, "partial-response-invalid-identifier"),
        ({"partition": "orders-0", "offset": "0"}, "partial-response-invalid-identifier"),
        ({"partition": "orders-0", "offset": 7}, "partial-response-unknown-identifier"),
        ({"partition": "orders-1", "offset": 0}, "partial-response-unknown-identifier"),
    ],
)
def test_an_identifier_of_the_wrong_form_fails_the_whole_batch(
    aws: Any, provisioned: Any, identifier: Any, code: str
) -> None:
    """A text, a number, a record of another batch."""
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(
        topic,
        lambda *_: {"batchItemFailures": [{"itemIdentifier": identifier}]},
        MaximumRetryAttempts=0,
        **REPORTS,
        **provisioned,
    )
    sent = topic.send(*"ab")
    run = mapping.run_until_idle()
    assert run.discarded == sent
    assert run.invocations[0].outcome == "malformed"
    assert [advice.code for advice in run.advice] == [code]


def test_failures_without_the_setting_are_processed(aws: Any, recorder: Any) -> None:
    """The records are gone, and advice says why."""
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, recorder(reports="a"))
    sent = topic.send("a")
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert [advice.code for advice in run.advice] == ["partial-response-not-enabled"]


@pytest.mark.parametrize("kind", ["timeout", "malformed"])
def test_every_ending_but_a_return_fails_the_batch(aws: Any, provisioned: Any, kind: str) -> None:
    """A timeout, and what cannot be serialised."""
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(
        topic,
        lambda *_: {1, 2},
        duration=5 if kind == "timeout" else 0,
        MaximumRetryAttempts=0,
        **provisioned,
    )
    sent = topic.send("a")
    run = mapping.run_until_idle()
    assert run.discarded == sent
    assert [call.outcome for call in run.invocations] == [kind]
    assert run.metrics["Errors"] == 1


def test_what_expires_while_it_is_with_the_function_is_decided_by_the_function(
    aws: Any, recorder: Any, provisioned: Any
) -> None:
    """Processed when it succeeds, expired when it does not."""
    topic = aws.kafka_topic("orders", retention_ms=5_000)
    handler = recorder(reports="b")
    mapping = aws.event_source_mapping(topic, handler, duration=60, function={"Timeout": 300}, **REPORTS, **provisioned)
    a, b, c = topic.send(*"abc")
    topic.send("d", at=10)
    run = mapping.run_until_idle()
    assert run.processed == [a, c]
    assert [record.offset for record in run.expired] == [1, 3]
    assert run.attempts(b) == [0.5]
