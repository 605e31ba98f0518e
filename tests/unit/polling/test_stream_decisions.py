"""The decisions of a stream's poller, one by one, as tables."""

from __future__ import annotations

from collections import Counter, deque
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.polling.backoff import delay_ms
from pytest_lambda_events.polling.bisect import Course, go_on
from pytest_lambda_events.polling.expiry import Gone, gone
from pytest_lambda_events.polling.lanes import Progress, Routes
from pytest_lambda_events.polling.windows import (
    LARGEST_STATE_BYTES,
    OpenWindow,
    closes_ms,
    is_too_large,
    start_of,
    state_in,
)

# -- backoff ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tries", "expected"),
    [(1, 200), (2, 400), (3, 800), (8, 25_600), (9, 51_200), (10, 60_000), (11, 60_000), (10_000, 60_000)],
)
def test_how_long_a_stream_waits(tries, expected) -> None:
    """0.2 s, doubling, a minute at most; and 10,000 tries make no huge number."""
    assert delay_ms(tries) == expected


# -- how a batch goes on ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "failed_from", "attempts", "retries", "bisects", "expected"),
    [
        pytest.param(4, None, 1, 0, True, Course("done"), id="success"),
        pytest.param(0, None, 1, 0, True, Course("done"), id="success of a final invocation"),
        pytest.param(4, 1, 9, 0, False, Course("suffix", 1), id="progress, though no attempt is left"),
        pytest.param(4, 3, 1, None, True, Course("suffix", 3), id="progress goes before bisect"),
        pytest.param(4, 0, 1, 1, True, Course("split", 2), id="split"),
        pytest.param(5, 0, 1, 1, True, Course("split", 2), id="the smaller half is the lower one"),
        pytest.param(2, 0, 1, 0, True, Course("split", 1), id="split without retries"),
        pytest.param(3, 0, 1, None, True, Course("split", 1), id="split with retries for ever"),
        pytest.param(1, 0, 1, 1, True, Course("retry"), id="one record cannot be split"),
        pytest.param(1, 0, 2, 1, True, Course("discard"), id="one record, used up"),
        pytest.param(0, 0, 1, 1, True, Course("retry"), id="nor can a final invocation"),
        pytest.param(0, 0, 2, 1, True, Course("discard"), id="a final invocation, used up"),
        pytest.param(4, 0, 1, 0, False, Course("discard"), id="no retries"),
        pytest.param(4, 0, 3, 3, False, Course("retry"), id="the last retry"),
        pytest.param(4, 0, 4, 3, False, Course("discard"), id="attempts are one more than retries"),
        pytest.param(4, 0, 10_000, None, False, Course("retry"), id="no end"),
    ],
)
def test_how_a_batch_goes_on(size, failed_from, attempts, retries, bisects, expected) -> None:
    """Every row of the table in `polling.bisect`."""
    assert expected == go_on(
        size=size, failed_from=failed_from, attempts=attempts, retry_attempts=retries, bisects=bisects
    )


@given(st.integers(1, 200), st.data())
def test_bisect_alone_ends_with_exactly_the_poisoned_records(size, data) -> None:
    """Whatever is poisoned: nothing else is given up, in order, with about 2·log2(n) invocations for each."""
    poisoned = data.draw(st.sets(st.integers(0, size - 1), max_size=5))
    work, discarded, done, calls = deque([range(size)]), [], [], 0
    while work:
        batch = work.pop()
        calls += 1
        failed_from = 0 if poisoned & set(batch) else None
        course = go_on(size=len(batch), failed_from=failed_from, attempts=1, retry_attempts=0, bisects=True)
        if course.kind == "split":
            work += [batch[course.at :], batch[: course.at]]
        else:
            {"done": done, "discard": discarded}[course.kind].extend(batch)
    assert discarded == sorted(poisoned)
    assert done == sorted(set(range(size)) - poisoned)
    assert calls <= 1 + 2 * len(poisoned) * size.bit_length()


# -- expiry -----------------------------------------------------------------------------------------------------------


class At(NamedTuple):
    arrival_ms: int


@pytest.mark.parametrize(
    ("arrivals", "now", "age", "expected"),
    [
        pytest.param([], 5_000, 60, Gone(0, 0), id="no records"),
        pytest.param([0, 1], 999, None, Gone(0, 0), id="within retention, without an age"),
        pytest.param([0, 1], 1_000, None, Gone(1, 0), id="retention ends at its moment"),
        pytest.param([0, 0, 1], 1_001, None, Gone(3, 0), id="all of them"),
        pytest.param([0, 1], 60, 60, Gone(0, 0), id="exactly the age is not older"),
        pytest.param([0, 0, 1], 61, 60, Gone(0, 2), id="only the head"),
        pytest.param([0, 1], 62, 60, Gone(0, 2), id="all too old"),
        pytest.param([0, 500, 960], 1_000, 60, Gone(1, 1), id="retention first, then age"),
        pytest.param([0, 500], 1_000, 5_000, Gone(1, 0), id="an age beyond retention"),
        pytest.param([0, 400], 1_400, 1_000, Gone(2, 0), id="both passed: the stream was first"),
    ],
)
def test_which_records_are_past_their_time(arrivals, now, age, expected) -> None:
    """With a retention of 1,000 ms."""
    assert gone([At(at) for at in arrivals], now, retention_ms=1_000, record_age_ms=age) == expected


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=30).map(sorted),
    st.integers(300, 600),
    st.integers(1, 400),
    st.none() | st.integers(0, 400),
)
def test_the_search_says_what_looking_at_each_would(arrivals, now, retention, age) -> None:
    """A record at a time."""
    records = [At(at) for at in arrivals]
    expired = [at for at in arrivals if now - at >= retention]
    aged = [at for at in arrivals if age is not None and now - at > age and now - at < retention]
    assert gone(records, now, retention_ms=retention, record_age_ms=age) == (len(expired), len(aged))


# -- windows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrival", "length", "expected"),
    [(0, 10_000, 0), (9_999, 10_000, 0), (10_000, 10_000, 10_000), (1_735_689_661_500, 60_000, 1_735_689_660_000)],
)
def test_windows_are_aligned_to_the_epoch(arrival, length, expected) -> None:
    """And chosen by the arrival."""
    assert start_of(arrival, length) == expected


def test_an_idle_window_closes_two_minutes_after_its_end() -> None:
    """Its end is its beginning and its length."""
    assert closes_ms(30_000, 10_000) == 160_000


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"state": {"n": 1}}, {"n": 1}),
        ({"state": {}}, {}),
        ({"state": {}, "batchItemFailures": []}, {}),
        ({"state": None}, None),
        ({"state": [1]}, None),
        ({"State": {}}, None),
        ({}, None),
        (None, None),
        ("state", None),
    ],
)
def test_which_state_a_response_hands_on(response, expected) -> None:
    """An object under `state`; None is a failed invocation."""
    assert state_in(response) == expected


def test_a_megabyte_of_state_is_not_too_large() -> None:
    """Measured in bytes of compact JSON; one more ends the window."""
    fits = {"n": "x" * (LARGEST_STATE_BYTES - len('{"n":""}'))}
    assert not is_too_large(fits)
    assert is_too_large({"n": fits["n"] + "x"})
    assert is_too_large({"n": "ß" * (LARGEST_STATE_BYTES // 2)})
    assert not is_too_large({"n": "ß" * ((LARGEST_STATE_BYTES - len('{"n":""}')) // 2)})
    assert not is_too_large({})
    assert not is_too_large({"n": "\ud800"})  # half a character: JSON can carry it


def test_a_window_begins_without_state() -> None:
    """{} first, never shared."""
    first, second = OpenWindow(0), OpenWindow(0)
    assert first.state == {}
    assert first.state is not second.state


# -- lanes ------------------------------------------------------------------------------------------------------------


def test_the_checkpoint_moves_only_over_a_gapless_prefix() -> None:
    """What has ended beyond a gap is remembered until the gap is closed."""
    progress = Progress(10)
    progress.end([11, 12, 14])
    assert (progress.checkpoint, progress.beyond) == (10, {11, 12, 14})
    assert [progress.has_ended(place) for place in (9, 10, 11, 13, 14)] == [True, False, True, False, True]
    progress.end([10])
    assert (progress.checkpoint, progress.beyond) == (13, {14})
    progress.end([13, 15])
    assert (progress.checkpoint, progress.beyond) == (16, set())


@pytest.mark.parametrize("places", [[9], [10, 10], [12], [10, 12]])
def test_nothing_ends_twice(places) -> None:
    """Before the checkpoint, behind it, or in the same breath."""
    progress = Progress(10)
    progress.end([12])
    with pytest.raises(ConservationError, match="ended twice"):
        progress.end(places)


@given(st.permutations(range(12)), st.integers(1, 4))
def test_in_whatever_order_records_end_the_checkpoint_is_the_first_that_has_not(order, chunk) -> None:
    """And at the end nothing is remembered."""
    progress, ended = Progress(0), set()
    for start in range(0, 12, chunk):
        places = order[start : start + chunk]
        progress.end(places)
        ended |= set(places)
        assert progress.checkpoint == min(set(range(13)) - ended)
        assert progress.beyond == {place for place in ended if place > progress.checkpoint}
    assert progress.beyond == set()


def test_a_key_keeps_its_lane_while_it_is_under_way() -> None:
    """A new one takes the emptiest, the first of several."""
    routes = Routes(3)
    assert [routes.enter(key) for key in ("a", "b", "a", "c", "d", "b", "a")] == [0, 1, 0, 2, 1, 1, 0]
    for key in ("a", "a", "a"):
        routes.leave(key)
    assert routes.enter("e") == 0
    assert routes.enter("a") == 0
    assert routes.enter("f") == 2


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=60), st.integers(1, 4))
def test_one_key_is_never_in_two_lanes(steps, lanes) -> None:
    """Whatever enters and leaves."""
    routes, where, many = Routes(lanes), {}, Counter()
    for enters, key in steps:
        if enters:
            lane = routes.enter(key)
            assert 0 <= lane < lanes
            assert not many[key] or where[key] == lane
            where[key] = lane
            many[key] += 1
        elif many[key]:
            routes.leave(key)
            many[key] -= 1
