"""FIFO queues through a mapping: order per group through every failure (SQS Developer Guide, "FIFO queues")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events import UsageError
from pytest_lambda_events.events import sqs_fifo_event

if TYPE_CHECKING:
    from pytest_lambda_events import Harness

REPORTS = ["ReportBatchItemFailures"]


@pytest.fixture
def ledger(aws: Harness) -> Any:
    """A FIFO queue with content-based deduplication, three tries and a DLQ."""
    return aws.sqs_queue("ledger", fifo=True, ContentBasedDeduplication=True, VisibilityTimeout=30, maxReceiveCount=3)


def failing_from(body: str) -> Any:
    """Stops at the first record with this body, and reports it and every record behind it."""

    def answer(event: Any) -> Any:
        records = event["Records"]
        bodies = [record["body"] for record in records]
        start = bodies.index(body) if body in bodies else len(records)
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in records[start:]]}

    return answer


def test_a_batch_keeps_the_order_of_its_groups(aws: Harness, ledger: Any, recorder: Any) -> None:
    """Two groups, interleaved as sent: each in order, in one batch of at most ten."""
    handler = recorder()
    mapping = aws.event_source_mapping(ledger, handler)
    for number in range(6):
        ledger.send(f"{'ab'[number % 2]}{number}", message_group_id="ab"[number % 2])
    run = mapping.run_until_idle()
    (batch,) = handler.batches
    assert [body for body in batch if body[0] == "a"] == ["a0", "a2", "a4"]
    assert [body for body in batch if body[0] == "b"] == ["b1", "b3", "b5"]
    assert len(run.processed) == 6


def test_one_group_for_each_batch_on_request(aws: Harness, ledger: Any, recorder: Any) -> None:
    """The recordings show single-group batches; the option makes them."""
    handler = recorder()
    mapping = aws.event_source_mapping(ledger, handler, single_group_batches=True)
    for number in range(4):
        ledger.send(f"{'ab'[number % 2]}{number}", message_group_id="ab"[number % 2])
    mapping.run_until_idle()
    assert handler.batches == [["a0", "a2"], ["b1", "b3"]]


def test_a_failing_group_blocks_itself_and_nobody_else(aws: Harness, ledger: Any, recorder: Any) -> None:
    """Group a waits for its visibility timeout, group b goes on; a's order is kept through the retries."""

    def answer(event: Any) -> Any:
        return {
            "batchItemFailures": [
                {"itemIdentifier": record["messageId"]} for record in event["Records"] if record["body"][0] == "a"
            ]
        }

    handler = recorder(answer)
    mapping = aws.event_source_mapping(ledger, handler, FunctionResponseTypes=REPORTS)
    a = ledger.send("a1", "a2", message_group_id="a")
    (b,) = ledger.send("b1", message_group_id="b")
    (later,) = ledger.send("b2", message_group_id="b", at=10)
    (behind,) = ledger.send("a3", message_group_id="a", at=10)
    run = mapping.run_until_idle()
    assert run.processed == [b, later]
    assert run.attempts(later) == [10]
    assert [run.attempts(record) for record in a] == [[0, 30, 60]] * 2
    assert run.attempts(behind)[0] == 30
    assert run.dead_lettered == [*a, behind]


def test_the_dlq_has_them_in_order(aws: Harness, ledger: Any, recorder: Any) -> None:
    """a1 to a4 fail three times and arrive in the DLQ as a1 to a4, each with a count one higher."""
    mapping = aws.event_source_mapping(ledger, lambda *_: 1 / 0)
    sent = ledger.send("a1", "a2", "a3", "a4", message_group_id="a")
    run = mapping.run_until_idle()
    assert run.dead_lettered == sent
    assert ledger.dlq.name == "ledger-dlq.fifo"
    assert ledger.dlq.messages == sent
    handler = recorder()
    rescue = aws.event_source_mapping(ledger.dlq, handler)
    rescue.run_until_idle()
    assert handler.batches == [["a1", "a2", "a3", "a4"]]
    attributes = handler.events[0]["Records"][0]["attributes"]
    assert attributes["DeadLetterQueueSourceArn"] == ledger.arn
    assert attributes["ApproximateReceiveCount"] == "4"
    assert attributes["MessageDeduplicationId"] == sent[0].id


def test_after_a_partial_failure_only_the_reported_return_in_order(aws: Harness, ledger: Any, recorder: Any) -> None:
    """Recorded on AWS: of four, 2, 3 and 4 are reported and come back as 2, 3, 4."""
    handler = recorder(failing_from("2"))
    mapping = aws.event_source_mapping(ledger, handler, FunctionResponseTypes=REPORTS)
    ledger.send("1", "2", "3", "4", message_group_id="g")
    run = mapping.run_until_idle()
    assert handler.batches == [["1", "2", "3", "4"], ["2", "3", "4"], ["2", "3", "4"]]
    assert [advice.code for advice in run.advice] == ["max-receive-count-low"]


def test_a_handler_that_goes_on_after_a_failure_is_named(aws: Harness, ledger: Any, recorder: Any) -> None:
    """It reports the failed record and not those behind it: order is broken, and the advice says which and how."""

    def only_the_failed(event: Any) -> Any:
        return {
            "batchItemFailures": [
                {"itemIdentifier": record["messageId"]} for record in event["Records"] if record["body"] == "2"
            ]
        }

    mapping = aws.event_source_mapping(ledger, recorder(only_the_failed), FunctionResponseTypes=REPORTS)
    one, two, three = ledger.send("1", "2", "3", message_group_id="g")
    run = mapping.run_until_idle()
    assert run.processed == [one, three]
    advice, low = run.advice
    assert low.code == "max-receive-count-low"
    assert advice.code == "fifo-order-broken"
    assert two.id in advice.message
    assert three.id in advice.message


def test_a_standard_queue_has_no_such_order_to_break(aws: Harness, recorder: Any) -> None:
    """Fair-queue groups on a standard queue promise nothing."""
    queue = aws.sqs_queue("orders", maxReceiveCount=1)

    def answer(event: Any) -> Any:
        return {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}

    mapping = aws.event_source_mapping(queue, recorder(answer), FunctionResponseTypes=REPORTS)
    queue.send("1", "2", message_group_id="tenant")
    run = mapping.run_until_idle()
    assert [advice.code for advice in run.advice] == ["max-receive-count-low"]
    assert run.invocations[0].event["Records"][0]["attributes"]["MessageGroupId"] == "tenant"


def test_at_most_one_invocation_for_each_group(aws: Harness, ledger: Any, recorder: Any) -> None:
    """With concurrency five, three groups run at once and none of them twice."""
    mapping = aws.event_source_mapping(
        ledger,
        recorder(),
        function={"Timeout": 10},
        duration=5,
        BatchSize=1,
        ScalingConfig={"MaximumConcurrency": 5},
    )
    for group in "abc":
        ledger.send(f"{group}1", f"{group}2", message_group_id=group)
    run = mapping.run_until_idle()
    assert sorted(call.at for call in run.invocations) == [0, 0, 0, 5, 5, 5]
    for call in run.invocations:
        assert call.records[0].body[1] == ("1" if call.at == 0 else "2")


def test_a_delete_after_the_visibility_timeout_fails(aws: Harness, recorder: Any) -> None:
    """A call that outlives its messages' visibility has not deleted them: they run again, in order."""
    queue = aws.sqs_queue("slow.fifo", ContentBasedDeduplication=True, VisibilityTimeout=30)
    import boto3

    client = boto3.client("sqs")
    tries: list[str] = []

    def handler(event: Any, _context: Any) -> None:
        import time

        tries.extend(record["body"] for record in event["Records"])
        if len(tries) == 1:
            handle = event["Records"][0]["receiptHandle"]
            client.change_message_visibility(QueueUrl=queue.url, ReceiptHandle=handle, VisibilityTimeout=1)
            time.sleep(2)

    mapping = aws.event_source_mapping(queue, handler)
    (record,) = queue.send("a", message_group_id="g")
    run = mapping.run_until_idle()
    assert tries == ["a", "a"]
    assert run.attempts(record) == [0, 2]
    assert run.processed == [record]


def test_a_duplicate_is_the_first_record_again(aws: Harness, ledger: Any, recorder: Any) -> None:
    """By content within five minutes, also after it was deleted; by id, whatever the content."""
    handler = recorder()
    mapping = aws.event_source_mapping(ledger, handler)
    (first,) = ledger.send("same", message_group_id="g")
    mapping.run_until_idle()
    aws.virtual_clock.advance(299)
    assert ledger.send("same", message_group_id="g") == [first]
    aws.virtual_clock.advance(1)
    (fresh,) = ledger.send("same", message_group_id="g")
    assert fresh != first
    (by_id,) = ledger.send("x", message_group_id="g", message_deduplication_id="id-1")
    assert ledger.send("y", message_group_id="g", message_deduplication_id="id-1") == [by_id]
    run = mapping.run_until_idle()
    assert run.processed == [first, fresh, by_id]


def test_sequence_numbers_rise(ledger: Any) -> None:
    """Twenty digits, strictly rising."""
    numbers = [record.sequence_number for record in ledger.send(*"abcdefg", message_group_id="g")]
    assert all(len(number) == 20 for number in numbers)
    assert numbers == sorted(set(numbers))


def test_what_fifo_does_not_take_is_refused(aws: Harness, ledger: Any) -> None:
    """No group, a delay of a message, a batching window, a batch above ten; a group option on a standard queue."""
    with pytest.raises(ClientError, match="MessageGroupId"):
        ledger.send("a")
    with pytest.raises(ClientError, match="DelaySeconds"):
        ledger.send("a", message_group_id="g", delay_seconds=5)
    with pytest.raises(ClientError, match="Batching window is not supported for FIFO queues"):
        aws.event_source_mapping(ledger, lambda *_: None, MaximumBatchingWindowInSeconds=1)
    with pytest.raises(ClientError, match="Batch size must not exceed 10 for FIFO queues"):
        aws.event_source_mapping(ledger, lambda *_: None, BatchSize=11)
    with pytest.raises(UsageError, match="message groups"):
        aws.event_source_mapping(aws.sqs_queue("plain"), lambda *_: None, single_group_batches=True)
    assert ledger.records == []


def test_a_fifo_event_without_a_poller() -> None:
    """Group, deduplication id of the content, rising sequence numbers, in AWS's order of attributes."""
    event = sqs_fifo_event({"order": 1}, {"order": 2}, message_group_id="account-1")
    first, second = event["Records"]
    assert list(first["attributes"]) == [
        "ApproximateReceiveCount",
        "SentTimestamp",
        "SequenceNumber",
        "MessageGroupId",
        "SenderId",
        "MessageDeduplicationId",
        "ApproximateFirstReceiveTimestamp",
    ]
    assert first["attributes"]["MessageGroupId"] == "account-1"
    assert len(first["attributes"]["MessageDeduplicationId"]) == 64
    assert first["attributes"]["SequenceNumber"] < second["attributes"]["SequenceNumber"]
    assert first["eventSourceARN"].endswith(".fifo")
    assert "md5OfMessageAttributes" not in first
    with pytest.raises(UsageError, match=r"\.fifo"):
        sqs_fifo_event("a", queue="orders")
    with pytest.raises(UsageError, match="only the first"):
        sqs_fifo_event("a", "b", message_deduplication_id="x")


def test_the_way_back_from_the_dlq(aws: Harness, ledger: Any, recorder: Any) -> None:
    """After the handler is mended, `dlq.redrive()` sends the messages back as new ones, in order, and they succeed."""
    broken = aws.event_source_mapping(ledger, lambda *_: 1 / 0)
    sent = ledger.send("a1", "a2", message_group_id="a")
    broken.run_until_idle()
    broken.delete()
    handler = recorder()
    mended = aws.event_source_mapping(ledger, handler)
    back = ledger.dlq.redrive()
    run = mended.run_until_idle()
    assert [record.body for record in back] == ["a1", "a2"]
    assert handler.batches == [["a1", "a2"]]
    assert run.processed == back
    assert run.dead_lettered == sent
    assert ledger.dlq.messages == []
