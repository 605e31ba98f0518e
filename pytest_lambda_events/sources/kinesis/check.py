"""Is this a Kinesis event as Lambda sends it? The law: the shape declared as a table, what is derived taken apart.

Shape and rules: docs/sources/kinesis.md.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.aggregated import MAGIC, deaggregated
from pytest_lambda_events.model.kinesis_record import shard_index_of
from pytest_lambda_events.model.looking import decoded, text_at, value_at
from pytest_lambda_events.model.regions import check_region
from pytest_lambda_events.model.sequence_numbers import KinesisNumber
from pytest_lambda_events.model.shapes import NUMBER, STRING, Arn, Base64, Constant, Fields, ListOf, Text
from pytest_lambda_events.model.windows import check_window, window_shapes

if TYPE_CHECKING:
    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path

__all__ = ["ROLE", "STREAM", "check"]

STREAM: Final = Arn(
    "kinesis",
    re.compile(r"stream/[A-Za-z0-9_.-]{1,128}(?:/consumer/[A-Za-z0-9_.-]{1,128}:[0-9]+)?"),
    "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
)
"""A stream, or a consumer of it with enhanced fan-out. API Reference, CreateStream and ConsumerDescription."""

ROLE: Final = Arn(
    "iam",
    re.compile(r"role/(?:[!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}"),
    "arn:aws:iam::123456789012:role/lambda-role",
)
"""IAM User Guide, "IAM and AWS STS quotas, name requirements"."""

_SHARD: Final = Text(re.compile(r"shardId-[0-9]{12}"), "a shard's id such as shardId-000000000000")

RECORD: Final = Fields(
    always={
        "kinesis": Fields(
            always={
                "kinesisSchemaVersion": Constant(("1.0",)),
                "partitionKey": Text(re.compile(r"(?s:.{1,256})"), "1 to 256 characters"),
                "sequenceNumber": STRING,
                "data": Base64(),
                "approximateArrivalTimestamp": NUMBER,
            }
        ),
        "eventSource": Constant(("aws:kinesis",)),
        "eventVersion": Constant(("1.0",)),
        "eventID": Text(
            re.compile(r"shardId-[0-9]{12}:[0-9]{56}"), "shard id and sequenceNumber, with a colon between"
        ),
        "eventName": Constant(("aws:kinesis:record",)),
        "invokeIdentityArn": ROLE,
        "awsRegion": STRING,
        "eventSourceARN": STREAM,
    }
)
EVENT: Final = Fields(always={"Records": ListOf(RECORD)}, sometimes=window_shapes(_SHARD, STREAM))

# sequence numbers that documentation, SDKs and sample generators print
_PRINTED: Final = frozenset(
    (
        "49590338271490256608559692538361571095921575989136588898",
        "49590338271490256608559692540925702759324208523137515618",
        "49545115243490985018280067714973144582180062593244200961",
        "49568167373333333333333333333333333333333333333333333333",
        "49568167373333333334444444444444444444444444444444444444",
    )
)
_LONGEST_LAG_S: Final = 5  # recorded: up to 3 s between a sequence number's second and the arrival
_LAST_S: Final = 1 << 36
_FORM: Final = (
    "in hexadecimal 2, shard's creation second (9 digits), shard (1), index (16), 00, second (9), shard (8), 2"
)


def check(event: Any, report: Report) -> None:
    """Say what is wrong with an event of Kinesis."""
    EVENT.check(event, (), report)
    check_window(event, report, arrival_ms=_arrival_ms)
    records = value_at(event, "Records")
    if not isinstance(records, list):
        return
    for place, record in enumerate(records):
        path: Path = ("Records", place)
        if isinstance(record, dict):
            _check_payload(record, path, report)
            _check_number(record, path, report)
            check_region(record, path, report, arn_key="eventSourceARN")
    _check_order(records, report)
    _check_alike(records, report)
    _check_shard(event, records, report)


def _check_payload(record: dict[str, Any], path: Path, report: Report) -> None:
    data = decoded(text_at(record, "kinesis", "data"))
    if data is not None and data.startswith(MAGIC) and deaggregated(data) is None:
        expected = "an aggregated record of the KPL, which it begins like: a protobuf message and its MD5"
        report.note((*path, "kinesis", "data"), record["kinesis"]["data"], expected)


def _check_number(record: dict[str, Any], path: Path, report: Report) -> None:
    """The sequence number by itself, and with what is derived from the same shard and moment."""
    _check_arrival(record, path, report)
    text = text_at(record, "kinesis", "sequenceNumber")
    if text is None:
        return
    where = (*path, "kinesis", "sequenceNumber")
    if text in _PRINTED:
        report.note(where, text, "a number of its own: this one is a documentation sample's")
    event_id = text_at(record, "eventID")
    shard_id, _, in_id = (event_id or "").partition(":")
    if event_id is not None and in_id != text:
        report.note((*path, "eventID"), event_id, f'"{shard_id}:{text}", with the sequenceNumber')
    number = KinesisNumber.read(text)
    if number is None:
        report.note(where, text, f"a sequence number of 56 digits: {_FORM}")
        return
    index = shard_index_of(shard_id)
    if index is not None and index != number.shard:
        report.note((*path, "eventID"), event_id, f"shard {number.shard}, which sequenceNumber says")
    if number.created_s > number.second:
        report.note(where, text, f"second {number.second} no earlier than {number.created_s}, when its shard was made")
    arrival_ms = _arrival_ms(record)
    if arrival_ms is not None and not 0 <= arrival_ms - number.second * 1000 <= _LONGEST_LAG_S * 1000:
        arrival = record["kinesis"]["approximateArrivalTimestamp"]
        expected = f"a second up to {_LONGEST_LAG_S} before approximateArrivalTimestamp {arrival}, not {number.second}"
        report.note(where, text, expected)


def _check_arrival(record: dict[str, Any], path: Path, report: Report) -> None:
    found = value_at(record, "kinesis", "approximateArrivalTimestamp")
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        moment = _arrival_ms(record)
        if moment is None or moment / 1000 != found:
            where = (*path, "kinesis", "approximateArrivalTimestamp")
            report.note(where, found, "epoch seconds, with milliseconds behind the point")


def _arrival_ms(record: Any) -> int | None:
    """When a record arrived, in epoch milliseconds; None where it does not say so."""
    found = value_at(record, "kinesis", "approximateArrivalTimestamp")
    # the comparison is false for what is not a number, too
    sound = isinstance(found, (int, float)) and not isinstance(found, bool) and 0 <= found < _LAST_S
    return round(found * 1000) if sound else None


def _check_order(records: list[Any], report: Report) -> None:
    last = 0
    for place, record in enumerate(records):
        text = text_at(record, "kinesis", "sequenceNumber")
        if text is None or KinesisNumber.read(text) is None:
            continue
        if int(text) <= last:
            report.note(("Records", place, "kinesis", "sequenceNumber"), text, f"more than {last}, the one before it")
        last = int(text)


def _check_alike(records: list[Any], report: Report) -> None:
    """A batch is of one shard, for one function."""
    for key in ("eventID", "invokeIdentityArn", "eventSourceARN"):
        first: str | None = None
        for place, record in enumerate(records):
            text = text_at(record, key)
            shared = text.partition(":")[0] if text is not None and key == "eventID" else text
            if shared is None:
                continue
            if first is not None and shared != first:
                report.note(("Records", place, key), text, f'"{first}", as in the records before it')
            first = first or shared


def _check_shard(event: dict[str, Any], records: list[Any], report: Report) -> None:
    """The shard of a tumbling window is that of its records."""
    shard_id, event_id = text_at(event, "shardId"), text_at(records, 0, "eventID")
    if shard_id is not None and event_id is not None and shard_id != event_id.partition(":")[0]:
        report.note(("shardId",), shard_id, f'"{event_id.partition(":")[0]}", the shard in eventID')
