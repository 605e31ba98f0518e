"""The invocation record of a batch of a Kafka topic, in its two forms, word for word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_lambda_events.destinations.kafka import kafka_batch_record, kafka_topic_record
from pytest_lambda_events.model.discard import Discard
from pytest_lambda_events.model.kafka_record import KafkaRecord

START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
CLUSTER = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/751d2973-a626-431c-9d4e-d7975eb44dd7-2"
SERVERS = "b-1.orders.abc123.kafka.eu-west-1.amazonaws.com:9098"
EVENT = '{"eventSource":"aws:kafka","records":{}}'


def message(offset: int, partition: int = 0, seconds: int = 0) -> KafkaRecord:
    return KafkaRecord(topic="orders", partition=partition, offset=offset, timestamp=START_MS + seconds * 1000)


def discard(*records: KafkaRecord, **changes: Any) -> Discard:
    given: dict[str, Any] = {
        "records": records or (message(100), message(101, seconds=1)),
        "condition": "RetryAttemptsExhausted",
        "request_id": "316aa6d0-8154-4a4b-9af7-85d5f4a6bc81",
        "invoke_count": 11,
        "function_error": "Unhandled",
        "has_response_context": True,
        "shard_id": "",
        "at_ms": START_MS + 60_021,
        "event_text": EVENT,
    }
    return Discard(**{**given, **changes})


def batch(discarded: Discard, **changes: Any) -> str:
    given: dict[str, Any] = {
        "function_arn": FUNCTION,
        "bootstrap_servers": SERVERS,
        "event_source_arn": CLUSTER,
        "with_payload": False,
    }
    return kafka_batch_record(discarded, **{**given, **changes})


def single(discarded: Discard, record: KafkaRecord, **changes: Any) -> str:
    given: dict[str, Any] = {
        "event_text": EVENT,
        "function_arn": FUNCTION,
        "bootstrap_servers": SERVERS,
        "event_source_arn": CLUSTER,
    }
    return kafka_topic_record(discarded, record, **{**given, **changes})


def test_a_batch_word_for_word():
    """Offsets are texts, the size is that of the event."""
    assert batch(discard()) == (
        '{"requestContext":{"requestId":"316aa6d0-8154-4a4b-9af7-85d5f4a6bc81",'
        '"functionArn":"arn:aws:lambda:eu-west-1:123456789012:function:orders",'
        '"condition":"RetryAttemptsExhausted","approximateInvokeCount":11},'
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},'
        '"version":"1.0","timestamp":"2025-01-01T00:01:00.021Z",'
        '"KafkaBatchInfo":{"batchSize":2,'
        '"eventSourceArn":"arn:aws:kafka:eu-west-1:123456789012:cluster/orders/751d2973-a626-431c-9d4e-d7975eb44dd7-2",'
        '"bootstrapServers":"b-1.orders.abc123.kafka.eu-west-1.amazonaws.com:9098","payloadSize":40,'
        '"recordsInfo":{"orders-0":{"firstRecordOffset":"100","lastRecordOffset":"101",'
        '"firstRecordTimestamp":"2025-01-01T00:00:00.000Z","lastRecordTimestamp":"2025-01-01T00:00:01.000Z"}}}}'
    )


def test_a_record_for_another_topic_word_for_word():
    """It carries one record, whose event is an object behind all that is said about it."""
    assert single(discard(), message(101, seconds=1)) == (
        '{"requestContext":{"requestId":"316aa6d0-8154-4a4b-9af7-85d5f4a6bc81",'
        '"functionArn":"arn:aws:lambda:eu-west-1:123456789012:function:orders",'
        '"condition":"RetryAttemptsExhausted","approximateInvokeCount":11},'
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},'
        '"version":"1.0","timestamp":"2025-01-01T00:01:00.021Z",'
        '"KafkaBatchInfo":{"batchSize":1,'
        '"eventSourceArn":"arn:aws:kafka:eu-west-1:123456789012:cluster/orders/751d2973-a626-431c-9d4e-d7975eb44dd7-2",'
        '"bootstrapServers":"b-1.orders.abc123.kafka.eu-west-1.amazonaws.com:9098","payloadSize":40,'
        '"recordInfo":{"offset":"101","timestamp":"2025-01-01T00:00:01.000Z"}},'
        '"payload":{"eventSource":"aws:kafka","records":{}}}'
    )


def test_each_partition_of_a_batch_has_its_first_and_last_record():
    """In the order of the batch."""
    discarded = discard(message(7, 1), message(100), message(8, 1, seconds=2), message(9, 1, seconds=3))

    info = json.loads(batch(discarded))["KafkaBatchInfo"]

    assert info["batchSize"] == 4
    assert list(info["recordsInfo"]) == ["orders-1", "orders-0"]
    assert info["recordsInfo"]["orders-1"] == {
        "firstRecordOffset": "7",
        "lastRecordOffset": "9",
        "firstRecordTimestamp": "2025-01-01T00:00:00.000Z",
        "lastRecordTimestamp": "2025-01-01T00:00:03.000Z",
    }


def test_only_a_bucket_gets_the_event():
    """As one text, where the record of a stream has it."""
    inner = json.loads(batch(discard(), with_payload=True))

    assert list(inner) == ["requestContext", "responseContext", "version", "payload", "timestamp", "KafkaBatchInfo"]
    assert inner["payload"] == EVENT


@pytest.mark.parametrize("text", [None, ""])
def test_without_an_event_there_is_no_payload(text):
    """And its size is nothing."""
    inner = json.loads(batch(discard(event_text=text), with_payload=True))

    assert "payload" not in inner
    assert inner["KafkaBatchInfo"]["payloadSize"] == 0


def test_the_size_is_counted_in_bytes():
    """Of the event in UTF-8."""
    assert json.loads(batch(discard(event_text="\N{SNOWMAN}")))["KafkaBatchInfo"]["payloadSize"] == 3


def test_a_batch_that_no_invocation_could_carry():
    """Another condition, and null where the function would have answered."""
    inner = json.loads(batch(discard(), too_large=True))

    assert inner["requestContext"]["condition"] == "MaximumPayloadSizeExceeded"
    assert inner["responseContext"] is None


def test_records_that_grew_too_old_have_no_answer_either():
    """Null, as Kafka's records have it."""
    aged = discard(condition="RecordAgeExceeded", has_response_context=False)

    inner = json.loads(single(aged, message(100)))

    assert inner["requestContext"]["condition"] == "RecordAgeExceeded"
    assert inner["responseContext"] is None


def test_a_cluster_of_ones_own_has_no_arn():
    """Its servers say which it is."""
    info = json.loads(batch(discard(), event_source_arn=None))["KafkaBatchInfo"]

    assert list(info) == ["batchSize", "bootstrapServers", "payloadSize", "recordsInfo"]
