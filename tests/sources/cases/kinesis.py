"""How Kinesis events may vary."""

from __future__ import annotations

import base64
from typing import Any

from pytest_lambda_events.events import kinesis_event
from pytest_lambda_events.model.aggregated import MAGIC
from pytest_lambda_events.model.sequence_numbers import KinesisNumber


def plain() -> Any:
    """Three records, the second of them no text."""
    return kinesis_event({"click": 1}, b"\x00\xff", "é", time="2025-01-01T00:00:00.25Z")


def everything() -> Any:
    """All that an argument can change, without a window."""
    return kinesis_event(
        {"click": 1},
        "",
        stream="arn:aws-cn:kinesis:cn-north-1:210987654321:stream/clicks.v2",
        consumer="reports",
        role="service-role/reports/reader",
        shard="shardId-000000000023",
        partition_key="Zoë: 1",
        explicit_hash_key="0",
        time="2025-01-01T00:00:00Z",
    )


def aggregated() -> Any:
    """The KPL packed three records into one."""
    return kinesis_event(
        {"click": 1},
        {"click": 2},
        "é",
        aggregate=True,
        partition_key=lambda number: "aba"[number],
        time="2025-01-01T00:00:00.999Z",
    )


def windowed() -> Any:
    """An invocation within a tumbling window."""
    return kinesis_event(
        {"click": 3}, {"click": 4}, window=30, state={"total": 7, "by": {"a": [1, True]}}, time="2025-01-01T00:00:31Z"
    )


def final() -> Any:
    """The last invocation for a window."""
    return kinesis_event(window=30, is_final=True, state={"total": 14}, time="2025-01-01T00:00:31Z")


def terminated() -> Any:
    """The last invocation for a window that ended before its time."""
    return kinesis_event(
        window=900, terminated_early=True, state={"total": 1}, consumer="reports", time="2025-01-01T00:00:31Z"
    )


def _numbered(event: Any, place: int, **changes: int) -> None:
    """Give a record another sequence number, and the eventID that goes with it."""
    records = event["Records"]
    if place < len(records):
        record = records[place]
        found = KinesisNumber.read(record["kinesis"]["sequenceNumber"])
        assert found is not None
        said = {"created_s": found.created_s, "shard": found.shard, "index": found.index, "second": found.second}
        _renumber(record, KinesisNumber(**{name: value + changes.get(name, 0) for name, value in said.items()}).text)


def _renumber(record: Any, text: str) -> None:
    shard_id = record["eventID"].partition(":")[0]
    record["kinesis"]["sequenceNumber"] = text
    record["eventID"] = f"{shard_id}:{text}"


def _renumber_first(event: Any, text: str) -> None:
    if event["Records"]:
        _renumber(event["Records"][0], text)


def _shuffle(event: Any) -> None:
    event["Records"].reverse()


def _same_number(event: Any) -> None:
    records = event["Records"]
    if len(records) > 1:
        _renumber(records[1], records[0]["kinesis"]["sequenceNumber"])


def _other_second(event: Any) -> None:
    _numbered(event, 0, second=2)


def _old_second(event: Any) -> None:
    _numbered(event, 0, second=-6)


def _other_shard(event: Any) -> None:
    _numbered(event, 0, shard=1)


def _before_its_shard(event: Any) -> None:
    _numbered(event, 0, created_s=86_400 * 1_000)


def _older_version(event: Any) -> None:
    if event["Records"]:
        _renumber_first(event, str(int(event["Records"][0]["kinesis"]["sequenceNumber"]) - 1))


def _half_a_shard(event: Any) -> None:
    if event["Records"]:  # the index of the shard stands in two places of a number
        _renumber_first(event, str(int(event["Records"][0]["kinesis"]["sequenceNumber"]) ^ 1 << 4))


def _sample(event: Any) -> None:
    _renumber_first(event, "49545115243490985018280067714973144582180062593244200961")


def _short(event: Any) -> None:
    _renumber_first(event, "12345")


def _two_shards(event: Any) -> None:
    if len(event["Records"]) > 1:
        event["Records"][1]["eventID"] = event["Records"][1]["eventID"].replace("shardId-0", "shardId-1")


def _two_streams(event: Any) -> None:
    if len(event["Records"]) > 1:
        event["Records"][1]["eventSourceARN"] += "x"


def _two_functions(event: Any) -> None:
    if len(event["Records"]) > 1:
        event["Records"][1]["invokeIdentityArn"] += "x"


def _late_arrival(event: Any) -> None:
    if event["Records"]:
        event["Records"][0]["kinesis"]["approximateArrivalTimestamp"] += 7


def _microseconds(event: Any) -> None:
    if event["Records"]:
        event["Records"][0]["kinesis"]["approximateArrivalTimestamp"] += 0.0001


def _milliseconds(event: Any) -> None:
    if event["Records"]:
        event["Records"][0]["kinesis"]["approximateArrivalTimestamp"] *= 1000


def _no_base64(event: Any) -> None:
    if event["Records"]:
        event["Records"][0]["kinesis"]["data"] = "é" + event["Records"][0]["kinesis"]["data"]


def _no_key(event: Any) -> None:
    if event["Records"]:
        event["Records"][0]["kinesis"]["partitionKey"] = ""


def _wrong_sum(event: Any) -> None:
    for record in event["Records"]:
        data = base64.b64decode(record["kinesis"]["data"])
        if data.startswith(MAGIC):
            record["kinesis"]["data"] = base64.b64encode(data[:-1] + bytes([data[-1] ^ 1])).decode("ascii")


def _encryption(event: Any) -> None:
    if event["Records"]:
        event["Records"][0]["kinesis"]["encryptionType"] = "NONE"


def _other_region(event: Any) -> None:
    if event["Records"]:
        event["Records"][0]["awsRegion"] = "eu-west-1"


def _window_of_another_shard(event: Any) -> None:
    if "shardId" in event and event["Records"]:
        event["shardId"] = "shardId-000000000001"


def _window_of_another_stream(event: Any) -> None:
    if "shardId" in event and event["Records"]:
        event["eventSourceARN"] += "x"


def _window(event: Any, start: str, end: str) -> None:
    if "window" in event:
        event["window"] = {"start": start, "end": end}


def _misaligned(event: Any) -> None:
    _window(event, "2025-01-01T00:00:20Z", "2025-01-01T00:00:50Z")


def _backwards(event: Any) -> None:
    _window(event, "2025-01-01T00:00:30Z", "2025-01-01T00:00:00Z")


def _too_long(event: Any) -> None:
    _window(event, "2025-01-01T00:00:00Z", "2025-01-01T00:15:01Z")


def _with_milliseconds(event: Any) -> None:
    _window(event, "2025-01-01T00:00:30.000Z", "2025-01-01T00:01:00Z")


def _before_the_records(event: Any) -> None:
    if event["Records"]:
        _window(event, "2025-01-01T00:00:00Z", "2025-01-01T00:00:30Z")


def _final_with_records(event: Any) -> None:
    if "window" in event and event["Records"]:
        event["isFinalInvokeForWindow"] = True


def _early_and_not_final(event: Any) -> None:
    if "window" in event:
        event["isWindowTerminatedEarly"] = True
        event["isFinalInvokeForWindow"] = False


MORE = {
    "shuffled records": (_shuffle, "sequenceNumber"),
    "one number twice": (_same_number, "sequenceNumber"),
    "a number of a later second": (_other_second, "sequenceNumber"),
    "a number of six seconds before": (_old_second, "sequenceNumber"),
    "a number of another shard": (_other_shard, "eventID"),
    "a number from before its shard": (_before_its_shard, "sequenceNumber"),
    "a number of an older version": (_older_version, "sequenceNumber"),
    "a number of two shards": (_half_a_shard, "sequenceNumber"),
    "a documentation sample's number": (_sample, "sequenceNumber"),
    "a number that is none": (_short, "sequenceNumber"),
    "records of two shards": (_two_shards, "eventID"),
    "records of two streams": (_two_streams, "eventSourceARN"),
    "records for two functions": (_two_functions, "invokeIdentityArn"),
    "a late arrival": (_late_arrival, "approximateArrivalTimestamp"),
    "an arrival with microseconds": (_microseconds, "approximateArrivalTimestamp"),
    "an arrival in milliseconds": (_milliseconds, "approximateArrivalTimestamp"),
    "data that is not base64": (_no_base64, "data"),
    "no partition key": (_no_key, "partitionKey"),
    "a KPL record with another sum": (_wrong_sum, "data"),
    "an encryption type": (_encryption, "encryptionType"),
    "another region than the ARN's": (_other_region, "awsRegion"),
    "a window of another shard": (_window_of_another_shard, "shardId"),
    "a window of another stream": (_window_of_another_stream, "eventSourceARN"),
    "a window that is not aligned": (_misaligned, "start"),
    "a window that ends before it starts": (_backwards, "end"),
    "a window of more than 15 minutes": (_too_long, "end"),
    "a window with milliseconds": (_with_milliseconds, "start"),
    "a window before its records": (_before_the_records, "end"),
    "a final invocation with records": (_final_with_records, "Records"),
    "an early end that is no end": (_early_and_not_final, "isFinalInvokeForWindow"),
}

EVENTS = {
    "plain": plain,
    "everything": everything,
    "aggregated": aggregated,
    "windowed": windowed,
    "final": final,
    "terminated": terminated,
}
OPTIONAL = frozenset(("state[*]",))
ANYTHING = frozenset(("state[*]",))
FREE = frozenset(
    (
        "Records[*].kinesis.partitionKey",  # what is none of 1 to 256 characters is in MORE
        "Records[*].kinesis.data",  # what is not base64 is in MORE
    )
)
DERIVED = frozenset(
    ("Records[*].kinesis.sequenceNumber", "Records[*].eventID", "Records[*].awsRegion", "window.start", "window.end")
)
