"""What a poller gives up: the records, and all that an invocation record says about them. The law: values only.

AWS writes an invocation record for each (Lambda Developer Guide, "Retain discarded records for a Kinesis data stream
with Lambda"); how it is spelled is the destination's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pytest_lambda_events.model.windows import TumblingWindow

__all__ = ["Condition", "Discard"]

Condition = Literal["RetryAttemptsExhausted", "RecordAgeExceeded", "SCHEMA_NOT_FOUND", "DESERIALIZATION_ERROR"]
"""Why records were given up, in AWS's words; the last two before any invocation: their schema did not read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discard:
    """Records of one shard that were given up together, at `at_ms` (epoch milliseconds).

    `records` is empty when it was the final invocation of a window, which carries none. `request_id` and `invoke_count`
    are those of the batch: the attempts at it, and 1 when there was none (recorded). `function_error` is "Unhandled"
    after a raise or a timeout, None after batch item failures; without `has_response_context` the function was never
    reached, or its answer is not what ended the records. `window` is the tumbling window of the event, which begins at
    `window_start_ms`. `event_text` is the event, or the one that would have been sent; only S3 gets it.
    """

    records: tuple[Any, ...]
    condition: Condition
    request_id: str
    invoke_count: int
    function_error: Literal["Unhandled"] | None
    has_response_context: bool
    shard_id: str
    at_ms: int
    window: TumblingWindow | None = None
    window_start_ms: int | None = None
    event_text: str | None = None
