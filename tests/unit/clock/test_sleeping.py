"""`time.sleep` passes virtual time for the test and its handler, and real time for everybody else."""

from __future__ import annotations

import sys
import threading
import time
import types
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from time import sleep as snooze
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from pytest_lambda_events.clock.sleeping import real_sleep
from pytest_lambda_events.errors import DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.clock.travel import Travel
    from pytest_lambda_events.clock.virtual import VirtualClock


def _in_thread(function: Callable[[], object]) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def test_sleep_moves_the_clock_under_every_name(travel: Travel, clock: VirtualClock) -> None:
    """Rounded up to a millisecond."""
    time.sleep(86_400)
    sleep(0.0001)
    snooze(1)
    assert clock.elapsed == 86_401.001


def test_sleep_is_real_again_afterwards(
    clock: VirtualClock, new_travel: Callable[[], Travel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every module, also one made while time was virtual."""
    travel = new_travel()
    travel.start()
    module = types.ModuleType("made_meanwhile")
    monkeypatch.setitem(sys.modules, "made_meanwhile", module)
    exec("from time import sleep as nap; import datetime; kind = datetime.datetime", module.__dict__)  # noqa: S102
    travel.stop()
    assert [time.sleep, sleep, snooze, module.nap] == [real_sleep()] * 4
    assert type(module.kind) is type


def test_a_module_is_searched_again_when_its_globals_change(
    clock: VirtualClock, new_travel: Callable[[], Travel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second start remembers what the first one found, and sees what is new."""
    module = types.ModuleType("changing")
    monkeypatch.setitem(sys.modules, "changing", module)
    module.sleep = mock.Mock()  # type: ignore[attr-defined]
    for name in ("first", "second", "sleep"):
        setattr(module, name, real_sleep())
        travel = new_travel()
        travel.start()
        assert getattr(module, name) is time.sleep is not real_sleep()
        travel.stop()
        assert getattr(module, name) is real_sleep()


def test_what_is_no_length_of_time_gets_the_error_of_time_sleep(travel: Travel, clock: VirtualClock) -> None:
    """Word for word, since a test may expect it."""
    with pytest.raises(ValueError, match="sleep length must be non-negative"):
        time.sleep(-1)
    with pytest.raises(ValueError, match="NaN"):
        time.sleep(float("nan"))
    with pytest.raises(TypeError):
        time.sleep("1")  # type: ignore[arg-type]
    assert clock.elapsed == 0


def test_sleep_does_not_turn_into_a_method(travel: Travel, clock: VirtualClock) -> None:
    """A builtin in a class body does not, and some classes rely on it."""

    class Job:
        pause = time.sleep

    Job().pause(2)
    assert clock.elapsed == 2


def test_a_sleep_kept_from_before_is_real_after_the_end(clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """What was picked up while time was virtual still works."""
    travel = new_travel()
    travel.start()
    kept = time.sleep
    travel.stop()
    kept(0)
    assert clock.elapsed == 0


def test_a_sleep_stops_at_the_deadline(travel: Travel, clock: VirtualClock) -> None:
    """And the handler cannot swallow it by `except Exception`."""
    clock.deadline_ms = clock.now_ms + 3_000
    with travel.invocation(), pytest.raises(DeadlinePassed):
        time.sleep(60)
    assert clock.elapsed == 3


def test_threads_of_a_handler_sleep_virtually_one_after_another(travel: Travel, clock: VirtualClock) -> None:
    """Their sleeps add up; so do those of the threads that they start in turn."""
    with travel.invocation():
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(time.sleep, [1, 2, 3]))
        _in_thread(lambda: _in_thread(lambda: time.sleep(4)))
    assert clock.elapsed == 10


def test_a_pool_kept_in_a_module_sleeps_virtually_in_every_invocation(
    clock: VirtualClock, new_travel: Callable[[], Travel]
) -> None:
    """Its threads outlive the invocation, and the harness, that they were born in."""
    with ThreadPoolExecutor(1) as pool:
        for _ in range(2):
            travel = new_travel()
            travel.start()
            with travel.invocation():
                pool.submit(time.sleep, 5).result()
            travel.stop()
    assert clock.elapsed == 10


def test_threads_of_nobodys_handler_sleep_for_real(travel: Travel, clock: VirtualClock) -> None:
    """One of the test's, one from before, and one of a handler's after its end: none of them drives time."""
    go, leftover_go = threading.Event(), threading.Event()

    def nap(until: threading.Event) -> None:
        until.wait()
        time.sleep(0.001)

    watcher = threading.Thread(target=nap, args=(go,))
    watcher.start()
    leftover = threading.Thread(target=nap, args=(leftover_go,))
    with travel.invocation():
        leftover.start()
        go.set()
        watcher.join()
    leftover_go.set()
    leftover.join()
    assert clock.elapsed == 0


def test_the_thread_that_runs_the_handler_sleeps_virtually(travel: Travel, clock: VirtualClock) -> None:
    """Whichever that is: a run may be started from a worker of the test's."""

    def run() -> None:
        with travel.invocation():
            time.sleep(7)

    _in_thread(run)
    assert clock.elapsed == 7


def test_a_thread_ends_in_silence_at_the_deadline(travel: Travel, clock: VirtualClock) -> None:
    """AWS freezes it; pytest would warn of an exception that nobody caught."""
    clock.deadline_ms = clock.now_ms + 3_000
    went_on: list[bool] = []

    def work() -> None:
        time.sleep(60)
        went_on.append(True)

    with travel.invocation():
        _in_thread(work)
        with ThreadPoolExecutor(1) as pool, pytest.raises(DeadlinePassed):
            pool.submit(time.sleep, 1).result()
    assert (went_on, clock.elapsed) == ([], 3)


def test_waiting_for_a_process_or_a_person_is_real(travel: Travel, clock: VirtualClock) -> None:
    """`subprocess` and debuggers sleep in loops, which would burn virtual time."""
    namespace = {"__name__": "pydevd", "sleep": time.sleep}
    exec("sleep(0)", namespace)  # noqa: S102
    exec("sleep(0.001)", namespace)  # noqa: S102
    assert clock.elapsed == 0


def test_a_mock_of_the_users_stays(clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """Who replaced `time.sleep` meant it."""
    with mock.patch("time.sleep") as theirs:
        travel = new_travel()
        travel.start()
        time.sleep(5)
        travel.stop()
        assert time.sleep is theirs
    assert (theirs.call_count, clock.elapsed) == (1, 0)
