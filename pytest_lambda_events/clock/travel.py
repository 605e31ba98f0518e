"""The clock projected on the world. The law: while started everything reads and moves one clock; after stop no trace.

Sole importer of freezegun, which replaces `datetime` and the functions of `time`; the entry on top of its stack of
factories is ours, so a jump of the clock costs nothing. The neighbours do the rest: `sleeping` (`time.sleep`),
`event_loop` (asyncio), `imports` (modules are executed on real time), `reading` (loops that only read the clock), and
`joining`: a `freeze_time` of the user's is driven by the clock, and drives it.

What still waits for real: `Event.wait` and all waits of threads, a `sleep` kept in a class attribute or default
argument, and what `sleeping` and `event_loop` say of other threads and other loops.
"""

from __future__ import annotations

import copyreg
import sys
import threading
from asyncio import events
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from freezegun import api as _api

from pytest_lambda_events.clock.bindings import Bindings, Unchanged, namespace_of
from pytest_lambda_events.clock.event_loop import project_on_asyncio
from pytest_lambda_events.clock.hiding import hide_loop
from pytest_lambda_events.clock.imports import guard_imports
from pytest_lambda_events.clock.joining import JoinedFreezes, ignore_list
from pytest_lambda_events.clock.reading import ClockReads
from pytest_lambda_events.clock.sleeping import VIRTUAL_SLEEP, Sleeping, real_sleep
from pytest_lambda_events.errors import ClockError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from pytest_lambda_events.clock.bindings import Swap
    from pytest_lambda_events.clock.virtual import VirtualClock

__all__ = ["Travel"]

# most of what is used here is not in freezegun's stubs
api: Any = _api

# pairs in a tuple, because freezegun looks for real time functions in module globals and would replace them here too
_PAIRS: tuple[tuple[Any, Any], ...] = (
    (api.real_date, api.FakeDate),
    (api.real_datetime, api.FakeDatetime),
    *(
        (getattr(api, f"real_{name}"), getattr(api, f"fake_{name}"))
        for name in ("gmtime", "localtime", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "strftime")
    ),
    (api.real_time, api.fake_time),
    (api.real_time_ns, api.fake_time_ns),
    (real_sleep(), VIRTUAL_SLEEP),
)
_TO_FAKE = {id(real): fake for real, fake in _PAIRS}
_TO_REAL = {id(fake): real for real, fake in _PAIRS}
_SLEEP_TO_VIRTUAL = {id(real_sleep()): VIRTUAL_SLEEP}
_SLEEP_TO_REAL = {id(VIRTUAL_SLEEP): real_sleep()}
_UNCHANGED = Unchanged()
_BINDINGS = Bindings(item for pair in _PAIRS for item in pair)

# freezegun's own globals are where the fakes are defined; the others hold the real functions on purpose
_NEVER = ("freezegun", "pytest_lambda_events.clock", "_pytest.timing")
# pytest's durations, and `subprocess.run(timeout=...)`, are about the real world
_IGNORE = ["_pytest.timing", "subprocess"]


class Travel:
    """Projects a `VirtualClock` on datetime, time and asyncio between `start` and `stop`; one at a time in a process.

    `untouched` may be set to a function that says whether nothing has happened yet (nothing sent, nothing run, no time
    passed). While it is true, a freeze of the user's that begins sets where virtual time starts, back or forth.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self.untouched: Callable[[], bool] | None = None
        self._clock = clock
        self._reads = ClockReads()
        self._factory = _Factory(clock, self._reads)
        self._sleeping = Sleeping(clock, self.sync)
        self._freezes = JoinedFreezes(api, clock, self._reads)
        self._invocation = _Invocation(self._sleeping, self._reads)
        self._exit: ExitStack | None = None
        self._own: Any = None  # our freeze; None while the user's is the outermost
        self._asking = False
        self._thaw_lock = threading.Lock()
        self._thaws = 0
        self._thawed: list[Swap] = []
        self._loaded: set[str] = set()
        self._reloaded: set[str] = set()
        self._refrozen: list[Swap] = []  # in modules that were reloaded; freezegun restores only those that are new

    def start(self) -> None:
        """Project the clock on the world, joining a freeze of the user's. Errors: `ClockError` if it cannot be."""
        if VIRTUAL_SLEEP.sleeping is not None:
            raise ClockError(
                "another harness is active in this process, and there is one clock; use that one (in pytest the "
                "fixture lambda_events), or end it first"
            )
        self._sleeping = Sleeping(self._clock, self.sync)
        self._invocation = _Invocation(self._sleeping, self._reads)
        self._exit = ExitStack()
        try:
            self._set_up(self._exit)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Leave no trace. Errors: `ClockError` when a freeze begun after `start` has not been stopped before this."""
        stack, self._exit = self._exit, None
        if stack is not None:
            stack.close()

    def sync(self) -> None:
        """Join what the user's own freezes did since the last time."""
        # asking whether nothing has happened may come back here; and while thawed nobody looks at the freezes
        if self._exit is None or self._asking or self._thaws:
            return
        stack = api.freeze_factories
        if stack and stack[-1] is self._factory:
            if self._freezes.any:
                self._freezes.release()
        elif stack:
            self._freezes.follow(self._is_untouched)
        else:
            self._freezes.release()
            self._freeze()

    @contextmanager
    def thawed(self, executed: str = "") -> Iterator[None]:
        """Real time inside; modules that were imported meanwhile are on virtual time afterwards.

        So is the module named `executed`, which may have been there before.
        """
        self._thaw(executed)
        try:
            yield
        finally:
            self._refreeze()

    def invocation(self) -> AbstractContextManager[None]:
        """Around each call of the handler: it may run a loop of its own, start threads, and not wait for the clock."""
        return self._invocation

    def _set_up(self, stack: ExitStack) -> None:
        clock = self._clock
        # what is to be undone is noted first: a start may fail half-way
        stack.callback(self._freezes.release, everything=True)
        stack.callback(self._tidy_up)
        stack.callback(self._unfreeze)
        if api.freeze_factories:
            self._freezes.follow(lambda: True)
        else:
            self._freeze()
        stack.callback(_make_time_ns_exact())
        VIRTUAL_SLEEP.sleeping = self._sleeping
        _BINDINGS.swap(_SLEEP_TO_VIRTUAL, skip=_NEVER)
        stack.callback(self._sleeping.mark_threads())
        stack.callback(project_on_asyncio(self._sleeping, self._reads, api.real_monotonic))
        stack.callback(guard_imports(self.thawed))
        clock.before_entry = self.sync
        stack.callback(setattr, clock, "before_entry", None)

    def _is_untouched(self) -> bool:
        if self.untouched is None:
            return False
        self._asking = True
        try:
            return self.untouched()
        finally:
            self._asking = False

    def _freeze(self) -> None:
        self._own = api.freeze_time(self._freezes.moment(self._clock.now_ms), ignore=_IGNORE)
        with _searching_quickly():
            self._own.start()
        api.freeze_factories[-1] = self._factory
        api.ignore_lists[-1] = ignore_list(api.ignore_lists[-1])

    def _unfreeze(self) -> None:
        """End our freeze, and every other: freezegun restores the world when the outermost ends, and that is ours."""
        own, self._own = self._own, None
        if own is None:
            return
        overlapping = api.freeze_factories[1:]  # ours is the first, for it only begins when there is none
        for entries in (api.freeze_factories, api.ignore_lists, api.tick_flags, api.tz_offsets):
            entries[:] = entries[:1] or [None]
        if not hasattr(own, "fake_names"):
            own.fake_names, own.reals = (), {}  # its start failed half-way, and its stop would for want of these
        copyreg.dispatch_table.setdefault(api.real_datetime, api.pickle_fake_datetime)
        copyreg.dispatch_table.setdefault(api.real_date, api.pickle_fake_date)
        # the modules loaded meanwhile are ours to restore: freezegun would ask lazy ones for all that they offer
        own.modules_at_start = set(sys.modules)
        own.stop()
        if overlapping:
            raise ClockError(
                f"a freeze_time that was started after the harness is still active at its end, at "
                f"{overlapping[-1].time_to_freeze.isoformat()}Z; freezes end in the reverse order of their start, so "
                "stop that one first (leave its `with` block, or call its stop()). It has been ended now, with ours"
            )

    def _tidy_up(self) -> None:
        """Restore what freezegun does not: `sleep`, and time functions in modules reloaded or executed by hand."""
        VIRTUAL_SLEEP.sleeping = None
        _BINDINGS.swap(_SLEEP_TO_REAL if api.freeze_factories else _TO_REAL, skip=_NEVER[:2])
        for namespace, name, real in self._refrozen:
            if namespace.get(name) is _TO_FAKE[id(real)]:
                namespace[name] = real
        self._refrozen = []

    def _thaw(self, executed: str) -> None:
        with self._thaw_lock:
            if executed:
                self._reloaded.add(executed)
            self._thaws += 1
            if self._thaws > 1 or self._exit is None:
                return
            self._loaded = set(sys.modules)
            self._sleeping.paused = True
            self._thawed = _BINDINGS.swap(_TO_REAL, skip=_NEVER)
            self._register_copying(_reduce, _reduce)

    def _refreeze(self) -> None:
        with self._thaw_lock:
            self._thaws -= 1
            if self._thaws:
                return
            reloaded, self._reloaded = self._reloaded & self._loaded, set()
            thawed, self._thawed = self._thawed, []
            if self._exit is None:
                return
            self._sleeping.paused = False
            # the imported module may have ended a freeze; then what is on real time stays there
            to_fake = _TO_FAKE if api.freeze_factories else _SLEEP_TO_VIRTUAL
            for namespace, name, fake in thawed:
                real = _TO_REAL[id(fake)]
                if id(real) in to_fake and namespace.get(name) is real:
                    namespace[name] = fake
            self._register_copying(api.pickle_fake_datetime, api.pickle_fake_date)
            skip = (*_NEVER, *(api.ignore_lists[-1] if api.freeze_factories else ()), *("threading", "queue"))
            _BINDINGS.swap(to_fake, skip=skip, only=set(sys.modules) - self._loaded)
            self._refrozen += _BINDINGS.swap(to_fake, skip=skip, only=reloaded)

    def _register_copying(self, of_datetime: Any, of_date: Any) -> None:
        # not taken out, because freezegun's stop takes them out and expects to find them
        if api.freeze_factories:
            copyreg.dispatch_table[api.real_datetime] = of_datetime
            copyreg.dispatch_table[api.real_date] = of_date


class _Factory:
    """Tells freezegun the time: the clock's, made into a datetime once per millisecond."""

    __slots__ = ("_at_ms", "_clock", "_epoch", "_moment", "_reads")

    def __init__(self, clock: VirtualClock, reads: ClockReads) -> None:
        self._clock = clock
        self._reads = reads
        self._epoch = api.real_datetime(1970, 1, 1)
        self._at_ms = 0
        self._moment: dt.datetime = self._epoch

    def __call__(self) -> dt.datetime:
        now_ms = self._clock.now_ms
        if self._reads.counting:
            self._reads.read(now_ms)
        if now_ms == self._at_ms:
            return self._moment
        moment: dt.datetime = self._epoch + timedelta(milliseconds=now_ms)
        self._moment = moment
        self._at_ms = now_ms
        return moment


class _Invocation:
    """Entered and left for every call of a handler, so one object for all of them, and little to do."""

    __slots__ = ("_hidden", "_reads", "_sleeping")

    def __init__(self, sleeping: Sleeping, reads: ClockReads) -> None:
        self._sleeping = sleeping
        self._reads = reads
        self._hidden: list[ExitStack | None] = []

    def __enter__(self) -> None:
        running = events._get_running_loop()
        self._hidden.append(None if running is None else hide_loop(running))
        sleeping, reads = self._sleeping, self._reads
        sleeping.depth += 1
        sleeping.invoker = threading.get_ident()
        reads.count = 0
        reads.counting = True

    def __exit__(self, *_: object) -> None:
        sleeping = self._sleeping
        sleeping.depth -= 1
        self._reads.counting = sleeping.depth > 0
        hidden = self._hidden.pop()
        if hidden is not None:
            hidden.close()


def _reduce(value: Any) -> Any:
    """How a datetime is copied or pickled when freezegun is not there."""
    return value.__reduce_ex__(4)


@contextmanager
def _searching_quickly() -> Iterator[None]:
    """Let freezegun look at what modules have, and skip those that have not changed.

    Hashing the names in all modules is nearly all of its start. And it asks for every name that `dir()` lists: a lazy
    module then imports all that it offers, with `datetime` half replaced (Powertools' pydantic models fail on that).
    """
    real_hash = getattr(api, "_get_module_attributes_hash", None)
    cache = getattr(api, "_GLOBAL_MODULES_CACHE", None)
    if real_hash is None or cache is None:
        yield
        return

    changed: set[str] = set()

    def hash_of(module: Any) -> Any:
        name = module.__name__
        known = cache.get(name)
        if known is None or name in changed or not _UNCHANGED(name, module):
            changed.add(name)  # it asks again, for the hash to remember
            return real_hash(module)
        return known[0]

    real_attributes = api._get_module_attributes

    def attributes_of(module: Any) -> Any:
        try:
            return list(namespace_of(module).items())
        except TypeError:  # anything may be put into sys.modules, also what says that it is a module
            return real_attributes(module)

    api._get_module_attributes_hash, api._get_module_attributes = hash_of, attributes_of
    try:
        yield
    finally:
        api._get_module_attributes_hash, api._get_module_attributes = real_hash, real_attributes


def _make_time_ns_exact() -> Callable[[], None]:
    """Without freezegun's way through a float, by which `time.time_ns() // 1_000_000` often is a millisecond early."""
    fake: Any = api.fake_time_ns
    code = fake.__code__
    if hasattr(api, "_get_fake_monotonic_ns"):
        # its code and not itself, because modules may hold it; the names are those of freezegun's module
        fake.__code__ = _time_ns.__code__
    return lambda: setattr(fake, "__code__", code)


def _time_ns() -> Any:
    if _should_use_real_time():  # type: ignore[name-defined]  # noqa: F821
        return real_time_ns()  # type: ignore[name-defined]  # noqa: F821
    return _get_fake_monotonic_ns()  # type: ignore[name-defined]  # noqa: F821
