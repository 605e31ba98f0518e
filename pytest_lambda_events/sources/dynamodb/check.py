"""Is this a DynamoDB Streams event as Lambda sends it? The law: the shape declared as a table, what is derived computed
again.

Shape and rules: docs/sources/dynamodb.md.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.dynamodb_changes import PARTS, image_of, size_of
from pytest_lambda_events.model.dynamodb_keys import KEY_KINDS
from pytest_lambda_events.model.dynamodb_numbers import SEQUENCE, SHARD, sequence_parts
from pytest_lambda_events.model.dynamodb_record import EVENT_NAMES, IMAGES, TTL_IDENTITY, VIEWS
from pytest_lambda_events.model.dynamodb_values import KINDS, NUMBER_GRAMMAR, number_text, same_item
from pytest_lambda_events.model.looking import text_at, value_at
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.model.regions import check_region
from pytest_lambda_events.model.shapes import (
    BOOLEAN,
    NUMBER,
    STRING,
    Arn,
    Base64,
    Constant,
    Fields,
    Integer,
    ListOf,
    MapOf,
    Text,
)
from pytest_lambda_events.model.unlike import check_distinct
from pytest_lambda_events.model.windows import check_window, window_shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path
    from pytest_lambda_events.model.shapes import Shape

__all__ = ["ATTRIBUTE_VALUE", "EVENT", "check"]

_MOST_STEPS: Final = 5 + 2 * 32  # to an attribute of an image, and 32 levels below it
_MOST_SECONDS: Final = 10**11  # beyond are milliseconds
_MOST_KEYS: Final = 2
_LARGEST_TAIL: Final = 10**16  # 20 digits that begin with 0000


class _Number:
    """A number as text. Another spelling than DynamoDB's own, or one out of its range, is a note."""

    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        if not isinstance(value, str) or NUMBER_GRAMMAR.fullmatch(value) is None:
            report.error(path, value, "a number as a string")
            return
        try:
            kept = number_text(Decimal(value), "")
        except Refusal as refusal:
            report.note(path, value, f"a number that DynamoDB takes: {refusal.message}")
            return
        if kept != value:
            report.note(path, value, f'"{kept}", as DynamoDB keeps it')


class _AttributeValue:
    """A typed value: one key, which says the type."""

    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        kind: Any = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None
        if kind not in _CONTENTS:
            report.error(path, value, f"a typed value: an object with one of {', '.join(KINDS)}")
        elif len(path) > _MOST_STEPS:
            report.note(path, value, "no value so deep: DynamoDB nests 32 levels")
        else:
            _CONTENTS[kind].check(value[kind], (*path, kind), report)


ATTRIBUTE_VALUE: Final[Shape] = _AttributeValue()

_CONTENTS: Final[Mapping[Any, Shape]] = {
    "S": STRING,
    "N": _Number(),
    "B": Base64(),
    "BOOL": BOOLEAN,
    "NULL": Constant((True,)),
    "SS": ListOf(STRING, least=1),
    "NS": ListOf(_Number(), least=1),
    "BS": ListOf(Base64(), least=1),
    "L": ListOf(ATTRIBUTE_VALUE),
    "M": MapOf(ATTRIBUTE_VALUE),
}

STREAM: Final = Arn(
    "dynamodb",
    re.compile(
        r"table/[A-Za-z0-9_.-]{3,255}/stream/"
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}"
    ),
    "arn:aws:dynamodb:us-east-1:123456789012:table/users/stream/2025-01-01T00:00:00.000",
)

RECORD: Final = Fields(
    always={
        "eventID": Text(re.compile(r"[0-9a-f]{32}"), "32 lower-case hex digits"),
        "eventName": Constant(EVENT_NAMES),
        "eventVersion": Constant(("1.1",), printed=("1.0",)),
        "eventSource": Constant(("aws:dynamodb",)),
        "awsRegion": STRING,
        "dynamodb": Fields(
            always={
                "Keys": MapOf(ATTRIBUTE_VALUE, least=1),
                "SequenceNumber": Text(SEQUENCE, "21 to 40 digits"),
                "SizeBytes": Integer(low=1),
                "StreamViewType": Constant(VIEWS),
            },
            expected={"ApproximateCreationDateTime": NUMBER},
            sometimes={"NewImage": MapOf(ATTRIBUTE_VALUE), "OldImage": MapOf(ATTRIBUTE_VALUE)},
        ),
        "eventSourceARN": STREAM,
    },
    sometimes={
        "userIdentity": Fields(always={key: Constant((value,)) for key, value in TTL_IDENTITY.items()}),
    },
)
EVENT: Final = Fields(
    always={"Records": ListOf(RECORD)},
    sometimes=window_shapes(
        Text(SHARD, "a shard's id such as shardId-00000001735689600000-0123abcd"),
        STREAM,
    ),
)

# the ids that AWS's documentation, SDKs and sample generators print
_PRINTED_IDS: Final = frozenset(
    (
        "c4ca4238a0b923820dcc509a6f75849b",
        "c81e728d9d4c2f636f067f89cc14862c",
        "eccbc87e4b5ce2fe28308fd9f2a7baf3",
        "f07f8ca4b0b26cb9c4e5e77e69f274ee",
        "f07f8ca4b0b26cb9c4e5e77e42f274ee",
    )
)
_PRINTED_NUMBERS: Final = frozenset(
    ("4421584500000000017450439091", "4421584500000000017450439092", "4421584500000000017450439093")
)


def check(event: Any, report: Report) -> None:
    """Say what is wrong with an event of a DynamoDB stream."""
    EVENT.check(event, (), report)
    check_window(event, report, arrival_ms=_arrival_ms)
    records = value_at(event, "Records")
    if not isinstance(records, list):
        return
    for number, record in enumerate(records):
        if isinstance(record, dict):
            path = ("Records", number)
            check_region(record, path, report, arn_key="eventSourceARN")
            _check_identity(record, path, report)
            if isinstance(record.get("dynamodb"), dict):
                _check_change(record, record["dynamodb"], (*path, "dynamodb"), report)
    check_distinct(records, ("eventID",), ("Records",), report)
    _check_order(records, report)


def _arrival_ms(record: Any) -> int | None:
    seconds = value_at(record, "dynamodb", "ApproximateCreationDateTime")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < _MOST_SECONDS:
        return None
    return int(seconds * 1000)


def _check_identity(record: dict[str, Any], path: Path, report: Report) -> None:
    if text_at(record, "eventID") in _PRINTED_IDS:
        report.note((*path, "eventID"), record["eventID"], "an id of its own: this one is a documentation sample's")
    name = text_at(record, "eventName")
    if "userIdentity" in record and name in ("INSERT", "MODIFY"):
        expected = f"no such key: time to live only removes, and eventName is {name}"
        report.note((*path, "userIdentity"), record["userIdentity"], expected)


def _check_change(record: dict[str, Any], change: dict[str, Any], path: Path, report: Report) -> None:
    _check_time(change, path, report)
    _check_images(record, change, path, report)
    keys = change.get("Keys")
    if isinstance(keys, dict):
        _check_keys(change, keys, path, report)
    _check_size(change, path, report)


def _check_time(change: dict[str, Any], path: Path, report: Report) -> None:
    seconds = change.get("ApproximateCreationDateTime")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return
    if not 0 < seconds < _MOST_SECONDS or seconds != int(seconds):
        expected = "whole seconds since 1970, such as 1735689600.0"
        report.note((*path, "ApproximateCreationDateTime"), seconds, expected)


def _check_images(record: dict[str, Any], change: dict[str, Any], path: Path, report: Report) -> None:
    name, view = text_at(record, "eventName"), text_at(change, "StreamViewType")
    shown = next((images for pair, images in IMAGES.items() if pair == (name, view)), None)
    if shown is None:
        return
    for image in ("NewImage", "OldImage"):
        if image in shown and image not in change:
            report.error((*path, image), ABSENT, f"this key: eventName is {name}, StreamViewType {view}")
        elif image in change and image not in shown:
            report.note((*path, image), change[image], f"no such key: eventName is {name}, StreamViewType {view}")
    new, old = image_of(change, "NewImage"), image_of(change, "OldImage")
    if new is not None and old is not None and same_item(new, old):
        expected = "another item than OldImage: a write that changes nothing puts nothing into the stream"
        report.note((*path, "NewImage"), change["NewImage"], expected)


def _check_keys(change: dict[str, Any], keys: dict[str, Any], path: Path, report: Report) -> None:
    if len(keys) > _MOST_KEYS:
        report.note((*path, "Keys"), keys, "one key attribute, or two")
    for name, value in keys.items():
        if isinstance(value, dict) and len(value) == 1 and not KEY_KINDS.keys() & value.keys():
            report.note((*path, "Keys", name), value, f"a key: one of {', '.join(KEY_KINDS)}")
        for image in ("NewImage", "OldImage"):
            attributes = change.get(image)
            if not isinstance(attributes, dict):
                continue
            if name not in attributes:
                report.error((*path, image, name), ABSENT, "this attribute, which is in Keys")
            elif attributes[name] != value:
                report.note((*path, image, name), attributes[name], f"{_shown(value)}, as in Keys")


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)[:80]


def _check_size(change: dict[str, Any], path: Path, report: Report) -> None:
    found, size = change.get("SizeBytes"), size_of(change)
    if size is None or not isinstance(found, int) or isinstance(found, bool) or found == size:
        return
    parts = [part for part in PARTS if part in change]
    report.note((*path, "SizeBytes"), found, f"{size}, the bytes of {' and '.join(parts)}")


def _check_order(records: list[Any], report: Report) -> None:
    """Sequence numbers rise within a shard, and a batch is of one shard of one stream."""
    last, stream = 0, None
    for number, record in enumerate(records):
        arn = text_at(record, "eventSourceARN")
        stream = stream or arn
        if arn is not None and arn != stream:
            report.note(("Records", number, "eventSourceARN"), arn, f'"{stream}": a batch is of one stream')
        text = text_at(record, "dynamodb", "SequenceNumber") or ""
        parts = sequence_parts(text)
        if parts is None:
            continue
        path = ("Records", number, "dynamodb", "SequenceNumber")
        if text in _PRINTED_NUMBERS:
            report.note(path, text, "a SequenceNumber of its own: this one is a documentation sample's")
        if parts[1] >= _LARGEST_TAIL:
            report.note(path, text, "a counter, and 20 digits that begin with 0000")
        if int(text) <= last:
            report.note(path, text, f"more than {last}, the SequenceNumber before it")
        last = int(text)
