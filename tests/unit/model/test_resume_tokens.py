"""Resume tokens: the arithmetic of captures, forwards and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.resume_tokens import ResumeToken, read_resume_token

# recorded on AWS, and in the Lambda Developer Guide's sample event
RECORDED = [
    ("0164ad054b0000000a010000000a0000503c", 1_689_060_683, 10, 0x503C),
    ("0163eeb6e7000000090100000009000041e1", 1_676_588_775, 9, 0x41E1),
]


@pytest.mark.parametrize(("text", "seconds", "increment", "rest"), RECORDED)
def test_a_recorded_token_is_read_and_made_again(text: str, seconds: int, increment: int, rest: int) -> None:
    """Second and number stand where the cluster time beside it says."""
    token = ResumeToken(seconds=seconds, increment=increment, rest=rest)
    assert read_resume_token(text) == token
    assert token.text == text


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1))
def test_every_token_is_read_as_it_was_made(seconds: int, increment: int, rest: int) -> None:
    """36 lower-case hex digits."""
    token = ResumeToken(seconds=seconds, increment=increment, rest=rest)
    assert read_resume_token(token.text) == token
    assert len(token.text) == 36
    assert token.text == token.text.lower()


def test_tokens_are_ordered_as_their_changes_are() -> None:
    """Also as texts."""
    tokens = [
        ResumeToken(seconds=1, increment=9, rest=5),
        ResumeToken(seconds=1, increment=10, rest=4),
        ResumeToken(seconds=2, increment=1, rest=3),
    ]
    assert sorted([tokens[1], tokens[2], tokens[0]]) == tokens
    assert sorted(token.text for token in tokens) == [token.text for token in tokens]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0164ad054b0000000a010000000a0000503",  # a digit too few
        "0164AD054B0000000A010000000A0000503C",
        "0264ad054b0000000a010000000a0000503c",
        "0164ad054b0000000a020000000a0000503c",
        "0164ad054b0000000a010000000b0000503c",  # the number differs from its repetition
        "0164ad054b0000000a010000000a0001503c",
        "826467950F000000092B022C0100296E5A10",
    ],
)
def test_what_is_no_token_says_nothing(text: str) -> None:
    """Neither one of MongoDB's nor one that disagrees with itself."""
    assert read_resume_token(text) is None


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"seconds": -1, "increment": 1}, "32 bits, from 1970 to 2106"),
        ({"seconds": 2**32, "increment": 1}, "32 bits, from 1970 to 2106"),
        ({"seconds": 1, "increment": 2**32}, "not 4294967296, 0"),
        ({"seconds": 1, "increment": 1, "rest": 2**16}, "16 for the rest"),
    ],
)
def test_what_a_token_cannot_hold_is_refused(numbers: dict[str, int], message: str) -> None:
    """Its fields have their widths."""
    with pytest.raises(UsageError, match=message):
        ResumeToken(**numbers)
