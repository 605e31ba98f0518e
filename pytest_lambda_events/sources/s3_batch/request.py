"""What a job is asked to be: schema, arguments, buckets. The law: pure; what S3 refuses is refused here, for an event
by itself as for a job.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_job_id", "check_schema", "read_bucket", "read_user_arguments"]

_SCHEMAS: Final = ("1.0", "2.0")
_JOB_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# S3 User Guide, "General purpose bucket naming rules" and "Directory bucket naming rules"
_BUCKET_ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):s3(?:express:[a-z0-9-]+:\d{12}:bucket/(?=.*--x-s3$)|:::(?!.*--x-s3$))(?P<name>[^/]+)"
)
_BUCKET: Final = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_RESERVED_PREFIXES: Final = ("xn--", "sthree-")
_RESERVED_SUFFIXES: Final = ("-s3alias", "--ol-s3", ".mrap", "--table-s3")
_DIRECTORY: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?--[a-z0-9-]+-(?:az|lz)\d+--x-s3")
_DIRECTORY_SUFFIX: Final = "--x-s3"

# S3 API Reference, LambdaInvokeOperation, UserArguments
_MOST_ARGUMENTS: Final = 10
_MOST_NAME: Final = 64
_MOST_VALUE: Final = 1024


def check_schema(schema: Any) -> None:
    """Errors: `UsageError` for what is no InvocationSchemaVersion."""
    if schema not in _SCHEMAS:
        raise UsageError(f"schema={schema!r}{nearest(str(schema), _SCHEMAS)}: it is the text '1.0' or '2.0'")


def check_job_id(job_id: str | None) -> None:
    """Errors: `UsageError` for what is no id of a job."""
    if job_id is not None and _JOB_ID.fullmatch(job_id) is None:
        raise UsageError(f"job_id={job_id!r} is no id of a job, which is a UUID in lower case")


def read_bucket(bucket: str, schema: str) -> tuple[str | None, str]:
    """Partition (None for a name, which says none) and name.

    Errors: `UsageError` for a name that S3 refuses, and for a directory bucket with schema 1.0.
    """
    arn = _BUCKET_ARN.fullmatch(bucket)
    partition, name = (arn["partition"], arn["name"]) if arn is not None else (None, bucket)
    of_directory = name.endswith(_DIRECTORY_SUFFIX)
    sound = _BUCKET.fullmatch(name) is not None and (not of_directory or _DIRECTORY.fullmatch(name) is not None)
    if not sound or name.startswith(_RESERVED_PREFIXES) or name.endswith(_RESERVED_SUFFIXES):
        raise UsageError(
            f"bucket={bucket!r} is no name of a bucket that S3 takes, nor an ARN: write photos or arn:aws:s3:::photos, "
            "3 to 63 lower-case letters, digits, dots and hyphens"
        )
    if of_directory and schema == "1.0":
        raise UsageError(f"bucket={bucket!r} is a directory bucket, and a job on one needs schema='2.0'")
    return partition, name


def read_user_arguments(given: Mapping[Any, Any] | None, schema: str) -> Mapping[str, str]:
    """UserArguments of a job, none where none are given. Errors: `UsageError`, also for what S3 refuses."""
    if given is None:
        return {}
    if schema == "1.0":
        raise UsageError("user_arguments with schema='1.0', which has none: give schema='2.0' as well")
    if len(given) > _MOST_ARGUMENTS:
        raise UsageError(f"{len(given)} user_arguments: a job has {_MOST_ARGUMENTS} at the most")
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise UsageError(f"user_arguments: {name!r}: {value!r:.80} is not text to text; make it text yourself")
        if not 1 <= len(name) <= _MOST_NAME or len(value) > _MOST_VALUE:
            raise UsageError(
                f"user_arguments: {name!r:.80} has {len(name)} characters and its value {len(value)}: a name has from "
                f"1 to {_MOST_NAME}, a value {_MOST_VALUE} at the most"
            )
    return given
