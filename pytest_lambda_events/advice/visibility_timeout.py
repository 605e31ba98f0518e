"""The queue's visibility timeout against the function's. The law: six times the Timeout, plus the batching window.

Lambda Developer Guide, "Configuring a queue to use with Lambda".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "FIX", "MEANING", "advise"]

CODE: Final = "visibility-below-six-timeouts"
MEANING: Final = "The queue's VisibilityTimeout is less than six times the function's Timeout plus the batching window."
FIX: Final = "VisibilityTimeout of six times the function's Timeout, plus the batching window."

_TIMES: Final = 6


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    if facts.queue is None:
        return None
    wanted_ms = _TIMES * facts.function_timeout_ms + facts.window_ms
    if facts.queue.visibility_ms >= wanted_ms:
        return None
    return (
        f"VisibilityTimeout of {facts.source_arn} is {facts.queue.visibility_ms / 1000:g} s and the function's Timeout "
        f"{facts.function_timeout_ms / 1000:g} s: while a throttled batch waits for the function its messages become "
        f"visible again and run twice. AWS recommends six times the Timeout plus the batching window: "
        f"VisibilityTimeout={-(-wanted_ms // 1000)}"
    )
