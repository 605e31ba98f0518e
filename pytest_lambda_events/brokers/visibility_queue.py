"""A queue with visibility timeouts, standard or FIFO: exact, pure, indexed by time, at no cost for a backlog.

The law: every operation takes the present and first settles what fell due until then, in due order; a message is in
exactly one place. Ready messages stand in a line (`brokers.lines`), which is nearly all that tells a FIFO queue from a
standard one; only the future (delays, visibility timeouts, announced sends) is a heap, because a heap of ready messages
costs twice as much at 100,000. Stale heap entries are left behind and skipped: one counts only while its number is the
message's turn (a due time alone would revive an older entry for the same moment, and with it an older place).

Rules: SQS Developer Guide, "Visibility timeout", "Dead-letter queues", "Delay queues", "Message retention", "FIFO
queues"; API reference, ReceiveMessage, DeleteMessage.
"""

from __future__ import annotations

from dataclasses import replace
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.brokers.attempts import Attempts
from pytest_lambda_events.brokers.deduplication import Deduplication
from pytest_lambda_events.brokers.lines import GroupLines, StandardLine
from pytest_lambda_events.brokers.message import DELAYED, GONE, IN_FLIGHT, READY, SCHEDULED, Message
from pytest_lambda_events.brokers.sequence_numbers import SequenceNumbers
from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_lambda_events.brokers.lines import Line
    from pytest_lambda_events.brokers.visibility_ports import Journal, QueueSettings
    from pytest_lambda_events.model.records import Fate, SqsMessage

__all__ = [
    "DELAYED",
    "GONE",
    "IN_FLIGHT",
    "IN_FLIGHT_LIMIT",
    "READY",
    "SCHEDULED",
    "Message",
    "VisibilityQueue",
]

IN_FLIGHT_LIMIT: Final = 120_000
"""Messages that a queue can have in flight, standard or FIFO."""

_FOREVER: Final = 1 << 62
_LONGEST_VISIBILITY_MS: Final = 43_200_000  # 12 hours, counted from the receive
_STALE_ALLOWANCE: Final = 64


class VisibilityQueue:
    """The engine of one queue, standard or `fifo`.

    `arn` names it in the journal; `new_handle` makes receipt handles. All times are epoch milliseconds, and `now_ms`
    must never go backwards between calls.
    """

    def __init__(
        self,
        arn: str,
        settings: QueueSettings,
        journal: Journal,
        new_handle: Callable[[], str],
        *,
        fifo: bool = False,
    ) -> None:
        self.arn = arn
        self._settings = settings
        self._quiet_ms = -1  # the moment at which nothing more can fall due: most operations come in one moment
        self.fifo = fifo
        self._journal = journal
        self._new_handle = new_handle
        self._live: dict[str, Message] = {}
        self._ready: Line = GroupLines() if fifo else StandardLine()
        self._deduplication = Deduplication()
        self._sequence_numbers = SequenceNumbers()
        self._attempts = Attempts()
        self._future: list[tuple[int, int, Message]] = []
        self._expiry: list[tuple[int, int, Message]] = []
        self._handles: dict[str, Message] = {}
        self._counts = [0, 0, 0, 0]
        self._pushes = 0
        self._settled_ms = 0

    @property
    def settings(self) -> QueueSettings:
        """The queue's attributes. Who changes them calls `settle` before and `attributes_changed` after."""
        return self._settings

    @settings.setter
    def settings(self, settings: QueueSettings) -> None:
        self._settings = settings
        self.attributes_changed()

    def attributes_changed(self) -> None:
        """A shorter retention may end at once what was within the longer one."""
        self._quiet_ms = -1

    # -- what is in it -------------------------------------------------------------------------------------------

    def messages(self, now_ms: int) -> list[Message]:
        """Everything in the queue (announced sends left out), in the order in which it entered."""
        self.settle(now_ms)
        return [message for message in self._live.values() if message.place != SCHEDULED]

    def counts(self, now_ms: int) -> tuple[int, int, int]:
        """How many messages are visible, in flight, delayed: the three ApproximateNumberOf… attributes, exact here."""
        self.settle(now_ms)
        return self._counts[READY], self._counts[IN_FLIGHT], self._counts[DELAYED]

    def next_change(self, now_ms: int) -> int | None:
        """When a message may next be received or expire: the present if one can be, None if there is nothing.

        A visible message that stands behind a hidden one of its group cannot, nor can any at the limit in flight.
        """
        self.settle(now_ms)
        if self._counts[READY] and self._counts[IN_FLIGHT] < IN_FLIGHT_LIMIT and self._ready.can_deliver():
            return now_ms
        future, expiry = self._future, self._expiry
        while future and self._is_stale(future[0]):
            heappop(future)
        while expiry and expiry[0][2].place == GONE:
            heappop(expiry)
        due = future[0][0] if future else _FOREVER
        dead = expiry[0][0] + self._settings.retention_ms if expiry else _FOREVER
        at_ms = min(due, dead)
        return None if at_ms == _FOREVER else at_ms

    def check(self) -> None:
        """Two independent counts must agree. Cheap: the run calls it after each step. Errors: `ConservationError`."""
        if sum(self._counts) != len(self._live):
            raise ConservationError(f"{self.arn} holds {len(self._live)} messages but counts {self._counts}")

    # -- putting in ----------------------------------------------------------------------------------------------

    def send(self, record: SqsMessage, now_ms: int, *, delay_ms: int | None = None, at_ms: int | None = None) -> None:
        """Put a record in, now or at `at_ms`; `delay_ms` hides it for so long from then on (default: the queue's).

        A FIFO queue remembers the deduplication id, but takes whatever it is given: ask `duplicate_of` before.
        """
        self.settle(now_ms)
        message = Message(record, now_ms if at_ms is None else at_ms)
        if self.fifo:
            self._deduplication.remember(record, max(message.enqueued_ms, now_ms), now_ms)
        message.delay_ms = self._settings.delay_ms if delay_ms is None else delay_ms
        self._live[record.id] = message
        self._counts[SCHEDULED] += 1
        if message.enqueued_ms > now_ms:
            self._wait(message, SCHEDULED, message.enqueued_ms)
        else:
            self._enter(message, now_ms)

    def take_over(self, message: Message, now_ms: int) -> None:
        """Put in a message with a history: one redriven from another queue, or one that was here before us."""
        self.settle(now_ms)
        self._quiet_ms = -1  # it may be too old already
        self._live[message.record.id] = message
        self._counts[SCHEDULED] += 1
        for handle in message.handles:
            self._handles[handle] = message
        self._enter(message, now_ms)

    def duplicate_of(self, group_id: str | None, dedup_id: str, at_ms: int) -> SqsMessage | None:
        """The record that a send at `at_ms` would repeat: its answer is that one's, and nothing is to be sent.

        `at_ms` may lie ahead: the send is judged then, by what is known now.
        """
        return self._deduplication.find(group_id, dedup_id, at_ms, scope=self._settings.deduplication_scope)

    def next_sequence_number(self, at_ms: int, index: int = 0) -> str:
        """The SequenceNumber of a message that enters at `at_ms`, the `index`-th of its SendMessageBatch."""
        return self._sequence_numbers.next(at_ms, index, self._settled_ms)

    def _enter(self, message: Message, at_ms: int) -> None:
        self._journal.entered(at_ms, self.arn, message.record)
        self._ready.entered(message)
        self._pushes += 1
        heappush(self._expiry, (message.enqueued_ms, self._pushes, message))
        visible_ms = max(at_ms + message.delay_ms, message.visible_ms)
        if visible_ms > at_ms:
            self._wait(message, IN_FLIGHT if message.receive_count and not message.delay_ms else DELAYED, visible_ms)
        else:
            self._make_ready(message)

    # -- taking out ----------------------------------------------------------------------------------------------

    def receive(
        self,
        limit: int,
        now_ms: int,
        *,
        visibility_ms: int | None = None,
        one_group: bool = False,
        attempt_id: str | None = None,
    ) -> list[Message]:
        """Receive up to `limit` messages, hidden for `visibility_ms` (default: the queue's).

        Redrive is lazy, as on AWS: a message that was received maxReceiveCount times moves to the dead-letter queue
        when it would be received once more. Of a FIFO queue: `one_group` takes messages of one group only; the same
        `attempt_id` (ReceiveRequestAttemptId) within 5 minutes gets the same messages with the same handles and
        receive counts, hidden anew from now on, while none of them was deleted, changed or visible again in between
        (then it is a receive like any other, and remembered as such).

        Errors: `Refusal` OverLimit when too much of a standard queue is in flight; a FIFO queue then gives nothing.
        """
        self.settle(now_ms)
        if attempt_id is not None and self.fifo:
            return self._attempt(attempt_id, limit, now_ms, visibility_ms, one_group=one_group)
        return self._receive(limit, now_ms, visibility_ms, one_group=one_group)

    def _receive(self, limit: int, now_ms: int, visibility_ms: int | None, *, one_group: bool) -> list[Message]:
        room = IN_FLIGHT_LIMIT - self._counts[IN_FLIGHT]
        if room <= 0 and not self.fifo:
            raise Refusal(
                "OverLimit",
                "Too many messages in flight.",
                f"{self._counts[IN_FLIGHT]} were received and neither deleted nor visible again",
                403,
            )
        if not self._counts[READY]:
            return []
        settings = self._settings
        hidden_ms = settings.visibility_ms if visibility_ms is None else visibility_ms
        target = settings.dead_letter_queue
        most = settings.max_receive_count if target is not None else None
        taken, spent = self._ready.take(min(limit, room), most, one_group=one_group)
        for message in taken:
            self._hand_out(message, now_ms, hidden_ms)
        for message in spent:
            self._leave(message)
        if taken:
            self._journal.received(
                now_ms,
                self.arn,
                tuple([message.record.id for message in taken]),
                tuple([message.receive_count for message in taken]),
            )
        if not hidden_ms:
            for message in taken:
                self._reappear(message, now_ms)
        if spent and target is not None:
            self._redrive(spent, target, now_ms)
        return taken

    def _attempt(
        self, attempt_id: str, limit: int, now_ms: int, visibility_ms: int | None, *, one_group: bool
    ) -> list[Message]:
        known = self._attempts.find(attempt_id, now_ms)
        if known is None:
            taken = self._receive(limit, now_ms, visibility_ms, one_group=one_group)
            self._attempts.remember(attempt_id, taken, now_ms)
            return taken
        at_ms, messages = known
        hidden_ms = self._settings.visibility_ms if visibility_ms is None else visibility_ms
        for message in messages:
            message.received_ms = now_ms
            self._wait(message, IN_FLIGHT, now_ms + hidden_ms)
        self._attempts.remember(attempt_id, messages, at_ms)
        if not hidden_ms:
            for message in messages:
                self._reappear(message, now_ms)
        return messages

    def _hand_out(self, message: Message, now_ms: int, hidden_ms: int) -> None:
        message.receive_count += 1
        message.received_ms = now_ms
        if message.first_receive_ms is None:
            message.first_receive_ms = now_ms
        handle = message.receipt_handle = self._new_handle()
        message.handles.append(handle)
        self._handles[handle] = message
        self._wait(message, IN_FLIGHT, now_ms + hidden_ms)

    def _redrive(self, spent: Sequence[Message], target: VisibilityQueue, now_ms: int) -> None:
        self._journal.left(now_ms, self.arn, tuple([message.record.id for message in spent]), "dead_lettered")
        for message in spent:
            # same id and counts; handles of this queue mean nothing in the other. A standard queue keeps the time of
            # the original enqueueing, a FIFO queue's retention counts anew; and there the message's id replaces the
            # deduplication id, so that two messages which happen to share one are both kept
            if target.fifo:
                record = replace(message.record, sent_timestamp=now_ms, message_deduplication_id=message.record.id)
                moved = Message(record, now_ms)
            else:
                moved = Message(message.record, message.enqueued_ms)
            moved.visible_ms = now_ms
            moved.receive_count = message.receive_count
            moved.first_receive_ms = message.first_receive_ms
            moved.dead_letter_source_arn = self.arn
            target.take_over(moved, now_ms)

    def move_out(self, limit: int, now_ms: int) -> list[Message]:
        """Take up to `limit` messages that a receive would find out of the queue, in that order, for another one.

        The caller puts them there; here they count as neither delivered nor ended.
        """
        self.settle(now_ms)
        taken, _ = self._ready.take(limit, None, one_group=False)
        for message in taken:
            self._leave(message)
        if taken:
            self._journal.moved(now_ms, self.arn, tuple([message.record.id for message in taken]))
        return taken

    def delete(self, receipt_handle: str, now_ms: int, *, fate: Fate = "processed") -> bool:
        """Delete by receipt handle; True if the message was still there. Deleting twice is fine, as on AWS.

        A standard queue takes any handle that the message ever had, a FIFO queue only the latest, and only until the
        visibility timeout ends.

        Errors: `Refusal` ReceiptHandleIsInvalid for a handle that never was, InvalidParameterValue for one that has
        expired.
        """
        self.settle(now_ms)
        message = self._find(receipt_handle)
        if message.place == GONE:
            return False
        if self.fifo and (message.place != IN_FLIGHT or receipt_handle != message.handles[-1]):
            raise Refusal(
                "InvalidParameterValue",
                f"Value {receipt_handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has "
                "expired.",
                "a FIFO queue deletes by the handle of the latest receive, until its visibility timeout ends",
            )
        self._leave(message)
        self._journal.left(now_ms, self.arn, (message.record.id,), fate)
        return True

    def delete_received(self, received: Sequence[tuple[Message, int]], now_ms: int, *, fate: Fate = "processed") -> int:
        """Delete many messages as one step, each with its receive count at the receive that is answered for.

        How many were deleted; one that is given twice counts once. Of a FIFO queue only those go that are still in
        flight from that receive: the others' handles have expired, and they come back.
        """
        self.settle(now_ms)
        if self.fifo:
            received = [pair for pair in received if pair[0].place == IN_FLIGHT and pair[0].receive_count == pair[1]]
        return self._drop([message for message, _count in received], now_ms, fate)

    def _drop(self, messages: Sequence[Message], now_ms: int, fate: Fate) -> int:
        still = []
        for message in messages:
            if message.place != GONE:
                self._leave(message)
                still.append(message)
        if still:
            self._journal.left(now_ms, self.arn, tuple([message.record.id for message in still]), fate)
        return len(still)

    def purge(self, now_ms: int) -> int:
        """Drop everything that has entered; how many that was. Announced sends are still to come."""
        return self._drop(self.messages(now_ms), now_ms, "discarded")

    def close(self, now_ms: int) -> None:
        """The queue was deleted: everything goes, and what was announced will find nobody to take it."""
        self.purge(now_ms)
        for message in list(self._live.values()):
            self._leave(message)

    def change_visibility(self, receipt_handle: str, visibility_ms: int, now_ms: int) -> None:
        """Hide a message in flight for `visibility_ms` from now on; 0 shows it at once.

        Errors: `Refusal`, with SQS's codes: unknown handle, message gone or not in flight, more than 12 h in all.
        """
        self.settle(now_ms)
        message = self._find(receipt_handle)
        if message.place != IN_FLIGHT:
            raise Refusal(
                "InvalidParameterValue",
                f"Value {receipt_handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is "
                "not available for visibility timeout change.",
                "the message was deleted, or its visibility timeout had already ended",
            )
        if now_ms + visibility_ms - message.received_ms > _LONGEST_VISIBILITY_MS:
            raise Refusal(
                "InvalidParameterValue",
                f"Value {visibility_ms // 1000} for parameter VisibilityTimeout is invalid. Reason: Total "
                "VisibilityTimeout for the message is beyond the limit [43200 seconds].",
                f"the message was received {(now_ms - message.received_ms) / 1000:g} s ago; the 12 h count from there",
            )
        if visibility_ms:
            self._wait(message, IN_FLIGHT, now_ms + visibility_ms)
        else:
            self._reappear(message, now_ms)

    def _find(self, receipt_handle: str) -> Message:
        message = self._handles.get(receipt_handle)
        if message is None:
            raise Refusal(
                "ReceiptHandleIsInvalid", f'The input receipt handle "{receipt_handle}" is not a valid receipt handle.'
            )
        return message

    # -- time ----------------------------------------------------------------------------------------------------

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due until `now_ms`, in due order; at the same moment retention comes first."""
        if now_ms == self._quiet_ms:
            return
        future, expiry = self._future, self._expiry
        while True:
            due = future[0][0] if future else _FOREVER
            dead = expiry[0][0] + self._settings.retention_ms if expiry else _FOREVER
            if due > now_ms and dead > now_ms:
                self._settled_ms = self._quiet_ms = now_ms
                return
            if dead <= due:
                message = heappop(expiry)[2]
                if message.place != GONE:
                    self._leave(message)
                    # a message that came in too old, or a retention cut short, ends what until then was still there
                    self._journal.left(max(dead, self._settled_ms), self.arn, (message.record.id,), "expired")
            else:
                self._fall_due(heappop(future), due)

    def _fall_due(self, entry: tuple[int, int, Message], due: int) -> None:
        if self._is_stale(entry):
            return
        message = entry[2]
        if message.place == SCHEDULED:
            self._live[message.record.id] = self._live.pop(message.record.id)  # in the order of entering
            self._enter(message, due)
        elif message.place == DELAYED:
            self._make_ready(message)
        else:
            self._reappear(message, due)

    @staticmethod
    def _is_stale(entry: tuple[int, int, Message]) -> bool:
        return entry[1] != entry[2].turn

    # -- places --------------------------------------------------------------------------------------------------

    def _make_ready(self, message: Message) -> None:
        self._counts[message.place] -= 1
        self._counts[READY] += 1
        message.place = READY
        message.turn = 0
        self._ready.ready(message)

    def _reappear(self, message: Message, at_ms: int) -> None:
        message.visible_ms = at_ms
        self._make_ready(message)
        self._journal.reappeared(at_ms, self.arn, message.record.id)

    def _wait(self, message: Message, place: int, visible_ms: int) -> None:
        self._counts[message.place] -= 1
        self._counts[place] += 1
        message.place = place
        message.visible_ms = visible_ms
        self._pushes += 1
        message.turn = self._pushes
        heappush(self._future, (visible_ms, message.turn, message))

    def _leave(self, message: Message) -> None:
        self._counts[message.place] -= 1
        message.place = GONE
        message.turn = 0
        del self._live[message.record.id]
        self._ready.left(message)
        if len(self._expiry) > 2 * len(self._live) + _STALE_ALLOWANCE:
            self._expiry[:] = [entry for entry in self._expiry if entry[2].place != GONE]  # in place: settle() holds it
            heapify(self._expiry)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._live.values())
