"""The clock by itself: jumps, deadlines, whole milliseconds, clean numbers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.clock.virtual import parse_start, to_ms
from pytest_lambda_events.errors import ClockError, DeadlinePassed, UsageError

if TYPE_CHECKING:
    from pytest_lambda_events.clock.virtual import VirtualClock

START = 1_735_689_600_000


def test_a_jump_makes_its_moment_the_present_and_tells_the_listeners(clock: VirtualClock) -> None:
    """Listeners hear of each move, with the new time."""
    heard: list[int] = []
    clock.on_jump.append(heard.append)
    clock.jump_to(START + 5)
    assert (clock.now_ms, heard) == (START + 5, [START + 5])


def test_a_jump_to_the_present_is_no_move(clock: VirtualClock) -> None:
    """Nobody is told of time that did not pass."""
    heard: list[int] = []
    clock.on_jump.append(heard.append)
    clock.jump_to(START)
    assert heard == []


def test_the_clock_never_goes_backwards(clock: VirtualClock) -> None:
    """The error names both times, and the clock stays where it was."""
    with pytest.raises(ClockError, match=f"it is {START} ms since 1970 and was asked to be {START - 1}"):
        clock.jump_to(START - 1)
    assert clock.now_ms == START


@pytest.mark.parametrize("over", [0, 1, 60_000])
def test_a_sleep_that_reaches_the_deadline_ends_there(clock: VirtualClock, over: int) -> None:
    """Reaching it exactly counts as passing it, and no time passes beyond."""
    clock.deadline_ms = START + 3_000
    with pytest.raises(DeadlinePassed):
        clock.wait_until(START + 3_000 + over)
    assert clock.now_ms == START + 3_000


def test_a_sleep_short_of_the_deadline_is_an_ordinary_sleep(clock: VirtualClock) -> None:
    """The last millisecond before the Timeout still belongs to the function."""
    clock.deadline_ms = START + 3_000
    clock.sleep(2.999)
    assert clock.now_ms == START + 2_999


def test_after_the_deadline_every_sleep_ends_at_once(clock: VirtualClock) -> None:
    """A handler that swallows the first one gets no further."""
    clock.deadline_ms = START + 10
    clock.jump_to(START + 50)
    with pytest.raises(DeadlinePassed):
        clock.sleep(0)
    assert clock.now_ms == START + 50


def test_waiting_for_the_past_takes_no_time(clock: VirtualClock) -> None:
    """As a sleep until a moment that has gone by."""
    clock.wait_until(START - 1_000)
    assert clock.now_ms == START


@pytest.mark.parametrize(
    ("seconds", "milliseconds"),
    [(0, 0), (0.0001, 1), (0.001, 1), (0.0011, 2), (1, 1_000), (0.1 + 0.2, 300), (1e-9, 0), (900, 900_000)],
)
def test_a_length_is_rounded_up_to_a_millisecond(seconds: float, milliseconds: int) -> None:
    """But not because of the hair by which 0.1 + 0.2 is more than 0.3."""
    assert to_ms(seconds) == milliseconds


@pytest.mark.parametrize("seconds", [-1, -0.001, float("nan"), float("-inf")])
def test_a_length_is_0_seconds_or_more(seconds: float) -> None:
    """Everything else is a mistake, and named."""
    with pytest.raises(UsageError, match="must be 0 seconds or more, not"):
        to_ms(seconds)


def test_elapsed_is_a_clean_number(clock: VirtualClock) -> None:
    """Three tenths are 0.3, not 0.30000000000000004."""
    for _ in range(3):
        clock.advance(0.1)
    assert clock.elapsed == 0.3


def test_now_is_aware_and_in_utc(clock: VirtualClock) -> None:
    """So that it can be compared with what AWS's clients return."""
    clock.advance(1.5)
    assert clock.now() == dt.datetime(2025, 1, 1, 0, 0, 1, 500_000, tzinfo=dt.timezone.utc)


def test_every_public_operation_looks_at_the_users_freeze_first(clock: VirtualClock) -> None:
    """`advance`, `elapsed` and `now` are entries."""
    entries: list[int] = []
    clock.before_entry = lambda: entries.append(clock.now_ms)
    clock.advance(1)
    _ = clock.elapsed
    clock.now()
    assert entries == [START, START + 1_000, START + 1_000]


@pytest.mark.parametrize(
    "start",
    [
        "2025-01-01T00:00:00Z",
        "2025-01-01T00:00:00",
        "2025-01-01",
        "2025-01-01 01:00:00+01:00",
        dt.datetime(2025, 1, 1),
        dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc),
        dt.datetime(2024, 12, 31, 19, tzinfo=dt.timezone(-dt.timedelta(hours=5))),
    ],
)
def test_a_start_is_iso_text_or_a_datetime_in_utc_unless_it_says_otherwise(start: str | dt.datetime) -> None:
    """All these are the same moment."""
    assert parse_start(start) == START


def test_a_start_keeps_its_milliseconds() -> None:
    """And drops what is finer."""
    assert parse_start("2025-01-01T00:00:00.123999") == START + 123


def test_a_start_that_is_no_time_is_refused_with_an_example() -> None:
    """The error quotes what was given."""
    with pytest.raises(UsageError, match=r"start='tomorrow' .* write it like 2025-01-01T00:00:00Z"):
        parse_start("tomorrow")


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2025-01-01", 0),
        ("2025-01-01T00:00:01.5Z", 1_500),
        ("2025-01-01T00:00:01.25+00:00", 1_250),
        ("2025-01-01T01:00:00.123456789+01:00", 123),
    ],
)
def test_a_moment_may_have_any_number_of_decimals(text: str, ms: int) -> None:
    """Also on Python 3.10, which reads three or six only; what is finer than a millisecond does not count."""
    assert parse_start(text) == START + ms
