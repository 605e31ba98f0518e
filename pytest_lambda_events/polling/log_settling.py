"""What an outcome does to a topic's records: who has ended, who goes to the destination, and all of it written down.
The law: the verdict is a pure function's (`partial_offsets`, `bisect`); here it takes effect, once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_lambda_events.model.discard import Discard
from pytest_lambda_events.polling.bisect import Course, go_on
from pytest_lambda_events.polling.outcomes import THROTTLED, not_run
from pytest_lambda_events.polling.partial_offsets import judge_offsets
from pytest_lambda_events.polling.retrying import RetrySettler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Outcome
    from pytest_lambda_events.polling.log_reading import Held, LogBatch
    from pytest_lambda_events.polling.schema_reading import Unreadable

__all__ = ["METRICS", "LogSettler"]

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

_AGAIN: Final = Course("again")


class _Judgement(NamedTuple):
    """`failed` are the ids of those that failed, in order."""

    outcome: Outcome
    failed: tuple[str, ...]
    problem: str | None


class LogSettler(RetrySettler):
    """Carries out outcomes for one mapping of a topic."""

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
        judged = _Judgement("error", batch.ids, self._too_large_problem(batch))
        self._write(batch, not_run(now_ms), now_ms, judged)
        self.exhausted(batch, batch.held, now_ms)

    def throttled(self, batch: LogBatch, now_ms: int) -> None:
        """Write down that a batch was refused for want of concurrency; the function did not run."""
        self._metrics["Throttles"] += 1
        self._write(batch, not_run(now_ms), now_ms, _Judgement("throttled", batch.ids, THROTTLED), failed_events=0)

    def _judge(self, batch: LogBatch, ending: Ending, now_ms: int) -> _Judgement:
        if ending.kind != "returned":
            return _Judgement(ending.kind, batch.ids, ending.problem)
        verdict = judge_offsets(ending.response, batch.ids, reports_failures=self._config.reports_failures)
        self._advise(verdict, batch, now_ms)
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
        failing, blocks = frozenset(judged.failed), None
        if failing:
            blocks = judged.problem or f"{len(failing)} record(s) were reported as failed: {judged.failed[0]}"
        self._note(
            batch,
            ending,
            now_ms,
            judged.outcome,
            failed=tuple([record for record in batch.records if record.id in failing]) if failing else (),
            failed_ids=judged.failed,
            problem=judged.problem,
            blocks=blocks,
            failed_events=failed_events,
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
        self._discard(
            held,
            Discard(
                records=tuple([one.record for one in held]),
                condition="RecordAgeExceeded",
                request_id=batch.request_id or self._new_request_id(),
                invoke_count=max(batch.attempts, 1),
                function_error=None,
                has_response_context=False,
                shard_id=_partition_name(held),
                at_ms=now_ms,
                event_text=event_text,
            ),
        )

    def unreadable(self, held: Held, found: Unreadable, event_text: str, now_ms: int) -> None:
        """Give up a record that the registry's schema does not read; `event_text` is the event around it as it is.

        Each by itself, as AWS speaks of messages; that it counts as one invocation is what AWS writes of other records
        that the function never saw.
        """
        self._ledger.unreadable(now_ms, self._uuid, held.record.id, found.reason, found.problem)
        self._discard(
            [held],
            Discard(
                records=(held.record,),
                condition=found.reason,
                request_id=self._new_request_id(),
                invoke_count=1,
                function_error=None,
                has_response_context=False,
                shard_id=_partition_name([held]),
                at_ms=now_ms,
                event_text=event_text,
            ),
        )

    def _discard(self, held: Sequence[Held], discard: Discard) -> None:
        self.end(held, discard.at_ms, "discarded")
        self._deliver(discard)


def _partition_name(held: Sequence[Held]) -> str:
    """`topic-partition` of the first record: where the records of a batch are said to come from, if in one word."""
    return str(held[0].record.id.rpartition("-")[0])
