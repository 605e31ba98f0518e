"""Whether a filter looks at a payload at all: by its format and by the pattern's. The law: one table, read by one
function.

Rules: Lambda Developer Guide, "Using event filtering with an Amazon SQS event source" and its siblings for Kinesis,
DynamoDB, MSK, self-managed Kafka and Amazon MQ; what becomes of a mismatch in SQS and Kinesis was recorded on AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.filtering.pattern import Pattern, PatternKind

__all__ = ["PAYLOADS", "Family", "PayloadKind", "Verdict", "check_against", "family_of", "verdict"]

Family: TypeAlias = Literal["sqs", "stream", "broker"]
"""Sources that treat formats alike: SQS; Kinesis and DynamoDB; Kafka and Amazon MQ."""

PayloadKind: TypeAlias = Literal["json", "text", "binary", "absent"]
"""A payload: a JSON object or array, any other text, not UTF-8, or none (a Kafka record without key or value)."""

Verdict: TypeAlias = Literal["evaluated", "dropped", "metadata_only", "refused"]
"""The payload's conditions are evaluated; the record is dropped; they are left out and the rest is evaluated; or AWS
refuses such a pattern when the mapping is created."""

PAYLOADS: Final[Mapping[str, tuple[Family, tuple[str, ...]]]] = {
    "sqs": ("sqs", ("body",)),
    "sqs_fifo": ("sqs", ("body",)),
    "kinesis": ("stream", ("data", "kinesis.data")),
    "dynamodb": ("stream", ("dynamodb",)),
    "activemq": ("broker", ("data",)),
    "rabbitmq": ("broker", ("data",)),
    "msk": ("broker", ("key", "value")),
    "kafka": ("broker", ("key", "value")),
}
"""The sources that have filters, and the paths in a record where a pattern finds its payload."""

_FORMATS: Final[Mapping[tuple[PayloadKind, PatternKind], tuple[Verdict, Verdict, Verdict]]] = {
    # payload, pattern      SQS              Kinesis, DynamoDB  Kafka, MQ
    ("json", "object"): ("evaluated", "evaluated", "evaluated"),
    ("text", "object"): ("dropped", "dropped", "metadata_only"),
    ("json", "array"): ("dropped", "refused", "metadata_only"),
    ("text", "array"): ("evaluated", "refused", "evaluated"),
    ("json", "none"): ("metadata_only", "metadata_only", "metadata_only"),
    ("text", "none"): ("metadata_only", "metadata_only", "metadata_only"),
    ("binary", "object"): ("dropped", "dropped", "metadata_only"),  # a body in SQS is always text
    ("binary", "array"): ("dropped", "refused", "metadata_only"),
    ("binary", "none"): ("metadata_only", "metadata_only", "metadata_only"),
    # AWS says nothing of a key or value that is not there: there is no format to compare, so the rules decide
    ("absent", "object"): ("evaluated", "evaluated", "evaluated"),
    ("absent", "array"): ("evaluated", "refused", "evaluated"),
    ("absent", "none"): ("metadata_only", "metadata_only", "metadata_only"),
}
_COLUMNS: Final[Mapping[Family, int]] = {"sqs": 0, "stream": 1, "broker": 2}


def verdict(payload: PayloadKind, pattern: PatternKind, family: Family) -> Verdict:
    """What becomes of a record whose payload is of one format under a pattern for another."""
    return _FORMATS[payload, pattern][_COLUMNS[family]]


def family_of(source_name: str) -> Family:
    """How a source treats formats. Errors: `ValueError` for a source that has no filters."""
    if source_name not in PAYLOADS:
        raise ValueError(f"{source_name!r} has no filters; those that have: {', '.join(PAYLOADS)}")
    return PAYLOADS[source_name][0]


def check_against(source_name: str, pattern: Pattern) -> str | None:
    """Why AWS refuses a mapping from this source with this pattern, in one sentence; None when it does not.

    Errors: `ValueError` for a source that has no filters.
    """
    family = family_of(source_name)
    for name in PAYLOADS[source_name][1]:
        for alternative in pattern.alternatives:
            kind = alternative.kind_of(name)
            if all(verdict(payload, kind, family) == "refused" for payload in ("json", "text")):
                return (
                    f"the pattern has an array of plain values for {name}, and {source_name} takes only JSON there; "
                    f'name a key inside of it: {{"{name}": {{"key": [...]}}}}'
                )
    return None
