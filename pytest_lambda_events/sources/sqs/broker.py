"""A queue as tests see it: put messages in, look at what is there. The law: every change goes through moto's surface,
so that the user's own boto3 sees the same queue.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.building import later_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.delivered import aside_of
from pytest_lambda_events.model.messages import attributes_from
from pytest_lambda_events.model.records import payload_text
from pytest_lambda_events.model.refusal import said_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.brokers.moto.queue_handle import QueueHandle
    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.brokers.visibility_queue import Message, VisibilityQueue
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.records import SqsMessage
    from pytest_lambda_events.model.trace import Ledger

__all__ = ["OneGroupAtATime", "SqsQueue", "adopt_queue", "create_queue", "is_reference"]

_FIFO = ".fifo"
_DLQ_RETENTION_SECONDS = 1_209_600  # 14 days: a DLQ should keep messages longer than its source (SQS Developer Guide)


def is_reference(name: str) -> bool:
    """Whether a text is an ARN or URL of a queue that exists, rather than the name of one to make."""
    return name.startswith(("arn:", "http://", "https://"))


def adopt_queue(reference: str, surface: MotoSurface, clock: Clock, ledger: Ledger) -> SqsQueue:
    """The queue of this ARN, URL or name. Errors: AWS's NonExistentQueue as a `ClientError`."""
    with said_by("GetQueueUrl"):
        return SqsQueue(surface.find_queue(reference), surface, clock, ledger)


def create_queue(
    name: str,
    attributes: Mapping[str, Any],
    surface: MotoSurface,
    clock: Clock,
    ledger: Ledger,
    *,
    max_receive_count: int | None = None,
    tags: Mapping[str, str] | None = None,
) -> SqsQueue:
    """Create a queue with CreateQueue's attributes; with `max_receive_count` also its DLQ, `<name>-dlq`, kept 14 days.

    A name that ends in `.fifo` makes a FIFO queue; its DLQ is `<stem>-dlq.fifo`. Errors: what AWS answers to
    CreateQueue, as a `ClientError`; `UsageError` for a redrive policy given twice.
    """
    stem, fifo = (name[: -len(_FIFO)], _FIFO) if name.endswith(_FIFO) else (name, "")
    kind = {"FifoQueue": "true"} if fifo else {}
    wanted = {**kind, **attributes}
    if max_receive_count is not None and "RedrivePolicy" in wanted:
        raise UsageError(
            "maxReceiveCount makes a dead-letter queue of its own; give either it or RedrivePolicy, not both"
        )
    with said_by("CreateQueue"):
        if max_receive_count is not None:
            dead_attributes = {**kind, "MessageRetentionPeriod": _DLQ_RETENTION_SECONDS}
            dead = surface.create_queue(f"{stem}-dlq{fifo}", dead_attributes)
            policy = {"deadLetterTargetArn": dead.arn, "maxReceiveCount": max_receive_count}
            wanted["RedrivePolicy"] = json.dumps(policy)
        return SqsQueue(surface.create_queue(name, wanted, tags=tags), surface, clock, ledger)


class SqsQueue:
    """A queue of SQS inside moto. `name`, `arn` and `url` are AWS's."""

    def __init__(self, handle: QueueHandle, surface: MotoSurface, clock: Clock, ledger: Ledger) -> None:
        self.name = handle.name
        self.arn = handle.arn
        self.url = handle.url
        self.is_fifo = handle.is_fifo
        self._handle = handle
        self._surface = surface
        self._clock = clock
        self._ledger = ledger

    @property
    def kind(self) -> str:
        """The registry's name of this source."""
        return "sqs_fifo" if self.is_fifo else "sqs"

    @property
    def mapped_arn(self) -> str:
        """EventSourceArn of its mappings."""
        return self.arn

    @property
    def visibility_ms(self) -> int | None:
        """VisibilityTimeout, which a function's Timeout is held against."""
        return self.engine.settings.visibility_ms

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due."""
        self.engine.settle(now_ms)

    @property
    def engine(self) -> VisibilityQueue:
        """The exact queue behind moto's surface; what a poller drives."""
        return self._handle.engine

    @property
    def records(self) -> list[SqsMessage]:
        """Every record that it ever took, in order."""
        self._clock.enter()
        self.engine.settle(self._clock.now_ms)
        return list(self._ledger.known(self.arn))

    @property
    def messages(self) -> list[SqsMessage]:
        """The records that are in it now: visible, delayed or in flight."""
        self._clock.enter()
        return [message.record for message in self.engine.messages(self._clock.now_ms)]

    @property
    def dlq(self) -> SqsQueue | None:
        """Its dead-letter queue, None without a redrive policy."""
        dead = self._handle.dead_letter()
        return None if dead is None else SqsQueue(dead, self._surface, self._clock, self._ledger)

    @property
    def attributes(self) -> dict[str, str]:
        """What GetQueueAttributes says."""
        self._clock.enter()
        return self._handle.attributes()

    def send(
        self,
        *payloads: Any,
        message_group_id: str | None = None,
        message_deduplication_id: str | None = None,
        message_attributes: Mapping[str, Any] | None = None,
        delay_seconds: int | None = None,
        at: float | None = None,
    ) -> list[SqsMessage]:
        """Send messages, now or at virtual second `at`; the records that came to be, in order.

        Payloads: `str` and `bytes` travel as they are, anything else as compact JSON. `message_attributes` are plain
        values (str, int, float, bytes) or the API's form. `delay_seconds` is 0 to 900. A FIFO queue wants a
        `message_group_id`, and without ContentBasedDeduplication a `message_deduplication_id`; for a duplicate the list
        has the first record again. What an envelope brings along (message attributes, the ids of a FIFO topic) holds
        where nothing else is given; the sender stays the harness's own caller. Errors: what AWS answers to SendMessage,
        as a `ClientError`; `UsageError` for a payload that cannot be serialised or a moment in the past. Nothing is
        sent unless every payload can be.
        """
        clock = self._clock
        clock.enter()
        at_ms = later_ms(clock, at, clock.now_ms)
        bodies = [payload_text(payload) for payload in payloads]
        asides = [aside_of(payload) for payload in payloads]
        own = None
        if any(asides):
            given = {
                "message_attributes": message_attributes,
                "message_group_id": message_group_id,
                "message_deduplication_id": message_deduplication_id,
            }
            own = [_brought(aside, given, fifo=self.is_fifo) for aside in asides]
        attributes = attributes_from(message_attributes) if message_attributes else None
        with said_by("SendMessage"):
            return self._surface.send_all(
                self._handle,
                bodies,
                message_attributes=attributes,
                delay_seconds=delay_seconds,
                message_group_id=message_group_id,
                message_deduplication_id=message_deduplication_id,
                at_ms=at_ms,
                own=own,
            )

    def redrive(self, max_per_second: int | None = None, destination: SqsQueue | str | None = None) -> list[SqsMessage]:
        """Move what is visible in this dead-letter queue back to where it came from, or to `destination`.

        This is StartMessageMoveTask: moved messages are new ones, with ids and retention of their own. All move at
        once, or `max_per_second` (1 to 500) on virtual time, the first at once; the records that were moved when this
        returns. `destination` is a queue, or the ARN, URL or name of one. Errors: what AWS answers, as a `ClientError`:
        this is nobody's dead-letter queue, a task of it is running.
        """
        with said_by("StartMessageMoveTask"):
            target = None
            if destination is not None:
                reference = destination if isinstance(destination, str) else destination.arn
                target = self._surface.find_queue(reference)
            return self._surface.redrive(self._handle, target, max_per_second)

    def __repr__(self) -> str:
        return f"<SqsQueue {self.arn}>"


def _brought(aside: Mapping[str, Any], given: Mapping[str, Any], *, fifo: bool) -> dict[str, Any]:
    """What an envelope brings along and nobody gave otherwise.

    A deduplication id is that of a FIFO topic, which gives a standard queue neither it nor the group (SNS Developer
    Guide, "Message grouping for FIFO topics").
    """
    brought = {name: aside[name] for name, value in given.items() if value is None and name in aside}
    if "message_attributes" in brought:
        brought["message_attributes"] = attributes_from(brought["message_attributes"])
    if not fifo and "message_deduplication_id" in aside:
        brought.pop("message_group_id", None)
        brought.pop("message_deduplication_id", None)
    return brought


class OneGroupAtATime:
    """A FIFO queue as a poller sees it that takes one message group for each batch.

    AWS documents that a batch may hold several groups; its recordings show one. This is the option for tests that want
    the second.
    """

    def __init__(self, engine: VisibilityQueue) -> None:
        self._engine = engine
        self.delete_received = engine.delete_received
        self.change_visibility = engine.change_visibility
        self.next_change = engine.next_change
        self.check = engine.check

    def receive(self, limit: int, now_ms: int) -> Sequence[Message]:
        """Up to `limit` messages of one group."""
        return self._engine.receive(limit, now_ms, one_group=True)
