"""A job as S3 keeps it: its tasks, its status, its report. The law: it says what is so and writes it down; what becomes
of a task, and when, is decided by the loop of jobs.

A job's states are AWS's (S3 User Guide, "Tracking job status and completion reports"). AWS does not say how long each
takes; here only Active does: New until the first run, and then, at one moment, Preparing, Ready, Active. When nothing
is left to run it is Completing and Complete; Failing and Failed when its manifest could not be read or too many tasks
failed. The manifest is read when the job is created, because CreateJob fixes its ETag.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

from pytest_lambda_events.brokers.moto import objects
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.sources.s3_batch.make import make_task, object_key
from pytest_lambda_events.sources.s3_batch.manifest import (
    CSV_FORMAT,
    INVENTORY_FORMAT,
    Listed,
    ManifestProblem,
    check_fields,
    is_inventory,
    manifest_location,
    read_csv,
    read_inventory,
)
from pytest_lambda_events.sources.s3_batch.report import ReportRow, completion_report, moment, read_report
from pytest_lambda_events.sources.s3_batch.request import (
    check_job_id,
    check_schema,
    read_bucket,
    read_user_arguments,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.batch_task import S3BatchTask
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.sources.s3_batch.report import CompletionReport, ReportSpec

__all__ = ["BatchJob", "JobRequest", "JobStatus", "create_job", "read_request"]

JobStatus = Literal["New", "Preparing", "Ready", "Active", "Completing", "Complete", "Failing", "Failed"]
"""The states that a job of ours goes through."""

_OK: Final = 200
_BAD_REQUEST: Final = 400
_FAILED: Final = "PermanentFailure"
_MOST_DESCRIPTION: Final = 256
_MOST_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What CreateJob was asked, read; `listed` are the manifest's objects, `failure` is why they could not be read."""

    schema: Literal["1.0", "2.0"]
    partition: str
    listed: Sequence[Listed]
    failure: ManifestProblem | None = None
    manifest: Mapping[str, Any] | None = None
    user_arguments: Mapping[str, str] = field(default_factory=dict)
    report: ReportSpec | None = None
    job_id: str | None = None
    description: str | None = None
    concurrency: int = 1


def read_request(
    *,
    keys: Iterable[Any] | None = None,
    manifest: str | None = None,
    fields: Sequence[str] | None = None,
    bucket: str | None = None,
    schema: Literal["1.0", "2.0"] = "1.0",
    user_arguments: Mapping[str, str] | None = None,
    report: Mapping[str, Any] | None = None,
    job_id: str | None = None,
    description: str | None = None,
    concurrency: int = 1,
    partition: str = "aws",
) -> JobRequest:
    """Read what a job is asked to be; see `Harness.s3_batch_job`. `partition` is the region's.

    A manifest that S3 could not read is no error here: it fails the job. Errors: `UsageError`.
    """
    check_schema(schema)
    check_job_id(job_id)
    if description is not None and not 1 <= len(description) <= _MOST_DESCRIPTION:
        raise UsageError(f"description of {len(description)} characters: S3 takes from 1 to {_MOST_DESCRIPTION}")
    if type(concurrency) is not int or not 1 <= concurrency <= _MOST_AT_ONCE:
        raise UsageError(f"concurrency={concurrency!r}: how many tasks run at once, from 1 to {_MOST_AT_ONCE}")
    asked = JobRequest(
        schema=schema,
        partition=partition,
        listed=(),
        user_arguments=dict(read_user_arguments(user_arguments, schema)),
        report=read_report(report, partition),
        job_id=job_id,
        description=description,
        concurrency=concurrency,
    )
    if asked.report is not None and not objects.bucket_exists(asked.report.bucket):
        raise UsageError(
            f"report: there is no bucket {asked.report.bucket!r} in moto: create it with boto3 before the job"
        )
    if (keys is None) == (manifest is None):
        raise UsageError("a job's objects are given either as keys=[...] or as manifest='s3://bucket/key'")
    if keys is not None:
        if fields is not None:
            raise UsageError("fields= says what the columns of a manifest are; keys=[...] has none")
        said, name = read_bucket("photos" if bucket is None else bucket, schema)
        return replace(asked, partition=said or partition, listed=_listed_keys(keys, name))
    if bucket is not None:
        raise UsageError("bucket= goes with keys=[...]: a manifest names the bucket of every object")
    return _with_manifest(asked, manifest, fields)


def _listed_keys(keys: Iterable[Any], bucket: str) -> list[Listed]:
    """Keys, or pairs of key and version, as a manifest would list them."""
    if isinstance(keys, (str, bytes, Mapping)):
        raise UsageError(f"keys={keys!r:.80}: a list of keys, or of pairs (key, version_id), also for a single one")
    listed = []
    for one in keys:
        key, version_id = one if isinstance(one, tuple) and len(one) == 2 else (one, None)  # noqa: PLR2004 - a pair
        text = object_key(key)
        listed.append(Listed(bucket, text, _spelt(text), version_id))
    versions = {one.version_id is None for one in listed}
    if len(versions) > 1:
        bare = next(one.key for one in listed if one.version_id is None)
        raise UsageError(
            f"{bare!r:.80} has no version and others have: a manifest has version ids for all of its objects or none"
        )
    return listed


def _spelt(key: str) -> str:
    """A key as a manifest spells it."""
    return quote(key, safe="/")


def _with_manifest(asked: JobRequest, reference: Any, fields: Sequence[str] | None) -> JobRequest:
    bucket, key = manifest_location(reference)
    check_fields(fields)
    found = objects.get_object(bucket, key)
    if found is None:
        raise UsageError(f"manifest={reference!r}: {_absent(bucket, key)}; put it there with boto3 before the job")
    listed: list[Listed] = []
    failure = None
    spec: dict[str, Any] = {"Format": INVENTORY_FORMAT if is_inventory(key) else CSV_FORMAT}
    try:
        if is_inventory(key):
            if fields is not None:
                raise UsageError("fields= is for a CSV manifest: an inventory says in fileSchema what its columns are")
            checksum = objects.get_object(bucket, f"{key.removesuffix('.json')}.checksum")
            listed = read_inventory(found.body, None if checksum is None else checksum.body, _body, asked.schema)
        else:
            listed, columns = read_csv(found.body, fields, asked.schema)
            spec["Fields"] = list(columns)
    except ManifestProblem as problem:
        failure = problem
    location = {"ObjectArn": f"arn:{asked.partition}:s3:::{bucket}/{key}", "ETag": found.etag}
    return replace(asked, listed=listed, failure=failure, manifest={"Spec": spec, "Location": location})


def _body(bucket: str, key: str) -> bytes | None:
    found = objects.get_object(bucket, key)
    return None if found is None else found.body


def _absent(bucket: str, key: str) -> str:
    if not objects.bucket_exists(bucket):
        return f"there is no bucket {bucket!r} in moto"
    return f"there is no object {key!r} in bucket {bucket!r}{nearest(key, objects.list_keys(bucket))}"


def create_job(
    request: JobRequest,
    *,
    function_arn: str,
    region: str,
    account: str,
    clock: Clock,
    ledger: Ledger,
    identifiers: Identifiers,
) -> BatchJob:
    """Create a job: its tasks are there at once, and nothing runs until somebody runs the world."""
    job_id = request.job_id or identifiers.uuid4("job")
    return BatchJob(
        job_id,
        request,
        arn=f"arn:{request.partition}:s3:{region}:{account}:job/{job_id}",
        function_arn=function_arn,
        clock=clock,
        ledger=ledger,
        identifiers=identifiers,
    )


class BatchJob:
    """A job of S3 Batch Operations. `id` and `arn` are AWS's; `tasks` are in the order of the manifest.

    `history` has every status with the second at which it began; `results` a row for each task that ended, in that
    order, whether or not a report is asked for; `report` is what was written at the end.
    """

    def __init__(
        self,
        job_id: str,
        request: JobRequest,
        *,
        arn: str,
        function_arn: str,
        clock: Clock,
        ledger: Ledger,
        identifiers: Identifiers,
    ) -> None:
        self.id = job_id
        self.arn = arn
        self.request = request
        self.history: list[tuple[float, JobStatus]] = []
        self.results: list[ReportRow] = []
        self.report: CompletionReport | None = None
        self.succeeded = 0
        self.failed = 0
        self._function_arn = function_arn
        self._clock = clock
        self._ledger = ledger
        self._identifiers = identifiers
        self._created_ms = clock.now_ms
        self._active_ms: int | None = None
        self._ended_ms: int | None = None
        self._failure: tuple[str, str] | None = None
        self._listed: dict[str, Listed] = {}
        self.tasks: list[S3BatchTask] = []
        self._become("New", clock.now_ms)
        for one in request.listed:
            task = make_task(
                one.key,
                identifiers=identifiers,
                bucket=one.bucket,
                version_id=one.version_id or None,
                purpose=f"task/{job_id}",
            )
            self.tasks.append(task)
            self._listed[task.id] = one
            ledger.entered(clock.now_ms, arn, task)

    # -- what the loop of jobs does with it -----------------------------------------------------------------------

    @property
    def status(self) -> JobStatus:
        """Where the job stands."""
        return self.history[-1][1]

    def prepare(self, now_ms: int) -> list[S3BatchTask]:
        """Begin; the tasks to run. Those of an inventory without a version fail here, none runs without a manifest."""
        self._become("Preparing", now_ms)
        problem = self.request.failure
        if problem is not None:
            self.give_up(problem.code, problem.reason, now_ms)
            return []
        self._become("Ready", now_ms)
        self._become("Active", now_ms)
        self._active_ms = now_ms
        runnable = []
        for task in self.tasks:
            if self._listed[task.id].version_id == "":
                self._end(task, "failed", "Invalid version ID format", now_ms, http_status=_BAD_REQUEST)
            else:
                runnable.append(task)
        return runnable

    def succeed(self, task: S3BatchTask, message: str, now_ms: int) -> None:
        """A task succeeded, and said this."""
        self._end(task, "succeeded", message, now_ms)

    def fail(self, task: S3BatchTask, message: str, now_ms: int) -> None:
        """A task failed for good, and this is why."""
        self._end(task, "failed", message, now_ms)

    def give_up(self, code: str, reason: str, now_ms: int) -> None:
        """The job fails: nothing new is begun."""
        self._failure = (code, reason)
        self._become("Failing", now_ms)

    def finish(self, now_ms: int, *, invoked: bool) -> None:
        """Nothing runs any more. The report is written if any task was `invoked`.

        Errors: `UsageError` when the report's bucket is gone.
        """
        failing = self._failure is not None
        if not failing and self.status != "Completing":
            self._become("Completing", now_ms)
        spec = self.request.report
        if spec is not None and invoked:
            self._write(spec, now_ms)
        self._ended_ms = now_ms
        self._become("Failed" if failing else "Complete", now_ms)

    def _end(
        self,
        task: S3BatchTask,
        status: Literal["succeeded", "failed"],
        message: str,
        now_ms: int,
        *,
        http_status: int = _OK,
    ) -> None:
        listed = self._listed[task.id]
        if status == "succeeded":
            self.succeeded += 1
        else:
            self.failed += 1
        self.results.append(
            ReportRow(
                bucket=listed.bucket,
                key=listed.spelling,
                version_id=listed.version_id or "",
                status=status,
                http_status=http_status,
                error_code="" if status == "succeeded" else _FAILED,
                message=message,
            )
        )
        self._ledger.left(now_ms, self.arn, (task.id,), "processed" if status == "succeeded" else "discarded")

    def _write(self, spec: ReportSpec, now_ms: int) -> None:
        report = completion_report(
            spec,
            self.results,
            job_id=self.id,
            at_ms=now_ms,
            new_name=lambda: self._identifiers.hex(40, f"report/{self.id}"),
        )
        for key, text in report.files.items():
            if not objects.put_object(spec.bucket, key, text.encode("utf-8", "surrogatepass")):
                raise UsageError(f"the bucket {spec.bucket!r} is gone: the report of job {self.id} cannot be written")
        self.report = report

    def _become(self, status: JobStatus, now_ms: int) -> None:
        self.history.append(((now_ms - self._clock.start_ms) / 1000, status))

    # -- what DescribeJob says ------------------------------------------------------------------------------------

    @property
    def progress(self) -> dict[str, int]:
        """ProgressSummary's counts."""
        return {
            "TotalNumberOfTasks": len(self.tasks),
            "NumberOfTasksSucceeded": self.succeeded,
            "NumberOfTasksFailed": self.failed,
        }

    def describe(self) -> dict[str, Any]:
        """The Job of DescribeJob's answer, without what nobody gave (RoleArn, Priority); a copy."""
        request = self.request
        operation: dict[str, Any] = {"FunctionArn": self._function_arn, "InvocationSchemaVersion": request.schema}
        if request.user_arguments:
            operation["UserArguments"] = dict(request.user_arguments)
        told: dict[str, Any] = {"JobId": self.id, "ConfirmationRequired": False}
        if request.description is not None:
            told["Description"] = request.description
        told |= {"JobArn": self.arn, "Status": self.status}
        if request.manifest is not None:
            told["Manifest"] = json.loads(json.dumps(request.manifest))
        told |= {
            "Operation": {"LambdaInvoke": operation},
            "ProgressSummary": {**self.progress, "Timers": {"ElapsedTimeInActiveSeconds": self._active_seconds()}},
        }
        if self._failure is not None:
            code, reason = self._failure
            told["FailureReasons"] = [{"FailureCode": code, "FailureReason": reason}]
        told["Report"] = {"Enabled": False} if request.report is None else dict(request.report.echoed)
        told["CreationTime"] = moment(self._created_ms)
        if self._ended_ms is not None:
            told["TerminationDate"] = moment(self._ended_ms)
        return told

    def _active_seconds(self) -> int:
        if self._active_ms is None:
            return 0
        until_ms = self._clock.now_ms if self._ended_ms is None else self._ended_ms
        return (until_ms - self._active_ms) // 1000
