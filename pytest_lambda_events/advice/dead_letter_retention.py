"""How long a dead-letter queue keeps what it gets. The law: longer than its source, whose enqueue time it goes by.

SQS Developer Guide, "Dead-letter queues": on standard queues expiration is counted from the original enqueue time. A
FIFO dead-letter queue counts anew, so it is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "FIX", "MEANING", "advise"]

CODE: Final = "dead-letter-retention-short"
MEANING: Final = "The dead-letter queue keeps messages no longer than its source: some are gone before anybody looks."
FIX: Final = "MessageRetentionPeriod of 1209600 (14 days) on the dead-letter queue."

_DAY_MS: Final = 86_400_000


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    queue = facts.queue
    if queue is None or queue.is_fifo or queue.dead_letter_retention_ms is None:
        return None
    if queue.dead_letter_retention_ms > queue.retention_ms:
        return None
    return (
        f"the dead-letter queue keeps messages for {queue.dead_letter_retention_ms / _DAY_MS:g} days and its source "
        f"for {queue.retention_ms / _DAY_MS:g}: it counts from the moment a message was first sent, so one that "
        f"failed for long is deleted soon after it arrives, or at once. Set the dead-letter queue's "
        f"MessageRetentionPeriod to 1209600 (14 days)"
    )
