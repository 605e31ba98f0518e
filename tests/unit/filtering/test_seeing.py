"""What a filter sees of a record, source by source."""

from __future__ import annotations

import base64
import copy
import json

import pytest

from pytest_lambda_events.filtering.seeing import seen


def encoded(payload: object) -> str:
    """A payload as events have it."""
    data = (
        payload
        if isinstance(payload, bytes)
        else (payload if isinstance(payload, str) else json.dumps(payload)).encode()
    )
    return base64.b64encode(data).decode()


SQS = {"messageId": "m", "body": "plain", "attributes": {"SentTimestamp": "1"}, "eventSource": "aws:sqs"}
KINESIS = {
    "kinesis": {"partitionKey": "p", "sequenceNumber": "1", "data": encoded({"a": 1})},
    "eventSource": "aws:kinesis",
    "eventID": "shardId-000000000000:1",
}
DYNAMODB = {"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"S": "1"}}}, "eventSource": "aws:dynamodb"}
KAFKA = {"topic": "t", "partition": 0, "offset": 15, "timestamp": 1, "key": encoded("k"), "value": encoded({"a": 1})}
ACTIVEMQ = {
    "messageID": "ID:1",
    "data": encoded("Result: 1"),
    "properties": {"a": "b"},
    "destination": {"physicalName": "q"},
}
RABBITMQ = {"basicProperties": {"contentType": "text/plain"}, "redelivered": False, "data": encoded([1])}

VIEWS = {
    "sqs": (SQS, SQS, {"body": "text"}),
    "sqs_fifo": (SQS | {"body": ' {"a": 1}'}, SQS | {"body": {"a": 1}}, {"body": "json"}),
    "kinesis": (
        KINESIS,
        {
            "partitionKey": "p",
            "sequenceNumber": "1",
            "data": {"a": 1},
            "kinesis": {"partitionKey": "p", "sequenceNumber": "1", "data": {"a": 1}},
            "eventSource": "aws:kinesis",
            "eventID": "shardId-000000000000:1",
        },
        {"data": "json", "kinesis.data": "json"},
    ),
    "dynamodb": (DYNAMODB, DYNAMODB, {"dynamodb": "json"}),
    "kafka": (KAFKA, KAFKA | {"key": "k", "value": {"a": 1}}, {"key": "text", "value": "json"}),
    "msk": (KAFKA, KAFKA | {"key": "k", "value": {"a": 1}}, {"key": "text", "value": "json"}),
    "activemq": (ACTIVEMQ, ACTIVEMQ | {"data": "Result: 1"}, {"data": "text"}),
    "rabbitmq": (RABBITMQ, RABBITMQ | {"data": [1]}, {"data": "json"}),
}


@pytest.mark.parametrize("source", VIEWS)
def test_a_filter_sees_the_payload_decoded(source):
    """With all that is around it."""
    record, expected, payloads = VIEWS[source]

    view = seen(source, record)

    assert view.value == expected
    assert view.payloads == payloads


@pytest.mark.parametrize("source", VIEWS)
def test_the_record_stays_as_it_is(source):
    """The function gets the original bytes."""
    record = VIEWS[source][0]
    before = copy.deepcopy(record)

    seen(source, record)
    seen(source, record, ())

    assert record == before


@pytest.mark.parametrize("source", sorted({*VIEWS} - {"kinesis", "dynamodb"}))
def test_payloads_that_do_not_matter_are_not_decoded(source):
    """The rest of the record is seen all the same."""
    record = VIEWS[source][0]

    assert seen(source, record, ()).value == record
    assert seen(source, record, ()).payloads == {}


def test_metadata_of_kinesis_are_seen_without_the_data():
    """At the top and in their object."""
    assert seen("kinesis", KINESIS, ()).value == KINESIS | KINESIS["kinesis"]


FORMATS = {
    "an object": ('{"a": 1}', {"a": 1}, "json"),
    "an object with white space": (' \t\r\n{"a": 1}\n', {"a": 1}, "json"),
    "an array": ("[1, 2]", [1, 2], "json"),
    "a number": ("1", "1", "text"),
    "a string": ('"x"', '"x"', "text"),
    "null": ("null", "null", "text"),
    "true": ("true", "true", "text"),
    "nothing": ("", "", "text"),
    "a word": ("x", "x", "text"),
    "almost an object": ('{"a": 1', '{"a": 1', "text"),
    "what only Python takes for JSON": ('{"a": NaN}', '{"a": NaN}', "text"),
    "a number that is too long": ("[" + "1" * 5_000 + "]", "[" + "1" * 5_000 + "]", "text"),
    "an array that is too deep": ("[" * 200_000, "[" * 200_000, "text"),
    "a repeated key": ('{"a": 1, "a": 2}', {"a": 2}, "json"),
}


@pytest.mark.parametrize(("body", "expected", "kind"), FORMATS.values(), ids=FORMATS)
def test_objects_and_arrays_are_json(body, expected, kind):
    """Everything else is a plain string, also what would be JSON by itself."""
    view = seen("sqs", SQS | {"body": body})

    assert view.value["body"] == expected
    assert view.payloads == {"body": kind}


def test_what_is_not_utf8_is_not_decoded():
    """It stays as the event has it."""
    data = encoded(b"\xff\xfe")

    assert seen("activemq", ACTIVEMQ | {"data": data}).value["data"] == data
    assert seen("activemq", ACTIVEMQ | {"data": data}).payloads == {"data": "binary"}
    assert seen("kinesis", {"kinesis": {"data": data}}).payloads == {"data": "binary", "kinesis.data": "binary"}


def test_what_is_not_base64_is_not_decoded():
    """An event that was written by hand."""
    assert seen("kafka", KAFKA | {"value": "not base64!"}).payloads == {"key": "text", "value": "binary"}


@pytest.mark.parametrize("nothing", [{"topic": "t"}, {"topic": "t", "key": None, "value": None}])
def test_a_kafka_record_may_have_no_key_and_no_value(nothing):
    """A tombstone, written either way: the keys are not there."""
    view = seen("msk", nothing)

    assert view.value == {"topic": "t"}
    assert view.payloads == {"key": "absent", "value": "absent"}


def test_a_source_without_filters_is_an_error():
    """It says which have some."""
    with pytest.raises(ValueError, match="'s3_batch' has no filters"):
        seen("s3_batch", {})
