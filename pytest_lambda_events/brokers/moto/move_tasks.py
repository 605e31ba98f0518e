"""Message move tasks: from a dead-letter queue back to where its messages came from. The law: a task is at each moment
as far as its rate allows, whoever looks at whichever queue; nobody has to drive it.

Rules: API reference, StartMessageMoveTask, ListMessageMoveTasks; Developer Guide, "Configure a dead-letter queue
redrive": "all redriven messages are considered new messages with a new messageID and enqueueTime", so a moved message
is another record with a receive count of 0, and its retention begins anew. A task moves what a receive would find,
and no more than there was at its start; with a rate of n in a second message number k leaves k/n seconds after the
start, the first at once (recorded: four at one per second take three seconds). Without a rate all move at the call; AWS
takes a rate of its own choosing.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.visibility_queue import Message, VisibilityQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.brokers.visibility_ports import Journal, QueueSettings
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.records import SqsMessage

__all__ = ["MoveTask", "MoveTasks", "MovingQueue"]


class MoveTask:
    """One task: `destination` None is each message's own source; `status` in AWS's words; `records` are those moved."""

    def __init__(
        self, task_id: str, source: Any, destination: Any, *, rate: int | None, now_ms: int, to_move: int
    ) -> None:
        handle = {"taskId": task_id, "sourceArn": source.queue_arn}
        self.handle = b64encode(json.dumps(handle, separators=(",", ":")).encode()).decode()
        self.source = source
        self.destination = destination
        self.rate = rate
        self.started_ms = now_ms
        self.next_ms = now_ms
        self.to_move = to_move
        self.status = "RUNNING" if to_move else "COMPLETED"
        self.failure: str | None = None
        self.records: list[SqsMessage] = []


class MoveTasks:
    """All tasks of one harness. `find` gives moto's queue of an ARN near another, or None."""

    def __init__(
        self,
        identifiers: Identifiers,
        engine_of: Callable[[Any], VisibilityQueue],
        find: Callable[[Any, str], Any],
        exists: Callable[[Any], bool],
    ) -> None:
        self._identifiers = identifiers
        self._engine_of = engine_of
        self._find = find
        self._exists = exists
        self._tasks: list[MoveTask] = []
        self.running: list[MoveTask] = []
        self._busy = False

    def of(self, source: Any) -> list[MoveTask]:
        """The tasks of a source queue, the latest first."""
        return [task for task in reversed(self._tasks) if task.source is source]

    @staticmethod
    def source_of(handle: str) -> str | None:
        """The ARN that a task handle speaks of, None for what is no handle at all."""
        try:
            content = json.loads(b64decode(handle, validate=True))
        except ValueError:
            return None
        arn = content.get("sourceArn") if isinstance(content, dict) else None
        return arn if isinstance(arn, str) else None

    def start(self, source: Any, destination: Any, rate: int | None, now_ms: int) -> MoveTask:
        """Begin a task; without a rate, it has ended when this returns."""
        to_move = self._engine_of(source).counts(now_ms)[0]
        task_id = self._identifiers.uuid4(f"move/{source.queue_arn}")
        task = MoveTask(task_id, source, destination, rate=rate, now_ms=now_ms, to_move=to_move)
        self._tasks.append(task)
        self.running.append(task)
        self.settle(now_ms)
        return task

    def cancel(self, task: MoveTask) -> None:
        """Stop a running task; what it has moved stays where it is."""
        self._end(task, "CANCELLED")

    def forget(self) -> None:
        """There were no tasks."""
        self._tasks.clear()
        self.running.clear()

    def settle(self, now_ms: int) -> None:
        """Let running tasks move what they may until `now_ms`, in the order in which that falls due."""
        if not self.running or self._busy:
            return
        self._busy = True
        try:
            while self.running:
                task = min(self.running, key=lambda task: task.next_ms)
                if task.next_ms > now_ms:
                    return
                self._step(task, task.next_ms)
        finally:
            self._busy = False

    def next_for(self, engine: VisibilityQueue) -> int | None:
        """When a running task may next put a message into this queue."""
        return min((task.next_ms for task in self.running if self._feeds(task, engine)), default=None)

    def _feeds(self, task: MoveTask, engine: VisibilityQueue) -> bool:
        if task.destination is not None:
            return bool(task.destination.queue_arn == engine.arn)
        return any(message.dead_letter_source_arn == engine.arn for message in self._engine_of(task.source))

    def _step(self, task: MoveTask, at_ms: int) -> None:
        before = len(task.records)
        if task.status == "RUNNING":
            self._move(task, at_ms)
        if task.status == "RUNNING":
            moved = len(task.records)
            if moved in {before, task.to_move} or not self._engine_of(task.source).counts(at_ms)[0]:
                task.status = "COMPLETED"
        if task.status != "RUNNING":
            self._end(task, task.status)
        elif task.rate is not None:
            task.next_ms = task.started_ms - (-len(task.records) * 1000 // task.rate)

    def _move(self, task: MoveTask, at_ms: int) -> None:
        if not all(self._exists(queue) for queue in (task.source, task.destination) if queue is not None):
            self._fail(task, "AWS.SimpleQueueService.NonExistentQueue")
            return
        source = self._engine_of(task.source)
        for message in source.move_out(1, at_ms):
            arn = message.dead_letter_source_arn
            destination = task.destination or (arn and self._find(task.source, arn))
            if destination:
                task.records.append(self._put(message, destination, at_ms))
            else:
                source.take_over(_as_it_was(message), at_ms)
                reason = "AWS.SimpleQueueService.NonExistentQueue" if arn else "CouldNotDetermineMessageSource"
                self._fail(task, reason)

    def _put(self, message: Message, destination: Any, at_ms: int) -> SqsMessage:
        engine = self._engine_of(destination)
        record = replace(
            message.record,
            id=self._identifiers.uuid4(destination.queue_arn),
            sent_timestamp=at_ms,
        )
        if destination.fifo_queue:  # on its way to a FIFO dead-letter queue its own id became its deduplication id
            engine.settle(at_ms)
            record = replace(
                record,
                message_deduplication_id=message.record.id,
                sequence_number=engine.next_sequence_number(at_ms),
            )
        engine.send(record, at_ms)
        return record

    @staticmethod
    def _fail(task: MoveTask, reason: str) -> None:
        task.status = "FAILED"
        task.failure = reason

    def _end(self, task: MoveTask, status: str) -> None:
        task.status = status
        self.running.remove(task)


class MovingQueue(VisibilityQueue):
    """The engine behind a queue of moto's.

    It settles the running move tasks before itself: they put in and take out at times of their own.
    """

    def __init__(
        self,
        arn: str,
        settings: QueueSettings,
        journal: Journal,
        new_handle: Callable[[], str],
        *,
        fifo: bool,
        tasks: MoveTasks,
    ) -> None:
        super().__init__(arn, settings, journal, new_handle, fifo=fifo)
        self._tasks = tasks

    def adopt(self, message: Message, now_ms: int) -> None:
        """Put in a message that moto had; a FIFO queue gives it a number, and remembers it as one that was sent."""
        self.settle(now_ms)
        if self.fifo:
            sequence_number = self.next_sequence_number(message.enqueued_ms)
            message.record = replace(message.record, sequence_number=sequence_number)
            self._deduplication.remember(message.record, message.enqueued_ms, now_ms)
        self.take_over(message, now_ms)

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due until `now_ms`, in due order."""
        if self._tasks.running:
            self._tasks.settle(now_ms)
        super().settle(now_ms)

    def next_change(self, now_ms: int) -> int | None:
        """As for every engine; a task that is about to put something in counts."""
        change_ms = super().next_change(now_ms)
        comes_ms = self._tasks.next_for(self)
        if change_ms is None or comes_ms is None:
            return comes_ms if change_ms is None else change_ms
        return min(change_ms, comes_ms)


def _as_it_was(message: Message) -> Message:
    """A message that could not be moved, for the queue that it was taken out of."""
    again = Message(message.record, message.enqueued_ms)
    again.receive_count = message.receive_count
    again.first_receive_ms = message.first_receive_ms
    again.dead_letter_source_arn = message.dead_letter_source_arn
    again.handles = message.handles
    again.receipt_handle = message.receipt_handle
    return again
