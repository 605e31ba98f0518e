"""Advice through a harness: it is noted after a run, can be silenced, and is a failure in strict mode."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pytest_lambda_events import AdviceGiven, Harness, UsageError
from pytest_lambda_events.advice import MEANINGS


def codes(run: Any) -> list[str]:
    """What was said."""
    return [advice.code for advice in run.advice]


def test_a_sound_mapping_is_not_advised(aws: Harness) -> None:
    """Six times the Timeout, five receives, a dead-letter queue that keeps longer."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=5)
    mapping = aws.event_source_mapping(queue, lambda *_: None)
    queue.send("a")
    assert codes(mapping.run_until_idle()) == []


def test_a_failure_without_a_dead_letter_queue_is_named(aws: Harness) -> None:
    """Not before something failed."""
    queue = aws.sqs_queue("orders", MessageRetentionPeriod=600)
    failing = [False]

    def handler(event: Any, _context: Any) -> None:
        assert not failing[0], event

    mapping = aws.event_source_mapping(queue, handler)
    queue.send("a")
    assert codes(mapping.run_until_idle()) == []
    failing[0] = True
    queue.send("b")
    assert codes(mapping.run_until_idle()) == ["no-dead-letter-queue"]


def test_the_length_of_a_record_is_measured(aws: Harness) -> None:
    """Half a second each: ten of them outlast a Timeout of 3 s."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, lambda event, _context: time.sleep(0.5 * len(event["Records"])))
    queue.send("a", "b")
    run = mapping.run_until_idle()
    assert codes(run) == ["batch-outlasts-timeout"]
    assert "lower BatchSize to 6" in run.advice[0].message


def test_failures_that_are_never_reported_are_named(aws: Harness) -> None:
    """The mapping reads them; the handler raises."""
    queue = aws.sqs_queue("orders", maxReceiveCount=5)
    mapping = aws.event_source_mapping(queue, lambda *_: 1 / 0, FunctionResponseTypes=["ReportBatchItemFailures"])
    queue.send("a")
    assert codes(mapping.run_until_idle()) == ["failures-never-reported"]


def test_the_dead_letter_queue_of_a_queue_that_keeps_as_long_is_named(aws: Harness) -> None:
    """Both keep messages for 14 days."""
    queue = aws.sqs_queue("orders", maxReceiveCount=5, MessageRetentionPeriod=1_209_600)
    mapping = aws.event_source_mapping(queue, lambda *_: None)
    assert codes(mapping.run_until_idle()) == ["dead-letter-retention-short"]


def test_advice_can_be_silenced() -> None:
    """By its code; one that there is not is refused, the nearest is named."""
    with Harness(silence=["max-receive-count-low"]) as aws:
        queue = aws.sqs_queue("orders", maxReceiveCount=2)
        mapping = aws.event_source_mapping(queue, lambda *_: None)
        assert codes(mapping.run_until_idle()) == []
    with pytest.raises(UsageError, match="did you mean 'max-receive-count-low'"):
        Harness(silence=["max-recieve-count"])


def test_strict_advice_is_a_failure() -> None:
    """It carries the run and says what to do; what is silenced does not count."""
    with Harness(strict=True) as aws:
        queue = aws.sqs_queue("orders", maxReceiveCount=2)
        mapping = aws.event_source_mapping(queue, lambda *_: None)
        (sent,) = queue.send("a")
        with pytest.raises(AdviceGiven, match="max-receive-count-low: maxReceiveCount is 2") as caught:
            mapping.run_until_idle()
        assert caught.value.run.processed == [sent]
    with Harness(strict=True, silence=["max-receive-count-low"]) as aws:
        queue = aws.sqs_queue("orders", maxReceiveCount=2)
        queue.send("a")
        assert len(aws.event_source_mapping(queue, lambda *_: None).run_until_idle().processed) == 1


def charging(ledger: dict[str, int], *, once: bool) -> Any:
    """A handler that charges for each message; with `once`, only the first time."""
    done: set[str] = set()

    def handler(event: Any, _context: Any) -> None:
        for record in event["Records"]:
            if once and record["messageId"] in done:
                continue
            done.add(record["messageId"])
            ledger[record["body"]] = ledger.get(record["body"], 0) + 10

    return handler


@pytest.mark.parametrize("once", [True, False])
def test_a_second_delivery_shows_whether_a_handler_is_idempotent(aws: Harness, once: bool) -> None:
    """Effects that the user names are compared; nothing else is assumed."""
    queue = aws.sqs_queue("orders")
    ledger: dict[str, int] = {}
    mapping = aws.event_source_mapping(queue, charging(ledger, once=once))
    records = queue.send("a", "b")
    mapping.run_until_idle()
    changed = mapping.check_idempotency(ledger=lambda: ledger, nothing=lambda: None)
    assert changed == ([] if once else ["ledger"])
    assert ledger == ({"a": 10, "b": 10} if once else {"a": 20, "b": 20})
    advice = mapping.view().advice
    assert [one.code for one in advice] == ([] if once else ["handler-not-idempotent"])
    if not once:
        assert "ledger was {'a': 10, 'b': 10} and is {'a': 20, 'b': 20}" in advice[0].message
        assert advice[0].records == tuple(record.id for record in records)


def test_a_second_delivery_is_the_next_receive(aws: Harness) -> None:
    """Same ids, new handles, counts one higher, only what succeeded; one that raises is told."""
    queue = aws.sqs_queue("orders", maxReceiveCount=5)
    seen: list[Any] = []

    def handler(event: Any, _context: Any) -> Any:
        seen.append(event)
        assert len(seen) < 3, "a second time"
        return {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]} if len(seen) == 1 else None

    mapping = aws.event_source_mapping(queue, handler, FunctionResponseTypes=["ReportBatchItemFailures"])
    queue.send("a", "b")
    mapping.run_until_idle()
    assert mapping.check_idempotency(calls=lambda: None) == []
    first, _, again, last = seen
    assert [record["body"] for record in again["Records"]] == ["b"]
    assert again["Records"][0]["messageId"] == first["Records"][1]["messageId"]
    assert again["Records"][0]["receiptHandle"] != first["Records"][1]["receiptHandle"]
    assert again["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"
    assert last["Records"][0]["attributes"]["ApproximateReceiveCount"] == "3"
    (advice,) = [one for one in mapping.view().advice if one.code == "handler-not-idempotent"]
    assert "the second delivery raised AssertionError: a second time" in advice.message


def test_a_second_delivery_needs_a_first_and_an_effect(aws: Harness) -> None:
    """Otherwise there is nothing to compare."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, lambda *_: 1 / 0)
    with pytest.raises(UsageError, match="processed nothing yet"):
        mapping.check_idempotency(calls=lambda: None)
    with pytest.raises(UsageError, match="at least one effect"):
        mapping.check_idempotency()


def test_a_handler_cannot_ask_for_a_second_delivery(aws: Harness) -> None:
    """A run is under way."""
    queue = aws.sqs_queue("orders", maxReceiveCount=5)
    mapping = aws.event_source_mapping(queue, lambda *_: mapping.check_idempotency(calls=lambda: None))
    queue.send("a")
    run = mapping.run_until_idle()
    assert isinstance(run.invocations[0].error, UsageError)


def test_a_second_delivery_is_strict_too() -> None:
    """Strict mode makes this advice a failure."""
    with Harness(strict=True) as aws:
        queue = aws.sqs_queue("orders")
        ledger: dict[str, int] = {}
        mapping = aws.event_source_mapping(queue, charging(ledger, once=False))
        queue.send("a")
        mapping.run_until_idle()
        with pytest.raises(AdviceGiven, match="handler-not-idempotent"):
            mapping.check_idempotency(ledger=lambda: ledger)


def test_every_code_has_a_meaning_in_one_line() -> None:
    """And its own form."""
    for code, meaning in MEANINGS.items():
        assert code == code.lower().replace("_", "-")
        assert "\n" not in meaning
        assert meaning.endswith(".")
