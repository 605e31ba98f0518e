"""How much a function may return. The law: JSON is counted as the runtime writes it.

Lambda Developer Guide, "Lambda quotas" and "Tumbling windows".
"""

from __future__ import annotations

import json
from typing import Any, Final

from pytest_lambda_events.model.json_writing import decimal_as_float
from pytest_lambda_events.model.outcome import PAYLOAD_LIMIT_BYTES

__all__ = ["MAXIMUM_STATE_BYTES", "PAYLOAD_LIMIT_BYTES", "size_of"]

MAXIMUM_STATE_BYTES: Final = 1_048_576
"""1 MB of a window's state; AWS does not say whether it counts in thousands."""


def size_of(value: Any) -> int:
    """Bytes of compact JSON. Errors: what json.dumps raises."""
    text = json.dumps(value, default=decimal_as_float, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass"))
