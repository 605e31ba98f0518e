"""`time.sleep` on virtual time. The law: whoever belongs to the test or its handler moves the clock, nobody else does.

Virtual are the thread that started the harness, the thread that runs a handler, and during an invocation every thread
that a handler ever started (those of a pool kept in a module too). Several of these sleep as if one after another, so
their sleeps add up: two threads that sleep 1 s each take 2 s. That is a choice: it needs no guess about which thread
is about to do what, so it is the same in every run.

Real is every other thread (a watcher's polling loop would spin, and drive the time of the test), every thread outside
an invocation, and what the standard library, pytest or a debugger sleep to wait for another process or for you.
`Event.wait`, `Queue.get(timeout=...)`, `Lock.acquire(timeout=...)` wait in real time everywhere, and so does a `sleep`
that is not a module global: a class attribute or a default argument made before the harness started.
"""

from __future__ import annotations

import sys
import threading
import time
import weakref
from types import BuiltinFunctionType
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.clock.virtual import VirtualClock

__all__ = ["VIRTUAL_SLEEP", "Sleeping", "real_sleep"]

# these wait for a process, a terminal or a person: on virtual time `subprocess.run(timeout=10)` would expire at once
_REAL_SLEEPERS = (
    "subprocess",
    "multiprocessing",
    "_pytest",
    "xdist",
    "execnet",
    "pexpect",
    "pydevd",
    "_pydev",
    "debugpy",
)

# across harnesses, because a module's thread pool outlives a test: its threads must not sleep virtually in the first
# test and really in the second
_handler_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


def _find_real_sleep() -> Callable[[float], None]:
    """`time.sleep` itself; when this module is first imported, a test may have a mock in its place."""
    if isinstance(time.sleep, BuiltinFunctionType):
        return time.sleep
    found: Callable[[float], None] = getattr(sys.modules.get("_pytest.timing"), "sleep", time.sleep)
    return found


class _Real:
    """Holds the function where a search of module globals does not find it."""

    sleep = staticmethod(_find_real_sleep())


def real_sleep() -> Callable[[float], None]:
    """The function `time.sleep` that Python came with."""
    return _Real.sleep


class _VirtualSleep:
    """Stands in for `time.sleep`: an object, since like a builtin it must not turn into a method."""

    def __init__(self) -> None:
        self.__name__ = self.__qualname__ = "sleep"
        self.sleeping: Sleeping | None = None

    def __call__(self, seconds: float, /) -> None:
        sleeping = self.sleeping
        # what is no length of time (negative, NaN) gets its error from the real function
        if (
            sleeping is None
            or not seconds >= 0
            or not sleeping.is_virtual()
            or sys._getframe(1).f_globals.get("__name__", "").startswith(_REAL_SLEEPERS)
        ):
            _Real.sleep(seconds)
            return
        sleeping.sleep(seconds)


VIRTUAL_SLEEP = _VirtualSleep()
"""What `time.sleep` is while a harness is active; it sleeps for real when none is."""


class Sleeping:
    """Who sleeps virtually, and the lock under which the clock moves. `sync` joins the user's own freeze first."""

    __slots__ = ("_lock", "clock", "depth", "home", "invoker", "paused", "sync")

    def __init__(self, clock: VirtualClock, sync: Callable[[], None]) -> None:
        self.clock = clock
        self.sync = sync
        self.home = threading.get_ident()
        self.invoker = 0
        self.depth = 0  # invocations that are running
        self.paused = False  # while thawed everybody sleeps for real
        # reentrant, because a signal handler may sleep while its own thread does
        self._lock = threading.RLock()

    def is_virtual(self) -> bool:
        """Does the current thread sleep virtually?"""
        if self.paused:
            return False
        ident = threading.get_ident()
        if ident == self.home:
            return True
        return self.depth > 0 and (ident == self.invoker or threading.current_thread() in _handler_threads)

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of virtual time pass."""
        with self._lock:
            self.sync()
            self.clock.sleep(seconds)
        if threading.active_count() > 1:
            # a loop that sleeps until another thread is done would otherwise burn hours before that one gets a turn
            _Real.sleep(0)

    def wait_until(self, at_ms: int) -> None:
        """Let time pass until `at_ms`, unless that has been passed already."""
        with self._lock:
            self.sync()
            self.clock.wait_until(at_ms)

    def has_threads(self) -> bool:
        """Is a thread alive that a handler started?"""
        return any(thread.is_alive() for thread in _handler_threads)

    def mark_threads(self) -> Callable[[], None]:
        """From now on remember the threads that handlers start; gives the way to undo it."""
        start = threading.Thread.start

        def start_marked(thread: threading.Thread) -> None:
            # home outside an invocation is the test itself: its threads are watchers, servers and the like
            if self.depth > 0 and self.is_virtual():
                _handler_threads.add(thread)
                thread.run = _Quiet(thread.run)  # type: ignore[method-assign]
            start(thread)

        thread_class: Any = threading.Thread
        thread_class.start = start_marked
        return lambda: setattr(thread_class, "start", start)


class _Quiet:
    """A thread's `run` that ends in silence at the Timeout; AWS would have frozen the thread where it stood."""

    __slots__ = ("_run",)

    def __init__(self, run: Callable[[], Any]) -> None:
        self._run = run

    def __call__(self) -> None:
        run = self._run
        del self._run  # it holds the thread, which holds this
        try:
            run()
        except DeadlinePassed:
            # the thread that runs the handler meets the deadline by itself, or is judged by the clock when it returns
            return
