"""Each adviser: a case in which it speaks, cases in which it does not. The cases together name every code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_lambda_events.advice import MEANINGS, advice_on
from pytest_lambda_events.advice.facts import BrokerFacts, Facts, Measured, QueueFacts, StreamFacts
from pytest_lambda_events.model.trace import Invocation

DAY_MS = 86_400_000
QUEUE = QueueFacts(
    visibility_ms=30_000,
    retention_ms=4 * DAY_MS,
    is_fifo=False,
    max_receive_count=5,
    dead_letter_retention_ms=14 * DAY_MS,
)
STREAM = {"MaximumRetryAttempts": 3, "MaximumRecordAgeInSeconds": -1, "DestinationConfig": {"OnFailure": {}}}
ENDLESS = {**STREAM, "MaximumRetryAttempts": -1}
SQS = {"Destination": "arn:aws:sqs:us-east-1:123456789012:failed"}


def measured(**values: Any) -> Measured:
    """What was measured, without invocations."""
    made = Measured()
    for name, value in values.items():
        setattr(made, name, value)
    return made


def facts(**changes: Any) -> Facts:
    """A sound queue and its mapping, but for these changes; `queue_` ones go into the queue."""
    queue = {name.removeprefix("queue_"): value for name, value in changes.items() if name.startswith("queue_")}
    others = {name: value for name, value in changes.items() if not name.startswith("queue_")}
    sound = Facts(
        family="queue",
        source_arn="arn:aws:sqs:us-east-1:123456789012:orders",
        parameters={},
        batch_size=10,
        window_ms=0,
        reports_failures=False,
        function_timeout_ms=3_000,
        metrics={"PolledEventCount": 5, "FilteredOutEventCount": 0},
        measured=Measured(),
        queue=replace(QUEUE, **queue),
    )
    return replace(sound, **others)


def stream(**changes: Any) -> Facts:
    """A stream's mapping."""
    return facts(**{"family": "stream", "queue": None, "parameters": STREAM, **changes})


SPOKEN: list[tuple[str, Facts, str]] = [
    ("visibility-below-six-timeouts", facts(queue_visibility_ms=17_999), "VisibilityTimeout=18"),
    ("visibility-below-six-timeouts", facts(function_timeout_ms=4_900, window_ms=1_000), "VisibilityTimeout=31"),
    ("max-receive-count-low", facts(queue_max_receive_count=4), "fewer than 4 tries"),
    ("max-receive-count-low", facts(queue_max_receive_count=1), "never retried"),
    (
        "no-dead-letter-queue",
        facts(queue_max_receive_count=None, queue_dead_letter_retention_ms=None, measured=measured(failed=1)),
        "for 4 days",
    ),
    ("dead-letter-retention-short", facts(queue_dead_letter_retention_ms=4 * DAY_MS), "1209600"),
    ("batch-outlasts-timeout", facts(measured=measured(seconds_per_record=0.31)), "lower BatchSize to 9"),
    (
        "batch-outlasts-timeout",
        facts(batch_size=1, measured=measured(seconds_per_record=4.0)),
        "done again; raise Timeout",
    ),
    ("failures-never-reported", facts(reports_failures=True, measured=measured(raised=2)), "raised 2 time"),
    ("endless-retries-without-destination", stream(parameters=ENDLESS), "BisectBatchOnFunctionError=True"),
    (
        "rabbitmq-endless-retries",
        facts(queue=None, broker=BrokerFacts(queue="orders", endless=2)),
        "2 message(s) of the queue orders failed",
    ),
    ("latest-loses-records", stream(stream=StreamFacts(records_before_latest=3)), "3 record"),
    (
        "filter-drops-everything",
        facts(metrics={"PolledEventCount": 5, "FilteredOutEventCount": 5}),
        "dropped all 5",
    ),
]
PLANNED: list[tuple[str, Facts, str]] = [
    (
        "no-dead-letter-queue",
        facts(planned=True, queue_max_receive_count=None, queue_dead_letter_retention_ms=None),
        "arn:aws:sqs:us-east-1:123456789012:orders has no dead-letter queue",
    ),
    ("latest-loses-records", stream(planned=True, starting_position="LATEST"), "before the mapping is active"),
    ("filter-drops-everything", facts(planned=True, unmatchable=("data", "x")), "want data, x, and no record"),
    ("failures-not-reported", facts(planned=True, parameters={"FunctionResponseTypes": []}), "up to 10 records"),
    (
        "concurrency-above-reserved",
        facts(parameters={"ScalingConfig": {"MaximumConcurrency": 6}}, reserved_concurrency=5),
        "MaximumConcurrency is 6",
    ),
]
SPOKEN += PLANNED
SILENT: list[tuple[str, Facts]] = [
    ("failures-not-reported", facts(parameters={"FunctionResponseTypes": []})),
    ("failures-not-reported", facts(planned=True, reports_failures=True, parameters={"FunctionResponseTypes": []})),
    ("failures-not-reported", facts(planned=True, batch_size=1, parameters={"FunctionResponseTypes": []})),
    ("failures-not-reported", facts(planned=True)),
    ("failures-not-reported", stream(planned=True, family="log", parameters={"FunctionResponseTypes": []})),
    ("concurrency-above-reserved", facts(reserved_concurrency=5)),
    ("concurrency-above-reserved", facts(parameters={"ScalingConfig": {"MaximumConcurrency": 6}})),
    (
        "concurrency-above-reserved",
        facts(parameters={"ScalingConfig": {"MaximumConcurrency": 6}}, reserved_concurrency=6),
    ),
    ("latest-loses-records", stream(planned=True, starting_position="TRIM_HORIZON")),
    ("no-dead-letter-queue", facts(planned=True)),
    ("visibility-below-six-timeouts", facts(queue_visibility_ms=18_000)),
    ("visibility-below-six-timeouts", stream()),
    ("max-receive-count-low", facts()),
    ("max-receive-count-low", facts(queue_max_receive_count=None)),
    ("no-dead-letter-queue", facts(queue_max_receive_count=None)),
    ("no-dead-letter-queue", facts(measured=measured(failed=1))),
    ("no-dead-letter-queue", stream(measured=measured(failed=1))),
    ("dead-letter-retention-short", facts(queue_dead_letter_retention_ms=4 * DAY_MS + 1)),
    ("dead-letter-retention-short", facts(queue_dead_letter_retention_ms=DAY_MS, queue_is_fifo=True)),
    ("dead-letter-retention-short", facts(queue_dead_letter_retention_ms=None)),
    ("batch-outlasts-timeout", facts(measured=measured(seconds_per_record=0.3))),
    ("failures-never-reported", facts(reports_failures=True, measured=measured(raised=2, reported=1))),
    ("failures-never-reported", facts(reports_failures=True)),
    ("failures-never-reported", facts(measured=measured(raised=2))),
    ("endless-retries-without-destination", stream()),
    ("endless-retries-without-destination", stream(parameters={**ENDLESS, "MaximumRecordAgeInSeconds": 60})),
    ("endless-retries-without-destination", stream(parameters={**ENDLESS, "DestinationConfig": {"OnFailure": SQS}})),
    ("endless-retries-without-destination", stream(parameters={})),
    ("endless-retries-without-destination", facts(parameters=ENDLESS)),
    ("rabbitmq-endless-retries", facts(queue=None, broker=BrokerFacts(queue="orders"))),
    ("rabbitmq-endless-retries", facts()),
    ("latest-loses-records", stream(stream=StreamFacts())),
    ("latest-loses-records", stream()),
    ("filter-drops-everything", facts(metrics={"PolledEventCount": 5, "FilteredOutEventCount": 4})),
    ("filter-drops-everything", facts(metrics={})),
]


@pytest.mark.parametrize(("code", "situation", "words"), SPOKEN)
def test_an_adviser_speaks(code: str, situation: Facts, words: str) -> None:
    """With the values and what to do."""
    said = dict(advice_on(situation))
    assert words in said[code]
    assert list(said) == [code]


@pytest.mark.parametrize(("code", "situation"), SILENT)
def test_an_adviser_is_silent(code: str, situation: Facts) -> None:
    """At the limit, and where it does not apply."""
    assert code not in dict(advice_on(situation))


def test_every_adviser_has_both_cases() -> None:
    """A new one is tested by these tables, or this fails."""
    from pytest_lambda_events.advice import _ADVISERS

    codes = {adviser.CODE for adviser in _ADVISERS}
    assert {code for code, _, _ in SPOKEN} == codes
    assert {code for code, _ in SILENT} == codes
    assert codes <= set(MEANINGS)


def call(
    outcome: Any, *, response: Any = None, duration: float = 0, records: int = 1, mapping: str = "m"
) -> Invocation:
    """An invocation that ended so."""
    sent: Any = tuple(range(records))
    failed = sent if outcome != "success" else ()
    return Invocation(
        at=0,
        duration=duration,
        records=sent,
        outcome=outcome,
        failed=failed,
        request_id="r",
        mapping=mapping,
        event_text="{}",
        response=response,
        error=None,
        problem=None,
    )


def test_invocations_are_measured_once() -> None:
    """Also when they are looked at after each of several runs; throttled ones and those of others do not count."""
    calls = [
        call("success", duration=2, records=4),
        call("error", duration=9),
        call("throttled"),
        call("error", mapping="other"),
    ]
    found = Measured()
    found.take(calls, "m")
    found.take(calls, "m")
    assert (found.raised, found.failed, found.reported, found.seconds_per_record) == (1, 1, 0, 0.5)
    found.take([*calls, call("partial", response={"batchItemFailures": []}), call("timeout")], "m")
    assert (found.raised, found.failed, found.reported) == (2, 3, 1)
