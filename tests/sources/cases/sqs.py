"""How events of standard SQS queues may vary."""

from __future__ import annotations

from typing import Any

from pytest_lambda_events.events import sqs_event

ATTRIBUTES = {"name": "Zoë", "count": 7, "raw": b"\x00\xff", "typed": {"DataType": "Number.int", "StringValue": "12"}}
HEADER = "Root=1-67749f80-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1"


def plain() -> Any:
    """Two orders."""
    return sqs_event({"order": 1}, "text", time="2025-01-01T00:00:00Z")


def everything() -> Any:
    """All that may stand beside a message."""
    return sqs_event(
        {"order": 1},
        "é",
        queue="arn:aws:sqs:eu-west-1:210987654321:orders-dlq",
        dead_letter_source_arn="arn:aws:sqs:eu-west-1:210987654321:orders",
        message_attributes=ATTRIBUTES,
        message_group_id="tenant",
        sender_id="AROAYYB64AB3LSVUYFP5T:session",
        trace_header=HEADER,
        time="2025-01-01T00:00:00Z",
    )


def windowed() -> Any:
    """The mapping has a batching window."""
    return sqs_event("a", window=True, time="2025-01-01T00:00:00Z")


def _swap_handles(event: Any) -> None:
    records = event["Records"]
    if len(records) > 1:
        records[1]["receiptHandle"] = records[0]["receiptHandle"]


def _same_id(event: Any) -> None:
    records = event["Records"]
    if len(records) > 1:
        records[1]["messageId"] = records[0]["messageId"]


def _received_before_it_was_sent(event: Any) -> None:
    event["Records"][0]["attributes"]["ApproximateFirstReceiveTimestamp"] = "1735689599999"


def _another_region(event: Any) -> None:
    event["Records"][0]["awsRegion"] = "us-west-1"


def _shouting_sum(event: Any) -> None:
    event["Records"][0]["md5OfBody"] = event["Records"][0]["md5OfBody"].upper()


def _a_sample(event: Any) -> None:
    event["Records"][0]["messageId"] = "059f36b4-87a3-44ab-83d2-661975830a7d"


def _no_sum(event: Any) -> None:
    for record in event["Records"]:
        if record["messageAttributes"]:
            del record["md5OfMessageAttributes"]


MORE = {
    "attributes without their sum": (_no_sum, "md5OfMessageAttributes"),
    "two records with one handle": (_swap_handles, "receiptHandle"),
    "two records with one id": (_same_id, "messageId"),
    "a receive before the sending": (_received_before_it_was_sent, "ApproximateFirstReceiveTimestamp"),
    "another region than the ARN's": (_another_region, "awsRegion"),
    "an upper-case sum": (_shouting_sum, "md5OfBody"),
    "the documentation's message": (_a_sample, "messageId"),
}

EVENTS = {"plain": plain, "everything": everything, "windowed": windowed}
OPTIONAL = frozenset(
    (
        "Records[*].attributes.AWSTraceHeader",
        "Records[*].attributes.DeadLetterQueueSourceArn",
        "Records[*].md5OfMessageAttributes",  # without attributes; with them, see MORE
        "Records[*].attributes.MessageGroupId",
    )
)
FREE = frozenset(("Records[*].attributes.MessageGroupId",))
NULL = frozenset(("Records[*].md5OfMessageAttributes",))
PRINTED = frozenset(
    (
        "Records[*].messageAttributes[*]",
        "Records[*].messageAttributes[*].stringListValues",
        "Records[*].messageAttributes[*].binaryListValues",
        "Records[*].md5OfMessageAttributes",
    )
)
DERIVED = frozenset(("Records[*].md5OfBody", "Records[*].md5OfMessageAttributes", "Records[*].awsRegion"))
