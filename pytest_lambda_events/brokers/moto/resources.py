"""Queues themselves: made, changed, looked at, emptied, deleted. The law: moto owns them; we check what it lets pass.

Rules: API reference, CreateQueue, SetQueueAttributes, GetQueueAttributes, PurgeQueue, DeleteQueue.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult, EmptyResult

from pytest_lambda_events.brokers.moto.engines import queue_of_arn
from pytest_lambda_events.brokers.moto.queue_handle import redrive_allow_policy
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


def check_new_queue(surface: MotoSurface, backend: Any, name: str, attributes: Mapping[str, Any]) -> dict[str, str]:
    """The attributes of a queue to be made, as texts. Errors: `Refusal`, as CreateQueue answers."""
    fifo = str(attributes.get("FifoQueue", "")).lower() == "true"
    check_queue_name(name, fifo=fifo)
    checked = check_queue_attributes(attributes, fifo=fifo)
    _check_target(backend, name, checked)
    queue = backend.queues.get(name)
    if queue is None and surface.engines.deleted_recently(backend, name):
        raise Refusal(
            "AWS.SimpleQueueService.QueueDeletedRecently",
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
            f"let virtual time pass, or give it another name than {name}",
        )
    allow = checked.get("RedriveAllowPolicy")
    if queue is not None and allow is not None and allow != redrive_allow_policy(queue):  # moto does not compare it
        raise Refusal("QueueAlreadyExists", "The specified queue already exists.")
    return checked


def _check_target(backend: Any, name: str, attributes: Mapping[str, str]) -> None:
    """Whether the queue of this name may have the dead-letter queue that it wants."""
    policy = attributes.get("RedrivePolicy")
    if not policy:
        return
    arn = json.loads(policy)["deadLetterTargetArn"]
    target = queue_of_arn(backend, arn)
    if target is None:
        raise Refusal(
            "InvalidParameterValue",
            f"Value {policy} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.",
            f"make {arn} first; it has to be in the same account and region",
        )
    allow = json.loads(redrive_allow_policy(target) or "{}")
    permission = allow.get("redrivePermission", "allowAll")
    source = f"{arn.rpartition(':')[0]}:{name}"
    if permission == "denyAll" or (permission == "byQueue" and source not in allow.get("sourceQueueArns", ())):
        raise Refusal(  # [?]
            "InvalidParameterValue",
            f"Value {policy} for parameter RedrivePolicy is invalid. Reason: The dead-letter queue's redrive allow "
            "policy doesn't allow this source queue.",
            f"RedriveAllowPolicy of {arn} is {permission}; {source} is none of its sourceQueueArns",
        )


def create_queue(surface: MotoSurface, original: Callable[..., Any], response: Any) -> Any:
    """Attributes out of range are refused: S44 a DLQ of another kind, S45, S46 maxReceiveCount, S47 VisibilityTimeout,
    S48 MessageRetentionPeriod, S49 DelaySeconds, S50 ReceiveMessageWaitTimeSeconds. S31 the DLQ must allow this source;
    S51 a name is free again 60 seconds after its queue was deleted.
    """
    check_new_queue(
        surface, response.sqs_backend, response._get_param("QueueName"), dict(response._get_param("Attributes") or {})
    )
    return original(response)


def set_queue_attributes(surface: MotoSurface, original: Callable[..., Any], response: Any) -> Any:
    """As CreateQueue: S31, S44 to S50. What fell due before happens by the attributes of before."""
    backend = response.sqs_backend
    queue = backend.get_queue(response._get_queue_name())
    given = dict(response._get_param("Attributes") or {})
    present = {
        "DeduplicationScope": str(queue.deduplication_scope),
        "FifoThroughputLimit": str(queue.fifo_throughput_limit),
    }
    _check_target(backend, queue.name, check_queue_attributes(given, fifo=queue.fifo_queue, present=present))
    engine = surface.engines.of(queue)
    engine.settle(surface.clock.now_ms)
    result = original(response)
    engine.attributes_changed()
    return result


def get_queue_attributes(_surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """The three counts are the engine's (see below), at the user's present: S17 expired messages are not counted.

    S30 RedriveAllowPolicy is one of them.
    """
    backend = response.sqs_backend
    queue = backend.get_queue(response._get_queue_name())
    names = list(response._get_param("AttributeNames") or ())
    others = [name for name in names if name != "RedriveAllowPolicy"]
    found = {} if names and not others else backend.get_queue_attributes(queue.name, others)
    attributes = {name: str(value) for name, value in found.items() if value is not None}
    policy = redrive_allow_policy(queue)
    if policy and not {"All", "RedriveAllowPolicy"}.isdisjoint(names):
        attributes["RedriveAllowPolicy"] = policy
    return ActionResult({"Attributes": attributes}) if attributes else EmptyResult()


def delete_queue(surface: MotoSurface, original: Callable[..., Any], backend: Any, queue_name: str) -> None:
    """A queue takes its messages with it, those in flight too; S51 its name is not free for 60 seconds."""
    queue = backend.get_queue(queue_name)
    original(backend, queue_name)
    surface.engines.forget(backend, queue)


def purge_queue(surface: MotoSurface, original: Callable[..., Any], backend: Any, queue_name: str) -> None:
    """Everything goes, what is in flight too. A second purge within 60 s is refused, whatever moto's setting says."""
    queue = backend.get_queue(queue_name)
    if not surface.engines.purge(queue):
        raise Refusal(
            "AWS.SimpleQueueService.PurgeQueueInProgress",
            f"Only one PurgeQueue operation on {queue_name} is allowed every 60 seconds.",
        )
    original(backend, queue_name)


def number_visible(surface: MotoSurface, _original: Callable[..., Any], queue: Any) -> int:
    """ApproximateNumberOfMessages: exact here; S17 expired messages are not counted."""
    return _count(surface, queue, 0)


def number_in_flight(surface: MotoSurface, _original: Callable[..., Any], queue: Any) -> int:
    """ApproximateNumberOfMessagesNotVisible: exact here; S1 none at exactly the timeout."""
    return _count(surface, queue, 1)


def number_delayed(surface: MotoSurface, _original: Callable[..., Any], queue: Any) -> int:
    """ApproximateNumberOfMessagesDelayed: exact here."""
    return _count(surface, queue, 2)


def _count(surface: MotoSurface, queue: Any, which: int) -> int:
    return surface.engines.of(queue).counts(surface.clock.now_ms)[which]
