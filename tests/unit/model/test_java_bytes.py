"""Bytes as Java has them: there and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.model.java_bytes import are_bytes, signed, unsigned


@pytest.mark.parametrize(("data", "numbers"), [(b"", []), (b"\x00A\x7f", [0, 65, 127]), (b"\x80\xff", [-128, -1])])
def test_bytes_above_127_are_negative(data: bytes, numbers: list[int]) -> None:
    """Two's complement, as in `byte`."""
    assert signed(data) == numbers


@given(st.binary())
def test_what_is_signed_is_read_again(data: bytes) -> None:
    """So is what was never signed."""
    assert are_bytes(signed(data))
    assert unsigned(signed(data)) == unsigned(list(data)) == data


@pytest.mark.parametrize("value", [None, "AB", b"AB", (1, 2), [256], [-129], [True], [1.0], ["1"], {"bytes": [1]}])
def test_anything_else_is_told_from_them(value: Any) -> None:
    """A boolean is no number."""
    assert not are_bytes(value)
