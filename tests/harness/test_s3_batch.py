"""A job of S3 Batch Operations, from its manifest to its report (S3 User Guide, "Invoke AWS Lambda function", "Tracking
job status and completion reports").
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import gzip
import hashlib
import io
import json
import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import boto3
import botocore.session
import pytest
from botocore.validate import ParamValidator

from pytest_lambda_events import Harness, RunLimitReached, UsageError
from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.events import validate
from pytest_lambda_events.harness.job import S3BatchJob
from pytest_lambda_events.harness.wiring_job import wire_job
from pytest_lambda_events.invoking.handler import LambdaFunction
from pytest_lambda_events.model.function import read_function
from pytest_lambda_events.model.regions import partition_of
from pytest_lambda_events.responses import check_response, s3_batch_response
from pytest_lambda_events.sources.s3_batch.broker import create_job, read_request

if TYPE_CHECKING:
    from collections.abc import Callable

REPORT = {"Bucket": "arn:aws:s3:::reports", "Prefix": "resize"}


def job_of(aws: Any, handler: Any, *, function: Any = None, duration: Any = 0, **asked: Any) -> S3BatchJob:
    """A job in a harness: its parts, joined as the world joins those of a mapping."""
    world, surface = aws._world, aws._surface
    config = read_function(
        function or {},
        default_name=world._function_name(handler),
        region=surface.region,
        account=surface.account,
    )
    request = read_request(**asked, partition=partition_of(surface.region))
    called = LambdaFunction(
        world.usable(handler, config),
        config,
        clock=world.clock,
        around=world._travel.invocation,
        duration=duration,
        log_stream_name=world.log_stream_name(config.name),
        process=world._process,
    )
    parts = {"clock": world.clock, "ledger": world._ledger, "identifiers": world._identifiers}
    job = create_job(request, function_arn=config.invoked_arn, region=surface.region, account=surface.account, **parts)
    poller = wire_job(job, function=called, reservation=world._reservation(config), **parts)
    held = S3BatchJob(world, job=job, function=called, poller=poller)
    world._pollers.append(poller)
    return held


@pytest.fixture
def s3_batch_job(aws: Harness) -> Callable[..., S3BatchJob]:
    """The factory of jobs."""

    def make(handler: Any, **asked: Any) -> S3BatchJob:
        return job_of(aws, handler, **asked)

    return make


@pytest.fixture
def s3(aws: Harness) -> Any:
    """Moto's S3 with a bucket for everything."""
    client = boto3.client("s3")
    for bucket in ("jobs", "reports", "inventories"):
        client.create_bucket(Bucket=bucket)
    return client


class Scripted:
    """A handler that answers for each key with the next of its answers; the last one repeats.

    An answer is a result code, a function of the event, or an exception to raise.
    """

    def __init__(self, **answers: Any) -> None:
        self.events: list[Any] = []
        self._answers = {key: list(several) for key, several in answers.items()}

    @property
    def keys(self) -> list[str]:
        """The keys in the order in which they were asked for."""
        return [unquote_plus(event["tasks"][0]["s3Key"]) for event in self.events]

    def __call__(self, event: Any, context: Any) -> Any:
        self.events.append(event)
        answers = self._answers.get(self.keys[-1], ["Succeeded"])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer(event) if callable(answer) else s3_batch_response(event, answer, f"{answer}: {self.keys[-1]}")


def succeed(event: Any, _context: Any) -> Any:
    """A handler that does its work."""
    return s3_batch_response(event, "Succeeded", "done")


def statuses(job: S3BatchJob) -> list[str]:
    return [status for _, status in job.history]


def written(s3: Any, bucket: str = "reports") -> dict[str, str]:
    """Every object of a bucket, as text."""
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read().decode() for one in found}


# -- one task after the other --------------------------------------------------------------------------------------


def test_every_object_is_one_task_and_one_invocation(s3_batch_job: Any) -> None:
    """In the order of the keys, all at once in virtual time, and the job is Complete."""
    handler = Scripted()
    job = s3_batch_job(handler, keys=["a.jpg", "b.jpg", "c.jpg"])
    assert (job.status, [task.key for task in job.records]) == ("New", ["a.jpg", "b.jpg", "c.jpg"])
    run = job.run_until_idle()
    assert run.processed == job.records == run.records
    assert handler.keys == ["a.jpg", "b.jpg", "c.jpg"]
    assert [len(call.records) for call in run.invocations] == [1, 1, 1]
    assert {call.outcome for call in run.invocations} == {"success"}
    assert job.status == "Complete"
    assert job.progress == {"TotalNumberOfTasks": 3, "NumberOfTasksSucceeded": 3, "NumberOfTasksFailed": 0}
    assert run.metrics == {"Invocations": 3, "Errors": 0, "Throttles": 0, **job.progress}
    assert (run.elapsed, run.advice, run.mapping) == (0, [], job)


def test_the_job_goes_through_awss_statuses(s3_batch_job: Any) -> None:
    """New until somebody runs it; a handler finds it Active; nothing but Active takes time."""
    seen: list[str] = []

    def handler(event: Any, _context: Any) -> Any:
        seen.append(job.status)
        time.sleep(2)
        return s3_batch_response(event)

    job = s3_batch_job(handler, keys=["a", "b"])
    assert job.history == [(0, "New")]
    job.run_until(lambda run: bool(run.invocations))
    assert job.status == "Active"
    job.run_until_idle()
    assert seen == ["Active", "Active"]
    assert job.history == [
        (0, "New"), (0, "Preparing"), (0, "Ready"), (0, "Active"), (4, "Completing"), (4, "Complete"),
    ]  # fmt: skip


def test_tasks_take_turns(s3_batch_job: Any) -> None:
    """One at a time: three of ten seconds take thirty."""
    job = s3_batch_job(succeed, keys=["a", "b", "c"], function={"Timeout": 30}, duration=10)
    run = job.run_until_idle()
    assert [run.attempts(task) for task in job.records] == [[0], [10], [20]]
    assert run.elapsed == 30
    assert job.describe()["ProgressSummary"]["Timers"] == {"ElapsedTimeInActiveSeconds": 30}


def test_more_at_once_on_request(s3_batch_job: Any) -> None:
    """`concurrency=2`: two of ten seconds each, then the third."""
    job = s3_batch_job(succeed, keys=["a", "b", "c"], function={"Timeout": 30}, duration=10, concurrency=2)
    run = job.run_until_idle()
    assert [run.attempts(task) for task in job.records] == [[0], [0], [10]]
    assert run.elapsed == 20


def test_a_run_stops_in_the_middle_and_goes_on(s3_batch_job: Any) -> None:
    """After 15 seconds one task has ended, one is with the function, one has not begun."""
    job = s3_batch_job(succeed, keys=["a", "b", "c"], function={"Timeout": 30}, duration=10)
    run = job.run_for(15)
    assert [run.fate(task) for task in job.records] == ["processed", "pending", "pending"]
    assert (job.status, job.progress["NumberOfTasksSucceeded"]) == ("Active", 1)
    assert job.describe()["ProgressSummary"]["Timers"] == {"ElapsedTimeInActiveSeconds": 15}
    assert "TerminationDate" not in job.describe()
    assert "Active: 1 of 3 tasks ended" in repr(job)
    assert job.view().pending == job.records[1:]
    assert job.run_until_idle().processed == job.records


def test_an_outage_costs_only_time(aws: Harness, s3_batch_job: Any) -> None:
    """While nobody runs the world nothing happens; the job begins when somebody does."""
    job = s3_batch_job(succeed, keys=["a"])
    aws.virtual_clock.advance(3_600)
    run = job.run_until_idle()
    assert run.attempts(job.records[0]) == [3_600]
    assert job.history[:2] == [(0, "New"), (3_600, "Preparing")]


def test_jobs_and_mappings_share_the_world(aws: Harness, s3_batch_job: Any) -> None:
    """Whichever is asked, all run; each shows its own."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, lambda *_: None)
    (sent,) = queue.send("a")
    job, other = s3_batch_job(succeed, keys=["a"]), s3_batch_job(succeed, keys=["b"])
    run = job.run_until_idle()
    assert run.records == job.records
    assert (other.status, other.view().processed) == ("Complete", other.records)
    assert mapping.view().processed == [sent]


def test_a_job_without_tasks_is_complete(s3_batch_job: Any) -> None:
    """There is nothing to do, and nothing to report."""
    job = s3_batch_job(succeed, keys=[])
    run = job.run_until_idle()
    assert (job.status, run.records, run.invocations) == ("Complete", [], [])
    assert statuses(job) == ["New", "Preparing", "Ready", "Active", "Completing", "Complete"]


# -- events ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        {"schema": "1.0"},
        {"schema": "2.0"},
        {"schema": "2.0", "user_arguments": {"size": "100x100"}},
        {"bucket": "arn:aws-cn:s3:::photos"},
        {"schema": "2.0", "bucket": "photos--usw2-az1--x-s3"},
        {"job_id": "f8fb9d89-a3aa-461d-bddc-ea6a1b131955"},
    ],
)
def test_events_are_those_of_the_schema(s3_batch_job: Any, asked: dict[str, Any]) -> None:
    """No finding; the job's own id, the bucket in the form of the schema, the arguments with 2.0 only."""
    handler = Scripted()
    job = s3_batch_job(handler, keys=["a"], **asked)
    job.run_until_idle()
    (event,) = handler.events
    assert validate(event) == []
    assert event["invocationSchemaVersion"] == asked.get("schema", "1.0")
    assert event["job"]["id"] == job.id == asked.get("job_id", job.id)
    assert event["job"].get("userArguments") == (
        asked.get("user_arguments", {}) if asked.get("schema") == "2.0" else None
    )
    task = event["tasks"][0]
    name = asked.get("bucket", "photos").rpartition(":")[2]
    partition = "aws-cn" if "aws-cn" in asked.get("bucket", "") else "aws"
    assert (task.get("s3Bucket"), task.get("s3BucketArn")) == (
        (name, None) if asked.get("schema") == "2.0" else (None, f"arn:{partition}:s3:::{name}")
    )


def test_keys_are_url_encoded_in_the_event(s3_batch_job: Any) -> None:
    """What the handler has to undo with unquote_plus; a dict stands for JSON in the place of a key."""
    handler = Scripted()
    keys = ["2025/a b.jpg", "c+d&é.jpg", {"origKey": "a"}]
    job = s3_batch_job(handler, keys=keys)
    job.run_until_idle()
    assert [event["tasks"][0]["s3Key"] for event in handler.events] == [
        "2025/a+b.jpg",
        "c%2Bd%26%C3%A9.jpg",
        "%7B%22origKey%22%3A%22a%22%7D",
    ]
    assert handler.keys == [task.key for task in job.records] == ["2025/a b.jpg", "c+d&é.jpg", '{"origKey":"a"}']
    assert job.records[2].json() == {"origKey": "a"}


def test_versions_reach_the_handler(s3_batch_job: Any) -> None:
    """Pairs of key and version; without them s3VersionId is null."""
    handler = Scripted()
    job = s3_batch_job(handler, keys=[("a", "v1"), ("a", "v2")])
    job.run_until_idle()
    assert [event["tasks"][0]["s3VersionId"] for event in handler.events] == ["v1", "v2"]
    assert [task.version_id for task in job.records] == ["v1", "v2"]
    handler = Scripted()
    s3_batch_job(handler, keys=[("a", None), "b"]).run_until_idle()
    assert [event["tasks"][0]["s3VersionId"] for event in handler.events] == [None, None]


def test_a_task_keeps_its_id_and_an_invocation_has_its_own(s3_batch_job: Any) -> None:
    """Also when it is tried again."""
    handler = Scripted(a=["TemporaryFailure", "Succeeded"])
    job = s3_batch_job(handler, keys=["a"])
    run = job.run_until_idle()
    first, second = handler.events
    assert first["tasks"] == second["tasks"]
    assert first["tasks"][0]["taskId"] == job.records[0].id
    assert first["invocationId"] != second["invocationId"]
    assert len({call.request_id for call in run.invocations}) == 2


# -- endings ---------------------------------------------------------------------------------------------------------


def test_a_temporary_failure_is_redriven_a_minute_later(s3_batch_job: Any) -> None:
    """After everything that was not tried yet, and until it succeeds."""
    handler = Scripted(b=["TemporaryFailure", "TemporaryFailure", "Succeeded"])
    job = s3_batch_job(handler, keys=["a", "b", "c"])
    run = job.run_until_idle()
    assert run.processed == job.records
    assert run.attempts(job.records[1]) == [0, 60, 120]
    assert handler.keys == ["a", "b", "c", "b", "b"]
    assert [call.outcome for call in run.invocations] == ["success", "partial", "success", "partial", "success"]
    assert run.invocations[1].problem == "TemporaryFailure: TemporaryFailure: b"
    assert run.invocations[1].failed == (job.records[1],)


def test_three_redrives_and_no_more(s3_batch_job: Any) -> None:
    """Four attempts a minute apart, then the task has failed; the job is Complete all the same."""
    job = s3_batch_job(Scripted(a=["TemporaryFailure"]), keys=["a", "b"])
    run = job.run_until_idle()
    bad, good = job.records
    assert (run.discarded, run.processed) == ([bad], [good])
    assert run.attempts(bad) == [0, 60, 120, 180]
    assert (job.status, job.progress["NumberOfTasksFailed"]) == ("Complete", 1)
    assert job.results[-1][3:] == ("failed", 200, "PermanentFailure", "TemporaryFailure: a")


def test_the_minute_begins_when_the_attempt_ends(s3_batch_job: Any) -> None:
    """An attempt of ten seconds is tried again at 70."""
    handler = Scripted(a=["TemporaryFailure", "Succeeded"])
    job = s3_batch_job(handler, keys=["a"], function={"Timeout": 30}, duration=10)
    assert job.run_until_idle().attempts(job.records[0]) == [0, 70]


def test_a_permanent_failure_is_final(s3_batch_job: Any) -> None:
    """One attempt; the function's words are in the results."""
    job = s3_batch_job(Scripted(a=["PermanentFailure"]), keys=["a"])
    run = job.run_until_idle()
    assert run.discarded == job.records
    assert run.attempts(job.records[0]) == [0]
    assert job.results == [("photos", "a", "", "failed", 200, "PermanentFailure", "PermanentFailure: a")]
    assert run.metrics["Errors"] == 0


def test_a_raise_is_redriven_like_a_temporary_failure(s3_batch_job: Any) -> None:
    """The exception is kept; a raise for ever ends after four attempts with the function error in the results."""
    job = s3_batch_job(Scripted(a=[ValueError("x"), "Succeeded"], b=[ValueError("no such size")]), keys=["a", "b"])
    run = job.run_until_idle()
    once, always = job.records
    assert (run.processed, run.discarded) == ([once], [always])
    assert (run.attempts(once), run.attempts(always)) == ([0, 60], [0, 60, 120, 180])
    assert isinstance(run.invocations[0].error, ValueError)
    assert (run.invocations[0].outcome, run.metrics["Errors"]) == ("error", 5)
    message = job.results[-1].message
    assert message.startswith('Lambda returned function error: {"errorMessage": "no such size", "errorType": "ValueErr')
    assert run.invocations[-1].request_id in message


def test_a_timeout_is_permanent(s3_batch_job: Any) -> None:
    """It is not tried again, and the report has Lambda's payload."""

    def handler(_event: Any, _context: Any) -> None:
        time.sleep(60)

    job = s3_batch_job(handler, keys=["a"])
    run = job.run_until_idle()
    assert run.discarded == job.records
    assert (run.attempts(job.records[0]), run.elapsed) == ([0], 3)
    assert run.invocations[0].outcome == "timeout"
    request_id = run.invocations[0].request_id
    assert job.results[0].message == (
        f'Lambda returned function error: {{"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: {request_id} '
        'Error: Task timed out after 3.00 seconds"}'
    )


@pytest.mark.parametrize("code", ["Succeeded", "TemporaryFailure", "PermanentFailure", None])
def test_a_task_that_is_left_out_counts_as_treat_missing_keys_as(s3_batch_job: Any, code: str | None) -> None:
    """Succeeded: nobody notices, except for the advice. Without treatMissingKeysAs it is TemporaryFailure."""

    def forgetful(event: Any, _context: Any) -> Any:
        response: Any = {**s3_batch_response(event), "results": [], "treatMissingKeysAs": code}
        return {key: value for key, value in response.items() if value is not None}

    job = s3_batch_job(forgetful, keys=["a"])
    run = job.run_until_idle()
    assert run.fate(job.records[0]) == ("processed" if code == "Succeeded" else "discarded")
    assert len(run.attempts(job.records[0])) == (4 if code in ("TemporaryFailure", None) else 1)
    (advice,) = run.advice
    assert (advice.code, advice.records) == ("task-left-out", (job.records[0].id,))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda response: None,
        lambda response: "Succeeded",
        json.dumps,
        lambda response: {"statusCode": 200, "body": json.dumps(response)},
        lambda response: {**response, "invocationSchemaVersion": "2.0"},
        lambda response: {**response, "invocationId": "x"},
        lambda response: {**response, "results": [{**response["results"][0], "taskId": "x"}]},
        lambda response: {**response, "results": [{**response["results"][0], "resultCode": "Success"}]},
        lambda response: {**response, "results": {1, 2}},
        lambda response: {**response, "results": [{**response["results"][0], "resultString": "x" * 6_291_500}]},
    ],
)
def test_a_response_that_s3_cannot_use_fails_the_task(s3_batch_job: Any, spoil: Any) -> None:
    """At once and for good, in S3's words in the results and in ours in the run; `check_response` says the same."""

    def handler(event: Any, _context: Any) -> Any:
        return spoil(s3_batch_response(event))

    job = s3_batch_job(handler, keys=["a"])
    run = job.run_until_idle()
    (call,) = run.invocations
    assert (run.discarded, call.outcome) == (job.records, "malformed")
    assert call.problem
    assert job.results[0][3:] == ("failed", 200, "PermanentFailure", "Invalid JSON returned in Lambda payload")
    answer = spoil(s3_batch_response(call.event))
    assert any(finding.severity == "error" for finding in check_response(call.event, answer))


def test_what_is_meant_for_the_test_runner_passes_through(s3_batch_job: Any) -> None:
    """pytest.fail in a handler fails the test; the task is not lost, and comes again when somebody runs."""
    answers = iter([pytest.fail, succeed])

    def handler(event: Any, context: Any) -> Any:
        answer: Any = next(answers)
        return answer("seen by pytest") if answer is pytest.fail else answer(event, context)

    job = s3_batch_job(handler, keys=["a"])
    with pytest.raises(pytest.fail.Exception, match="seen by pytest"):
        job.run_until_idle()
    assert job.view().pending == job.records
    run = job.run_until_idle()
    assert run.processed == job.records


# -- too many failures -----------------------------------------------------------------------------------------------


def test_a_job_fails_when_more_than_half_of_its_tasks_failed(s3_batch_job: Any) -> None:
    """From the thousandth on; what did not run is pending, and nothing runs any more."""
    job = s3_batch_job(
        lambda event, _: s3_batch_response(event, "PermanentFailure"), keys=[str(number) for number in range(1_200)]
    )
    run = job.run_until_idle()
    assert len(run.invocations) == len(run.discarded) == 1_000
    assert run.pending == job.records[1_000:]
    assert job.progress == {"TotalNumberOfTasks": 1_200, "NumberOfTasksSucceeded": 0, "NumberOfTasksFailed": 1_000}
    assert statuses(job)[-3:] == ["Active", "Failing", "Failed"]
    (failure,) = job.describe()["FailureReasons"]
    assert failure["FailureCode"] == "TaskFailureThresholdExceeded"
    assert "1000 of the 1000 tasks" in failure["FailureReason"]
    assert len(job.run_until_idle().invocations) == 1_000


def test_exactly_half_is_not_too_many(s3_batch_job: Any) -> None:
    """Every second of 1,000 tasks: Complete. One failure more, and the job has failed."""

    def every_second(event: Any, _context: Any) -> Any:
        number = int(event["tasks"][0]["s3Key"])
        return s3_batch_response(event, "PermanentFailure" if number % 2 or number == 1_000 else "Succeeded")

    assert s3_batch_job(every_second, keys=map(str, range(1_000))).run_until_idle().mapping.status == "Complete"
    job = s3_batch_job(every_second, keys=map(str, range(1_100)))
    run = job.run_until_idle()
    assert (job.status, len(run.invocations), len(run.pending)) == ("Failed", 1_001, 99)


def test_what_runs_when_a_job_fails_still_ends(s3_batch_job: Any) -> None:
    """Failing until the last invocation is back; its outcome counts, a redrive does not come."""
    codes = {"0": "Succeeded", "1": "TemporaryFailure"}
    job = s3_batch_job(
        lambda event, _: s3_batch_response(event, codes.get(event["tasks"][0]["s3Key"], "PermanentFailure")),
        keys=map(str, range(1_010)),
        function={"Timeout": 30},
        duration=lambda event: 25 if event["tasks"][0]["s3Key"] in codes else 10,
        concurrency=1_000,
    )
    run = job.run_for(100)
    assert job.history[4:] == [(20, "Failing"), (25, "Failed")]  # 998 ended at 10, two of the next ten make 1,000
    assert (run.processed, run.pending) == (job.records[:1], job.records[1:2])
    assert len(run.discarded) == 1_008


# -- throttling ------------------------------------------------------------------------------------------------------


def test_a_throttled_job_waits(s3_batch_job: Any) -> None:
    """Two want to run and the function has one: again after 1, 2, 4 … seconds; no attempt is used up."""
    job = s3_batch_job(
        Scripted(b=["TemporaryFailure"]),
        keys=["a", "b"],
        function={"Timeout": 30, "ReservedConcurrentExecutions": 1},
        duration=10,
        concurrency=2,
    )
    run = job.run_until_idle()
    first, second = job.records
    assert run.attempts(first) == [0]
    assert run.attempts(second)[:2] == [15, 85]  # throttled at 0, 1, 3 and 7 s
    assert len(run.attempts(second)) == 4
    assert run.metrics["Throttles"] == 4
    throttled = [call for call in run.invocations if call.outcome == "throttled"]
    assert [call.at for call in throttled] == [0, 1, 3, 7]
    assert throttled[0].failed == (second,)


def test_the_delays_begin_anew_when_one_has_run(s3_batch_job: Any) -> None:
    """Whoever is throttled next waits 1, 2, 4 … seconds again."""
    function = {"Timeout": 30, "ReservedConcurrentExecutions": 1}
    job = s3_batch_job(succeed, keys=["a", "b", "c"], function=function, duration=10, concurrency=2)
    run = job.run_until_idle()
    assert [run.attempts(record) for record in job.records] == [[0], [15], [30]]


def test_a_function_without_concurrency_never_runs(s3_batch_job: Any) -> None:
    """At most once a minute it is tried; the bound of the run ends that, and says so."""
    job = s3_batch_job(succeed, keys=["a"], function={"ReservedConcurrentExecutions": 0})
    with pytest.raises(RunLimitReached) as caught:
        job.run_until_idle(max_seconds=600)
    run = caught.value.run
    assert run.pending == job.records
    assert [call.at for call in run.invocations][:9] == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    assert (run.metrics["Invocations"], job.status, run.attempts(job.records[0])) == (0, "Active", [])


def test_jobs_share_their_functions_concurrency(s3_batch_job: Any) -> None:
    """Two jobs, one function, one invocation at a time."""
    function = {"FunctionName": "resize", "Timeout": 30, "ReservedConcurrentExecutions": 1}
    first = s3_batch_job(succeed, keys=["a"], function=function, duration=10)
    second = s3_batch_job(succeed, keys=["b"], function=function, duration=10)
    first.run_until_idle()
    assert second.view().attempts(second.records[0]) == [15]


# -- manifests -------------------------------------------------------------------------------------------------------


def test_a_manifest_in_a_bucket(s3: Any, s3_batch_job: Any) -> None:
    """Read when the job is created: what happens to it afterwards does not matter."""
    etag = s3.put_object(Bucket="jobs", Key="m/all.csv", Body=b"photos,2025/a%20b.jpg\nprints,c+d\n")["ETag"]
    handler = Scripted()
    job = s3_batch_job(handler, manifest="s3://jobs/m/all.csv", report=REPORT)
    s3.delete_object(Bucket="jobs", Key="m/all.csv")
    assert [(task.bucket, task.key) for task in job.records] == [("photos", "2025/a b.jpg"), ("prints", "c d")]
    job.run_until_idle()
    assert [event["tasks"][0]["s3BucketArn"] for event in handler.events] == [
        "arn:aws:s3:::photos",
        "arn:aws:s3:::prints",
    ]
    assert [row.key for row in job.results] == ["2025/a%20b.jpg", "c+d"]  # as the manifest spells them
    assert job.describe()["Manifest"] == {
        "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
        "Location": {"ObjectArn": "arn:aws:s3:::jobs/m/all.csv", "ETag": etag.strip('"')},
    }


def test_a_manifest_with_versions_and_columns_of_ones_own(s3: Any, s3_batch_job: Any) -> None:
    """`fields` are JobManifestSpec's."""
    s3.put_object(Bucket="jobs", Key="m.csv", Body=b"v1,photos,7,a.jpg\n")
    fields = ["VersionId", "Bucket", "Ignore", "Key"]
    job = s3_batch_job(succeed, manifest="arn:aws:s3:::jobs/m.csv", fields=fields)
    (task,) = job.records
    assert (task.bucket, task.key, task.version_id) == ("photos", "a.jpg", "v1")
    assert job.describe()["Manifest"]["Spec"]["Fields"] == fields


def test_an_inventory_is_a_manifest(s3: Any, s3_batch_job: Any) -> None:
    """manifest.json and its gzipped files; an object whose version is empty fails without an invocation."""
    rows = b'"photos","a+b.jpg","v1"\n"photos","c.jpg",""\n"photos","d.jpg","null"\n'
    packed = gzip.compress(rows, mtime=0)
    s3.put_object(Bucket="inventories", Key="data/1.csv.gz", Body=packed)
    body = json.dumps({
        "destinationBucket": "arn:aws:s3:::inventories",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, VersionId",
        "files": [{"key": "data/1.csv.gz", "MD5checksum": hashlib.md5(packed).hexdigest()}],
    }).encode()  # fmt: skip
    s3.put_object(Bucket="inventories", Key="daily/manifest.json", Body=body)
    s3.put_object(Bucket="inventories", Key="daily/manifest.checksum", Body=hashlib.md5(body).hexdigest().encode())
    job = s3_batch_job(succeed, manifest="s3://inventories/daily/manifest.json", report=REPORT)
    run = job.run_until_idle()
    first, unversioned, null = job.records
    assert [task.version_id for task in job.records] == ["v1", None, "null"]
    assert (run.processed, run.discarded) == ([first, null], [unversioned])
    assert run.attempts(unversioned) == []
    assert job.results[0] == (
        "photos", "c.jpg", "", "failed", 400, "PermanentFailure", "Invalid version ID format",
    )  # fmt: skip
    assert [row.key for row in job.report.succeeded] == ["a+b.jpg", "d.jpg"]
    assert job.describe()["Manifest"]["Spec"] == {"Format": "S3InventoryReport_CSV_20161130"}


def test_an_inventory_of_nothing_but_empty_versions(s3: Any, s3_batch_job: Any) -> None:
    """Every task failed, no function was invoked: Complete, without a report."""
    s3.put_object(Bucket="inventories", Key="1.csv", Body=b'"photos","a",""\n')
    body = json.dumps({
        "destinationBucket": "arn:aws:s3:::inventories",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, VersionId",
        "files": [{"key": "1.csv"}],
    })  # fmt: skip
    s3.put_object(Bucket="inventories", Key="manifest.json", Body=body)
    job = s3_batch_job(succeed, manifest="s3://inventories/manifest.json", report=REPORT)
    run = job.run_until_idle()
    assert (job.status, run.discarded, run.invocations, job.report) == ("Complete", job.records, [], None)
    assert run.metrics["NumberOfTasksFailed"] == 1


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("m.csv", b"photos,a\nphotos\n", "row 2 has 1 column"),
        ("m.csv", b"photos,100%\n", "Invalid object key format"),
        ("manifest.json", b"photos,a\n", "no manifest.json of S3 Inventory"),
    ],
)
def test_a_manifest_that_cannot_be_read_fails_the_job(
    s3: Any, s3_batch_job: Any, key: str, body: bytes, reason: str
) -> None:
    """As on AWS it is not refused: the job is Failed, says why, and has run nothing."""
    s3.put_object(Bucket="jobs", Key=key, Body=body)
    job = s3_batch_job(succeed, manifest=f"s3://jobs/{key}", report=REPORT)
    run = job.run_until_idle()
    assert (job.status, job.records, run.invocations, job.report) == ("Failed", [], [], None)
    assert statuses(job) == ["New", "Preparing", "Failing", "Failed"]
    (failure,) = job.describe()["FailureReasons"]
    assert failure["FailureCode"] == "InvalidManifestContent"
    assert reason in failure["FailureReason"]
    assert job.describe()["ProgressSummary"]["Timers"] == {"ElapsedTimeInActiveSeconds": 0}
    assert written(s3) == {}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "either as keys"),
        ({"keys": ["a"], "manifest": "s3://jobs/m.csv"}, "either as keys"),
        ({"keys": "a.jpg"}, "a list of keys"),
        ({"keys": b"a.jpg"}, "a list of keys"),
        ({"keys": {"a": "v1"}}, "a list of keys"),
        ({"keys": [7]}, "a key is text"),
        ({"keys": [""]}, "a key of 0 bytes"),
        ({"keys": [("a", "v1", "x")]}, "a key is text"),
        ({"keys": [("a", "v1"), "b"]}, "'b' has no version and others have"),
        ({"keys": [("a", "not one")]}, "is no version's id"),
        ({"keys": ["a"], "bucket": "No"}, "is no name of a bucket"),
        ({"keys": ["a"], "bucket": "photos--usw2-az1--x-s3"}, "needs schema='2.0'"),
        ({"keys": ["a"], "fields": ["Bucket", "Key"]}, "fields= says what the columns of a manifest are"),
        ({"keys": ["a"], "schema": "3.0"}, "the text '1.0' or '2.0'"),
        ({"keys": ["a"], "user_arguments": {"a": "b"}}, "give schema='2.0'"),
        ({"keys": ["a"], "job_id": "1"}, "is no id of a job"),
        ({"keys": ["a"], "description": ""}, "from 1 to 256"),
        ({"keys": ["a"], "concurrency": 0}, "from 1 to 1000"),
        ({"keys": ["a"], "concurrency": True}, "from 1 to 1000"),
        ({"keys": ["a"], "report": {"Bucket": "nowhere"}}, "there is no bucket 'nowhere' in moto"),
        ({"keys": ["a"], "report": {"Bukcet": "reports"}}, "did you mean 'Bucket'"),
        ({"manifest": "jobs/m.csv"}, "s3://bucket/key"),
        ({"manifest": "s3://jobs/m.csv", "bucket": "photos"}, "a manifest names the bucket"),
        ({"manifest": "s3://jobs/mm.csv"}, r"no object 'mm.csv' in bucket 'jobs' \(did you mean 'm.csv'\?\)"),
        ({"manifest": "s3://nowhere/m.csv"}, "there is no bucket 'nowhere' in moto"),
        ({"manifest": "s3://jobs/m.csv", "fields": ["Bucket"]}, "Bucket and Key each once"),
        ({"manifest": "s3://jobs/manifest.json", "fields": ["Bucket", "Key"]}, "an inventory says in fileSchema"),
    ],
)
def test_what_cannot_be_a_job_is_refused(
    aws: Harness, s3: Any, s3_batch_job: Any, asked: dict[str, Any], said: str
) -> None:
    """When it is created, and then there is none."""
    s3.put_object(Bucket="jobs", Key="m.csv", Body=b"photos,a\n")
    s3.put_object(Bucket="jobs", Key="manifest.json", Body=b"{}")
    with pytest.raises(UsageError, match=said):
        s3_batch_job(succeed, **asked)
    assert aws.view().trace == ()


def test_without_s3_there_is_no_bucket(s3_batch_job: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has loaded moto's S3, and we do not either."""
    monkeypatch.delitem(__import__("sys").modules, "moto.s3.models", raising=False)
    with pytest.raises(UsageError, match="there is no bucket 'jobs' in moto"):
        s3_batch_job(succeed, manifest="s3://jobs/m.csv")


# -- reports ---------------------------------------------------------------------------------------------------------


def test_the_report_is_in_its_bucket(s3: Any, s3_batch_job: Any) -> None:
    """Manifest, MD5 and two CSVs where S3 puts them; the run has the same rows."""
    job = s3_batch_job(Scripted(b=["PermanentFailure"]), keys=["a b", "b"], report=REPORT)
    assert job.report is None
    job.run_until_idle()
    files = written(s3)
    folder = f"resize/job-{job.id}"
    manifest = json.loads(files[f"{folder}/manifest.json"])
    assert manifest["ReportCreationDate"] == "2025-01-01T00:00:00.000Z"
    assert [one["TaskExecutionStatus"] for one in manifest["Results"]] == ["succeeded", "failed"]
    succeeded, failed = (files[one["Key"]] for one in manifest["Results"])
    assert succeeded == "photos,a%20b,,succeeded,200,,Succeeded: a b\n"
    assert failed == "photos,b,,failed,200,PermanentFailure,PermanentFailure: b\n"
    assert (job.report.files, job.report.manifest, job.report.bucket) == (files, manifest, "reports")
    assert list(job.report.rows) == job.results
    assert sorted(files) == sorted([*(one["Key"] for one in manifest["Results"]), f"{folder}/manifest.json",
                                    f"{folder}/manifest.json.md5"])  # fmt: skip


def test_a_report_of_failed_tasks_only(s3: Any, s3_batch_job: Any) -> None:
    """The rows of the results are all there; the report has its part."""
    job = s3_batch_job(
        Scripted(b=["PermanentFailure"]), keys=["a", "b"], report={**REPORT, "ReportScope": "FailedTasksOnly"}
    )
    job.run_until_idle()
    assert [row.key for row in job.report.rows] == ["b"]
    assert [row.key for row in job.results] == ["a", "b"]
    assert sum(key.endswith(".csv") for key in written(s3)) == 1


def test_a_failed_job_reports_what_ran(s3: Any, s3_batch_job: Any) -> None:
    """1,000 rows, and none of the tasks that did not run."""
    job = s3_batch_job(
        lambda event, _: s3_batch_response(event, "PermanentFailure"), keys=map(str, range(1_200)), report=REPORT
    )
    job.run_until_idle()
    (text,) = [text for key, text in written(s3).items() if key.endswith(".csv")]
    assert len(list(csv.reader(io.StringIO(text)))) == 1_000


def test_a_report_can_be_switched_off(s3: Any, s3_batch_job: Any) -> None:
    """As in JobReport."""
    job = s3_batch_job(succeed, keys=["a"], report={**REPORT, "Enabled": False})
    job.run_until_idle()
    assert (job.report, written(s3)) == (None, {})
    assert job.describe()["Report"] == {"Enabled": False}


def test_a_bucket_that_is_gone_is_said(s3: Any, s3_batch_job: Any) -> None:
    """The report cannot be written; when the bucket is back the next run writes it."""
    job = s3_batch_job(succeed, keys=["a"], report=REPORT)
    s3.delete_bucket(Bucket="reports")
    for _ in range(2):
        with pytest.raises(UsageError, match="the bucket 'reports' is gone"):
            job.run_until_idle()
    assert (job.status, job.report) == ("Completing", None)
    s3.create_bucket(Bucket="reports")
    job.run_until_idle()
    assert job.status == "Complete"
    assert statuses(job).count("Completing") == 1
    assert len(written(s3)) == 3


def test_a_bucket_tells_of_its_report(aws: Harness, s3: Any, s3_batch_job: Any) -> None:
    """The report takes moto's own path: a notification of the bucket starts what comes next."""
    queue = aws.sqs_queue("reports-ready")
    s3.put_bucket_notification_configuration(
        Bucket="reports",
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": queue.arn,
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": "manifest.json"}]}},
                }
            ]
        },
    )
    before = len(queue.records)  # s3:TestEvent
    job = s3_batch_job(succeed, keys=["a"], report=REPORT)
    job.run_until_idle()
    (told,) = queue.records[before:]
    assert unquote_plus(told.json()["Records"][0]["s3"]["object"]["key"]) == job.report.manifest_key


# -- what DescribeJob says -------------------------------------------------------------------------------------------


def test_describe_is_a_job_descriptor(aws: Harness, s3: Any, s3_batch_job: Any) -> None:
    """Members and types are those of AWS's model, in every state; nothing is made up that nobody gave."""
    shape = botocore.session.get_session().get_service_model("s3control").shape_for("JobDescriptor")
    job = s3_batch_job(
        succeed,
        keys=["a"],
        schema="2.0",
        user_arguments={"size": "1"},
        description="thumbnails",
        report=REPORT,
        function={"FunctionName": "resize:live"},
        job_id="f8fb9d89-a3aa-461d-bddc-ea6a1b131955",
    )
    s3.put_object(Bucket="jobs", Key="m.csv", Body=b"photos\n")
    broken = s3_batch_job(succeed, manifest="s3://jobs/m.csv")
    for _ in range(2):
        for one in (job, broken):
            assert not ParamValidator().validate(one.describe(), shape).has_errors()
            assert set(one.describe()) <= set(shape.members)
        aws.virtual_clock.advance(5)
        job.run_until_idle()
    assert job.describe() == {
        "JobId": "f8fb9d89-a3aa-461d-bddc-ea6a1b131955",
        "ConfirmationRequired": False,
        "Description": "thumbnails",
        "JobArn": "arn:aws:s3:us-east-1:123456789012:job/f8fb9d89-a3aa-461d-bddc-ea6a1b131955",
        "Status": "Complete",
        "Operation": {
            "LambdaInvoke": {
                "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:resize:live",
                "InvocationSchemaVersion": "2.0",
                "UserArguments": {"size": "1"},
            }
        },
        "ProgressSummary": {
            "TotalNumberOfTasks": 1,
            "NumberOfTasksSucceeded": 1,
            "NumberOfTasksFailed": 0,
            "Timers": {"ElapsedTimeInActiveSeconds": 0},
        },
        "Report": {
            "Bucket": "arn:aws:s3:::reports",
            "Format": "Report_CSV_20180820",
            "Enabled": True,
            "Prefix": "resize",
            "ReportScope": "AllTasks",
        },
        "CreationTime": dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc),
        "TerminationDate": dt.datetime(2025, 1, 1, 0, 0, 5, tzinfo=dt.timezone.utc),
    }
    assert (job.arn, job.name) == (job.describe()["JobArn"], job.id)


# -- the function ----------------------------------------------------------------------------------------------------


def test_the_function_is_the_jobs_own(s3_batch_job: Any, s3: Any) -> None:
    """Its environment and its context; boto3 in it reaches moto."""

    def handler(event: Any, context: Any) -> Any:
        s3.copy_object(Bucket="jobs", Key="copy", CopySource={"Bucket": "jobs", "Key": event["tasks"][0]["s3Key"]})
        return s3_batch_response(event, "Succeeded", f"{os.environ['SIZE']} {context.function_name}")

    s3.put_object(Bucket="jobs", Key="a", Body=b"x")
    job = s3_batch_job(
        handler, keys=["a"], bucket="jobs", function={"FunctionName": "resize", "Environment": {"SIZE": "1"}}
    )
    run = job.run_until_idle()
    assert job.results[0].message == "1 resize"
    assert written(s3, "jobs") == {"a": "x", "copy": "x"}
    assert run.invocations[0].mapping == job.uuid
    assert "resize" in repr(job)


# -- the trace -------------------------------------------------------------------------------------------------------


def traced(seed: int, answers: dict[str, Any]) -> tuple[list[tuple[float, str, str, Any]], str]:
    """The steps of a job as seconds, kind, keys and what matters of the detail; and the trace as text."""
    with Harness(seed=seed, region="us-east-1") as aws:
        job = job_of(aws, Scripted(**answers), keys=["a", "b"])
        run = job.run_until_idle()
        keys = {task.id: task.key for task in job.records}
        steps = []
        for step in run.trace:
            detail = step.detail[0] if step.kind == "ended" else step.detail if step.kind == "left" else None
            names = "".join(keys[one] for one in step.records)
            steps.append(((step.at_ms - aws.virtual_clock.start_ms) / 1000, step.kind, names, detail))
        return steps, run.trace.to_json()


ENTERED = [(0, "entered", "a", None), (0, "entered", "b", None)]
A_DONE = [(0, "invoked", "a", None), (0, "ended", "a", "success"), (0, "left", "a", "processed")]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (
            {},
            [*ENTERED, *A_DONE, (0, "invoked", "b", None), (0, "ended", "b", "success"), (0, "left", "b", "processed")],
        ),
        (
            {"b": ["PermanentFailure"]},
            [*ENTERED, *A_DONE, (0, "invoked", "b", None), (0, "ended", "b", "partial"), (0, "left", "b", "discarded")],
        ),
        (
            {"b": [ValueError("x"), "Succeeded"]},
            [
                *ENTERED, *A_DONE,
                (0, "invoked", "b", None), (0, "ended", "b", "error"),
                (60, "invoked", "b", None), (60, "ended", "b", "success"), (60, "left", "b", "processed"),
            ],
        ),
        (
            {"a": ["TemporaryFailure"], "b": [ValueError("x")]},
            [
                *ENTERED,
                *[(at, kind, key, {"a": "partial", "b": "error"}[key] if kind == "ended" else None)
                  for at in (0, 60, 120) for key in "ab" for kind in ("invoked", "ended")],
                (180, "invoked", "a", None), (180, "ended", "a", "partial"), (180, "left", "a", "discarded"),
                (180, "invoked", "b", None), (180, "ended", "b", "error"), (180, "left", "b", "discarded"),
            ],
        ),
    ],
)  # fmt: skip
def test_golden_traces(answers: dict[str, Any], expected: list[Any]) -> None:
    """Success, one poison task, a raise that comes again, and everything failing, step by step."""
    assert traced(0, answers)[0] == expected


def test_the_same_seed_gives_the_same_trace() -> None:
    """Byte for byte, ids included; another seed gives other ids."""
    answers = {"a": ["TemporaryFailure", "Succeeded"]}
    assert traced(7, answers)[1] == traced(7, answers)[1] != traced(8, answers)[1]


def test_one_more_job_does_not_change_the_ids_of_another(aws: Harness) -> None:
    """Each job draws from streams of its own."""
    ids = []
    for jobs in (1, 2):
        aws.stop()
        aws.__init__(seed=3, region="us-east-1")
        aws.start()
        made = [
            job_of(aws, succeed, keys=["a", "b"], job_id=f"{n}f8fb9d8-a3aa-461d-bddc-ea6a1b131955") for n in range(jobs)
        ]
        run = made[0].run_until_idle()
        ids.append([call.event_text for call in run.invocations])
    assert ids[0] == ids[1]


def test_a_task_that_is_lost_is_noticed(s3_batch_job: Any) -> None:
    """The job counts its tasks after every step: a bug of ours would not pass for a result."""
    job = s3_batch_job(succeed, keys=["a", "b", "c"])
    job.run_until(lambda run: bool(run.invocations))
    job.poller._waiting.pop()
    with pytest.raises(ConservationError, match="has 3 tasks, and 2 have a place"):
        job.run_until_idle()


def test_tasks_are_records(s3_batch_job: Any) -> None:
    """Frozen, hashable, equal by id."""
    job = s3_batch_job(succeed, keys=["a", "b"])
    first, second = job.records
    assert (first == job.view().records[0], first == second, len({first, second, first})) == (True, False, 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.key = "x"
    assert job.source is job
    job.settle(0)
