"""A job of S3 Batch Operations as tests hold it. The law: it asks; its state is S3's (`sources.s3_batch`), and the
world runs it, as it runs mappings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pytest_lambda_events.harness.running import MAX_INVOCATIONS, MAX_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.invoking.handler import LambdaFunction
    from pytest_lambda_events.model.batch_task import S3BatchTask
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.polling.job import JobPoller
    from pytest_lambda_events.sources.s3_batch.broker import BatchJob, JobStatus
    from pytest_lambda_events.sources.s3_batch.report import CompletionReport, ReportRow

__all__ = ["S3BatchJob"]


class _World(Protocol):
    """What a job needs of the world."""

    clock: Clock
    entered: Callable[[], None]

    def view(self, mapping: Any) -> Run[Any]: ...

    def run_until_idle(self, mapping: Any, max_invocations: int, max_seconds: float) -> Run[Any]: ...

    def run_for(self, mapping: Any, seconds: float, max_invocations: int, max_seconds: float | None) -> Run[Any]: ...

    def run_until(
        self, mapping: Any, predicate: Callable[[Run[Any]], bool], max_invocations: int, max_seconds: float
    ) -> Run[Any]: ...


class S3BatchJob:
    """A job, and the function that it calls for each of its tasks.

    `id` and `arn` are AWS's; `function` is what it calls. It is its own mapping: `uuid` is its id, and the ledger has
    its tasks' fates under its ARN.

    Errors of everything that runs it: `RunLimitReached` at a bound; `UsageError` when its harness is not active.
    """

    kind = "s3_batch"
    """The registry's name of this source."""

    def __init__(self, world: _World, *, job: BatchJob, function: LambdaFunction, poller: JobPoller) -> None:
        self.id = self.uuid = self.name = job.id
        self.arn = self.mapped_arn = self.place = job.arn
        self.function = function
        self.poller = poller
        self._job = job
        self._world = world

    @property
    def source(self) -> S3BatchJob:
        """Where its tasks come from: itself."""
        return self

    def settle(self, now_ms: int) -> None:
        """Nothing falls due in a job by itself."""

    # -- what is so -----------------------------------------------------------------------------------------------

    @property
    def records(self) -> list[S3BatchTask]:
        """Its tasks, in the order of the manifest; there from the beginning."""
        return list(self._job.tasks)

    @property
    def status(self) -> JobStatus:
        """New until the first run, Active while tasks are left, then Complete or Failed."""
        return self._job.status

    @property
    def history(self) -> list[tuple[float, JobStatus]]:
        """Every status that it ever had, with the second at which it began."""
        return list(self._job.history)

    @property
    def progress(self) -> dict[str, int]:
        """TotalNumberOfTasks, NumberOfTasksSucceeded and NumberOfTasksFailed."""
        return self._job.progress

    @property
    def results(self) -> list[ReportRow]:
        """A row for each task that ended, in that order, whether or not a report was asked for."""
        return list(self._job.results)

    @property
    def report(self) -> CompletionReport | None:
        """The completion report, when it was written: its `rows`, `manifest` and `files`, as they are in its bucket.

        None until the job ended, where none was asked for, and where no task was invoked.
        """
        return self._job.report

    def describe(self) -> dict[str, Any]:
        """What DescribeJob answers, its Job; without the members that nobody gave, such as RoleArn and Priority."""
        self._world.clock.enter()
        return self.described()

    def described(self) -> dict[str, Any]:
        """The same, whatever the time."""
        return self._job.describe()

    # -- running --------------------------------------------------------------------------------------------------

    def run_until_idle(
        self, *, max_invocations: int = MAX_INVOCATIONS, max_seconds: float = MAX_SECONDS
    ) -> Run[S3BatchTask]:
        """As `Harness.run_until_idle`, and the view of this job."""
        self._world.entered()
        return self._world.run_until_idle(self, max_invocations, max_seconds)

    def run_for(
        self, seconds: float, *, max_invocations: int = MAX_INVOCATIONS, max_seconds: float | None = None
    ) -> Run[S3BatchTask]:
        """As `Harness.run_for`, and the view of this job."""
        self._world.entered()
        return self._world.run_for(self, seconds, max_invocations, max_seconds)

    def run_until(
        self,
        predicate: Callable[[Run[S3BatchTask]], bool],
        *,
        max_invocations: int = MAX_INVOCATIONS,
        max_seconds: float = MAX_SECONDS,
    ) -> Run[S3BatchTask]:
        """As `Harness.run_until`, and the view of this job."""
        self._world.entered()
        return self._world.run_until(self, predicate, max_invocations, max_seconds)

    def view(self) -> Run[S3BatchTask]:
        """What happened so far, without running anything."""
        return self._world.view(self)

    def __repr__(self) -> str:
        progress = self.progress
        ended = progress["NumberOfTasksSucceeded"] + progress["NumberOfTasksFailed"]
        told = f"{ended} of {progress['TotalNumberOfTasks']} tasks ended"
        return f"<S3BatchJob {self.id} {self.status}: {told} -> {self.function.config.name}>"
