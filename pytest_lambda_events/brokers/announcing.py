"""`at=`: putting something into a source later. The law: a moment is a virtual second, and none lies in the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.clock.virtual import to_ms
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from pytest_lambda_events.clock.virtual import VirtualClock

__all__ = ["announced_ms"]


def announced_ms(clock: VirtualClock, at: float | None) -> int:
    """The virtual second `at` in epoch milliseconds; the present for None. Errors: `UsageError` for one in the past."""
    if at is None:
        return clock.now_ms
    at_ms = clock.start_ms + to_ms(at)
    if at_ms < clock.now_ms:
        raise UsageError(f"at={at:g} lies in the past: virtual time is at {clock.elapsed:g} s")
    return at_ms
