"""When a batch goes and how much goes with it: the rules of `polling.batching`, one line per row."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.polling.batching import PAYLOAD_LIMIT_BYTES, due_at, fits

ENVELOPE = '{"Records":[]}'


def test_the_payload_limit_is_six_mebibytes() -> None:
    """6 MB means 6,291,456 bytes."""
    assert PAYLOAD_LIMIT_BYTES == 6 * 1024 * 1024


@pytest.mark.parametrize(
    ("sizes", "overhead", "batch_size", "limit", "expected"),
    [
        pytest.param([], 14, 10, 1000, 0, id="nothing held"),
        pytest.param([5, 5], 14, 10, 1000, 2, id="fewer than a batch"),
        pytest.param([5] * 11, 14, 10, 1000, 10, id="more than a batch"),
        pytest.param([5] * 11, 14, 1, 1000, 1, id="batches of one"),
        pytest.param([10, 10, 10], 0, 10, 32, 3, id="exactly the limit, two commas included"),
        pytest.param([10, 10, 10], 0, 10, 31, 2, id="one byte over: the last waits"),
        pytest.param([10, 10, 10], 0, 10, 21, 2, id="two are exactly the limit"),
        pytest.param([10, 10, 10], 0, 10, 20, 1, id="two are one byte over"),
        pytest.param([10, 10, 10], 0, 10, 30, 2, id="without the commas it would have fitted"),
        pytest.param([10, 10, 10], 2, 10, 34, 3, id="envelope included, exactly"),
        pytest.param([10, 10, 10], 3, 10, 34, 2, id="envelope one byte too many"),
        pytest.param([10, 10, 10], 0, 2, 21, 2, id="records past BatchSize do not weigh"),
        pytest.param([50, 1], 0, 10, 40, 1, id="a single record too large is the caller's to handle"),
        pytest.param([50, 1], 0, 10, 51, 1, id="the comma is what makes it too much"),
        pytest.param([1, 50, 1], 0, 10, 40, 1, id="a large record is not skipped over"),
    ],
)
def test_how_many_records_fit(sizes: list[int], overhead: int, batch_size: int, limit: int, expected: int) -> None:
    """A batch ends at BatchSize or before the byte that would pass the limit, whichever comes first."""
    assert fits(sizes, overhead, batch_size, limit) == expected


def test_the_default_limit_is_the_payload_limit() -> None:
    """Without a limit given, 6 MB is the limit."""
    half = PAYLOAD_LIMIT_BYTES // 2
    assert fits([half - 14, half - 1], 14, 10) == 2
    assert fits([half - 13, half - 1], 14, 10) == 1


texts = st.lists(st.text(max_size=20).map(json.dumps), min_size=1, max_size=30)


@given(texts, st.integers(1, 40), st.integers(0, 400))
def test_what_fits_is_the_longest_prefix_within_the_limits(texts: list[str], batch_size: int, limit: int) -> None:
    """Measured on the real text: never over the limit or BatchSize unless it is one record, and one more would be."""

    def event_bytes(count: int) -> int:
        return len(f'{{"Records":[{",".join(texts[:count])}]}}'.encode())

    count = fits([len(text.encode()) for text in texts], len(ENVELOPE), batch_size, limit)

    assert 1 <= count <= min(batch_size, len(texts))
    assert count == 1 or event_bytes(count) <= limit
    assert count == min(batch_size, len(texts)) or event_bytes(count + 1) > limit


@pytest.mark.parametrize(
    ("held", "first", "full", "window", "window_from", "expected"),
    [
        pytest.param(0, None, False, 0, 0, None, id="nothing held, no window"),
        pytest.param(0, None, False, 5_000, 0, None, id="nothing held, a window"),
        pytest.param(0, 700, True, 5_000, 0, None, id="nothing held any more"),
        pytest.param(1, 700, False, 0, 200, 700, id="no window: as soon as the first is there"),
        pytest.param(9, 700, False, 5_000, 200, 5_200, id="the window runs from window_from, not from the first"),
        pytest.param(1, 90_000, False, 5_000, 200, 90_000, id="after idleness a lone record goes at once"),
        pytest.param(1, 5_200, False, 5_000, 200, 5_200, id="a record that comes as the window ends goes then"),
        pytest.param(10, 700, False, 5_000, 200, 700, id="BatchSize reached"),
        pytest.param(11, 700, False, 5_000, 200, 700, id="more than BatchSize"),
        pytest.param(2, 700, True, 5_000, 200, 700, id="payload limit reached"),
        pytest.param(10, 700, False, 5_000, 900, 900, id="full, but not before the window begins"),
        pytest.param(1, 700, False, 0, 900, 900, id="no window, but not before the previous invocation ended"),
        pytest.param(1, 0, False, 0, 0, 0, id="moment zero is a moment"),
    ],
)
def test_when_a_batch_goes(
    held: int, first: int | None, full: bool, window: int, window_from: int, expected: int | None
) -> None:
    """A batch of at most 10 goes when it is full or when its window ends, never before its first record is there."""
    assert expected == due_at(
        held=held, first_held_ms=first, batch_size=10, full=full, window_ms=window, window_from_ms=window_from
    )


@given(
    st.integers(1, 20), st.integers(0, 10**6), st.integers(1, 20), st.booleans(), st.integers(0, 300_000), st.integers()
)
def test_a_batch_never_goes_before_its_time_nor_later_than_its_window(
    held: int, first: int, batch_size: int, full: bool, window: int, window_from: int
) -> None:
    """It goes between the arrival of its first record and the end of the window that follows the last of its starts."""
    due = due_at(
        held=held,
        first_held_ms=first,
        batch_size=batch_size,
        full=full,
        window_ms=window,
        window_from_ms=window_from,
    )
    assert due is not None
    assert max(first, window_from) <= due <= max(first, window_from + window)
