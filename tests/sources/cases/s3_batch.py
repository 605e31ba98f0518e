"""How events of S3 Batch Operations may vary."""

from __future__ import annotations

from typing import Any

from pytest_lambda_events.events import s3_batch_event


def plain() -> Any:
    """The key of an object without a version."""
    return s3_batch_event("photos/2025/a b+c é~*.jpg", time="2025-01-01T00:00:00Z")


def everything() -> Any:
    """Schema 2.0 with all that a job can say."""
    return s3_batch_event(
        {"origKey": "object 1", "newKey": "new/object1"},
        bucket="arn:aws:s3:::my.photos-1",
        version_id="L4kqtJlcpXroDTDmpUMLUo.rmSpXd3dI",
        schema="2.0",
        user_arguments={"resize": "100x100", "to": "Zoë"},
        job_id="5f3d7c50-8a2e-4b35-9b4f-1d0c6f5a9e77",
        time="2025-01-01T00:00:00Z",
    )


def made_up() -> Any:
    """Without a key, of a bucket in another partition."""
    return s3_batch_event(bucket="arn:aws-cn:s3:::photos", time="2025-02-03T00:00:00Z")


def _task(event: Any) -> Any:
    return event["tasks"][0]


def _two_tasks(event: Any) -> None:
    event["tasks"].append(dict(_task(event)))


def _putting(key: str, value: Any) -> Any:
    def put(event: Any) -> None:
        _task(event)[key] = value

    return put


def _other_schema(event: Any) -> None:
    event["invocationSchemaVersion"] = "2.0" if event["invocationSchemaVersion"] == "1.0" else "1.0"


def _arn_with_a_region(event: Any) -> None:
    if "s3BucketArn" in _task(event):
        _task(event)["s3BucketArn"] = "arn:aws:s3:us-east-1:123456789012:photos"


def _arn_of_an_odd_name(event: Any) -> None:
    if "s3BucketArn" in _task(event):
        _task(event)["s3BucketArn"] = "arn:aws:s3:::Photos_1"


def _sample_ids(event: Any) -> None:
    event["invocationId"] = "YXNkbGZqYWRmaiBhc2RmdW9hZHNmZGpmaGFzbGtkaGZza2RmaAo"


def _sample_job(event: Any) -> None:
    event["job"]["id"] = "f3cc4f60-61f6-4a2b-8a21-d07600c373ce"


def _short_id(event: Any) -> None:
    event["invocationId"] = event["invocationId"][:80]


def _arguments(value: Any) -> Any:
    def put(event: Any) -> None:
        event["job"]["userArguments"] = value

    return put


MORE = {
    "two tasks": (_two_tasks, "tasks"),
    "the other schema": (_other_schema, "userArguments"),
    "an ARN with a region": (_arn_with_a_region, "s3BucketArn"),
    "an ARN of an odd name": (_arn_of_an_odd_name, "s3BucketArn"),
    "the documentation's invocation": (_sample_ids, "invocationId"),
    "the documentation's job": (_sample_job, "job"),
    "the documentation's task": (_putting("taskId", "dGFza2lkZ29lc2hlcmUK"), "taskId"),
    "a short id": (_short_id, "invocationId"),
    "arguments that are no text": (_arguments({"a": 1}), "userArguments"),
    "a key with a quote": (_putting("s3Key", 'a"b'), "s3Key"),
    "a key that is not ASCII": (_putting("s3Key", "é"), "s3Key"),
    "a key with a blank": (_putting("s3Key", "a b.jpg"), "s3Key"),
    "a key with half an escape": (_putting("s3Key", "a%2"), "s3Key"),
    "a key that is not UTF-8": (_putting("s3Key", "a%FF"), "s3Key"),
    "a key that is too long": (_putting("s3Key", "a" * 1025), "s3Key"),
    "a version that is a number": (_putting("s3VersionId", 1), "s3VersionId"),
    "a version with a blank": (_putting("s3VersionId", "1 2"), "s3VersionId"),
}

EVENTS = {"plain": plain, "everything": everything, "made_up": made_up}
OPTIONAL = frozenset(("job.userArguments[*]",))
FREE = frozenset(("job.userArguments[*]",))
ANYTHING = frozenset(("tasks[*].s3VersionId",))  # null or text, so that text for null is right; see MORE
DERIVED: frozenset[str] = frozenset()
