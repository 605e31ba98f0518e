"""The registry: one line per source. The law: who must know all sources reads it here, and nothing registers itself.

What a source can do stands in modules of its folder that have the same names everywhere (`build`, `check`, `pour`,
`redact`, `rules`, `strategies`, `types`); they are imported when they are used, so that knowing all sources costs next
to nothing.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import UnknownEvent, UsageError
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.looking import text_at, value_at
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.sources.activemq import SOURCE as ACTIVEMQ
from pytest_lambda_events.sources.documentdb import SOURCE as DOCUMENTDB
from pytest_lambda_events.sources.dynamodb import SOURCE as DYNAMODB
from pytest_lambda_events.sources.kafka import SOURCE as KAFKA
from pytest_lambda_events.sources.kinesis import SOURCE as KINESIS
from pytest_lambda_events.sources.msk import SOURCE as MSK
from pytest_lambda_events.sources.rabbitmq import SOURCE as RABBITMQ
from pytest_lambda_events.sources.s3_batch import SOURCE as S3_BATCH
from pytest_lambda_events.sources.sqs import SOURCE as SQS
from pytest_lambda_events.sources.sqs_fifo import SOURCE as SQS_FIFO

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.findings import Finding
    from pytest_lambda_events.model.mapping_rules import SourceRules
    from pytest_lambda_events.model.redaction import SourceRedaction
    from pytest_lambda_events.model.source import Source

__all__ = [
    "SOURCES",
    "builder",
    "identify",
    "named",
    "pouring_of",
    "records_of",
    "redaction_of",
    "rules_of",
    "validate",
]

SOURCES: tuple[Source, ...] = (
    SQS,
    SQS_FIFO,
    KINESIS,
    DYNAMODB,
    ACTIVEMQ,
    RABBITMQ,
    MSK,
    KAFKA,
    DOCUMENTDB,
    S3_BATCH,
)


def named(name: str) -> Source:
    """The source with this name. Errors: `UsageError`, with the names that there are."""
    for source in SOURCES:
        if source.name == name:
            return source
    names = [source.name for source in SOURCES]
    near = nearest(name, names)
    raise UsageError(f"there is no source {name!r}{near}; there are {', '.join(names)}")


def records_of(source: Source, event: Any) -> list[tuple[str, Any]]:
    """The records of an event of this source, in order, each with its path."""
    envelope = source.form.envelope
    lists = event[envelope]
    if isinstance(lists, dict):  # Kafka's by topic and partition, RabbitMQ's by queue
        places = [(f'{envelope}["{key}"]', records) for key, records in lists.items()]
    else:
        places = [(envelope, lists)]
    return [(f"{path}[{number}]", record) for path, records in places for number, record in enumerate(records)]


def rules_of(name: str) -> SourceRules:
    """What a mapping of this source may have. Errors: `UsageError` for a source without mappings."""
    source = named(name)
    if not source.has_mappings:
        raise UsageError(f"{source.title} has no event source mappings: it calls the function by itself")
    rules: SourceRules = _module(source, "rules").RULES
    return rules


def builder(source: Source) -> Callable[..., Any]:
    """The function that makes events of a source, such as `sqs_event`."""
    build: Callable[..., Any] = getattr(_module(source, "build"), f"{source.name}_event")
    return build


def pouring_of(name: str) -> Any:
    """How records of a source are put back: its module `pour` (`model.pouring`). Errors: `UsageError`."""
    return _module(named(name), "pour")


def redaction_of(name: str) -> SourceRedaction:
    """What is private in a source's events. Errors: `UsageError` for a name that no source has."""
    redaction: SourceRedaction = _module(named(name), "redact").REDACTION
    return redaction


def _module(source: Source, name: str) -> Any:
    return import_module(f"{__name__}.{source.name}.{name}")


def identify(event: Any) -> Source:
    """The source whose event this is. Errors: `UnknownEvent`, which names the nearest source where there is one."""
    found = _declared(event)
    if found is not None:
        return found
    near = _likeliest(event)
    raise UnknownEvent(event, near.name if near is not None else None)


def validate(event: Any) -> list[Finding]:
    """What is wrong with an event, where; an empty list when a person could not tell it from a real one.

    An event that nobody can identify is measured against the source that it is most like.
    """
    source = _declared(event) or _likeliest(event)
    report = Report()
    if source is None:
        envelopes = list(dict.fromkeys(one.form.envelope for one in SOURCES))
        there = next((key for key in envelopes if isinstance(event, dict) and key in event), None)
        if there is None:
            report.error((), event, f"the event of a source: an object with {', '.join(envelopes)}")
        else:
            report.error((there,), event[there], f"records of {', '.join(one.name for one in SOURCES)}")
    else:
        _module(source, "check").check(event, report)
    return report.findings


def _declared(event: Any) -> Source | None:
    """The source that the event itself names."""
    if not isinstance(event, dict):
        return None
    record = value_at(event, "Records", 0)
    name = text_at(event, "eventSource") or text_at(record, "eventSource")
    if name is None and event.get("Records") == []:
        name = _of_final_window(event)
    if "tasks" in event and "invocationSchemaVersion" in event:
        return S3_BATCH
    if name == "aws:sqs":
        return _queue_kind(record)
    return next((source for source in SOURCES if name in source.form.event_sources), None)


def _of_final_window(event: dict[str, Any]) -> str | None:
    """The eventSource that the last event of a tumbling window would have in its records, if it carried any."""
    shard = text_at(event, "shardId") or ""
    for name, shards in _SHARDS:
        if shards.fullmatch(shard) or f":{name.removeprefix('aws:')}:" in (text_at(event, "eventSourceARN") or ""):
            return name
    return None


_SHARDS = (
    ("aws:kinesis", re.compile(r"shardId-\d{12}")),
    ("aws:dynamodb", re.compile(r"shardId-\d{20}-[0-9a-f]{8}")),
)


def _queue_kind(record: Any) -> Source:
    arn = text_at(record, "eventSourceARN") or ""
    return SQS_FIFO if arn.endswith(".fifo") or value_at(record, "attributes", "SequenceNumber") else SQS


def _likeliest(event: Any) -> Source | None:
    """The source with whose keys the event has most in common; None when it has no key of any."""
    if not isinstance(event, dict):
        return None
    records = value_at(event, "Records")
    record = records[0] if isinstance(records, list) and records and isinstance(records[0], dict) else {}
    best, most = None, 0.0
    for source in SOURCES:
        keys = source.form.keys
        there = record.keys() if source.form.per_record else event.keys()
        envelope = source.form.envelope in event
        # its own keys count most; a key of the event that the source does not know counts against it
        alike = len(keys & there) / len(keys) + 2 * (envelope and not source.form.per_record)
        if alike > most:
            best, most = source, alike
    return _queue_kind(record) if best is SQS else best
