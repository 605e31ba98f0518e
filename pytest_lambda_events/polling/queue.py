"""The poller of a queue: receive, gather, invoke. The law: this file moves effects; the decisions stand elsewhere, as
functions that can be tabulated: `batching` (when does a batch go, how much fits), `concurrency` (how many at once),
`partial` and `ordering` (what does the response mean), `faults`; `settling` carries out what the outcome says.

A batch that failed is left alone: its messages come back when their visibility timeout ends, as on AWS. So is one that
was throttled, after some tries inside that timeout.
"""

from __future__ import annotations

from contextlib import suppress
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_lambda_events.model.outcome import PAYLOAD_LIMIT_BYTES
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.polling.batching import due_at, fits
from pytest_lambda_events.polling.concurrency import concurrency_of, grows_at, slots
from pytest_lambda_events.polling.settling import METRICS, Batch, Held, Settler

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.concurrency import Reservation
    from pytest_lambda_events.polling.faults import Dice
    from pytest_lambda_events.polling.ports import EventShape, Function, QueueBroker

__all__ = ["METRICS", "QueuePoller"]

_RECEIVE_LIMIT = 10  # ReceiveMessage hands out at most ten


class _Running(NamedTuple):
    """An invocation whose outcome takes effect at `ends_ms`. `order` keeps the heap from comparing the rest."""

    ends_ms: int
    order: int
    batch: Batch
    ending: Ending


class _Throttled(NamedTuple):
    """A batch that is tried again at `retry_ms`."""

    retry_ms: int
    order: int
    batch: Batch


class QueuePoller:
    """One mapping's poller.

    `reservation` is the function's concurrency, which its other mappings share; `dice` are the faults asked for; with
    `single_receive` a batch is what one receive brought; `filter_of` gives a configuration's filter,
    None without one: it sees a delivery's record as JSON text and says whether it goes to the function.
    """

    def __init__(
        self,
        uuid: str,
        *,
        config: MappingConfig,
        broker: QueueBroker,
        shape: Callable[[MappingConfig], EventShape],
        function: Function,
        reservation: Reservation,
        clock: Clock,
        ledger: Ledger,
        new_request_id: Callable[[], str],
        dice: Dice | None = None,
        single_receive: bool = False,
        filter_of: Callable[[MappingConfig], Callable[[str], bool] | None] = lambda _config: None,
    ) -> None:
        self.uuid = uuid
        self.config = config
        self.broker = broker
        self.metrics = dict.fromkeys(METRICS, 0)
        self._shape_for = shape
        self._shape = shape(config)
        self._concurrency = concurrency_of(config.parameters)
        self._function = function
        self._reservation = reservation
        self._clock = clock
        self._ledger = ledger
        self._new_request_id = new_request_id
        self._dice = dice
        self._single_receive = single_receive
        self._filter_of = filter_of
        self._passes = filter_of(config)
        self._settler = Settler(uuid, broker=broker, ledger=ledger, clock=clock, metrics=self.metrics, dice=dice)
        self._held: dict[str, Held] = {}
        self._exhausted_ms: int | None = None  # when receiving brought nothing but what was received just then
        self._held_bytes = self._shape.overhead
        self._running: list[_Running] = []
        self._throttled: list[_Throttled] = []
        self._window_from_ms = clock.now_ms
        self._busy_since_ms = clock.now_ms
        self._begun = 0

    # -- the agenda's two questions ---------------------------------------------------------------------------------

    def next_due(self, now_ms: int) -> int | None:
        """The earliest of: an invocation ends, a throttled batch is tried again, a batch goes, something comes."""
        dues: list[int | None] = []
        if self._running:
            dues.append(self._running[0].ends_ms)
        if self._throttled:
            dues.append(self._throttled[0].retry_ms)
        if self.config.enabled:
            if self._free_slots(now_ms) > 0:
                dues += [self._batch_due(), self._next_arrival(now_ms)]
            else:
                dues.append(grows_at(self._concurrency, self._busy_since_ms, now_ms))
        earliest = min([due for due in dues if due is not None], default=None)
        return None if earliest is None else max(earliest, now_ms)

    def step(self, now_ms: int) -> int:
        """Let ended invocations take effect, try throttled batches again, gather, and invoke if a batch is due.

        How many invocations began.
        """
        while self._running and self._running[0].ends_ms <= now_ms:
            ended = heappop(self._running)
            self._settle(ended.batch, ended.ending, now_ms)
        begun = 0
        while self._throttled and self._throttled[0].retry_ms <= now_ms:
            begun += self._try(heappop(self._throttled).batch, now_ms)
        if not self.config.enabled or self._free_slots(now_ms) <= 0:
            return begun
        self._gather(now_ms)
        goes = self._batch_due()
        if goes is not None and goes <= now_ms:
            begun += self._try(self._next_batch(), now_ms)
        return begun

    def reconfigure(self, config: MappingConfig) -> None:
        """Change the mapping at once. Disabling lets go of what was gathered: its visibility timeouts run out."""
        if config.enabled and not self.config.enabled:
            self._window_from_ms = self._clock.now_ms
        if not config.enabled:
            self._hold([])
            self._throttled.clear()
        self.config = config
        self._shape = self._shape_for(config)
        self._passes = self._filter_of(config)
        self._concurrency = concurrency_of(config.parameters)

    def close(self) -> None:
        """Nothing was promised: what the queue holds is its own."""

    def blocked(self) -> tuple[()]:
        """A message that failed holds up no other mapping's: nothing."""
        return ()

    def _free_slots(self, now_ms: int) -> int:
        taken = len(self._running) + len(self._throttled)
        if not taken:
            self._busy_since_ms = now_ms
        return slots(self._concurrency, now_ms - self._busy_since_ms) - taken

    # -- gathering --------------------------------------------------------------------------------------------------

    def _next_arrival(self, now_ms: int) -> int | None:
        if len(self._held) >= self.config.batch_size:
            return None
        comes = self.broker.next_change(now_ms)
        return None if comes == now_ms == self._exhausted_ms else comes

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

    def _hold(self, waiting: Sequence[Held]) -> None:
        self._exhausted_ms = None
        self._held = {one.delivery.record.id: one for one in waiting}
        self._held_bytes = sum([one.size + 1 for one in waiting]) + self._shape.overhead

    def _gather(self, now_ms: int) -> None:
        while (room := self.config.batch_size - len(self._held)) > 0:
            if self._single_receive and self._held:
                return
            received = self.broker.receive(min(room, _RECEIVE_LIMIT), now_ms)
            if not received:
                return
            self.metrics["PolledEventCount"] += len(received)
            if self._dice is not None:
                received = self._dice.reordered(received, now_ms)
            fresh = False
            for delivery in received:
                text = self._shape.record_text(delivery)
                if self._passes is not None and not self._passes(text):
                    self._drop(delivery, now_ms)
                    fresh = True
                    continue
                if self._dice is not None:
                    self._delay_return(self._dice, delivery, now_ms)
                # received again while it waited (the window is longer than its visibility timeout): the newer receive
                # is the one whose handle is good
                older = self._held.get(delivery.record.id)
                fresh = fresh or older is None or older.at_ms < now_ms
                size = len(text) if text.isascii() else len(text.encode())
                self._held_bytes += size + 1 if older is None else size - older.size
                self._held[delivery.record.id] = Held(
                    delivery, delivery.receive_count, delivery.receipt_handle, delivery.visible_ms, text, size, now_ms
                )
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

    def _delay_return(self, dice: Dice, delivery: Any, now_ms: int) -> None:
        later_ms = dice.later_ms(delivery, now_ms)
        if later_ms:
            with suppress(Refusal):  # past 12 hours it stays as it is
                self.broker.change_visibility(delivery.receipt_handle, delivery.visible_ms - now_ms + later_ms, now_ms)

    # -- invoking ---------------------------------------------------------------------------------------------------

    def _next_batch(self) -> Batch:
        waiting = list(self._held.values())
        many = fits([held.size for held in waiting], self._shape.overhead, self.config.batch_size)
        held = waiting[:many]
        self._hold(waiting[many:])
        event_text = self._shape.event_text([one.text for one in held])
        return Batch(held, event_text, self._new_request_id())

    def _try(self, batch: Batch, now_ms: int) -> int:
        """Invoke, unless the function is throttled; how many invocations began."""
        dice = self._dice
        if self._reservation.is_full(now_ms) or (dice is not None and dice.throttles(batch.ids, now_ms)):
            self._wait_for_concurrency(batch, now_ms)
            return 0
        self._ledger.invoked(now_ms, self.uuid, batch.ids, batch.request_id)
        self.metrics["Invocations"] += 1
        self.metrics["InvokedEventCount"] += len(batch.held)
        ending = self._function.invoke(batch.event_text, batch.request_id)
        self._reservation.hold(ending.ended_ms)
        self._begun += 1
        present_ms = self._clock.now_ms
        if ending.ended_ms <= present_ms:
            self._settle(batch, ending, present_ms)
        else:
            heappush(self._running, _Running(ending.ended_ms, self._begun, batch, ending))
        return 1

    def _wait_for_concurrency(self, batch: Batch, now_ms: int) -> None:
        """Try the same receive again after 1, 2, 4 … seconds, as long as its messages are hidden; then let them lapse.

        AWS's poller "continues to retry" throttled batches without saying how often; the growth is our choice.
        """
        self._settler.throttled(batch, now_ms)
        retry_ms = now_ms + 1_000 * 2**batch.tries
        batch.tries += 1
        if retry_ms < batch.lapses_ms and self.config.enabled:
            self._begun += 1
            heappush(self._throttled, _Throttled(retry_ms, self._begun, batch))
        else:
            self._exhausted_ms = now_ms  # what is not hidden at all must not be received again at this moment

    def _settle(self, batch: Batch, ending: Ending, now_ms: int) -> None:
        self._window_from_ms = now_ms
        outcome = self._settler.settle(batch, ending, now_ms, reports_failures=self.config.reports_failures)
        if outcome in ("error", "timeout", "malformed") and not self.config.reports_failures:
            self._busy_since_ms = now_ms
