"""Is this a response that S3 Batch Operations can use? The law: it echoes the ids of its invocation and task.

S3 User Guide, "Invoking an AWS Lambda function"; a response that S3 cannot read fails the task for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.model.shapes import text_at, value_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path

__all__ = ["RESULT_CODES", "check_task_response"]

RESULT_CODES: Final = ("Succeeded", "TemporaryFailure", "PermanentFailure")

_KEYS: Final = ("invocationSchemaVersion", "treatMissingKeysAs", "invocationId", "results")
_RESULT_KEYS: Final = ("taskId", "resultCode", "resultString")
_ECHOED: Final = ("invocationSchemaVersion", "invocationId")
_FAILS: Final = "the task fails for good"


def check_task_response(event: Any, response: Any, report: Report) -> None:
    """Say what is wrong with a response to S3 Batch Operations; without an event, what can be seen without one."""
    if not isinstance(response, dict):
        report.error((), response, f"an object with {', '.join(_KEYS)}: {_FAILS}")
        return
    missing = _check_keys(response, _KEYS, (), report)
    for key in _ECHOED:
        if key in missing:
            report.error((key,), ABSENT, f"the event's own {key}: {_FAILS}")
        elif key in response and event is not None and response[key] != value_at(event, key):
            report.error((key,), response[key], f"{_quoted(value_at(event, key))}, the event's own: {_FAILS}")
    if "treatMissingKeysAs" in response:
        _check_code(response["treatMissingKeysAs"], ("treatMissingKeysAs",), report)
    elif "treatMissingKeysAs" in missing:
        report.note(("treatMissingKeysAs",), ABSENT, "what becomes of tasks that are left out of the results")
    if "results" in missing:
        report.error(("results",), ABSENT, f"a list of results: {_FAILS}")
    elif "results" in response:
        _check_results(event, response, report)


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


def _check_results(event: Any, response: dict[str, Any], report: Report) -> None:
    results = response["results"]
    if not isinstance(results, list):
        report.error(("results",), results, f"a list of results: {_FAILS}")
        return
    tasks = _task_ids(event)
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
        if not isinstance(result.get("resultString", ""), str):
            report.error((*path, "resultString"), result["resultString"], f"a text: {_FAILS}")
        if "taskId" in result:
            _check_task_id(result["taskId"], tasks, named, (*path, "taskId"), report)
    treated = text_at(response, "treatMissingKeysAs") or "treatMissingKeysAs, which is missing,"
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


def _task_ids(event: Any) -> list[str] | None:
    """The ids of the event's tasks; None without an event."""
    if event is None:
        return None
    tasks = value_at(event, "tasks")
    found = [text_at(task, "taskId") for task in (tasks if isinstance(tasks, list) else ())]
    return [task for task in found if task is not None]


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
