"""StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask, which moto does not have. The law: they speak of
tasks in AWS's words and move nothing themselves.

Rules: API reference of the three; words as recorded on AWS but for those marked [?]. Where AWS answers with HTTP status
404 (ResourceNotFoundException), moto's serialiser knows 400 only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.core.responses import ActionResult

from pytest_lambda_events.brokers.moto.engines import queue_of_arn
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.moto.move_tasks import MoveTask
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["cancel_message_move_task", "list_message_move_tasks", "start_message_move_task", "start_task"]

_HIGHEST_RATE: Final = 500
_MOST_RESULTS: Final = 10


def start_message_move_task(surface: MotoSurface, _original: Any, response: Any) -> Any:
    """S32 messages move from a dead-letter queue to where they came from, or to DestinationArn.

    The source must be some queue's dead-letter queue, and one task of it may run at a time.
    """
    task = start_task(
        surface,
        response.sqs_backend,
        response._get_param("SourceArn"),
        response._get_param("DestinationArn"),
        response._get_param("MaxNumberOfMessagesPerSecond"),
    )
    return ActionResult({"TaskHandle": task.handle})


def list_message_move_tasks(surface: MotoSurface, _original: Any, response: Any) -> Any:
    """S33 up to 10 tasks of a source queue, the latest first, one by default; a handle only while it runs."""
    most = int(response._get_param("MaxResults") or 1)
    if not 1 <= most <= _MOST_RESULTS:
        raise Refusal(  # [?]
            "InvalidParameterValue",
            f"Value {most} for parameter MaxResults is invalid. Reason: Must be between 1 and {_MOST_RESULTS}, if "
            "provided.",
        )
    source = _named(response.sqs_backend, "SourceArn", response._get_param("SourceArn"))
    surface.engines.of(source).settle(surface.clock.now_ms)
    return ActionResult({"Results": [_shown(task) for task in surface.engines.tasks.of(source)[:most]]})


def cancel_message_move_task(surface: MotoSurface, _original: Any, response: Any) -> Any:
    """S34 a running task stops; what it has moved stays moved."""
    handle = response._get_param("TaskHandle")
    tasks = surface.engines.tasks
    arn = tasks.source_of(handle)
    if arn is None:
        raise Refusal("InvalidParameterValue", "Value for parameter TaskHandle is invalid.")
    source = _named(response.sqs_backend, "SourceArn", arn)
    surface.engines.of(source).settle(surface.clock.now_ms)
    found = [task for task in tasks.of(source) if task.handle == handle]
    if not found:
        raise Refusal("ResourceNotFoundException", "Task does not exist.", status=404)
    if found[0].status != "RUNNING":
        raise Refusal("InvalidParameterValue", "Only active tasks can be cancelled.")  # [?]
    tasks.cancel(found[0])
    return ActionResult({"ApproximateNumberOfMessagesMoved": len(found[0].records)})


def start_task(
    surface: MotoSurface, backend: Any, source_arn: str, destination_arn: str | None, rate: int | None
) -> MoveTask:
    """Begin a task, as StartMessageMoveTask does. Errors: `Refusal`."""
    if rate is not None and not 1 <= rate <= _HIGHEST_RATE:
        raise Refusal(  # [?]
            "InvalidParameterValue",
            "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a number that's "
            f"between 1 and {_HIGHEST_RATE}.",
        )
    source = _named(backend, "SourceArn", source_arn)
    if not any(queue.dead_letter_queue is source for queue in backend.queues.values()):
        raise Refusal("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    destination = None if destination_arn is None else _named(backend, "DestinationArn", destination_arn)
    if destination is source:
        raise Refusal(  # [?]
            "InvalidParameterValue", "Value for parameter DestinationArn is invalid. Reason: it is the source queue."
        )
    if destination is not None and destination.fifo_queue != source.fifo_queue:
        raise Refusal(  # [?]
            "InvalidParameterValue",
            "Value for parameter DestinationArn is invalid. Reason: The destination must be a queue of the same type "
            "as the source.",
        )
    now_ms = surface.clock.now_ms
    surface.engines.of(source).settle(now_ms)
    if destination is not None:
        surface.engines.of(destination).settle(now_ms)  # its own past comes before what will be moved into it
    if any(task.status == "RUNNING" for task in surface.engines.tasks.of(source)):
        raise Refusal(
            "InvalidParameterValue",
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
        )
    return surface.engines.tasks.start(source, destination, rate, now_ms)


def _named(backend: Any, parameter: str, arn: str) -> Any:
    queue = queue_of_arn(backend, arn)
    if queue is None:
        raise Refusal(
            "ResourceNotFoundException",
            f"The resource that you specified for the {parameter} parameter doesn't exist.",
            status=404,
        )
    return queue


def _shown(task: MoveTask) -> dict[str, Any]:
    shown = {
        "TaskHandle": task.handle if task.status == "RUNNING" else None,
        "Status": task.status,
        "SourceArn": task.source.queue_arn,
        "DestinationArn": None if task.destination is None else task.destination.queue_arn,
        "MaxNumberOfMessagesPerSecond": task.rate,
        "ApproximateNumberOfMessagesMoved": len(task.records),
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "FailureReason": task.failure,
        "StartedTimestamp": task.started_ms,
    }
    return {name: value for name, value in shown.items() if value is not None}
