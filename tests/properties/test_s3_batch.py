"""What the loop of a job may and may not do, whatever the function answers and however time passes.

The function is scripted: what happens to a task at its first, second, third… attempt; the last entry repeats, so that
some tasks never succeed. `LAMBDA_EVENTS_EXAMPLES=20000` tries so many plans.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.model.batch_task import S3BatchTask
from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.model.trace import Ledger, Trace
from pytest_lambda_events.polling import task_results
from pytest_lambda_events.polling.concurrency import Reservation
from pytest_lambda_events.polling.job import Call, JobPoller
from pytest_lambda_events.polling.run import Limits, drive
from pytest_lambda_events.polling.task_results import Asked

EXAMPLES = int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "150"))
START_MS = 1_735_689_600_000
FEWEST = 5  # in the place of 1,000: so many tasks run before a job may fail

thorough = settings(
    max_examples=EXAMPLES,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class Attempt:
    """What a task makes the function do: an answer or an ending, having slept, having taken at least so long."""

    kind: str
    slept: int = 0
    duration: int = 0


@dataclass(frozen=True)
class Plan:
    """A job's tasks by their scripts, how many run at once, what the function allows, and how far each run goes."""

    scripts: tuple[tuple[Attempt, ...], ...]
    concurrency: int
    reserved: int | None
    runs: tuple[int, ...]


ANSWERS = ("Succeeded", "TemporaryFailure", "PermanentFailure", "left out", "unreadable")
attempts = st.builds(
    Attempt,
    st.sampled_from([*ANSWERS, *ANSWERS[:2], "error", "timeout", "malformed"]),
    st.sampled_from([0, 0, 7, 2_000]),
    st.sampled_from([0, 0, 500, 90_000]),
)
plans = st.builds(
    Plan,
    st.lists(st.lists(attempts, min_size=1, max_size=5).map(tuple), max_size=12).map(tuple),
    st.integers(1, 4),
    st.sampled_from([None, None, 1, 2]),
    st.lists(st.sampled_from([0, 1, 30_000, 60_000, 200_000]), max_size=5).map(tuple),
)


class Job:
    """The least that a job's service is."""

    def __init__(self, tasks: list[S3BatchTask], ledger: Ledger) -> None:
        self.tasks = tasks
        self.ended: dict[str, str] = {}
        self.closed: list[tuple[int, bool]] = []
        self.given_up: list[str] = []
        self._ledger = ledger

    @property
    def succeeded(self) -> int:
        return list(self.ended.values()).count("processed")

    @property
    def failed(self) -> int:
        return list(self.ended.values()).count("discarded")

    @property
    def progress(self) -> dict[str, int]:
        return {"NumberOfTasksSucceeded": self.succeeded, "NumberOfTasksFailed": self.failed}

    def prepare(self, now_ms: int) -> list[S3BatchTask]:
        return self.tasks

    def succeed(self, task: S3BatchTask, message: str, now_ms: int) -> None:
        self._end(task, "processed", now_ms)

    def fail(self, task: S3BatchTask, message: str, now_ms: int) -> None:
        self._end(task, "discarded", now_ms)

    def give_up(self, code: str, reason: str, now_ms: int) -> None:
        self.given_up.append(code)

    def finish(self, now_ms: int, *, invoked: bool) -> None:
        self.closed.append((now_ms, invoked))

    def _end(self, task: S3BatchTask, fate: Any, now_ms: int) -> None:
        assert task.id not in self.ended, "a task ended twice"
        self.ended[task.id] = fate
        self._ledger.left(now_ms, "job", (task.id,), fate)


class Shape:
    """An event is its task's id."""

    def call(self, task: S3BatchTask) -> Call:
        return Call(f'"{task.id}"', Asked("1.0", "i", (task.id,)))


class World:
    """A job, its loop, a scripted function, and what they wrote down."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.clock = VirtualClock(START_MS)
        self.ledger = Ledger()
        self.tries: Counter[str] = Counter()
        tasks = [S3BatchTask(id=f"t{n}", key=f"k{n}", bucket="photos") for n in range(len(plan.scripts))]
        self.scripts = dict(zip([task.id for task in tasks], plan.scripts, strict=True))
        for task in tasks:
            self.ledger.entered(START_MS, "job", task)
        self.job = Job(tasks, self.ledger)
        numbers = count(1)
        self.poller = JobPoller(
            "u",
            job=self.job,
            shape=Shape(),
            function=self,
            reservation=Reservation(plan.reserved),
            clock=self.clock,
            ledger=self.ledger,
            new_request_id=lambda: f"r{next(numbers)}",
            concurrency=plan.concurrency,
        )

    def invoke(self, event_text: str, request_id: str) -> Ending:
        task = event_text.strip('"')
        script = self.scripts[task]
        attempt = script[min(self.tries[task], len(script) - 1)]
        self.tries[task] += 1
        started = self.clock.now_ms
        self.clock.jump_to(started + attempt.slept)
        ended = max(self.clock.now_ms, started + attempt.duration)
        if attempt.kind in ("error", "timeout", "malformed"):
            return Ending(attempt.kind, started, ended, None, None, f"scripted: {attempt.kind}")  # type: ignore[arg-type]
        result = {"taskId": task, "resultCode": attempt.kind, "resultString": "x"}
        response = {"invocationSchemaVersion": "1.0", "invocationId": "i", "results": [result]}
        if attempt.kind == "left out":
            response["results"] = []
        elif attempt.kind == "unreadable":
            response = {"results": "x"}
        return Ending("returned", started, ended, response, None, None)

    def drive(self, ms: int | None) -> str:
        horizon = None if ms is None else self.clock.now_ms + ms
        limits = Limits(invocations=10_000, ms=15 * 86_400_000)
        return drive(lambda: [self.poller], self.clock, limits, horizon_ms=horizon)

    def run(self) -> None:
        for ms in self.plan.runs:
            self.drive(ms)
            self.check()
        assert self.drive(None) == "idle"
        self.check()

    def check(self) -> None:
        """Every task has one fate, and none was invented."""
        fates = self.ledger.fates(["job"], [len(self.ledger.places.get("job", ()))])
        assert list(fates) == list(self.scripts)
        assert {task: fate for task, fate in fates.items() if fate != "pending"} == self.job.ended


@pytest.fixture(autouse=True)
def small_jobs_may_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_results, "_FEWEST_RUN", FEWEST)


def expected_end(script: tuple[Attempt, ...]) -> tuple[int, str]:
    """How many attempts a task takes if nothing stops its job, and its fate."""
    for attempt in range(4):
        kind = script[min(attempt, len(script) - 1)].kind
        if kind == "Succeeded":
            return attempt + 1, "processed"
        if kind not in ("TemporaryFailure", "left out", "error"):
            return attempt + 1, "discarded"
    return 4, "discarded"


@thorough
@given(plan=plans)
def test_every_task_ends_as_its_script_says_or_its_job_has_failed(plan: Plan) -> None:
    """Nothing is lost, nothing ends twice, nobody is tried more than four times, and at rest the job is closed once."""
    world = World(plan)
    world.run()
    job = world.job
    for task, script in world.scripts.items():
        tries, fate = expected_end(script)
        assert world.tries[task] <= tries
        if task in job.ended:
            assert (world.tries[task], job.ended[task]) == (tries, fate)
        else:
            assert job.given_up
    assert len(job.closed) == 1
    assert job.closed[0][1] == bool(world.tries)
    if job.given_up:
        assert job.given_up == ["TaskFailureThresholdExceeded"]
        assert job.failed * 2 > FEWEST
    metrics = world.poller.metrics
    assert metrics["Invocations"] == sum(world.tries.values())
    assert metrics["NumberOfTasksFailed"] == job.failed
    assert world.poller.next_due(world.clock.now_ms) is None


@thorough
@given(plan=plans)
def test_attempts_are_a_minute_apart_and_never_too_many_at_once(plan: Plan) -> None:
    """A redrive waits for its minute; the job's concurrency and the function's are kept; untried tasks go first."""
    world = World(plan)
    world.run()
    calls = [call for call in world.ledger.invocations if call.outcome != "throttled"]
    spans: dict[str, list[tuple[int, int]]] = {}
    for call in sorted(calls, key=lambda call: call.at):
        (task,) = call.records
        at_ms = round(call.at * 1000)
        spans.setdefault(task.id, []).append((at_ms, at_ms + round(call.duration * 1000)))
    for several in spans.values():
        assert all(later[0] >= earlier[1] + 60_000 for earlier, later in pairwise(several))
    most = min(plan.concurrency, plan.reserved or plan.concurrency)
    ends = [span for several in spans.values() for span in several]
    for at, _ in ends:
        assert sum(start <= at < end for start, end in ends) <= most
    firsts = [several[0][0] for several in (spans[task] for task in world.scripts if task in spans)]
    assert firsts == sorted(firsts)


@thorough
@given(plan=plans)
def test_the_same_plan_has_the_same_trace_however_it_is_run(plan: Plan) -> None:
    """In one run or in several: the steps are the same."""
    texts = []
    for runs in ((), plan.runs, plan.runs):
        world = World(Plan(plan.scripts, plan.concurrency, plan.reserved, runs))
        world.run()
        texts.append(Trace(world.ledger.steps).to_json())
    assert texts[0] == texts[1] == texts[2]
