"""From a job to the loop that runs it. The law: the family's one function, as for sources with mappings in `wiring`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.polling.job import Call, JobPoller
from pytest_lambda_events.polling.task_results import Asked
from pytest_lambda_events.sources.s3_batch.event import S3BatchEventShape
from pytest_lambda_events.sources.s3_batch.make import make_invocation_id

if TYPE_CHECKING:
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.invoking.handler import LambdaFunction
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.concurrency import Reservation
    from pytest_lambda_events.sources.s3_batch.broker import BatchJob

__all__ = ["wire_job"]


def wire_job(
    job: BatchJob,
    *,
    function: LambdaFunction,
    reservation: Reservation,
    clock: Clock,
    ledger: Ledger,
    identifiers: Identifiers,
) -> JobPoller:
    """The loop of a job."""
    return JobPoller(
        job.id,
        job=job,
        shape=_Calls(job, identifiers),
        function=function,
        reservation=reservation,
        clock=clock,
        ledger=ledger,
        new_request_id=lambda: identifiers.uuid4(f"request/{job.id}"),
        concurrency=job.request.concurrency,
    )


class _Calls:
    """Tasks as events: each invocation has an id of its own, and a task keeps its through all of them."""

    def __init__(self, job: BatchJob, identifiers: Identifiers) -> None:
        self._job = job
        self._identifiers = identifiers
        request = job.request
        self._shape = S3BatchEventShape(
            request.schema, job_id=job.id, partition=request.partition, user_arguments=request.user_arguments
        )

    def call(self, task: Any) -> Call:
        """A new invocation for this task."""
        invocation_id = make_invocation_id(self._identifiers, f"invocation/{self._job.id}")
        text = self._shape.event_text(self._shape.record_text(task), invocation_id)
        return Call(text, Asked(self._job.request.schema, invocation_id, (task.id,)))
