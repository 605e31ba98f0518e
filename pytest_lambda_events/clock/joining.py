"""The user's own freezes. The law: one clock; what the user does to a freeze happens to the clock, and vice versa.

freezegun keeps a stack of factories, of which the top one tells the time. When that is the user's, it is driven: after
each jump it is set to the clock's present. What the user did to it meanwhile is taken over at the next look, which
every public operation begins with.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import ClockError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.clock.reading import ClockReads
    from pytest_lambda_events.clock.virtual import VirtualClock

__all__ = ["JoinedFreezes", "ignore_list"]

# freezegun shows real time to these and to what they call, up to five frames deep: that is where the code of a worker
# thread is. The waits of the first two hold real time functions anyway; in multiprocessing only the pools call others
_LET_GO = ("threading", "queue", "multiprocessing")
_KEEP_REAL = (
    "_pytest.timing",
    "subprocess",
    "multiprocessing.connection",
    "multiprocessing.managers",
    "multiprocessing.popen_",
    "multiprocessing.process",
    "multiprocessing.queues",
    "multiprocessing.synchronize",
)


def ignore_list(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    """The modules that see real time while a harness is active, made from those that freezegun was started with."""
    return tuple(dict.fromkeys([*(prefix for prefix in prefixes if prefix not in _LET_GO), *_KEEP_REAL]))


class JoinedFreezes:
    """The freezes of the user's that the clock drives. `api` is freezegun's module, whose lists these live in."""

    def __init__(self, api: Any, clock: VirtualClock, reads: ClockReads) -> None:
        self._api = api
        self._clock = clock
        # a factory that counts reads, to put in the place of the user's factory's class: nothing else about it changes
        self._counting = _counting_class(api.FrozenDateTimeFactory, clock, reads)
        self._epoch = api.real_datetime(1970, 1, 1)
        self._joined: list[tuple[Any, type[Any], tuple[str, ...]]] = []
        self._top: Any = None
        self._mark: Any = None  # the very datetime that was last seen or put there: anything else is the user's doing
        self._known: list[Any] = []

    def moment(self, at_ms: int) -> dt.datetime:
        """`at_ms` as freezegun has it: naive UTC, of the real class."""
        moment: dt.datetime = self._epoch + dt.timedelta(milliseconds=at_ms)
        return moment

    def follow(self, fresh: Callable[[], bool]) -> None:
        """Join the freeze on top, or take over what the user did to it.

        `fresh` says that nothing has happened yet. Errors: `ClockError` when it is a freeze that cannot be joined.
        """
        top = self._api.freeze_factories[-1]
        if top is self._top:
            if top.time_to_freeze is not self._mark:
                self._take_over(top, fresh)
            return
        self._refuse_moving(top)
        uncovered = any(top is known for known in self._known)
        if uncovered and self._ms(top) < self._clock.now_ms:
            # a freeze inside it ended: time stays where that one brought it
            top.time_to_freeze = self.moment(self._clock.now_ms)
        elif not uncovered and fresh():
            self._rebase(top)
        self._take_over(top, fresh)
        self._adopt(top)

    def release(self, *, everything: bool = False) -> None:
        """Let go of the freezes that have ended, or of all."""
        stack = self._api.freeze_factories
        remaining = []
        for entry in self._joined:
            factory, kind, ignored = entry
            places = [place for place, item in enumerate(stack) if item is factory]
            if places and not everything:
                remaining.append(entry)
                continue
            factory.__class__ = kind
            for place in places:
                self._api.ignore_lists[place] = ignored
        self._joined = remaining
        self._top = self._mark = None
        self._known = list(stack)
        if not remaining and self._drive in self._clock.on_jump:
            self._clock.on_jump.remove(self._drive)

    @property
    def any(self) -> bool:
        """Is a freeze of the user's joined?"""
        return bool(self._joined)

    def _adopt(self, top: Any) -> None:
        mark = self._mark
        self.release()
        api = self._api
        if not any(factory is top for factory, _, _ in self._joined):
            self._joined.append((top, type(top), api.ignore_lists[-1]))
            if type(top) is api.FrozenDateTimeFactory:
                top.__class__ = self._counting
            api.ignore_lists[-1] = ignore_list(api.ignore_lists[-1])
        self._top, self._mark = top, mark
        if self._drive not in self._clock.on_jump:
            self._clock.on_jump.append(self._drive)

    def _drive(self, at_ms: int) -> None:
        self._mark = moment = self.moment(at_ms)
        for factory, _, _ in self._joined:
            factory.time_to_freeze = moment

    def _take_over(self, top: Any, fresh: Callable[[], bool]) -> None:
        moment, theirs, ours = top.time_to_freeze, self._ms(top), self._clock.now_ms
        if theirs < ours:
            if not fresh():
                raise ClockError(
                    f"freeze_time would take the virtual clock back from {self.moment(ours).isoformat()}Z to "
                    f"{self.moment(theirs).isoformat()}Z, and time that has passed cannot be undone; freeze before "
                    "anything is sent or run, or freeze at a later time, or move the clock with "
                    "virtual_clock.advance(seconds)"
                )
            self._rebase(top)
        self._clock.jump_to(theirs)
        # not rounded to the clock's millisecond, or the user would see time go back by some microseconds
        top.time_to_freeze = self._mark = moment

    def _rebase(self, top: Any) -> None:
        self._clock.start_ms = self._clock.now_ms = self._ms(top)

    def _ms(self, top: Any) -> int:
        return int((top.time_to_freeze - self._epoch) // dt.timedelta(milliseconds=1))

    def _refuse_moving(self, top: Any) -> None:
        if isinstance(top, self._api.FrozenDateTimeFactory):
            return
        option = "auto_tick_seconds=..." if isinstance(top, self._api.StepTickTimeFactory) else "tick=True"
        raise ClockError(
            f"freeze_time({option}) moves time by itself, and virtual time stands still until something waits for it; "
            "use freeze_time without it, and virtual_clock.advance(seconds) or the frozen time's tick(seconds) where "
            "time is to pass"
        )


def _counting_class(frozen: Any, clock: VirtualClock, reads: ClockReads) -> type[Any]:
    class CountingDateTimeFactory(frozen):  # type: ignore[misc]
        """freezegun's factory, which also notices a loop that waits for the clock to move."""

        def __call__(self) -> dt.datetime:
            if reads.counting:
                reads.read(clock.now_ms)
            moment: dt.datetime = self.time_to_freeze
            return moment

    return CountingDateTimeFactory
