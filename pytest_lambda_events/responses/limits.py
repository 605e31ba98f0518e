"""How much a function may return. The law: JSON is counted as the runtime writes it.

Lambda Developer Guide, "Lambda quotas" and "Tumbling windows".
"""

from __future__ import annotations

import decimal
import json
from typing import Any, Final

from pytest_lambda_events.model.outcome import PAYLOAD_LIMIT_BYTES

__all__ = ["MAXIMUM_STATE_BYTES", "PAYLOAD_LIMIT_BYTES", "json_text", "size_of"]

MAXIMUM_STATE_BYTES: Final = 1_048_576
"""1 MB of a window's state; AWS does not say whether it counts in thousands."""


def json_text(value: Any) -> str:
    """A value as Lambda's Python runtime writes it. Errors: what json.dumps raises for what is no JSON."""
    return json.dumps(value, default=_decimal_as_float)


def size_of(value: Any) -> int:
    """Bytes of compact JSON. Errors: what json.dumps raises."""
    return len(json.dumps(value, default=_decimal_as_float, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))


def _decimal_as_float(value: object) -> float:
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
