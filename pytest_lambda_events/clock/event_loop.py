"""asyncio on virtual time. The law: the loop jumps to its next timer only when nothing real can happen before it.

Before a jump, real I/O is polled; while a job runs in an executor the loop waits for it in real time, no longer than
the next timer would on a real clock; while sockets are open it gives them `IO_GRACE_SECONDS`. A Timeout that ends while
the loop waits is raised out of the loop, so `asyncio.run` ends with it; what runs after that (asyncio cancels the
tasks, `finally` blocks clean up) has a short life on time of its own, and AWS would not have run it at all.

Virtual are the loops that are made while a harness is active (`asyncio.run`, `Runner`, `new_event_loop`) in a thread
that sleeps virtually, and for the length of an invocation every plain selector loop that the handler runs, such as that
of `asyncio.get_event_loop()` in a module. All others, the loops of pytest-asyncio and anyio among them, follow the real
clock. So do, on Windows, the proactor loops of `get_event_loop`, and uvloop everywhere.
"""

from __future__ import annotations

import asyncio
import asyncio.base_events
import asyncio.events
import selectors
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.clock.virtual import to_ms
from pytest_lambda_events.errors import DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

    from pytest_lambda_events.clock.reading import ClockReads
    from pytest_lambda_events.clock.sleeping import Sleeping

__all__ = ["IO_GRACE_SECONDS", "project_on_asyncio"]

IO_GRACE_SECONDS = 1.0
"""How long, in real time, open sockets may stay silent before the loop jumps to its next timer."""

_CLEANING_STEPS = 1_000
"""After a Timeout, `finally` blocks may wait so many times; more is a loop that swallows its cancellation."""

_CLOCK_RESOLUTION = 2e-6
"""Due is what is due within 2 µs. A float of seconds since 1970 is no finer than 0.24 µs, so a timer may seem to lie
that much ahead of the moment it was set for, and the loop would wait for nothing, for ever."""

_PLUGINS = ("pytest_asyncio", "anyio", "pytest_", "_pytest", "pluggy", "aiohttp.pytest_plugin")


class _Waiting(selectors.BaseSelector):
    """A selector that jumps the clock instead of waiting, and knows what else the loop has to wait for."""

    def __init__(self, real: selectors.BaseSelector, sleeping: Sleeping, reads: ClockReads) -> None:
        self.real = real
        self.sleeping = sleeping
        self.reads = reads
        self.jobs = 0  # of executors, not done yet
        self.quiet = False  # a Timeout ended this loop's work: what its remains complain about means nothing
        self._dead_at: int | None = None  # the deadline at which it ended
        self._own_ms = 0  # time of its own that passed since
        self._steps = 0

    def time(self) -> float:
        """The loop's clock, in seconds since 1970 as `time.monotonic()` is while a harness is active."""
        now_ms = self.sleeping.clock.now_ms
        if self.reads.counting:
            self.reads.read(now_ms)
        return (now_ms + self._own_ms if self._is_dead() else now_ms) / 1000

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Give what is ready, else let time pass: really where something real may happen, virtually otherwise."""
        clock = self.sleeping.clock
        if clock.deadline_ms is not None and clock.now_ms >= clock.deadline_ms and not self._is_dead():
            # a blocking sleep, or a worker thread, went past it
            self._die()
            raise DeadlinePassed("the function's Timeout ended while it ran an asyncio event loop")
        ready = self.real.select(0)
        if ready:
            self.reads.count = 0  # data is coming in: this is no loop that waits for the clock
            return ready
        if timeout is None:
            return self._wait_for_nothing_scheduled()
        if timeout <= 0:
            return ready
        # when it is due, as of now: a job, or the user's hand on a frozen clock, may move time meanwhile
        milliseconds = max(1, to_ms(timeout))
        at_ms = clock.now_ms + milliseconds
        ready = self._wait_for_something_real(timeout)
        if not ready:
            self._let_pass(milliseconds, at_ms)
        return ready

    def _wait_for_something_real(self, timeout: float) -> list[tuple[selectors.SelectorKey, int]]:
        if self.jobs:
            return self.real.select(timeout)
        # one is the loop's own, by which other threads wake it
        if len(self.real.get_map()) > 1:
            return self.real.select(min(timeout, IO_GRACE_SECONDS))
        return []

    def _wait_for_nothing_scheduled(self) -> list[tuple[selectors.SelectorKey, int]]:
        clock = self.sleeping.clock
        if clock.deadline_ms is None or (self.jobs and self._is_dead()):
            return self.real.select(None)
        if self.jobs or len(self.real.get_map()) > 1 or self.sleeping.has_threads():
            ready = self.real.select(max(0.001, (clock.deadline_ms - clock.now_ms) / 1000))
            if ready:
                return ready
        # on AWS a function that waits for what never comes runs into its Timeout
        self._let_pass(0, clock.deadline_ms)
        return []

    def _let_pass(self, milliseconds: int, at_ms: int) -> None:
        if self._is_dead():
            self._own_ms += milliseconds
            self._steps += 1
            if self._steps > _CLEANING_STEPS or milliseconds == 0:
                raise DeadlinePassed("the function's Timeout ended, and its asyncio tasks go on when cancelled")
            return
        try:
            self.sleeping.wait_until(at_ms)
        except DeadlinePassed:
            self._die()
            raise

    def _die(self) -> None:
        self._dead_at = self.sleeping.clock.deadline_ms
        self._own_ms = 0
        self._steps = 0
        self.quiet = True

    def _is_dead(self) -> bool:
        # a loop that a module keeps comes to life again with the next invocation, which has another deadline
        return self._dead_at is not None and self._dead_at == self.sleeping.clock.deadline_ms

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self.real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.real.modify(fileobj, events, data)

    def close(self) -> None:
        self.real.close()

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self.real.get_key(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self.real.get_map()


class _VirtualLoop(asyncio.SelectorEventLoop):
    """A selector loop whose clock is virtual. `asyncio.SelectorEventLoop` objects become one for a while, too."""

    _waiting: _Waiting
    _clock_resolution: float

    def time(self) -> float:
        """Virtual seconds since 1970."""
        return self._waiting.time()

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """As always, and the job is waited for in real time."""
        future = super().run_in_executor(executor, func, *args)
        waiting = self._waiting
        waiting.jobs += 1

        def done(_: object) -> None:
            waiting.jobs -= 1

        future.add_done_callback(done)
        return future

    async def shutdown_default_executor(self, *args: Any, **options: Any) -> None:
        """As always; joining the threads takes real time, so the timeout of 300 s on it must not be jumped to."""
        self._waiting.jobs += 1
        try:
            await super().shutdown_default_executor(*args, **options)
        finally:
            self._waiting.jobs -= 1

    def call_exception_handler(self, context: Any) -> None:
        """As always, but for what is left of a loop that a Timeout ended."""
        if not self._waiting.quiet:
            super().call_exception_handler(context)


def project_on_asyncio(
    sleeping: Sleeping, reads: ClockReads, real_monotonic: Callable[[], float]
) -> Callable[[], None]:
    """Make the loops of this module follow the clock and all others the real one; gives the way to undo it."""
    base: Any = asyncio.base_events.BaseEventLoop
    events: Any = asyncio.events
    facade: Any = asyncio
    real_new, real_time, real_run = events.new_event_loop, base.time, base.run_forever

    def new_event_loop() -> asyncio.AbstractEventLoop:
        # a server that the test runs in a thread is not part of the simulated world, nor is a plugin
        if not sleeping.is_virtual() or (sleeping.depth == 0 and _made_by_a_plugin()):
            loop: asyncio.AbstractEventLoop = real_new()
            return loop
        waiting = _Waiting(selectors.DefaultSelector(), sleeping, reads)
        virtual = _VirtualLoop(waiting)
        virtual._waiting = waiting
        virtual._clock_resolution = _CLOCK_RESOLUTION
        return virtual

    def run_forever(loop: Any) -> None:
        # only exactly this class: a subclass may have a clock and a selector of its own
        if sleeping.depth == 0 or type(loop) is not asyncio.SelectorEventLoop or not sleeping.is_virtual():
            real_run(loop)
            return
        plain: Any = loop
        with _adopted(plain, _Waiting(plain._selector, sleeping, reads)):
            real_run(loop)

    # freezegun freezes the time.monotonic that this reads, and no timer of a loop made elsewhere would ever come due
    base.time = lambda _: real_monotonic()
    base.run_forever = run_forever
    events.new_event_loop = new_event_loop
    facade.new_event_loop = new_event_loop

    def undo() -> None:
        base.time, base.run_forever = real_time, real_run
        events.new_event_loop = facade.new_event_loop = real_new

    return undo


@contextmanager
def _adopted(loop: Any, waiting: _Waiting) -> Iterator[None]:
    """A plain selector loop follows the clock while it runs: its class, selector and pending timers change sides."""
    resolution, selector, before = loop._clock_resolution, loop._selector, loop.time()
    loop._waiting, loop._selector, loop._clock_resolution = waiting, waiting, _CLOCK_RESOLUTION
    loop.__class__ = _VirtualLoop
    _shift_timers(loop, loop.time() - before)
    try:
        yield
    finally:
        before = loop.time()
        loop.__class__ = asyncio.SelectorEventLoop
        if not loop.is_closed():
            loop._selector = selector
        loop._clock_resolution = resolution
        _shift_timers(loop, loop.time() - before)


def _shift_timers(loop: Any, seconds: float) -> None:
    # all by the same amount, so the heap that they form stays one
    for handle in loop._scheduled:
        handle._when += seconds


def _made_by_a_plugin() -> bool:
    """Is the new loop for a plugin that runs `async def` tests? Look past asyncio at who asked for it."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name: str = frame.f_globals.get("__name__", "")
        if not name.startswith(("asyncio", "contextlib", "backports.asyncio")):
            return name.startswith(_PLUGINS)
        frame = frame.f_back
    return False
