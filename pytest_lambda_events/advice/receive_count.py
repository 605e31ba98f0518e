"""How often a message may be received before its queue gives it up. The law: at least five times.

Lambda Developer Guide, "Configuring a queue to use with Lambda": throttling uses up receives, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "FIX", "MEANING", "advise"]

CODE: Final = "max-receive-count-low"
MEANING: Final = "maxReceiveCount is below 5: a few throttled receives dead-letter messages that never failed."
FIX: Final = "maxReceiveCount of 5 or more."

_AT_LEAST: Final = 5


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    most = facts.queue.max_receive_count if facts.queue is not None else None
    if most is None or most >= _AT_LEAST:
        return None
    if most == 1:
        return (
            "maxReceiveCount is 1: a single throttled or timed out receive dead-letters a message, which is then never "
            "retried. AWS recommends at least 5"
        )
    return (
        f"maxReceiveCount is {most}: each receive counts, also one that ends in a throttle and never runs the "
        f"function, so messages can be dead-lettered after fewer than {most} tries. AWS recommends at least 5"
    )
