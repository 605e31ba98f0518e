"""The Kinesis event: shape, order and derivations as captured on AWS; who reads it, what is refused and found."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from aws_kinesis_agg.deaggregator import deaggregate_records
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes import KinesisStreamEvent
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import extract_cloudwatch_logs_from_event
from aws_lambda_powertools.utilities.parser import envelopes, models
from aws_lambda_powertools.utilities.parser.envelopes import KinesisDataStreamEnvelope
from aws_lambda_powertools.utilities.parser.models import KinesisDataStreamModel
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pytest_lambda_events import Harness, UsageError
from pytest_lambda_events.events import ABSENT, identify, kinesis_event, lambda_context, validate
from pytest_lambda_events.model.aggregated import UserRecord, deaggregated
from pytest_lambda_events.model.delivered import DeliveredBytes, DeliveredText
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.kinesis_record import hash_key
from pytest_lambda_events.model.paths import with_override
from pytest_lambda_events.model.sequence_numbers import KinesisNumber
from pytest_lambda_events.sources.kinesis.check import EVENT, RECORD, check
from pytest_lambda_events.sources.kinesis.types import KinesisPayload, KinesisRecord, KinesisWindow

# Powertools makes its models when they are asked for, and pydantic fails to make them on frozen time. freezegun asks
# modules for everything that they list, so a test elsewhere that freezes by itself would fail: they are made here, now.
for lazy in (models, envelopes):
    for name in dir(lazy):
        getattr(lazy, name)

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
NOON = "2025-06-01T12:00:00.123Z"
NOON_S = 1_748_779_200
IN_WINDOW = {"window": 60, "time": NOON}


class Click(BaseModel):
    """What the records of these tests carry."""

    click: int


def number_of(record: Any) -> KinesisNumber:
    """What a record's sequence number says."""
    number = KinesisNumber.read(record["kinesis"]["sequenceNumber"])
    assert number is not None
    return number


def data_of(event: Any) -> list[bytes]:
    """What the records carry."""
    return [base64.b64decode(record["kinesis"]["data"], validate=True) for record in event["Records"]]


# -- the shape -----------------------------------------------------------------------------------------------------


def test_a_record_has_awss_keys_in_awss_order() -> None:
    """As captured; there is no encryptionType."""
    (record,) = kinesis_event({"click": 1}, time=NOON)["Records"]
    assert list(record) == [
        "kinesis",
        "eventSource",
        "eventVersion",
        "eventID",
        "eventName",
        "invokeIdentityArn",
        "awsRegion",
        "eventSourceARN",
    ]
    assert list(record["kinesis"]) == [
        "kinesisSchemaVersion",
        "partitionKey",
        "sequenceNumber",
        "data",
        "approximateArrivalTimestamp",
    ]
    assert record["kinesis"]["kinesisSchemaVersion"] == "1.0"
    assert record["eventSource"] == "aws:kinesis"
    assert record["eventVersion"] == "1.0"
    assert record["eventName"] == "aws:kinesis:record"
    assert record["eventID"] == f"shardId-000000000000:{record['kinesis']['sequenceNumber']}"
    assert record["invokeIdentityArn"] == "arn:aws:iam::123456789012:role/lambda-role"
    assert record["awsRegion"] == "us-east-1"
    assert record["eventSourceARN"] == ARN


def test_the_event_has_the_order_of_the_documentations_sample() -> None:
    """Which is a capture itself."""
    sample = json.loads((SAMPLES / "kinesis.json").read_text(encoding="utf-8"))
    event = kinesis_event("a", "b")
    assert [key for key, _ in _keys(event)] == [key for key, _ in _keys(sample)]


def _keys(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, list):
        return [pair for one in value for pair in _keys(one)]
    if not isinstance(value, dict):
        return []
    return [pair for key, one in value.items() for pair in ((key, None), *_keys(one))]


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2026-09-19T09:39:46.8Z", "1789810786.8"),
        ("2020-12-09T07:04:35Z", "1607497475.0"),
        (NOON, "1748779200.123"),
        (dt.datetime(2025, 1, 1, 0, 0, 0, 50_000, tzinfo=dt.timezone.utc), "1735689600.05"),
    ],
)
def test_an_arrival_is_seconds_with_milliseconds_whose_zeros_are_trimmed(time: Any, shown: str) -> None:
    """A number, and a float also when it is whole."""
    (record,) = kinesis_event("a", time=time)["Records"]
    assert json.dumps(record["kinesis"]["approximateArrivalTimestamp"]) == shown


def test_arrivals_are_the_virtual_present_while_a_harness_is_active() -> None:
    """And the beginning of 2025 otherwise."""
    with Harness(start="2026-02-03T00:00:00Z") as aws:
        aws.virtual_clock.advance(1.5)
        (record,) = kinesis_event("a")["Records"]
    assert record["kinesis"]["approximateArrivalTimestamp"] == 1_770_076_801.5
    (record,) = kinesis_event("a")["Records"]
    assert record["kinesis"]["approximateArrivalTimestamp"] == 1_735_689_600


# -- sequence numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_sequence_numbers_say_shard_and_second(seed: int) -> None:
    """56 digits; the second is that of the arrival or the one before; the shard is older than an hour."""
    for record in kinesis_event("a", "b", "c", shard=6, seed=seed, time=NOON)["Records"]:
        assert re.fullmatch("[0-9]{56}", record["kinesis"]["sequenceNumber"])
        number = number_of(record)
        assert number.shard == 6
        assert number.second in (NOON_S - 1, NOON_S)
        assert number.created_s <= NOON_S - 3_600
        assert record["eventID"].startswith("shardId-000000000006:")


def test_records_of_one_second_count_up() -> None:
    """Their numbers differ in the index alone, by one."""
    numbers = [number_of(record) for record in kinesis_event("a", "b", "c", time=NOON)["Records"]]
    assert numbers[1:] == [numbers[0].after(1), numbers[0].after(2)]


def test_what_arrives_later_in_a_shard_has_greater_numbers() -> None:
    """So events at several times make one stream: with the same shard, created at the same time."""
    records = [
        record
        for second in range(0, 7_200, 600)
        for record in kinesis_event("a", "b", time=dt.datetime.fromtimestamp(NOON_S + second, dt.timezone.utc))[
            "Records"
        ]
    ]
    numbers = [int(record["kinesis"]["sequenceNumber"]) for record in records]
    assert numbers == sorted(set(numbers))
    assert len({number_of(record).created_s for record in records}) == 1


def test_shards_and_seeds_have_numbers_of_their_own_and_consumers_have_not() -> None:
    """A record has the same number for everybody who reads it."""

    def numbers(**arguments: Any) -> list[str]:
        return [record["kinesis"]["sequenceNumber"] for record in kinesis_event("a", "b", **arguments)["Records"]]

    assert numbers() == numbers(consumer="reports") == numbers(partition_key="x", role="other")
    assert not set(numbers()) & {*numbers(seed=1), *numbers(shard=1), *numbers(stream="others")}


def test_old_records_come_from_older_shards() -> None:
    """Also before the year in which ours are made."""
    (record,) = kinesis_event("a", time="2016-03-01T00:00:00Z")["Records"]
    assert number_of(record).created_s < number_of(record).second
    assert validate({"Records": [record]}) == []


# -- what the arguments do -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "arn"),
    [
        ({"stream": "a.b_c-1"}, "arn:aws:kinesis:us-east-1:123456789012:stream/a.b_c-1"),
        (
            {"region": "eu-west-1", "account": "000000000001"},
            "arn:aws:kinesis:eu-west-1:000000000001:stream/clicks",
        ),
        ({"region": "cn-north-1"}, "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/clicks"),
        ({"region": "us-gov-west-1"}, "arn:aws-us-gov:kinesis:us-gov-west-1:123456789012:stream/clicks"),
        (
            {"stream": "arn:aws:kinesis:eu-west-1:210987654321:stream/s", "region": "us-west-2"},
            "arn:aws:kinesis:eu-west-1:210987654321:stream/s",
        ),
        ({"stream": f"{ARN}/consumer/reports:1700000000"}, f"{ARN}/consumer/reports:1700000000"),
    ],
)
def test_a_stream_is_named_or_given_as_an_arn(arguments: dict[str, Any], arn: str) -> None:
    """The region is the ARN's, and the role is in its partition and account."""
    event = kinesis_event("a", "b", **arguments)
    assert {record["eventSourceARN"] for record in event["Records"]} == {arn}
    assert {record["awsRegion"] for record in event["Records"]} == {arn.split(":")[3]}
    _, partition, _, _, account, _ = arn.split(":", 5)
    assert event["Records"][0]["invokeIdentityArn"] == f"arn:{partition}:iam::{account}:role/lambda-role"
    assert validate(event) == []


def test_a_consumer_has_an_arn_with_the_second_of_its_registration() -> None:
    """Enhanced fan-out: the consumer's ARN stands in place of the stream's."""
    (record,) = kinesis_event("a", consumer="reports", time=NOON)["Records"]
    found = re.fullmatch(re.escape(ARN) + r"/consumer/reports:([0-9]{10})", record["eventSourceARN"])
    assert found is not None
    assert number_of(record).created_s <= int(found[1]) <= NOON_S


@pytest.mark.parametrize(
    ("role", "arn"),
    [
        ("reader", "arn:aws:iam::123456789012:role/reader"),
        ("service-role/team/reader", "arn:aws:iam::123456789012:role/service-role/team/reader"),
        ("arn:aws:iam::210987654321:role/x", "arn:aws:iam::210987654321:role/x"),
    ],
)
def test_a_role_is_a_name_a_path_or_an_arn(role: str, arn: str) -> None:
    """The function may be in another account than the stream."""
    assert kinesis_event("a", role=role)["Records"][0]["invokeIdentityArn"] == arn


@pytest.mark.parametrize("shard", [17, "17", "shardId-000000000017"])
def test_a_shard_is_an_index_or_an_id(shard: int | str) -> None:
    """Both are the same event."""
    event = kinesis_event("a", shard=shard)
    assert event == kinesis_event("a", shard=17)
    assert event["Records"][0]["eventID"].startswith("shardId-000000000017:")


def test_partition_keys_are_given_or_uuids_or_come_with_the_payload() -> None:
    """What is given to the builder wins; each record has its own."""

    def keys(*payloads: Any, **arguments: Any) -> list[str]:
        return [record["kinesis"]["partitionKey"] for record in kinesis_event(*payloads, **arguments)["Records"]]

    first, second = keys("a", "b")
    assert UUID4.fullmatch(first)
    assert UUID4.fullmatch(second)
    assert first != second
    assert keys("a", "b", partition_key="k é") == ["k é", "k é"]
    assert keys("a", "b", partition_key=lambda number: f"k{number}") == ["k0", "k1"]
    brought = DeliveredBytes(b"x", partition_key="from the envelope")
    assert keys(brought, DeliveredText("y", partition_key="also")) == ["from the envelope", "also"]
    assert keys(brought, partition_key="k") == ["k"]


def test_payloads_travel_as_they_are_or_as_compact_json() -> None:
    """Text as UTF-8, bytes whatever they are, nothing at all too."""
    event = kinesis_event("a é", b"\x00\xff", bytearray(b"x"), "", {"k": [1, "é"]}, None)
    assert data_of(event) == [b"a \xc3\xa9", b"\x00\xff", b"x", b"", '{"k":[1,"é"]}'.encode(), b"null"]


def test_counts_and_seeds() -> None:
    """count= repeats one payload or makes clicks; the seed fixes every id."""
    assert data_of(kinesis_event("a", count=3)) == [b"a"] * 3
    assert [json.loads(data)["click"] for data in data_of(kinesis_event(count=2))] == [1, 2]
    assert kinesis_event("a", seed=1) == kinesis_event("a", seed=1)
    assert kinesis_event("a", seed=1) != kinesis_event("a", seed=2)


def test_another_process_makes_the_same_event() -> None:
    """Byte for byte, with another hash seed too."""
    code = (
        "import json; from pytest_lambda_events.events import kinesis_event; "
        "print(json.dumps(kinesis_event('a', 'b', seed=7, consumer='c', window=60)))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "123"}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment, text=True)
    assert other.stdout == json.dumps(kinesis_event("a", "b", seed=7, consumer="c", window=60)) + "\n"


def test_overrides_come_last() -> None:
    """Nothing is derived from them."""
    changes = {"Records[*].awsRegion": "eu-west-1", "Records[0].invokeIdentityArn": ABSENT}
    first, second = kinesis_event("a", "b", overrides=changes)["Records"]
    assert first["awsRegion"] == second["awsRegion"] == "eu-west-1"
    assert first["eventSourceARN"] == ARN
    assert "invokeIdentityArn" not in first


# -- aggregates ----------------------------------------------------------------------------------------------------


def test_an_aggregate_is_one_record_with_the_producer_librarys_key() -> None:
    """Four bytes that nothing else begins with; the partition key is "a"."""
    event = kinesis_event("x", {"click": 2}, "y", aggregate=True, partition_key=lambda number: "aba"[number])
    (record,) = event["Records"]
    assert record["kinesis"]["partitionKey"] == "a"
    assert record["kinesis"]["data"].startswith("84mawg")
    assert deaggregated(*data_of(event)) == [
        UserRecord(data=b"x", partition_key="a"),
        UserRecord(data=b'{"click":2}', partition_key="b"),
        UserRecord(data=b"y", partition_key="a"),
    ]


def test_a_single_payload_is_not_aggregated() -> None:
    """As with the library: it would only be longer."""
    assert kinesis_event("x", aggregate=True) == kinesis_event("x")
    assert len(kinesis_event("x", aggregate=True, count=2)["Records"]) == 1


@pytest.mark.parametrize("hashed", [None, lambda number: [5, "7", 5][number]])
def test_kinesis_aggregation_takes_our_aggregates_apart(hashed: Any) -> None:
    """The library that handlers use in Python, and our own reading, agree."""
    event = kinesis_event(
        b"\x00\xff", {"click": 2}, "é" * 200, aggregate=True, partition_key=str, explicit_hash_key=hashed
    )
    theirs = [
        UserRecord(
            data=base64.b64decode(record["kinesis"]["data"]),
            partition_key=record["kinesis"]["partitionKey"],
            explicit_hash_key=record["kinesis"]["explicitHashKey"],
        )
        for record in deaggregate_records(event["Records"])
    ]
    assert theirs == deaggregated(*data_of(event))
    assert [one.partition_key for one in theirs] == ["0", "1", "2"]
    assert [one.explicit_hash_key for one in theirs] == ([None] * 3 if hashed is None else ["5", "7", "5"])


def test_kinesis_aggregation_gives_a_record_the_hash_key_of_another() -> None:
    """What the documentation page says about it: a key that is not there is read as the first that is."""
    event = kinesis_event("a", "b", aggregate=True, explicit_hash_key=lambda number: [None, "7"][number])
    assert [one.explicit_hash_key for one in deaggregated(*data_of(event)) or ()] == [None, "7"]
    assert [one["kinesis"]["explicitHashKey"] for one in deaggregate_records(event["Records"])] == ["7", "7"]


def test_what_kinesis_aggregation_packs_is_read_and_is_an_event() -> None:
    """The other direction."""
    aggregator = RecordAggregator()
    for place in range(100):
        aggregator.add_user_record(f"key {place % 7}", f"é {place}", str(place % 3))
    _, _, data = aggregator.clear_and_get().get_contents()
    assert deaggregated(data) == [
        UserRecord(data=f"é {place}".encode(), partition_key=f"key {place % 7}", explicit_hash_key=str(place % 3))
        for place in range(100)
    ]
    event = kinesis_event(data, partition_key="a")
    assert validate(event) == []
    assert len(deaggregate_records(event["Records"])) == 100


def test_a_partition_keys_hash_is_its_md5() -> None:
    """The hash key that the producer library gives an aggregate."""
    assert hash_key("a") == int("0cc175b9c0f1b6a831c399e269772661", 16)


# -- windows -------------------------------------------------------------------------------------------------------


def test_an_invocation_in_a_window_has_awss_keys_in_awss_order() -> None:
    """As captured; the documentation prints them in another order."""
    event = kinesis_event("a", shard=6, **IN_WINDOW)
    assert list(event) == [
        "Records",
        "shardId",
        "eventSourceARN",
        "window",
        "state",
        "isFinalInvokeForWindow",
        "isWindowTerminatedEarly",
    ]
    assert event["shardId"] == "shardId-000000000006"
    assert event["eventSourceARN"] == event["Records"][0]["eventSourceARN"] == ARN
    assert list(event["window"].items()) == [("start", "2025-06-01T12:00:00Z"), ("end", "2025-06-01T12:01:00Z")]
    assert event["state"] == {}
    assert event["isFinalInvokeForWindow"] is False
    assert event["isWindowTerminatedEarly"] is False


@pytest.mark.parametrize("argument", ["is_final", "terminated_early"])
def test_the_last_invocation_for_a_window_carries_no_record(argument: str) -> None:
    """The state is the function's own, whatever JSON it has; an early end is an end."""
    state = {"total": 3, "seen": [True, None, 1.5]}
    event = kinesis_event(state=state, **{argument: True}, **IN_WINDOW)
    assert event["Records"] == []
    assert event["state"] == state
    assert event["state"] is not state
    assert event["isFinalInvokeForWindow"] is True
    assert event["isWindowTerminatedEarly"] is (argument == "terminated_early")
    assert identify(event).name == "kinesis"
    assert validate(event) == []


def test_a_windows_key_that_is_missing_is_named() -> None:
    """Also where there is no record by which to know the source."""
    event = kinesis_event(is_final=True, **IN_WINDOW)
    for key in list(event):
        report = Report()
        check({name: value for name, value in event.items() if name != key}, report)
        assert [one.path for one in report.findings if one.severity == "error"][:1] == [
            "Records" if key == "isFinalInvokeForWindow" else key
        ]


# -- what consumers make of it -------------------------------------------------------------------------------------


def test_powertools_data_class_reads_our_events() -> None:
    """Records, and what a window adds."""
    event = KinesisStreamEvent(kinesis_event({"click": 1}, state={"total": 1}, **IN_WINDOW))
    (record,) = event.records
    assert record.kinesis.data_as_json() == {"click": 1}
    assert record.kinesis.approximate_arrival_timestamp == NOON_S + 0.123
    assert record.event_id == f"{event.shard_id}:{record.kinesis.sequence_number}"
    assert record.event_source_arn == event.event_source_arn == ARN
    assert event.window is not None
    assert (event.window.start, event.window.end) == ("2025-06-01T12:00:00Z", "2025-06-01T12:01:00Z")
    assert event.state == {"total": 1}
    assert event.is_final_invoke_for_window is False
    assert event.is_window_terminated_early is False


def test_powertools_reads_what_a_log_subscription_sends() -> None:
    """Gzip of JSON, with the partition key that CloudWatch Logs chose."""
    logs = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/aws/lambda/shop",
        "logStream": "2025/06/01/[$LATEST]26b6",
        "subscriptionFilters": ["all"],
        "logEvents": [{"id": "3" * 56, "timestamp": 1_748_779_200_123, "message": "é"}],
    }
    packed = gzip.compress(json.dumps(logs).encode(), mtime=0)
    event = kinesis_event(DeliveredBytes(packed, partition_key="0123456789abcdef0123456789abcdef"))
    assert event["Records"][0]["kinesis"]["partitionKey"] == "0123456789abcdef0123456789abcdef"
    (found,) = extract_cloudwatch_logs_from_event(KinesisStreamEvent(event))
    assert found.raw_event == logs
    assert validate(event) == []


def test_a_change_of_a_table_travels_as_it_is() -> None:
    """DynamoDB's own way into a Kinesis stream: JSON whose text is not touched."""
    change = '{"awsRegion":"eu-west-1","eventName":"INSERT","userIdentity":null,"dynamodb":{"SizeBytes":60}}'
    event = kinesis_event(change, partition_key="0123456789ABCDEF0123456789ABCDEF")
    assert data_of(event) == [change.encode()]
    assert validate(event) == []


@pytest.mark.parametrize("arguments", [{}, IN_WINDOW])
def test_pydantic_models_read_our_events(arguments: dict[str, Any]) -> None:
    """The model decodes the data; the envelope hands out what is in it."""
    event = kinesis_event({"click": 1}, {"click": 2}, **arguments)
    model = KinesisDataStreamModel.model_validate(copy.deepcopy(event))
    assert [record.kinesis.data for record in model.Records] == [b'{"click":1}', b'{"click":2}']
    parsed = KinesisDataStreamEnvelope().parse(copy.deepcopy(event), Click)
    assert parsed == [Click(click=1), Click(click=2)]


def test_pydantic_models_take_a_final_invocation_and_no_aggregate() -> None:
    """What the documentation page says about them."""
    assert KinesisDataStreamModel.model_validate(kinesis_event(is_final=True, **IN_WINDOW)).Records == []
    with pytest.raises(ValueError, match="Unable to decode"):
        KinesisDataStreamEnvelope().parse(kinesis_event("a", "b", aggregate=True), Click)


def test_powertools_batch_processor_names_the_failed_record() -> None:
    """By its sequence number."""
    event = kinesis_event({"click": 1}, {"click": 2}, {"click": 3})

    def fail_on_the_second(record: Any) -> None:
        if record.kinesis.data_as_json()["click"] == 2:
            raise ValueError("not this one")

    processor = BatchProcessor(event_type=EventType.KinesisDataStreams)
    response = process_partial_response(event, fail_on_the_second, processor, lambda_context())
    expected = event["Records"][1]["kinesis"]["sequenceNumber"]
    assert response == {"batchItemFailures": [{"itemIdentifier": expected}]}


# -- what is refused -----------------------------------------------------------------------------------------------


def constraint(member: str, rule: str, value: str = "") -> str:
    """One violation, as AWS says it."""
    return f"Value {value}at '{member}' failed to satisfy constraint: Member must {rule}"


def at_most(length: int) -> str:
    """The rule of what is too long."""
    return f"have length less than or equal to {length}"


ONE = "1 validation error detected: "
REFUSED: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    (
        ("a",),
        {"partition_key": ""},
        f"{ONE}{constraint('partitionKey', 'have length greater than or equal to 1', chr(39) * 2 + ' ')}",
    ),
    (
        ("a",),
        {"partition_key": "k" * 257, "explicit_hash_key": "01"},
        "2 validation errors detected: "
        + constraint("partitionKey", at_most(256), f"'{'k' * 257}' ")
        + "; "
        + constraint("explicitHashKey", r"satisfy regular expression pattern: 0|([1-9]\d{0,38})", "'01' "),
    ),
    ((b"x" * 1_048_577,), {}, ONE + constraint("data", at_most(1_048_576))),
    ((b"x" * 1_048_576,), {"partition_key": "k"}, ONE + constraint("data", at_most(1_048_576))),
    ((b"x" * 2_097_153,), {"MaxRecordSizeInKiB": 2_048}, ONE + constraint("data", at_most(2_097_152))),
    ((b"x" * 600_000, b"y" * 600_000), {"aggregate": True}, ONE + constraint("data", at_most(1_048_576))),
    (
        ("a", "b"),
        {"aggregate": True, "partition_key": lambda number: "k" * (256 + number)},
        ONE + constraint("partitionKey", at_most(256), f"'{'k' * 257}' "),
    ),
]


@pytest.mark.parametrize(("payloads", "arguments", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_put_record_refuses_is_refused_in_awss_words(
    payloads: tuple[Any, ...], arguments: dict[str, Any], message: str
) -> None:
    """Code, message and operation."""
    with pytest.raises(ClientError) as caught:
        kinesis_event(*payloads, **arguments)
    assert caught.value.operation_name == "PutRecord"
    assert caught.value.response["Error"] == {"Code": "ValidationException", "Message": message}


def test_a_hash_key_beyond_the_range_is_refused_in_awss_words() -> None:
    """Well-formed, and too large by one."""
    with pytest.raises(ClientError) as caught:
        kinesis_event("a", explicit_hash_key=2**128)
    assert caught.value.response["Error"] == {
        "Code": "InvalidArgumentException",
        "Message": "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was "
        "340282366920938463463374607431768211456",
    }


def test_limits_are_inclusive() -> None:
    """The longest key, the largest hash, the largest record of a stream and of any stream."""
    assert validate(kinesis_event("a", partition_key="é" * 256, explicit_hash_key=2**128 - 1)) == []
    assert data_of(kinesis_event(b"x" * 1_048_575, partition_key="k")) == [b"x" * 1_048_575]
    (data,) = data_of(kinesis_event(b"x" * 2_000_000, MaxRecordSizeInKiB=10_240))
    assert len(data) == 2_000_000


USAGE: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    ((), {"count": 0}, "count=0"),
    (("a", "b"), {"count": 2}, "repeats one payload"),
    (({1, 2},), {}, "cannot be sent"),
    (("\ud800",), {}, "cannot be sent"),
    (("a",), {"partition_key": 7}, "partition_key=7 is no text"),
    (("a",), {"partition_key": "\ud800"}, "no Unicode text"),
    (("a",), {"stream": "no blanks"}, "no ARN of a stream"),
    (("a",), {"stream": "n" * 129}, "no ARN of a stream"),
    (("a",), {"stream": "arn:aws:sqs:us-east-1:123456789012:orders"}, "no ARN of a stream"),
    (("a",), {"account": "12345"}, "no ARN of a stream"),
    (("a",), {"region": "nowhere"}, "no ARN of a stream"),
    (("a",), {"consumer": "no/slashes"}, "consumer='no/slashes'"),
    (("a",), {"consumer": "c", "stream": f"{ARN}/consumer/reports:1700000000"}, "give one of the two"),
    (("a",), {"role": "no blanks"}, "is no role"),
    (("a",), {"role": "arn:aws:iam::123456789012:user/ada"}, "is no role"),
    (("a",), {"shard": -1}, "shard=-1 is no shard"),
    (("a",), {"shard": 2**31}, "is no shard"),
    (("a",), {"shard": "first"}, "shard='first' is no shard"),
    (("a",), {"MaxRecordSizeInKiB": 1_023}, "MaxRecordSizeInKiB=1023"),
    (("a",), {"MaxRecordSizeInKiB": 10_241}, "MaxRecordSizeInKiB=10241"),
    (("a",), {"time": "1970-01-01T00:00:00Z"}, "sequence number"),
    (("a",), {"time": "4200-01-01T00:00:00Z"}, "sequence number"),
    (("a",), {"time": "noon"}, "ISO 8601"),
    (("a",), {"is_final": True, **IN_WINDOW}, "carries no record"),
    ((), {"terminated_early": True, "count": 1, **IN_WINDOW}, "carries no record"),
    (("a",), {"window": 0}, "window=0"),
    (("a",), {"window": 901}, "window=901"),
    (("a",), {"state": {}}, "without window"),
    ((), {"is_final": True}, "without window"),
    (("a",), {"state": {"x": {1}}, **IN_WINDOW}, "cannot be a window's state"),
]


@pytest.mark.parametrize(("payloads", "arguments", "why"), USAGE, ids=range(len(USAGE)))
def test_what_makes_no_event_is_explained(payloads: tuple[Any, ...], arguments: dict[str, Any], why: str) -> None:
    """Each names the argument."""
    with pytest.raises(UsageError, match=why):
        kinesis_event(*payloads, **arguments)


# -- what is found -------------------------------------------------------------------------------------------------


def test_the_documentations_sample_has_notes_and_no_error() -> None:
    """It was captured, so only its numbers are known."""
    findings = validate(json.loads((SAMPLES / "kinesis.json").read_text(encoding="utf-8")))
    assert {one.severity for one in findings} == {"note"}
    assert [one.path for one in findings] == [f"Records[{place}].kinesis.sequenceNumber" for place in (0, 1)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("49545115243490985018280067714973144582180062593244200961", "documentation sample"),
        ("49568167373333333333333333333333333333333333333333333333", "documentation sample"),
        ("12345", "56 digits"),
        ("4" * 56, "56 digits"),
    ],
)
def test_made_up_sequence_numbers_are_known(text: str, why: str) -> None:
    """Those of generators, SDKs and test clients are notes: they work."""
    changes = {"Records[0].kinesis.sequenceNumber": text, "Records[0].eventID": f"shardId-000000000000:{text}"}
    findings = validate(kinesis_event("a", overrides=changes))
    assert any(why in one.expected for one in findings)
    assert {one.severity for one in findings} == {"note"}


@pytest.mark.parametrize("value", [1_748_779_200, 1_748_779_200.0, 1_748_779_205.0])
def test_whole_seconds_may_be_written_without_a_point(value: float) -> None:
    """JSON has one kind of number; up to five seconds lie between a number's second and the arrival."""
    event = kinesis_event("a", time=NOON)
    event["Records"][0]["kinesis"]["sequenceNumber"] = text = KinesisNumber(
        created_s=1, shard=0, index=0, second=NOON_S
    ).text
    event["Records"][0]["eventID"] = f"shardId-000000000000:{text}"
    event["Records"][0]["kinesis"]["approximateArrivalTimestamp"] = value
    assert validate(event) == []


def test_a_docs_key_that_real_records_lack_is_a_note() -> None:
    """EncryptionType stands in type definitions and samples."""
    event = kinesis_event("a")
    event["Records"][0]["kinesis"]["encryptionType"] = "NONE"
    (finding,) = validate(event)
    assert (finding.severity, finding.path) == ("note", "Records[0].kinesis.encryptionType")


def test_types_have_the_keys_that_are_checked() -> None:
    """Record, payload and window; the event is compared for all sources."""
    assert set(get_type_hints(KinesisRecord)) == RECORD.keys
    assert set(get_type_hints(KinesisPayload)) == RECORD.always["kinesis"].keys
    assert set(get_type_hints(KinesisWindow)) == EVENT.sometimes["window"].keys


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(10**400)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=5), SCALARS, max_size=2)
PATHS = (
    *("Records", "Records[0]", "Records[1]", "Records[*].eventID", "Records[*].awsRegion", "Records[*].kinesis"),
    *("Records[*].eventSourceARN", "Records[*].invokeIdentityArn", "Records[*].kinesis.data"),
    *("Records[*].kinesis.sequenceNumber", "Records[*].kinesis.approximateArrivalTimestamp"),
    *("Records[*].kinesis.partitionKey", "shardId", "eventSourceARN", "window", "window.start", "window.end", "state"),
    *("isFinalInvokeForWindow", "isWindowTerminatedEarly", "more"),
)


@given(path=st.sampled_from(PATHS), value=VALUES)
def test_no_value_breaks_the_check(path: str, value: Any) -> None:
    """Whatever stands at whatever place."""
    event = kinesis_event("a", "b", **IN_WINDOW)
    with_override(event, path, value)
    report = Report()
    check(event, report)
    assert all(str(one) for one in report.findings)


@given(value=VALUES)
def test_no_json_breaks_the_check(value: Any) -> None:
    """Also what is nobody's event."""
    for event in (value, {"Records": value}, {"Records": [value]}, {"Records": [{"kinesis": value}], "window": value}):
        report = Report()
        check(event, report)
        assert report.findings
