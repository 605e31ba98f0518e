"""Tasks of S3 Batch Operations as a job again. The law: a job has its tasks from its beginning, so they make one.

One job has one bucket; an object that was retried is one task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.pouring import Pour, Verb

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from pytest_lambda_events.model.batch_task import S3BatchTask

__all__ = ["INTO", "job_of", "mark_of", "pours"]

INTO: Final = ("s3_batch",)


def pours(event: Any, source: Any) -> Iterator[Pour]:
    """Each task; none is put into anything."""
    del source
    for number, task in enumerate(event["tasks"]):
        key = unquote_plus(task["s3Key"])
        yield Pour(
            path=("tasks", number),
            record=task,
            identity=task["taskId"],
            put=Verb("", (key, task.get("s3VersionId"))),
            mark=(_bucket(task), key, task.get("s3VersionId")),
        )


def mark_of(record: S3BatchTask) -> Hashable:
    """What a task is recognised by: its object."""
    return record.bucket, record.key, record.version_id


def job_of(events: Sequence[Any], pours: Sequence[Pour]) -> dict[str, Any]:
    """The arguments of `s3_batch_job` that make a job of these tasks. Errors: `UsageError` for several buckets."""
    buckets = list(dict.fromkeys(_bucket(pour.record) for pour in pours))
    if len(buckets) > 1:
        raise UsageError(f"the tasks are of {len(buckets)} buckets, {', '.join(buckets)}, and a job here has one")
    keys = [key if version is None else (key, version) for key, version in (pour.put.arguments for pour in pours)]
    arguments: dict[str, Any] = {"keys": keys, "bucket": buckets[0]}
    event = events[0]
    if event["invocationSchemaVersion"] != "1.0":
        arguments["schema"] = event["invocationSchemaVersion"]
        if event["job"].get("userArguments"):
            arguments["user_arguments"] = dict(event["job"]["userArguments"])
    return arguments


def _bucket(task: Any) -> str:
    """The bucket's name, of its ARN in the older form."""
    name: str = task["s3Bucket"] if "s3Bucket" in task else task["s3BucketArn"].rpartition(":")[2]
    return name
