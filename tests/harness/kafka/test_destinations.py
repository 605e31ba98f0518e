"""Where records go that are given up (Lambda Developer Guide, "Capturing discarded batches for Amazon MSK and
self-managed Apache Kafka event sources" and "Using a Kafka topic as an on-failure destination").
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import boto3
import pytest

from pytest_lambda_events.destinations import kafka_topic
from pytest_lambda_events.polling import retrying

TO_TOPIC = {"DestinationConfig": {"OnFailure": {"Destination": "kafka://dead-orders"}}}
QUEUE = "arn:aws:sqs:us-east-1:123456789012:dead-orders"
TO_QUEUE = {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def test_each_record_goes_to_the_topic_under_its_key(aws: Any, recorder: Any, provisioned: Any) -> None:
    """A message for each, with the invocation record and the event around that record alone."""
    topic = aws.msk_topic("orders", partitions=2)
    dead = aws.msk_topic("dead-orders")
    mapping = aws.event_source_mapping(topic, recorder(fails="b"), MaximumRetryAttempts=1, **TO_TOPIC, **provisioned)
    a, b = topic.send("a", "b", key=lambda number: f"k{number}", partition=lambda number: number)
    run = mapping.run_until_idle()
    assert run.discarded == [a, b]
    assert [run.destination(record) for record in (a, b)] == ["kafka://dead-orders"] * 2
    assert [message.key for message in dead.records] == [b"k0", b"k1"]
    told = dead.records[1].json()
    assert told["requestContext"] == {
        "requestId": run.invocations[0].request_id,
        "functionArn": mapping.function.config.invoked_arn,
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 2,
    }
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    info = told["KafkaBatchInfo"]
    assert (info["batchSize"], info["eventSourceArn"]) == (1, topic.mapped_arn)
    assert info["recordInfo"] == {"offset": "0", "timestamp": "2025-01-01T00:00:00.000Z"}
    assert list(told["payload"]["records"]) == ["orders-1"]
    assert told["payload"]["eventSource"] == "aws:kafka"
    metrics = run.metrics
    assert (metrics["OnFailureDestinationDeliveredEventCount"], metrics["DroppedEventCount"]) == (2, 0)


@pytest.mark.parametrize("retries", [{}, {"MaximumRetryAttempts": -1}], ids=["unsaid", "-1"])
def test_infinite_retries_end_after_ten(aws: Any, recorder: Any, provisioned: Any, retries: dict[str, Any]) -> None:
    """Where there is a destination, and MaximumRetryAttempts says nothing, or for ever."""
    topic = aws.kafka_topic("orders")
    dead = aws.kafka_topic("dead-orders")
    mapping = aws.event_source_mapping(topic, recorder(reports="a"), **TO_TOPIC, **provisioned, **REPORTS, **retries)
    (record,) = topic.send("a")
    run = mapping.run_until_idle()
    moments = run.attempts(record)
    assert len(moments) == 11
    assert [round(later - earlier, 1) for earlier, later in pairwise(moments)][-1] == 60
    (message,) = dead.records
    assert message.json()["requestContext"]["approximateInvokeCount"] == 11
    assert message.json()["responseContext"]["functionError"] is None
    assert "eventSourceArn" not in message.json()["KafkaBatchInfo"]


def test_a_topic_that_is_not_there_loses_the_records(aws: Any, recorder: Any, provisioned: Any) -> None:
    """On the same cluster it has to be; the records are dropped, and counted."""
    topic = aws.kafka_topic("orders", bootstrap_servers="a:1")
    aws.kafka_topic("dead-orders", bootstrap_servers="b:1")
    mapping = aws.event_source_mapping(topic, recorder(fails="a"), MaximumRetryAttempts=0, **TO_TOPIC, **provisioned)
    sent = topic.send("a", "b")
    run = mapping.run_until_idle()
    assert run.discarded == sent
    assert run.destination(sent[0]) is None
    assert (run.metrics["DroppedEventCount"], run.metrics["DestinationDeliveryFailures"]) == (2, 1)


def test_a_message_that_the_topic_does_not_take_is_lost(aws: Any, recorder: Any, provisioned: Any) -> None:
    """The invocation record is larger than the record."""
    topic = aws.kafka_topic("orders")
    dead = aws.kafka_topic("dead-orders", max_message_bytes=300)
    mapping = aws.event_source_mapping(topic, recorder(fails="a"), MaximumRetryAttempts=0, **TO_TOPIC, **provisioned)
    topic.send("a")
    run = mapping.run_until_idle()
    assert dead.records == []
    assert run.metrics["DestinationDeliveryFailures"] == 1


def test_a_record_that_is_too_old_says_so(aws: Any, recorder: Any, provisioned: Any) -> None:
    """RecordAgeExceeded, without a responseContext; the count is 1 though it was never tried."""
    topic = aws.kafka_topic("orders")
    dead = aws.kafka_topic("dead-orders")
    mapping = aws.event_source_mapping(topic, recorder(), MaximumRecordAgeInSeconds=60, **TO_TOPIC, **provisioned)
    topic.send("a", timestamp=1_735_689_000_000)
    mapping.run_until_idle()
    told = dead.records[0].json()
    assert (told["requestContext"]["condition"], told["requestContext"]["approximateInvokeCount"]) == (
        "RecordAgeExceeded",
        1,
    )
    assert told["responseContext"] is None


def test_a_record_that_is_too_large_says_so(
    aws: Any, recorder: Any, provisioned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MaximumPayloadSizeExceeded, without a responseContext."""
    for module in (kafka_topic, retrying):
        monkeypatch.setattr(module, "PAYLOAD_LIMIT_BYTES", 300)
    topic = aws.kafka_topic("orders")
    dead = aws.kafka_topic("dead-orders")
    mapping = aws.event_source_mapping(topic, recorder(), **TO_TOPIC, **provisioned)
    (record,) = topic.send("x" * 500)
    run = mapping.run_until_idle()
    assert run.discarded == [record]
    told = dead.records[0].json()
    assert told["requestContext"]["condition"] == "MaximumPayloadSizeExceeded"
    assert told["responseContext"] is None


def test_a_queue_gets_one_record_of_the_batch(aws: Any, recorder: Any, provisioned: Any) -> None:
    """With the offsets of every partition, and none of the records."""
    queue = aws.sqs_queue("dead-orders")
    topic = aws.kafka_topic("orders", partitions=2)
    mapping = aws.event_source_mapping(topic, recorder(fails="b"), MaximumRetryAttempts=0, **TO_QUEUE, **provisioned)
    sent = topic.send(*"abc", partition=lambda number: number % 2)
    run = mapping.run_until_idle()
    (message,) = queue.messages
    told = message.json()
    assert told["requestContext"]["requestId"] == run.invocations[0].request_id
    info = told["KafkaBatchInfo"]
    assert {name: (one["firstRecordOffset"], one["lastRecordOffset"]) for name, one in info["recordsInfo"].items()} == {
        "orders-0": ("0", "1"),
        "orders-1": ("0", "0"),
    }
    assert (info["batchSize"], info["payloadSize"]) == (3, len(run.invocations[0].event_text))
    assert "payload" not in told
    assert run.destination(sent[0]) == QUEUE
    assert [step.kind for step in run.trace].count("delivered") == 1


@pytest.mark.parametrize("kind", ["kafka", "msk"])
def test_a_bucket_gets_the_event_too(aws: Any, recorder: Any, provisioned: Any, kind: str) -> None:
    """An object under the mapping's UUID and the first record's partition; its payload is the event, as text."""
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="dead-orders")
    topic = aws.kafka_topic("orders") if kind == "kafka" else aws.msk_topic("orders")
    destination = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::dead-orders"}}}
    mapping = aws.event_source_mapping(topic, recorder(fails="a"), MaximumRetryAttempts=0, **destination, **provisioned)
    (record,) = topic.send("a")
    run = mapping.run_until_idle()
    (entry,) = s3.list_objects_v2(Bucket="dead-orders")["Contents"]
    assert entry["Key"].startswith(f"aws/lambda/{mapping.uuid}/orders-0/2025/01/01/2025-01-01T00.00.00-")
    told = json.loads(s3.get_object(Bucket="dead-orders", Key=entry["Key"])["Body"].read())
    assert told["payload"] == run.invocations[0].event_text
    assert told["KafkaBatchInfo"]["payloadSize"] == len(told["payload"])
    assert ("eventSourceArn" in told["KafkaBatchInfo"]) == (kind == "msk")
    assert run.destination(record) == "arn:aws:s3:::dead-orders"


def test_a_topic_of_sns_tells_its_subscribers(aws: Any, recorder: Any, provisioned: Any) -> None:
    """The invocation record is the notification's message, without the records."""
    sns = boto3.client("sns", region_name="us-east-1")
    arn = sns.create_topic(Name="dead-orders")["TopicArn"]
    queue = aws.sqs_queue("told")
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue.arn)
    topic = aws.kafka_topic("orders")
    destination = {"DestinationConfig": {"OnFailure": {"Destination": arn}}}
    mapping = aws.event_source_mapping(topic, recorder(fails="a"), MaximumRetryAttempts=0, **destination, **provisioned)
    (record,) = topic.send("a")
    run = mapping.run_until_idle()
    (notification,) = queue.messages
    told = json.loads(notification.json()["Message"])
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert "payload" not in told
    assert run.destination(record) == arn


def test_a_queue_that_is_not_there_loses_the_records(aws: Any, recorder: Any, provisioned: Any) -> None:
    """They are dropped, and counted."""
    topic = aws.msk_topic("orders")
    mapping = aws.event_source_mapping(topic, recorder(fails="a"), MaximumRetryAttempts=0, **TO_QUEUE, **provisioned)
    (record,) = topic.send("a")
    run = mapping.run_until_idle()
    assert run.destination(record) is None
    assert (run.metrics["DroppedEventCount"], run.metrics["DestinationDeliveryFailures"]) == (1, 1)
