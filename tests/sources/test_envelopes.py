"""Envelopes: each written as its service writes it, and read by what reads real ones."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import KinesisStreamEvent, SQSEvent
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import extract_cloudwatch_logs_from_event
from aws_lambda_powertools.utilities.parser import envelopes as parsing
from aws_lambda_powertools.utilities.parser import models
from botocore.exceptions import ClientError
from pydantic import BaseModel

import pytest_lambda_events.envelopes as facade
from pytest_lambda_events import UsageError
from pytest_lambda_events.envelopes import (
    cloudwatch_logs,
    cloudwatch_logs_control,
    eventbridge,
    extended_client,
    s3_delete,
    s3_object_created,
    s3_put,
    s3_test_event,
    sns,
)
from pytest_lambda_events.events import kinesis_event, sqs_event, sqs_fifo_event, validate

# Powertools makes its models when they are asked for, and pydantic fails to make them on frozen time. freezegun asks
# modules for everything that they list, so a test elsewhere that freezes by itself would fail: they are made here, now.
for lazy in (models, parsing):
    for name in dir(lazy):
        getattr(lazy, name)


def load_cases() -> Any:
    """The module that lies beside this test: pytest's importlib mode puts no folder on sys.path."""
    spec = importlib.util.spec_from_file_location("envelope_cases", Path(__file__).parent / "envelope_cases.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CASES = load_cases()
TIME = CASES.TIME
each_case = pytest.mark.parametrize("name", list(CASES.ENVELOPES))
each_text = pytest.mark.parametrize("name", [name for name in CASES.ENVELOPES if not name.startswith("cloudwatch")])

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UUID5 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def logs_of(data: bytes) -> dict[str, Any]:
    """What a subscription filter packed."""
    unpacked: dict[str, Any] = json.loads(gzip.decompress(data))
    return unpacked


# -- all of them -------------------------------------------------------------------------------------------------------


@each_case
def test_an_envelope_is_the_golden_one(name: str) -> None:
    """Byte for byte, blanks and key order included: it changes only when somebody means it to."""
    golden = (CASES.GOLDEN / f"{name}.txt").read_bytes()
    assert CASES.written(CASES.ENVELOPES[name]()).encode("utf-8") == golden


def test_there_is_no_golden_text_without_an_envelope() -> None:
    """What is not generated any more is not kept."""
    assert sorted(path.stem for path in CASES.GOLDEN.iterdir()) == sorted(CASES.ENVELOPES)


@each_text
def test_an_event_around_an_envelope_has_no_finding(name: str) -> None:
    """Sender and message attributes that an envelope brings along are those of real messages."""
    assert validate(sqs_event(CASES.ENVELOPES[name]())) == []


@pytest.mark.parametrize("make", [lambda seed: sns("a", seed=seed), lambda seed: s3_put("bbb", "k", seed=seed)])
def test_the_seed_and_the_payload_fix_every_id(make: Any) -> None:
    """The same twice, another with another seed."""
    assert make(1) == make(1)
    assert make(1) != make(2)


def test_two_payloads_of_one_seed_have_different_ids() -> None:
    """So that the records of one event are told apart without giving each a seed."""
    first, second = (json.loads(sns(text)) for text in ("a", "b"))
    assert first["MessageId"] != second["MessageId"]
    assert first["Signature"] != second["Signature"]
    assert first["UnsubscribeURL"] == second["UnsubscribeURL"]  # one subscription
    assert json.loads(eventbridge({"a": 1}))["id"] != json.loads(eventbridge({"a": 2}))["id"]


@pytest.mark.parametrize(
    ("payload", "sender"),
    [
        (sns("a"), "AIDAIT2UOQQY3AUEKVGXU"),
        (sns("a", region="eu-west-1"), "AIDAISMY7JYY5F7RTT6AO"),
        (sns("a", topic="arn:aws:sns:us-west-2:123456789012:t"), "AIDAIYLAVTDLUXBIEIX46"),
        (sns("a", raw=True), "AIDAIT2UOQQY3AUEKVGXU"),
        (s3_put("bbb", "k"), "AIDAJHIPRHEMV73VRJEBU"),
        (s3_delete("bbb", "k", region="eu-west-1"), "AIDAJQOC3SADRY5PEMBNW"),
        (s3_test_event("bbb"), "AIDAJHIPRHEMV73VRJEBU"),
        (eventbridge({}), "AIDAJXNJGGKNS7OSV23OI"),
        (s3_object_created("bbb", "k"), "AIDAJXNJGGKNS7OSV23OI"),
    ],
)
def test_the_sender_is_the_services(payload: Any, sender: str) -> None:
    """As recorded, for a service in a region; the outermost envelope decides."""
    (record,) = sqs_event(payload)["Records"]
    assert record["attributes"]["SenderId"] == sender
    (record,) = sqs_event(payload, sender_id="123456789012")["Records"]
    assert record["attributes"]["SenderId"] == "123456789012"


def test_a_sender_nobody_recorded_is_made_up_once() -> None:
    """One for each service and region, whatever the seed."""
    senders = [
        sqs_event(make)["Records"][0]["attributes"]["SenderId"]
        for make in (
            sns("a", region="eu-north-1", seed=1),
            sns("b", region="eu-north-1", seed=2),
            eventbridge({}, region="eu-north-1"),
            sns("a", region="eu-south-1"),
        )
    ]
    assert senders[0] == senders[1]
    assert len(set(senders)) == 3
    assert all(re.fullmatch("AIDA[A-Z2-7]{17}", sender) for sender in senders)


def test_a_message_through_sns_fifo_has_another_sender() -> None:
    """SNS sends for FIFO topics as somebody else."""
    (record,) = sqs_fifo_event(sns("a", topic="t.fifo"))["Records"]
    assert record["attributes"]["SenderId"] == "AIDAWYJAWPFU7SUQGUJC6"


def test_an_unknown_envelope_is_an_attribute_error() -> None:
    """A misspelt name fails like that of any module."""
    with pytest.raises(AttributeError, match="sms"):
        _ = facade.sms


def test_what_is_not_given_is_the_virtual_present() -> None:
    """Without a harness the fixed start of one."""
    assert json.loads(sns("a"))["Timestamp"] == "2025-01-01T00:00:00.000Z"
    moment = dt.datetime(2026, 2, 3, 4, 5, 6, 7_000, tzinfo=dt.timezone.utc)
    assert json.loads(eventbridge({}, time=moment))["time"] == "2026-02-03T04:05:06Z"
    assert json.loads(s3_test_event("bbb", time=moment))["Time"] == "2026-02-03T04:05:06.007Z"


# -- SNS ---------------------------------------------------------------------------------------------------------------


def test_a_notification_has_snss_fields_in_its_order() -> None:
    """As recorded, with Subject and MessageAttributes where there are any."""
    fields = [
        "Type",
        "MessageId",
        "TopicArn",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
        "UnsubscribeURL",
    ]
    assert list(json.loads(sns("a"))) == fields
    full = json.loads(sns("a", subject="s", message_attributes={"k": "v"}))
    assert list(full) == [*fields[:3], "Subject", *fields[3:], "MessageAttributes"]


def test_a_notification_is_printed_as_sns_prints_it() -> None:
    """Two blanks and ` : `; an attribute on a line of its own, without blanks; what is not ASCII as it is."""
    lines = sns("é", message_attributes={"k": "v", "n": 1}).split("\n")
    assert (lines[0], lines[-1]) == ("{", "}")
    assert all(re.fullmatch(r'  "\w+" : .+', line) for line in lines[1:10])
    assert '  "Message" : "é",' in lines
    assert lines[-5:-1] == [
        '  "MessageAttributes" : {',
        '    "k" : {"Type":"String","Value":"v"},',
        '    "n" : {"Type":"Number","Value":"1"}',
        "  }",
    ]


def test_a_notifications_ids_have_their_grammar() -> None:
    """A version 5 UUID, 256 signed bytes, a certificate and a subscription of the topic's region."""
    made = json.loads(sns("a", topic="alerts", region="eu-west-1", account="111122223333"))
    arn = "arn:aws:sns:eu-west-1:111122223333:alerts"
    host = "https://sns.eu-west-1.amazonaws.com/"
    assert UUID5.fullmatch(made["MessageId"])
    assert made["TopicArn"] == arn
    assert len(base64.b64decode(made["Signature"], validate=True)) == 256
    assert re.fullmatch(re.escape(host) + r"SimpleNotificationService-[0-9a-f]{32}\.pem", made["SigningCertURL"])
    prefix = f"{host}?Action=Unsubscribe&SubscriptionArn={arn}:"
    assert made["UnsubscribeURL"].startswith(prefix)
    assert UUID4.fullmatch(made["UnsubscribeURL"].removeprefix(prefix))


def test_china_has_its_own_partition_and_host() -> None:
    """ARNs of aws-cn, URLs that end in .cn."""
    made = json.loads(sns("a", region="cn-north-1"))
    assert made["TopicArn"] == "arn:aws-cn:sns:cn-north-1:123456789012:orders"
    assert made["SigningCertURL"].startswith("https://sns.cn-north-1.amazonaws.com.cn/")
    assert json.loads(sns("a", region="us-gov-west-1"))["TopicArn"].startswith("arn:aws-us-gov:sns:us-gov-west-1:")


def test_a_notification_keeps_attributes_out_of_the_queues() -> None:
    """They stand in the body; the message's own are empty."""
    (record,) = sqs_event(sns("a", message_attributes={"raw": b"\x00\xff"}))["Records"]
    assert record["messageAttributes"] == {}
    assert json.loads(record["body"])["MessageAttributes"] == {"raw": {"Type": "Binary", "Value": "AP8="}}


def test_raw_delivery_gives_the_message_and_its_attributes() -> None:
    """Types are kept, Binary is base64, Number is canonical, a String.Array is a labelled String."""
    attributes = {
        "text": "a",
        "raw": b"\x00\xff",
        "tags": ["a", 1],
        "number": {"DataType": "Number", "StringValue": "0012.3400"},
    }
    (record,) = sqs_event(sns({"order": 1}, raw=True, message_attributes=attributes))["Records"]
    assert record["body"] == '{"order":1}'
    shown = {key: (one["dataType"], one.get("stringValue")) for key, one in record["messageAttributes"].items()}
    assert shown == {
        "text": ("String", "a"),
        "raw": ("Binary", None),
        "tags": ("String.Array", '["a",1]'),
        "number": ("Number", "12.34"),
    }
    assert record["messageAttributes"]["raw"]["binaryValue"] == "AP8="


def test_a_fifo_topic_numbers_and_does_not_sign() -> None:
    """SequenceNumber in steps of a thousand after the MessageId; no field of a signature."""
    first, fourth = (json.loads(sns("a", topic="t.fifo", sequence=number)) for number in (0, 3))
    assert first["SequenceNumber"] == "10000000000000000000"
    assert fourth["SequenceNumber"] == "10000000000000003000"
    assert first["MessageId"] != fourth["MessageId"]
    assert list(first) == ["Type", "MessageId", "SequenceNumber", "TopicArn", "Message", "Timestamp", "UnsubscribeURL"]


@pytest.mark.parametrize("raw", [True, False])
def test_a_fifo_topics_ids_go_along(raw: bool) -> None:
    """Group and deduplication id; without one that of the message's content, also inside a notification."""
    (record,) = sqs_fifo_event(sns("Test", topic="t.fifo", raw=raw, message_group_id="g"))["Records"]
    assert record["attributes"]["MessageGroupId"] == "g"
    # recorded on AWS for the message "Test"
    content = "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"
    assert record["attributes"]["MessageDeduplicationId"] == content
    own = sns("Test", topic="t.fifo", raw=raw, message_deduplication_id="mine")
    (record,) = sqs_fifo_event(own)["Records"]
    assert record["attributes"]["MessageDeduplicationId"] == "mine"
    (record,) = sqs_fifo_event(own, message_deduplication_id="other", message_group_id="h")["Records"]
    assert record["attributes"]["MessageDeduplicationId"] == "other"
    assert record["attributes"]["MessageGroupId"] == "h"


def test_s3s_notification_has_a_subject_on_a_topic_only() -> None:
    """S3 publishes with one; it does not stand in the message itself."""
    assert json.loads(sns(s3_put("bbb", "k")))["Subject"] == "Amazon S3 Notification"
    assert json.loads(sns(s3_put("bbb", "k"), subject="mine"))["Subject"] == "mine"
    assert sns(s3_put("bbb", "k"), raw=True) == s3_put("bbb", "k")


def test_attributes_of_what_is_published_are_the_topics() -> None:
    """A pointer of the extended client keeps its size through a topic, raw or not."""
    pointer = extended_client("bbb", size=5)
    assert json.loads(sns(pointer))["MessageAttributes"] == {"ExtendedPayloadSize": {"Type": "Number", "Value": "5"}}
    (record,) = sqs_event(sns(pointer, raw=True))["Records"]
    assert record["messageAttributes"]["ExtendedPayloadSize"]["stringValue"] == "5"
    assert "MessageAttributes" not in json.loads(sns(pointer, message_attributes={}))


def test_snss_size_limit_counts_attributes() -> None:
    """262,144 bytes of UTF-8, names, types and values of attributes included."""
    assert sns("x" * 262_144)
    assert sns("é" * 131_072)
    for message, attributes in (("x" * 262_145, {}), ("é" * 131_073, {}), ("x" * 262_144, {"a": "b"})):
        with pytest.raises(ClientError) as caught:
            sns(message, message_attributes=attributes)
        assert caught.value.response["Error"] == {
            "Code": "InvalidParameter",
            "Message": "Invalid parameter: Message too long",
        }


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ({"message": ""}, "InvalidParameter", "Invalid parameter: Empty message"),
        ({"subject": ""}, "InvalidParameter", "Invalid parameter: Subject"),
        ({"subject": "x" * 101}, "InvalidParameter", "Invalid parameter: Subject"),
        ({"subject": "two\nlines"}, "InvalidParameter", "Invalid parameter: Subject"),
        ({"message_deduplication_id": "a"}, "InvalidParameter", "not valid for this topic type"),
        ({"topic": "t.fifo", "message_deduplication_id": "ä"}, "InvalidParameterValue", "MessageDeduplicationId"),
        ({"topic": "t.fifo", "message_group_id": "a b"}, "InvalidParameterValue", "MessageGroupId"),
        ({"message_attributes": {"a": {"DataType": "Boolean", "StringValue": "x"}}}, "InvalidParameterValue", "'a'"),
        ({"message_attributes": {"a": ""}}, "InvalidParameterValue", "non-empty"),
        ({"message_attributes": {"a": b""}}, "InvalidParameterValue", "'Binary'"),
    ],
)
def test_what_publish_refuses_is_refused_in_its_words(arguments: dict[str, Any], code: str, message: str) -> None:
    """As the ClientError that boto3 would raise."""
    given = {"message": "a", **arguments}
    with pytest.raises(ClientError) as caught:
        sns(given.pop("message"), **given)
    assert caught.value.operation_name == "Publish"
    assert caught.value.response["Error"]["Code"] == code
    assert message in caught.value.response["Error"]["Message"]


def test_the_tenant_of_a_fair_queue_may_be_published_to_a_standard_topic() -> None:
    """It goes along; the notification does not show it."""
    payload = sns("a", message_group_id="tenant")
    assert payload.aside["message_group_id"] == "tenant"
    assert "tenant" not in payload


# -- S3 ----------------------------------------------------------------------------------------------------------------


def s3_record(payload: str) -> dict[str, Any]:
    """The one record of a notification."""
    (record,) = json.loads(payload)["Records"]
    found: dict[str, Any] = record
    return found


def test_a_put_has_s3s_keys_in_their_order() -> None:
    """As recorded, on one line without blanks."""
    payload = s3_put("incoming", "k", content=b"abc", version_id="v")
    record = s3_record(payload)
    assert payload == json.dumps(json.loads(payload), separators=(",", ":"))
    assert list(record) == [
        "eventVersion",
        "eventSource",
        "awsRegion",
        "eventTime",
        "eventName",
        "userIdentity",
        "requestParameters",
        "responseElements",
        "s3",
    ]
    assert list(record["s3"]) == ["s3SchemaVersion", "configurationId", "bucket", "object"]
    assert list(record["s3"]["bucket"]) == ["name", "ownerIdentity", "arn"]
    assert list(record["s3"]["object"]) == ["key", "size", "eTag", "versionId", "sequencer"]
    assert "versionId" not in s3_record(s3_put("incoming", "k"))["s3"]["object"]


def test_a_puts_ids_have_their_grammar() -> None:
    """Principals, request ids, sequencers that grow with time; a bucket's ARN without region and account."""
    record = s3_record(s3_put("incoming", "k", time=TIME, region="eu-west-1"))
    assert re.fullmatch("AWS:AROA[A-Z2-7]{17}:.+", record["userIdentity"]["principalId"])
    assert re.fullmatch("[0-9A-Z]{16}", record["responseElements"]["x-amz-request-id"])
    assert len(base64.b64decode(record["responseElements"]["x-amz-id-2"], validate=True)) in (72, 80)
    assert record["s3"]["bucket"]["arn"] == "arn:aws:s3:::incoming"
    assert record["awsRegion"] == "eu-west-1"
    assert record["eventTime"] == TIME
    assert re.fullmatch("00[0-9A-F]{16}", record["s3"]["object"]["sequencer"])
    later = s3_record(s3_put("incoming", "k", time="2025-02-03T04:05:08Z"))
    assert later["s3"]["object"]["sequencer"] > record["s3"]["object"]["sequencer"]
    assert UUID4.fullmatch(base64.b64decode(record["s3"]["configurationId"]).decode("ascii"))


def test_what_belongs_to_a_bucket_is_the_same_in_every_notification() -> None:
    """Its configuration's id and its owner; both may be given, as may who did it and from where."""
    first, second = (s3_record(s3_put("incoming", key, seed=seed)) for key, seed in (("a", 1), ("b", 2)))
    assert first["s3"]["configurationId"] == second["s3"]["configurationId"]
    assert first["s3"]["bucket"] == second["s3"]["bucket"]
    assert first["responseElements"] != second["responseElements"]
    other = s3_record(s3_put("incoming", "a", account="111122223333"))
    assert other["s3"]["bucket"]["ownerIdentity"] != first["s3"]["bucket"]["ownerIdentity"]
    given = s3_record(s3_put("bbb", "k", configuration_id="mine", principal_id="AWS:AIDA", source_ip="198.51.100.1"))
    assert given["s3"]["configurationId"] == "mine"
    assert given["userIdentity"] == {"principalId": "AWS:AIDA"}
    assert given["requestParameters"] == {"sourceIPAddress": "198.51.100.1"}


@pytest.mark.parametrize(
    ("content", "data"), [(b"\x00", b"\x00"), ("é", b"\xc3\xa9"), ({"a": 1}, b'{"a":1}'), ("", b"")]
)
def test_size_and_etag_are_those_of_the_content(content: Any, data: bytes) -> None:
    """The eTag of an object that was put in one piece is its MD5."""
    stored = s3_record(s3_put("bbb", "k", content=content))["s3"]["object"]
    assert (stored["size"], stored["eTag"]) == (len(data), hashlib.md5(data).hexdigest())


def test_the_etag_of_parts_is_no_md5() -> None:
    """It ends in the number of parts."""
    name = "ObjectCreated:CompleteMultipartUpload"
    stored = s3_record(s3_put("bbb", "k", content="abc", event_name=name))["s3"]["object"]
    assert stored["size"] == 3
    assert re.fullmatch("[0-9a-f]{32}-2", stored["eTag"])
    given = s3_record(s3_put("bbb", "k", content="abc", etag="0-9", event_name=name))["s3"]["object"]
    assert given["eTag"] == "0-9"
    plain = s3_record(s3_put("bbb", "k", size=0, etag="e"))["s3"]["object"]
    assert (plain["size"], plain["eTag"]) == (0, "e")


def test_a_key_is_url_encoded_in_a_notification_and_not_on_a_bus() -> None:
    """A blank is a plus, a slash stays."""
    assert s3_record(s3_put("bbb", "a b/é+%"))["s3"]["object"]["key"] == "a+b/%C3%A9%2B%25"
    assert json.loads(s3_object_created("bbb", "a b/é+%"))["detail"]["object"]["key"] == "a b/é+%"


def test_a_delete_has_neither_size_nor_etag() -> None:
    """Key and sequencer, and the version when one was deleted for good."""
    stored = s3_record(s3_delete("bbb", "k"))
    assert stored["eventName"] == "ObjectRemoved:Delete"
    assert list(stored["s3"]["object"]) == ["key", "sequencer"]
    assert list(s3_record(s3_delete("bbb", "k", version_id="v"))["s3"]["object"]) == ["key", "versionId", "sequencer"]


def test_a_delete_marker_has_the_etag_of_nothing() -> None:
    """As recorded, and a version of its own."""
    stored = s3_record(s3_delete("bbb", "k", event_name="ObjectRemoved:DeleteMarkerCreated"))["s3"]["object"]
    assert list(stored) == ["key", "eTag", "versionId", "sequencer"]
    assert stored["eTag"] == "d41d8cd98f00b204e9800998ecf8427e"
    assert re.fullmatch(r"[A-Za-z0-9._]{32}", stored["versionId"])
    given = s3_record(s3_delete("bbb", "k", version_id="v", event_name="ObjectRemoved:DeleteMarkerCreated"))
    assert given["s3"]["object"]["versionId"] == "v"


def test_the_test_event_has_no_records() -> None:
    """Handlers that expect some break on it, which is what it is for here."""
    assert list(json.loads(s3_test_event("bbb"))) == ["Service", "Event", "Time", "Bucket", "RequestId", "HostId"]


# -- EventBridge -------------------------------------------------------------------------------------------------------


def test_an_event_of_a_bus_is_compact_and_in_order() -> None:
    """Ids look like UUIDs and show no version; the time is to the second."""
    payload = eventbridge('{"b": 1.0, "a": [ ]}', source="com.x", detail_type="d", resources=("r",), time=TIME)
    event = json.loads(payload)
    assert list(event) == [
        "version",
        "id",
        "detail-type",
        "source",
        "account",
        "time",
        "region",
        "resources",
        "detail",
    ]
    assert payload.endswith('"region":"us-east-1","resources":["r"],"detail":{"b":1.0,"a":[]}}')
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event["id"])
    assert event["time"] == "2025-02-03T04:05:06Z"


def test_object_created_is_s3s_event() -> None:
    """Its source, its type, the bucket as its resource, the detail in S3's order."""
    event = json.loads(s3_object_created("bbb", "k", content="abc", version_id="v", source_ip="198.51.100.1"))
    assert (event["source"], event["detail-type"], event["resources"]) == (
        "aws.s3",
        "Object Created",
        ["arn:aws:s3:::bbb"],
    )
    detail = event["detail"]
    assert list(detail) == [
        "version",
        "bucket",
        "object",
        "request-id",
        "requester",
        "source-ip-address",
        "reason",
    ]
    assert list(detail["object"]) == ["key", "size", "etag", "version-id", "sequencer"]
    assert detail["object"]["etag"] == hashlib.md5(b"abc").hexdigest()
    assert (detail["requester"], detail["source-ip-address"]) == ("123456789012", "198.51.100.1")
    parts = json.loads(s3_object_created("bbb", "k", reason="CompleteMultipartUpload"))["detail"]["object"]
    assert parts["etag"].endswith("-2")


def test_a_rules_target_gives_the_message_group() -> None:
    """What a FIFO queue needs comes from the target's parameters."""
    (record,) = sqs_fifo_event(eventbridge({}, message_group_id="g"))["Records"]
    assert record["attributes"]["MessageGroupId"] == "g"


# -- CloudWatch Logs ---------------------------------------------------------------------------------------------------


def test_log_data_is_gzip_with_the_real_header() -> None:
    """No name, no time, no operating system: in base64 it always begins alike."""
    data = cloudwatch_logs("a")
    assert data[:10].hex() == "1f8b0800000000000000"
    assert base64.b64encode(data).startswith(b"H4sIAAAAAAAAA")
    assert cloudwatch_logs("a") == data


def test_log_data_has_its_keys_in_order() -> None:
    """The policyLevel is there only when a policy of the account subscribes."""
    keys = ["messageType", "owner", "logGroup", "logStream", "subscriptionFilters", "logEvents"]
    made = logs_of(cloudwatch_logs("a", {"b": 1}, log_group="g", log_stream="s", filter_names="f"))
    assert list(made) == keys
    assert [event["message"] for event in made["logEvents"]] == ["a", '{"b":1}']
    assert [list(event) for event in made["logEvents"]] == [["id", "timestamp", "message"]] * 2
    assert (made["logGroup"], made["logStream"], made["subscriptionFilters"]) == ("g", "s", ["f"])
    assert list(logs_of(cloudwatch_logs("a", policy_level="ACCOUNT_LEVEL_POLICY"))) == [*keys, "policyLevel"]
    assert re.fullmatch(r"2025/02/03/\[\$LATEST\][0-9a-f]{32}", logs_of(cloudwatch_logs("a", time=TIME))["logStream"])


def parts_of(identifier: str) -> tuple[int, str, int, str, int]:
    """What an id is made of: event, five zeros, ingestion, batch, place."""
    digits = f"{int(identifier):047x}"
    return int(digits[:11], 16), digits[11:16], int(digits[16:27], 16), digits[27:43], int(digits[43:], 16)


def test_log_event_ids_are_made_of_two_times_a_batch_and_a_place() -> None:
    """The rule holds for a position that GetLogEvents once gave for the fifth event of a batch, and for ours."""
    recorded = "36764432259514369097377004316756648081944142504599814148"
    moment, zeros, ingested, _, place = parts_of(recorded)
    assert (moment, zeros, ingested, place) == (1_648_574_158_945, "00000", 1_648_574_161_799, 4)
    events = logs_of(cloudwatch_logs("a", "b", "c", time=TIME))["logEvents"]
    parts = [parts_of(event["id"]) for event in events]
    assert all(re.fullmatch(r"\d{56}", event["id"]) for event in events)
    assert [one[0] for one in parts] == [event["timestamp"] for event in events]
    assert parts[0][0] == 1_738_555_506_789
    assert {one[1] for one in parts} == {"00000"}
    assert len({one[2:4] for one in parts}) == 1
    assert parts[0][2] > parts[2][0]
    assert [one[4] for one in parts] == [0, 1, 2]


def test_log_events_have_the_times_that_are_asked_for() -> None:
    """A number for all, or a function of the place."""
    events = logs_of(cloudwatch_logs("a", "b", timestamp=lambda number: 1_700_000_000_000 + number))["logEvents"]
    assert [event["timestamp"] for event in events] == [1_700_000_000_000, 1_700_000_000_001]


def test_without_messages_a_function_was_invoked() -> None:
    """START, END and REPORT of one request."""
    messages = [event["message"] for event in logs_of(cloudwatch_logs())["logEvents"]]
    assert [message.split()[0] for message in messages] == ["START", "END", "REPORT"]
    assert len({message.split()[2] for message in messages}) == 1


def test_one_log_stream_has_one_partition_key() -> None:
    """32 lower-case hex digits, so that the events of a stream stay in order."""
    first, second = cloudwatch_logs("a", seed=1), cloudwatch_logs("b", seed=2)
    assert first.aside == second.aside
    assert re.fullmatch("[0-9a-f]{32}", first.aside["partition_key"])
    assert cloudwatch_logs("a", log_stream="other").aside != first.aside


@pytest.mark.parametrize("destination", ["Kinesis stream", "Firehose"])
def test_the_control_message_says_what_it_is_for(destination: Any) -> None:
    """Empty fields, no id, and CloudWatch's own name as the owner."""
    made = logs_of(cloudwatch_logs_control(destination=destination, time=TIME))
    assert made == {
        "messageType": "CONTROL_MESSAGE",
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "subscriptionFilters": [],
        "logEvents": [
            {
                "id": "",
                "timestamp": 1_738_555_506_789,
                "message": f"CWL CONTROL MESSAGE: Checking health of destination {destination}.",
            }
        ],
    }


# -- the extended client -----------------------------------------------------------------------------------------------


def test_the_pointer_is_that_of_its_client() -> None:
    """Java's without blanks, Python's with; version 1 had other names; the size is a Number."""
    assert extended_client("bbb", "k") == (
        '["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"bbb","s3Key":"k"}]'
    )
    assert extended_client("bbb", "k", flavour="python") == (
        '["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "bbb", "s3Key": "k"}]'
    )
    legacy = extended_client("bbb", "k", legacy=True, size=7)
    assert legacy == '["com.amazon.sqs.javamessaging.MessageS3Pointer",{"s3BucketName":"bbb","s3Key":"k"}]'
    assert legacy.aside["message_attributes"] == {"SQSLargePayloadSize": {"DataType": "Number", "StringValue": "7"}}


def test_the_size_is_that_of_the_original() -> None:
    """In bytes of UTF-8; attributes of the producer stay; a key is a UUID."""
    pointer = extended_client("bbb", content="é", message_attributes={"kind": "new"})
    attributes = sqs_event(pointer)["Records"][0]["messageAttributes"]
    assert attributes["ExtendedPayloadSize"]["stringValue"] == "2"
    assert attributes["ExtendedPayloadSize"]["dataType"] == "Number"
    assert attributes["kind"]["stringValue"] == "new"
    assert UUID4.fullmatch(json.loads(pointer)[1]["s3Key"])
    assert extended_client("bbb").aside["message_attributes"]["ExtendedPayloadSize"]["StringValue"] == "262145"
    published = extended_client("bbb", content=sns("a", raw=True, message_attributes={"kind": "new"}))
    assert set(published.aside["message_attributes"]) == {"kind", "ExtendedPayloadSize"}


# -- overrides, and what means nothing ---------------------------------------------------------------------------------


def test_every_envelope_takes_overrides_by_path() -> None:
    """They come last, and nothing is derived from them."""
    assert json.loads(sns("a", overrides={"SignatureVersion": "2"}))["SignatureVersion"] == "2"
    assert s3_record(s3_put("bbb", "k", overrides={"Records[0].eventVersion": "2.3"}))["eventVersion"] == "2.3"
    assert s3_record(s3_delete("bbb", "k", overrides={"Records[*].eventName": "x"}))["eventName"] == "x"
    assert json.loads(s3_test_event("bbb", overrides={"Bucket": "x"}))["Bucket"] == "x"
    assert json.loads(eventbridge({"a": 1}, overrides={"detail.a": 2}))["detail"] == {"a": 2}
    assert json.loads(s3_object_created("bbb", "k", overrides={"version": "1"}))["version"] == "1"
    assert logs_of(cloudwatch_logs("a", overrides={"owner": "x"}))["owner"] == "x"
    assert logs_of(cloudwatch_logs_control(overrides={"owner": "x"}))["owner"] == "x"


def nested(levels: int) -> Any:
    """A list in a list in a list."""
    made: list[Any] = []
    for _ in range(levels):
        made = [made]
    return made


BAD: dict[str, tuple[Any, str]] = {
    "a topic that is a queue": (lambda: sns("a", topic="arn:aws:sqs:us-east-1:123456789012:q"), "topic="),
    "a topic with blanks": (lambda: sns("a", topic="my topic"), "topic="),
    "a FIFO topic in the middle": (lambda: sns("a", topic="a.fifo.b"), "topic="),
    "bytes that are no text": (lambda: sns(b"\xff"), "cannot be sent"),
    "a set": (lambda: sns({1}), "cannot be sent"),
    "half of a surrogate pair on a topic": (lambda: sns("\ud800"), "cannot be sent"),
    "half of a surrogate pair in a log": (lambda: cloudwatch_logs("\ud800"), "cannot be sent"),
    "half of a surrogate pair in an object": (lambda: s3_put("bbb", "k", content="\ud800"), "cannot be sent"),
    "half of a surrogate pair in a key": (lambda: s3_put("bbb", "\ud800"), "1024 bytes"),
    "half of a surrogate pair behind a pointer": (lambda: extended_client("bbb", content="\ud800"), "cannot be sent"),
    "a payload without a bottom": (lambda: sns(nested(100_000)), "nested deeper"),
    "a detail without a bottom": (lambda: eventbridge("[" * 100_000), "JSON object"),
    "a boolean attribute": (lambda: sns("a", message_attributes={"a": True}), "bool"),
    "a raw subject": (lambda: sns("a", raw=True, subject="s"), "does not travel"),
    "a raw notification": (lambda: sns("a", raw=True, overrides={"Type": "x"}), "no notification"),
    "eleven raw attributes": (
        lambda: sns("a", raw=True, message_attributes={f"n{number}": "x" for number in range(11)}),
        "discards",
    ),
    "a sequence below 0": (lambda: sns("a", topic="t.fifo", sequence=-1), "sequence=-1"),
    "a bucket's ARN": (lambda: s3_put("arn:aws:s3:::bbb", "k"), "no name of a bucket"),
    "a bucket in capitals": (lambda: s3_test_event("Bucket"), "no name of a bucket"),
    "an empty key": (lambda: s3_delete("bbb", ""), "1024 bytes"),
    "a long key": (lambda: s3_put("bbb", "é" * 513), "1024 bytes"),
    "content and size": (lambda: s3_put("bbb", "k", content="a", size=1), "content="),
    "content and etag": (lambda: s3_object_created("bbb", "k", content="a", etag="e"), "content="),
    "a size below 0": (lambda: s3_put("bbb", "k", size=-1), "0 bytes or more"),
    "a put that deletes": (lambda: s3_put("bbb", "k", event_name="ObjectRemoved:Delete"), "s3_delete makes"),
    "a delete that puts": (lambda: s3_delete("bbb", "k", event_name="ObjectCreated:Put"), "s3_put makes"),
    "the name of a configuration": (lambda: s3_put("bbb", "k", event_name="s3:ObjectCreated:Put"), "did you mean"),
    "another reason": (lambda: s3_object_created("bbb", "k", reason="Put"), "PutObject"),
    "a detail that is a list": (lambda: eventbridge([1]), "JSON object"),
    "a detail that is no JSON": (lambda: eventbridge("text"), "JSON object"),
    "no source": (lambda: eventbridge({}, source=""), "source="),
    "no detail type": (lambda: eventbridge({}, detail_type=""), "detail_type="),
    "no filter": (lambda: cloudwatch_logs("a", filter_names=()), "filter"),
    "a filter without a name": (lambda: cloudwatch_logs("a", filter_names=""), "filter"),
    "an empty line": (lambda: cloudwatch_logs("a", ""), "message 1 is empty"),
    "another destination": (lambda: cloudwatch_logs_control(destination="Lambda"), "Firehose"),  # type: ignore[arg-type]
    "another flavour": (lambda: extended_client("bbb", flavour="go"), "java or python"),  # type: ignore[arg-type]
    "content and size of a pointer": (lambda: extended_client("bbb", content="a", size=1), "content="),
    "a pointer to nothing": (lambda: extended_client("bbb", size=0), "at least one byte"),
    "the client's own attribute": (
        lambda: extended_client("bbb", message_attributes={"ExtendedPayloadSize": 1}),
        "client's own",
    ),
    "ten attributes and a pointer": (
        lambda: extended_client("bbb", message_attributes={f"n{number}": "x" for number in range(10)}),
        "accepts 9",
    ),
    "a time that is none": (lambda: sns("a", time="yesterday"), "yesterday"),
}


@pytest.mark.parametrize("case", list(BAD))
def test_what_means_nothing_is_refused(case: str) -> None:
    """With a message that says what to do."""
    make, message = BAD[case]
    with pytest.raises(UsageError, match=re.escape(message)):
        make()


# -- what reads real ones ----------------------------------------------------------------------------------------------


class Order(BaseModel):
    """What the handlers of these tests work on."""

    order: int


def test_powertools_unpacks_s3_in_sqs() -> None:
    """Its pydantic model, and the data class's accessor."""
    event = sqs_event(s3_put("incoming", "a b.csv", content="abc"), s3_delete("incoming", "gone"))
    parsed = models.S3SqsEventNotificationModel.model_validate(event)
    created, removed = (record.body.Records[0] for record in parsed.Records)
    assert (created.s3.bucket.name, created.s3.object.size) == ("incoming", 3)
    assert removed.eventName == "ObjectRemoved:Delete"
    first = next(iter(SQSEvent(event).records))
    assert first.decoded_nested_s3_event.object_key == "a b.csv"


def test_powertools_breaks_on_the_test_event_as_it_does_on_aws() -> None:
    """It has no records: whoever parses notifications strictly has to pass over it."""
    with pytest.raises(ValueError, match="Records"):
        models.S3SqsEventNotificationModel.model_validate(sqs_event(s3_test_event("incoming")))


@pytest.mark.parametrize("topic", ["orders", "orders.fifo"])
def test_powertools_unpacks_sns_in_sqs(topic: str) -> None:
    """The envelope of its parser, its notification model, and the data class's accessor."""
    event = sqs_event(sns({"order": 1}, topic=topic, subject="s", message_attributes={"a": 1}))
    assert parsing.SnsSqsEnvelope().parse(event, Order) == [Order(order=1)]
    notification = models.SnsNotificationModel.model_validate_json(event["Records"][0]["body"])
    assert (notification.Subject, notification.Message) == ("s", '{"order":1}')
    nested = next(iter(SQSEvent(event).records)).decoded_nested_sns_event
    assert nested.message == '{"order":1}'
    assert nested.message_attributes["a"].value == "1"


def test_powertools_unpacks_s3_in_sns_in_sqs() -> None:
    """Three layers deep."""
    record = next(iter(SQSEvent(sqs_event(sns(s3_put("incoming", "k")))).records))
    assert json.loads(record.decoded_nested_sns_event.message)["Records"][0]["s3"]["bucket"]["name"] == "incoming"


def test_powertools_unpacks_eventbridge_in_sqs() -> None:
    """A bus's event as the body of a message; S3's as well."""
    event = sqs_event(eventbridge({"order": 1}), s3_object_created("incoming", "k", content="abc"))
    ours, s3 = parsing.SqsEnvelope().parse(event, models.EventBridgeModel)
    assert ours is not None
    assert s3 is not None
    assert (ours.source, ours.detail) == ("com.example.orders", {"order": 1})
    parsed = models.S3EventNotificationEventBridgeModel.model_validate(json.loads(event["Records"][1]["body"]))
    assert (parsed.detail.bucket.name, parsed.detail.object.size) == ("incoming", 3)


def test_powertools_unpacks_logs() -> None:
    """Its model of log data, and the helper for logs in Kinesis records; the partition key goes along."""
    data = cloudwatch_logs("a", "b", log_group="g")
    packed = {"awslogs": {"data": base64.b64encode(data).decode("ascii")}}
    decoded = models.CloudWatchLogsModel.model_validate(packed).awslogs.decoded_data
    assert [event.message for event in decoded.logEvents] == ["a", "b"]
    event = kinesis_event(data, cloudwatch_logs_control())
    assert event["Records"][0]["kinesis"]["partitionKey"] == data.aside["partition_key"]
    logs, control = extract_cloudwatch_logs_from_event(KinesisStreamEvent(event))
    assert (logs.log_group, [one.message for one in logs.log_events]) == ("g", ["a", "b"])
    assert control.message_type == "CONTROL_MESSAGE"
    assert validate(event) == []


def test_changes_of_a_table_come_from_the_room_of_their_source() -> None:
    """The facade has that envelope, too, and loads it only when it is asked for."""
    envelope = facade.dynamodb_to_kinesis
    assert envelope is sys.modules["pytest_lambda_events.sources.dynamodb.kinesis_form"].dynamodb_to_kinesis
