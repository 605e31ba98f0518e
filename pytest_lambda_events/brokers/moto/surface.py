"""Moto with the exact engines behind it: what the harness starts, asks and sends through. The law: every message takes
one path (`put`), whoever sends it; after `stop` nothing of this is left, in moto, boto3, botocore or the environment.
"""

from __future__ import annotations

import difflib
import os
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from moto import mock_aws
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID, MockAWS
from moto.sqs.models import sqs_backends

from pytest_lambda_events.brokers.moto import guard, hosts, operations, sessions, tables
from pytest_lambda_events.brokers.moto.engines import Engines, all_queues, exists
from pytest_lambda_events.brokers.moto.fifo import fifo_ids
from pytest_lambda_events.brokers.moto.late import LateServices
from pytest_lambda_events.brokers.moto.moving import start_task
from pytest_lambda_events.brokers.moto.patches import unsupported
from pytest_lambda_events.brokers.moto.queue_handle import QueueHandle
from pytest_lambda_events.brokers.moto.resources import check_new_queue
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.messages import check_group_id, check_message, trace_header_from
from pytest_lambda_events.model.records import SqsMessage
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.brokers.moto.fifo import FifoIds
    from pytest_lambda_events.brokers.visibility_ports import Journal
    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.identifiers import Identifiers

__all__ = ["MotoSurface"]

_active: MotoSurface | None = None


class _Draft(NamedTuple):
    """A message that was checked and not sent yet."""

    body: str
    attributes: Mapping[str, Any]
    delay_ms: int | None
    group_id: str | None
    fifo: FifoIds | None


class MotoSurface:
    """One harness's moto.

    `region` is where queues are made that name none, `account` moto's. `on_call` is told the name ("SQS.SendMessage")
    of every AWS call of every client while active. `lock` guards the engines against the threads of a handler.
    """

    def __init__(self, clock: VirtualClock, journal: Journal, identifiers: Identifiers, region: str) -> None:
        self.clock = clock
        self.identifiers = identifiers
        self.region = region
        self.account: str = os.environ.get("MOTO_ACCOUNT_ID", DEFAULT_ACCOUNT_ID)
        self.journal = journal
        self.engines = Engines(clock, journal, identifiers)
        self.late = LateServices(self)
        self.on_call: Callable[[str], None] | None = None
        self.lock = threading.RLock()
        self.sender_id = f"{identifiers.principal('AROA', 'caller')}:test"
        self.owner_id = "A" + identifiers.principal("", "s3/owner")[:13]
        self.sequence = 0
        self._stack: ExitStack | None = None

    # -- begin and end --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin moto, or join the user's, and put the engines in.

        Errors: `UnsupportedMoto`, `UsageError`; then nothing was changed.
        """
        global _active  # noqa: PLW0603 - moto is the process's, so there can be only one
        if _active is not None:
            raise UsageError("moto already has the engines of another harness: only one can be active at a time")
        with ExitStack() as stack:
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                sessions.keep_variable(name, stack)  # moto forgets the difference between empty and absent
            self._join(stack)
            tables.install(operations.TABLE, self, stack)
            self.late.watch(stack)
            hosts.install(stack)
            guard.install(self, stack)
            sessions.install(stack)
            sessions.set_region(self.region, stack)
            self._stack = stack.pop_all()
        _active = self

    def stop(self) -> None:
        """Take everything out again; what is left in the queues goes back to a `mock_aws` that was there before.

        Stopping twice is fine.
        """
        global _active  # noqa: PLW0603
        if self._stack is not None:
            stack, self._stack = self._stack, None
            _active = None
            stack.close()

    def _join(self, stack: ExitStack) -> None:
        mock: Any = mock_aws()
        if type(mock) is not MockAWS:
            raise unsupported("moto is in server or proxy mode (TEST_SERVER_MODE): the queues live in another process")
        mock.start()
        stack.callback(self._leave, mock)

    def _leave(self, mock: Any) -> None:
        joined = MockAWS._nested_count > 1
        self.late.release(keep=joined)
        self.engines.release(keep=joined)
        # moto deletes these two without asking whether the test has done so already, and would then stay half active
        for name in getattr(mock, "_fake_creds", ()):
            os.environ.setdefault(name, "")
        mock.stop()
        if joined:
            mock._user_config_mock.stop()  # moto leaves that of an inner mock to `mock.patch.stopall`

    # -- queues ---------------------------------------------------------------------------------------------------

    def create_queue(
        self,
        name: str,
        attributes: Mapping[str, Any],
        *,
        region: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> QueueHandle:
        """Make a queue as CreateQueue does; attributes may be ints, bools, dicts. Errors: `Refusal`, `UsageError`."""
        self.clock.enter()
        backend: Any = sqs_backends[self.account][region or self.region]
        checked = check_new_queue(self, backend, name, attributes)
        try:
            queue = backend.create_queue(name, dict(tags or {}), **checked)
        except ServiceException as refused:
            raise Refusal(refused.code, refused.message) from refused
        return QueueHandle(queue, self.engines)

    def find_queue(self, reference: str) -> QueueHandle:
        """The queue of this name, ARN or URL, of any account and region.

        A name is looked for in this harness's account and region first. Errors: `Refusal` NonExistentQueue.
        """
        queues = list(all_queues())
        found = [queue for queue in queues if _refers(reference, queue)]
        if not found:
            raise Refusal(
                "AWS.SimpleQueueService.NonExistentQueue",
                "The specified queue does not exist.",
                _nearest(reference, queues),
            )
        here = (self.account, self.region)
        found.sort(key=lambda queue: ((queue.account_id, queue.region) != here, queue.queue_arn))
        return QueueHandle(found[0], self.engines)

    def queues(self) -> list[QueueHandle]:
        """Every queue that moto has, in the order in which they were made within a region."""
        return [QueueHandle(queue, self.engines) for queue in all_queues()]

    # -- messages -------------------------------------------------------------------------------------------------

    def send(
        self,
        handle: QueueHandle,
        body: str,
        *,
        message_attributes: Mapping[str, Any] | None = None,
        delay_seconds: int | None = None,
        message_group_id: str | None = None,
        message_deduplication_id: str | None = None,
        message_system_attributes: Mapping[str, Any] | None = None,
        sender_id: str | None = None,
        at_ms: int | None = None,
    ) -> SqsMessage:
        """Send as SendMessage does, now or at `at_ms`; attributes in the API's form; the record that came to be.

        For a duplicate that is the first one. Errors: `Refusal`, as SendMessage answers.
        """
        (record,) = self.send_all(
            handle,
            [body],
            message_attributes=message_attributes,
            delay_seconds=delay_seconds,
            message_group_id=message_group_id,
            message_deduplication_id=message_deduplication_id,
            message_system_attributes=message_system_attributes,
            sender_id=sender_id,
            at_ms=at_ms,
        )
        return record

    def send_all(
        self,
        handle: QueueHandle,
        bodies: Sequence[str],
        *,
        message_attributes: Mapping[str, Any] | None = None,
        delay_seconds: int | None = None,
        message_group_id: str | None = None,
        message_deduplication_id: str | None = None,
        message_system_attributes: Mapping[str, Any] | None = None,
        sender_id: str | None = None,
        at_ms: int | None = None,
        own: Sequence[Mapping[str, Any]] | None = None,
    ) -> list[SqsMessage]:
        """As `send` for each body, all or none. Errors: `Refusal`, and then nothing was sent.

        `own` is what each body has for itself instead of what holds for all: attributes, ids.
        """
        self.clock.enter()
        queue = handle.queue
        if not exists(queue):
            raise Refusal("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
        shared: dict[str, Any] = {
            "message_attributes": message_attributes,
            "message_group_id": message_group_id,
            "message_deduplication_id": message_deduplication_id,
        }
        if own is None:
            drafts = [self._draft(queue, body, delay_seconds, **shared) for body in bodies]
        else:
            pairs = zip(bodies, own, strict=True)
            drafts = [self._draft(queue, body, delay_seconds, **{**shared, **one}) for body, one in pairs]
        header = trace_header_from(message_system_attributes) if message_system_attributes else None
        with self.lock:
            return [self._admit(queue, draft, header=header, sender_id=sender_id, at_ms=at_ms) for draft in drafts]

    def put(
        self,
        queue: Any,
        body: str,
        *,
        message_attributes: Mapping[str, Any] | None = None,
        delay_seconds: int | None = None,
        message_group_id: str | None = None,
        message_deduplication_id: str | None = None,
        message_system_attributes: Mapping[str, Any] | None = None,
        sender_id: str | None = None,
        at_ms: int | None = None,
        place: int = 0,
    ) -> SqsMessage:
        """The one path of a message into one of moto's queues; `place` is its place in a batch. Errors: `Refusal`."""
        draft = self._draft(
            queue,
            body,
            delay_seconds,
            message_attributes=message_attributes,
            message_group_id=message_group_id,
            message_deduplication_id=message_deduplication_id,
        )
        header = trace_header_from(message_system_attributes) if message_system_attributes else None
        with self.lock:
            return self._admit(queue, draft, header=header, sender_id=sender_id, at_ms=at_ms, place=place)

    def _draft(
        self,
        queue: Any,
        body: str,
        delay_seconds: int | None,
        *,
        message_attributes: Mapping[str, Any] | None,
        message_group_id: str | None,
        message_deduplication_id: str | None,
    ) -> _Draft:
        """What the queue would take, checked. Errors: `Refusal`."""
        kept = check_message(
            body, message_attributes, delay_seconds=delay_seconds, maximum_bytes=int(queue.maximum_message_size)
        )
        fifo = self._fifo_ids(queue, body, message_group_id, message_deduplication_id, delay_seconds)
        delay_ms = None if delay_seconds is None or fifo is not None else delay_seconds * 1000
        return _Draft(body, kept, delay_ms, message_group_id, fifo)

    def _admit(
        self,
        queue: Any,
        draft: _Draft,
        *,
        header: str | None,
        sender_id: str | None,
        at_ms: int | None,
        place: int = 0,
    ) -> SqsMessage:
        """Make a message of a draft and put it in; of a duplicate, the first one."""
        now_ms = self.clock.now_ms
        sent_ms = now_ms if at_ms is None else at_ms
        engine = self.engines.of(queue)
        fifo, sequence_number = draft.fifo, None
        if fifo is not None:
            engine.settle(now_ms)
            first = engine.duplicate_of(fifo.group, fifo.deduplication, sent_ms)
            if first is not None:
                return first
            sequence_number = engine.next_sequence_number(sent_ms, place)
        record = SqsMessage(
            id=self.identifiers.uuid4(queue.queue_arn),
            body=draft.body,
            sent_timestamp=sent_ms,
            sender_id=sender_id or self.sender_id,
            message_attributes=draft.attributes,
            message_group_id=draft.group_id,
            message_deduplication_id=None if fifo is None else fifo.deduplication,
            sequence_number=sequence_number,
            trace_header=header,
        )
        engine.send(record, now_ms, delay_ms=draft.delay_ms, at_ms=at_ms)
        return record

    @staticmethod
    def _fifo_ids(
        queue: Any, body: str, group_id: str | None, deduplication_id: str | None, delay_seconds: int | None
    ) -> FifoIds | None:
        """What a FIFO queue makes of these, None for a standard queue. Errors: `Refusal`."""
        if queue.fifo_queue:
            content_based = bool(queue.content_based_deduplication)
            return fifo_ids(body, group_id, deduplication_id, content_based=content_based, delay_seconds=delay_seconds)
        if deduplication_id is not None:
            raise Refusal(
                "InvalidParameterValue",
                "The request include parameter MessageDeduplicationId which is not valid for this queue type",
                "only FIFO queues remove duplicates",
            )
        if group_id is not None:  # on a standard queue for fair queues: kept, and shown
            check_group_id(group_id)
        return None

    def redrive(self, handle: QueueHandle, destination: QueueHandle | None, rate: int | None) -> list[SqsMessage]:
        """Start a message move task as StartMessageMoveTask does; the records that it has moved when this returns.

        Errors: `Refusal`, as StartMessageMoveTask answers.
        """
        self.clock.enter()
        with self.lock:
            backend = sqs_backends[handle.account][handle.region]
            task = start_task(self, backend, handle.arn, None if destination is None else destination.arn, rate)
            return list(task.records)


def _refers(reference: str, queue: Any) -> bool:
    if reference.startswith("arn:"):
        return bool(queue.queue_arn == reference)
    if "://" not in reference:
        return bool(queue.name == reference)
    address = urlsplit(reference)
    if not address.path.endswith(f"/{queue.account_id}/{queue.name}"):
        return False
    host = address.hostname or ""
    if "amazonaws.com" not in host:
        return True  # an endpoint of the user's own says nothing of the region
    # sqs.REGION.amazonaws.com, and the two old forms: REGION.queue.amazonaws.com, queue.amazonaws.com (us-east-1)
    return queue.region in host.split(".") or (host == "queue.amazonaws.com" and queue.region == "us-east-1")


def _nearest(reference: str, queues: list[Any]) -> str:
    if not queues:
        return "moto has no queue at all; make one first"
    wanted = reference.rstrip("/").rpartition("/")[2].rpartition(":")[2]
    names = {queue.name: queue.queue_arn for queue in queues}
    if wanted in names:
        return f"there is {names[wanted]}, in another account or region"
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.4) or sorted(names)[:3]
    return f"there is {', '.join(near)}"
