"""A message in one queue, and the places where it can be. The law: only the queue writes it, everybody may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.model.records import SqsMessage

__all__ = ["DELAYED", "GONE", "IN_FLIGHT", "READY", "SCHEDULED", "Message"]

SCHEDULED: Final = 0
DELAYED: Final = 1
READY: Final = 2
IN_FLIGHT: Final = 3
GONE: Final = 4


class Message:
    """A message in one queue: the record and what deliveries changed. Read it; only the queue writes it.

    Times are epoch milliseconds; `visible_ms` is when it becomes receivable; `enqueued_ms` is what retention counts
    from (a standard dead-letter queue keeps the original); `receipt_handle` is that of the latest receive.
    """

    __slots__ = (
        "dead_letter_source_arn",
        "delay_ms",
        "enqueued_ms",
        "first_receive_ms",
        "handles",
        "place",
        "receipt_handle",
        "receive_count",
        "received_ms",
        "record",
        "turn",
        "visible_ms",
    )

    def __init__(self, record: SqsMessage, enqueued_ms: int) -> None:
        self.record = record
        self.enqueued_ms = enqueued_ms
        self.visible_ms = enqueued_ms
        self.delay_ms = 0
        self.place = SCHEDULED
        self.turn = 0
        self.receive_count = 0
        self.first_receive_ms: int | None = None
        self.received_ms = 0
        self.receipt_handle: str | None = None
        self.handles: list[str] = []
        self.dead_letter_source_arn: str | None = None
