"""The poller of a queue: receive, gather, invoke, delete. The law: this file moves effects; the decisions stand in
`batching` (when does a batch go, how much fits), `partial` (what does the response mean) and `concurrency` (how many
at once), as pure functions.

A batch that failed is left alone: its messages come back when their visibility timeout ends, as on AWS.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_lambda_events.model.outcome import PAYLOAD_LIMIT_BYTES
from pytest_lambda_events.model.trace import Advice, Invocation
from pytest_lambda_events.polling.batching import due_at, fits
from pytest_lambda_events.polling.concurrency import free_slots
from pytest_lambda_events.polling.partial import ADVICE, judge_response

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.trace import Ledger, Outcome
    from pytest_lambda_events.polling.ports import EventShape, Function, QueueBroker

__all__ = ["METRICS", "QueuePoller"]

METRICS = (
    "Invocations",
    "Errors",
    "Throttles",
    "PolledEventCount",
    "FilteredOutEventCount",
    "InvokedEventCount",
    "FailedInvokeEventCount",
    "DeletedEventCount",
)
"""CloudWatch's names; see "Event source mapping metrics" in the Lambda Developer Guide."""

_RECEIVE_LIMIT = 10  # ReceiveMessage hands out at most ten


class _Held(NamedTuple):
    """A delivery that waits for its batch. `receive_count` is that of the receive which the outcome answers."""

    delivery: Any
    receive_count: int
    text: str
    size: int
    at_ms: int


class _Running(NamedTuple):
    """An invocation whose outcome takes effect at `ends_ms`. `order` keeps the heap from comparing the rest."""

    ends_ms: int
    order: int
    held: Sequence[_Held]
    event_text: str
    request_id: str
    ending: Ending


class QueuePoller:
    """One mapping's poller.

    `passes` is the filter: it sees a delivery's record as JSON text and says whether it goes to the function.
    """

    def __init__(
        self,
        uuid: str,
        *,
        config: MappingConfig,
        broker: QueueBroker,
        shape: Callable[[MappingConfig], EventShape],
        function: Function,
        clock: VirtualClock,
        ledger: Ledger,
        new_request_id: Callable[[], str],
        passes: Callable[[str], bool] | None = None,
    ) -> None:
        self.uuid = uuid
        self.config = config
        self.broker = broker
        self.metrics = dict.fromkeys(METRICS, 0)
        self._shape_for = shape
        self._shape = shape(config)
        self._function = function
        self._clock = clock
        self._ledger = ledger
        self._new_request_id = new_request_id
        self._passes = passes
        self._held: dict[str, _Held] = {}
        self._exhausted_ms: int | None = None  # when receiving brought nothing but what was received just then
        self._held_bytes = self._shape.overhead
        self._running: list[_Running] = []
        self._window_from_ms = clock.now_ms
        self._begun = 0

    # -- the agenda's two questions ---------------------------------------------------------------------------------

    def next_due(self, now_ms: int) -> int | None:
        """The earliest of: an invocation ends, a batch goes, something comes to be received."""
        ends = self._running[0].ends_ms if self._running else None
        if not self.config.enabled or not free_slots(self.config, len(self._running)):
            return ends
        goes = self._batch_due()
        comes = self.broker.next_change(now_ms) if len(self._held) < self.config.batch_size else None
        if comes == now_ms == self._exhausted_ms:
            comes = None
        dues = [due for due in (ends, goes, comes) if due is not None]
        return max(min(dues), now_ms) if dues else None

    def step(self, now_ms: int) -> int:
        """Let ended invocations take effect, gather, and invoke if a batch is due. How many invocations began."""
        while self._running and self._running[0].ends_ms <= now_ms:
            self._settle(heappop(self._running), now_ms)
        if not self.config.enabled or not free_slots(self.config, len(self._running)):
            return 0
        self._gather(now_ms)
        goes = self._batch_due()
        if goes is None or goes > now_ms:
            return 0
        self._begin(now_ms)
        return 1

    def reconfigure(self, config: MappingConfig) -> None:
        """Change the mapping at once. Disabling lets go of what was gathered: its visibility timeouts run out."""
        if config.enabled and not self.config.enabled:
            self._window_from_ms = self._clock.now_ms
        if not config.enabled:
            self._hold([])
        self.config = config
        self._shape = self._shape_for(config)

    # -- gathering --------------------------------------------------------------------------------------------------

    def _batch_due(self) -> int | None:
        held = self._held
        if not held:
            return None
        first = next(iter(held.values()))
        return due_at(
            held=len(held),
            first_held_ms=first.at_ms,
            batch_size=self.config.batch_size,
            full=self._held_bytes >= PAYLOAD_LIMIT_BYTES,
            window_ms=self.config.window_ms,
            window_from_ms=self._window_from_ms,
        )

    def _hold(self, waiting: Sequence[_Held]) -> None:
        self._exhausted_ms = None
        self._held = {one.delivery.record.id: one for one in waiting}
        self._held_bytes = sum([one.size + 1 for one in waiting]) + self._shape.overhead

    def _gather(self, now_ms: int) -> None:
        while (room := self.config.batch_size - len(self._held)) > 0:
            received = self.broker.receive(min(room, _RECEIVE_LIMIT), now_ms)
            if not received:
                return
            self.metrics["PolledEventCount"] += len(received)
            fresh = False
            for delivery in received:
                text = self._shape.record_text(delivery)
                if self._passes is not None and not self._passes(text):
                    self._drop(delivery, now_ms)
                    fresh = True
                    continue
                size = len(text) if text.isascii() else len(text.encode())
                # received again while it waited (the window is longer than its visibility timeout): the newer receive
                # is the one whose handle is good
                older = self._held.get(delivery.record.id)
                fresh = fresh or older is None or older.at_ms < now_ms
                self._held_bytes += size + 1 if older is None else size - older.size
                self._held[delivery.record.id] = _Held(delivery, delivery.receive_count, text, size, now_ms)
            if not fresh:
                # VisibilityTimeout 0 shows at once what it hid: without passing time this would go on for ever
                self._exhausted_ms = now_ms
                return
            if self._held_bytes >= PAYLOAD_LIMIT_BYTES:
                return

    def _drop(self, delivery: Any, now_ms: int) -> None:
        """Filtered messages are deleted, and counted as such (Lambda Developer Guide, "Filtering for SQS")."""
        self.metrics["FilteredOutEventCount"] += 1
        self.metrics["DeletedEventCount"] += self.broker.delete_received(
            [(delivery, delivery.receive_count)], now_ms, fate="filtered"
        )

    # -- invoking ---------------------------------------------------------------------------------------------------

    def _begin(self, now_ms: int) -> None:
        waiting = list(self._held.values())
        many = fits([held.size for held in waiting], self._shape.overhead, self.config.batch_size)
        batch = waiting[:many]
        self._hold(waiting[many:])
        event_text = self._shape.event_text([held.text for held in batch])
        request_id = self._new_request_id()
        self._ledger.invoked(now_ms, self.uuid, tuple([held.delivery.record.id for held in batch]), request_id)
        self.metrics["Invocations"] += 1
        self.metrics["InvokedEventCount"] += len(batch)
        ending = self._function.invoke(event_text, request_id)
        self._begun += 1
        running = _Running(ending.ended_ms, self._begun, batch, event_text, request_id, ending)
        if running.ends_ms <= self._clock.now_ms:
            self._settle(running, self._clock.now_ms)
        else:
            heappush(self._running, running)

    def _settle(self, running: _Running, now_ms: int) -> None:
        ending, held = running.ending, running.held
        outcome, failed_ids, problem = self._judge(ending, held, now_ms)
        failing = frozenset(failed_ids)
        done = [(one.delivery, one.receive_count) for one in held if one.delivery.record.id not in failing]
        if done:
            self.metrics["DeletedEventCount"] += self.broker.delete_received(done, now_ms, fate="processed")
        self.metrics["FailedInvokeEventCount"] += len(failed_ids)
        self.metrics["Errors"] += ending.kind != "returned"
        self._window_from_ms = now_ms
        records = tuple([one.delivery.record for one in held])
        start_ms = self._clock.start_ms
        self._ledger.ended(
            now_ms,
            Invocation(
                at=(ending.started_ms - start_ms) / 1000,
                duration=(ending.ended_ms - ending.started_ms) / 1000,
                records=records,
                outcome=outcome,
                failed=tuple([record for record in records if record.id in failing]) if failing else (),
                request_id=running.request_id,
                mapping=self.uuid,
                event_text=running.event_text,
                response=ending.response,
                error=ending.error,
                problem=problem,
            ),
            failed_ids,
        )
        self.broker.check()

    def _judge(self, ending: Ending, held: Sequence[_Held], now_ms: int) -> tuple[Outcome, tuple[str, ...], str | None]:
        ids = [one.delivery.record.id for one in held]
        if ending.kind != "returned":
            return ending.kind, tuple(ids), ending.problem
        verdict = judge_response(ending.response, ids, reports_failures=self.config.reports_failures)
        if verdict.advice is not None:
            self._ledger.advise(
                Advice(
                    code=verdict.advice,
                    message=verdict.problem or ADVICE[verdict.advice],
                    at_ms=now_ms,
                    mapping=self.uuid,
                    records=tuple(ids),
                )
            )
        return verdict.kind, verdict.failed, verdict.problem
