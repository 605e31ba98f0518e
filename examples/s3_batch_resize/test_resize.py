"""Does the job's report say what really happened?"""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import resize
from botocore.exceptions import ClientError


def thumbnails(s3: Any) -> list[str]:
    """What is there in the end."""
    found = s3.list_objects_v2(Bucket="photos", Prefix="thumbnails/").get("Contents", [])
    return [one["Key"] for one in found]


def test_every_photo_has_a_thumbnail_and_the_rest_a_reason(s3: Any, resize_job: Any) -> None:
    """The job is Complete with one failed task, and its report is in the bucket."""
    job = resize_job(resize.handler)
    beach, hills, notes = job.records

    run = job.run_until_idle()

    assert run.processed == [beach, hills]
    assert run.discarded == [notes]
    assert thumbnails(s3) == ["thumbnails/2025/beach day.jpg", "thumbnails/2025/hills.jpg"]
    assert (job.status, job.progress["NumberOfTasksFailed"]) == ("Complete", 1)
    assert [row.message for row in job.report.failed] == ["broken image: starts with b'buy mi'"]
    manifest = json.loads(s3.get_object(Bucket="jobs", Key=job.report.manifest_key)["Body"].read())
    assert [one["TaskExecutionStatus"] for one in manifest["Results"]] == ["succeeded", "failed"]


def test_a_busy_bucket_is_asked_again_a_minute_later(resize_job: Any) -> None:
    """Twice SlowDown: the task comes again after the others, and succeeds at the third attempt."""
    job = resize_job(resize.handler)
    beach, hills, _ = job.records
    answers = [ClientError({"Error": {"Code": "SlowDown"}}, "GetObject")] * 2
    get_object = resize.s3.get_object

    def sometimes(**asked: Any) -> Any:
        if asked["Key"] == beach.key and answers:
            raise answers.pop()
        return get_object(**asked)

    with mock.patch.object(resize.s3, "get_object", sometimes):
        run = job.run_until_idle()

    assert run.attempts(beach) == [0, 60, 120]
    assert run.attempts(hills) == [0]
    assert run.fate(beach) == "processed"


def test_a_task_without_a_result_looks_like_a_success(s3: Any, resize_job: Any) -> None:
    """The mistake that production makes silently: the report has no failure, and a thumbnail is missing."""
    job = resize_job(resize.careless_handler)

    run = job.run_until_idle()

    assert run.processed == job.records
    assert job.report.failed == ()
    assert len(thumbnails(s3)) == 2
    assert [advice.code for advice in run.advice] == ["task-left-out"]


def test_a_result_code_that_s3_does_not_know_fails_every_task(s3: Any, resize_job: Any) -> None:
    """The work was done, and the report says that it failed."""
    job = resize_job(resize.misspelt_handler)

    run = job.run_until_idle()

    assert run.discarded == job.records
    assert {call.outcome for call in run.invocations} == {"malformed"}
    assert "'Success'" in run.invocations[0].problem or '"Success"' in run.invocations[0].problem
    assert {row.message for row in job.report.rows} == {"Invalid JSON returned in Lambda payload"}
    assert len(thumbnails(s3)) == 2
