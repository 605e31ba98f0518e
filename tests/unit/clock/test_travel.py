"""datetime and time follow the clock while it is projected on the world, and nothing is left of that afterwards."""

from __future__ import annotations

import asyncio
import copy
import copyreg
import datetime as dt
import importlib
import pickle
import queue
import subprocess
import sys
import threading
import time
import types
from datetime import datetime
from time import monotonic_ns, perf_counter, time_ns
from time import time as now
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import api

from pytest_lambda_events.clock import reading
from pytest_lambda_events.errors import ClockError, ClockStuck

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.clock.travel import Travel
    from pytest_lambda_events.clock.virtual import VirtualClock

UTC = dt.timezone.utc


def _world() -> list[Any]:
    """Everything that a harness touches, to be compared by identity."""
    bootstrap = importlib._bootstrap  # type: ignore[attr-defined]
    base = asyncio.base_events.BaseEventLoop
    here = sys.modules[__name__]
    return [
        *(getattr(time, name) for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "sleep")),
        *(getattr(here, name) for name in ("datetime", "now", "time_ns", "monotonic_ns", "perf_counter")),
        *(dt.datetime, dt.date, asyncio.new_event_loop, asyncio.events.new_event_loop, base.time, base.run_forever),
        *(bootstrap._find_and_load, bootstrap._exec, threading.Thread.start, api.fake_time_ns.__code__),
        *(copyreg.dispatch_table.get(api.real_datetime), copyreg.dispatch_table.get(api.real_date)),
        *map(list, (api.freeze_factories, api.ignore_lists, api.tick_flags, api.tz_offsets)),
    ]


def _spin(end: float) -> None:
    while time.monotonic() < end:
        pass


def _same(one: list[Any], other: list[Any]) -> bool:
    return all(a is b or (isinstance(a, list) and a == b) for a, b in zip(one, other, strict=True))


def test_every_clock_of_python_follows_the_virtual_one(travel: Travel, clock: VirtualClock) -> None:
    """By module attribute and by a name imported earlier, to the millisecond."""
    for jump in (0, 1, 999, 123_457, 7 * 86_400_000):
        clock.jump_to(clock.now_ms + jump)
        moment = dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=clock.now_ms)
        assert (dt.datetime.utcnow(), datetime.now(UTC)) == (moment, moment.replace(tzinfo=UTC))
        assert [time.time_ns(), time_ns(), time.monotonic_ns(), monotonic_ns()] == [clock.now_ms * 1_000_000] * 4
        for read in (time.time, now, time.monotonic, time.perf_counter, perf_counter):
            assert round(read() * 1_000) == clock.now_ms


def test_nothing_is_left_after_the_end(clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """Functions, module globals, import system, asyncio, threads, freezegun's lists: all as before, by identity."""
    before = _world()
    travel = new_travel()
    travel.start()
    assert not _same(before, _world())
    travel.stop()
    assert _same(before, _world())
    assert (clock.before_entry, clock.on_jump) == (None, [])


def test_stopping_twice_or_before_starting_does_nothing(clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """A harness may stop what it is not sure of."""
    before = _world()
    travel = new_travel()
    travel.stop()
    travel.start()
    travel.stop()
    travel.stop()
    assert _same(before, _world())


def test_it_starts_again_after_a_stop(clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """At the clock's present."""
    travel = new_travel()
    for _ in range(2):
        travel.start()
        time.sleep(5)
        travel.stop()
    assert clock.elapsed == 10


@pytest.mark.parametrize("broken", ["project_on_asyncio", "guard_imports", "_make_time_ns_exact"])
def test_a_start_that_fails_half_way_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, new_travel: Callable[[], Travel], broken: str
) -> None:
    """Whatever part it fails in."""
    before = _world()

    def fail(*_: object) -> None:
        raise RuntimeError(broken)

    monkeypatch.setattr(f"pytest_lambda_events.clock.travel.{broken}", fail)
    with pytest.raises(RuntimeError, match=broken):
        new_travel().start()
    assert _same(before, _world())


def test_a_freeze_that_fails_half_way_leaves_nothing(
    clock: VirtualClock, new_travel: Callable[[], Travel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then freezegun has replaced `datetime`, and not yet noted how to go back."""
    before = _world()
    with monkeypatch.context() as patch:
        patch.setattr(api, "fake_strftime", None)
        with pytest.raises(AttributeError):
            new_travel().start()
    assert _same(before, _world())


def test_only_one_at_a_time(travel: Travel, clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """A second harness would be a second clock."""
    with pytest.raises(ClockError, match="another harness is active"):
        new_travel().start()
    time.sleep(1)
    assert clock.elapsed == 1


def test_datetimes_pickle_and_copy(travel: Travel) -> None:
    """Frozen ones stay equal to themselves, and real ones made before can be compared with them."""
    moment = datetime.now(UTC)
    assert pickle.loads(pickle.dumps(moment)) == moment == copy.deepcopy(moment)  # noqa: S301


def test_a_worker_thread_sees_virtual_time(travel: Travel, clock: VirtualClock) -> None:
    """Also in a shallow frame right under `threading`, where freezegun would show real time."""
    seen: list[float] = []
    clock.advance(3_600)
    thread = threading.Thread(target=lambda: seen.extend([time.time(), datetime.now(UTC).timestamp(), now()]))
    thread.start()
    thread.join()
    assert seen == [clock.now_ms / 1000] * 3


def test_waits_of_threads_take_real_time_and_end(travel: Travel, clock: VirtualClock) -> None:
    """Timeouts of Event.wait, Queue.get, Condition.wait_for and subprocess do not depend on the virtual clock."""
    assert not threading.Event().wait(0.001)
    with pytest.raises(queue.Empty):
        queue.Queue[int]().get(timeout=0.001)
    condition = threading.Condition()
    with condition:
        assert not condition.wait_for(lambda: False, 0.001)
    done = subprocess.run([sys.executable, "-c", ""], check=True, timeout=600)
    assert (done.returncode, clock.elapsed) == (0, 0)


def test_a_loop_that_waits_for_the_clock_is_stopped(
    travel: Travel, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an invocation, with a word on what to do; reads before it do not count."""
    monkeypatch.setattr(reading, "READS_BEFORE_STUCK", 1_000)
    for _ in range(3_000):
        time.monotonic()
    end = time.monotonic() + 1
    with travel.invocation(), pytest.raises(ClockStuck, match=r"time\.sleep\(\)"):
        _spin(end)
    assert clock.elapsed == 0


def test_a_loop_that_sleeps_may_read_the_clock_for_ever(
    travel: Travel, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The count begins again whenever time has moved, and with each invocation."""
    monkeypatch.setattr(reading, "READS_BEFORE_STUCK", 10)
    for _ in range(2):
        with travel.invocation():
            end = time.monotonic() + 1
            while time.monotonic() < end:
                time.sleep(0.01)
    assert clock.elapsed == 2
    for _ in range(20):
        with travel.invocation():
            time.time()


def test_lazy_modules_are_not_woken(
    clock: VirtualClock, new_travel: Callable[[], Travel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search for `sleep` does not ask a module's `__getattr__`, and anything may be in sys.modules."""
    module = types.ModuleType("lazy_module")
    asked: list[str] = []
    module.__getattr__ = asked.append  # type: ignore[method-assign]
    monkeypatch.setitem(sys.modules, "lazy_module", module)
    monkeypatch.setitem(sys.modules, "no_module", None)
    travel = new_travel()
    travel.start()
    travel.stop()
    assert "sleep" not in asked


def test_a_module_that_changed_is_frozen_as_it_is_now(
    clock: VirtualClock, new_travel: Callable[[], Travel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starts remember what freezegun found; a freeze of the user's in between, or a new module, does not confuse it."""
    for names in (("now",), ("now", "later"), ("later",)):
        module = types.ModuleType("changing_clocks")
        monkeypatch.setitem(sys.modules, "changing_clocks", module)
        for kept in (names, (*names, "more")):
            for name in kept:
                setattr(module, name, api.real_time)
            for _ in range(2):
                travel = new_travel()
                travel.start()
                assert [getattr(module, name)() for name in kept] == [clock.now_ms / 1000] * len(kept)
                travel.stop()
            with api.freeze_time("2024-01-01"):
                assert {getattr(module, name)() for name in kept} == {1_704_067_200}
            assert all(getattr(module, name) is api.real_time for name in kept)
            assert {name for name in vars(module) if not name.startswith("_")} == set(kept)


def test_durations_of_pytest_stay_real(pytester: pytest.Pytester) -> None:
    """A week of virtual time in a test is no week in the report."""
    pytester.makeconftest(
        """
        import pytest
        from pytest_lambda_events.clock.travel import Travel
        from pytest_lambda_events.clock.virtual import VirtualClock

        def pytest_runtest_logreport(report):
            assert 0 <= report.duration < 3600, report

        @pytest.fixture
        def travel():
            travel = Travel(VirtualClock(1_735_689_600_000))
            travel.start()
            yield travel
            travel.stop()

        @pytest.fixture
        def frozen():
            from freezegun import freeze_time
            with freeze_time("2025-01-01"):
                yield
        """
    )
    pytester.makepyfile(
        """
        import time

        def test_week(travel):
            time.sleep(7 * 86_400)

        def test_week_in_a_freeze_of_the_users(travel):
            from freezegun import freeze_time
            with freeze_time("2025-02-01"):
                time.sleep(7 * 86_400)
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:asyncio")
    result.assert_outcomes(passed=2)
