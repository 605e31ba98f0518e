"""What an SNS topic sends to a queue. The law: the notification as SNS prints it, or with raw delivery the message.

Rules: captures of SNS -> SQS; SNS Developer Guide, "Amazon SNS raw message delivery", "message attributes" and "FIFO
topics". Words marked [?] below were not found in a recording.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import ACCOUNT, REGION, compact, finished, moment_ms
from pytest_lambda_events.envelopes.senders import sender_id
from pytest_lambda_events.envelopes.writing import noise, to_milliseconds
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.delivered import DeliveredText, aside_of
from pytest_lambda_events.model.messages import (
    attributes_from,
    check_deduplication_id,
    check_group_id,
    content_deduplication_id,
    message_size,
)
from pytest_lambda_events.model.records import utf8_text
from pytest_lambda_events.model.refusal import Refusal, said_by
from pytest_lambda_events.model.regions import partition_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

__all__ = ["sns"]

_MAXIMUM_BYTES: Final = 262_144
_LONGEST_SUBJECT: Final = 100
_MOST_RAW_ATTRIBUTES: Final = 10
_SIGNATURE_BYTES: Final = 256
_FIRST_SEQUENCE_NUMBER: Final = 10_000_000_000_000_000_000
_SEQUENCE_STEP: Final = 1_000
_CERTIFICATE: Final = "9c6465fa7f48f5cacd23014631ec1136"
"""The name of the certificate that SNS signs with in every region, as recorded from 2024 on."""

_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo")
_TOPIC_ARN = re.compile(rf"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{{12}}:(?:{_TOPIC.pattern})")
_TYPE = re.compile(r"String\.Array|(?:String|Number|Binary)(?:\..+)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def sns(
    message: Any,
    *,
    topic: str = "orders",
    subject: str | None = None,
    message_attributes: Mapping[str, Any] | None = None,
    message_group_id: str | None = None,
    message_deduplication_id: str | None = None,
    sequence: int = 0,
    raw: bool = False,
    region: str = REGION,
    account: str = ACCOUNT,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> DeliveredText:
    """A message as an SNS topic delivers it to a queue: in its notification, or with raw delivery as it is.

    Args:
        message: What is published: `str` and `bytes` as they are, anything else as compact JSON, or another envelope.
        topic: The topic's name or ARN (an ARN says region and account, too); `.fifo` at the end makes it FIFO.
        subject: The Subject; that of an S3 notification is there by itself.
        message_attributes: Plain values (str, number, bytes, list), or the API's form with DataType.
        message_group_id: The message group, `group-1` on a FIFO topic when left out; else the tenant of a fair queue.
        message_deduplication_id: On a FIFO topic; that of the content when left out.
        sequence: How many messages a FIFO topic took before this one.
        raw: The subscription has RawMessageDelivery: the body is the message, its attributes are the queue's.
        region: The topic's region.
        account: The topic's account, 12 digits.
        seed: Fixes every id: same seed and same message, same notification.
        time: When it was published, ISO 8601 or a datetime; the virtual present when a harness is active.
        overrides: What to put at which path of the notification when all is derived, e.g. `{"Signature": "x"}`.

    With raw delivery a String.Array arrives as the SQS type `String.Array`, its text unchanged: SQS takes any label
    behind `String`. To a FIFO queue the group and deduplication ids of a FIFO topic go along; a standard queue does not
    get them (SNS Developer Guide, "Message grouping for FIFO topics").
    Errors: what AWS answers to Publish, as a `ClientError`; `UsageError` for what does not travel with raw delivery.
    """
    aside = aside_of(message)
    text = utf8_text(message)
    arn = _topic_arn(topic, region, account)
    given = aside.get("message_attributes") if message_attributes is None else message_attributes
    attributes = _attributes_from(given or {})
    if raw:
        _check_raw(subject, attributes, overrides)
    elif subject is None:
        subject = aside.get("subject")
    fifo = arn.endswith(".fifo")
    with said_by("Publish"):
        _check(text, subject, attributes)
        ids = _fifo_ids(text, message_group_id, message_deduplication_id, fifo=fifo)
    home = arn.split(":")[3]
    sender = sender_id("sns_fifo" if fifo else "sns", home)
    if raw:
        return DeliveredText(text, sender_id=sender, message_attributes=attributes or None, **ids)
    sent_ms = moment_ms(time)
    notification = _notification(
        text,
        arn=arn,
        subject=subject,
        attributes=attributes,
        sequence=_sequence_number(sequence) if fifo else None,
        sent_ms=sent_ms,
        identifiers=Identifiers(seed),
    )
    return DeliveredText(_printed(finished(notification, overrides)), sender_id=sender, **ids)


def _topic_arn(topic: str, region: str, account: str) -> str:
    """The ARN of a topic that is given by name or ARN. Errors: `UsageError`."""
    if _TOPIC_ARN.fullmatch(topic):
        return topic
    if topic.startswith("arn:") or not _TOPIC.fullmatch(topic):
        raise UsageError(
            f"topic={topic!r} is neither a topic's name (letters, digits, hyphens, underscores, .fifo at the end) nor "
            "its ARN; write orders, orders.fifo or arn:aws:sns:us-east-1:123456789012:orders"
        )
    return f"arn:{partition_of(region)}:sns:{region}:{account}:{topic}"


def _sequence_number(sequence: int) -> str:
    """SequenceNumber of a FIFO topic: 20 digits, in steps of a thousand. Errors: `UsageError` below 0."""
    if sequence < 0:
        raise UsageError(f"sequence={sequence}: it counts the messages that the topic took before, from 0")
    return str(_FIRST_SEQUENCE_NUMBER + _SEQUENCE_STEP * sequence)


def _attributes_from(values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Message attributes in the API's form; a list becomes a String.Array. Errors: `UsageError`."""
    arrays = {
        name: {"DataType": "String.Array", "StringValue": compact(value)} if isinstance(value, (list, tuple)) else value
        for name, value in values.items()
    }
    return attributes_from(arrays)


def _check_raw(subject: str | None, attributes: Mapping[str, Any], overrides: Mapping[str, Any] | None) -> None:
    """What raw delivery would lose. Errors: `UsageError`."""
    if subject is not None:
        raise UsageError(f"raw=True: the subject {subject!r} does not travel; only body and message attributes do")
    if overrides:
        raise UsageError("raw=True: there is no notification whose fields overrides= could replace; change the message")
    if len(attributes) > _MOST_RAW_ATTRIBUTES:
        raise UsageError(
            f"raw=True with {len(attributes)} message attributes: SNS discards a raw message with more than "
            f"{_MOST_RAW_ATTRIBUTES}, because SQS would not take it"
        )


def _check(text: str, subject: str | None, attributes: Mapping[str, Mapping[str, Any]]) -> None:
    """What Publish accepts. Errors: `Refusal`."""
    if not text:
        raise Refusal("InvalidParameter", "Invalid parameter: Empty message")
    for name, value in attributes.items():
        data_type = value.get("DataType") or ""
        if _TYPE.fullmatch(data_type) is None:
            raise Refusal(
                "InvalidParameterValue",
                f"The message attribute '{name}' has an invalid message attribute type, the set of supported type "
                "prefixes is Binary, Number, and String.",
            )
        if not value.get("BinaryValue" if data_type.startswith("Binary") else "StringValue"):
            raise Refusal(
                "InvalidParameterValue",
                f"The message attribute '{name}' must contain non-empty message attribute value for message attribute "
                f"type '{data_type}'.",
            )
    size = message_size(text, attributes)
    if size > _MAXIMUM_BYTES:
        raise Refusal(
            "InvalidParameter",
            "Invalid parameter: Message too long",
            f"it has {size} bytes with its attributes, and SNS takes {_MAXIMUM_BYTES}",
        )
    if subject is not None and (not 0 < len(subject) <= _LONGEST_SUBJECT or _CONTROL.search(subject)):
        raise Refusal(
            "InvalidParameter",
            "Invalid parameter: Subject",
            f"a subject has 1 to {_LONGEST_SUBJECT} characters and no line breaks",
        )


def _fifo_ids(text: str, group: str | None, deduplication: str | None, *, fifo: bool) -> dict[str, str]:
    """What goes along to a queue: the ids of a FIFO topic, or the tenant of a fair queue. Errors: `Refusal`."""
    if fifo:
        group = group or "group-1"
        deduplication = deduplication or content_deduplication_id(text)
        check_deduplication_id(deduplication)
    elif deduplication is not None:
        raise Refusal(
            "InvalidParameter",
            "Invalid parameter: The request includes MessageDeduplicationId parameter that is not valid for this "
            "topic type",
            "only FIFO topics remove duplicates: give topic= a name that ends in .fifo",
        )
    ids = {"message_group_id": group, "message_deduplication_id": deduplication}
    if group is not None:
        check_group_id(group)
    return {name: value for name, value in ids.items() if value is not None}


def _notification(
    text: str,
    *,
    arn: str,
    subject: str | None,
    attributes: Mapping[str, Mapping[str, Any]],
    sequence: str | None,
    sent_ms: int,
    identifiers: Identifiers,
) -> dict[str, Any]:
    """The notification's fields in SNS's order; a FIFO topic numbers its messages and does not sign them."""
    purpose = f"sns/{arn}/{sent_ms}/{sequence}/{text}"
    subscription = Identifiers(0).uuid4(f"subscription/{arn}")
    region = arn.split(":")[3]
    host = f"https://sns.{region}.amazonaws.com{'.cn' if partition_of(region) == 'aws-cn' else ''}"
    fields = {
        "Type": "Notification",
        "MessageId": identifiers.request_id(purpose),  # SNS's ids show version 5, as request ids do
        "SequenceNumber": sequence,
        "TopicArn": arn,
        "Subject": subject,
        "Message": text,
        "Timestamp": to_milliseconds(sent_ms),
    }
    if sequence is None:
        fields["SignatureVersion"] = "1"
        fields["Signature"] = noise(identifiers, _SIGNATURE_BYTES, purpose)
        fields["SigningCertURL"] = f"{host}/SimpleNotificationService-{_CERTIFICATE}.pem"
    fields["UnsubscribeURL"] = f"{host}/?Action=Unsubscribe&SubscriptionArn={arn}:{subscription}"
    shown: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
    if attributes:
        shown["MessageAttributes"] = {name: _attribute(value) for name, value in attributes.items()}
    return shown


def _attribute(value: Mapping[str, Any]) -> dict[str, str]:
    data_type: str = value["DataType"]
    if data_type.startswith("Binary"):
        return {"Type": data_type, "Value": b64encode(value["BinaryValue"]).decode("ascii")}
    return {"Type": data_type, "Value": value["StringValue"]}


def _printed(notification: Mapping[str, Any]) -> str:
    """The notification as SNS prints it: two blanks of indentation, ` : `, an attribute on one line without blanks."""
    lines = [f"  {json.dumps(name)} : {_field(value)}" for name, value in notification.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def _field(value: Any) -> str:
    if not isinstance(value, dict):
        return compact(value)
    lines = [f"    {compact(name)} : {compact(one)}" for name, one in value.items()]
    return "{\n" + ",\n".join(lines) + "\n  }"
