"""Queues themselves: made, changed, looked at, emptied, deleted. The law: moto owns them; we check what it lets pass.

Rules: API reference, CreateQueue, SetQueueAttributes, GetQueueAttributes, PurgeQueue, DeleteQueue.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.queue_attributes import check_queue_attributes, check_queue_name
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = [
    "check_new_queue",
    "create_queue",
    "delete_queue",
    "get_queue_attributes",
    "number_delayed",
    "number_in_flight",
    "number_visible",
    "purge_queue",
    "set_queue_attributes",
]


def check_new_queue(backend: Any, name: str, attributes: Mapping[str, Any]) -> dict[str, str]:
    """The attributes of a queue to be made, as texts. Errors: `Refusal`, as CreateQueue answers."""
    fifo = str(attributes.get("FifoQueue", "")).lower() == "true"
    check_queue_name(name, fifo=fifo)
    checked = check_queue_attributes(attributes, fifo=fifo)
    _check_target(backend, checked)
    return checked


def _check_target(backend: Any, attributes: Mapping[str, str]) -> None:
    policy = attributes.get("RedrivePolicy")
    if not policy:
        return
    arn = json.loads(policy)["deadLetterTargetArn"]
    if not any(queue.queue_arn == arn for queue in backend.queues.values()):
        raise Refusal(
            "InvalidParameterValue",
            f"Value {policy} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.",
            f"make {arn} first; it has to be in the same account and region",
        )


def create_queue(_surface: MotoSurface, original: Callable[..., Any], response: Any) -> Any:
    """Attributes out of range are refused: S44 a DLQ of another kind, S45, S46 maxReceiveCount, S47 VisibilityTimeout,
    S48 MessageRetentionPeriod, S49 DelaySeconds, S50 ReceiveMessageWaitTimeSeconds.
    """
    check_new_queue(
        response.sqs_backend, response._get_param("QueueName"), dict(response._get_param("Attributes") or {})
    )
    return original(response)


def set_queue_attributes(_surface: MotoSurface, original: Callable[..., Any], response: Any) -> Any:
    """As CreateQueue: S44 to S50."""
    backend = response.sqs_backend
    queue = backend.get_queue(response._get_queue_name())
    checked = check_queue_attributes(dict(response._get_param("Attributes") or {}), fifo=queue.fifo_queue)
    _check_target(backend, checked)
    return original(response)


def get_queue_attributes(_surface: MotoSurface, original: Callable[..., Any], response: Any) -> Any:
    """The three counts are the engine's (see below), at the user's present: S17 expired messages are not counted."""
    return original(response)


def delete_queue(surface: MotoSurface, original: Callable[..., Any], backend: Any, queue_name: str) -> None:
    """A queue takes its messages with it, those in flight too."""
    queue = backend.get_queue(queue_name)
    original(backend, queue_name)
    if not queue.fifo_queue:
        surface.engines.of(queue).purge(surface.clock.now_ms)


def purge_queue(surface: MotoSurface, original: Callable[..., Any], backend: Any, queue_name: str) -> None:
    """Everything goes, what is in flight too. Whether a second purge within 60 s is refused, moto's setting says."""
    original(backend, queue_name)
    queue = backend.get_queue(queue_name)
    if not queue.fifo_queue:
        surface.engines.of(queue).purge(surface.clock.now_ms)


def number_visible(surface: MotoSurface, original: Callable[..., Any], queue: Any) -> int:
    """ApproximateNumberOfMessages: exact here; S17 expired messages are not counted."""
    return _count(surface, original, queue, 0)


def number_in_flight(surface: MotoSurface, original: Callable[..., Any], queue: Any) -> int:
    """ApproximateNumberOfMessagesNotVisible: exact here; S1 none at exactly the timeout."""
    return _count(surface, original, queue, 1)


def number_delayed(surface: MotoSurface, original: Callable[..., Any], queue: Any) -> int:
    """ApproximateNumberOfMessagesDelayed: exact here."""
    return _count(surface, original, queue, 2)


def _count(surface: MotoSurface, original: Callable[..., Any], queue: Any, which: int) -> int:
    if queue.fifo_queue:
        return int(original(queue))
    return surface.engines.of(queue).counts(surface.clock.now_ms)[which]
