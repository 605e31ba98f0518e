"""S3 Batch Operations' events without a job. The law: exactly one task, as S3 hands it over when it first tries it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.building import finished, moment_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.sources.s3_batch.event import S3BatchEventShape
from pytest_lambda_events.sources.s3_batch.make import make_invocation_id, make_task, object_key
from pytest_lambda_events.sources.s3_batch.request import (
    check_job_id,
    check_schema,
    read_bucket,
    read_user_arguments,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.sources.s3_batch.event import SchemaVersion

__all__ = ["s3_batch_event"]


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
    check_schema(schema)
    check_job_id(job_id)
    arguments = read_user_arguments(user_arguments, schema)
    partition, name = read_bucket(bucket, schema)
    identifiers = Identifiers(seed)
    moment = moment_ms(time)
    key = object_key(keys[0]) if keys else _made_up_key(moment)
    shape = S3BatchEventShape(
        schema, job_id=job_id or identifiers.uuid4("job"), partition=partition or "aws", user_arguments=arguments
    )
    task = make_task(key, identifiers=identifiers, bucket=name, version_id=version_id)
    event: dict[str, Any] = json.loads(shape.event_text(shape.record_text(task), make_invocation_id(identifiers)))
    return finished(event, overrides)


def _made_up_key(moment: int) -> str:
    day = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(milliseconds=moment)
    return f"orders/{day.date().isoformat().replace('-', '/')}/order-1.json"
