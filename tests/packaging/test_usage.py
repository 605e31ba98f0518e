"""A user's test file, typed as strictly as mypy can. It runs here, and is checked against the installed package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events import Harness
from pytest_lambda_events.events import kinesis_event, validate
from pytest_lambda_events.responses import batch_response

if TYPE_CHECKING:
    from pytest_lambda_events import LambdaContext, Run, SqsMessage
    from pytest_lambda_events.typing import (
        EventSourceMappingFactory,
        PartialBatchResponse,
        SqsEvent,
        SqsQueueFactory,
        VirtualClock,
    )


def handler(event: SqsEvent, context: LambdaContext) -> PartialBatchResponse:
    """Report the poison."""
    assert context.get_remaining_time_in_millis() > 0
    poison = [record["messageId"] for record in event["Records"] if "poison" in record["body"]]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in poison]}


def test_the_fixtures(
    sqs_queue: SqsQueueFactory, event_source_mapping: EventSourceMappingFactory, virtual_clock: VirtualClock
) -> None:
    """A queue, a mapping, a run and its records have types of their own."""
    queue = sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=2)
    mapping = event_source_mapping(queue, handler, FunctionResponseTypes=["ReportBatchItemFailures"])
    good, poison = queue.send({"order": 1}, {"order": "poison"})
    run: Run[SqsMessage] = mapping.run_until_idle()
    processed: list[SqsMessage] = run.processed
    assert processed == [good]
    assert run.dead_lettered == [poison]
    assert run.attempts(poison) == [0, 30]
    virtual_clock.advance(60)


def test_without_fixtures() -> None:
    """The same without pytest; events and responses are made by functions."""
    with Harness(seed=7) as aws:
        queue = aws.sqs_queue()
        (sent,) = queue.send("a")
        assert aws.event_source_mapping(queue, lambda event, context: None).run_until_idle().processed == [sent]
    event: Any = kinesis_event(b"a", b"b")
    assert validate(event) == []
    assert batch_response(event, 1)["batchItemFailures"][0]["itemIdentifier"]
