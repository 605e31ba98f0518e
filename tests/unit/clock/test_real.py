"""The clock of live mode: the system's time, forwards only, and to jump is to wait."""

from __future__ import annotations

import asyncio
import datetime as dt
import time

import pytest
from freezegun import freeze_time

from pytest_lambda_events.clock.real import RealClock, RealTime, is_frozen
from pytest_lambda_events.clock.virtual import VirtualClock


@pytest.fixture
def clock():
    return RealClock()


def test_it_is_the_systems_time(clock):
    """In whole milliseconds, to the millisecond."""
    before = time.time_ns() // 1_000_000
    now_ms = clock.now_ms
    after = time.time_ns() // 1_000_000

    assert before - 1 <= now_ms <= after + 1
    assert abs(clock.now() - dt.datetime.now(dt.timezone.utc)) < dt.timedelta(seconds=1)
    assert 0 <= clock.elapsed < 60
    assert clock.start_ms <= now_ms
    clock.enter()


def test_a_correction_of_the_systems_clock_moves_nothing(clock, monkeypatch):
    """It goes on from where it began."""
    before = clock.now_ms
    monkeypatch.setattr(time, "time_ns", lambda: 0)

    assert before <= clock.now_ms


def test_to_jump_is_to_wait_and_not_into_the_past(clock, monkeypatch):
    """A sleep that ends early is slept on."""
    slept = []
    passed = [0]
    began = time.monotonic_ns()

    def sleep(seconds):
        slept.append(seconds)
        passed[0] += int(seconds * 1e9) // 2 + 500_000

    monkeypatch.setattr(time, "monotonic_ns", lambda: began + passed[0])
    monkeypatch.setattr(time, "sleep", sleep)
    goal = clock.now_ms + 100
    clock.jump_to(goal)
    assert goal <= clock.now_ms
    assert 2 <= len(slept)
    slept.clear()
    clock.jump_to(goal - 50)
    assert [] == slept


def test_both_clocks_say_what_their_seconds_are():
    """Errors speak of virtual seconds only where they are."""
    assert ("seconds", "virtual seconds") == (RealClock.seconds, VirtualClock.seconds)


def test_a_handler_is_called_as_in_any_other_program():
    """But for a loop that runs already: it is hidden, and there again afterwards."""
    with RealTime().invocation(), RealTime().thawed():
        assert asyncio.run(asyncio.sleep(0, 1)) == 1

    async def test():
        task = asyncio.current_task()
        with RealTime().invocation():
            assert asyncio.run(asyncio.sleep(0, 2)) == 2
        assert asyncio.current_task() is task
        await asyncio.sleep(0)

    asyncio.run(test())


def test_frozen_time_is_noticed():
    """Whoever froze it."""
    assert not is_frozen()
    with freeze_time("2025-01-01"):
        assert is_frozen()
    assert not is_frozen()
