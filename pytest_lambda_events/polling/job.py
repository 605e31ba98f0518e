"""The loop of a job: one task for each invocation. The law: this file moves effects; what a response means, what
becomes of the task and when a job has failed too often stand in `task_results`, as functions that can be tabulated.

Tasks run in the manifest's order, one at a time or as many as are asked for; one that failed for the time being comes
again a minute later, after those that were not tried yet. S3 does not promise any order.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.model.trace import Advice
from pytest_lambda_events.polling.outcomes import THROTTLED, invocation, not_run
from pytest_lambda_events.polling.task_results import ADVICE, REDRIVE_MS, fails_job, judge_task, what_next

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.trace import Ledger, Outcome
    from pytest_lambda_events.polling.concurrency import Reservation
    from pytest_lambda_events.polling.ports import Function
    from pytest_lambda_events.polling.task_results import Asked

__all__ = ["METRICS", "Call", "JobBroker", "JobPoller", "TaskShape"]

METRICS: Final = (
    "Invocations",
    "Errors",
    "Throttles",
    "TotalNumberOfTasks",
    "NumberOfTasksSucceeded",
    "NumberOfTasksFailed",
)
"""CloudWatch's names for the function, DescribeJob's for the job."""

_FIRST_WAIT_MS: Final = 1_000
_LONGEST_WAIT_MS: Final = 60_000
_DOUBLINGS: Final = 6
_TOO_MANY_FAILURES: Final = "TaskFailureThresholdExceeded"  # no recording has AWS's own word


class JobBroker(Protocol):
    """A job as the service keeps it."""

    @property
    def tasks(self) -> Sequence[Any]:
        """All of its tasks."""

    @property
    def succeeded(self) -> int:
        """How many tasks succeeded."""

    @property
    def failed(self) -> int:
        """How many tasks failed for good."""

    @property
    def progress(self) -> Mapping[str, int]:
        """ProgressSummary's counts."""

    def prepare(self, now_ms: int) -> Sequence[Any]:
        """Begin; the tasks to run, in order."""

    def succeed(self, task: Any, message: str, now_ms: int) -> None:
        """A task succeeded."""

    def fail(self, task: Any, message: str, now_ms: int) -> None:
        """A task failed for good."""

    def give_up(self, code: str, reason: str, now_ms: int) -> None:
        """The job fails: nothing new is begun."""

    def finish(self, now_ms: int, *, invoked: bool) -> None:
        """Nothing runs any more."""


class Call(NamedTuple):
    """What the function is handed for a task, and has to echo."""

    event_text: str
    asked: Asked


class TaskShape(Protocol):
    """How a task becomes the event that the function gets."""

    def call(self, task: Any) -> Call:
        """A new invocation for this task."""


class _Waiting(NamedTuple):
    """A task that may run from `due_ms` on, after so many redrives. `order` keeps the heap from comparing the rest."""

    due_ms: int
    order: int
    task: Any
    redrives: int


class _Running(NamedTuple):
    """An invocation whose outcome takes effect at `ends_ms`."""

    ends_ms: int
    order: int
    waited: _Waiting
    call: Call
    request_id: str
    ending: Ending


class JobPoller:
    """Runs one job. `reservation` is the function's concurrency, which others share; `concurrency` the job's own.

    `metrics` are zero until the job begins.
    """

    def __init__(
        self,
        uuid: str,
        *,
        job: JobBroker,
        shape: TaskShape,
        function: Function,
        reservation: Reservation,
        clock: Clock,
        ledger: Ledger,
        new_request_id: Callable[[], str],
        concurrency: int = 1,
    ) -> None:
        self.uuid = uuid
        self.metrics = dict.fromkeys(METRICS, 0)
        self._job = job
        self._shape = shape
        self._function = function
        self._reservation = reservation
        self._clock = clock
        self._ledger = ledger
        self._new_request_id = new_request_id
        self._concurrency = concurrency
        self._waiting: list[_Waiting] = []
        self._running: list[_Running] = []
        self._order = 0
        self._throttled_until_ms = 0
        self._throttles = 0  # since an invocation last began
        self._begun = self._stopped = self._finished = False

    # -- the agenda's two questions ---------------------------------------------------------------------------------

    def next_due(self, now_ms: int) -> int | None:
        """The earliest of: the job begins, an invocation ends, a task may run."""
        if not self._begun:
            return now_ms
        if self._finished:
            return None
        dues = [self._running[0].ends_ms] if self._running else []
        if self._has_room:
            dues.append(max(self._waiting[0].due_ms, self._throttled_until_ms))
        # none of both: what is left is to finish, which a bucket that was gone has put off
        return max(min(dues, default=now_ms), now_ms)

    def step(self, now_ms: int) -> int:
        """Let ended invocations take effect, run a task if one may run, finish when nothing is left.

        How many invocations began.
        """
        if not self._begun:
            self._begin(now_ms)
        while self._running and self._running[0].ends_ms <= now_ms:
            ended = heappop(self._running)
            self._settle(ended, now_ms)
        begun = 0
        if self._has_room and max(self._waiting[0].due_ms, self._throttled_until_ms) <= now_ms:
            begun = self._try(now_ms)
        if not self._running and (self._stopped or not self._waiting):
            self._job.finish(self._clock.now_ms, invoked=self.metrics["Invocations"] > 0)
            self._finished = True
        return begun

    @property
    def _has_room(self) -> bool:
        return bool(self._waiting) and not self._stopped and len(self._running) < self._concurrency

    def _begin(self, now_ms: int) -> None:
        self._begun = True
        runnable = self._job.prepare(now_ms)
        self._waiting = [_Waiting(now_ms, order, task, 0) for order, task in enumerate(runnable)]
        heapify(self._waiting)
        self._order = len(self._waiting)
        self._stopped = not runnable
        self._count(now_ms)

    # -- invoking ---------------------------------------------------------------------------------------------------

    def _try(self, now_ms: int) -> int:
        """Invoke, unless the function is throttled; how many invocations began.

        The task stays where it is until the handler is back: what is meant for the test runner passes through here.
        """
        waited = self._waiting[0]
        call = self._shape.call(waited.task)
        request_id = self._new_request_id()
        if self._reservation.is_full(now_ms):
            self._wait_for_concurrency(waited, call, request_id, now_ms)
            return 0
        self._ledger.invoked(now_ms, self.uuid, (waited.task.id,), request_id)
        self.metrics["Invocations"] += 1
        self._throttles = 0
        ending = self._function.invoke(call.event_text, request_id)
        self._reservation.hold(ending.ended_ms)
        heappop(self._waiting)
        self._order += 1
        running = _Running(ending.ended_ms, self._order, waited, call, request_id, ending)
        present_ms = self._clock.now_ms
        if ending.ended_ms <= present_ms:
            self._settle(running, present_ms)
        else:
            heappush(self._running, running)
        return 1

    def _wait_for_concurrency(self, waited: _Waiting, call: Call, request_id: str, now_ms: int) -> None:
        """Try again after 1, 2, 4 … 60 seconds, for as long as it takes; that is no redrive. S3 does not say when."""
        self.metrics["Throttles"] += 1
        self._throttled_until_ms = now_ms + min(_FIRST_WAIT_MS << min(self._throttles, _DOUBLINGS), _LONGEST_WAIT_MS)
        self._throttles += 1
        self._write(_Running(now_ms, 0, waited, call, request_id, not_run(now_ms)), now_ms, "throttled", THROTTLED)

    # -- endings ----------------------------------------------------------------------------------------------------

    def _settle(self, ended: _Running, now_ms: int) -> None:
        task, redrives = ended.waited.task, ended.waited.redrives
        self.metrics["Errors"] += ended.ending.kind != "returned"
        result = judge_task(ended.call.asked, ended.ending, ended.request_id)
        self._write(ended, now_ms, result.outcome, result.problem)
        if result.advice is not None:
            message = result.problem or ADVICE[result.advice]
            self._ledger.advise(
                Advice(code=result.advice, message=message, at_ms=now_ms, mapping=self.uuid, records=(task.id,))
            )
        becomes = what_next(result.code, redrives)
        if becomes == "redriven":
            self._order += 1
            heappush(self._waiting, _Waiting(now_ms + REDRIVE_MS, self._order, task, redrives + 1))
        elif becomes == "succeeded":
            self._job.succeed(task, result.message, now_ms)
        else:
            self._job.fail(task, result.message, now_ms)
        self._count(now_ms)

    def _count(self, now_ms: int) -> None:
        """The job's numbers after each change, whether every task has one place, and whether too many failed."""
        job = self._job
        self.metrics.update(job.progress)
        if not self._stopped and fails_job(job.succeeded, job.failed):
            self._stopped = True
            reason = (
                f"The job exceeded the task-failure threshold: {job.failed} of the {job.succeeded + job.failed} tasks "
                "that have run failed, which is more than 50 percent"
            )
            job.give_up(_TOO_MANY_FAILURES, reason, now_ms)
        placed = len(self._waiting) + len(self._running) + job.succeeded + job.failed
        if placed != len(job.tasks):
            raise ConservationError(f"job {self.uuid} has {len(job.tasks)} tasks, and {placed} have a place")

    def _write(self, ended: _Running, now_ms: int, outcome: Outcome, problem: str | None) -> None:
        task = ended.waited.task
        is_failed = outcome != "success"
        self._ledger.ended(
            now_ms,
            invocation(
                ended.ending,
                start_ms=self._clock.start_ms,
                mapping=self.uuid,
                request_id=ended.request_id,
                event_text=ended.call.event_text,
                records=(task,),
                outcome=outcome,
                failed=(task,) if is_failed else (),
                problem=problem,
            ),
            (task.id,) if is_failed else (),
        )
