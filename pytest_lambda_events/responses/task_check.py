"""Is this a response that S3 Batch Operations can use? The law: what the loop of jobs makes of a response is what is
said of it here; the reading stands in `polling.task_results`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.looking import text_at, value_at
from pytest_lambda_events.polling import task_results
from pytest_lambda_events.polling.task_results import RESULT_CODES, Asked

if TYPE_CHECKING:
    from pytest_lambda_events.model.findings import Report

__all__ = ["RESULT_CODES", "check_task_response"]


def check_task_response(event: Any, response: Any, report: Report) -> None:
    """Say what is wrong with a response to S3 Batch Operations; without an event, what can be seen without one."""
    task_results.check_task_response(None if event is None else _asked(event), response, report)


def _asked(event: Any) -> Asked:
    """What an event asks, as far as it says so: any JSON value is an event to who checks responses."""
    tasks = value_at(event, "tasks")
    found = [text_at(task, "taskId") for task in (tasks if isinstance(tasks, list) else ())]
    return Asked(
        schema_version=value_at(event, "invocationSchemaVersion"),
        invocation_id=value_at(event, "invocationId"),
        task_ids=[task for task in found if task is not None],
    )
