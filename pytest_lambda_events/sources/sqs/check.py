"""Is this an SQS event as Lambda sends it? The law: the shape declared as a table, what is derived computed again.

Shape and rules: docs/fidelity.md, "SQS event".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.looking import decoded, integer_at, text_at, value_at
from pytest_lambda_events.model.messages import md5_of_attributes, md5_of_body
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.model.regions import check_region
from pytest_lambda_events.model.shapes import STRING, Arn, Base64, Constant, Fields, ListOf, MapOf, Nullable, Text
from pytest_lambda_events.model.unlike import check_distinct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path
    from pytest_lambda_events.model.shapes import Shape

__all__ = ["FIFO_RECORD", "check", "check_records", "sum_of"]

HANDLE_BLOCK: Final = 16
_HANDLE_PREFIX: Final = b"\x01\x01\x01"

ARN: Final = Arn("sqs", re.compile(r"[\w-]{1,80}(?:\.fifo)?"), "arn:aws:sqs:us-east-1:123456789012:orders")
_COUNT: Final = Text(re.compile(r"[1-9]\d*"), "a count from 1, as a string", "error")
_MOMENT: Final = Text(re.compile(r"\d{13}"), "epoch milliseconds, as a string of 13 digits", "error")
_MD5: Final = Text(re.compile(r"[0-9a-f]{32}"), "an MD5 in 32 lower-case hex digits")
_SENDER: Final = Text(
    re.compile(r"A(?:IDA|ROA)[A-Z2-7]{17}(?::.+)?|\d{12}"), "an id of IAM (AIDA…, AROA…:session) or of an account"
)
_TRACE: Final = Text(
    re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01](?:;Lineage=[^;]+)?"),
    "an X-Ray header, Root=1-8 hex-24 hex;Parent=16 hex;Sampled=0 or 1",
)

ATTRIBUTES: Final[Mapping[str, Shape]] = {
    "ApproximateReceiveCount": _COUNT,
    "SentTimestamp": _MOMENT,
    "SenderId": _SENDER,
    "ApproximateFirstReceiveTimestamp": _MOMENT,
}
"""System attributes of every message."""

_MESSAGE_ATTRIBUTE: Final = Fields(
    always={"dataType": Text(re.compile(r"(?:String|Number|Binary)(?:\..+)?"), "String, Number or Binary", "error")},
    expected={"stringListValues": ListOf(STRING), "binaryListValues": ListOf(STRING)},
    sometimes={"stringValue": STRING, "binaryValue": Base64()},
)


def _record(attributes: Fields) -> Fields:
    return Fields(
        always={
            "messageId": Text(
                re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
                "a version 4 UUID in lower case",
            ),
            "receiptHandle": Base64("note", "a receipt handle: base64 of 01 01 01 and blocks of 16 bytes"),
            "body": STRING,
            "attributes": attributes,
            "messageAttributes": MapOf(_MESSAGE_ATTRIBUTE),
            "md5OfBody": _MD5,
            "eventSource": Constant(("aws:sqs",)),
            "eventSourceARN": ARN,
            "awsRegion": STRING,
        },
        sometimes={"md5OfMessageAttributes": Nullable(_MD5)},
    )


RECORD = _record(
    Fields(
        always=ATTRIBUTES,
        sometimes={"AWSTraceHeader": _TRACE, "DeadLetterQueueSourceArn": ARN, "MessageGroupId": STRING},
    )
)
FIFO_RECORD = _record(
    Fields(
        always={
            **ATTRIBUTES,
            "SequenceNumber": Text(re.compile(r"\d{20}"), "20 digits"),
            "MessageGroupId": Text(re.compile(r"[!-~]{1,128}"), "1 to 128 letters, digits and punctuation"),
            "MessageDeduplicationId": Text(re.compile(r"[!-~]{1,128}"), "1 to 128 letters, digits and punctuation"),
        },
        sometimes={"AWSTraceHeader": _TRACE, "DeadLetterQueueSourceArn": ARN},
    )
)
EVENT = Fields(always={"Records": ListOf(RECORD, least=1)})

# the ids that AWS's documentation and SDKs print
_PRINTED_IDS = frozenset(
    (
        "059f36b4-87a3-44ab-83d2-661975830a7d",
        "2e1424d4-f796-459a-8184-9c92662be6da",
        "11d6ee51-4cc7-4302-9e22-7cd8afdaadf5",
        "19dd0b57-b21e-4ac1-bd88-01bbb068cb78",
    )
)


def check(event: Any, report: Report) -> None:
    """Say what is wrong with an event of a standard queue."""
    EVENT.check(event, (), report)
    check_records(event, report)


def check_records(event: Any, report: Report) -> None:
    """The rules of a message that hold between its fields, for queues of both kinds."""
    records = value_at(event, "Records")
    if not isinstance(records, list):
        return
    for number, record in enumerate(records):
        path = ("Records", number)
        if isinstance(record, dict):
            _check_identity(record, path, report)
            _check_sums(record, path, report)
            _check_times(record, path, report)
            check_region(record, path, report, arn_key="eventSourceARN")
    check_distinct(records, ("messageId",), ("Records",), report)
    check_distinct(records, ("receiptHandle",), ("Records",), report)


def _check_identity(record: dict[str, Any], path: Path, report: Report) -> None:
    if text_at(record, "messageId") in _PRINTED_IDS:
        report.note((*path, "messageId"), record["messageId"], "an id of its own: this one is a documentation sample's")
    raw = decoded(text_at(record, "receiptHandle"))
    if raw is not None and (raw[:3] != _HANDLE_PREFIX or len(raw) % HANDLE_BLOCK != len(_HANDLE_PREFIX)):
        expected = "a receipt handle: base64 of 01 01 01 and blocks of 16 bytes"
        report.note((*path, "receiptHandle"), record["receiptHandle"], expected)


def _check_sums(record: dict[str, Any], path: Path, report: Report) -> None:
    body = text_at(record, "body")
    if body == "":
        report.note((*path, "body"), body, "at least one character: SQS takes no empty body")
    if body is not None and isinstance(record.get("md5OfBody"), str):
        _compare(record["md5OfBody"], md5_of_body(body), "the MD5 of body", (*path, "md5OfBody"), report)
    attributes = record.get("messageAttributes")
    if not isinstance(attributes, dict):
        return
    if not attributes:
        if record.get("md5OfMessageAttributes") is not None:
            found = record["md5OfMessageAttributes"]
            report.note((*path, "md5OfMessageAttributes"), found, "null or no such key: there are no messageAttributes")
        return
    sound = True
    for name, attribute in attributes.items():
        sound &= _check_attribute(attribute, (*path, "messageAttributes", name), report)
    if sound:
        found = record.get("md5OfMessageAttributes", ABSENT)
        _compare(found, sum_of(attributes), "the MD5 of messageAttributes", (*path, "md5OfMessageAttributes"), report)


def _check_attribute(attribute: Any, path: Path, report: Report) -> bool:
    """One attribute; whether it can be summed up."""
    kind = (text_at(attribute, "dataType") or "").partition(".")[0]
    wanted, other = ("binaryValue", "stringValue") if kind == "Binary" else ("stringValue", "binaryValue")
    if kind not in ("String", "Number", "Binary"):
        return False
    if other in attribute:
        report.note((*path, other), attribute[other], f"no such key: a {kind} has {wanted}")
    if wanted not in attribute:
        report.error((*path, wanted), ABSENT, f"the value of a {kind}")
    for name in ("stringListValues", "binaryListValues"):
        if attribute.get(name):
            report.note((*path, name), attribute[name], "an empty list: SQS implements no list values")
    content = text_at(attribute, wanted)
    return content is not None and (kind != "Binary" or decoded(content) is not None)


def sum_of(attributes: Mapping[str, Any]) -> str:
    """The MD5 of message attributes in the event's form, which are sound."""
    plain = {}
    for name, attribute in attributes.items():
        kind = attribute["dataType"]
        if kind.startswith("Binary"):
            plain[name] = {"DataType": kind, "BinaryValue": decoded(attribute["binaryValue"])}
        else:
            plain[name] = {"DataType": kind, "StringValue": attribute["stringValue"]}
    return md5_of_attributes(plain)


def _compare(found: Any, value: str, meaning: str, path: Path, report: Report) -> None:
    if found != value:
        report.note(path, found, f'"{value}", {meaning}')


def _check_times(record: dict[str, Any], path: Path, report: Report) -> None:
    sent = integer_at(record, "attributes", "SentTimestamp")
    first = integer_at(record, "attributes", "ApproximateFirstReceiveTimestamp")
    if sent is not None and first is not None and first < sent:
        where = (*path, "attributes", "ApproximateFirstReceiveTimestamp")
        report.note(where, str(first), f"{sent} or later: nothing is received before its SentTimestamp")
    source = text_at(record, "attributes", "DeadLetterQueueSourceArn")
    if source is not None and integer_at(record, "attributes", "ApproximateReceiveCount") == 1:
        where = (*path, "attributes", "ApproximateReceiveCount")
        report.note(where, "1", "2 or more: it was received before DeadLetterQueueSourceArn gave it up")
    if source is not None and source == text_at(record, "eventSourceARN"):
        where = (*path, "attributes", "DeadLetterQueueSourceArn")
        report.note(where, source, "another queue than eventSourceARN")
