"""Virtual time in columns: nice steps, breaks where nothing happens, wide moments, and never backwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.report.terminal.axis import axis_of

if TYPE_CHECKING:
    from pytest_lambda_events.report.terminal.axis import Axis

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def drawn(axis: Axis) -> list[str]:
    return [axis.labels(200), axis.ruler()]


@pytest.mark.parametrize(
    ("moments", "labels"),
    [
        pytest.param([0, 1, 2, 3], ["0 s", "0.001 s", "0.002 s", "0.003 s"], id="milliseconds"),
        pytest.param([0, 30 * SECOND, 90 * SECOND], ["0 s", "30 s", "60 s", "90 s"], id="seconds"),
        pytest.param([0, 5 * MINUTE, 20 * MINUTE], ["0 s", "5 min", "10 min", "15 min", "20 min"], id="minutes"),
        pytest.param([0, 12 * HOUR], ["0 s", "2 h", "4 h", "6 h", "8 h", "10 h", "12 h"], id="hours"),
        pytest.param([0, 4 * DAY], ["0 s", "1 d", "2 d", "3 d", "4 d"], id="days"),
        pytest.param([0, 14 * DAY], ["0 s", "2 d", "4 d", "6 d", "8 d", "10 d", "12 d", "14 d"], id="two-weeks"),
        pytest.param([0, 4000 * DAY], ["0 s", "4000 d"], id="years"),
        pytest.param([7 * SECOND], ["7 s"], id="one-moment"),
        pytest.param([HOUR, HOUR + SECOND], ["1 h", "+0.2 s", "+0.4 s", "+0.6 s", "+0.8 s", "+1 s"], id="begins-late"),
        pytest.param([90 * MINUTE], ["1 h 30 min"], id="two-units"),
        pytest.param([DAY + HOUR + SECOND], ["90001 s"], id="many-units"),
    ],
)
def test_ticks(moments, labels):
    """They fall on what happens where that is possible."""
    shown = axis_of(moments, {}, 50).labels(200)

    assert re.split(" {2,}", shown) == labels


def test_equal_times_are_equal_distances():
    axis = axis_of([0, 30 * SECOND, 60 * SECOND, 90 * SECOND], {}, 50)

    assert [axis.column(30 * SECOND * number) for number in range(4)] == [0, 16, 32, 48]
    assert drawn(axis) == [
        "0 s             30 s            60 s            90 s",
        "|---------------|---------------|---------------|",
    ]


def test_time_without_anything_is_left_out():
    """Where that tells moments apart; ticks then count from where it goes on."""
    burst = [0, 5 * SECOND, 10 * SECOND]
    axis = axis_of([*burst, *(DAY + one for one in burst)], {}, 50)

    assert drawn(axis) == [
        "0 s       5 s          1 d       +5 s      +10 s",
        "|---------|---------|//|---------|---------|",
    ]


def test_a_backoff_is_not_broken():
    """Each wait is twice as long as the one before, and looks like it."""
    moments = [0, *(2**number * 100 for number in range(12))]

    assert axis_of(moments, {}, 40).broken() == {}


def test_what_is_left_out_is_most_of_the_time():
    assert axis_of([0, 1, 2, 3, 4, 30, 31, 32, 33, 60, 61, 62, 63], {}, 14).broken() == {}


def test_a_moment_is_as_wide_as_what_happens_in_it():
    axis = axis_of([0, 10 * SECOND], {0: 3, 10 * SECOND: 1}, 30)

    assert [axis.column(0, beat) for beat in range(5)] == [0, 1, 2, 2, 2]
    assert axis.column(SECOND) > axis.column(0, 2)
    assert axis.ruler().startswith("|__-")


def test_wide_moments_leave_room_for_time():
    beats = {number * SECOND: 5 for number in range(20)}
    axis = axis_of(beats, beats, 40)

    assert axis.width <= 40
    assert "_" not in axis.ruler()


@given(
    st.lists(st.one_of(st.integers(0, 50), st.integers(0, 20 * DAY)), min_size=1, max_size=60, unique=True),
    st.integers(1, 5),
    st.integers(12, 150),
)
def test_whatever_the_moments_are(moments, most_beats, room):
    """Later is never further left, nothing is outside, and the same is drawn again."""
    moments.sort()
    beats = {moment: 1 + place % most_beats for place, moment in enumerate(moments)}
    axis = axis_of(moments, beats, room)
    columns = [axis.column(moment, beat) for moment in moments for beat in range(beats[moment])]

    assert columns == sorted(columns)
    assert 0 <= columns[0]
    assert columns[-1] < axis.width <= room
    assert len(axis.ruler()) == axis.width
    assert len(axis.labels(room)) <= room
    assert drawn(axis) == drawn(axis_of(moments, beats, room))
