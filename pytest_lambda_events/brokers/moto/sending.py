"""SendMessage and SendMessageBatch on standard queues. The law: every message goes through `MotoSurface.put`, whoever
sends it; FIFO queues are left to moto.

Rules: API reference, SendMessage and SendMessageBatch.
"""

from __future__ import annotations

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


def send_message(surface: MotoSurface, original: Callable[..., Any], response: Any) -> Any:
    """SQS refuses what it cannot keep, and answers with the MD5 of what it was sent.

    S8 a negative delay; S35, S36 AWSTraceHeader is kept and has an MD5 of its own; S38, S39 size in bytes, attributes
    included; S41 empty body; S42 control characters; S43 more than 10 attributes.
    """
    queue = response.sqs_backend.get_queue(response._get_queue_name())
    if queue.fifo_queue:
        return original(response)
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


def send_message_batch(surface: MotoSurface, original: Callable[..., Any], response: Any) -> Any:
    """A batch may hold 1 MiB in all; an entry that SQS refuses fails alone, the others are sent.

    S8, S35 and S36, S38 to S43 as for SendMessage.
    """
    queue = response.sqs_backend.get_queue(response._get_queue_name())
    if queue.fifo_queue:
        return original(response)
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
    return ActionResult(each_entry(entries, lambda entry: _send(surface, queue, entry)))


def _send(surface: MotoSurface, queue: Any, request: Any) -> dict[str, Any]:
    """Send one message of a request or batch entry; the answer's members."""
    if request.get("MessageDeduplicationId") is not None:
        raise Refusal(
            "InvalidParameterValue",
            "The request include parameter MessageDeduplicationId which is not valid for this queue type",
            "only FIFO queues remove duplicates",
        )
    attributes = plain_attributes(request.get("MessageAttributes") or NO_ATTRIBUTES)
    system = plain_attributes(request.get("MessageSystemAttributes") or NO_ATTRIBUTES)
    record = surface.put(
        queue,
        request.get("MessageBody") or "",
        message_attributes=attributes,
        delay_seconds=request.get("DelaySeconds"),
        message_group_id=request.get("MessageGroupId"),
        message_system_attributes=system,
    )
    answer = {"MessageId": record.id, "MD5OfMessageBody": md5_of_body(record.body)}
    if attributes:  # of what was sent: a Number may be kept in another form than that
        answer["MD5OfMessageAttributes"] = md5_of_attributes(attributes)
    if system:
        answer["MD5OfMessageSystemAttributes"] = md5_of_attributes(system)
    return answer


def backend_send_message(  # noqa: PLR0917 - moto's parameters
    surface: MotoSurface,
    original: Callable[..., Any],
    backend: Any,
    queue_name: str,
    message_body: str,
    message_attributes: Any = None,
    delay_seconds: int | None = None,
    deduplication_id: str | None = None,
    group_id: str | None = None,
    system_attributes: Any = None,
    **rest: Any,
) -> Any:
    """SNS, S3 and EventBridge deliver with the envelope and the SenderId of the real service.

    They call moto's backend, not the API; so does the test that reaches into moto. The clauses are SendMessage's.
    """
    queue = backend.get_queue(queue_name)
    if queue.fifo_queue:
        return original(
            backend,
            queue_name,
            message_body,
            message_attributes=message_attributes,
            delay_seconds=delay_seconds,
            deduplication_id=deduplication_id,
            group_id=group_id,
            system_attributes=system_attributes,
            **rest,
        )
    delivered = delivery(surface, queue, message_body, message_attributes or NO_ATTRIBUTES)
    record = surface.put(
        queue,
        delivered.body,
        message_attributes=plain_attributes(delivered.attributes),
        delay_seconds=delay_seconds,
        message_group_id=group_id,  # of a FIFO topic; its deduplication id a standard queue does not keep
        message_system_attributes=system_attributes,
        sender_id=delivered.sender_id,
    )
    return to_moto(Message(record, record.sent_timestamp))


def add_message(surface: MotoSurface, original: Callable[..., Any], queue: Any, message: Any) -> None:
    """Lambda polls; a queue never pushes. Moto's own mapping would call the function here, inside the send.

    What still comes this way is moto's redrive between FIFO queues, and tests that reach into moto.
    """
    if not queue.fifo_queue:
        engine = surface.engines.of(queue)
        now_ms = surface.clock.now_ms
        engine.take_over(from_moto(message, engine.settings.visibility_ms, now_ms), now_ms)
        return
    pushes, queue.lambda_event_source_mappings = queue.lambda_event_source_mappings, {}
    try:
        original(queue, message)
    finally:
        queue.lambda_event_source_mappings = pushes
