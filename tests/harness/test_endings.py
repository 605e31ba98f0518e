"""Every ending of an invocation acts as section 3 of the rules says (Lambda Developer Guide, SQS error handling)."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from pytest_lambda_events import HandlerNotUsable, RunLimitReached, UsageError

if TYPE_CHECKING:
    from pytest_lambda_events import Harness

REPORTS = ["ReportBatchItemFailures"]


def fail(_event: Any, _context: Any) -> None:
    raise ValueError("no such order")


def report(*bodies: str) -> Any:
    """A handler's answer that reports the records with these bodies."""

    def answer(event: Any) -> Any:
        return {
            "batchItemFailures": [
                {"itemIdentifier": record["messageId"]} for record in event["Records"] if record["body"] in bodies
            ]
        }

    return answer


def test_success_deletes_the_batch(aws: Harness, recorder: Any) -> None:
    """A handler that returns nothing has succeeded, and its records are processed."""
    queue = aws.sqs_queue("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler)
    sent = queue.send("a", "b")
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert handler.batches == [["a", "b"]]
    assert queue.messages == []
    assert [call.outcome for call in run.invocations] == ["success"]


def test_raise_brings_the_whole_batch_back_after_its_visibility_timeout(aws: Harness) -> None:
    """A raise fails the whole batch; it comes back 30 s after its receive, until the DLQ takes it."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=2)
    mapping = aws.event_source_mapping(queue, fail)
    sent = queue.send("a", "b")
    run = mapping.run_until_idle()
    assert run.dead_lettered == sent
    assert run.attempts(sent[0]) == [0, 30]
    assert run.invocations[0].outcome == "error"
    assert run.invocations[0].failed == tuple(sent)
    error = run.invocations[0].error
    assert isinstance(error, ValueError)
    assert error.__traceback__ is not None
    assert run.elapsed == 60  # redrive is lazy: it happens when the message would be received once more


def test_timeout_is_an_ending_even_when_the_handler_swallows_it(aws: Harness) -> None:
    """A sleep past Timeout ends the invocation at the deadline, whatever the handler catches or returns."""

    def swallow(_event: Any, _context: Any) -> None:
        try:
            time.sleep(60)
        except BaseException:
            return

    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=1)
    mapping = aws.event_source_mapping(queue, swallow, function={"Timeout": 3})
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    (call,) = run.invocations
    assert call.outcome == "timeout"
    assert call.duration == 3
    assert "Task timed out after 3.00 seconds" in (call.problem or "")
    assert run.dead_lettered == [record]


def test_a_handler_may_sleep_up_to_its_timeout(aws: Harness) -> None:
    """2.999 s of 3 s is a success, and its end is when the outcome takes effect."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, lambda *_: time.sleep(2.999))
    queue.send("a")
    run = mapping.run_until_idle()
    assert run.invocations[0].outcome == "success"
    assert run.elapsed == 2.999


def test_what_a_handler_does_after_its_timeout_is_named(aws: Harness) -> None:
    """On AWS no `finally` block runs after a timeout; here it does, and advice says so."""
    queue = aws.sqs_queue("orders", maxReceiveCount=1)
    other = aws.sqs_queue("other")

    def handler(_event: Any, _context: Any) -> None:
        client = boto3.client("sqs")
        try:
            time.sleep(10)
        finally:
            client.send_message(QueueUrl=other.url, MessageBody="sorry")

    mapping = aws.event_source_mapping(queue, handler)
    queue.send("a")
    run = mapping.run_until_idle()
    assert [advice.code for advice in run.advice] == ["effect-after-timeout", "max-receive-count-low"]
    assert "SendMessage" in run.advice[0].message


def test_partial_failure_returns_only_the_reported(aws: Harness, recorder: Any) -> None:
    """The reported records come back, the others are deleted."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=10, maxReceiveCount=3)
    handler = recorder(report("b"))
    mapping = aws.event_source_mapping(queue, handler, FunctionResponseTypes=REPORTS)
    a, b, c = queue.send("a", "b", "c")
    run = mapping.run_until_idle()
    assert run.processed == [a, c]
    assert run.dead_lettered == [b]
    assert handler.batches == [["a", "b", "c"], ["b"], ["b"]]
    assert run.invocations[0].outcome == "partial"
    assert run.invocations[0].failed == (b,)
    assert run.metrics["FailedInvokeEventCount"] == 3
    assert run.metrics["DeletedEventCount"] == 2


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (None, "success"),
        ({}, "success"),
        ([], "success"),
        ("", "success"),
        ({"batchItemFailures": []}, "success"),
        ({"batchItemFailures": None}, "success"),
        ({"BatchItemFailures": [{"itemIdentifier": "x"}]}, "success"),
        ({"statusCode": 200, "amount": Decimal("1.5")}, "success"),
        ({"batchItemFailures": [{"itemIdentifier": "not-in-the-batch"}]}, "malformed"),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, "malformed"),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, "malformed"),
        ({"batchItemFailures": [{"itemIdentifier": 7}]}, "malformed"),
        ({"batchItemFailures": [{"foo": 1}]}, "malformed"),
        ({"batchItemFailures": [{}]}, "malformed"),
        ({"batchItemFailures": "all"}, "malformed"),
        ("ok", "malformed"),
        (True, "malformed"),
        (3, "malformed"),
        ({"when": complex(1, 2)}, "malformed"),
        ({1, 2}, "malformed"),
        ("x" * 6_291_500, "malformed"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_every_response_has_its_outcome(aws: Harness, response: Any, outcome: str) -> None:
    """With ReportBatchItemFailures on, each row of the response table ends as AWS ends it."""
    queue = aws.sqs_queue("orders", maxReceiveCount=1)
    mapping = aws.event_source_mapping(queue, lambda *_: response, FunctionResponseTypes=REPORTS)
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert run.invocations[0].outcome == outcome
    assert run.fate(record) == ("processed" if outcome == "success" else "dead_lettered")


def test_failures_listed_without_the_setting_are_ignored_and_named(aws: Harness, recorder: Any) -> None:
    """The records are gone, as on AWS; advice says why."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, recorder(report("a")))
    sent = queue.send("a")
    run = mapping.run_until_idle()
    assert run.processed == sent
    assert [advice.code for advice in run.advice] == ["partial-response-not-enabled"]


def test_sys_exit_fails_the_batch(aws: Harness) -> None:
    """Ending the process is an error on AWS (Runtime.ExitError), and here it does not end the tests."""
    queue = aws.sqs_queue("orders", maxReceiveCount=1)
    mapping = aws.event_source_mapping(queue, lambda *_: sys.exit(0))
    queue.send("a")
    run = mapping.run_until_idle()
    assert run.invocations[0].outcome == "error"
    assert "Runtime.ExitError" in (run.invocations[0].problem or "")


def test_an_exception_that_cannot_be_told_fails_the_batch(aws: Harness) -> None:
    """Its `__str__` raises: that is the function's failure, too."""

    class Mute(Exception):
        def __str__(self) -> str:
            raise KeyError("text")

    def handler(_event: Any, _context: Any) -> None:
        raise Mute

    queue = aws.sqs_queue("orders", maxReceiveCount=1)
    queue.send({"order": 1})
    (call,) = aws.event_source_mapping(queue, handler).run_until_idle().invocations
    assert call.outcome == "error"
    assert call.problem == "raised Mute: <its __str__ raised KeyError>"


def test_what_is_meant_for_the_test_runner_passes_through(aws: Harness) -> None:
    """pytest.fail in a handler fails the test, and the harness is still usable."""

    def handler(_event: Any, _context: Any) -> None:
        pytest.fail("seen by pytest")

    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, handler)
    (record,) = queue.send("a")
    with pytest.raises(pytest.fail.Exception, match="seen by pytest"):
        mapping.run_until_idle()
    assert mapping.view().pending == [record]
    with pytest.raises(pytest.fail.Exception):
        mapping.run_until_idle()
    assert aws.virtual_clock.elapsed == 30


def test_a_handler_gets_a_copy_of_the_event(aws: Harness) -> None:
    """What a handler does to its event is not seen by the next one, nor in the run."""

    def handler(event: Any, _context: Any) -> None:
        event["Records"].clear()

    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, handler)
    queue.send("a")
    run = mapping.run_until_idle()
    assert run.invocations[0].event["Records"][0]["body"] == "a"


def test_a_handler_that_deletes_its_message_has_processed_it(aws: Harness) -> None:
    """Deleting by oneself counts, also when the handler then raises."""
    queue = aws.sqs_queue("orders")

    def handler(event: Any, _context: Any) -> None:
        client = boto3.client("sqs")
        client.delete_message(QueueUrl=queue.url, ReceiptHandle=event["Records"][0]["receiptHandle"])
        raise ValueError("after the fact")

    mapping = aws.event_source_mapping(queue, handler)
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert run.processed == [record]
    assert run.attempts(record) == [0]


def test_a_handler_that_changes_visibility_decides_when_it_comes_back(aws: Harness) -> None:
    """ChangeMessageVisibility in a handler that fails: 120 s instead of the queue's 30."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=2)

    def handler(event: Any, _context: Any) -> None:
        client = boto3.client("sqs")
        handle = event["Records"][0]["receiptHandle"]
        client.change_message_visibility(QueueUrl=queue.url, ReceiptHandle=handle, VisibilityTimeout=120)
        raise ValueError("later, please")

    mapping = aws.event_source_mapping(queue, handler)
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert run.attempts(record) == [0, 120]


def test_a_handler_that_feeds_its_own_queue_stops_at_the_bound(aws: Harness) -> None:
    """A loop that no retention ends stops with an explanation, and the error carries the run."""
    queue = aws.sqs_queue("orders")

    def handler(_event: Any, _context: Any) -> None:
        boto3.client("sqs").send_message(QueueUrl=queue.url, MessageBody="again")

    mapping = aws.event_source_mapping(queue, handler)
    queue.send("first")
    with pytest.raises(RunLimitReached, match="put records into the source that it is mapped to") as caught:
        mapping.run_until_idle(max_invocations=20)
    assert len(caught.value.run.invocations) == 20


def test_visibility_zero_in_a_failing_handler_stops_at_the_bound(aws: Harness) -> None:
    """Time does not even advance; the bound on invocations ends it, and the message says so."""
    queue = aws.sqs_queue("orders")

    def handler(event: Any, _context: Any) -> None:
        handle = event["Records"][0]["receiptHandle"]
        boto3.client("sqs").change_message_visibility(QueueUrl=queue.url, ReceiptHandle=handle, VisibilityTimeout=0)
        raise ValueError("at once")

    mapping = aws.event_source_mapping(queue, handler)
    queue.send("a")
    with pytest.raises(RunLimitReached, match="Virtual time stands still"):
        mapping.run_until_idle(max_invocations=20)


def test_a_message_without_dlq_expires_with_its_retention(aws: Harness) -> None:
    """Four days of retries, then nothing: the record is expired, at the moment its retention ends."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=43_200)
    mapping = aws.event_source_mapping(queue, fail)
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert run.expired == [record]
    assert run.attempts(record) == [n * 43_200 for n in range(8)]
    assert run.elapsed == 4 * 86_400


def test_async_handlers_are_refused_in_awss_words(aws: Harness) -> None:
    """Lambda's runtime does not await; a coroutine function is refused when it is mapped."""

    async def handler(_event: Any, _context: Any) -> None:
        pass

    class Callable:
        async def __call__(self, _event: Any, _context: Any) -> None:
            pass

    queue = aws.sqs_queue("orders")
    for refused in (handler, Callable()):
        with pytest.raises(HandlerNotUsable, match="coroutine is not JSON serializable"):
            aws.event_source_mapping(queue, refused)


def test_a_coroutine_returned_at_run_time_is_malformed_and_closed(aws: Harness) -> None:
    """A plain function that hands back a coroutine ends like on AWS, without a warning about it."""

    async def work() -> None:
        pass

    queue = aws.sqs_queue("orders", maxReceiveCount=1)
    mapping = aws.event_source_mapping(queue, lambda *_: work())
    queue.send("a")
    run = mapping.run_until_idle()
    assert run.invocations[0].outcome == "malformed"
    assert "asyncio.run" in (run.invocations[0].problem or "")


def test_asyncio_run_inside_a_handler_follows_virtual_time(aws: Harness) -> None:
    """Two sleeps at once take as long as the longer one, in no real time."""

    async def both() -> None:
        await asyncio.gather(asyncio.sleep(1), asyncio.sleep(2))

    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, lambda *_: asyncio.run(both()))
    queue.send("a")
    run = mapping.run_until_idle()
    assert run.invocations[0].duration == 2


def test_a_timeout_inside_asyncio_is_a_timeout(aws: Harness) -> None:
    """The deadline passes inside the event loop."""
    queue = aws.sqs_queue("orders", maxReceiveCount=1)
    mapping = aws.event_source_mapping(queue, lambda *_: asyncio.run(asyncio.sleep(60)))
    queue.send("a")
    run = mapping.run_until_idle()
    assert run.invocations[0].outcome == "timeout"
    assert run.invocations[0].duration == 3


def test_duration_holds_the_poller_and_delays_the_outcome(aws: Harness, recorder: Any) -> None:
    """With duration=10 the second batch begins when the first has ended."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=60)
    handler = recorder()
    mapping = aws.event_source_mapping(queue, handler, function={"Timeout": 30}, duration=10, BatchSize=1)
    a, b = queue.send("a", "b")
    run = mapping.run_until_idle()
    assert run.attempts(a) == [0]
    assert run.attempts(b) == [10]
    assert run.elapsed == 20


def test_duration_past_the_timeout_is_a_timeout(aws: Harness) -> None:
    """A length may depend on the event; reaching Timeout is a timeout."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=60, maxReceiveCount=1)
    mapping = aws.event_source_mapping(
        queue, lambda *_: None, function={"Timeout": 5}, duration=lambda event: len(event["Records"]) * 5.0
    )
    queue.send("a")
    run = mapping.run_until_idle()
    assert run.invocations[0].outcome == "timeout"
    assert run.invocations[0].duration == 5


def test_a_visibility_timeout_that_ends_while_the_handler_sleeps_shows(aws: Harness) -> None:
    """The handler changes its message's visibility to 1 s and sleeps 2: the message is visible before it ends."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30)

    def handler(event: Any, _context: Any) -> None:
        handle = event["Records"][0]["receiptHandle"]
        boto3.client("sqs").change_message_visibility(QueueUrl=queue.url, ReceiptHandle=handle, VisibilityTimeout=1)
        time.sleep(2)

    mapping = aws.event_source_mapping(queue, handler)
    (record,) = queue.send("a")
    run = mapping.run_until_idle()
    assert run.processed == [record]
    assert [(second, step.kind) for second, step in run.steps_of(record) if step.kind == "reappeared"] == [
        (1, "reappeared")
    ]


def test_the_context_has_every_documented_attribute_and_follows_the_clock(aws: Harness) -> None:
    """Name, version, ARN, memory (a str), request id, log names, identity, client context, remaining time."""
    seen: dict[str, Any] = {}

    def handler(_event: Any, context: Any) -> None:
        seen["before"] = context.get_remaining_time_in_millis()
        time.sleep(1.5)
        seen["after"] = context.get_remaining_time_in_millis()
        seen["context"] = context
        context.log("hello\n")

    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(
        queue, handler, function={"FunctionName": "shop", "Timeout": 10, "MemorySize": 256}
    )
    queue.send("a")
    run = mapping.run_until_idle()
    context = seen["context"]
    assert (seen["before"], seen["after"]) == (10_000, 8_500)
    assert context.function_name == "shop"
    assert context.function_version == "$LATEST"
    assert context.invoked_function_arn == "arn:aws:lambda:us-east-1:123456789012:function:shop"
    assert context.memory_limit_in_mb == "256"
    assert context.aws_request_id == run.invocations[0].request_id
    assert context.log_group_name == "/aws/lambda/shop"
    assert context.log_stream_name.startswith("2025/01/01/[$LATEST]")
    assert context.identity.cognito_identity_id is None
    assert context.identity.cognito_identity_pool_id is None
    assert context.client_context is None
    assert "shop" in repr(context)


def test_a_handler_cannot_start_a_run(aws: Harness) -> None:
    """A run inside a run is refused, and shows as the handler's error."""
    queue = aws.sqs_queue("orders", maxReceiveCount=1)
    mapping = aws.event_source_mapping(queue, lambda *_: aws.run_until_idle())
    queue.send("a")
    run = mapping.run_until_idle()
    assert isinstance(run.invocations[0].error, UsageError)


def test_the_environment_is_the_functions_while_it_runs(aws: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment is set around each call and taken back afterwards."""
    import os

    monkeypatch.setenv("STAGE", "test")
    seen: list[Any] = []
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(
        queue,
        lambda *_: seen.append((os.environ["STAGE"], os.environ["AWS_LAMBDA_FUNCTION_NAME"])),
        function={"Environment": {"Variables": {"STAGE": "prod"}}, "FunctionName": "shop"},
    )
    queue.send("a")
    mapping.run_until_idle()
    assert seen == [("prod", "shop")]
    assert os.environ["STAGE"] == "test"
    assert "AWS_LAMBDA_FUNCTION_NAME" not in os.environ


def test_the_response_is_what_lambda_got(aws: Harness) -> None:
    """Through JSON: tuples are lists, keys are strings."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, lambda *_: {"done": (1, 2), 3: None})
    queue.send("a")
    run = mapping.run_until_idle()
    assert run.invocations[0].response == {"done": [1, 2], "3": None}
    assert json.loads(run.invocations[0].event_text) == run.invocations[0].event
