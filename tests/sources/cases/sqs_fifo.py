"""How events of FIFO queues may vary."""

from __future__ import annotations

from typing import Any

from pytest_lambda_events.events import sqs_fifo_event


def plain() -> Any:
    """Three messages in two groups."""
    return sqs_fifo_event(
        {"order": 1}, "text", "more", message_group_id=lambda n: "aba"[n], time="2025-01-01T00:00:00Z"
    )


def everything() -> Any:
    """All that may stand beside a message."""
    return sqs_fifo_event(
        {"order": 1},
        queue="arn:aws:sqs:eu-west-1:210987654321:orders-dlq.fifo",
        dead_letter_source_arn="arn:aws:sqs:eu-west-1:210987654321:orders.fifo",
        message_attributes={"name": "Zoë", "count": 7, "raw": b"\x00\xff"},
        message_deduplication_id="once",
        sender_id="210987654321",
        trace_header="Root=1-67749f80-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1",
        time="2025-01-01T00:00:00Z",
    )


def _shuffle(event: Any) -> None:
    records = event["Records"]
    if len(records) > 2:
        first, last = records[0]["attributes"], records[2]["attributes"]
        first["SequenceNumber"], last["SequenceNumber"] = last["SequenceNumber"], first["SequenceNumber"]


def _older_number(event: Any) -> None:
    attributes = event["Records"][0]["attributes"]
    attributes["SequenceNumber"] = str(int(attributes["SequenceNumber"]) - (10**6 << 8))


def _standard_queue(event: Any) -> None:
    record = event["Records"][0]
    record["eventSourceARN"] = record["eventSourceARN"].removesuffix(".fifo")


def _no_sum(event: Any) -> None:
    for record in event["Records"]:
        if record["messageAttributes"]:
            del record["md5OfMessageAttributes"]


MORE = {
    "attributes without their sum": (_no_sum, "md5OfMessageAttributes"),
    "shuffled sequence numbers": (_shuffle, "SequenceNumber"),
    "a sequence number of another second": (_older_number, "SequenceNumber"),
    "the ARN of a standard queue": (_standard_queue, "eventSourceARN"),
}

EVENTS = {"plain": plain, "everything": everything}
OPTIONAL = frozenset(
    (
        "Records[*].attributes.AWSTraceHeader",
        "Records[*].attributes.DeadLetterQueueSourceArn",
        "Records[*].md5OfMessageAttributes",  # without attributes; with them, see MORE
    )
)
FREE = frozenset(("Records[*].attributes.MessageGroupId", "Records[*].attributes.MessageDeduplicationId"))
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
