"""The user's own freeze and the virtual clock are one, whichever came first."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

import pytest
from freezegun import api, freeze_time

from pytest_lambda_events.clock import reading
from pytest_lambda_events.clock.virtual import parse_start
from pytest_lambda_events.errors import ClockError, ClockStuck

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.clock.travel import Travel
    from pytest_lambda_events.clock.virtual import VirtualClock


UTC = dt.timezone.utc


def _spin(end: float) -> None:
    while time.time() < end:
        pass


def _at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_freeze_before_ours_sets_the_start_and_is_driven(
    clock: VirtualClock, new_travel: Callable[[], Travel]
) -> None:
    """No second freeze is pushed, and the user's own object shows the clock's time."""
    with freeze_time("2024-03-01T12:00:00") as frozen:
        travel = new_travel()
        travel.start()
        assert (clock.start_ms, clock.now_ms) == (parse_start("2024-03-01T12:00:00"),) * 2
        time.sleep(90)
        assert len(api.freeze_factories) == 1
        assert dt.datetime.now(UTC) == _at("2024-03-01T12:01:30")
        assert frozen() == dt.datetime(2024, 3, 1, 12, 1, 30)
        travel.stop()
        assert type(frozen) is api.FrozenDateTimeFactory
        assert "threading" in api.ignore_lists[-1]
        clock.jump_to(clock.now_ms + 1_000)
        assert frozen() == dt.datetime(2024, 3, 1, 12, 1, 30)
    assert dt.datetime is api.real_datetime


def test_a_later_freeze_carries_the_clock_forward(travel: Travel, clock: VirtualClock) -> None:
    """At the next look; it is driven from then on, and when it ends time stays where it was brought."""
    with freeze_time("2025-06-01"):
        assert clock.now() == _at("2025-06-01")
        time.sleep(10)
        assert dt.datetime.now(UTC) == _at("2025-06-01T00:00:10")
    assert dt.datetime.now(UTC) == _at("2025-06-01T00:00:10")
    clock.advance(5)
    assert dt.datetime.now(UTC) == clock.now() == _at("2025-06-01T00:00:15")


def test_a_freeze_begun_before_anything_happened_sets_the_start(travel: Travel, clock: VirtualClock) -> None:
    """`@freeze_time` on a test begins after the fixtures; it may lie in the past, and is second 0 either way."""
    travel.untouched = lambda: clock.elapsed == 0
    for text in ("2020-06-01", "2030-06-01"):
        with freeze_time(text) as frozen:
            assert (clock.now(), clock.elapsed) == (_at(text), 0)
            assert dt.datetime.now(UTC) == _at(text)
            frozen.move_to("2019-01-01")
            assert (clock.now(), clock.elapsed) == (_at("2019-01-01"), 0)


def test_a_freeze_that_goes_backwards_is_refused(travel: Travel, clock: VirtualClock) -> None:
    """With both times, and what to do; afterwards the clock is as before."""
    travel.untouched = lambda: clock.elapsed == 0
    clock.advance(1)
    with (
        freeze_time("2024-12-31"),
        pytest.raises(ClockError, match=r"from 2025-01-01T00:00:01Z to 2024-12-31T00:00:00Z.*virtual_clock\.advance"),
    ):
        clock.advance(1)
    assert clock.elapsed == 1


def test_moving_a_joined_freeze_backwards_is_refused(travel: Travel, clock: VirtualClock) -> None:
    """Each time one looks, until it is at a moment that has not passed."""
    with freeze_time("2025-06-01") as frozen:
        clock.advance(1)
        frozen.move_to("2025-05-31")
        for _ in range(2):
            with pytest.raises(ClockError, match="cannot be undone"):
                clock.now()
        frozen.move_to("2025-06-02")
        assert clock.now() == _at("2025-06-02")


def test_what_the_user_does_to_a_freeze_is_seen_as_time_that_passed(
    clock: VirtualClock, new_travel: Callable[[], Travel]
) -> None:
    """`tick` and `move_to`, before or after our start, also when the next thing is a sleep."""
    with freeze_time("2025-06-01T00:00:00.000123") as frozen:
        travel = new_travel()
        travel.start()
        frozen.tick(30)
        assert clock.elapsed == 30
        assert frozen().microsecond == 123
        frozen.tick(dt.timedelta(seconds=30))
        time.sleep(5)
        assert clock.elapsed == 65
        frozen.move_to("2025-06-01T00:02:00")
        assert clock.elapsed == 120
        travel.stop()


def test_freezes_inside_freezes(clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """Time stays at the present when an inner one ends, also when the outer one had begun before us."""
    with freeze_time("2025-06-01") as outer:
        with freeze_time("2025-06-02"):
            travel = new_travel()
            travel.start()
            assert clock.now() == _at("2025-06-02")
            with freeze_time("2025-06-03"):
                assert clock.now() == _at("2025-06-03")
                clock.advance(1)
            clock.advance(1)
        assert clock.now() == _at("2025-06-03T00:00:02")
        assert outer() == dt.datetime(2025, 6, 3, 0, 0, 2)
        outer.tick(1)
        assert clock.elapsed == 86_403
        travel.stop()


def test_time_stays_virtual_when_a_freeze_from_before_ends(
    clock: VirtualClock, new_travel: Callable[[], Travel]
) -> None:
    """Then a freeze of ours begins at the clock's present."""
    theirs = freeze_time("2025-06-01")
    theirs.start()
    travel = new_travel()
    travel.start()
    clock.advance(60)
    theirs.stop()
    assert clock.now() == _at("2025-06-01T00:01:00") == dt.datetime.now(UTC)
    time.sleep(1)
    assert dt.datetime.now(UTC) == _at("2025-06-01T00:01:01")
    travel.stop()
    assert dt.datetime is api.real_datetime
    assert api.freeze_factories == []


@pytest.mark.parametrize(("options", "named"), [({"tick": True}, "tick=True"), ({"auto_tick_seconds": 5}, "auto_tick")])
def test_a_freeze_that_moves_by_itself_is_refused(
    clock: VirtualClock, new_travel: Callable[[], Travel], options: dict[str, bool], named: str
) -> None:
    """Before our start and after it; nothing is left of a start that was refused."""
    with freeze_time("2025-06-01", **options):
        with pytest.raises(ClockError, match=f"{named}.*use freeze_time without it"):
            new_travel().start()
        assert type(time.sleep) is type(time.get_clock_info)
    assert clock.now_ms == clock.start_ms == parse_start("2025-01-01")
    travel = new_travel()
    travel.start()
    with freeze_time("2025-06-01", **options), pytest.raises(ClockError, match=named):
        clock.advance(1)
    travel.stop()


def test_a_freeze_left_over_at_the_end_is_named(clock: VirtualClock, new_travel: Callable[[], Travel]) -> None:
    """All is cleaned up, and the error says that freezes end in reverse order."""
    travel = new_travel()
    travel.start()
    theirs = freeze_time("2025-06-01")
    theirs.start()
    clock.enter()
    with pytest.raises(ClockError, match="2025-06-01T00:00:00Z; freezes end in the reverse order"):
        travel.stop()
    assert dt.datetime is api.real_datetime
    assert api.freeze_factories == []
    assert type(time.sleep) is type(time.get_clock_info)
    with freeze_time("2025-07-01"):
        assert dt.datetime.now(UTC) == _at("2025-07-01")
    assert dt.datetime is api.real_datetime


def test_a_loop_that_waits_is_stopped_in_a_joined_freeze_too(
    travel: Travel, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it is the user's factory that is read."""
    monkeypatch.setattr(reading, "READS_BEFORE_STUCK", 1_000)
    with freeze_time("2025-06-01"):
        clock.enter()
        end = time.time() + 1
        with travel.invocation(), pytest.raises(ClockStuck):
            _spin(end)
