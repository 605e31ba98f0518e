"""What an outcome does: delete what succeeded, leave what failed, write down both. The law: the verdict is a pure
function's (`partial`, `ordering`); here it takes effect, once.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.model.trace import Advice
from pytest_lambda_events.polling.ordering import overtaken
from pytest_lambda_events.polling.outcomes import THROTTLED, invocation, not_run
from pytest_lambda_events.polling.partial import ADVICE, judge_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.trace import Ledger, Outcome
    from pytest_lambda_events.polling.faults import Dice
    from pytest_lambda_events.polling.ports import QueueBroker

__all__ = ["METRICS", "Batch", "Held", "Settler"]

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

_Judgement = tuple["Outcome", tuple[str, ...], "str | None"]
"""The outcome, the ids that failed, and a sentence for people."""


class Held(NamedTuple):
    """A delivery that waits for its batch; the outcome answers this receive, not the message.

    `receive_count`, `receipt_handle` and `until_ms` (when its visibility timeout ends) are those of the receive.
    """

    delivery: Any
    receive_count: int
    receipt_handle: str
    until_ms: int
    text: str
    size: int
    at_ms: int


class Batch:
    """What goes to the function together. `lapses_ms`: when the first of its messages comes back by itself."""

    __slots__ = ("event_text", "held", "ids", "request_id", "tries")

    def __init__(self, held: Sequence[Held], event_text: str, request_id: str) -> None:
        self.held = held
        self.ids: tuple[str, ...] = tuple([one.delivery.record.id for one in held])
        self.event_text = event_text
        self.request_id = request_id
        self.tries = 0

    @property
    def lapses_ms(self) -> int:
        """When the first of its messages becomes visible again."""
        return min(one.until_ms for one in self.held)


class Settler:
    """Carries out outcomes for one mapping."""

    def __init__(
        self,
        uuid: str,
        *,
        broker: QueueBroker,
        ledger: Ledger,
        clock: Clock,
        metrics: dict[str, int],
        dice: Dice | None,
    ) -> None:
        self._uuid = uuid
        self._broker = broker
        self._ledger = ledger
        self._clock = clock
        self._metrics = metrics
        self._dice = dice

    def settle(self, batch: Batch, ending: Ending, now_ms: int, *, reports_failures: bool) -> Outcome:
        """Let an invocation's outcome take effect; what it was."""
        outcome, failed_ids, problem = self._judge(batch, ending, now_ms, reports_failures=reports_failures)
        failing = frozenset(failed_ids)
        done = [one for one in batch.held if one.delivery.record.id not in failing]
        if self._dice is not None:
            done = _spared(self._dice, self._broker, batch, done, now_ms)
        if done:
            self._metrics["DeletedEventCount"] += self._broker.delete_received(
                [(one.delivery, one.receive_count) for one in done], now_ms, fate="processed"
            )
        self._metrics["FailedInvokeEventCount"] += len(failed_ids)
        self._metrics["Errors"] += ending.kind != "returned"
        self._write(batch, ending, now_ms, (outcome, failed_ids, problem))
        self._broker.check()
        return outcome

    def throttled(self, batch: Batch, now_ms: int) -> None:
        """Write down that a batch was refused for want of concurrency; the function did not run."""
        self._metrics["Throttles"] += 1
        self._write(batch, not_run(now_ms), now_ms, ("throttled", batch.ids, THROTTLED))

    def _judge(self, batch: Batch, ending: Ending, now_ms: int, *, reports_failures: bool) -> _Judgement:
        if ending.kind != "returned":
            return ending.kind, batch.ids, ending.problem
        verdict = judge_response(ending.response, batch.ids, reports_failures=reports_failures)
        if verdict.advice is not None:
            self._advise(verdict.advice, verdict.problem or ADVICE[verdict.advice], batch, now_ms)
        if verdict.failed:
            groups = [one.delivery.record.message_group_id for one in batch.held]
            skipped = overtaken(batch.ids, groups, frozenset(verdict.failed))
            if skipped is not None and batch.held[0].delivery.record.sequence_number is not None:
                self._advise(skipped.code, skipped.message, batch, now_ms)
        return verdict.kind, verdict.failed, verdict.problem

    def _advise(self, code: str, message: str, batch: Batch, now_ms: int) -> None:
        self._ledger.advise(Advice(code=code, message=message, at_ms=now_ms, mapping=self._uuid, records=batch.ids))

    def _write(self, batch: Batch, ending: Ending, now_ms: int, judgement: _Judgement) -> None:
        outcome, failed_ids, problem = judgement
        records = tuple([one.delivery.record for one in batch.held])
        failing = frozenset(failed_ids)
        self._ledger.ended(
            now_ms,
            invocation(
                ending,
                start_ms=self._clock.start_ms,
                mapping=self._uuid,
                request_id=batch.request_id,
                event_text=batch.event_text,
                records=records,
                outcome=outcome,
                failed=tuple([record for record in records if record.id in failing]) if failing else (),
                problem=problem,
            ),
            failed_ids,
        )


def _spared(dice: Dice, broker: QueueBroker, batch: Batch, done: Sequence[Held], now_ms: int) -> list[Held]:
    """What is deleted in spite of the faults."""
    if done and dice.crashes(batch.ids, now_ms):
        return []
    deleted = []
    for one in done:
        kept = dice.undeleted(one.delivery.record.id, now_ms)
        if kept is None:
            deleted.append(one)
        elif kept == "duplicates":
            with suppress(Refusal):  # it is visible already
                broker.change_visibility(one.receipt_handle, 0, now_ms)
    return deleted
