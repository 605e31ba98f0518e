"""Bytes as Java has them in JSON: a list of numbers from -128 to 127. The law: pure; unsigned numbers are read, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["are_bytes", "signed", "unsigned"]


def signed(data: bytes) -> list[int]:
    """Bytes as Java writes them."""
    return memoryview(data).cast("b").tolist()


def unsigned(numbers: Iterable[int]) -> bytes:
    """The bytes that these numbers are."""
    return bytes(number & 0xFF for number in numbers)


def are_bytes(value: Any) -> bool:
    """Whether this is a list of such numbers."""
    return isinstance(value, list) and all(type(one) is int and -128 <= one <= 255 for one in value)  # noqa: PLR2004
