"""The poller of a broker that waits for acknowledgement: receive, gather, invoke, acknowledge or give back. The law:
this file moves effects; the decisions stand elsewhere, as functions that can be tabulated: `batching` (when does a
batch go, how much fits), `backoff`; `acknowledging_settling` carries out what the outcome says.

What is particular to a broker:

* a batch that fails, or is throttled, is given back as a whole; how often it comes again is the broker's rule;
* who gave a batch back rests until the broker has it again, or until its own delay has passed: nothing else goes that
  way meanwhile. A rest is a place of the mapping's concurrency, as a running invocation is;
* the batching window runs from the first message received. A batch in which something was delivered before does not
  wait for it: the window is for what is new;
* records have one fate for all mappings of the queue, which they leave when they are acknowledged.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from pytest_lambda_events.polling.acknowledging_settling import METRICS, Batch, Held, Settler
from pytest_lambda_events.polling.backoff import FIRST_MS
from pytest_lambda_events.polling.batching import PAYLOAD_LIMIT_BYTES, due_at, fits
from pytest_lambda_events.polling.outcomes import THROTTLED
from pytest_lambda_events.polling.reading import Blocked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.acknowledging_ports import AcknowledgingBroker, AcknowledgingShape
    from pytest_lambda_events.polling.concurrency import Reservation
    from pytest_lambda_events.polling.faults import Dice
    from pytest_lambda_events.polling.ports import Function

__all__ = ["METRICS", "AcknowledgingPoller"]


class _Running(NamedTuple):
    """An invocation whose outcome takes effect at `ends_ms`. `order` keeps the heap from comparing the rest."""

    ends_ms: int
    order: int
    batch: Batch
    ending: Ending


class AcknowledgingPoller:
    """One mapping's poller.

    `queue` names the queue in what is said of it; `rest_ms` is the poller's own delay after so many failures in a row
    (1 or more), besides the broker's; `concurrency` is how many batches may be with the function at once;
    `reservation` is the function's, which its other mappings share; `dice` are the faults asked for (throttles,
    crashes); `filter_of` gives a configuration's filter, None without one: it sees a message as JSON text and says
    whether it goes to the function.
    """

    def __init__(
        self,
        uuid: str,
        *,
        config: MappingConfig,
        broker: AcknowledgingBroker,
        queue: str,
        shape: AcknowledgingShape,
        rest_ms: Callable[[int], int],
        function: Function,
        reservation: Reservation,
        clock: Clock,
        ledger: Ledger,
        new_request_id: Callable[[], str],
        concurrency: int = 1,
        dice: Dice | None = None,
        filter_of: Callable[[MappingConfig], Callable[[str], bool] | None] = lambda _config: None,
    ) -> None:
        self.uuid = uuid
        self.config = config
        self.broker = broker
        self.metrics = dict.fromkeys(METRICS, 0)
        self._queue = queue
        self._shape = shape
        self._rest_ms = rest_ms
        self._function = function
        self._reservation = reservation
        self._clock = clock
        self._ledger = ledger
        self._new_request_id = new_request_id
        self._concurrency = concurrency
        self._dice = dice
        self._filter_of = filter_of
        self._passes = filter_of(config)
        self._settler = Settler(uuid, broker=broker, ledger=ledger, clock=clock, metrics=self.metrics)
        self._held: list[Held] = []
        self._held_bytes = shape.overhead
        self._running: list[_Running] = []
        self._rests: list[int] = []
        self._begun = 0
        self._failures = 0
        self._blocked: Blocked | None = None

    @property
    def last_result(self) -> str:
        """LastProcessingResult of the mapping, in AWS's words."""
        return self._settler.last_result

    # -- the agenda's two questions ---------------------------------------------------------------------------------

    def next_due(self, now_ms: int) -> int | None:
        """The earliest of: an invocation ends, a batch goes, something comes, a rest ends with something to do."""
        dues = [self._running[0].ends_ms] if self._running else []
        if self.config.enabled:
            dues += self._dues(now_ms)
        return max(min(dues), now_ms) if dues else None

    def _dues(self, now_ms: int) -> Iterator[int]:
        comes = self.broker.next_change(now_ms) if self._is_hungry() else None
        goes = self._batch_due()
        if self._free(now_ms) > 0:
            yield from [due for due in (comes, goes) if due is not None]
        elif self._rests and (comes, goes) != (None, None):
            yield self._rests[0]
            ends = self.broker.next_end(now_ms)  # perhaps there will be nothing left to rest for
            if ends is not None:
                yield ends

    def step(self, now_ms: int) -> int:
        """Let ended invocations take effect, gather, and invoke if a batch is due; how many invocations began."""
        self.broker.settle(now_ms)
        while self._running and self._running[0].ends_ms <= now_ms:
            ended = heappop(self._running)
            self._settle(ended.batch, ended.ending, now_ms)
        if not self.config.enabled or self._free(now_ms) <= 0:
            return 0
        self._gather(now_ms)
        goes = self._batch_due()
        return self._try(self._next_batch(), now_ms) if goes is not None and goes <= now_ms else 0

    def reconfigure(self, config: MappingConfig) -> None:
        """Change the mapping at once. Disabling closes the connection: what was gathered comes back as redelivered."""
        was_enabled, self.config = self.config.enabled, config
        self._passes = self._filter_of(config)
        if was_enabled and not config.enabled:
            self._let_go()
            self._rests.clear()
            self._blocked = None

    def close(self) -> None:
        """Nothing was promised: what the queue holds is its own."""

    def blocked(self) -> list[Blocked]:
        """The batch that failed last, until one succeeds."""
        return [] if self._blocked is None else [self._blocked]

    def _free(self, now_ms: int) -> int:
        """How many batches could go now."""
        while self._rests and self._rests[0] <= now_ms:
            heappop(self._rests)
        return self._concurrency - len(self._running) - len(self._rests)

    # -- gathering --------------------------------------------------------------------------------------------------

    def _is_hungry(self) -> bool:
        return len(self._held) < self.config.batch_size and self._held_bytes < PAYLOAD_LIMIT_BYTES

    def _gather(self, now_ms: int) -> None:
        while self._is_hungry():
            received = self.broker.receive(self.config.batch_size - len(self._held), now_ms)
            if not received:
                return
            self.metrics["PolledEventCount"] += len(received)
            filtered, too_large = [], []
            for delivery in received:
                text = self._shape.record_text(delivery)
                size = len(text) if text.isascii() else len(text.encode())
                if self._passes is not None and not self._passes(text):
                    filtered.append(delivery)
                elif self._shape.overhead + size > PAYLOAD_LIMIT_BYTES:
                    too_large.append(delivery)
                else:
                    self._hold(Held(delivery, text, size, now_ms))
            if filtered:
                self.metrics["FilteredOutEventCount"] += len(filtered)
                self.broker.acknowledge(filtered, now_ms, fate="filtered")
            if too_large:  # Lambda Developer Guide, "Using Lambda with Amazon MQ": dropped
                self.metrics["DroppedEventCount"] += len(too_large)
                self.broker.acknowledge(too_large, now_ms, fate="discarded")

    def _hold(self, held: Held) -> None:
        """Let a delivery wait; one that came back stood before what is waiting for the first time."""
        place = len(self._held)
        if held.delivery.redelivered:
            while place and not self._held[place - 1].delivery.redelivered:
                place -= 1
        self._held.insert(place, held)
        self._held_bytes += held.size + 1

    def _let_go(self) -> None:
        """Give back what was gathered, as a connection does that closes."""
        deliveries = [one.delivery for one in self._held]
        self._held, self._held_bytes = [], self._shape.overhead
        self.broker.give_back(deliveries, self._clock.now_ms, closing=True)

    def _batch_due(self) -> int | None:
        held = self._held
        if not held:
            return None
        first = held[0]  # redelivered if any is, else the first received
        return due_at(
            held=len(held),
            first_held_ms=first.at_ms,
            batch_size=self.config.batch_size,
            full=self._held_bytes >= PAYLOAD_LIMIT_BYTES,
            window_ms=0 if first.delivery.redelivered else self.config.window_ms,
            window_from_ms=first.at_ms,
        )

    # -- invoking ---------------------------------------------------------------------------------------------------

    def _next_batch(self) -> Batch:
        many = fits([held.size for held in self._held], self._shape.overhead, self.config.batch_size)
        held, self._held = self._held[:many], self._held[many:]
        self._held_bytes -= sum([one.size + 1 for one in held])
        return Batch(held, self._shape.event_text([one.text for one in held]), self._new_request_id())

    def _try(self, batch: Batch, now_ms: int) -> int:
        """Invoke, unless the function is throttled; how many invocations began."""
        if not batch.is_again:
            self._failures, self._blocked = 0, None
        dice = self._dice
        if self._reservation.is_full(now_ms) or (dice is not None and dice.throttles(batch.ids, now_ms)):
            self._rest(self._settler.throttled(batch, now_ms), now_ms)
            self._note_blocked(batch, THROTTLED, throttles=1)
            return 0
        self._ledger.invoked(now_ms, self.uuid, batch.ids, batch.request_id)
        self.metrics["Invocations"] += 1
        self.metrics["InvokedEventCount"] += len(batch.ids)
        try:
            ending = self._function.invoke(batch.event_text, batch.request_id)
        except BaseException:  # a test that ends inside the handler: the poller is gone, and the batch comes back
            self.broker.give_back(batch.deliveries, self._clock.now_ms, closing=True)
            raise
        self._reservation.hold(ending.ended_ms)
        self._begun += 1
        present_ms = self._clock.now_ms
        if ending.ended_ms <= present_ms:
            self._settle(batch, ending, present_ms)
        else:
            heappush(self._running, _Running(ending.ended_ms, self._begun, batch, ending))
        return 1

    def _settle(self, batch: Batch, ending: Ending, now_ms: int) -> None:
        if ending.kind == "returned":
            is_lost = self._dice is not None and self._dice.crashes(batch.ids, now_ms)
            self._settler.succeeded(batch, ending, now_ms, is_lost=is_lost)
            self._failures, self._blocked = 0, None
            if is_lost:  # until there is another poller
                heappush(self._rests, now_ms + FIRST_MS)
            return
        self._rest(self._settler.failed(batch, ending, now_ms, ending.kind), now_ms)
        self._note_blocked(batch, str(ending.problem), attempts=1)

    def _rest(self, again_ms: int, now_ms: int) -> None:
        """Do nothing in this place until the broker has the batch again, and the poller's own delay has passed."""
        self._failures += 1
        until_ms = max(again_ms, now_ms + self._rest_ms(self._failures))
        if until_ms > now_ms:
            heappush(self._rests, until_ms)

    def _note_blocked(self, batch: Batch, problem: str, *, attempts: int = 0, throttles: int = 0) -> None:
        before = self._blocked
        self._blocked = Blocked(
            self._queue,
            batch.records[0],
            attempts + (before.attempts if before is not None else 0),
            throttles + (before.throttles if before is not None else 0),
            None,
            problem,
        )
