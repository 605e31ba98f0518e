"""Is this an event as S3 Batch Operations sends it? The law: one shape for each schema version.

Shape and rules: docs/sources.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from pytest_lambda_events.model.looking import decoded, text_at, value_at
from pytest_lambda_events.model.shapes import STRING, Arn, Constant, Fields, ListOf, MapOf, Nullable, Printed, Text
from pytest_lambda_events.sources.s3_batch.make import ID_PREFIX, VERSION_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path

__all__ = ["EVENT", "EVENTS", "check"]

_BUCKET: Final = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_BUCKET_NAME: Final = Text(re.compile(_BUCKET), "the name of a bucket")
_BUCKET_ARN: Final = Printed(
    Arn("s3", re.compile(_BUCKET), "arn:aws:s3:::photos"),
    also=Text(re.compile(r"arn:aws[a-z-]*:s3:(?!::)[^:]*:[^:]*:.+"), "the ARN that samples have", "error"),
    expected="an ARN without region and account, such as arn:aws:s3:::photos",
)
_SCHEMA: Final = Constant(("1.0", "2.0"))
_JOB_ID: Final = Text(re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "a UUID in lower case")
# a slash stands as it is in recorded events, and as the manifest spells it; quote_plus leaves letters, digits and _.-~
# alone, Java's URLEncoder * instead of ~
_KEY: Final = Text(
    re.compile(r"(?:[A-Za-z0-9_.~*+/-]|%[0-9A-Fa-f]{2})+"),
    "a key that is URL-encoded, as `a+b/%C3%A9` for `a b/é`",
)
_MOST_KEY_BYTES: Final = 1024

# half and twice what was recorded: 900 to 1,300 and about 2,000 characters
_TASK_ID_LENGTHS: Final = range(450, 2_601)
_INVOCATION_ID_LENGTHS: Final = range(1_000, 4_001)

# S3 User Guide and Lambda Developer Guide, sample events
_PRINTED: Final = frozenset(
    (
        "YXNkbGZqYWRmaiBhc2RmdW9hZHNmZGpmaGFzbGtkaGZza2RmaAo",
        "dGFza2lkZ29lc2hlcmUK",
        "f3cc4f60-61f6-4a2b-8a21-d07600c373ce",
    )
)


def _event(job: Mapping[str, Any], bucket: Mapping[str, Any]) -> Fields:
    task = Fields(
        always={
            "taskId": STRING,
            **bucket,
            "s3Key": _KEY,
            "s3VersionId": Nullable(Text(VERSION_ID, "a version's id, or null")),
        }
    )
    return Fields(
        always={
            "invocationSchemaVersion": _SCHEMA,
            "invocationId": STRING,
            "job": Fields(always={"id": _JOB_ID, **job}),
            "tasks": ListOf(task, least=1),
        }
    )


EVENTS: Final[Mapping[str, Fields]] = MappingProxyType(
    {
        "1.0": _event({}, {"s3BucketArn": _BUCKET_ARN}),
        "2.0": _event({"userArguments": MapOf(STRING)}, {"s3Bucket": _BUCKET_NAME}),
    }
)
"""The event of each schema version."""

EVENT: Final = EVENTS["1.0"]


def check(event: Any, report: Report) -> None:
    """Say what is wrong with an event of S3 Batch Operations."""
    EVENTS[_schema(event)].check(event, (), report)
    _check_id(event, ("invocationId",), _INVOCATION_ID_LENGTHS, report)
    job = text_at(event, "job", "id")
    if job in _PRINTED:
        report.note(("job", "id"), job, "an id of its own: this one is a documentation sample's")
    tasks = value_at(event, "tasks")
    if not isinstance(tasks, list):
        return
    if len(tasks) > 1:
        report.error(("tasks",), tasks, "exactly one task: S3 Batch Operations hands over one at a time")
    for number, task in enumerate(tasks):
        _check_id(event, ("tasks", number, "taskId"), _TASK_ID_LENGTHS, report)
        _check_key(text_at(task, "s3Key"), ("tasks", number, "s3Key"), report)


def _schema(event: Any) -> str:
    """The schema version of an event; the likelier one where it does not say."""
    declared = text_at(event, "invocationSchemaVersion") or ""
    if declared in EVENTS:
        return declared
    task, job = value_at(event, "tasks", 0), value_at(event, "job")
    newer = (isinstance(task, dict) and "s3Bucket" in task) or (isinstance(job, dict) and "userArguments" in job)
    return "2.0" if newer else "1.0"


def _check_id(event: Any, path: Path, lengths: range, report: Report) -> None:
    text = text_at(event, *path)
    if text is None:
        return
    if text in _PRINTED:
        report.note(path, text, "an id of its own: this one is a documentation sample's")
    elif not (decoded(text) or b"").startswith(ID_PREFIX) or len(text) not in lengths:
        expected = f"an opaque id: base64 that begins with AAAAAAAAAA, {lengths[0]} to {lengths[-1]} characters"
        report.note(path, text, expected)


def _check_key(key: str | None, path: Path, report: Report) -> None:
    """What cannot be decoded; that it is encoded at all is the shape's business."""
    if key is None:
        return
    raw = unquote_to_bytes(key.replace("+", " "))
    if _MALFORMED.search(key) is not None or not _is_utf8(raw):
        report.error(path, key, "a URL-encoded key: every % before two hex digits, and UTF-8 when decoded")
    elif len(raw) > _MOST_KEY_BYTES:
        report.note(path, key, f"a key of at most {_MOST_KEY_BYTES} bytes")


_MALFORMED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
