"""JSON as the other side writes it. The law: one writer for each, so that sizes and texts are the same everywhere.

`compact` is how AWS's services write: no blanks, and what is not ASCII as it is. `runtime_json` is what Lambda's Python
runtime makes of a handler's response.
"""

from __future__ import annotations

import decimal
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compact", "decimal_as_float", "runtime_json"]

# json.dumps makes a new encoder for each call that is not all defaults
compact: Final[Callable[[Any], str]] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""A value as compact JSON. Errors: `TypeError`, `ValueError`, `RecursionError`, as of json.dumps."""


def runtime_json(value: Any) -> str:
    """A response as the runtime sends it: ASCII, with blanks, Decimal as a number.

    Errors: what json.dumps raises for what is no JSON: `TypeError`, `ValueError`, `RecursionError`.
    """
    return json.dumps(value, default=decimal_as_float)


def decimal_as_float(value: object) -> float:
    """What the runtime's encoder does with what json.dumps does not know, and nothing more. Errors: `TypeError`."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
