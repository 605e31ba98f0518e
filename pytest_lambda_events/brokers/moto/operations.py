"""The one table of moto's operations that ours replace. The law: installed and removed as a unit, or not at all.

Before anything is replaced, each original is looked at: the parameters that we rely on must be there under their
names, or the moto is refused by name. The same goes for what we read and write in moto's queues and messages. What a
moto does not have yet (`added`) is put beside, and replaced once it has.
"""

from __future__ import annotations

import inspect
from functools import cache, update_wrapper
from typing import TYPE_CHECKING, Any, NamedTuple

from moto.sqs.exceptions import SQSException
from moto.sqs.models import Message, Queue, SQSBackend
from moto.sqs.responses import SQSResponse

from pytest_lambda_events.brokers.moto import moving, receiving, resources, sending
from pytest_lambda_events.brokers.moto.patches import add, original_of, put_in_place, unsupported
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["OPERATIONS", "Operation", "check_internals", "install"]


class Operation(NamedTuple):
    """One line of the table: `owner.name` becomes `replacement(surface, original, self, …)`.

    `parameters` are those of the original that we rely on, after self; None stands for a property. `added`: a moto
    without it is fine, too.
    """

    owner: type
    name: str
    replacement: Callable[..., Any]
    parameters: tuple[str, ...] | None = ()
    added: bool = False


OPERATIONS: tuple[Operation, ...] = (
    Operation(SQSResponse, "cancel_message_move_task", moving.cancel_message_move_task, added=True),
    Operation(SQSResponse, "change_message_visibility", receiving.change_message_visibility),
    Operation(SQSResponse, "change_message_visibility_batch", receiving.change_message_visibility_batch),
    Operation(SQSResponse, "create_queue", resources.create_queue),
    Operation(SQSResponse, "delete_message", receiving.delete_message),
    Operation(SQSResponse, "delete_message_batch", receiving.delete_message_batch),
    Operation(SQSResponse, "get_queue_attributes", resources.get_queue_attributes),
    Operation(SQSResponse, "list_message_move_tasks", moving.list_message_move_tasks, added=True),
    Operation(SQSResponse, "receive_message", receiving.receive_message),
    Operation(SQSResponse, "send_message", sending.send_message),
    Operation(SQSResponse, "send_message_batch", sending.send_message_batch),
    Operation(SQSResponse, "set_queue_attributes", resources.set_queue_attributes),
    Operation(SQSResponse, "start_message_move_task", moving.start_message_move_task, added=True),
    Operation(
        SQSBackend,
        "change_message_visibility",
        receiving.backend_change_message_visibility,
        ("queue_name", "receipt_handle", "visibility_timeout"),
    ),
    Operation(SQSBackend, "delete_message", receiving.backend_delete_message, ("queue_name", "receipt_handle")),
    Operation(SQSBackend, "delete_queue", resources.delete_queue, ("queue_name",)),
    Operation(SQSBackend, "purge_queue", resources.purge_queue, ("queue_name",)),
    Operation(
        SQSBackend,
        "receive_message",
        receiving.backend_receive_message,
        ("queue_name", "count", "wait_seconds_timeout", "visibility_timeout", "message_attribute_names"),
    ),
    Operation(
        SQSBackend,
        "send_message",
        sending.backend_send_message,
        (
            "queue_name",
            "message_body",
            "message_attributes",
            "delay_seconds",
            "deduplication_id",
            "group_id",
            "system_attributes",
        ),
    ),
    Operation(Queue, "add_message", sending.add_message, ("message",)),
    Operation(Queue, "approximate_number_of_messages", resources.number_visible, None),
    Operation(Queue, "approximate_number_of_messages_delayed", resources.number_delayed, None),
    Operation(Queue, "approximate_number_of_messages_not_visible", resources.number_in_flight, None),
)

# what the replacements and the adoption of messages read and write, beside the table above
_INTERNALS: tuple[tuple[type, str], ...] = (
    *((SQSResponse, name) for name in ("_get_param", "_get_queue_name", "sqs_backend")),
    *((SQSBackend, name) for name in ("create_queue", "get_queue", "get_queue_attributes")),
    (Queue, "attributes"),
)
_QUEUE_FIELDS = (
    "_messages",
    "_pending_messages",
    "account_id",
    "content_based_deduplication",
    "dead_letter_queue",
    "deduplication_scope",
    "delay_seconds",
    "deleted_messages",
    "fifo_queue",
    "fifo_throughput_limit",
    "lambda_event_source_mappings",
    "maximum_message_size",
    "message_retention_period",
    "name",
    "queue_arn",
    "receive_message_wait_time_seconds",
    "redrive_policy",
    "region",
    "visibility_timeout",
)
_MESSAGE_FIELDS = (
    "_old_receipt_handles",
    "approximate_first_receive_timestamp",
    "approximate_receive_count",
    "body",
    "deduplication_id",
    "delayed_until",
    "group_id",
    "id",
    "message_attributes",
    "receipt_handle",
    "sender_id",
    "sent_timestamp",
    "sequence_number",
    "system_attributes",
    "visible_at",
)


def install(surface: MotoSurface, stack: ExitStack) -> None:
    """Replace all of the table until `stack` closes. Errors: `UnsupportedMoto`, and then nothing was replaced."""
    check_internals()
    originals = [_checked(operation) for operation in OPERATIONS]
    for operation, original in zip(OPERATIONS, originals, strict=True):
        if operation.parameters is None:
            bound: Any = property(_bound(surface, operation.replacement, original.fget))
        else:
            bound = _bound(surface, operation.replacement, original)
        if original is None:
            add(stack, operation.owner, operation.name, bound)
        else:
            put_in_place(stack, operation.owner, operation.name, bound)


def _bound(
    surface: MotoSurface, replacement: Callable[..., Any], original: Callable[..., Any] | None
) -> Callable[..., Any]:
    def operation(owner: Any, *args: Any, **kwargs: Any) -> Any:
        with surface.lock:
            surface.clock.enter()
            surface.engines.tasks.settle(surface.clock.now_ms)  # what they did until now comes before what is done now
            try:
                return replacement(surface, original, owner, *args, **kwargs)
            except Refusal as refusal:
                raise SQSException(refusal.code, refusal.message) from refusal

    # moto finds its actions by looking for functions, by name
    return update_wrapper(operation, replacement if original is None else original)


_known: dict[tuple[type, str], Any] = {}  # originals that passed: looking at a signature takes longer than the rest


def _checked(operation: Operation) -> Any:
    owner, name, _, parameters, added = operation
    if added and name not in vars(owner):
        return None
    original = original_of(owner, name)
    if _known.get((owner, name)) is original:
        return original
    where = f"{owner.__module__}.{owner.__qualname__}.{name}"
    if parameters is None:
        if not isinstance(original, property) or original.fget is None:
            raise unsupported(f"{where} is not a property")
    else:
        if not inspect.isfunction(original):
            raise unsupported(f"{where} is not a method")
        given = tuple(inspect.signature(original).parameters)[1:]
        if given[: len(parameters)] != parameters:
            raise unsupported(f"{where} takes ({', '.join(given)}), not ({', '.join(parameters)})")
    _known[owner, name] = original
    return original


@cache
def check_internals() -> None:
    """Whether moto's queues and messages have the fields that we know. Errors: `UnsupportedMoto`, by name."""
    for owner, name in _INTERNALS:
        if not hasattr(owner, name):
            raise unsupported(f"{owner.__module__}.{owner.__qualname__} has no {name}")
    make: Any = Queue  # abstract to a type checker, since it leaves out a property that CloudFormation never asks it
    for thing, fields in (
        (make("probe", region="us-east-1", account_id="123456789012"), _QUEUE_FIELDS),
        (Message("probe", "probe"), _MESSAGE_FIELDS),
    ):
        for field in fields:
            if not hasattr(thing, field):
                raise unsupported(f"{type(thing).__module__}.{type(thing).__qualname__} has no {field}")
