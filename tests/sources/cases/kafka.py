"""How events of self-managed Kafka may vary."""

from __future__ import annotations

from typing import Any

from pytest_lambda_events.events import kafka_event

TIME = "2025-01-01T00:00:00Z"
GLUE = {"schemaId": "574f6a9a-9548-4dea-86a3-d82c0479a116", "dataFormat": "PROTOBUF"}
AVRO = {"schemaId": "7", "dataFormat": "AVRO"}


def plain() -> Any:
    """Two records without key and headers."""
    return kafka_event({"order": 1}, "text", time=TIME)


def everything() -> Any:
    """Keys that spread over partitions, headers, a tombstone, bytes that are no text, an empty value."""
    return kafka_event(
        {"order": 1},
        None,
        b"\xff\x00",
        "",
        topic="shop.orders-v2",
        key=lambda number: ("ada", "bela", b"\x80", None)[number],
        headers=[("trace", b"\x76\xdc\x00\x7f\x80"), ("kind", "é"), ("kind", "")],
        partitions=3,
        offset=lambda partition: 100 * partition,
        timestamp=lambda number: 1_735_689_600_000 - number,
        timestamp_type="LOG_APPEND_TIME",
        bootstrap_servers=["10.0.1.199:9092", "[fd00::1]:9093", "kafka-3.shop.example.com:9094"],
        time=TIME,
    )


def registry() -> Any:
    """The mapping has a schema registry, Confluent's here."""
    return kafka_event(b"\x02\x0aalpha", b"\x04\x08beta", key="k", key_schema=AVRO, value_schema=AVRO, time=TIME)


def glue() -> Any:
    """The mapping has a schema registry of Glue's; of Protobuf the index of the message type stays in the bytes."""
    return kafka_event(b"\x00\x0a\x05alpha", value_schema=GLUE, time=TIME)


def framed() -> Any:
    """The mapping has none, so schemas stand in the bytes."""
    return kafka_event(b"\x0aalpha", key=b"\x02k", key_schema=AVRO, value_schema=AVRO, framing="confluent", time=TIME)


def untimed() -> Any:
    """Records in the message format of before Kafka 0.10."""
    return kafka_event("a", "b", timestamp_type="NO_TIMESTAMP_TYPE", time=TIME)


def _lists(event: Any) -> list[tuple[str, list[Any]]]:
    return list(event["records"].items())


def _first(event: Any) -> Any:
    return _lists(event)[0][1][0]


def _nothing(event: Any) -> None:
    event["records"] = {}


def _an_empty_partition(event: Any) -> None:
    event["records"][_lists(event)[0][0]] = []


def _another_list(event: Any) -> None:
    name, records = _lists(event)[0]
    event["records"] = {f"{name.rpartition('-')[0]}-77": records}


def _a_list_without_partition(event: Any) -> None:
    event["records"] = {"orders": _lists(event)[0][1]}


def _another_topic(event: Any) -> None:
    copy = {**_first(event), "topic": "users"}
    event["records"]["users-0"] = [{**copy, "partition": 0}]


def _backwards(event: Any) -> None:
    for _, records in _lists(event):
        records.reverse()


def _one_offset_twice(event: Any) -> None:
    for _, records in _lists(event):
        for record in records[1:]:
            record["offset"] = records[0]["offset"]


def _text_for_partition(event: Any) -> None:
    _first(event)["partition"] = str(_first(event)["partition"])


def _text_for_offset(event: Any) -> None:
    _first(event)["offset"] = str(_first(event)["offset"])


def _no_base64(event: Any) -> None:
    for _, records in _lists(event):
        for record in records:
            if "value" in record:
                record["value"] = "{not base64}"


def _no_base64_key(event: Any) -> None:
    for _, records in _lists(event):
        for record in records:
            if "key" in record:
                record["key"] = "!"


def _null_key(event: Any) -> None:
    _first(event)["key"] = None


def _unsigned_bytes(event: Any) -> None:
    _first(event)["headers"] = [{"trace": [255]}]


def _no_byte(event: Any) -> None:
    _first(event)["headers"] = [{"trace": [256]}]


def _two_headers_in_one(event: Any) -> None:
    _first(event)["headers"] = [{"one": [1], "two": [2]}]


def _no_header(event: Any) -> None:
    _first(event)["headers"] = [{}]


def _metadata_of_nothing(event: Any) -> None:
    _first(event).pop("value", None)
    _first(event)["valueSchemaMetadata"] = AVRO


def _a_number_as_schema(event: Any) -> None:
    _first(event)["valueSchemaMetadata"] = {"schemaId": 7, "dataFormat": "AVRO"}


def _a_time_for_nothing(event: Any) -> None:
    timed = _first(event)["timestampType"] != "NO_TIMESTAMP_TYPE"
    _first(event)["timestamp"] = -1 if timed else 1_735_689_600_000


def _a_printed_key(event: Any) -> None:
    _first(event)["key"] = "abcDEFghiJKLmnoPQRstuVWXyz1234=="


def _a_printed_host(event: Any) -> None:
    event["bootstrapServers"] = "b-2.demo-cluster-1.a1bcde.c1.kafka.us-east-1.amazonaws.com:9092"


def _a_broker_twice(event: Any) -> None:
    server = event["bootstrapServers"].partition(",")[0]
    event["bootstrapServers"] = f"{server},{server}"


def _blanks(event: Any) -> None:
    event["bootstrapServers"] = event["bootstrapServers"].replace(",", ", ") + ", "


def _an_arn(event: Any) -> None:
    event["eventSourceArn"] = (
        "arn:aws:kafka:us-east-1:123456789012:cluster/orders/1cbf212b-3937-4536-a3b0-c09868d7e5f5-4"
    )


def _a_printed_source(event: Any) -> None:
    event["eventSource"] = "aws:SelfManagedKafka"


OF_RECORDS = {
    "no partition at all": (_nothing, "records"),
    "a partition without records": (_an_empty_partition, "records"),
    "records under another partition": (_another_list, "partition"),
    "records under a topic alone": (_a_list_without_partition, "topic"),
    "two topics": (_another_topic, "topic"),
    "offsets that fall": (_backwards, "offset"),
    "one offset for all": (_one_offset_twice, "offset"),
    "a partition in text": (_text_for_partition, "partition"),
    "an offset in text": (_text_for_offset, "offset"),
    "a value that is no base64": (_no_base64, "value"),
    "a key that is no base64": (_no_base64_key, "key"),
    "a key that is null": (_null_key, "key"),
    "unsigned bytes": (_unsigned_bytes, "headers"),
    "a number that is no byte": (_no_byte, "headers"),
    "two headers in one": (_two_headers_in_one, "headers"),
    "a header without a name": (_no_header, "headers"),
    "the schema of a tombstone": (_metadata_of_nothing, "valueSchemaMetadata"),
    "a schema's number as a number": (_a_number_as_schema, "schemaId"),
    "a timestamp that there is not": (_a_time_for_nothing, "timestamp"),
    "the documentation's key": (_a_printed_key, "key"),
    "the documentation's brokers": (_a_printed_host, "bootstrapServers"),
    "a broker twice": (_a_broker_twice, "bootstrapServers"),
    "blanks between brokers": (_blanks, "bootstrapServers"),
}
MORE = {
    **OF_RECORDS,
    "an ARN": (_an_arn, "eventSourceArn"),
    "the SDKs' eventSource": (_a_printed_source, "eventSource"),
}

EVENTS = {
    "plain": plain,
    "everything": everything,
    "registry": registry,
    "glue": glue,
    "framed": framed,
    "untimed": untimed,
}
OPTIONAL = frozenset(
    (
        "records[*]",  # one of several; the last one, see MORE
        "records[*][*].key",
        "records[*][*].value",  # a tombstone
        "records[*][*].keySchemaMetadata",
        "records[*][*].valueSchemaMetadata",
    )
)
FREE = frozenset(
    (
        "records[*][*].key",  # an empty key; what is no base64, see MORE
        "records[*][*].value",
        "records[*][*].headers[*][*][*]",  # any byte; what is none, see MORE
    )
)
PRINTED = frozenset(
    (
        "records[*][*].partition",
        "records[*][*].key",
        "records[*][*].value",
        "records[*][*].headers",
        "records[*][*].headers[*][*]",
    )
)
DERIVED = frozenset(("records[*][*].topic", "records[*][*].partition"))
