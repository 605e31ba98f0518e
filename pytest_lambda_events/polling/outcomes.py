"""What every poller writes down of an invocation, whatever its source. The law: words and values, and no decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.model.trace import Invocation

if TYPE_CHECKING:
    from pytest_lambda_events.model.trace import Outcome

__all__ = ["THROTTLED", "invocation", "not_run"]

THROTTLED: Final = "TooManyRequestsException: Rate Exceeded. The function's concurrency is used up"


def not_run(now_ms: int) -> Ending:
    """How an invocation ended that never reached the function."""
    return Ending("error", now_ms, now_ms, None, None, None)


def invocation(
    ending: Ending,
    *,
    start_ms: int,
    mapping: str,
    request_id: str,
    event_text: str,
    records: tuple[Any, ...],
    outcome: Outcome,
    failed: tuple[Any, ...],
    problem: str | None,
) -> Invocation[Any]:
    """The invocation as runs show it; `start_ms` is where virtual time began."""
    return Invocation(
        at=(ending.started_ms - start_ms) / 1000,
        duration=(ending.ended_ms - ending.started_ms) / 1000,
        records=records,
        outcome=outcome,
        failed=failed,
        request_id=request_id,
        mapping=mapping,
        event_text=event_text,
        response=ending.response,
        error=ending.error,
        problem=problem,
    )
