"""The real clock, for live mode. The law: the interface of the virtual one, and to jump is to wait.

It begins at the system's time and goes on monotonically from there, so that a correction of the system's clock moves
nothing backwards.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from asyncio import events
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_lambda_events.clock.hiding import hide_loop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

__all__ = ["RealClock", "RealTime", "is_frozen"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_NS = 1_000_000  # in a millisecond


class RealClock:
    """Real time in epoch milliseconds; see `clock.ports.Clock`."""

    seconds: ClassVar[str] = "seconds"

    __slots__ = ("_ahead_ns", "deadline_ms", "start_ms")

    def __init__(self) -> None:
        self._ahead_ns = time.time_ns() - time.monotonic_ns()  # the system's clock, of the one that only goes forwards
        self.start_ms = self.now_ms
        self.deadline_ms: int | None = None

    @property
    def now_ms(self) -> int:
        """The present."""
        return (time.monotonic_ns() + self._ahead_ns) // _NS

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return (self.now_ms - self.start_ms) / 1000

    def now(self) -> dt.datetime:
        """The present as an aware datetime in UTC."""
        return _EPOCH + dt.timedelta(milliseconds=self.now_ms)

    def jump_to(self, at_ms: int) -> None:
        """Wait until then; not at all for what is past."""
        while (ahead_ms := at_ms - self.now_ms) > 0:
            time.sleep(ahead_ms / 1000)

    def enter(self) -> None:
        """Nothing is to be joined: real time is everybody's."""


class RealTime:
    """Surroundings of a handler in live mode: it runs as in any other program; see `clock.ports.Surroundings`."""

    @contextmanager
    def invocation(self) -> Iterator[None]:
        """Hide a loop that runs (that of an `async def` test), so that the handler may call `asyncio.run`."""
        running: Any = events._get_running_loop()
        with nullcontext() if running is None else hide_loop(running):
            yield

    def thawed(self) -> AbstractContextManager[None]:
        """Nothing is frozen."""
        return nullcontext()


def is_frozen() -> bool:
    """Whether somebody has frozen time with freezegun: live mode cannot wait for a clock that stands still."""
    api = sys.modules.get("freezegun.api")
    return api is not None and bool(api.freeze_factories)
