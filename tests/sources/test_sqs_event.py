"""The SQS event: shape, order and derivations as captured on AWS, from the poller and from `sqs_event` alike."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.parser import envelopes, models
from aws_lambda_powertools.utilities.parser.models import SqsModel
from botocore.exceptions import ClientError

from pytest_lambda_events import Harness, UsageError
from pytest_lambda_events.events import lambda_context, sqs_event
from pytest_lambda_events.identifiers import Identifiers

# Powertools makes its models when they are asked for, and pydantic fails to make them on frozen time. freezegun asks
# modules for everything that they list, so a test elsewhere that freezes by itself would fail: they are made here, now.
for lazy in (models, envelopes):
    for name in dir(lazy):
        getattr(lazy, name)

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UUID5 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

ORDER = [
    "messageId",
    "receiptHandle",
    "body",
    "attributes",
    "messageAttributes",
    "md5OfMessageAttributes",
    "md5OfBody",
    "eventSource",
    "eventSourceARN",
    "awsRegion",
]


def delivered(*payloads: Any, receives: int = 1, **send: Any) -> dict[str, Any]:
    """The event of the last of so many deliveries through a harness."""
    with Harness(region="eu-west-1") as aws:
        queue = aws.sqs_queue("orders")
        mapping = aws.event_source_mapping(queue, lambda *_: 1 / 0)
        queue.send(*payloads, **send)
        run = mapping.run_until(lambda run: len(run.invocations) == receives)
        event: dict[str, Any] = run.invocations[-1].event
        assert UUID5.fullmatch(run.invocations[-1].request_id)
        return event


ATTRIBUTES = {
    "name": "Zoë",
    "count": 7,
    "raw": b"\x00\xff",
    "typed": {"DataType": "Number.int", "StringValue": "0012.3400"},
}


@pytest.mark.parametrize("make", [delivered, sqs_event])
def test_a_record_with_attributes_has_every_key_in_awss_order(make: Any) -> None:
    """Keys, values and their order; Number values are canonical, Binary is base64, lists are there and empty."""
    (record,) = make('{"order":"é"}', message_attributes=ATTRIBUTES)["Records"]
    assert list(record) == ORDER
    assert record["body"] == '{"order":"é"}'
    assert record["md5OfBody"] == hashlib.md5('{"order":"é"}'.encode()).hexdigest()
    assert record["messageAttributes"]["raw"] == {
        "binaryValue": "AP8=",
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": "Binary",
    }
    assert list(record["messageAttributes"]["name"]) == [
        "stringValue",
        "stringListValues",
        "binaryListValues",
        "dataType",
    ]
    assert record["messageAttributes"]["typed"]["stringValue"] == "12.34"
    assert record["messageAttributes"]["typed"]["dataType"] == "Number.int"
    assert re.fullmatch("[0-9a-f]{32}", record["md5OfMessageAttributes"])
    assert record["eventSourceARN"].split(":")[3] == record["awsRegion"]


@pytest.mark.parametrize("make", [delivered, sqs_event])
def test_system_attributes_are_strings_in_awss_order(make: Any) -> None:
    """Count, sent, sender, first receive; times are epoch milliseconds."""
    (record,) = make("a")["Records"]
    attributes = record["attributes"]
    assert list(attributes) == [
        "ApproximateReceiveCount",
        "SentTimestamp",
        "SenderId",
        "ApproximateFirstReceiveTimestamp",
    ]
    assert all(isinstance(value, str) for value in attributes.values())
    assert attributes["ApproximateReceiveCount"] == "1"
    assert attributes["SentTimestamp"] == "1735689600000"
    assert 0 <= int(attributes["ApproximateFirstReceiveTimestamp"]) - 1_735_689_600_000 <= 10
    assert re.fullmatch("A(ID|RO)A[A-Z2-7]{17}(:.+)?", attributes["SenderId"])
    assert "md5OfMessageAttributes" not in record


@pytest.mark.parametrize("make", [delivered, sqs_event])
def test_identifiers_have_their_grammar(make: Any) -> None:
    """The messageId is a version 4 UUID; a receipt handle is 3 bytes of 01 and whole 16-byte blocks."""
    (record,) = make("a")["Records"]
    assert UUID4.fullmatch(record["messageId"])
    raw = base64.b64decode(record["receiptHandle"], validate=True)
    assert raw[:3] == b"\x01\x01\x01"
    assert len(raw) % 16 == 3
    assert len(record["receiptHandle"]) == 388


def test_a_retry_has_the_same_message_a_new_handle_and_a_higher_count() -> None:
    """Sent and first receive do not change."""
    (first,) = delivered("a")["Records"]
    (third,) = delivered("a", receives=3)["Records"]
    assert third["messageId"] == first["messageId"]
    assert third["receiptHandle"] != first["receiptHandle"]
    assert third["attributes"]["ApproximateReceiveCount"] == "3"
    for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp", "SenderId"):
        assert third["attributes"][name] == first["attributes"][name]


def test_every_optional_attribute_stands_in_its_place() -> None:
    """Dead-letter source first, trace header after the count, a fair queue's group before the sender."""
    event = sqs_event(
        "a",
        queue="arn:aws:sqs:us-west-2:111122223333:orders-dlq",
        receive_count=4,
        dead_letter_source_arn="arn:aws:sqs:us-west-2:111122223333:orders",
        trace_header="Root=1-67749f80-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1",
        message_group_id="tenant-1",
        time="2026-02-03T04:05:06Z",
        window=True,
    )
    (record,) = event["Records"]
    assert list(record["attributes"]) == [
        "DeadLetterQueueSourceArn",
        "ApproximateReceiveCount",
        "AWSTraceHeader",
        "SentTimestamp",
        "MessageGroupId",
        "SenderId",
        "ApproximateFirstReceiveTimestamp",
    ]
    assert record["attributes"]["SentTimestamp"] == str(
        round(dt.datetime(2026, 2, 3, 4, 5, 6, tzinfo=dt.timezone.utc).timestamp() * 1000)
    )
    assert record["awsRegion"] == "us-west-2"
    assert record["md5OfMessageAttributes"] is None


def test_a_body_travels_unchanged() -> None:
    """Quotes, control characters that SQS allows, emoji, separators of JavaScript: byte for byte."""
    body = 'line\n\ttab "quoted" \\ back\u2028 \U0001f600 {"a": 1.0}'
    (record,) = delivered(body)["Records"]
    assert record["body"] == body


def test_payloads_that_are_not_text_are_compact_json() -> None:
    """Text and bytes as they are, anything else json.dumps once."""
    bodies = [record["body"] for record in sqs_event("a b", b"\xc3\xa9", {"k": [1, "é"]}, None, 1.5)["Records"]]
    assert bodies == ["a b", "é", '{"k":[1,"é"]}', "null", "1.5"]


def test_powertools_reads_our_events() -> None:
    """Data class and pydantic model of the library that most handlers use."""
    event = sqs_event({"order": 1}, message_attributes=ATTRIBUTES)
    record = next(iter(SQSEvent(event).records))
    assert record.json_body == {"order": 1}
    assert record.message_attributes["count"].string_value == "7"
    assert SqsModel.model_validate(event).Records[0].md5OfBody == event["Records"][0]["md5OfBody"]


def test_awss_own_sample_goes_through_a_queue_and_comes_out_the_same() -> None:
    """The bodies and message attributes of the documentation's event, with the real shape around them."""
    sample = json.loads((SAMPLES / "sqs.json").read_text(encoding="utf-8"))
    with Harness(region="us-east-2") as aws:
        queue = aws.sqs_queue("my-queue")
        mapping = aws.event_source_mapping(queue, lambda *_: None)
        for record in sample["Records"]:
            attributes = {name: value["stringValue"] for name, value in record["messageAttributes"].items()}
            queue.send(record["body"], message_attributes=attributes)
        event = mapping.run_until_idle().invocations[0].event
    for ours, theirs in zip(event["Records"], sample["Records"], strict=True):
        for key in ("body", "messageAttributes", "md5OfBody", "eventSource", "eventSourceARN", "awsRegion"):
            assert ours[key] == theirs[key]
        assert list(ours["attributes"]) == list(theirs["attributes"])
        # the sample leaves out what real events have: the md5 of the attributes
        assert [key for key in ours if key != "md5OfMessageAttributes"] == list(theirs)


def test_counts_and_seeds() -> None:
    """count= repeats one payload or makes orders; the seed fixes every id."""
    assert len(sqs_event("a", count=3)["Records"]) == 3
    assert [json.loads(r["body"])["order"] for r in sqs_event(count=2)["Records"]] == [1, 2]
    assert len(sqs_event()["Records"]) == 1
    assert sqs_event("a", seed=1) == sqs_event("a", seed=1)
    first, second = (sqs_event("a", seed=seed)["Records"][0] for seed in (1, 2))
    assert first["messageId"] != second["messageId"]
    assert first["receiptHandle"] != second["receiptHandle"]


def test_bad_input_is_refused() -> None:
    """Counts that mean nothing, what SQS would refuse, what cannot be serialised."""
    with pytest.raises(UsageError, match="at least one"):
        sqs_event(count=0)
    with pytest.raises(UsageError, match="repeats one payload"):
        sqs_event("a", "b", count=2)
    with pytest.raises(UsageError, match="received at least once"):
        sqs_event("a", receive_count=0)
    with pytest.raises(UsageError, match="cannot be sent"):
        sqs_event({1, 2})
    with pytest.raises(ClientError) as caught:
        sqs_event("a", message_attributes={f"n{number}": "x" for number in range(11)})
    assert caught.value.operation_name == "SendMessage"
    with pytest.raises(UsageError, match="Timeout"):
        lambda_context(timeout=3)
    with pytest.raises(ClientError) as caught:
        lambda_context(Timeout=901)
    assert caught.value.operation_name == "CreateFunction"


def test_streams_of_identifiers_do_not_disturb_each_other() -> None:
    """One more message in one queue leaves the ids of another as they were."""
    one, two = Identifiers(3), Identifiers(3)
    one.uuid4("a")
    assert one.uuid4("b") == two.uuid4("b")
    assert one.hex(8, "x") == two.hex(8, "x")
    assert {len(one.receipt_handle("n" * length)) for length in (3, 20, 30, 50, 70)} == {388, 412, 432, 452, 496}
    assert len(one.receipt_handle("x.fifo")) == 284
