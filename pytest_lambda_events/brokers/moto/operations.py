"""The table of what ours replace of moto's SQS. The law: what we read and write of moto's is named here, and looked at
before anything is replaced (`tables`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from moto.sqs.exceptions import SQSException
from moto.sqs.models import Message, Queue, SQSBackend
from moto.sqs.responses import SQSResponse

from pytest_lambda_events.brokers.moto import moving, receiving, resources, sending
from pytest_lambda_events.brokers.moto.tables import Operation, Table, check_fields

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["OPERATIONS", "TABLE", "check_internals"]


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


@cache
def check_internals() -> None:
    """Whether moto's queues and messages have the fields that we know. Errors: `UnsupportedMoto`, by name."""
    for owner, name in _INTERNALS:
        check_fields(owner, (name,))
    make: Any = Queue  # abstract to a type checker, since it leaves out a property that CloudFormation never asks it
    check_fields(make("probe", region="us-east-1", account_id="123456789012"), _QUEUE_FIELDS)
    check_fields(Message("probe", "probe"), _MESSAGE_FIELDS)


def _settle(surface: MotoSurface) -> None:
    """What message move tasks did until now comes before what is done now."""
    surface.engines.tasks.settle(surface.clock.now_ms)


TABLE = Table(OPERATIONS, check=check_internals, refused=SQSException, settle=_settle)
