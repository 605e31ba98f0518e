"""How long a capture goes on. The law: it ends by itself, and it ends when it is asked to, between two calls.

This is real time: capturing has nothing to do with a harness. A signal only sets a flag, because an answer that is on
its way from a broker must not be lost: it holds messages that have to be put back.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.envelopes.writing import to_milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Patience", "stamp"]

_STEP_SECONDS: Final = 0.05


class Patience:
    """`seconds`: how long to wait for what is yet to come; None takes what is there, and does not wait."""

    def __init__(
        self,
        seconds: float | None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._began = now()
        self._end = None if seconds is None else self._began + seconds
        self.interrupted = False

    @property
    def waits(self) -> bool:
        """Whether to wait for more when all that was there has been taken."""
        return self._end is not None

    @property
    def over(self) -> bool:
        """Whether it was interrupted, or the time is over."""
        return self.interrupted or (self._end is not None and self._now() >= self._end)

    @property
    def left(self) -> float:
        """Seconds that are left; 0 when nothing is waited for."""
        return 0.0 if self._end is None else max(self._end - self._now(), 0.0)

    @property
    def passed(self) -> float:
        """Seconds since it began."""
        return self._now() - self._began

    def interrupt(self) -> None:
        """End it soon."""
        self.interrupted = True

    def pause(self, seconds: float) -> None:
        """Wait, in steps so small that an interruption is noticed."""
        end = self._now() + seconds
        end = end if self._end is None else min(end, self._end)
        while not self.over and (left := end - self._now()) > 0:
            self._sleep(min(left, _STEP_SECONDS))


def stamp(epoch_ms: int | None = None) -> str:
    """A moment in UTC, to the millisecond; the present when left out."""
    return to_milliseconds(time.time_ns() // 1_000_000 if epoch_ms is None else epoch_ms)
