"""S3 Batch Operations' events without a job. The law: exactly one task, as S3 hands it over when it first tries it."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import finished, moment_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.sources.s3_batch.event import S3BatchEventShape
from pytest_lambda_events.sources.s3_batch.make import make_invocation_id, make_task, object_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.sources.s3_batch.event import SchemaVersion

__all__ = ["s3_batch_event"]

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


def s3_batch_event(
    *keys: Any,
    bucket: str = "photos",
    version_id: str | None = None,
    schema: SchemaVersion = "1.0",
    user_arguments: Mapping[str, str] | None = None,
    job_id: str | None = None,
    count: int | None = None,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """The event of one task of an S3 Batch Operations job, as S3 hands it to a function.

    Args:
        keys: The object's key, one at the most: text, or a dict or list for JSON in its place; made up when left out.
        bucket: The bucket's name or ARN (an ARN says the partition, too).
        version_id: The object's version; null in the event when left out, as where the manifest names none.
        schema: InvocationSchemaVersion of the job: 1.0 with the bucket's ARN, 2.0 with its name and user_arguments.
        user_arguments: UserArguments of the job, text to text; of schema 2.0 only.
        job_id: The job's id, a UUID.
        count: 1, or left out: an invocation has exactly one task.
        seed: Fixes every id: same seed, same event.
        time: The day that a made-up key names, ISO 8601 or a datetime; the event itself carries no time.
        overrides: What to put at which path when all is derived, e.g. `{"tasks[0].s3VersionId": "1"}`.

    Errors: `UsageError`, also for what S3 refuses.
    """
    if count is not None and count < 1:
        raise UsageError(f"count={count}: an event carries at least one record")
    many = count if count is not None and count > 1 else len(keys)
    if many > 1:
        raise UsageError(
            f"{many} tasks: S3 Batch Operations invokes the function with exactly one task; make an event for each key"
        )
    if schema not in _SCHEMAS:
        raise UsageError(f"schema={schema!r}{nearest(str(schema), _SCHEMAS)}: it is the text '1.0' or '2.0'")
    if job_id is not None and _JOB_ID.fullmatch(job_id) is None:
        raise UsageError(f"job_id={job_id!r} is no id of a job, which is a UUID in lower case")
    arguments = _user_arguments(user_arguments, schema)
    partition, name = _bucket(bucket, schema)
    identifiers = Identifiers(seed)
    moment = moment_ms(time)
    key = object_key(keys[0]) if keys else _made_up_key(moment)
    shape = S3BatchEventShape(
        schema, job_id=job_id or identifiers.uuid4("job"), partition=partition, user_arguments=arguments
    )
    task = make_task(key, identifiers=identifiers, bucket=name, version_id=version_id)
    event: dict[str, Any] = json.loads(shape.event_text(shape.record_text(task), make_invocation_id(identifiers)))
    return finished(event, overrides)


def _made_up_key(moment: int) -> str:
    day = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(milliseconds=moment)
    return f"orders/{day.date().isoformat().replace('-', '/')}/order-1.json"


def _bucket(bucket: str, schema: str) -> tuple[str, str]:
    """Partition and name. Errors: `UsageError` for a name that S3 refuses."""
    arn = _BUCKET_ARN.fullmatch(bucket)
    partition, name = (arn["partition"], arn["name"]) if arn is not None else ("aws", bucket)
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


def _user_arguments(given: Mapping[Any, Any] | None, schema: str) -> Mapping[str, str]:
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
