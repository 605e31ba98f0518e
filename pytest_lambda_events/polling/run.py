"""The agenda: all pollers on one clock. The law: jump to the earliest due moment, act once, look again; stop at rest,
at the horizon, or at the bound.

Ties are broken by the order in which mappings were made, because the list is in that order and `min` takes the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.polling.ports import Poller

__all__ = ["Limits", "Reason", "drive"]

Reason = Literal["idle", "horizon", "satisfied", "invocations", "time"]
"""Why a drive stopped: at rest, at the horizon, predicate true, or one of the two bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one run call: invocations, and milliseconds of virtual time."""

    invocations: int
    ms: int


def drive(
    pollers: Callable[[], Sequence[Poller]],
    clock: Clock,
    limits: Limits,
    *,
    horizon_ms: int | None = None,
    satisfied: Callable[[], bool] | None = None,
    also_due: Callable[[], int | None] = lambda: None,
    settle: Callable[[int], None] = lambda _now_ms: None,
    watch: Callable[[], object] | None = None,
) -> Reason:
    """Advance the world. `pollers` is asked before each step, because a handler may make mappings.

    `horizon_ms` is where to stop at the latest (the clock then stands there); `satisfied` is asked after each step.
    `settle` lets happen in the sources what fell due; `also_due` says when something happens there that a run does not
    wait for, but sees when it lasts so long (an item's time to live ends). `watch` is called after each step.
    """
    latest_ms = clock.now_ms + limits.ms
    invocations = 0
    settle(clock.now_ms)
    if satisfied is not None and satisfied():
        return "satisfied"
    while True:
        now_ms = clock.now_ms
        due_ms, poller = _earliest(pollers(), now_ms)
        if horizon_ms is not None:
            passing_ms = also_due()
            if passing_ms is not None and passing_ms <= horizon_ms and (due_ms is None or passing_ms < due_ms):
                clock.jump_to(max(passing_ms, now_ms))
                settle(clock.now_ms)
                continue
        if horizon_ms is not None and (due_ms is None or due_ms > horizon_ms):
            clock.jump_to(max(horizon_ms, now_ms))
            return "horizon"
        if due_ms is None or poller is None:
            return "idle"
        if due_ms > latest_ms:
            return "time"
        if invocations >= limits.invocations:
            return "invocations"
        if due_ms > now_ms:
            clock.jump_to(due_ms)
        invocations += poller.step(clock.now_ms)
        if watch is not None:
            watch()
        if satisfied is not None and satisfied():
            return "satisfied"


def _earliest(pollers: Sequence[Poller], now_ms: int) -> tuple[int | None, Poller | None]:
    """The moment of the next act, and whose it is; of several at one moment the first in the list."""
    due_ms, poller = None, None
    for candidate in pollers:
        at_ms = candidate.next_due(now_ms)
        if at_ms is not None and (due_ms is None or at_ms < due_ms):
            due_ms, poller = at_ms, candidate
    return due_ms, poller
