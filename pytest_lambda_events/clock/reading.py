"""Clock reads while a handler runs. The law: virtual time moves only by sleeping, so a loop that only reads is stopped.

On real time `while time.monotonic() < end: pass` ends by itself. On virtual time it never would, and a hanging test
says nothing; so the reads of one invocation are counted, and too many at one moment are an error that explains itself.
"""

from __future__ import annotations

from pytest_lambda_events.errors import ClockStuck

__all__ = ["READS_BEFORE_STUCK", "ClockReads"]

READS_BEFORE_STUCK = 500_000
"""So many reads of one unmoving clock are a loop that waits for it. An ordinary handler makes a few dozen."""


class ClockReads:
    """Counts reads of the clock within one invocation, from zero again whenever time has moved."""

    __slots__ = ("at_ms", "count", "counting")

    def __init__(self) -> None:
        self.at_ms = -1
        self.count = 0
        self.counting = False

    def read(self, now_ms: int) -> None:
        """Note one read at `now_ms`. Errors: `ClockStuck` after `READS_BEFORE_STUCK` reads at the same moment."""
        if now_ms != self.at_ms:
            self.at_ms = now_ms
            self.count = 0
            return
        self.count += 1
        if self.count > READS_BEFORE_STUCK:
            # from zero again, so that the handler's own error handling may read the clock
            self.count = 0
            raise ClockStuck(
                f"the handler read the clock more than {READS_BEFORE_STUCK} times in one invocation and time never "
                "moved: virtual time moves only by sleeping, so a loop that waits for a time to come must sleep; "
                "put a time.sleep() (or `await asyncio.sleep()`) of more than 0 seconds into the loop"
            )
