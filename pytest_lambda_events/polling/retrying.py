"""What streams and logs have in common: records that stay where they are, and a batch of them that is tried again until
it succeeds or is given up. The law: data, and what is written down; when and what is decided elsewhere.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pytest_lambda_events.model.mapping_response import NO_RECORDS, PROBLEM, SUCCESS
from pytest_lambda_events.model.outcome import PAYLOAD_LIMIT_BYTES
from pytest_lambda_events.model.trace import Advice
from pytest_lambda_events.polling.outcomes import invocation
from pytest_lambda_events.polling.partial import ADVICE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.discard import Discard
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.trace import Ledger, Outcome
    from pytest_lambda_events.polling.faults import Dice
    from pytest_lambda_events.polling.partial import Verdict
    from pytest_lambda_events.polling.ports import Destination

__all__ = ["RetriedBatch", "RetryLane", "RetrySettler"]


class _Read(Protocol):
    """A record that was read."""

    @property
    def record(self) -> Any:
        """The record."""

    @property
    def size(self) -> int:
        """Its JSON text in bytes."""


H = TypeVar("H", bound=_Read)


class RetriedBatch(Generic[H]):
    """What goes to the function together. Request id and event are made at the first attempt and stay."""

    __slots__ = (
        "attempts",
        "due_ms",
        "event_bytes",
        "event_text",
        "function_error",
        "held",
        "ids",
        "problem",
        "records",
        "request_id",
        "throttles",
    )

    def __init__(self, held: Sequence[H], due_ms: int) -> None:
        self.held = held
        self.records: tuple[Any, ...] = tuple([one.record for one in held])
        self.ids: tuple[str, ...] = tuple([record.id for record in self.records])
        self.due_ms = due_ms
        self.request_id = ""
        self.event_text = ""
        self.event_bytes = 0
        self.attempts = 0
        self.throttles = 0
        self.function_error = False
        self.problem: str | None = None

    @property
    def is_too_large(self) -> bool:
        """Whether the function cannot be called with it."""
        return self.event_bytes > PAYLOAD_LIMIT_BYTES


B = TypeVar("B", bound=RetriedBatch[Any])


class RetryLane(Generic[H, B]):
    """One batch at a time: `waiting` records, and `work`, a stack of batches whose last is next.

    While `is_running` the last of the work is with the function. `turn` counts up whenever the lane had one.
    """

    __slots__ = ("is_running", "turn", "waiting", "waiting_bytes", "work")

    def __init__(self) -> None:
        self.waiting: deque[H] = deque()
        self.waiting_bytes = 0
        self.work: list[B] = []
        self.is_running = False
        self.turn = 0

    @property
    def is_free(self) -> bool:
        """Whether a new batch could go."""
        return not self.work and not self.is_running

    def hold(self, held: H) -> None:
        """Let a record wait."""
        self.waiting.append(held)
        self.waiting_bytes += held.size + 1

    def take(self, many: int) -> list[H]:
        """The first records that wait, no longer waiting."""
        taken = [self.waiting.popleft() for _ in range(many)]
        self.waiting_bytes -= sum([one.size + 1 for one in taken])
        return taken


class RetrySettler:
    """Carries out outcomes for one mapping: what is written down and counted, whatever the source."""

    def __init__(
        self,
        uuid: str,
        *,
        ledger: Ledger,
        clock: Clock,
        metrics: dict[str, int],
        new_request_id: Callable[[], str],
        dice: Dice | None,
        config: MappingConfig,
        destination: Destination | None,
    ) -> None:
        self.last_result = NO_RECORDS
        self._uuid = uuid
        self._ledger = ledger
        self._clock = clock
        self._metrics = metrics
        self._new_request_id = new_request_id
        self._dice = dice
        self._config = config
        self._destination = destination

    def reconfigure(self, config: MappingConfig, destination: Destination | None) -> None:
        """Judge by another configuration from now on."""
        self._config = config
        self._destination = destination

    def _too_large_problem(self, batch: RetriedBatch[Any]) -> str:
        return (
            f"RequestEntityTooLargeException: the event has {batch.event_bytes} bytes, more than the "
            f"{PAYLOAD_LIMIT_BYTES} that an invocation carries; the function was not called"
        )

    def _advise(self, verdict: Verdict, batch: RetriedBatch[Any], now_ms: int) -> None:
        """Give the advice that a response calls for, if any."""
        if verdict.advice is not None:
            message = verdict.problem or ADVICE[verdict.advice]
            self._ledger.advise(
                Advice(code=verdict.advice, message=message, at_ms=now_ms, mapping=self._uuid, records=batch.ids)
            )

    def _note(
        self,
        batch: RetriedBatch[Any],
        ending: Ending,
        now_ms: int,
        outcome: Outcome,
        *,
        failed: tuple[Any, ...],
        failed_ids: tuple[str, ...],
        problem: str | None,
        blocks: str | None,
        failed_events: int | None,
    ) -> None:
        """Write down how a batch's invocation ended.

        `problem` is the invocation's, `blocks` why the batch is not through (None when it is). `failed_events` counts
        in the metrics, where that is not how many records failed.
        """
        batch.problem = blocks
        self.last_result = SUCCESS if blocks is None else PROBLEM
        self._metrics["FailedInvokeEventCount"] += len(failed_ids) if failed_events is None else failed_events
        self._ledger.ended(
            now_ms,
            invocation(
                ending,
                start_ms=self._clock.start_ms,
                mapping=self._uuid,
                request_id=batch.request_id,
                event_text=batch.event_text,
                records=batch.records,
                outcome=outcome,
                failed=failed,
                problem=problem,
            ),
            failed_ids,
        )

    def _deliver(self, discard: Discard) -> None:
        """Hand what was given up to the destination, and count where it went."""
        metrics, many = self._metrics, len(discard.records)
        if self._destination is None:
            metrics["DroppedEventCount"] += many
        elif self._destination.deliver(discard) is None:
            metrics["OnFailureDestinationDeliveredEventCount"] += many
        else:
            metrics["DroppedEventCount"] += many
            metrics["DestinationDeliveryFailures"] += 1
