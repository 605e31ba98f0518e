"""A mapping's filters before any record comes: refused, doubtful, or such that nothing passes. The law: pure.

What records have, by source: Lambda Developer Guide, the example events and "Event filtering" of each source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.filtering.advice import ADVICE
from pytest_lambda_events.filtering.criteria import read_criteria
from pytest_lambda_events.filtering.formats import check_against
from pytest_lambda_events.filtering.pattern import InvalidPattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.filtering.reading import Alternative

__all__ = ["advice_on_filters", "unmatchable", "why_refused"]

_RECORD: Final = frozenset(("awsRegion", "eventSource", "eventSourceARN"))
_STREAM: Final = _RECORD | {"eventID", "eventName", "eventVersion"}
_SQS: Final = _RECORD | {
    "attributes",
    "body",
    "md5OfBody",
    "md5OfMessageAttributes",
    "messageAttributes",
    "messageId",
    "receiptHandle",
}
_KAFKA: Final = frozenset(
    (
        "headers",
        "key",
        "keySchemaMetadata",
        "offset",
        "partition",
        "timestamp",
        "timestampType",
        "topic",
        "value",
        "valueSchemaMetadata",
    )
)
_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "activemq": frozenset(
        (
            "brokerInTime",
            "brokerOutTime",
            "connectionId",
            "correlationID",
            "data",
            "deliveryMode",
            "destination",
            "expiration",
            "messageID",
            "messageType",
            "priority",
            "properties",
            "redelivered",
            "replyTo",
            "timestamp",
            "type",
        )
    ),
    "dynamodb": _STREAM | {"dynamodb", "userIdentity"},
    "kafka": _KAFKA,
    "kinesis": _STREAM
    | {
        "approximateArrivalTimestamp",
        "data",
        "encryptionType",
        "invokeIdentityArn",
        "kinesis",
        "kinesisSchemaVersion",
        "partitionKey",
        "sequenceNumber",
    },
    "msk": _KAFKA,
    "rabbitmq": frozenset(("basicProperties", "data", "redelivered")),
    "sqs": _SQS,
    "sqs_fifo": _SQS,
}
"""The keys at the top of what a filter sees."""


def why_refused(criteria: Mapping[str, Any], source_name: str) -> str | None:
    """Why AWS refuses these filters for a source, in one sentence of ours; None when it takes them."""
    try:
        read = read_criteria(criteria)
    except InvalidPattern as error:
        return f"{error.path}: {error.reason}" if error.path else error.reason
    refused = [check_against(source_name, pattern) for pattern in read.patterns] if read is not None else []
    return next((reason for reason in refused if reason is not None), None)


def advice_on_filters(criteria: Any) -> Iterator[tuple[str, str]]:
    """Code and message of everything that there is to say about the patterns of a mapping."""
    read = read_criteria(criteria)
    for code in sorted(read.advice if read is not None else ()):
        yield code, ADVICE[code]


def unmatchable(criteria: Any, source_name: str) -> tuple[str, ...]:
    """Keys that the patterns want and no record of the source has, so that none passes; empty, if something may."""
    read = read_criteria(criteria)
    if read is None or source_name not in _KEYS:
        return ()
    wanted: list[str] = []
    for alternative in (one for pattern in read.patterns for one in pattern.conditions):
        strange = _strange(alternative, _KEYS[source_name])
        if not strange:
            return ()
        wanted += strange
    return tuple(dict.fromkeys(wanted))


def _strange(alternative: Alternative, known: frozenset[str]) -> list[str]:
    """The keys at the top that must be there, and are not known."""
    return [
        top
        for condition in alternative.conditions
        if (top := condition.name.partition(".")[0]) not in known and not any(rule.absent for rule in condition.rules)
    ]
