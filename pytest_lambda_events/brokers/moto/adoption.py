"""Messages between moto's queues and ours. The law: a message keeps its id, counts, times and handles both ways.

What neither side can hold is lost, and named here: moto does not know when a message was received (we take the latest
that its visibility timeout allows) nor where it was redriven from, and keeps no deleted message, so a duplicate of one
is none. Moto's sequence numbers are random, or missing: a FIFO message gets one that rises.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from moto.sqs.models import Message as MotoMessage

from pytest_lambda_events.brokers.visibility_queue import DELAYED, IN_FLIGHT, Message
from pytest_lambda_events.model.records import NO_ATTRIBUTES, SqsMessage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_lambda_events.brokers.moto.move_tasks import MovingQueue
    from pytest_lambda_events.brokers.visibility_queue import VisibilityQueue

__all__ = ["from_moto", "give_back", "plain_attributes", "take_over", "to_moto"]

_FIELDS = ("DataType", "StringValue", "BinaryValue")


def _lead(held: Iterable[Any], now_ms: int) -> int:
    """By how much moto's past lies in our future: a `mock_aws` that began on real time is ahead of virtual time."""
    times = [when for theirs in held for when in (theirs.sent_timestamp, theirs.approximate_first_receive_timestamp)]
    return max([int(when) - now_ms for when in times if when is not None], default=0)


def from_moto(theirs: Any, visibility_ms: int, now_ms: int, lead_ms: int = 0) -> Message:
    """Our message for moto's, `lead_ms` earlier; `visibility_ms` is the queue's, for guessing when it was received."""
    lead_ms = max(lead_ms, 0)
    header = (theirs.system_attributes or {}).get("AWSTraceHeader") or {}
    sent_ms = now_ms if theirs.sent_timestamp is None else int(theirs.sent_timestamp) - lead_ms
    record = SqsMessage(
        id=theirs.id,
        body=theirs.body,
        sent_timestamp=sent_ms,
        sender_id=theirs.sender_id,
        message_attributes=plain_attributes(theirs.message_attributes) or NO_ATTRIBUTES,
        message_group_id=theirs.group_id,
        message_deduplication_id=theirs.deduplication_id,
        sequence_number=theirs.sequence_number,
        trace_header=header.get("StringValue"),
    )
    message = Message(record, sent_ms)
    message.receive_count = theirs.approximate_receive_count
    first_ms = theirs.approximate_first_receive_timestamp
    message.first_receive_ms = None if first_ms is None else first_ms - lead_ms
    message.receipt_handle = theirs.receipt_handle
    message.handles = [handle for handle in (*theirs._old_receipt_handles, theirs.receipt_handle) if handle]
    # moto counts in fractions; a whole millisecond later at most
    message.visible_ms = max(sent_ms, math.ceil(max(theirs.visible_at, theirs.delayed_until)) - lead_ms)
    message.received_ms = max(message.first_receive_ms or sent_ms, message.visible_ms - visibility_ms)
    return message


def to_moto(message: Message, lag_ms: int = 0) -> Any:
    """Moto's message for ours, with all times `lag_ms` later."""
    record = message.record
    header = {"AWSTraceHeader": {"DataType": "String", "StringValue": record.trace_header}}
    theirs: Any = MotoMessage(record.id, record.body, header if record.trace_header else None)
    theirs.message_attributes = plain_attributes(record.message_attributes)
    theirs.sender_id = record.sender_id
    theirs.sent_timestamp = record.sent_timestamp + lag_ms
    theirs.group_id = record.message_group_id
    theirs.deduplication_id = record.message_deduplication_id
    theirs.sequence_number = record.sequence_number
    theirs.approximate_receive_count = message.receive_count
    if message.first_receive_ms is not None:
        theirs.approximate_first_receive_timestamp = message.first_receive_ms + lag_ms
    theirs.receipt_handle = message.receipt_handle
    theirs._old_receipt_handles = message.handles[:-1]
    if message.place == IN_FLIGHT:
        theirs.visible_at = float(message.visible_ms + lag_ms)
    elif message.place == DELAYED:
        theirs.delayed_until = float(message.visible_ms + lag_ms)
    return theirs


def take_over(queue: Any, engine: MovingQueue, now_ms: int) -> None:
    """Move what moto's queue holds into the engine, in order; what has outlived its retention stays behind."""
    held, queue._messages = queue._messages, []
    queue._pending_messages.clear()
    lead_ms = _lead(held, now_ms)
    for theirs in held:
        message = from_moto(theirs, engine.settings.visibility_ms, now_ms, lead_ms)
        if message.enqueued_ms + engine.settings.retention_ms > now_ms:
            engine.adopt(message, now_ms)


def give_back(queue: Any, engine: VisibilityQueue, now_ms: int, lag_ms: int = 0) -> None:
    """Move what the engine holds into moto's queue, in order, with all times `lag_ms` later."""
    for message in engine.messages(now_ms):
        theirs = to_moto(message, lag_ms)
        queue._messages.append(theirs)
        if message.place == IN_FLIGHT:
            queue._pending_messages.add(theirs)


def plain_attributes(attributes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Message attributes as dicts of our own: moto's may be views of a request, the caller's may change later."""
    return {
        name: {field: value[field] for field in _FIELDS if value.get(field) is not None}
        for name, value in attributes.items()
    }
