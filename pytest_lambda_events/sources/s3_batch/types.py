"""S3 Batch Operations' event as types. The law: key for key what `check` knows; a test compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["S3BatchEvent", "S3BatchJob", "S3BatchTask"]


class _JobAlways(TypedDict):
    id: str


class S3BatchJob(_JobAlways, total=False):
    """The job; its arguments with schema 2.0 only."""

    userArguments: Mapping[str, str]


class _TaskAlways(TypedDict):
    taskId: str
    s3Key: str
    s3VersionId: str | None


class S3BatchTask(_TaskAlways, total=False):
    """The task; `s3BucketArn` with schema 1.0, `s3Bucket` with 2.0. `s3Key` is URL-encoded."""

    s3BucketArn: str
    s3Bucket: str


class S3BatchEvent(TypedDict):
    """What S3 Batch Operations hands to a function."""

    invocationSchemaVersion: str
    invocationId: str
    job: S3BatchJob
    tasks: list[S3BatchTask]
