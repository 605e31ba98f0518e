"""Looking into JSON that may have any form. The law: what is not there, or of another type, is None; nothing raises."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

__all__ = ["decoded", "integer_at", "text_at", "value_at"]

_MOST_DIGITS: Final = 60


def text_at(value: Any, *path: str | int) -> str | None:
    """The string at a path; None when there is none."""
    found = value_at(value, *path)
    return found if isinstance(found, str) else None


def integer_at(value: Any, *path: str | int) -> int | None:
    """The whole number at a path, also one that is written as a string; None when there is none."""
    found = value_at(value, *path)
    if isinstance(found, str):
        # no number of AWS's is longer, and Python refuses to read very long ones
        return int(found) if len(found) <= _MOST_DIGITS and found.isascii() and found.isdigit() else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def value_at(value: Any, *path: str | int) -> Any:
    """What stands at a path; None when nothing does."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def decoded(text: Any) -> bytes | None:
    """The bytes of a standard base64 text; None for what is not one."""
    if not isinstance(text, str):
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
