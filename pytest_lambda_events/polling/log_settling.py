"""What an outcome does to a topic's records: who has ended, who goes to the destination, and all of it written down.
The law: the verdict is a pure function's (`partial_offsets`, `bisect`); here it takes effect, once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_lambda_events.model.discard import Discard
from pytest_lambda_events.model.outcome import PAYLOAD_LIMIT_BYTES, Ending
from pytest_lambda_events.model.trace import Advice, Invocation
from pytest_lambda_events.polling.bisect import Course, go_on
from pytest_lambda_events.polling.partial import ADVICE
from pytest_lambda_events.polling.partial_offsets import judge_offsets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.clock.virtual import VirtualClock
    from pytest_lambda_events.model.discard import Condition
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Ledger, Outcome
    from pytest_lambda_events.polling.faults import Dice
    from pytest_lambda_events.polling.log_reading import Held, LogBatch
    from pytest_lambda_events.polling.ports import Destination

__all__ = ["FAILED", "METRICS", "NOTHING_PROCESSED", "OK", "LogSettler"]

METRICS: Final = (
    "Invocations",
    "Errors",
    "Throttles",
    "OffsetLag",
    "PolledEventCount",
    "FilteredOutEventCount",
    "InvokedEventCount",
    "FailedInvokeEventCount",
    "CommittedEventCount",
    "DroppedEventCount",
    "OnFailureDestinationDeliveredEventCount",
    "DestinationDeliveryFailures",
)
"""CloudWatch's names; OffsetLag is the largest seen, in records, all others are counts."""

NOTHING_PROCESSED: Final = "No records processed"
OK: Final = "OK"
FAILED: Final = "PROBLEM: Function call failed"
"""What LastProcessingResult says."""

_THROTTLED: Final = "TooManyRequestsException: Rate Exceeded. The function's concurrency is used up"
_AGAIN: Final = Course("again")


class _Judgement(NamedTuple):
    """`failed` are the ids of those that failed, in order."""

    outcome: Outcome
    failed: tuple[str, ...]
    problem: str | None


class LogSettler:
    """Carries out outcomes for one mapping."""

    def __init__(
        self,
        uuid: str,
        *,
        ledger: Ledger,
        clock: VirtualClock,
        metrics: dict[str, int],
        new_request_id: Callable[[], str],
        dice: Dice | None,
        config: MappingConfig,
        destination: Destination | None,
    ) -> None:
        self.last_result = NOTHING_PROCESSED
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

    # -- outcomes ---------------------------------------------------------------------------------------------------

    def settle(self, batch: LogBatch, ending: Ending, now_ms: int) -> tuple[Course, list[Held]]:
        """Let an invocation's outcome take effect; how the batch goes on, and its records that are still to be tried.

        Those that succeeded have ended; so has what is somebody else's by now, or was lost to retention on the way.
        """
        batch.function_error = ending.kind != "returned"
        self._metrics["Errors"] += batch.function_error
        judged = self._judge(batch, ending, now_ms)
        failing = frozenset(judged.failed)
        done = [one for one, name in zip(batch.held, batch.ids, strict=True) if name not in failing]
        failed = [one for one, name in zip(batch.held, batch.ids, strict=True) if name in failing]
        if self._dice is not None and done and self._dice.crashes(batch.ids, now_ms):
            self._write(batch, ending, now_ms, judged)
            return _AGAIN, [one for one in batch.held if one.is_open]
        self.end(done, now_ms, "processed")
        self._write(batch, ending, now_ms, judged)
        self.end([one for one in failed if one.record.offset < one.reader.partition.first], now_ms, "expired")
        return self._course(batch, is_partial=bool(failed and done)), [one for one in failed if one.is_open]

    def too_large(self, batch: LogBatch, now_ms: int) -> None:
        """Let an attempt fail that cannot reach the function, and give the record up."""
        problem = (
            f"RequestEntityTooLargeException: the event has {batch.event_bytes} bytes, more than the "
            f"{PAYLOAD_LIMIT_BYTES} that an invocation carries; the function was not called"
        )
        ending = Ending("error", now_ms, now_ms, None, None, None)
        self._write(batch, ending, now_ms, _Judgement("error", batch.ids, problem))
        self.exhausted(batch, batch.held, now_ms)

    def throttled(self, batch: LogBatch, now_ms: int) -> None:
        """Write down that a batch was refused for want of concurrency; the function did not run."""
        self._metrics["Throttles"] += 1
        ending = Ending("error", now_ms, now_ms, None, None, None)
        self._write(batch, ending, now_ms, _Judgement("throttled", batch.ids, _THROTTLED), failed_events=0)

    def _judge(self, batch: LogBatch, ending: Ending, now_ms: int) -> _Judgement:
        if ending.kind != "returned":
            return _Judgement(ending.kind, batch.ids, ending.problem)
        verdict = judge_offsets(ending.response, batch.ids, reports_failures=self._config.reports_failures)
        if verdict.advice is not None:
            message = verdict.problem or ADVICE[verdict.advice]
            self._ledger.advise(
                Advice(code=verdict.advice, message=message, at_ms=now_ms, mapping=self._uuid, records=batch.ids)
            )
        return _Judgement(verdict.kind, verdict.failed, verdict.problem)

    def _course(self, batch: LogBatch, *, is_partial: bool) -> Course:
        """How those that failed go on. Only a batch that failed as a whole is split."""
        return go_on(
            size=len(batch.held),
            failed_from=0 if batch.problem is not None else None,
            attempts=batch.attempts,
            retry_attempts=self._config.retry_attempts,
            bisects=self._config.bisects and not is_partial,
        )

    def _write(
        self,
        batch: LogBatch,
        ending: Ending,
        now_ms: int,
        judged: _Judgement,
        *,
        failed_events: int | None = None,
    ) -> None:
        failing = frozenset(judged.failed)
        batch.problem = None
        if failing:
            batch.problem = judged.problem or f"{len(failing)} record(s) were reported as failed: {judged.failed[0]}"
        self.last_result = FAILED if failing else OK
        self._metrics["FailedInvokeEventCount"] += len(failing) if failed_events is None else failed_events
        start_ms = self._clock.start_ms
        self._ledger.ended(
            now_ms,
            Invocation(
                at=(ending.started_ms - start_ms) / 1000,
                duration=(ending.ended_ms - ending.started_ms) / 1000,
                records=batch.records,
                outcome=judged.outcome,
                failed=tuple([record for record in batch.records if record.id in failing]) if failing else (),
                request_id=batch.request_id,
                mapping=self._uuid,
                event_text=batch.event_text,
                response=ending.response,
                error=ending.error,
                problem=judged.problem,
            ),
            judged.failed,
        )

    # -- ends -------------------------------------------------------------------------------------------------------

    def end(self, held: Sequence[Held], now_ms: int, fate: Fate) -> list[Held]:
        """Let records end; those that have, because what is somebody else's by now ends there."""
        ended = [one for one in held if not one.reader.is_revoked]
        if ended:
            for one in ended:
                one.reader.progress.end((one.record.offset,))
            self._ledger.left(now_ms, self._uuid, tuple([one.record.id for one in ended]), fate)
        return ended

    def exhausted(self, batch: LogBatch, held: Sequence[Held], now_ms: int) -> None:
        """Give up what is left of a batch whose attempts are used up, or that no invocation can carry."""
        self._discard(
            held,
            Discard(
                records=tuple([one.record for one in held]),
                condition="RetryAttemptsExhausted",
                request_id=batch.request_id,
                invoke_count=batch.attempts,
                function_error="Unhandled" if batch.function_error else None,
                has_response_context=not batch.is_too_large,
                shard_id=_partition_name(held),
                at_ms=now_ms,
                event_text=batch.event_text,
            ),
        )

    def aged(self, batch: LogBatch, held: Sequence[Held], event_text: str, now_ms: int) -> None:
        """Give up those of a batch that are too old; `event_text` is the event that they would make."""
        condition: Condition = "RecordAgeExceeded"
        self._discard(
            held,
            Discard(
                records=tuple([one.record for one in held]),
                condition=condition,
                request_id=batch.request_id or self._new_request_id(),
                invoke_count=max(batch.attempts, 1),
                function_error=None,
                has_response_context=False,
                shard_id=_partition_name(held),
                at_ms=now_ms,
                event_text=event_text,
            ),
        )

    def _discard(self, held: Sequence[Held], discard: Discard) -> None:
        self.end(held, discard.at_ms, "discarded")
        metrics, many = self._metrics, len(discard.records)
        if self._destination is None:
            metrics["DroppedEventCount"] += many
        elif self._destination.deliver(discard) is None:
            metrics["OnFailureDestinationDeliveredEventCount"] += many
        else:
            metrics["DroppedEventCount"] += many
            metrics["DestinationDeliveryFailures"] += 1


def _partition_name(held: Sequence[Held]) -> str:
    """`topic-partition` of the first record: where the records of a batch are said to come from, if in one word."""
    return str(held[0].record.id.rpartition("-")[0])
