"""Responses: made right for an event, and judged as AWS would read them."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes import S3BatchOperationEvent, S3BatchOperationResponse, SQSEvent
from hypothesis import given
from hypothesis import strategies as st

import pytest_lambda_events.responses as facade
from pytest_lambda_events import Harness, UsageError
from pytest_lambda_events.errors import UnknownEvent
from pytest_lambda_events.events import (
    activemq_event,
    documentdb_event,
    dynamodb_event,
    kafka_event,
    kinesis_event,
    msk_event,
    rabbitmq_event,
    s3_batch_event,
    sqs_event,
    sqs_fifo_event,
)
from pytest_lambda_events.model.response_types import (
    PartialBatchResponse,
    S3BatchResponse,
    S3BatchResult,
    TumblingWindowResponse,
)
from pytest_lambda_events.polling.partial import judge_response
from pytest_lambda_events.responses import (
    batch_response,
    check_response,
    looks_like_response,
    s3_batch_response,
    window_response,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.findings import Finding

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
SAMPLED = ("s3-batch", "s3-batch-response")

SQS = sqs_event("a", "b", "c")
FIFO = sqs_fifo_event("a1", "b1", "a2", "b2", message_group_id=lambda number: "ab"[number % 2])
KINESIS = {
    "Records": [
        {
            "kinesis": {
                "partitionKey": "k",
                "sequenceNumber": f"4959033827149025660855969253836157109592157598913658{n}",
            },
            "eventSource": "aws:kinesis",
            "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
        }
        for n in (1111, 2222)
    ]
}
DYNAMODB = {
    "Records": [
        {
            "eventName": "INSERT",
            "dynamodb": {"SequenceNumber": f"{n}00000000035567412345"},
            "eventSource": "aws:dynamodb",
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2025-01-01T00:00:00.000",
        }
        for n in (1, 2)
    ]
}
KAFKA = {
    "eventSource": "SelfManagedKafka",
    "bootstrapServers": "b-1:9092",
    "records": {
        "orders-0": [{"topic": "orders", "partition": 0, "offset": offset} for offset in (5, 6)],
        "orders-1": [{"topic": "orders", "partition": 1, "offset": 5}],
    },
}
MSK = {**KAFKA, "eventSource": "aws:kafka", "eventSourceArn": "arn:aws:kafka:us-east-1:123456789012:cluster/c/u"}
WINDOW = {
    **KINESIS,
    "shardId": "shardId-000000000000",
    "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
    "window": {"start": "2025-01-01T00:00:00Z", "end": "2025-01-01T00:01:00Z"},
    "state": {},
    "isFinalInvokeForWindow": False,
    "isWindowTerminatedEarly": False,
}
FINAL = {**WINDOW, "Records": [], "isFinalInvokeForWindow": True}
TASK = {
    "invocationSchemaVersion": "1.0",
    "invocationId": "AAAAAAAAAAHinvocation",
    "job": {"id": "f3cc4f60-61f6-4a2b-8a21-d07600c373ce"},
    "tasks": [
        {"taskId": "AAAAAAAAAAGtask", "s3BucketArn": "arn:aws:s3:::b", "s3Key": "k", "s3VersionId": None},
    ],
}
UNREAD = {
    "activemq": {"eventSource": "aws:mq", "eventSourceArn": "arn:aws:mq:us-east-1:1:broker:b:b-1", "messages": []},
    "rabbitmq": {"eventSource": "aws:rmq", "eventSourceArn": "arn:aws:mq:us-east-1:1:broker:b:b-1"},
    "documentdb": {"eventSource": "aws:docdb", "eventSourceArn": "arn:aws:rds:us-east-1:1:cluster:c", "events": []},
}
PARTIAL = {"sqs": SQS, "sqs_fifo": FIFO, "kinesis": KINESIS, "dynamodb": DYNAMODB, "kafka": KAFKA, "msk": MSK}


def identifiers_of(event: dict[str, Any]) -> list[Any]:
    """What identifies each record, read from the event by hand."""
    if "records" in event:
        return [
            {"partition": partition, "offset": record["offset"]}
            for partition, records in event["records"].items()
            for record in records
        ]
    return [
        record.get("messageId")
        or record.get("kinesis", {}).get("sequenceNumber")
        or record.get("dynamodb", {}).get("SequenceNumber")
        for record in event["Records"]
    ]


def records_of(event: dict[str, Any]) -> list[Any]:
    """The records of an event, whatever holds them."""
    if "records" in event:
        return [record for records in event["records"].values() for record in records]
    records: list[Any] = event["Records"]
    return records


def failures(*identifiers: Any) -> dict[str, Any]:
    """A partial response, right or wrong."""
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    """How bad, and where."""
    return [(finding.severity, finding.path) for finding in findings]


each_source = pytest.mark.parametrize("name", list(PARTIAL))


# -- made --------------------------------------------------------------------------------------------------------------


@each_source
def test_failed_records_are_reported_by_what_identifies_them(name: str) -> None:
    """A messageId, a sequence number, or topic-partition and offset."""
    event = PARTIAL[name]
    last, identifier = records_of(event)[-1], identifiers_of(event)[-1]
    assert batch_response(event, failed=[last]) == failures(identifier)
    assert batch_response(event) == {"batchItemFailures": []}


@each_source
def test_failed_records_may_be_given_in_many_ways(name: str) -> None:
    """Records, identifiers, places from either end, one alone, or a function that picks them; each counts once."""
    event = PARTIAL[name]
    records, identifiers = records_of(event), identifiers_of(event)
    expected = failures(identifiers[-1])
    last = len(records) - 1
    for given_as in (
        [records[-1]],
        [copy.deepcopy(records[-1])],
        records[-1],
        [identifiers[-1]],
        identifiers[-1],
        [last, -1, records[-1]],
        -1,
        lambda record: record is records[-1],
    ):
        assert batch_response(event, given_as) == expected


@each_source
def test_failures_stand_in_the_order_of_the_event(name: str) -> None:
    """Whatever the order in which they were found."""
    event = PARTIAL[name]
    assert batch_response(event, reversed(records_of(event))) == failures(*identifiers_of(event))


@each_source
def test_what_is_made_is_accepted(name: str) -> None:
    """A response that was made for an event has no finding."""
    event = PARTIAL[name]
    for number in range(len(records_of(event))):
        assert check_response(event, batch_response(event, number)) == []


def test_a_record_that_was_sent_names_its_message() -> None:
    """What `send` returned is as good as the record of the event."""
    with Harness() as aws:
        queue = aws.sqs_queue("orders")
        good, poison = queue.send({"order": 1}, {"order": "poison"})
        mapping = aws.event_source_mapping(
            queue, lambda event, _: batch_response(event, poison), FunctionResponseTypes=["ReportBatchItemFailures"]
        )
        run = mapping.run_until(lambda run: len(run.invocations) == 1)
        assert run.processed == [good]
        assert list(run.invocations[0].failed) == [poison]


def test_a_record_of_kafka_may_be_named_by_its_id() -> None:
    """Topic, partition and offset in one text, as our records have it."""
    assert batch_response(KAFKA, "orders-1-5") == failures({"partition": "orders-1", "offset": 5})


def test_powertools_records_are_records() -> None:
    """Its data classes wrap those of the event."""
    last = list(SQSEvent(SQS).records)[-1]
    assert batch_response(SQS, last) == failures(SQS["Records"][2]["messageId"])


def test_on_a_fifo_queue_the_rest_of_the_group_fails_too() -> None:
    """Otherwise it would be deleted before what comes before it; other groups go on."""
    ids = identifiers_of(FIFO)
    assert batch_response(FIFO, 0) == failures(ids[0], ids[2])
    assert batch_response(FIFO, 0, rest_of_group=False) == failures(ids[0])
    assert batch_response(FIFO, [2, 1]) == failures(ids[1], ids[2], ids[3])
    assert batch_response(SQS, 0) == failures(SQS["Records"][0]["messageId"])


@pytest.mark.parametrize("name", list(UNREAD))
def test_a_source_without_partial_responses_is_refused(name: str) -> None:
    """What the function returns is not read."""
    with pytest.raises(UsageError, match="no partial responses"):
        batch_response(UNREAD[name])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: batch_response(SQS, "nobody"), "'nobody' is not in this event"),
        (lambda: batch_response(SQS, sqs_event("x", seed=1)["Records"][0]), "is not in this event"),
        (lambda: batch_response(sqs_event(count=6), "nobody"), "…: Lambda fails the whole batch"),
        (lambda: batch_response({**KINESIS, "Records": [{"eventSource": "aws:kinesis"}]}, "x"), "has no record"),
        (lambda: batch_response(SQS, 3), "there is no record 3"),
        (lambda: batch_response(SQS, [-4]), "there is no record -4"),
        (lambda: batch_response(SQS, [True]), "names no record of Amazon SQS"),
        (lambda: batch_response(SQS, [{"body": "x"}]), "give a record of the event, its messageId"),
        (lambda: batch_response(SQS, [None]), "NoneType"),
        (lambda: batch_response(SQS, None), "give records, identifiers or places"),
        (lambda: batch_response(KAFKA, [{"partition": "orders-0", "offset": True}]), "names no record"),
        (lambda: batch_response(KAFKA, [{"topic": "orders"}]), "names no record"),
        (lambda: batch_response(TASK), "s3_batch_response"),
        (lambda: batch_response(WINDOW), "window_response"),
        (lambda: window_response({}, event=KINESIS), "no window"),
        (lambda: window_response([]), "is an object"),  # type: ignore[arg-type]
        (lambda: window_response({"a": {1}}), "cannot be returned"),
        (lambda: window_response({"a": "x" * 1_048_576}), "1048584 bytes"),
        (lambda: window_response({}, [0]), "give event="),
        (lambda: window_response({}, [""]), "no sequence number"),
        (lambda: window_response({}, len), "give records, identifiers or places"),
        (lambda: window_response({}, "x", event=WINDOW), "is not in this event"),
        (lambda: s3_batch_response(SQS), "Amazon SQS"),
        (lambda: s3_batch_response(TASK, "Failed"), "Succeeded, TemporaryFailure"),  # type: ignore[arg-type]
        (lambda: s3_batch_response(TASK, treat_missing_keys_as="x"), "treat_missing_keys_as"),  # type: ignore[arg-type]
        (lambda: s3_batch_response(TASK, text={"a": 1}), "json.dumps"),  # type: ignore[arg-type]
        (lambda: s3_batch_response({**TASK, "tasks": [{}]}), "'taskId'"),
    ],
)
def test_what_would_be_wrong_is_refused(call: Callable[[], object], message: str) -> None:
    """With the values, and what to do."""
    with pytest.raises(UsageError) as caught:
        call()
    assert message in str(caught.value)


def test_an_event_of_nobody_is_refused() -> None:
    """Neither made nor judged."""
    for call in (lambda: batch_response({"a": 1}), lambda: check_response({"a": 1}, None)):
        with pytest.raises(UnknownEvent):
            call()


def test_a_windows_response_has_its_state_and_failures() -> None:
    """In the order that AWS prints; failures by sequence number, or by what is in the event."""
    last = KINESIS["Records"][1]["kinesis"]["sequenceNumber"]
    assert list(window_response({"n": Decimal(1)})) == ["state", "batchItemFailures"]
    assert window_response({"n": 1}, last) == {"state": {"n": 1}, **failures(last)}
    assert window_response({}, -1, event=WINDOW) == {"state": {}, **failures(last)}
    assert window_response({}, event=FINAL) == {"state": {}, "batchItemFailures": []}
    assert check_response(WINDOW, window_response({"a": "x" * 1_048_568}, -1, event=WINDOW)) == []


def test_a_state_may_hold_half_of_a_surrogate_pair() -> None:
    """The runtime writes ASCII, so that it travels; counting its bytes is no reason to fail."""
    response = window_response({"text": "\ud800"}, event=FINAL)
    assert check_response(FINAL, response) == []


def test_a_response_to_a_task_echoes_it() -> None:
    """Keys in AWS's order; what Powertools makes is the same."""
    made = s3_batch_response(TASK, "TemporaryFailure", "later", treat_missing_keys_as="Succeeded")
    assert list(made) == ["invocationSchemaVersion", "treatMissingKeysAs", "invocationId", "results"]
    theirs = S3BatchOperationResponse("1.0", TASK["invocationId"], treat_missing_keys_as="Succeeded")
    task = S3BatchOperationEvent(TASK).task
    theirs.add_result(task.build_task_batch_response("TemporaryFailure", "later"))
    assert made == theirs.asdict()
    assert check_response(TASK, made) == check_response(TASK, theirs.asdict()) == []
    assert s3_batch_response(TASK)["results"] == [
        {"taskId": "AAAAAAAAAAGtask", "resultCode": "Succeeded", "resultString": ""}
    ]


# -- judged ------------------------------------------------------------------------------------------------------------


@each_source
@pytest.mark.parametrize("response", [None, {}, [], "", {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_what_means_success_has_no_finding(name: str, response: Any) -> None:
    """Nothing, in all its forms."""
    assert check_response(PARTIAL[name], response) == []


@each_source
@pytest.mark.parametrize("identifier", ["", None, 7, True, ["x"], {"partition": "orders-0"}, {}])
def test_an_identifier_that_is_none_fails_the_batch(name: str, identifier: Any) -> None:
    """Empty, null, or of another type."""
    (finding,) = check_response(PARTIAL[name], failures(identifier))
    assert told([finding]) == [("error", "batchItemFailures[0].itemIdentifier")]
    assert "the whole batch fails" in finding.expected


@each_source
def test_an_identifier_of_another_batch_fails_the_batch(name: str) -> None:
    """Also beside good ones; the finding says which it is and what is wanted."""
    event = PARTIAL[name]
    unknown = {"partition": "orders-0", "offset": 7} if "records" in event else "nobody"
    (finding,) = check_response(event, failures(identifiers_of(event)[-1], unknown))
    assert told([finding]) == [("error", "batchItemFailures[1].itemIdentifier")]
    assert finding.found == json.dumps(unknown)
    assert "of a record of this event" in finding.expected


def test_kafka_wants_objects_and_the_others_texts() -> None:
    """Neither is taken for the other, though they name the same record."""
    assert told(check_response(KAFKA, failures("orders-0-5"))) == [("error", "batchItemFailures[0].itemIdentifier")]
    found = check_response(SQS, failures({"partition": "orders-0", "offset": 5}))
    assert told(found) == [("error", "batchItemFailures[0].itemIdentifier")]
    assert '{"partition": "topic-0", "offset": 0}' in check_response(KAFKA, failures(""))[0].expected
    assert told(check_response(KAFKA, failures({"partition": "orders-0", "offset": "5"})))[0][0] == "error"


@each_source
@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"foo": 1}, "'itemIdentifier'"),
        ({"ItemIdentifier": "x"}, "'itemIdentifier'"),
        ("x", "'itemIdentifier'"),
        (None, "'itemIdentifier'"),
        ({}, "seen to take it for a success"),
    ],
)
def test_an_entry_without_its_key_fails_the_batch(name: str, entry: Any, message: str) -> None:
    """Whatever else it has."""
    (finding,) = check_response(PARTIAL[name], {"batchItemFailures": [entry]})
    assert told([finding]) == [("error", "batchItemFailures[0]")]
    assert message in finding.expected


def test_every_bad_entry_is_told() -> None:
    """Not only the first, which is all that the poller needs."""
    found = check_response(SQS, {"batchItemFailures": [{}, {"itemIdentifier": SQS["Records"][0]["messageId"]}, 7]})
    assert told(found) == [("error", "batchItemFailures[0]"), ("error", "batchItemFailures[2]")]


@each_source
@pytest.mark.parametrize("value", ["x", 7, True, {"itemIdentifier": "x"}, {}])
def test_failures_that_are_no_list_fail_the_batch(name: str, value: Any) -> None:
    """An object, a text, a number."""
    assert told(check_response(PARTIAL[name], {"batchItemFailures": value})) == [("error", "batchItemFailures")]


@each_source
@pytest.mark.parametrize("response", ["done", 7, 1.5, True, False, ["x"], [{"itemIdentifier": "x"}]])
def test_a_response_that_is_no_object_fails_the_batch(name: str, response: Any) -> None:
    """A list of failures without the object around it, too."""
    assert told(check_response(PARTIAL[name], response)) == [("error", "response")]


@each_source
@pytest.mark.parametrize("key", ["BatchItemFailures", "batch_item_failures", "batchItemFailure", "batchitemfailures"])
def test_a_misspelt_key_loses_records(name: str, key: str) -> None:
    """The commonest mistake there is: Lambda finds no failure, and all records count as processed."""
    (finding,) = check_response(PARTIAL[name], {key: [{"itemIdentifier": "x"}]})
    assert told([finding]) == [("error", key)]
    assert "'batchItemFailures', in exactly this case" in finding.expected


def test_a_misspelt_key_beside_the_right_one_is_not_read() -> None:
    """The right one counts."""
    response = {"BatchItemFailures": [{"itemIdentifier": "x"}], "batchItemFailures": []}
    assert told(check_response(SQS, response)) == [("note", "BatchItemFailures")]


@each_source
def test_failures_that_nobody_reads_lose_records(name: str) -> None:
    """Without ReportBatchItemFailures every return means success."""
    event = PARTIAL[name]
    response = batch_response(event, 0)
    (finding,) = check_response(event, response, reports_batch_item_failures=False)
    assert told([finding]) == [("error", "batchItemFailures")]
    assert "FunctionResponseTypes" in finding.expected
    for harmless in (None, "done", 7, {}, {"batchItemFailures": []}):
        assert check_response(event, harmless, reports_batch_item_failures=False) == []


@pytest.mark.parametrize("name", list(UNREAD))
def test_a_source_without_partial_responses_reads_none(name: str) -> None:
    """The records are gone; anything else it returns is its own affair."""
    (finding,) = check_response(UNREAD[name], failures("x"))
    assert told([finding]) == [("error", "batchItemFailures")]
    assert "has no partial responses" in finding.expected
    for harmless in (None, "done", 7, {"batchItemFailures": []}):
        assert check_response(UNREAD[name], harmless) == []


@each_source
def test_one_record_twice_is_a_note(name: str) -> None:
    """Lambda counts it as one."""
    event = PARTIAL[name]
    identifier = identifiers_of(event)[-1]
    found = check_response(event, failures(identifier, identifier))
    assert told(found) == [("note", "batchItemFailures[1].itemIdentifier")]


def test_keys_that_lambda_does_not_read_are_notes() -> None:
    """A habit of functions behind an API: the status code has no meaning here."""
    body = json.dumps(failures(SQS["Records"][0]["messageId"]))
    assert told(check_response(SQS, {"statusCode": 500, "body": body})) == [("note", "statusCode"), ("note", "body")]
    assert told(check_response(KINESIS, {"state": {}})) == [("note", "state")]


def test_going_on_in_a_stopped_group_is_a_note() -> None:
    """One for each message that is deleted before the one that comes back."""
    ids = identifiers_of(FIFO)
    (finding,) = check_response(FIFO, failures(ids[0]))
    assert told([finding]) == [("note", "batchItemFailures")]
    assert ids[2] in finding.expected
    assert "group a" in finding.expected
    assert check_response(FIFO, failures(ids[2], ids[3])) == []
    fair = sqs_event("a", "b", message_group_id="tenant")
    assert check_response(fair, batch_response(fair, 0)) == []
    ungrouped = copy.deepcopy(FIFO)
    for record in ungrouped["Records"]:
        del record["attributes"]["MessageGroupId"]
    assert check_response(ungrouped, failures(ids[0])) == []


@pytest.mark.parametrize("event", [WINDOW, FINAL])
def test_a_windows_response_needs_a_state(event: dict[str, Any]) -> None:
    """Without it the invocation counts as failed, also the last one of the window."""
    for response in (None, {}, "", {"batchItemFailures": []}, {"state": None}):
        assert told(check_response(event, response)) == [("error", "state")]
    assert check_response(event, {"state": {}}) == []
    assert check_response(event, {"state": {"n": 1}, "batchItemFailures": []}) == []
    assert told(check_response(event, {"state": "x"})) == [("note", "state")]


def test_a_large_state_ends_its_window() -> None:
    """Over 1 MB of JSON, counted in UTF-8."""
    assert check_response(WINDOW, {"state": {"a": "é" * 524_284}}) == []
    (finding,) = check_response(WINDOW, {"state": {"a": "é" * 524_285}})
    assert told([finding]) == [("note", "state")]
    assert "1048578 bytes" in finding.found


@pytest.mark.parametrize("event", [SQS, KAFKA, TASK, WINDOW, UNREAD["activemq"]])
@pytest.mark.parametrize("response", [{1, 2}, {"a": b"x"}, object(), {"a": object()}, {("a",): 1}])
def test_what_is_no_json_fails_the_batch(event: Any, response: Any) -> None:
    """The runtime cannot marshal it."""
    assert told(check_response(event, response)) == [("error", "response")]


def test_decimals_are_json_as_in_the_runtime() -> None:
    """They become floats, and nothing else does."""
    assert check_response(WINDOW, {"state": {"n": Decimal("1.5")}}) == []


def test_six_megabytes_fail_the_batch() -> None:
    """The runtime's limit on a response, whatever is in it."""
    most = 6_291_456
    around = len(json.dumps({"state": {"a": ""}}))
    assert told(check_response(WINDOW, {"state": {"a": "x" * (most - around)}})) == [("note", "state")]
    (finding,) = check_response(WINDOW, {"state": {"a": "x" * (most - around + 1)}})
    assert told([finding]) == [("error", "response")]
    assert f"{most + 1} bytes" in finding.found


RIGHT = s3_batch_response(TASK)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"invocationSchemaVersion": "2.0"}, [("error", "invocationSchemaVersion")]),
        ({"invocationSchemaVersion": ...}, [("error", "invocationSchemaVersion")]),
        ({"invocationId": "other"}, [("error", "invocationId")]),
        ({"invocationId": ...}, [("error", "invocationId")]),
        ({"invocationId": ..., "invocation_id": "x"}, [("error", "invocation_id")]),
        ({"treatMissingKeysAs": "Failed"}, [("error", "treatMissingKeysAs")]),
        ({"treatMissingKeysAs": 7}, [("error", "treatMissingKeysAs")]),
        ({"treatMissingKeysAs": ...}, [("note", "treatMissingKeysAs")]),
        ({"treatMissingKeysAs": ..., "treat_missing_keys_as": "x"}, [("error", "treat_missing_keys_as")]),
        ({"results": ...}, [("error", "results")]),
        ({"results": ..., "Results": []}, [("error", "Results")]),
        ({"results": {}}, [("error", "results")]),
        ({"results": [7]}, [("error", "results[0]"), ("note", "results")]),
        ({"results": []}, [("note", "results")]),
        ({"statusCode": 200}, [("note", "statusCode")]),
    ],
)
def test_a_response_to_a_task_is_read_key_by_key(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """What must be echoed, what must be one of three words, what is misspelt and what is not read."""
    response = {key: value for key, value in {**RIGHT, **change}.items() if value is not ...}
    assert told(check_response(TASK, response)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"taskId": "other"}, [("error", "results[0].taskId"), ("note", "results")]),
        ({"taskId": 7}, [("error", "results[0].taskId"), ("note", "results")]),
        ({"taskId": ...}, [("error", "results[0].taskId"), ("note", "results")]),
        ({"taskId": ..., "TaskId": "x"}, [("error", "results[0].TaskId"), ("note", "results")]),
        ({"resultCode": "succeeded"}, [("error", "results[0].resultCode")]),
        ({"resultCode": ...}, [("error", "results[0].resultCode")]),
        ({"resultString": {"a": 1}}, [("error", "results[0].resultString")]),
        ({"resultString": ...}, [("note", "results[0].resultString")]),
        ({"more": 1}, [("note", "results[0].more")]),
    ],
)
def test_a_result_is_read_key_by_key(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """The task's own id, one of three words, a text."""
    result = {key: value for key, value in {**RIGHT["results"][0], **change}.items() if value is not ...}
    assert told(check_response(TASK, {**RIGHT, "results": [result]})) == expected


def test_findings_about_a_task_say_what_happens() -> None:
    """A near miss, a task that was left out, one that was answered twice, and what is no object at all."""
    result = RIGHT["results"][0]
    near = check_response(TASK, {**RIGHT, "results": [{**result, "resultCode": "PermanentFail"}]})
    assert "did you mean 'PermanentFailure'" in near[0].expected
    (left_out,) = check_response(TASK, {**RIGHT, "results": [], "treatMissingKeysAs": "Succeeded"})
    assert "counts as Succeeded" in left_out.expected
    twice = check_response(TASK, {**RIGHT, "results": [result, result]})
    assert told(twice) == [("note", "results[1].taskId")]
    for response in (None, "Succeeded", []):
        assert told(check_response(TASK, response)) == [("error", "response")]
    assert told(check_response({**TASK, "tasks": "x"}, RIGHT)) == [("error", "results[0].taskId")]


# -- without an event, and recognition ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (None, []),
        (failures("x", "y"), []),
        (failures({"partition": "orders-0", "offset": 5}), []),
        (failures(""), [("error", "batchItemFailures[0].itemIdentifier")]),
        (failures({"partition": "orders-0"}), [("error", "batchItemFailures[0].itemIdentifier")]),
        ({"BatchItemFailures": []}, [("error", "BatchItemFailures")]),
        ({"batchItemFailures": {}}, [("error", "batchItemFailures")]),
        ({"state": {}}, []),
        ({"state": None}, [("error", "state")]),
        ({"statusCode": 200}, [("note", "statusCode")]),
        (RIGHT, []),
        ({**RIGHT, "treatMissingKeysAs": "x"}, [("error", "treatMissingKeysAs")]),
        ({"treatMissingKeysAs": "Succeeded", "invocationId": "x"}, [("error", "invocationSchemaVersion")]),
    ],
)
def test_a_response_alone_is_checked_for_its_form(response: Any, expected: list[tuple[str, str]]) -> None:
    """What can be seen without the event that it answers."""
    assert told(check_response(None, response))[: len(expected)] == expected
    assert bool(check_response(None, response)) == bool(expected)


@pytest.mark.parametrize(
    "value",
    [
        failures(),
        failures("x"),
        {"BatchItemFailures": []},
        {"statusCode": 200, "batch_item_failures": []},
        {"state": {}},
        RIGHT,
        {"results": []},
        {"treatMissingKeysAs": "Succeeded"},
    ],
)
def test_a_response_looks_like_one(value: Any) -> None:
    """Right or wrong, by its keys."""
    assert looks_like_response(value)


@pytest.mark.parametrize(
    "value",
    [*PARTIAL.values(), *UNREAD.values(), WINDOW, FINAL, TASK, None, {}, [], "x", 7, {"statusCode": 200}],
    ids=lambda value: str(value)[:30],
)
def test_an_event_does_not_look_like_a_response(value: Any) -> None:
    """Nor does what says nothing."""
    assert not looks_like_response(value)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A misspelt name fails like that of any module."""
    with pytest.raises(AttributeError, match="partial_response"):
        _ = facade.partial_response


def test_the_types_have_the_keys_that_are_made() -> None:
    """What an annotation promises is what stands in the response."""
    assert list(PartialBatchResponse.__annotations__) == list(batch_response(SQS))
    assert set(TumblingWindowResponse.__annotations__) == set(window_response({}))
    assert list(S3BatchResponse.__annotations__) == list(RIGHT)
    assert list(S3BatchResult.__annotations__) == list(RIGHT["results"][0])


# -- as the poller judges, whatever comes ------------------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_ENTRIES = st.lists(
    st.dictionaries(
        st.sampled_from(["itemIdentifier", "ItemIdentifier", "x"]),
        st.sampled_from([*identifiers_of(SQS), "nobody", "", None, 7]),
        max_size=2,
    )
    | _JSON,
    max_size=4,
)
_RESPONSES = _JSON | st.dictionaries(
    st.sampled_from(["batchItemFailures", "BatchItemFailures", "state"]), _ENTRIES | _JSON, max_size=3
)


@given(response=_RESPONSES, reports=st.booleans())
def test_an_error_is_told_exactly_when_the_poller_has_something_to_say(response: Any, *, reports: bool) -> None:
    """One judge for a run of the harness and for this check."""
    errors = [
        one for one in check_response(SQS, response, reports_batch_item_failures=reports) if one.severity == "error"
    ]
    verdict = judge_response(response, identifiers_of(SQS), reports_failures=reports)
    assert bool(errors) == (verdict.advice is not None)


@given(name=st.sampled_from([*PARTIAL, "window", "task", "none"]), response=_RESPONSES, broken=_JSON)
def test_checking_never_raises(name: str, response: Any, broken: Any) -> None:
    """Whatever a function returned, and whatever is in place of the records."""
    event = {"window": WINDOW, "task": TASK, "none": None, **PARTIAL}[name]
    assert isinstance(check_response(event, response), list)
    if "records" in (event or {}):
        event = {**event, "records": broken}
    elif "tasks" in (event or {}):
        event = {**event, "tasks": broken}
        response = {"results": [{"taskId": response}]}
    elif event is not None:
        event = {**event, "Records": [event["Records"][0], broken]}
    assert isinstance(check_response(event, response), list)


# -- what makes real ones ----------------------------------------------------------------------------------------------


def failing(*bad: str) -> Callable[[Any], None]:
    """A record handler that fails for these bodies."""

    def handle(record: Any) -> None:
        if record.body in bad:
            raise ValueError(record.body)

    return handle


def processed(event: Any, processor: Any, handle: Callable[[Any], None]) -> Any:
    """The response that Powertools makes."""
    return process_partial_response(event=event, record_handler=handle, processor=processor, context=None)


def test_powertools_responses_are_accepted() -> None:
    """Of a standard queue: the failed one and no other, as ours."""
    response = processed(SQS, BatchProcessor(EventType.SQS), failing("b"))
    assert response == batch_response(SQS, 1)
    assert check_response(SQS, response) == []


@pytest.mark.parametrize("skips", [True, False])
def test_powertools_responses_for_groups_are_accepted(skips: bool) -> None:
    """It stops at the first failure, or in its group only; in either case no group is overtaken."""
    processor = SqsFifoPartialProcessor(skip_group_on_error=skips)
    response = processed(FIFO, processor, failing("b1"))
    assert check_response(FIFO, response) == []
    expected = batch_response(FIFO, 1) if skips else batch_response(FIFO, [1, 2, 3])
    named = [entry["itemIdentifier"] for entry in response["batchItemFailures"]]
    assert sorted(named) == sorted(entry["itemIdentifier"] for entry in expected["batchItemFailures"])


def test_an_ordinary_processor_on_a_fifo_queue_overtakes() -> None:
    """It goes on in the group: what the note is for."""
    response = processed(FIFO, BatchProcessor(EventType.SQS), failing("a1"))
    assert told(check_response(FIFO, response)) == [("note", "batchItemFailures")]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (kinesis_event, EventType.KinesisDataStreams),
        (dynamodb_event, EventType.DynamoDBStreams),
        (kafka_event, EventType.Kafka),
        (msk_event, EventType.Kafka),
    ],
)
def test_powertools_responses_for_streams_and_logs_are_accepted(make: Any, kind: Any) -> None:
    """Sequence numbers, and offsets as objects."""
    event = make(count=3)
    seen: list[Any] = []

    def handle(record: Any) -> None:
        seen.append(record)
        if len(seen) == 2:
            raise ValueError("the second")

    response = processed(event, BatchProcessor(kind), handle)
    assert response == batch_response(event, 1)
    assert check_response(event, response) == []


def test_events_of_every_source_have_their_response() -> None:
    """What the builders make is understood: windows, tasks, and sources that read nothing."""
    window = kinesis_event("a", window=60)
    assert check_response(window, window_response({}, 0, event=window)) == []
    task = s3_batch_event()
    assert check_response(task, s3_batch_response(task)) == []
    for unread in (activemq_event(), rabbitmq_event(), documentdb_event()):
        assert told(check_response(unread, failures("x"))) == [("error", "batchItemFailures")]


def test_awss_own_sample_of_a_response_has_no_finding() -> None:
    """As S3's documentation prints it, with the event that it prints beside it."""
    event, response = (json.loads((SAMPLES / f"{name}.json").read_text("utf-8")) for name in SAMPLED)
    assert looks_like_response(response)
    assert check_response(None, response) == []
    assert check_response(event, response) == []
