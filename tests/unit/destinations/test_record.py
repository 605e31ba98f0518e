"""The invocation record, word for word: each source, each condition, windows, payloads, and AWS's own samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import DynamoDBStreamLambdaOnFailureDestinationModel

from pytest_lambda_events.destinations.record import invocation_record
from pytest_lambda_events.model.discard import Discard
from pytest_lambda_events.model.dynamodb_record import DynamoDbRecord
from pytest_lambda_events.model.kinesis_record import KinesisRecord
from pytest_lambda_events.model.windows import TumblingWindow

SAMPLES = Path(__file__).parents[2] / "data" / "aws-samples"
START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:clicks"
STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
TABLE_STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/users/stream/2025-01-01T00:00:00.000"
REQUEST_ID = "30d0e7bd-5ddd-4e96-af57-03a7080f606d"
WINDOW = TumblingWindow(seconds=10, state={"count": 2}, is_final=False, terminated_early=False)
LAST_OF_WINDOW = TumblingWindow(seconds=10, state={"count": 2}, is_final=True, terminated_early=False)


def click(number: int, arrival_ms: int = START_MS) -> KinesisRecord:
    return KinesisRecord(
        id=f"4967848248591499264712848673846055973597999399947154227{number}",
        data=b"{}",
        partition_key="key",
        arrival_ms=arrival_ms,
        shard_id="shardId-000000000000",
    )


def change(number: int, created_ms: int) -> DynamoDbRecord:
    return DynamoDbRecord(
        id=f"11111180000000000000000000{number}",
        event_id="0" * 32,
        event_name="INSERT",
        keys={"id": {"S": "1"}},
        new_image=None,
        old_image=None,
        view_type="KEYS_ONLY",
        size_bytes=3,
        created_ms=created_ms,
    )


def discard(**changes: Any) -> Discard:
    given: dict[str, Any] = {
        "records": (click(1, START_MS + 187), click(2, START_MS + 1_050), click(3, START_MS + 2_000)),
        "condition": "RetryAttemptsExhausted",
        "request_id": REQUEST_ID,
        "invoke_count": 3,
        "function_error": "Unhandled",
        "has_response_context": True,
        "shard_id": "shardId-000000000000",
        "at_ms": START_MS + 60_021,
        "event_text": '{"Records":[]}',
    }
    return Discard(**{**given, **changes})


def record(discarded: Discard, source: Any = "kinesis", **changes: Any) -> str:
    given: dict[str, Any] = {
        "function_arn": FUNCTION,
        "source": source,
        "stream_arn": STREAM if source == "kinesis" else TABLE_STREAM,
        "with_payload": False,
    }
    return invocation_record(discarded, **{**given, **changes})


def order(value: Any) -> Any:
    """The keys of a JSON value, all the way down."""
    return [(key, order(inner)) for key, inner in value.items()] if isinstance(value, dict) else None


# -- word for word ----------------------------------------------------------------------------------------------------


def test_a_batch_of_kinesis_whose_retries_are_used_up():
    """Arrivals have milliseconds, and the stream comes last."""
    assert record(discard()) == (
        '{"requestContext":{"requestId":"30d0e7bd-5ddd-4e96-af57-03a7080f606d",'
        '"functionArn":"arn:aws:lambda:eu-west-1:123456789012:function:clicks",'
        '"condition":"RetryAttemptsExhausted","approximateInvokeCount":3},'
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},'
        '"version":"1.0","timestamp":"2025-01-01T00:01:00.021Z",'
        '"KinesisBatchInfo":{"shardId":"shardId-000000000000",'
        '"startSequenceNumber":"49678482485914992647128486738460559735979993999471542271",'
        '"endSequenceNumber":"49678482485914992647128486738460559735979993999471542273",'
        '"approximateArrivalOfFirstRecord":"2025-01-01T00:00:00.187Z",'
        '"approximateArrivalOfLastRecord":"2025-01-01T00:00:02.000Z","batchSize":3,'
        '"streamArn":"arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"}}'
    )


def test_a_batch_of_dynamodb_that_was_reported_as_failed():
    """Arrivals are whole seconds, and functionError is there, as null."""
    changes = (change(1, START_MS + 12_999), change(2, START_MS + 13_000))

    assert record(discard(records=changes, function_error=None, shard_id="shardId-0001"), "dynamodb") == (
        '{"requestContext":{"requestId":"30d0e7bd-5ddd-4e96-af57-03a7080f606d",'
        '"functionArn":"arn:aws:lambda:eu-west-1:123456789012:function:clicks",'
        '"condition":"RetryAttemptsExhausted","approximateInvokeCount":3},'
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":null},'
        '"version":"1.0","timestamp":"2025-01-01T00:01:00.021Z",'
        '"DDBStreamBatchInfo":{"shardId":"shardId-0001","startSequenceNumber":"111111800000000000000000001",'
        '"endSequenceNumber":"111111800000000000000000002",'
        '"approximateArrivalOfFirstRecord":"2025-01-01T00:00:12Z",'
        '"approximateArrivalOfLastRecord":"2025-01-01T00:00:13Z","batchSize":2,'
        '"streamArn":"arn:aws:dynamodb:eu-west-1:123456789012:table/users/stream/2025-01-01T00:00:00.000"}}'
    )


def test_a_record_that_grew_too_old_has_no_answer_of_the_function():
    """Without responseContext, and one invocation although there was none."""
    aged = discard(
        records=(click(1),),
        condition="RecordAgeExceeded",
        invoke_count=1,
        function_error=None,
        has_response_context=False,
    )

    text = record(aged)

    assert '"condition":"RecordAgeExceeded","approximateInvokeCount":1},"version":"1.0","timestamp":' in text
    assert json.loads(text)["KinesisBatchInfo"]["batchSize"] == 1


def test_the_final_invocation_of_a_window_as_it_was_recorded_in_a_bucket():
    """The payload before the timestamp, of the batch only its shard and stream, and the window without its state."""
    event = '{"Records":[],"shardId":"shardId-0001","state":{"count":2},"isFinalInvokeForWindow":true}'
    final = discard(
        records=(),
        invoke_count=1,
        shard_id="shardId-0001",
        window=LAST_OF_WINDOW,
        window_start_ms=START_MS + 10_000,
        event_text=event,
    )

    assert record(final, "dynamodb", with_payload=True) == (
        '{"requestContext":{"requestId":"30d0e7bd-5ddd-4e96-af57-03a7080f606d",'
        '"functionArn":"arn:aws:lambda:eu-west-1:123456789012:function:clicks",'
        '"condition":"RetryAttemptsExhausted","approximateInvokeCount":1},'
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},'
        '"version":"1.0",'
        r'"payload":"{\"Records\":[],\"shardId\":\"shardId-0001\",\"state\":{\"count\":2},'
        r'\"isFinalInvokeForWindow\":true}",'
        '"timestamp":"2025-01-01T00:01:00.021Z",'
        '"DDBStreamBatchInfo":{"shardId":"shardId-0001",'
        '"streamArn":"arn:aws:dynamodb:eu-west-1:123456789012:table/users/stream/2025-01-01T00:00:00.000"},'
        '"timeWindowInfo":{"window":{"start":"2025-01-01T00:00:10Z","end":"2025-01-01T00:00:20Z"},'
        '"isFinalInvokeForWindow":true,"isWindowTerminatedEarly":false}}'
    )


def test_a_batch_within_a_window_says_both_where_it_is_and_which_window_it_was():
    """The window stands behind the batch."""
    inner = json.loads(record(discard(window=WINDOW, window_start_ms=START_MS)))

    assert inner["KinesisBatchInfo"]["batchSize"] == 3
    assert list(inner)[-1] == "timeWindowInfo"
    assert inner["timeWindowInfo"] == {
        "window": {"start": "2025-01-01T00:00:00Z", "end": "2025-01-01T00:00:10Z"},
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


# -- parts ------------------------------------------------------------------------------------------------------------


def test_only_a_bucket_gets_the_event():
    """As one text, which gives the event back."""
    event = '{"Records":[{"data":"\\u00e9 \N{SNOWMAN}"}]}'

    without = json.loads(record(discard(event_text=event)))
    payload = json.loads(record(discard(event_text=event), with_payload=True))["payload"]

    assert "payload" not in without
    assert payload == event


def test_without_an_event_there_is_no_payload():
    """A discard may come without the event's text."""
    assert "payload" not in json.loads(record(discard(event_text=None), with_payload=True))


@pytest.mark.parametrize(
    ("named", "written"),
    [
        pytest.param(FUNCTION, FUNCTION, id="plain"),
        pytest.param(f"{FUNCTION}:$LATEST", FUNCTION, id="latest"),
        pytest.param(f"{FUNCTION}:live", f"{FUNCTION}:live", id="alias"),
        pytest.param(f"{FUNCTION}:7", f"{FUNCTION}:7", id="version"),
    ],
)
def test_the_function_as_the_mapping_names_it(named, written):
    """An alias stays, `$LATEST` is not written."""
    assert json.loads(record(discard(), function_arn=named))["requestContext"]["functionArn"] == written


def test_the_version_that_ran():
    """Behind an alias is a version."""
    context = json.loads(record(discard(), executed_version="7"))["responseContext"]

    assert context == {"statusCode": 200, "executedVersion": "7", "functionError": "Unhandled"}


# -- judged by others -------------------------------------------------------------------------------------------------


def test_the_order_of_keys_is_that_of_the_sample():
    """The Developer Guide's example of a Kinesis stream."""
    sample = json.loads((SAMPLES / "kinesis-invocation-record.json").read_text(encoding="utf-8"))

    assert order(json.loads(record(discard()))) == order(sample)


def test_it_is_no_record_of_an_asynchronous_invocation():
    """Those have the event and the response as objects, another condition, and begin with the version."""
    sample = json.loads((SAMPLES / "async-invocation-record.json").read_text(encoding="utf-8"))

    ours = json.loads(record(discard(), with_payload=True))

    assert next(iter(sample)) == "version"
    assert {"requestPayload", "responsePayload"} == sample.keys() - ours.keys()
    assert sample["requestContext"].keys() == ours["requestContext"].keys()
    assert sample["requestContext"]["condition"] != ours["requestContext"]["condition"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="raised"),
        pytest.param({"function_error": None}, id="reported"),
    ],
)
@pytest.mark.parametrize("with_payload", [False, True])
def test_powertools_takes_a_record_of_dynamodb(changes, with_payload):
    """Their model of what a failure destination of a DynamoDB stream gets; it wants an answer of the function's."""
    records = (change(1, START_MS), change(2, START_MS + 1_000))
    text = record(discard(records=records, **changes), "dynamodb", with_payload=with_payload)

    model = DynamoDBStreamLambdaOnFailureDestinationModel.model_validate_json(text)

    assert model.request_context.request_id == REQUEST_ID
    assert model.ddb_stream_batch_info.batch_size == 2
    assert model.ddb_stream_batch_info.end_sequence_number == records[-1].id
    assert model.response_context is not None
    assert model.response_context.function_error == changes.get("function_error", "Unhandled")
