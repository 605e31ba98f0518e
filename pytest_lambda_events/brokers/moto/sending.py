"""SendMessage and SendMessageBatch. The law: every message goes through `MotoSurface.put`, whoever sends it.

Rules: API reference, SendMessage and SendMessageBatch.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult

from pytest_lambda_events.brokers.moto.adoption import from_moto, plain_attributes, to_moto
from pytest_lambda_events.brokers.moto.batches import check_entries, each_entry
from pytest_lambda_events.brokers.moto.producers import delivery
from pytest_lambda_events.brokers.visibility_queue import Message
from pytest_lambda_events.model.messages import (
    MAXIMUM_MESSAGE_BYTES,
    md5_of_attributes,
    md5_of_body,
    message_size,
)
from pytest_lambda_events.model.records import NO_ATTRIBUTES
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["add_message", "backend_send_message", "send_message", "send_message_batch"]


def send_message(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """SQS refuses what it cannot keep, and answers with the MD5 of what it was sent.

    S8 a negative delay; S35, S36 AWSTraceHeader is kept and has an MD5 of its own; S38, S39 size in bytes, attributes
    included; S41 empty body; S42 control characters; S43 more than 10 attributes. FIFO: S21 a duplicate of a message
    that was deleted is one, too; S23 in its group only, if the queue says so; S24 it is answered with the first one's
    id and SequenceNumber, which S25 rises and S26 is always there.
    """
    queue = response.sqs_backend.get_queue(response._get_queue_name())
    answer = _send(
        surface,
        queue,
        {
            name: response._get_param(name)
            for name in (
                "DelaySeconds",
                "MessageAttributes",
                "MessageBody",
                "MessageDeduplicationId",
                "MessageGroupId",
                "MessageSystemAttributes",
            )
        },
    )
    return ActionResult(answer)


def send_message_batch(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """A batch may hold 1 MiB in all; an entry that SQS refuses fails alone, the others are sent.

    S8, S21 to S26, S35 and S36, S38 to S43 as for SendMessage; S52 an entry without its group fails alone.
    """
    queue = response.sqs_backend.get_queue(response._get_queue_name())
    entries = response._get_param("Entries", [])
    check_entries(entries, "SendMessage")
    size = sum(
        message_size(entry["MessageBody"], plain_attributes(entry.get("MessageAttributes") or {})) for entry in entries
    )
    if size > MAXIMUM_MESSAGE_BYTES:
        raise Refusal(
            "AWS.SimpleQueueService.BatchRequestTooLong",
            f"Batch requests cannot be longer than {MAXIMUM_MESSAGE_BYTES} bytes. You have sent {size} bytes.",
        )
    places = count()
    return ActionResult(each_entry(entries, lambda entry: _send(surface, queue, entry, next(places))))


def _send(surface: MotoSurface, queue: Any, request: Any, place: int = 0) -> dict[str, Any]:
    """Send one message of a request, or the entry at that place of a batch; the answer's members."""
    body = request.get("MessageBody") or ""
    attributes = plain_attributes(request.get("MessageAttributes") or NO_ATTRIBUTES)
    system = plain_attributes(request.get("MessageSystemAttributes") or NO_ATTRIBUTES)
    record = surface.put(
        queue,
        body,
        message_attributes=attributes,
        delay_seconds=request.get("DelaySeconds"),
        message_group_id=request.get("MessageGroupId"),
        message_deduplication_id=request.get("MessageDeduplicationId"),
        message_system_attributes=system,
        place=place,
    )
    answer = {"MessageId": record.id, "MD5OfMessageBody": md5_of_body(body)}
    if attributes:  # of what was sent: a Number may be kept in another form than that
        answer["MD5OfMessageAttributes"] = md5_of_attributes(attributes)
    if system:
        answer["MD5OfMessageSystemAttributes"] = md5_of_attributes(system)
    if record.sequence_number is not None:
        answer["SequenceNumber"] = record.sequence_number
    return answer


def backend_send_message(  # noqa: PLR0917 - moto's parameters
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    queue_name: str,
    message_body: str,
    message_attributes: Any = None,
    delay_seconds: int | None = None,
    deduplication_id: str | None = None,
    group_id: str | None = None,
    system_attributes: Any = None,
    **_rest: Any,
) -> Any:
    """SNS, S3 and EventBridge deliver with the envelope and the SenderId of the real service.

    They call moto's backend, not the API; so does the test that reaches into moto. The clauses are SendMessage's.
    """
    queue = backend.get_queue(queue_name)
    delivered = delivery(surface, queue, message_body, message_attributes or NO_ATTRIBUTES)
    record = surface.put(
        queue,
        delivered.body,
        message_attributes=plain_attributes(delivered.attributes),
        delay_seconds=delay_seconds,
        message_group_id=group_id,
        # of a FIFO topic; a standard queue does not keep it
        message_deduplication_id=(deduplication_id or delivered.deduplication_id) if queue.fifo_queue else None,
        message_system_attributes=system_attributes,
        sender_id=delivered.sender_id,
    )
    return to_moto(Message(record, record.sent_timestamp))


def add_message(surface: MotoSurface, _original: Callable[..., Any], queue: Any, message: Any) -> None:
    """Lambda polls; a queue never pushes. Moto's own mapping would call the function here, inside the send.

    What still comes this way is what tests put in that reach into moto.
    """
    engine = surface.engines.of(queue)
    now_ms = surface.clock.now_ms
    engine.adopt(from_moto(message, engine.settings.visibility_ms, now_ms), now_ms)
