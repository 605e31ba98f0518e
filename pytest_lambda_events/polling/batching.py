"""When a batch goes, and how much of what is held goes with it. The law: pure, from numbers to a number.

Sizes are bytes of JSON text. An event is its records' texts joined with commas, inside an envelope of `overhead` bytes.

Rules: Lambda Developer Guide, "Batching behavior". A batch goes when it is full (BatchSize, or 6 MB of payload) or when
its window ends. For SQS, Kinesis and DynamoDB the window runs from the end of the previous invocation, so that after
idleness a lone record goes at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.model.outcome import PAYLOAD_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PAYLOAD_LIMIT_BYTES", "due_at", "fits"]


def fits(sizes: Sequence[int], overhead: int, batch_size: int, limit: int = PAYLOAD_LIMIT_BYTES) -> int:
    """How many of the held records, from the first on, go in one event.

    At most `batch_size`, and never past `limit`, but at least 1: what to do with a single record that is too large is
    the source's rule, not this one's. 0 only when nothing is held.
    """
    most = min(len(sizes), batch_size)
    first = sizes[:most]
    # each record but the first brings a comma; nearly always everything fits, and then one C-speed sum has said so
    if overhead + sum(first) + most - 1 <= limit:
        return most
    total = overhead - 1
    for count, size in enumerate(first):
        total += size + 1
        if total > limit:
            return max(count, 1)
    return most


def due_at(
    *, held: int, first_held_ms: int | None, batch_size: int, full: bool, window_ms: int, window_from_ms: int
) -> int | None:
    """When the batch goes, in the milliseconds of its arguments; a moment that is not in the future means now.

    `held` records wait, the first of them since `first_held_ms`; `full` says that the payload limit is reached.
    `window_from_ms` is when the mapping was created or enabled, or when the previous invocation ended: nothing goes
    before it. None: nothing is held, so nothing will go by itself.
    """
    if not held or first_held_ms is None:
        return None
    if full or held >= batch_size:
        window_ms = 0
    return max(window_from_ms + window_ms, first_held_ms)
