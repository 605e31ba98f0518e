"""Sequence numbers: recorded ones are taken apart and put together again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.model.sequence_numbers import KinesisNumber, fifo_moment_us, fifo_number

RECORDED = {
    "49590338271490256608559692538361571095921575989136588898": KinesisNumber(
        created_s=1_542_776_258, shard=6, index=0x6764_8A17, second=1_545_084_650
    ),
    "49590338271490256608559692540925702759324208523137515618": KinesisNumber(
        created_s=1_542_776_258, shard=6, index=0x6764_9260, second=1_545_084_709
    ),
}


def test_a_fifo_number_is_microseconds_and_a_place_in_the_batch() -> None:
    """Recorded on AWS: the fourth message of a batch, 0 microseconds after its SentTimestamp."""
    assert fifo_number(1_789_482_189_837_000, 3) == 18_904_851_514_307_823_619
    assert fifo_moment_us(18_904_851_514_307_823_619) == 1_789_482_189_837_000
    assert fifo_moment_us(18_873_177_232_222_703_872) // 1_000 == 1_665_754_525_442


def test_what_is_no_fifo_number_is_from_before_time() -> None:
    """So no SentTimestamp agrees with it."""
    assert fifo_moment_us(0) < 0


@given(st.integers(0, 2**54), st.integers(0, 255))
def test_a_fifo_number_says_when_it_was_given(moment_us: int, index: int) -> None:
    """Whatever its place in the batch."""
    assert fifo_moment_us(fifo_number(moment_us, index)) == moment_us


@pytest.mark.parametrize("text", RECORDED)
def test_a_recorded_kinesis_number_is_read_and_written(text: str) -> None:
    """Shard, its creation, the index and the second."""
    assert KinesisNumber.read(text) == RECORDED[text]
    assert RECORDED[text].text == text


@given(
    st.builds(
        KinesisNumber,
        created_s=st.integers(0, 2**36 - 1),
        shard=st.integers(0, 2**31 - 1),
        index=st.integers(0, 2**63 - 1),
        second=st.integers(0, 2**36 - 1),
    )
)
def test_every_kinesis_number_is_read_as_it_was_written(number: KinesisNumber) -> None:
    """56 digits, whatever the fields."""
    assert len(number.text) == 56
    assert KinesisNumber.read(number.text) == number


@given(
    st.integers(0, 2**31), st.integers(0, 2**62), st.lists(st.integers(0, 2**31), min_size=2, max_size=2, unique=True)
)
def test_later_records_of_a_shard_have_greater_numbers(created_s: int, index: int, seconds: list[int]) -> None:
    """The index decides, then the second."""
    earlier, later = (
        KinesisNumber(created_s=created_s, shard=1, index=index, second=second) for second in sorted(seconds)
    )
    assert int(earlier.text) < int(later.text) < int(earlier.after(1).text)
    assert earlier.after(1).index == index + 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345",
        "4" * 56,
        "x" * 56,
        "٤" * 56,  # digits, of Arabic
        "49545115243490985018280067714973144582180062593244200961",  # of an older version: it ends in 1
        "49568167373333333333333333333333333333333333333333333333",  # a sample generator's
        "49590338271490256608559692538361571095921575989136588899",  # recorded, and one more
        "049590338271490256608559692538361571095921575989136588898"[:56],
        str(int("49590338271490256608559692538361571095921575989136588898") ^ 1 << 4),  # two shards in one number
        str(int("49590338271490256608559692538361571095921575989136588898") | 1 << 72),  # something in the empty byte
        str(int("49590338271490256608559692538361571095921575989136588898") | 1 << 143),  # an index of 64 bits
        str(int("49590338271490256608559692538361571095921575989136588898") | 1 << 35),  # a shard of 32 bits
    ],
)
def test_what_kinesis_does_not_give_is_not_read(text: str) -> None:
    """Made-up numbers, and recorded ones with a changed bit."""
    assert KinesisNumber.read(text) is None
