"""The one clock. The law: integer milliseconds, forwards only, moved by jumps; nothing here reads the wall clock."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, ClassVar

from pytest_lambda_events.errors import ClockError, DeadlinePassed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VirtualClock", "length_ms", "parse_start", "to_ms"]

_FRACTION = re.compile(r"\.\d+")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def to_ms(seconds: float) -> int:
    """Seconds to whole milliseconds, rounded up: a sleep never ends early. `UsageError` when negative or NaN."""
    if not seconds >= 0:
        raise UsageError(f"a length of time must be 0 seconds or more, not {seconds!r}")
    # 0.1 + 0.2 is a hair more than 0.3: whole microseconds first, or a clean number would come out a millisecond late
    return math.ceil(round(seconds * 1_000_000) / 1000)


def length_ms(name: str, seconds: float) -> int:
    """The argument `name`, a length of time in seconds, in whole milliseconds. Errors: `UsageError` if it is none."""
    try:
        return to_ms(seconds)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"{name}={seconds!r:.80}: a length of time is a number of seconds, and has an end") from error


def parse_start(start: str | dt.datetime, name: str = "start") -> int:
    """Epoch milliseconds of an ISO 8601 text or datetime; without a zone it is UTC.

    Errors: `UsageError` for another text or type, which calls it by `name`.
    """
    if isinstance(start, str):
        try:
            # Python 3.10 reads fractions of three or six digits only, and no Z
            text = _FRACTION.sub(lambda found: found[0][:7].ljust(7, "0"), start.replace("Z", "+00:00"))
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(f"{name}={start!r} is not an ISO 8601 time; write it like 2025-01-01T00:00:00Z") from None
    elif isinstance(start, dt.datetime):
        moment = start
    else:
        raise UsageError(f"{name}={start!r:.80}: give a datetime, or an ISO 8601 text like 2025-01-01T00:00:00Z")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.timezone.utc)
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)


class VirtualClock:
    """Virtual time in epoch milliseconds.

    `now_ms` is the present and `start_ms` where it began; `deadline_ms` is when the running invocation's Timeout ends
    (None between invocations). `before_entry` is called at each public entry and lets a user's own freeze be joined;
    each of `on_jump` is called with the new time after every move.
    """

    seconds: ClassVar[str] = "virtual seconds"

    __slots__ = ("before_entry", "deadline_ms", "now_ms", "on_jump", "start_ms")

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self.now_ms = start_ms
        self.deadline_ms: int | None = None
        self.before_entry: Callable[[], None] | None = None
        self.on_jump: list[Callable[[int], None]] = []

    def jump_to(self, at_ms: int) -> None:
        """Make `at_ms` the present. Errors: `ClockError` when that is in the past."""
        if at_ms < self.now_ms:
            raise ClockError(
                f"virtual time cannot go backwards: it is {self.now_ms} ms since 1970 and was asked to be {at_ms}"
            )
        if at_ms != self.now_ms:
            self.now_ms = at_ms
            for listener in self.on_jump:
                listener(at_ms)

    def wait_until(self, at_ms: int) -> None:
        """Sleep until `at_ms`, inside an invocation no further than its deadline (then `DeadlinePassed` is raised)."""
        if self.deadline_ms is not None and at_ms >= self.deadline_ms:
            self.jump_to(max(self.deadline_ms, self.now_ms))
            raise DeadlinePassed("the function's Timeout ended while it was sleeping")
        self.jump_to(max(at_ms, self.now_ms))

    def sleep(self, seconds: float) -> None:
        """What `time.sleep` does while a harness is active: virtual time passes, rounded up to a millisecond."""
        self.wait_until(self.now_ms + to_ms(seconds))

    def enter(self) -> None:
        """Join what the user's own freeze did since the last entry. Called first by every public operation."""
        if self.before_entry is not None:
            self.before_entry()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass while nobody polls, as in an outage; what fell due then happens at the next run."""
        self.enter()
        self.jump_to(self.now_ms + to_ms(seconds))

    @property
    def elapsed(self) -> float:
        """Seconds of virtual time since the start."""
        self.enter()
        return (self.now_ms - self.start_ms) / 1000

    def now(self) -> dt.datetime:
        """The present as an aware datetime in UTC."""
        self.enter()
        return _EPOCH + dt.timedelta(milliseconds=self.now_ms)
