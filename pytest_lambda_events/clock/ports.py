"""The clock as everything else uses it. The law: whoever waits, waits here, on virtual time or on real time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from contextlib import AbstractContextManager

__all__ = ["Clock", "Surroundings"]


class Clock(Protocol):
    """Time in epoch milliseconds: `clock.virtual.VirtualClock`, or `clock.real.RealClock` in live mode."""

    seconds: ClassVar[str]
    """What its seconds are called in messages."""

    deadline_ms: int | None
    """When the running invocation's Timeout ends; None between invocations."""

    @property
    def now_ms(self) -> int:
        """The present."""

    @property
    def start_ms(self) -> int:
        """Where it began."""

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""

    def now(self) -> dt.datetime:
        """The present as an aware datetime in UTC."""

    def jump_to(self, at_ms: int) -> None:
        """Make `at_ms` the present, by a jump or by waiting."""

    def enter(self) -> None:
        """Called first by every public operation."""


class Surroundings(Protocol):
    """What the world is like while the user's code runs: `clock.travel.Travel`, or `clock.real.RealTime`."""

    def invocation(self) -> AbstractContextManager[None]:
        """Around each call of a handler."""

    def thawed(self) -> AbstractContextManager[None]:
        """Around the import of a handler: modules are executed on real time."""
