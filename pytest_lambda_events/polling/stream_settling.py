"""What an outcome does to a stream's records: who has ended, who goes to the destination, and all of it written down.
The law: the verdict is a pure function's (`partial`, `bisect`, `windows`); here it takes effect, once.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.model.discard import Discard
from pytest_lambda_events.model.mapping_response import PROBLEM
from pytest_lambda_events.model.trace import Advice
from pytest_lambda_events.polling.bisect import Course, go_on
from pytest_lambda_events.polling.outcomes import THROTTLED, not_run
from pytest_lambda_events.polling.partial import judge_response
from pytest_lambda_events.polling.retrying import RetrySettler
from pytest_lambda_events.polling.windows import NO_STATE, OpenWindow, is_too_large, state_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Outcome
    from pytest_lambda_events.polling.reading import Held, Reader, StreamBatch

__all__ = ["ADVICE", "DISABLED_BY_EXPIRY", "METRICS", "StreamSettler"]

METRICS = (
    "Invocations",
    "Errors",
    "Throttles",
    "IteratorAge",
    "PolledEventCount",
    "FilteredOutEventCount",
    "InvokedEventCount",
    "FailedInvokeEventCount",
    "DroppedEventCount",
    "OversizedRecordCount",
    "OnFailureDestinationDeliveredEventCount",
    "DestinationDeliveryFailures",
)
"""CloudWatch's names; IteratorAge is the longest seen, in milliseconds, all others are counts."""

DISABLED_BY_EXPIRY: Final = "mapping-disabled-by-expiry"

ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {DISABLED_BY_EXPIRY: "Records expired before they were processed, and Lambda disabled the mapping for that."}
)
"""The advice code of this module, with its meaning in one line."""

_AGAIN = Course("again")


class _Judgement(NamedTuple):
    """`failed_from` is the index of the first record that failed, None when none did."""

    outcome: Outcome
    failed_from: int | None
    problem: str | None
    state: Mapping[str, Any] | None = None


class StreamSettler(RetrySettler):
    """Carries out outcomes for one mapping of a stream."""

    # -- outcomes ---------------------------------------------------------------------------------------------------

    def settle(
        self, reader: Reader, batch: StreamBatch, ending: Ending, now_ms: int, *, name_of: Callable[[Any], str]
    ) -> Course:
        """Let an invocation's outcome take effect; how the batch goes on. `name_of` a record is its itemIdentifier."""
        batch.function_error = ending.kind != "returned"
        self._metrics["Errors"] += batch.function_error
        judged = self._judge(batch, ending, now_ms, name_of)
        course = self._course(batch, judged)
        if course.kind in ("done", "suffix"):
            if self._dice is not None and self._dice.crashes(batch.ids, now_ms):
                course = _AGAIN
            else:
                self.end(reader, batch.held[: judged.failed_from], now_ms, "processed")
                self._hand_on(reader, batch, judged.state)
        self._write(batch, ending, now_ms, judged)
        return course

    def _hand_on(self, reader: Reader, batch: StreamBatch, state: Mapping[str, Any] | None) -> None:
        """Keep the state for the next invocation, unless windows were changed while this one ran."""
        window, start_ms = batch.window, batch.window_start_ms
        if state is None or window is None or start_ms is None or window.seconds * 1000 != self._config.tumbling_ms:
            return
        reader.window = OpenWindow(start_ms, state, is_too_large(state))

    def too_large(self, batch: StreamBatch, now_ms: int) -> Course:
        """Let an attempt fail that never reached the function."""
        batch.function_error = False
        judged = _Judgement("error", 0, self._too_large_problem(batch))
        self._write(batch, not_run(now_ms), now_ms, judged)
        return self._course(batch, judged)

    def oversized(self, reader: Reader, batch: StreamBatch, now_ms: int) -> None:
        """Drop what no invocation can carry: no attempt and no failure; nobody is told, and a metric counts it."""
        self._metrics["OversizedRecordCount"] += len(batch.held)
        self.end(reader, batch.held, now_ms, "discarded")

    def stopped(self, now_ms: int) -> None:
        """Say that the mapping is disabled because records expired."""
        self.last_result = PROBLEM
        message = (
            "records expired before the function had succeeded with them, so Lambda disabled the mapping: whatever "
            "comes now is not delivered. Watch IteratorAge, catch in the handler what must not block the stream, keep "
            "the log longer (change_stream_log_retention_duration), and create a new mapping to go on"
        )
        self._ledger.advise(Advice(code=DISABLED_BY_EXPIRY, message=message, at_ms=now_ms, mapping=self._uuid))

    def throttled(self, batch: StreamBatch, now_ms: int) -> None:
        """Write down that a batch was refused for want of concurrency; the function did not run."""
        self._metrics["Throttles"] += 1
        self._write(batch, not_run(now_ms), now_ms, _Judgement("throttled", 0, THROTTLED), failed_events=0)

    def _judge(self, batch: StreamBatch, ending: Ending, now_ms: int, name_of: Callable[[Any], str]) -> _Judgement:
        if ending.kind != "returned":
            return _Judgement(ending.kind, 0, ending.problem)
        names: tuple[str, ...] = ()
        if self._config.reports_failures:
            names = tuple([name_of(record) for record in batch.records])
        verdict = judge_response(ending.response, names, reports_failures=self._config.reports_failures)
        self._advise(verdict, batch, now_ms)
        if verdict.kind == "malformed":
            return _Judgement("malformed", 0, verdict.problem)
        state = None
        if batch.window_start_ms is not None and not batch.is_final:
            state = state_in(ending.response)
            if state is None:
                return _Judgement("malformed", 0, NO_STATE)
        failed_from = names.index(verdict.failed[0]) if verdict.failed else None
        return _Judgement(verdict.kind, failed_from, verdict.problem, state)

    def _course(self, batch: StreamBatch, judged: _Judgement) -> Course:
        return go_on(
            size=len(batch.held),
            failed_from=judged.failed_from,
            attempts=batch.attempts,
            retry_attempts=self._config.retry_attempts,
            bisects=self._config.bisects,
        )

    def _write(
        self,
        batch: StreamBatch,
        ending: Ending,
        now_ms: int,
        judged: _Judgement,
        *,
        failed_events: int | None = None,
    ) -> None:
        failed_from = judged.failed_from
        failed_ids = () if failed_from is None else batch.ids[failed_from:]
        self._note(
            batch,
            ending,
            now_ms,
            judged.outcome,
            failed=() if failed_from is None else batch.records[failed_from:],
            failed_ids=failed_ids,
            problem=judged.problem,
            blocks=None if failed_from is None else judged.problem or _problem(judged.outcome, failed_ids),
            failed_events=failed_events,
        )

    # -- ends -------------------------------------------------------------------------------------------------------

    def end(self, reader: Reader, held: Sequence[Held], now_ms: int, fate: Fate) -> None:
        """Let records end."""
        if held:
            reader.ended(held)
            self._ledger.left(now_ms, self._uuid, tuple([one.record.id for one in held]), fate)

    def exhausted(self, reader: Reader, batch: StreamBatch, now_ms: int) -> None:
        """Give up a batch whose attempts are used up: all of it."""
        discard = Discard(
            records=batch.records,
            condition="RetryAttemptsExhausted",
            request_id=batch.request_id,
            invoke_count=batch.attempts,
            function_error="Unhandled" if batch.function_error else None,
            has_response_context=not batch.is_too_large,
            shard_id=reader.shard_id,
            at_ms=now_ms,
            window=batch.window,
            window_start_ms=batch.window_start_ms,
            event_text=batch.event_text,
        )
        self._discard(reader, batch.held, discard)

    def aged(self, reader: Reader, batch: StreamBatch, part: StreamBatch) -> None:
        """Give up the part of a batch that is too old. It has the event that it would make, and is due now."""
        discard = Discard(
            records=part.records,
            condition="RecordAgeExceeded",
            request_id=batch.request_id or self._new_request_id(),
            invoke_count=max(batch.attempts, 1),
            function_error=None,
            has_response_context=False,
            shard_id=reader.shard_id,
            at_ms=part.due_ms,
            window=part.window,
            window_start_ms=part.window_start_ms,
            event_text=part.event_text,
        )
        self._discard(reader, part.held, discard)

    def _discard(self, reader: Reader, held: Sequence[Held], discard: Discard) -> None:
        self.end(reader, held, discard.at_ms, "discarded")
        self._deliver(discard)


def _problem(outcome: Outcome, failed_ids: Sequence[str]) -> str:
    """A sentence for a failure that brought none."""
    if outcome == "partial":
        return f"record {failed_ids[0]} was reported as failed"
    return f"the invocation ended with outcome {outcome}"
