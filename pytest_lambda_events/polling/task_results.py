"""What a function's response means for the task of a job of S3 Batch Operations. The law: pure, and one reading for
whoever asks: the loop of jobs takes the task's code from it, a checker every finding.

========================================================  =============================================================
the function                                              the task
========================================================  =============================================================
answers Succeeded, TemporaryFailure, PermanentFailure     that
leaves the task out of its results                        what treatMissingKeysAs says; TemporaryFailure without it
answers with another invocationId, invocationSchemaVersion  PermanentFailure
or taskId, another code, no list of results, no object
returns what is no JSON, or more than 6 MB                PermanentFailure
raises, exits                                             TemporaryFailure
passes its Timeout                                        PermanentFailure
========================================================  =============================================================

Rules: S3 User Guide, "Invoke AWS Lambda function" (codes, treatMissingKeysAs and its default), "Tracking job status and
completion reports" (the threshold), and "Examples: S3 Batch Operations completion reports" (a timeout is permanent).
How often and when a temporary failure is tried again AWS does not say: at most three times, a minute apart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.looking import text_at
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.paths import ABSENT, path_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.paths import Path
    from pytest_lambda_events.model.response_types import S3ResultCode

__all__ = [
    "ADVICE",
    "INVALID_JSON",
    "MOST_REDRIVES",
    "REDRIVE_MS",
    "RESULT_CODES",
    "TASK_LEFT_OUT",
    "Asked",
    "Next",
    "TaskResult",
    "check_task_response",
    "fails_job",
    "judge_task",
    "what_next",
]

RESULT_CODES: Final = ("Succeeded", "TemporaryFailure", "PermanentFailure")

MOST_REDRIVES: Final = 3
REDRIVE_MS: Final = 60_000
_FEWEST_RUN: Final = 1_000
_DEFAULT: Final[S3ResultCode] = "TemporaryFailure"

INVALID_JSON: Final = "Invalid JSON returned in Lambda payload"
"""What the completion report says of a response that S3 cannot read (S3 User Guide, "Invoke AWS Lambda function")."""

TASK_LEFT_OUT: Final = "task-left-out"

ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        TASK_LEFT_OUT: "The function left the task out of its results: treatMissingKeysAs decides what becomes of it.",
    }
)
"""Every advice code of this module, with its meaning in one line."""

_KEYS: Final = ("invocationSchemaVersion", "treatMissingKeysAs", "invocationId", "results")
_RESULT_KEYS: Final = ("taskId", "resultCode", "resultString")
_FAILS: Final = "the task fails for good"
_WHOLE: Final = path_text(())


class Asked(NamedTuple):
    """What the function was asked, and has to echo: JSON values, as they stand in the event."""

    schema_version: Any
    invocation_id: Any
    task_ids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """What an invocation did to its task.

    `outcome` is the invocation's: `partial` where the function said itself that the task failed; `message` is what the
    completion report says of the task if this is its end; `problem` is one sentence for people, None after a success;
    `advice` is a code of `ADVICE`.
    """

    outcome: Literal["success", "partial", "error", "timeout", "malformed"]
    code: S3ResultCode
    message: str
    problem: str | None = None
    advice: str | None = None


# -- decisions ---------------------------------------------------------------------------------------------------------

Next = Literal["succeeded", "redriven", "failed"]
"""What becomes of a task after an invocation."""


def what_next(code: S3ResultCode, redrives: int) -> Next:
    """What becomes of a task that was redriven so often before."""
    if code == "Succeeded":
        return "succeeded"
    return "redriven" if code == "TemporaryFailure" and redrives < MOST_REDRIVES else "failed"


def fails_job(succeeded: int, failed: int) -> bool:
    """Whether so many failures end a job: once 1,000 tasks have run, more than half of them."""
    run = succeeded + failed
    return run >= _FEWEST_RUN and 2 * failed > run


def judge_task(asked: Asked, ending: Ending, request_id: str) -> TaskResult:
    """What an invocation did to its one task. Never raises."""
    if ending.kind == "returned":
        return _judge_response(asked, ending.response)
    if ending.kind == "malformed":
        return TaskResult(
            outcome="malformed", code="PermanentFailure", message=INVALID_JSON, problem=ending.problem or INVALID_JSON
        )
    return TaskResult(
        outcome=ending.kind,
        code="TemporaryFailure" if ending.kind == "error" else "PermanentFailure",
        message=f"Lambda returned function error: {_payload(ending, request_id)}",
        problem=ending.problem,
    )


def _judge_response(asked: Asked, response: Any) -> TaskResult:
    report = Report()
    check_task_response(asked, response, report)
    wrong = next((one for one in report.findings if one.severity == "error"), None)
    if wrong is not None:
        where = "" if wrong.path == _WHOLE else f"{wrong.path}: "
        problem = f"the response cannot be used: {where}found {wrong.found}, expected {wrong.expected}"
        return TaskResult(outcome="malformed", code="PermanentFailure", message=INVALID_JSON, problem=problem)
    if response["results"]:
        result = response["results"][0]  # it is about the one task there is, or the response would be wrong
        return _reported(result["resultCode"], result.get("resultString") or "")
    treated = response.get("treatMissingKeysAs")
    code: S3ResultCode = _DEFAULT if treated is None else treated
    said = "the default of treatMissingKeysAs" if treated is None else "as treatMissingKeysAs says"
    problem = f"the function left the task out of its results: it counts as {code}, {said}"
    return TaskResult(
        outcome="success" if code == "Succeeded" else "partial",
        code=code,
        message="",
        problem=problem,
        advice=TASK_LEFT_OUT,
    )


def _reported(code: S3ResultCode, text: str) -> TaskResult:
    if code == "Succeeded":
        return TaskResult(outcome="success", code=code, message=text)
    return TaskResult(outcome="partial", code=code, message=text, problem=f"{code}: {text}" if text else code)


def _payload(ending: Ending, request_id: str) -> str:
    """The payload of an invocation with a function error; without the stack, which is this machine's."""
    error = ending.error
    if ending.kind == "error" and isinstance(error, Exception):
        said = {"errorMessage": str(error), "errorType": type(error).__name__, "requestId": request_id}
        return json.dumps(said, ensure_ascii=False)
    error_type, _, message = (ending.problem or "").partition(": ")
    return json.dumps({"errorType": error_type, "errorMessage": message}, ensure_ascii=False)


# -- reading -----------------------------------------------------------------------------------------------------------


def check_task_response(asked: Asked | None, response: Any, report: Report) -> None:
    """Say what is wrong with a response; without knowing what was asked, what can be seen without that.

    An error is what makes S3 fail the task.
    """
    if not isinstance(response, dict):
        report.error((), response, f"an object with {', '.join(_KEYS)}: {_FAILS}")
        return
    missing = _check_keys(response, _KEYS, (), report)
    echoed = {
        "invocationSchemaVersion": None if asked is None else asked.schema_version,
        "invocationId": None if asked is None else asked.invocation_id,
    }
    for key, value in echoed.items():
        if key in missing:
            report.error((key,), ABSENT, f"the event's own {key}: {_FAILS}")
        elif key in response and asked is not None and response[key] != value:
            report.error((key,), response[key], f"{_quoted(value)}, the event's own: {_FAILS}")
    treated = response.get("treatMissingKeysAs")
    if treated is not None:
        _check_code(treated, ("treatMissingKeysAs",), report)
    elif "treatMissingKeysAs" in missing or "treatMissingKeysAs" in response:
        expected = f"what becomes of tasks that are left out of the results, which is {_DEFAULT} without it"
        report.note(("treatMissingKeysAs",), response.get("treatMissingKeysAs", ABSENT), expected)
    if "results" in missing:
        report.error(("results",), ABSENT, f"a list of results: {_FAILS}")
    elif "results" in response:
        _check_results(asked, response, report)


def _check_keys(value: dict[str, Any], keys: Sequence[str], path: Path, report: Report) -> list[str]:
    """Notes and errors for keys that S3 does not read; what is missing, and not misspelt."""
    right = {key.lower(): key for key in keys}
    missing = [key for key in keys if key not in value]
    for key, found in value.items():
        if key in keys:
            continue
        meant = right.get(key.lower().replace("_", ""))
        if meant in missing:
            missing.remove(meant)
            report.error((*path, key), found, f"the key {meant!r}, in exactly this case: {_FAILS}")
        else:
            report.note((*path, key), found, "no such key: S3 does not read it")
    return missing


def _check_code(code: Any, path: Path, report: Report) -> None:
    if code not in RESULT_CODES:
        near = nearest(code, RESULT_CODES) if isinstance(code, str) else ""
        report.error(path, code, f"{', '.join(RESULT_CODES[:-1])} or {RESULT_CODES[-1]}{near}: {_FAILS}")


def _check_results(asked: Asked | None, response: dict[str, Any], report: Report) -> None:
    results = response["results"]
    if not isinstance(results, list):
        report.error(("results",), results, f"a list of results: {_FAILS}")
        return
    tasks = None if asked is None else asked.task_ids
    named: set[str] = set()
    for number, result in enumerate(results):
        path = ("results", number)
        if not isinstance(result, dict):
            report.error(path, result, f"an object with {', '.join(_RESULT_KEYS)}: {_FAILS}")
            continue
        missing = _check_keys(result, _RESULT_KEYS, path, report)
        for key in missing:
            _check_missing(key, (*path, key), report)
        if "resultCode" in result:
            _check_code(result["resultCode"], (*path, "resultCode"), report)
        text = result.get("resultString", "")
        if text is None:
            report.note((*path, "resultString"), None, "a text for the job's report")
        elif not isinstance(text, str):
            report.error((*path, "resultString"), text, f"a text: {_FAILS}")
        if "taskId" in result:
            _check_task_id(result["taskId"], tasks, named, (*path, "taskId"), report)
    treated = text_at(response, "treatMissingKeysAs") or f"{_DEFAULT}, the default of treatMissingKeysAs"
    for task in tasks or ():
        if task not in named:
            report.note(("results",), results, f"a result for task {task:.20}…: without one it counts as {treated}")


def _check_missing(key: str, path: Path, report: Report) -> None:
    if key == "resultString":
        report.note(path, ABSENT, "a text for the job's report")
    else:
        report.error(path, ABSENT, f"this key: {_FAILS}")


def _check_task_id(task: Any, tasks: Sequence[str] | None, named: set[str], path: Path, report: Report) -> None:
    if not isinstance(task, str) or not task or (tasks is not None and task not in tasks):
        report.error(path, task, f"the taskId of the event's task: {_FAILS}")
    elif task in named:
        report.note(path, task, "one result for each task")
    else:
        named.add(task)


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
