"""ReceiveMessage, and what is done with what was received. The law: the engine decides, virtual time is what is waited
on, nothing here waits for real.

Rules: API reference, ReceiveMessage, DeleteMessage, ChangeMessageVisibility and their batches; Developer Guide,
"Visibility timeout" and "Short and long polling".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.core.responses import ActionResult, EmptyResult

from pytest_lambda_events.brokers.moto.adoption import to_moto
from pytest_lambda_events.brokers.moto.batches import check_entries, each_entry
from pytest_lambda_events.model.messages import check_attempt_id, md5_of_attributes, md5_of_body
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.brokers.visibility_queue import Message

__all__ = [
    "backend_change_message_visibility",
    "backend_delete_message",
    "backend_receive_message",
    "change_message_visibility",
    "change_message_visibility_batch",
    "delete_message",
    "delete_message_batch",
    "receive_message",
]

_LONGEST_VISIBILITY_SECONDS: Final = 43_200

_SYSTEM_ATTRIBUTES: Final[dict[str, Callable[[Message], Any]]] = {
    "AWSTraceHeader": lambda message: message.record.trace_header,
    "ApproximateFirstReceiveTimestamp": lambda message: message.first_receive_ms,
    "ApproximateReceiveCount": lambda message: message.receive_count,
    "DeadLetterQueueSourceArn": lambda message: message.dead_letter_source_arn,
    "MessageDeduplicationId": lambda message: message.record.message_deduplication_id,
    "MessageGroupId": lambda message: message.record.message_group_id,
    "SenderId": lambda message: message.record.sender_id,
    "SentTimestamp": lambda message: message.record.sent_timestamp,
    "SequenceNumber": lambda message: message.record.sequence_number,
    "SqsManagedSseEnabled": lambda _: None,  # the API reference lists it; no message has it
}


def receive_message(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """Up to 10 messages that are visible, hidden from now on; with a wait, the first that come within it.

    S1 visible again at exactly the timeout; S14, S15, S16 long polling passes virtual time and returns as soon as
    something is there; S17, S18 an expired message is neither counted nor in the way; S29 DeadLetterQueueSourceArn;
    S37 an unknown attribute name is refused. FIFO: S9 to S13 a group's order holds whatever comes back, and S10 in the
    dead-letter queue; S27 ReceiveRequestAttemptId asks for the same messages once more.
    """
    queue = response.sqs_backend.get_queue(response._get_queue_name())
    limit = _within(response, "MaxNumberOfMessages", 1, 10, "Must be between 1 and 10, if provided.")
    wait = _within(response, "WaitTimeSeconds", 0, 20, "Must be >= 0 and <= 20, if provided.")
    hidden = _within(
        response, "VisibilityTimeout", 0, _LONGEST_VISIBILITY_SECONDS, "Must be >= 0 and <= 43200, if provided."
    )
    names = {
        *(response._get_param("AttributeNames") or ()),
        *(response._get_param("MessageSystemAttributeNames") or ()),
    }
    for name in sorted(names - {"All"}):
        if name not in _SYSTEM_ATTRIBUTES:
            raise Refusal("InvalidAttributeName", f"Unknown Attribute {name}.")
    attempt_id = response._get_param("ReceiveRequestAttemptId")
    if attempt_id is not None:
        check_attempt_id(attempt_id)
    if wait is None:
        wait = int(queue.receive_message_wait_time_seconds)
    hidden_ms = None if hidden is None else hidden * 1000
    taken = _poll(surface, queue, limit or 1, wait * 1000, hidden_ms, attempt_id=attempt_id)
    wanted = list(_SYSTEM_ATTRIBUTES) if "All" in names else sorted(names)
    patterns = list(response._get_param("MessageAttributeNames") or ())
    messages = [_shown(message, wanted, patterns) for message in taken]
    return ActionResult({"Messages": messages} if messages else {})


def _within(response: Any, name: str, lowest: int, highest: int, reason: str) -> int | None:
    value = response._get_param(name)
    if value is None:
        return None
    number = int(value)
    if not lowest <= number <= highest:
        raise Refusal("InvalidParameterValue", f"Value {value} for parameter {name} is invalid. Reason: {reason}")
    return number


def _poll(
    surface: MotoSurface,
    queue: Any,
    limit: int,
    wait_ms: int,
    hidden_ms: int | None,
    *,
    attempt_id: str | None = None,
) -> list[Message]:
    clock = surface.clock
    engine = surface.engines.of(queue)
    end_ms = clock.now_ms + wait_ms
    while True:
        taken = engine.receive(limit, clock.now_ms, visibility_ms=hidden_ms, attempt_id=attempt_id)
        if taken or clock.now_ms >= end_ms:
            return taken
        change_ms = engine.next_change(clock.now_ms)
        # what is there now and was not given, will not be given for waiting
        clock.wait_until(end_ms if change_ms is None or change_ms <= clock.now_ms else min(change_ms, end_ms))


def _shown(message: Message, wanted: Sequence[str], patterns: Sequence[str]) -> dict[str, Any]:
    record = message.record
    shown: dict[str, Any] = {
        "MessageId": record.id,
        "ReceiptHandle": message.receipt_handle,
        "MD5OfBody": md5_of_body(record.body),
        "Body": record.body,
    }
    system = {name: str(value) for name in wanted if (value := _SYSTEM_ATTRIBUTES[name](message)) is not None}
    if system:
        shown["Attributes"] = system
    # the checksum is over what is shown, not over what the message has (recorded on AWS)
    attributes = {name: dict(value) for name, value in record.message_attributes.items() if _asked(name, patterns)}
    if attributes:
        shown["MD5OfMessageAttributes"] = md5_of_attributes(attributes)
        shown["MessageAttributes"] = attributes
    return shown


def _asked(name: str, patterns: Sequence[str]) -> bool:
    return any(
        pattern in {"All", name} or (pattern.endswith(".*") and name.startswith(pattern[:-2])) for pattern in patterns
    )


def backend_receive_message(  # noqa: PLR0917 - moto's parameters
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    queue_name: str,
    count: int,
    wait_seconds_timeout: int,
    visibility_timeout: int,
    message_attribute_names: list[str] | None = None,  # noqa: ARG001 - moto's parameter
) -> list[Any]:
    """ReceiveMessage for those who call moto's backend: tests that reach into it."""
    queue = backend.get_queue(queue_name)
    hidden_ms = int(visibility_timeout) * 1000
    return [to_moto(message) for message in _poll(surface, queue, count, wait_seconds_timeout * 1000, hidden_ms)]


def delete_message(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """Any handle that the message ever had deletes it, an expired one too; deleting twice succeeds.

    FIFO: S28 an expired handle is refused.
    """
    queue = response.sqs_backend.get_queue(response._get_queue_name())
    _delete(surface, queue, response._get_param("ReceiptHandle"))
    return EmptyResult()


def delete_message_batch(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """S40 at most 10 entries; ids must be distinct, handles need not be; a bad handle fails its entry alone."""
    queue = response.sqs_backend.get_queue(response._get_queue_name())
    entries = response._get_param("Entries", [])
    check_entries(entries, "DeleteMessage")

    def act(entry: Any) -> dict[str, Any]:
        _delete(surface, queue, entry["ReceiptHandle"])
        return {}

    return ActionResult(each_entry(entries, act))


def backend_delete_message(
    surface: MotoSurface, _original: Callable[..., Any], backend: Any, queue_name: str, receipt_handle: str
) -> None:
    """DeleteMessage for those who call moto's backend."""
    _delete(surface, backend.get_queue(queue_name), receipt_handle)


def _delete(surface: MotoSurface, queue: Any, receipt_handle: str) -> None:
    engine = surface.engines.of(queue)
    if receipt_handle not in queue.deleted_messages:  # deleted before we came
        engine.delete(receipt_handle, surface.clock.now_ms)


def change_message_visibility(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """Hide a message in flight for so long from now; 0 shows it at once.

    S2 visible right after 0; S4, S5 refused for a message that is not in flight, or deleted; S6 no more than 12 hours
    from the receive.
    """
    queue = response.sqs_backend.get_queue(response._get_queue_name())
    seconds = _visibility(response._get_param("VisibilityTimeout"))
    _change(surface, queue, response._get_param("ReceiptHandle"), seconds)
    return EmptyResult()


def change_message_visibility_batch(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """S3, S4, S5, S6 as for one; S7 an entry that is refused fails alone; at most 10 entries, ids distinct."""
    queue = response.sqs_backend.get_queue(response._get_queue_name())
    entries = response._get_param("Entries", [])
    check_entries(entries, "ChangeMessageVisibility")

    def act(entry: Any) -> dict[str, Any]:
        _change(surface, queue, entry["ReceiptHandle"], _visibility(entry.get("VisibilityTimeout")))
        return {}

    return ActionResult(each_entry(entries, act))


def backend_change_message_visibility(
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    queue_name: str,
    receipt_handle: str,
    visibility_timeout: int,
) -> None:
    """ChangeMessageVisibility for those who call moto's backend."""
    _change(surface, backend.get_queue(queue_name), receipt_handle, _visibility(visibility_timeout))


def _visibility(value: Any) -> int:
    if value is None:
        raise Refusal("MissingParameter", "The request must contain the parameter VisibilityTimeout.")
    if not 0 <= int(value) <= _LONGEST_VISIBILITY_SECONDS:
        raise Refusal(  # [?] as for ReceiveMessage
            "InvalidParameterValue",
            f"Value {value} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if "
            "provided.",
        )
    return int(value)


def _change(surface: MotoSurface, queue: Any, receipt_handle: str, seconds: int) -> None:
    surface.engines.of(queue).change_visibility(receipt_handle, seconds * 1000, surface.clock.now_ms)
