"""The Kafka event: shape, order and derivations as captured on AWS, and what its consumers make of it."""

from __future__ import annotations

import base64
import copy
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from avro.io import BinaryEncoder, DatumWriter
from avro.schema import parse as avro_schema
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes import KafkaEvent
from aws_lambda_powertools.utilities.kafka import ConsumerRecords, SchemaConfig
from aws_lambda_powertools.utilities.kafka.exceptions import KafkaConsumerDeserializationError
from aws_lambda_powertools.utilities.parser import envelopes, models
from aws_lambda_powertools.utilities.parser.envelopes import KafkaEnvelope
from aws_lambda_powertools.utilities.parser.models import KafkaSelfManagedEventModel
from google.protobuf.source_context_pb2 import SourceContext
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from pytest_lambda_events.errors import UnknownEvent, UsageError
from pytest_lambda_events.events import identify, kafka_event, validate
from pytest_lambda_events.model.delivered import DeliveredBytes, DeliveredText
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.partitioner import partition_for_key
from pytest_lambda_events.model.schema_framing import KafkaSchema
from pytest_lambda_events.sources.kafka.check import check
from pytest_lambda_events.sources.kafka.make import make_record

# Powertools makes its models when they are asked for, and pydantic fails to make them on frozen time. freezegun asks
# modules for everything that they list, so a test elsewhere that freezes by itself would fail: they are made here, now.
for lazy in (models, envelopes):
    for name in dir(lazy):
        getattr(lazy, name)

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
TIME = "2025-01-01T00:00:00Z"
SENT = 1_735_689_600_000
AVRO = {"schemaId": "7", "dataFormat": "AVRO"}
GLUE_ID = "574f6a9a-9548-4dea-86a3-d82c0479a116"
USER = json.dumps(
    {
        "type": "record",
        "name": "User",
        "fields": [{"name": "name", "type": "string"}, {"name": "age", "type": "int"}],
    }
)

# recorded on AWS in March 2021, before Lambda sent headers
BEFORE_HEADERS = {
    "eventSource": "SelfManagedKafka",
    "bootstrapServers": "ip-10-0-1-199.ap-southeast-1.compute.internal:9092",
    "records": {
        "topic-names-0": [
            {
                "topic": "topic-names",
                "partition": 0,
                "offset": 13,
                "timestamp": 1614686444377,
                "timestampType": "CREATE_TIME",
                "value": "SnVuIEtpbmc=",
            }
        ]
    },
}


def records_of(event: Any) -> list[Any]:
    """All records of an event, partition by partition."""
    return [record for records in event["records"].values() for record in records]


def only(event: Any) -> Any:
    """The record of an event of one."""
    (record,) = records_of(event)
    return record


# -- the shape -----------------------------------------------------------------------------------------------------


def test_the_event_has_every_key_in_awss_order() -> None:
    """Of the envelope and of a record that has everything; no ARN in a self-managed cluster's event."""
    event = kafka_event("v", key="k", headers={"h": "x"}, key_schema=AVRO, value_schema=AVRO, time=TIME)
    assert list(event) == ["eventSource", "bootstrapServers", "records"]
    assert event["eventSource"] == "SelfManagedKafka"
    assert list(event["records"]) == ["orders-0"]
    record = only(event)
    assert list(record) == [
        "topic",
        "partition",
        "offset",
        "timestamp",
        "timestampType",
        "key",
        "value",
        "headers",
        "keySchemaMetadata",
        "valueSchemaMetadata",
    ]
    assert record["topic"] == "orders"
    assert record["partition"] == 0
    assert record["timestamp"] == SENT
    assert record["timestampType"] == "CREATE_TIME"
    assert record["key"] == "aw=="
    assert record["value"] == "dg=="
    assert list(record["keySchemaMetadata"].items()) == [("schemaId", "7"), ("dataFormat", "AVRO")]


def test_what_is_not_there_has_no_key() -> None:
    """Neither null nor an empty text: no key, no value of a tombstone, no schemas; but an empty list of headers."""
    assert list(only(kafka_event(None))) == ["topic", "partition", "offset", "timestamp", "timestampType", "headers"]
    assert only(kafka_event(None))["headers"] == []
    empty = only(kafka_event("", key=b""))
    assert (empty["key"], empty["value"]) == ("", "")


def test_a_payload_of_none_is_a_tombstone_and_not_json() -> None:
    """Everything else that is no text becomes compact JSON, once; text and bytes travel as they are."""
    event = kafka_event(None, "null", {"k": [1, "é"]}, 1.5, b"\xff", bytearray(b"\x00"), "é")
    values = [record.get("value") for record in records_of(event)]
    assert values[0] is None
    assert [base64.b64decode(value) for value in values[1:]] == [
        b"null",
        '{"k":[1,"é"]}'.encode(),
        b"1.5",
        b"\xff",
        b"\x00",
        "é".encode(),
    ]


def test_the_bytes_of_headers_are_javas() -> None:
    """From -128 to 127, in order, one object for each header, names may come twice."""
    event = kafka_event("v", headers=[("trace", bytes((118, 220, 0, 127, 128))), ("kind", "é"), ("kind", bytearray())])
    assert only(event)["headers"] == [{"trace": [118, -36, 0, 127, -128]}, {"kind": [-61, -87]}, {"kind": []}]
    assert only(kafka_event("v", headers={"a": "1", "b": b"2"}))["headers"] == [{"a": [49]}, {"b": [50]}]


def test_a_key_goes_where_kafkas_default_partitioner_sends_it() -> None:
    """Records of one key stay together; partitions stand in the order in which they come up, offsets rise in each."""
    keys = ["21", "foobar", "abc", "foobar", "21"]
    event = kafka_event(*keys, key=keys.__getitem__, partitions=10, offset=100)
    expected: dict[str, list[tuple[str, int]]] = {}
    for key in keys:
        mine = expected.setdefault(f"orders-{partition_for_key(key.encode(), 10)}", [])
        mine.append((key, 100 + len(mine)))
    assert len(expected) == 3
    assert list(event["records"]) == list(expected)
    assert event["records"].keys() == {"orders-0", "orders-6", "orders-7"}
    for name, records in event["records"].items():
        shown = [(base64.b64decode(record["value"]).decode(), record["offset"]) for record in records]
        assert shown == expected[name]
        assert {f"{record['topic']}-{record['partition']}" for record in records} == {name}


def test_records_without_a_key_stay_in_one_partition() -> None:
    """The sticky partitioner: one partition for the event, which one the seed decides."""
    chosen = [list(kafka_event(count=3, partitions=4, seed=seed)["records"]) for seed in range(20)]
    assert {len(names) for names in chosen} == {1}
    assert {names[0] for names in chosen} == {f"orders-{number}" for number in range(4)}


def test_a_partition_may_be_asked_for() -> None:
    """By record; None leaves it to the partitioner."""
    event = kafka_event(
        "a", "b", "c", partition=lambda number: (5, 2, 5)[number], partitions=6, offset=lambda p: p * 10
    )
    assert [(name, [record["offset"] for record in records]) for name, records in event["records"].items()] == [
        ("orders-5", [50, 51]),
        ("orders-2", [20]),
    ]
    keyed = kafka_event("a", key="foobar", partition=lambda _: None, partitions=50)
    assert list(keyed["records"]) == ["orders-16"]


def test_offsets_are_drawn_for_each_partition() -> None:
    """Contiguous inside of one; another seed, another place in the log."""
    event = kafka_event(count=4, partition=lambda number: number % 2, partitions=2)
    zero, one = ([record["offset"] for record in records] for records in event["records"].values())
    assert zero[1] == zero[0] + 1
    assert one[1] == one[0] + 1
    assert zero[0] != one[0]
    assert kafka_event("a", seed=1) != kafka_event("a", seed=2)


def test_a_topic_may_have_hyphens_and_periods() -> None:
    """The partition is what stands behind the last hyphen."""
    event = kafka_event("v", topic="shop.orders-2-v1", partition=3, partitions=4)
    assert list(event["records"]) == ["shop.orders-2-v1-3"]
    assert validate(event) == []


def test_timestamps() -> None:
    """Those of time=, or the records' own; without a timestamp it is -1, as Kafka's NO_TIMESTAMP."""
    assert only(kafka_event("v", time=TIME))["timestamp"] == SENT
    event = kafka_event("a", "b", timestamp=lambda number: 1_000 - number, timestamp_type="LOG_APPEND_TIME")
    assert [(r["timestamp"], r["timestampType"]) for r in records_of(event)] == [
        (1_000, "LOG_APPEND_TIME"),
        (999, "LOG_APPEND_TIME"),
    ]
    for timestamp in (None, -1):
        untimed = only(kafka_event("v", timestamp=timestamp, timestamp_type="NO_TIMESTAMP_TYPE"))
        assert (untimed["timestamp"], untimed["timestampType"]) == (-1, "NO_TIMESTAMP_TYPE")


def test_schemas_stand_beside_the_bytes_where_the_mapping_has_a_registry() -> None:
    """By record, as a mapping or a KafkaSchema; the bytes travel as the serializer made them."""
    schema = KafkaSchema(schema_id=GLUE_ID, data_format="PROTOBUF")
    event = kafka_event(b"\x00a", None, key="k", value_schema=lambda number: None if number else schema)
    first, tombstone = records_of(event)
    assert first["value"] == base64.b64encode(b"\x00a").decode()
    assert first["valueSchemaMetadata"] == {"schemaId": GLUE_ID, "dataFormat": "PROTOBUF"}
    assert "keySchemaMetadata" not in first
    assert "valueSchemaMetadata" not in tombstone


def test_schemas_stand_in_the_bytes_where_it_has_none() -> None:
    """With framing= there is no metadata; what has no schema has no prefix; the partitioner sees the key with it."""
    event = kafka_event(b"a", None, key="k", key_schema=AVRO, framing="confluent", partitions=100)
    first, tombstone = records_of(event)
    assert base64.b64decode(first["key"]) == b"\x00\x00\x00\x00\x07k"
    assert base64.b64decode(first["value"]) == b"a"
    assert first["partition"] == partition_for_key(b"\x00\x00\x00\x00\x07k", 100)
    assert "value" not in tombstone
    assert not {"keySchemaMetadata", "valueSchemaMetadata"} & first.keys()
    glue = kafka_event(b"a", value_schema={"schemaId": GLUE_ID, "dataFormat": "JSON"}, framing="glue")
    assert base64.b64decode(only(glue)["value"]) == bytes.fromhex("0300" + GLUE_ID.replace("-", "")) + b"a"


def test_what_goes_with_a_payload_is_taken_from_it() -> None:
    """Key and headers of an envelope, unless others are given."""
    payload = DeliveredText("v", key="k", headers={"h": "x"})
    record = only(kafka_event(payload))
    assert (record["key"], record["headers"]) == ("aw==", [{"h": [120]}])
    assert only(kafka_event(DeliveredBytes(b"v", key="k"), key="j", headers={}))["key"] == "ag=="


def test_bootstrap_servers() -> None:
    """One text, as a list or as it is."""
    assert kafka_event()["bootstrapServers"] == ",".join(f"broker-{n}.example.com:9092" for n in (1, 2, 3))
    assert kafka_event(bootstrap_servers=["a:9092", "10.0.0.1:9093"])["bootstrapServers"] == "a:9092,10.0.0.1:9093"
    assert kafka_event(bootstrap_servers="a:1,[::1]:2")["bootstrapServers"] == "a:1,[::1]:2"


def test_counts_seeds_and_overrides() -> None:
    """As for every source."""
    orders = [json.loads(base64.b64decode(record["value"]))["order"] for record in records_of(kafka_event(count=2))]
    assert orders == [1, 2]
    assert len(records_of(kafka_event(None, count=3))) == 3
    event = kafka_event("a", "b", overrides={"records[*][*].offset": 7, "records[*][0].timestamp": 1})
    assert [(record["offset"], record["timestamp"] == 1) for record in records_of(event)] == [(7, True), (7, False)]


def test_another_process_makes_the_same_event() -> None:
    """Whatever its hash seed is."""
    code = (
        "import json; from pytest_lambda_events.events import kafka_event, msk_event; "
        "print(json.dumps([build('a', 'b', key=str, partitions=9, seed=4) for build in (kafka_event, msk_event)]))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            encoding="utf-8",
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    assert json.loads(printed.pop())[0] == kafka_event("a", "b", key=str, partitions=9, seed=4)


def test_a_native_record_is_what_was_sent() -> None:
    """What a broker will hold: bytes, not base64."""
    record = make_record(
        {"order": 1}, topic="orders", place=lambda key: (len(key or b""), 9), sent_ms=SENT, key="k", headers={"h": "é"}
    )
    assert record.id == "orders-1-9"
    assert record.json() == {"order": 1}
    assert (record.key, record.value, record.headers) == (b"k", b'{"order":1}', (("h", b"\xc3\xa9"),))
    assert (record.timestamp, record.timestamp_type) == (SENT, "CREATE_TIME")


# -- what is refused -----------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a partition that there is not": ({"partition": 1}, "partition=1: the topic has 1"),
    "a negative partition": ({"partition": -1, "partitions": 3}, "partition=-1"),
    "a partition in text": ({"partition": "0"}, "partition='0'"),
    "an offset in text": ({"offset": "0"}, "offset='0'"),
    "no partition": ({"partitions": 0}, "partitions=0"),
    "a negative offset": ({"offset": -1}, "offset=-1"),
    "an offset past 63 bits": ({"offset": 2**63}, "63 bits"),
    "a topic's name": ({"topic": "orders/eu"}, "topic='orders/eu'"),
    "a topic of two periods": ({"topic": ".."}, "neither"),
    "a timestamp type": ({"timestamp_type": "CREATED_TIME"}, "did you mean 'CREATE_TIME'"),
    "a timestamp without type": ({"timestamp_type": "NO_TIMESTAMP_TYPE", "timestamp": SENT}, "written as -1"),
    "a negative timestamp": ({"timestamp": -5}, "timestamp=-5"),
    "a timestamp in text": ({"timestamp": "2025-01-01"}, "epoch milliseconds"),
    "a true timestamp": ({"timestamp": True}, "timestamp=True"),
    "a header of a number": ({"headers": {"n": 7}}, "header 'n' has a value of type int"),
    "a header of nothing": ({"headers": {"n": None}}, "type NoneType"),
    "a header without value": ({"headers": [("n",)]}, r"header \('n',\)"),
    "a header with a name of bytes": ({"headers": [(b"n", b"v")]}, "the name as a str"),
    "headers in text": ({"headers": "n=v"}, "headers='n=v'"),
    "headers in number": ({"headers": 7}, "headers=7"),
    "a header that is half a character": ({"headers": {"n": "\ud800"}}, "UTF-8"),
    "a header's name that is half a character": ({"headers": {"\ud800": "v"}}, "UTF-8"),
    "a key that is half a character": ({"key": "\ud800"}, "this key is no text"),
    "a key that is no JSON": ({"key": {1}}, "cannot be sent"),
    "a data format": ({"value_schema": {"schemaId": "7", "dataFormat": "XML"}}, "dataFormat='XML'"),
    "a key's schema without a key": ({"key_schema": AVRO}, "key_schema for a record without a key"),
    "framing without a schema": ({"framing": "confluent"}, "say which, with value_schema="),
    "framing of nobody": ({"framing": "Glue", "value_schema": AVRO}, "did you mean 'glue'"),
    "framing of another registry": ({"framing": "glue", "value_schema": AVRO}, "framing='confluent'"),
    "a server without a port": ({"bootstrap_servers": "broker"}, "'broker' is no address"),
    "a server behind a blank": ({"bootstrap_servers": "a:1, b:2"}, "' b:2' is no address"),
    "no server": ({"bootstrap_servers": []}, "0 addresses"),
    "too many servers": ({"bootstrap_servers": ["a:1"] * 11}, "11 addresses"),
    "a count for several payloads": ({"count": 0}, "count=0"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_means_nothing_is_refused(case: str) -> None:
    """With the value, and what to write instead."""
    arguments, message = REFUSED[case]
    with pytest.raises(UsageError, match=message):
        kafka_event("v", **arguments)


@pytest.mark.parametrize("framing", [None, "confluent"])
def test_a_tombstone_has_no_schema(framing: Any) -> None:
    """No serializer has seen it; the message says what to do about events where only some records are tombstones."""
    with pytest.raises(
        UsageError, match=r"value_schema for a record without a value: .*function of the record's number"
    ):
        kafka_event("v", None, value_schema=AVRO, framing=framing)


def test_a_record_that_the_topic_would_not_take_is_refused() -> None:
    """max.message.bytes limits the record batch, so a little less than it is left for the value."""
    largest = 1_048_588 - 61 - 3 - 3 - 1 - 3 - 1  # the batch, the record's length and its fields, no key, no headers
    assert only(kafka_event(bytes(largest)))["value"]
    with pytest.raises(UsageError, match=r"1,048,589 bytes, and the topic takes 1,048,588 \(max.message.bytes\)"):
        kafka_event(bytes(largest + 1))
    with pytest.raises(UsageError, match="max_message_bytes= if your topic takes more"):
        kafka_event("v", key=bytes(1_048_588))
    assert only(kafka_event(bytes(largest + 1), max_message_bytes=2_000_000))["value"]
    with pytest.raises(UsageError, match="takes 100"):
        kafka_event(bytes(100), max_message_bytes=100)


def test_an_event_that_lambda_would_not_send_is_refused() -> None:
    """Six megabytes of JSON, and as many records as a batch may have."""
    assert len(records_of(kafka_event(bytes(1_000_000), count=4))) == 4
    with pytest.raises(UsageError, match=r"at most 6,291,456 \(6 MB\)"):
        kafka_event(bytes(1_000_000), count=5)
    with pytest.raises(UsageError, match="at most 10,000"):
        kafka_event("v", count=10_001)


# -- what is checked -----------------------------------------------------------------------------------------------


def test_awss_own_sample_has_no_error() -> None:
    """Lambda Developer Guide, "Using Lambda with self-managed Apache Kafka": its brokers and its key are recognised."""
    sample = json.loads((SAMPLES / "kafka.json").read_text(encoding="utf-8"))
    assert identify(sample).name == "kafka"
    findings = validate(sample)
    assert {one.severity for one in findings} == {"note"}
    assert [one.path for one in findings] == ["bootstrapServers", "records.mytopic-0[0].key"]


def test_an_event_from_before_headers_has_no_error() -> None:
    """A note says that today there would be some."""
    (finding,) = validate(BEFORE_HEADERS)
    assert (finding.severity, finding.path) == ("note", "records.topic-names-0[0].headers")


@pytest.mark.parametrize(
    ("path", "value", "severity"),
    [
        ("eventSource", "aws:SelfManagedKafka", "note"),
        ("records[*][*].partition", "0", "note"),
        ("records[*][*].partition", "zero", "error"),
        ("records[*][*].partition", 2**31, "note"),
        ("records[*][*].offset", "5", "error"),
        ("records[*][*].offset", 1.5, "error"),
        ("records[*][*].offset", 2**63, "note"),
        ("records[*][*].topic", 5, "error"),
        ("records[*][*].timestamp", "1735689600000", "error"),
        ("records[*][*].timestamp", -7, "note"),
        ("records[*][*].timestampType", "CREATED", "error"),
        ("records[*][*].key", None, "note"),
        ("records[*][*].value", None, "note"),
        ("records[*][*].key", "{}", "error"),
        ("records[*][*].value", "{}", "error"),
        ("records[*][*].value", {}, "error"),
        ("records[*][*].headers", {"name": "value"}, "error"),
        ("records[*][*].headers", None, "error"),
        ("records[*][*].headers[0]", "name", "error"),
        ("records[*][*].headers[0].name", "value", "error"),
        ("records[*][*].headers[0].name", None, "note"),
        ("records[*][*].headers[0].name[0]", 200, "note"),
        ("records[*][*].headers[0].name[0]", 256, "error"),
        ("records[*][*].headers[0].name[0]", -129, "error"),
        ("records[*][*].headers[0].name[0]", True, "error"),
        ("records[*][*].keySchemaMetadata.schemaId", 7, "error"),
        ("records[*][*].keySchemaMetadata.schemaId", "my-schema", "note"),
        ("records[*][*].keySchemaMetadata.dataFormat", "XML", "error"),
        ("records[*][*].valueSchemaMetadata", None, "error"),
        ("bootstrapServers", "broker", "note"),
        ("bootstrapServers", ["broker:9092"], "error"),
        ("eventSourceArn", "arn:aws:kafka:us-east-1:123456789012:cluster/x/y-1", "note"),
    ],
)
def test_how_bad_it_is(path: str, value: Any, severity: str) -> None:
    """An error where handlers break, a note where it only is not what AWS sends."""
    event = kafka_event(
        "v", key="k", headers={"name": "x"}, key_schema=AVRO, value_schema=AVRO, overrides={path: value}
    )
    assert {one.severity for one in validate(event)} == {severity}


def test_bytes_of_headers_are_told_as_they_should_be() -> None:
    """255 is -1."""
    event = kafka_event("v", headers={"name": "x"}, overrides={"records[*][*].headers[0].name[0]": 255})
    (finding,) = validate(event)
    assert finding.expected.startswith("-1: a byte as Java has it")


def test_gaps_between_offsets_are_no_finding() -> None:
    """Compaction and transactions leave them."""
    assert validate(kafka_event("a", "b", offset=5, overrides={"records[*][1].offset": 900})) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
record_like = st.dictionaries(
    st.sampled_from(("topic", "partition", "offset", "timestamp", "timestampType", "key", "value", "headers"))
    | st.sampled_from(("keySchemaMetadata", "valueSchemaMetadata")),
    json_values | st.sampled_from(("orders", "0", 0, -1, "CREATE_TIME", "NO_TIMESTAMP_TYPE")),
)
event_like = st.fixed_dictionaries(
    {},
    optional={
        "eventSource": json_values,
        "bootstrapServers": json_values | st.just("a:1,a:1"),
        "records": json_values
        | st.dictionaries(st.text(max_size=8) | st.just("orders-0"), st.lists(record_like | json_values) | json_values),
    },
)


@given(json_values | event_like)
def test_checking_never_raises(event: Any) -> None:
    """Whatever JSON it is: it says what is wrong."""
    report = Report()
    check(event, report)
    assert report.findings


def test_an_event_of_nobody_is_not_taken_for_one() -> None:
    """It is told what it is most like."""
    event = kafka_event("v", overrides={"eventSource": "Kafka"})
    with pytest.raises(UnknownEvent, match="most like one of kafka"):
        identify(event)
    assert [one.path for one in validate(event)] == ["eventSource"]


# -- who consumes it -----------------------------------------------------------------------------------------------


class Order(BaseModel):
    """A value as an application declares it."""

    order: int


def test_powertools_data_class_reads_our_events() -> None:
    """Keys, JSON values, headers with bytes above 127."""
    event = KafkaEvent(
        kafka_event({"order": 1}, {"order": 2}, key="k", headers={"Trace": b"\x76\xdc\x00\x7f\x80"}, partitions=3)
    )
    first, second = event.records
    assert (first.json_value, second.json_value) == ({"order": 1}, {"order": 2})
    assert first.decoded_key == b"k"
    assert first.decoded_headers["trace"] == b"\x76\xdc\x00\x7f\x80"
    assert event.event_source_arn is None
    assert event.decoded_bootstrap_servers == [f"broker-{number}.example.com:9092" for number in (1, 2, 3)]
    assert next(KafkaEvent(kafka_event("v")).records).decoded_key is None


def test_powertools_data_class_has_no_value_for_a_tombstone() -> None:
    """It raises KeyError where it could say None."""
    record = next(KafkaEvent(kafka_event(None, key="k")).records)
    with pytest.raises(KeyError):
        _ = record.value


def test_powertools_data_class_keeps_the_last_of_two_headers() -> None:
    """Kafka keeps both."""
    record = next(KafkaEvent(kafka_event("v", headers=[("kind", "a"), ("kind", "b")])).records)
    assert list(record.decoded_headers.items()) == [("kind", b"b")]
    assert record.headers == [{"kind": [97]}, {"kind": [98]}]


def test_powertools_models_accept_our_events() -> None:
    """Keys are optional, negative bytes of headers are understood, empty values are values."""
    event = kafka_event(
        {"order": 1}, "", key=lambda n: (b"\xff", None)[n], headers={"h": b"\xff"}, key_schema=lambda n: (AVRO, None)[n]
    )
    parsed = KafkaSelfManagedEventModel.model_validate(copy.deepcopy(event))
    first, second = (record for records in parsed.records.values() for record in records)
    assert (first.key, first.value, first.headers) == (b"\xff", '{"order":1}', [{"h": b"\xff"}])
    assert first.keySchemaMetadata is not None
    assert (second.key, second.value) == (None, "")
    assert KafkaEnvelope().parse(data=kafka_event({"order": 1}, {"order": 2}), model=Order) == [
        Order(order=1),
        Order(order=2),
    ]


@pytest.mark.parametrize("payload", [None, b"\xff"])
def test_powertools_models_reject_real_values(payload: Any) -> None:
    """Tombstones, and bytes that are no UTF-8, such as most of Avro and Protobuf: both are daily bread in Kafka."""
    event = kafka_event(payload, key="k")
    assert validate(event) == []
    with pytest.raises((ValidationError, UnicodeDecodeError)):
        KafkaSelfManagedEventModel.model_validate(copy.deepcopy(event))


def test_powertools_models_reject_an_event_from_before_headers() -> None:
    """Headers are required there."""
    with pytest.raises(ValidationError, match="headers"):
        KafkaSelfManagedEventModel.model_validate(copy.deepcopy(BEFORE_HEADERS))


def test_powertools_models_write_into_the_event() -> None:
    """Headers become bytes in the handler's own event: whoever logs it afterwards gets an error."""
    event = kafka_event("v", headers={"h": "x"})
    KafkaSelfManagedEventModel.model_validate(event)
    assert only(event)["headers"] == [{"h": b"x"}]


def avro(user: dict[str, Any]) -> bytes:
    """A user as Avro's binary encoding."""
    written = io.BytesIO()
    DatumWriter(avro_schema(USER)).write(user, BinaryEncoder(written))
    return written.getvalue()


def test_powertools_consumer_reads_json() -> None:
    """With and without a registry."""
    for schema in (None, {"schemaId": "7", "dataFormat": "JSON"}):
        event = kafka_event({"order": 1}, key="k", headers={"h": b"\xff"}, value_schema=schema)
        record = next(ConsumerRecords(event, SchemaConfig(value_schema_type="JSON")).records)
        assert (record.key, record.value, record.headers["h"]) == ("k", {"order": 1}, b"\xff")


def test_powertools_consumer_reads_avro() -> None:
    """From a mapping with a registry, without one, and with Confluent's prefix in the bytes."""
    user = {"name": "Ada", "age": 36}
    plain = SchemaConfig(value_schema_type="AVRO", value_schema=USER, key_schema_type="AVRO", key_schema=USER)
    in_bytes = SchemaConfig(value_schema_type="AVRO", value_schema=USER, value_schema_wire_format="CONFLUENT")
    for arguments, config in (
        ({}, plain),
        ({"key": avro(user), "key_schema": AVRO, "value_schema": AVRO}, plain),
        ({"value_schema": AVRO, "framing": "confluent"}, in_bytes),
    ):
        record = next(ConsumerRecords(kafka_event(avro(user), **arguments), config).records)
        assert record.value == user
        assert record.key == (user if "key" in arguments else None)


@pytest.mark.parametrize(("prefix", "schema_id"), [(b"", None), (b"\x00", "7"), (b"\x00", GLUE_ID)])
def test_powertools_consumer_reads_protobuf(prefix: bytes, schema_id: str | None) -> None:
    """Where the mapping has a registry, the index of the message type still stands before the message."""
    payload = prefix + SourceContext(file_name="a.proto").SerializeToString()
    schema = None if schema_id is None else {"schemaId": schema_id, "dataFormat": "PROTOBUF"}
    event = kafka_event(payload, value_schema=schema)
    config = SchemaConfig(value_schema_type="PROTOBUF", value_schema=SourceContext)
    assert next(ConsumerRecords(event, config).records).value == {"file_name": "a.proto"}


def test_powertools_consumer_misreads_the_index_of_another_message() -> None:
    """Confluent writes indexes as zigzag varints, 02 02 for [1]; it reads two indexes there, and half a message."""
    payload = b"\x02\x02" + SourceContext(file_name="a.proto").SerializeToString()
    event = kafka_event(payload, value_schema={"schemaId": "7", "dataFormat": "PROTOBUF"})
    config = SchemaConfig(value_schema_type="PROTOBUF", value_schema=SourceContext)
    with pytest.raises(KafkaConsumerDeserializationError):
        _ = next(ConsumerRecords(event, config).records).value


def test_powertools_consumer_does_not_read_prefixes_of_protobuf() -> None:
    """Framed bytes without a registry in the mapping: there it knows Confluent's prefix of Avro only."""
    schema = {"schemaId": GLUE_ID, "dataFormat": "PROTOBUF"}
    event = kafka_event(SourceContext(file_name="a").SerializeToString(), value_schema=schema, framing="glue")
    config = SchemaConfig(value_schema_type="PROTOBUF", value_schema=SourceContext)
    with pytest.raises(KafkaConsumerDeserializationError):
        _ = next(ConsumerRecords(event, config).records).value


def test_powertools_consumer_has_no_value_for_a_tombstone() -> None:
    """It raises KeyError, as the data class does; the key can be read."""
    record = next(ConsumerRecords(kafka_event(None, key="k")).records)
    assert record.key == "k"
    with pytest.raises(KeyError):
        _ = record.value


def test_powertools_batch_processor_reports_offsets_of_partitions() -> None:
    """The identifier is an object: topic-partition, and the offset."""

    def handle(record: Any) -> None:
        if record.json_value["order"] > 1:
            raise ValueError(record.offset)

    event = kafka_event(
        *({"order": number} for number in range(4)), partition=lambda number: number % 2, partitions=2, offset=40
    )
    response = process_partial_response(event, handle, BatchProcessor(event_type=EventType.Kafka))
    assert response == {
        "batchItemFailures": [
            {"itemIdentifier": {"partition": "orders-0", "offset": 41}},
            {"itemIdentifier": {"partition": "orders-1", "offset": 41}},
        ]
    }
