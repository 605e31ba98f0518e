"""What an outcome means for a batch of an acknowledging broker: acknowledged as a whole, or given back as a whole. The
law: here it takes effect, once, and is written down.

Lambda Developer Guide, "Using Lambda with Amazon MQ": there are no partial batch responses; whatever the function
returns is a success.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.model.mapping_response import NO_RECORDS, PROBLEM, SUCCESS
from pytest_lambda_events.model.trace import Advice
from pytest_lambda_events.polling.outcomes import THROTTLED, invocation, not_run
from pytest_lambda_events.polling.partial import judge_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.trace import Ledger, Outcome
    from pytest_lambda_events.polling.acknowledging_ports import AcknowledgingBroker

__all__ = ["METRICS", "Batch", "Held", "Settler"]

METRICS = (
    "Invocations",
    "Errors",
    "Throttles",
    "PolledEventCount",
    "FilteredOutEventCount",
    "InvokedEventCount",
    "FailedInvokeEventCount",
    "DroppedEventCount",
)
"""CloudWatch's names; see "Event source mapping metrics" in the Lambda Developer Guide."""


_NOT_READ: Final = (
    "the function returned batchItemFailures, and for this source Lambda reads none: the failed messages are "
    "acknowledged with all others, and gone. Put them aside yourself, or raise to have the whole batch again"
)


class Held(NamedTuple):
    """A delivery that waits for its batch: its JSON text, that in bytes, and since when it waits."""

    delivery: Any
    text: str
    size: int
    at_ms: int


class Batch:
    """What goes to the function together."""

    __slots__ = ("deliveries", "event_text", "ids", "records", "request_id")

    def __init__(self, held: Sequence[Held], event_text: str, request_id: str) -> None:
        self.deliveries: tuple[Any, ...] = tuple([one.delivery for one in held])
        self.records: tuple[Any, ...] = tuple([one.record for one in self.deliveries])
        self.ids: tuple[str, ...] = tuple([record.id for record in self.records])
        self.event_text = event_text
        self.request_id = request_id

    @property
    def is_again(self) -> bool:
        """Whether any of it was delivered before."""
        return any(one.redelivered for one in self.deliveries)


class Settler:
    """Carries out outcomes for one mapping."""

    def __init__(
        self,
        uuid: str,
        *,
        broker: AcknowledgingBroker,
        ledger: Ledger,
        clock: Clock,
        metrics: dict[str, int],
    ) -> None:
        self.last_result = NO_RECORDS
        self._uuid = uuid
        self._broker = broker
        self._ledger = ledger
        self._clock = clock
        self._metrics = metrics

    def succeeded(self, batch: Batch, ending: Ending, now_ms: int, *, is_lost: bool) -> None:
        """Acknowledge, unless the poller `is_lost` before it can: then the connection closes, and all come back."""
        verdict = judge_response(ending.response, batch.ids, reports_failures=False)
        if verdict.advice is not None:
            self._ledger.advise(
                Advice(code=verdict.advice, message=_NOT_READ, at_ms=now_ms, mapping=self._uuid, records=batch.ids)
            )
        if not is_lost:
            self._broker.acknowledge(batch.deliveries, now_ms, fate="processed")
        self._write(batch, ending, now_ms, "success", is_failed=False)
        if is_lost:
            self._broker.give_back(batch.deliveries, now_ms, closing=True)
        self._broker.check()

    def failed(self, batch: Batch, ending: Ending, now_ms: int, outcome: Outcome) -> int:
        """Give the whole batch back; when the broker has it again."""
        self._metrics["Errors"] += 1
        self._metrics["FailedInvokeEventCount"] += len(batch.ids)
        self._write(batch, ending, now_ms, outcome, is_failed=True)
        return self._returned(batch, now_ms)

    def throttled(self, batch: Batch, now_ms: int) -> int:
        """The function had no concurrency left and did not run: likewise."""
        self._metrics["Throttles"] += 1
        self._write(batch, not_run(now_ms), now_ms, "throttled", is_failed=True, problem=THROTTLED)
        return self._returned(batch, now_ms)

    def _returned(self, batch: Batch, now_ms: int) -> int:
        again_ms = self._broker.give_back(batch.deliveries, now_ms)
        self._broker.check()
        return again_ms

    def _write(
        self,
        batch: Batch,
        ending: Ending,
        now_ms: int,
        outcome: Outcome,
        *,
        is_failed: bool,
        problem: str | None = None,
    ) -> None:
        failed_ids = batch.ids if is_failed else ()
        self.last_result = PROBLEM if failed_ids else SUCCESS
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
                failed=batch.records if failed_ids else (),
                problem=problem or ending.problem,
            ),
            failed_ids,
        )
