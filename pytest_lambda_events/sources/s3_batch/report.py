"""The completion report of a job. The law: pure; rows in, the texts of its files out, as S3 writes them.

`<prefix>/job-<id>/manifest.json`, its MD5 beside it, and one CSV each for the tasks that succeeded and those that
failed. A row is bucket, key, version, status, HTTP status, error code and message: ReportSchema names the two codes
the other way round, and so does the documentation, whose examples have this order, as real reports do. The key is spelt
as in the manifest.

Rules: S3 User Guide, "Examples: S3 Batch Operations completion reports"; S3 API Reference, JobReport.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.sources.s3_batch.request import read_bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["CompletionReport", "ReportRow", "ReportSpec", "completion_report", "moment", "read_report"]

_FORMAT: Final = "Report_CSV_20180820"
_SCHEMA: Final = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"
_SCOPES: Final = ("AllTasks", "FailedTasksOnly")
_MEMBERS: Final = ("Bucket", "Format", "Enabled", "Prefix", "ReportScope", "ExpectedBucketOwner")
_MOST_PREFIX: Final = 512
_SPECIAL: Final = re.compile(r'[,"\r\n]')
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


class ReportRow(NamedTuple):
    """A task of the report. `version_id` is "" where the manifest has none; `message` is what the function said."""

    bucket: str
    key: str
    version_id: str
    status: Literal["succeeded", "failed"]
    http_status: int
    error_code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSpec:
    """Where a report goes and what is in it; `echoed` is the JobReport as DescribeJob shows it."""

    bucket: str
    prefix: str
    failed_only: bool
    echoed: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionReport:
    """A report that was written: its rows, its manifest.json, and every object's key with its text."""

    bucket: str
    rows: tuple[ReportRow, ...]
    manifest: Mapping[str, Any]
    manifest_key: str
    files: Mapping[str, str]

    @property
    def succeeded(self) -> tuple[ReportRow, ...]:
        """The rows of tasks that succeeded; none with ReportScope FailedTasksOnly."""
        return tuple(row for row in self.rows if row.status == "succeeded")

    @property
    def failed(self) -> tuple[ReportRow, ...]:
        """The rows of tasks that failed."""
        return tuple(row for row in self.rows if row.status == "failed")


def read_report(given: Mapping[str, Any] | None, partition: str) -> ReportSpec | None:
    """Read a JobReport, as in CreateJob; None where no report is asked for. Bucket may also be a name.

    Errors: `UsageError`.
    """
    if given is None:
        return None
    for name in given:
        if name not in _MEMBERS:
            raise UsageError(f"report: {name!r}{nearest(str(name), _MEMBERS)}; a JobReport has {', '.join(_MEMBERS)}")
    if not given.get("Enabled", True):
        return None
    bucket, prefix, scope = given.get("Bucket"), given.get("Prefix"), given.get("ReportScope", _SCOPES[0])
    if not isinstance(bucket, str):
        raise UsageError(f"report: Bucket={bucket!r:.80}: a report that is enabled goes into a bucket, named or by ARN")
    _, name = read_bucket(bucket, "2.0")
    if prefix is not None and (not isinstance(prefix, str) or not 1 <= len(prefix) <= _MOST_PREFIX):
        raise UsageError(f"report: Prefix={prefix!r:.80}: a text of 1 to {_MOST_PREFIX} characters, or left out")
    if scope not in _SCOPES:
        raise UsageError(f"report: ReportScope={scope!r}{nearest(str(scope), _SCOPES)}; one of {', '.join(_SCOPES)}")
    if given.get("Format", _FORMAT) != _FORMAT:
        raise UsageError(f"report: Format={given['Format']!r}: S3 has one, {_FORMAT}; it may be left out")
    arn = bucket if bucket.startswith("arn:") else f"arn:{partition}:s3:::{name}"
    echoed = {"Bucket": arn, "Format": _FORMAT, "Enabled": True, **({"Prefix": prefix} if prefix else {})}
    return ReportSpec(
        bucket=name,
        prefix=(prefix or "").rstrip("/"),
        failed_only=scope == _SCOPES[1],
        echoed={**echoed, "ReportScope": scope},
    )


def completion_report(
    spec: ReportSpec, rows: Sequence[ReportRow], *, job_id: str, at_ms: int, new_name: Callable[[], str]
) -> CompletionReport:
    """The report on tasks that ended; `new_name` makes the name of a results file, 40 hex digits."""
    folder = f"{spec.prefix}/job-{job_id}" if spec.prefix else f"job-{job_id}"
    shown = tuple(row for row in rows if row.status == "failed" or not spec.failed_only)
    files: dict[str, str] = {}
    results = []
    for status in ("succeeded", "failed"):
        part = [row for row in shown if row.status == status]
        if part:
            key, text = f"{folder}/results/{new_name()}.csv", _csv(part)
            files[key] = text
            results.append(
                {"TaskExecutionStatus": status, "Bucket": spec.bucket, "MD5Checksum": _md5(text), "Key": key}
            )
    created = moment(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    manifest = {"Format": _FORMAT, "ReportCreationDate": created, "Results": results, "ReportSchema": _SCHEMA}
    manifest_key, text = f"{folder}/manifest.json", json.dumps(manifest, separators=(",", ":"))
    files[manifest_key] = text
    files[f"{manifest_key}.md5"] = _md5(text)
    return CompletionReport(bucket=spec.bucket, rows=shown, manifest=manifest, manifest_key=manifest_key, files=files)


def moment(at_ms: int) -> dt.datetime:
    """Epoch milliseconds as an aware datetime in UTC."""
    return _EPOCH + dt.timedelta(milliseconds=at_ms)


def _csv(rows: Sequence[ReportRow]) -> str:
    """Without a header; fields are quoted where they have to be."""
    return "".join(f"{','.join([_field(str(value)) for value in row])}\n" for row in rows)


def _field(text: str) -> str:
    # not `csv`: whether it quotes a carriage return depends on the version of Python
    return '"{}"'.format(text.replace('"', '""')) if _SPECIAL.search(text) else text


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
