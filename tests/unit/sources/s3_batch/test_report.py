"""The completion report, file by file (S3 User Guide, "Examples: S3 Batch Operations completion reports")."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.sources.s3_batch.report import ReportRow, completion_report, read_report

JOB = "f8fb9d89-a3aa-461d-bddc-ea6a1b131955"
AT_MS = 1_554_486_519_725
DONE = ReportRow("photos", "image_17775", "", "succeeded", 200, "", "{'ETag': '\"fe66\"'}")
VERSIONED = ReportRow("photos", "a%20b", "3sL4", "succeeded", 200, "", "Successful")
TIMED_OUT = 'Lambda returned function error: {"errorMessage":"Task timed out after 3.00 seconds"}'
LOST = ReportRow("photos", "image_14975", "", "failed", 200, "PermanentFailure", TIMED_OUT)


def made(rows: list[ReportRow], **given: Any) -> Any:
    spec = read_report({"Bucket": "arn:aws:s3:::my-job-reports", **given}, "aws")
    assert spec is not None
    numbers = count(1)
    return completion_report(spec, rows, job_id=JOB, at_ms=AT_MS, new_name=lambda: f"{next(numbers):040x}")


def test_a_report_is_a_manifest_its_md5_and_two_csvs() -> None:
    """Names, keys of the JSON and rows are those of AWS's example; fields are quoted where they have to be."""
    report = made([DONE, LOST, VERSIONED])
    folder = f"job-{JOB}"
    succeeded, failed = f"{folder}/results/{1:040x}.csv", f"{folder}/results/{2:040x}.csv"
    assert list(report.files) == [succeeded, failed, f"{folder}/manifest.json", f"{folder}/manifest.json.md5"]
    assert report.files[succeeded] == (
        'photos,image_17775,,succeeded,200,,"{\'ETag\': \'""fe66""\'}"\nphotos,a%20b,3sL4,succeeded,200,,Successful\n'
    )
    assert report.files[failed] == (
        'photos,image_14975,,failed,200,PermanentFailure,"Lambda returned function error: '
        '{""errorMessage"":""Task timed out after 3.00 seconds""}"\n'
    )
    assert report.manifest == json.loads(report.files[report.manifest_key])
    assert report.manifest == {
        "Format": "Report_CSV_20180820",
        "ReportCreationDate": "2019-04-05T17:48:39.725Z",
        "Results": [
            {
                "TaskExecutionStatus": status,
                "Bucket": "my-job-reports",
                "MD5Checksum": hashlib.md5(report.files[key].encode()).hexdigest(),
                "Key": key,
            }
            for status, key in (("succeeded", succeeded), ("failed", failed))
        ],
        "ReportSchema": "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage",
    }
    text = report.files[report.manifest_key]
    assert report.files[f"{report.manifest_key}.md5"] == hashlib.md5(text.encode()).hexdigest()
    assert (report.rows, report.bucket) == ((DONE, LOST, VERSIONED), "my-job-reports")
    assert (report.succeeded, report.failed) == ((DONE, VERSIONED), (LOST,))


def test_failed_tasks_only() -> None:
    """ReportScope leaves the others out; without any there is a manifest without results."""
    report = made([DONE, LOST], ReportScope="FailedTasksOnly")
    assert [one["TaskExecutionStatus"] for one in report.manifest["Results"]] == ["failed"]
    assert (report.rows, report.succeeded) == ((LOST,), ())
    assert made([DONE], ReportScope="FailedTasksOnly").manifest["Results"] == []


@pytest.mark.parametrize(("prefix", "folder"), [(None, ""), ("out", "out/"), ("out/", "out/"), ("a/b", "a/b/")])
def test_the_prefix_is_the_folder_of_the_report(prefix: str | None, folder: str) -> None:
    """With and without a slash at its end."""
    assert made([DONE], Prefix=prefix).manifest_key == f"{folder}job-{JOB}/manifest.json"


def test_what_is_asked_for_is_echoed() -> None:
    """As DescribeJob shows it: the bucket by ARN, what was left out filled in."""
    spec = read_report({"Bucket": "reports", "Prefix": "out/", "ExpectedBucketOwner": "123456789012"}, "aws-cn")
    assert spec is not None
    assert spec.echoed == {
        "Bucket": "arn:aws-cn:s3:::reports",
        "Format": "Report_CSV_20180820",
        "Enabled": True,
        "Prefix": "out/",
        "ReportScope": "AllTasks",
    }
    assert read_report(None, "aws") is None
    assert read_report({"Enabled": False}, "aws") is None
    assert read_report({"Enabled": False, "Bucket": "reports"}, "aws") is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"bucket": "reports"}, "did you mean 'Bucket'"),
        ({"Scope": "AllTasks"}, "a JobReport has Bucket, Format"),
        ({}, "a report that is enabled goes into a bucket"),
        ({"Enabled": True}, "a report that is enabled goes into a bucket"),
        ({"Bucket": "No Such"}, "is no name of a bucket"),
        ({"Bucket": "reports", "Prefix": ""}, "Prefix=''"),
        ({"Bucket": "reports", "Prefix": "a" * 513}, "1 to 512 characters"),
        ({"Bucket": "reports", "Prefix": 7}, "Prefix=7"),
        ({"Bucket": "reports", "ReportScope": "FailedTasks"}, "did you mean 'FailedTasksOnly'"),
        ({"Bucket": "reports", "Format": "CSV"}, "S3 has one, Report_CSV_20180820"),
    ],
)
def test_what_is_no_job_report_is_refused(given: dict[str, Any], said: str) -> None:
    """With the nearest name, or what would do."""
    with pytest.raises(UsageError, match=said):
        read_report(given, "aws")


def test_a_message_with_nul_is_written_as_it_is() -> None:
    """Checked in the text: Python 3.10's csv module reads no NUL, later ones do."""
    report = made([DONE._replace(message="a\x00b")])
    (text,) = [text for key, text in report.files.items() if key.endswith(".csv")]
    assert "a\x00b" in text


# without NUL, for the reader's sake: see above
@given(messages=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), max_size=5))
def test_any_message_survives_the_csv(messages: list[str]) -> None:
    """Commas, quotes and ends of lines are the function's own."""
    report = made([DONE._replace(message=message) for message in messages])
    texts = [text for key, text in report.files.items() if key.endswith(".csv")]
    found = [row[6] for text in texts for row in csv.reader(io.StringIO(text, newline=""))]
    assert found == messages
