"""SQS's event: the JSON that Lambda hands to the function. The law: field by field and key by key as captured on AWS.

Written as text, because text is what Lambda sends and what its 6 MB count; whoever wants the values parses it, as a
handler's runtime does. Key order is part of the shape. Captures and rules: docs/fidelity.md, "SQS event".
"""

from __future__ import annotations

import base64
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Protocol

from pytest_lambda_events.model.messages import md5_of_attributes, md5_of_body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.model.records import SqsMessage

__all__ = ["Received", "SqsEventShape"]

# a JSON string, quotes included; what is not ASCII stays as it is, as in real events
_quoted: Callable[[str], str] = encode_basestring


class Received(Protocol):
    """A message as one receive handed it out. Times are epoch milliseconds."""

    record: SqsMessage
    receipt_handle: str | None
    receive_count: int
    first_receive_ms: int | None
    dead_letter_source_arn: str | None


class SqsEventShape:
    """What a poller needs to make events of the messages of the queue `arn`.

    `window`: the mapping has a batching window. A record without message attributes then has
    `"md5OfMessageAttributes": null`, and lacks the key without a window (recorded on AWS).
    """

    overhead = len('{"Records":[]}')

    def __init__(self, arn: str, *, window: bool) -> None:
        self._no_attributes = '{},"md5OfMessageAttributes":null' if window else "{}"
        region = _quoted(arn.split(":")[3])
        self._source = f'"eventSource":"aws:sqs","eventSourceARN":{_quoted(arn)},"awsRegion":{region}}}'

    def record_text(self, delivery: Received) -> str:
        """One received message as compact JSON."""
        record = delivery.record
        return (
            f'{{"messageId":"{record.id}","receiptHandle":"{delivery.receipt_handle}","body":{_quoted(record.body)},'
            f'"attributes":{_system_attributes(delivery, record)},'
            f'"messageAttributes":{_message_attributes(record) or self._no_attributes},'
            f'"md5OfBody":"{md5_of_body(record.body)}",{self._source}'
        )

    def event_text(self, record_texts: Sequence[str]) -> str:
        """The event around the records."""
        return f'{{"Records":[{",".join(record_texts)}]}}'


def _system_attributes(delivery: Received, record: SqsMessage) -> str:
    counted = f'"ApproximateReceiveCount":"{delivery.receive_count}",'
    if delivery.dead_letter_source_arn is not None:
        counted = f'"DeadLetterQueueSourceArn":{_quoted(delivery.dead_letter_source_arn)},{counted}'
    if record.trace_header is not None:
        counted += f'"AWSTraceHeader":{_quoted(record.trace_header)},'
    fifo, deduplication = "", ""
    if record.sequence_number is not None:
        fifo = f'"SequenceNumber":"{record.sequence_number}",'
    if record.message_group_id is not None:
        fifo += f'"MessageGroupId":{_quoted(record.message_group_id)},'
    if record.message_deduplication_id is not None:
        deduplication = f'"MessageDeduplicationId":{_quoted(record.message_deduplication_id)},'
    return (
        f'{{{counted}"SentTimestamp":"{record.sent_timestamp}",{fifo}"SenderId":{_quoted(record.sender_id)},'
        f'{deduplication}"ApproximateFirstReceiveTimestamp":"{delivery.first_receive_ms}"}}'
    )


def _message_attributes(record: SqsMessage) -> str:
    """The attributes and their md5; an empty text when there are none."""
    if not record.message_attributes:
        return ""
    shown = ",".join(f"{_quoted(name)}:{_attribute(value)}" for name, value in record.message_attributes.items())
    return f'{{{shown}}},"md5OfMessageAttributes":"{md5_of_attributes(record.message_attributes)}"'


def _attribute(value: Mapping[str, Any]) -> str:
    """One attribute: one of the two values, and both lists, always empty because SQS does not implement them."""
    data_type: str = value["DataType"]
    if data_type.startswith("Binary"):
        shown = f'"binaryValue":"{base64.b64encode(value["BinaryValue"]).decode("ascii")}"'
    else:
        shown = f'"stringValue":{_quoted(value["StringValue"])}'
    return f'{{{shown},"stringListValues":[],"binaryListValues":[],"dataType":{_quoted(data_type)}}}'
