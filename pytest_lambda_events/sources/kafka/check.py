"""Is this a Kafka event as Lambda sends it? The law: the shape declared as a table, what is derived compared.

`RECORDS`, `EVENT_SOURCE` and `check_records` are what Amazon MSK shares. Shape and rules: docs/sources/kafka.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.kafka_record import NO_TIMESTAMP, TIMESTAMP_TYPES, TOPIC
from pytest_lambda_events.model.looking import integer_at, text_at, value_at
from pytest_lambda_events.model.schema_framing import DATA_FORMATS, SCHEMA_ID
from pytest_lambda_events.model.shapes import Base64, Constant, Fields, Integer, ListOf, MapOf, Printed, Text
from pytest_lambda_events.sources.kafka.servers import SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path

__all__ = ["BOOTSTRAP_SERVERS", "EVENT", "RECORDS", "check", "check_records", "check_servers"]

_BYTE: Final = 8
_MOST_OFFSET: Final = 2**63 - 1
_MOST_PARTITION: Final = 2**31 - 1
_PRINTED_KEY: Final = "abcDEFghiJKLmnoPQRstuVWXyz1234=="
_PRINTED_HOST: Final = "demo-cluster-1.a1bcde"


@dataclass(frozen=True, slots=True)
class _SignedByte:
    """One byte as Java has it."""

    expected: str = "a byte as Java has it, from -128 to 127"

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`. What no byte could be is an error: no handler can decode it."""
        if not isinstance(value, int) or isinstance(value, bool) or not -(1 << _BYTE - 1) <= value < 1 << _BYTE:
            report.error(path, value, self.expected)
        elif value >= 1 << _BYTE - 1:
            report.note(path, value, f"{value - (1 << _BYTE)}: {self.expected}")


@dataclass(frozen=True, slots=True)
class _Null:
    """JSON's null, and nothing else."""

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if value is not None:
            report.error(path, value, "null")


@dataclass(frozen=True, slots=True)
class _Header:
    """An object of one key: the header's name."""

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        _HEADER.check(value, path, report)
        if isinstance(value, dict) and len(value) > 1:
            report.note(path, value, "an object with one key for each header")


# Kafka's producers may send a header whose value is null; nobody has recorded what Lambda makes of it
_HEADER: Final = MapOf(
    Printed(ListOf(_SignedByte(), expected="a list of bytes"), _Null(), "a list of bytes"),
    least=1,
    expected="an object in headers, of a header's name and bytes,",
)
_METADATA: Final = Fields(
    always={
        "schemaId": Text(SCHEMA_ID, "a schema's number, or the UUID of a Glue schema version, as a string"),
        "dataFormat": Constant(DATA_FORMATS),
    }
)
_BYTES: Final = Printed(Base64(), _Null(), "no such key: Lambda leaves out what is null")

RECORD: Final = Fields(
    always={
        "topic": Text(TOPIC, "a topic's name: 1 to 249 letters, digits, periods, underscores and hyphens"),
        "partition": Printed(
            Integer(high=_MOST_PARTITION),
            Text(re.compile(r"[0-9]+"), "a number", "error"),
            "a number: only old documentation prints a string",
        ),
        "offset": Integer(high=_MOST_OFFSET),
        "timestamp": Integer(low=NO_TIMESTAMP, expected="epoch milliseconds"),
        "timestampType": Constant(TIMESTAMP_TYPES),
    },
    expected={"headers": ListOf(_Header())},  # not in events from before 2021
    sometimes={
        "key": _BYTES,
        "value": _BYTES,
        "keySchemaMetadata": _METADATA,
        "valueSchemaMetadata": _METADATA,
    },
)
RECORDS: Final = MapOf(
    ListOf(RECORD, least=1, expected="a list of records"),
    keys=Text(re.compile(r"[a-zA-Z0-9._-]{1,249}-(?:0|[1-9][0-9]*)"), "topic-partition, such as orders-0"),
    least=1,
    expected="an object of lists of records by topic-partition",
)
BOOTSTRAP_SERVERS: Final = Text(
    re.compile(rf"{SERVER.pattern}(?:,{SERVER.pattern})*"), "host:port, separated by commas without blanks"
)
EVENT = Fields(
    always={
        "eventSource": Constant(("SelfManagedKafka",), printed=("aws:SelfManagedKafka",)),
        "bootstrapServers": BOOTSTRAP_SERVERS,
        "records": RECORDS,
    }
)


def check(event: Any, report: Report) -> None:
    """Say what is wrong with an event of a self-managed cluster."""
    EVENT.check(event, (), report)
    check_servers(event, report)
    check_records(event, report)


def check_servers(event: Any, report: Report) -> list[str]:
    """The brokers' addresses, each named once; what they are."""
    text = text_at(event, "bootstrapServers")
    servers = text.split(",") if text else []
    if len(set(servers)) < len(servers):
        report.note(("bootstrapServers",), text, "each address once")
    if any(_PRINTED_HOST in server for server in servers):
        report.note(("bootstrapServers",), text, "brokers of your own: these are a documentation sample's")
    return servers


def check_records(event: Any, report: Report) -> None:
    """The rules that hold between the fields of a record, and between records."""
    topics: dict[str, None] = {}
    for name, records in _partitions(event):
        last: int | None = None
        for number, record in enumerate(records):
            path = ("records", name, number)
            _check_place(record, name, path, report)
            _check_timestamp(record, path, report)
            _check_content(record, path, report)
            offset = integer_at(record, "offset")
            if offset is not None:
                if last is not None and offset <= last:
                    report.note((*path, "offset"), offset, f"more than {last}, the offset before it in {name}")
                last = offset
            topic = text_at(record, "topic")
            if topic is not None:
                topics.setdefault(topic)
                if topic != next(iter(topics)):
                    expected = f'"{next(iter(topics))}", as before: an event source mapping reads one topic'
                    report.note((*path, "topic"), topic, expected)


def _partitions(event: Any) -> Iterator[tuple[str, list[Any]]]:
    records = value_at(event, "records")
    for name, some in records.items() if isinstance(records, dict) else ():
        if isinstance(some, list):
            yield name, some


def _check_place(record: Any, name: str, path: Path, report: Report) -> None:
    """Topic and partition are those of the list that the record is in; a topic may have hyphens of its own."""
    topic, _, partition = name.rpartition("-")
    found = text_at(record, "topic")
    if found is not None and found != topic:
        report.note((*path, "topic"), found, f'"{topic}", the topic in {name}')
    number = integer_at(record, "partition")
    if number is not None and str(number) != partition:
        report.note((*path, "partition"), value_at(record, "partition"), f"{partition}, the partition in {name}")


def _check_timestamp(record: Any, path: Path, report: Report) -> None:
    moment, kind = integer_at(record, "timestamp"), text_at(record, "timestampType")
    if moment is None or kind not in TIMESTAMP_TYPES:
        return
    if (moment == NO_TIMESTAMP) != (kind == "NO_TIMESTAMP_TYPE"):
        expected = "-1, for NO_TIMESTAMP_TYPE" if kind == "NO_TIMESTAMP_TYPE" else f"a moment, for {kind}"
        report.note((*path, "timestamp"), moment, expected)


def _check_content(record: Any, path: Path, report: Report) -> None:
    for what in ("key", "value"):
        metadata = f"{what}SchemaMetadata"
        if value_at(record, metadata) is not None and value_at(record, what) is None:
            report.note((*path, metadata), record[metadata], f"no such key: there is no {what}")
    if text_at(record, "key") == _PRINTED_KEY:
        report.note((*path, "key"), record["key"], "a key of your own: this one is a documentation sample's")
