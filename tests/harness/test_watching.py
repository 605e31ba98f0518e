"""Who looks at a run: after each step, until it ends; and what it is told agrees with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.errors import RunLimitReached
from pytest_lambda_events.harness.watching import Tally
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    from pytest_lambda_events.harness import Harness


class Witness:
    """Notes what it sees, and raises when it is to."""

    def __init__(self, aws: Harness) -> None:
        self.aws = aws
        self.seen: list[Any] = []

    def step(self) -> None:
        self.seen.append(self.aws.standing())

    def end(self) -> None:
        self.seen.append("end")


def handler(event: Any, _context: Any) -> None:
    for record in event["Records"]:
        assert record["body"] != "poison"


def test_a_run_is_watched(lambda_events: Harness) -> None:
    """Done and left are what the run says in the end; a record that moved to an unmapped queue is done."""
    queue = lambda_events.sqs_queue("orders", maxReceiveCount=2, VisibilityTimeout=30)
    queue.send("good", "poison")
    mapping = lambda_events.event_source_mapping(queue, handler, BatchSize=1)
    witness = Witness(lambda_events)
    lambda_events.watch(witness)
    run = mapping.run_until_idle()
    *steps, last, end = witness.seen
    assert end == "end"
    assert {(one.done, one.left) for one in steps} == {(1, 1)}
    assert last == (60, 2, 0, 3) == (run.elapsed, len(run.records), 0, len(run.invocations))


def test_a_run_that_fails_ends_too(lambda_events: Harness) -> None:
    """At a bound, and when a handler is interrupted."""

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    witness = Witness(lambda_events)
    lambda_events.watch(witness)
    queue = lambda_events.sqs_queue("orders")
    queue.send("poison")
    mapping = lambda_events.event_source_mapping(queue, handler)
    with pytest.raises(RunLimitReached):
        mapping.run_until_idle(max_invocations=1)
    mapping.delete()
    lambda_events.event_source_mapping(queue, interrupted)
    with pytest.raises(KeyboardInterrupt):
        lambda_events.run_until_idle()
    assert witness.seen.count("end") == 2
    assert witness.seen[-1] == "end"


def test_nobody_looks_any_more(lambda_events: Harness) -> None:
    """After None."""
    witness = Witness(lambda_events)
    lambda_events.watch(witness)
    lambda_events.watch(None)
    queue = lambda_events.sqs_queue("orders")
    queue.send("good")
    lambda_events.event_source_mapping(queue, handler).run_until_idle()
    assert witness.seen == []


def test_two_mappings_of_a_stream_and_a_job(lambda_events: Harness) -> None:
    """Whatever a harness runs is counted together."""
    stream = lambda_events.kinesis_stream("clicks")
    stream.send("a", "b")
    lambda_events.event_source_mapping(stream, lambda *_: None, StartingPosition="TRIM_HORIZON")
    lambda_events.s3_batch_job(
        lambda event, _: {
            "invocationSchemaVersion": "1.0",
            "treatMissingKeysAs": "PermanentFailure",
            "invocationId": event["invocationId"],
            "results": [{"taskId": one["taskId"], "resultCode": "Succeeded"} for one in event["tasks"]],
        },
        keys=["a.jpg"],
    )
    lambda_events.run_until_idle()
    run, standing = lambda_events.view(), lambda_events.standing()
    assert (standing.done, standing.left, standing.invocations) == (3, 0, len(run.invocations))


class Named:
    """A record."""

    def __init__(self, name: str) -> None:
        self.id = name


def test_the_tally_counts_as_the_ledger() -> None:
    """Whenever it is asked, and whichever place it hears of first."""
    ledger = Ledger()
    early = Tally(ledger)
    one, two, three = Named("1"), Named("2"), Named("3")
    for record in (one, two, three):
        ledger.entered(0, "orders", record)
    assert early.count(["orders"]) == (0, 3)
    ledger.left(1, "orders", ("1",), "processed")
    ledger.left(1, "orders", ("2",), "dead_lettered")
    ledger.entered(1, "dead", two)
    assert early.count(["orders"]) == (2, 1)
    assert early.count(["orders", "dead", "dead", "unknown"]) == (1, 2)
    ledger.moved(2, "dead", ("2",))
    assert early.count(["orders", "dead"]) == (1, 1)
    late = Tally(ledger)
    late.count(["dead"])
    assert late.count(["dead", "orders"]) == (1, 1)
    fates = list(ledger.fates(["orders", "dead"], [10, 10]).values())
    assert (len(fates) - fates.count("pending"), fates.count("pending")) == (1, 1)
