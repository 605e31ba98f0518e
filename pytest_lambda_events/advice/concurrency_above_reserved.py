"""MaximumConcurrency against what the function has reserved. The law: no more than that.

Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings": else Lambda may throttle messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "FIX", "MEANING", "advise"]

CODE: Final = "concurrency-above-reserved"
MEANING: Final = "MaximumConcurrency is more than the function's ReservedConcurrentExecutions: messages are throttled."
FIX: Final = "Lower MaximumConcurrency, or raise ReservedConcurrentExecutions."


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    most = (facts.parameters.get("ScalingConfig") or {}).get("MaximumConcurrency")
    reserved = facts.reserved_concurrency
    if most is None or reserved is None or most <= reserved:
        return None
    return (
        f"MaximumConcurrency is {most} and the function's ReservedConcurrentExecutions {reserved}: what the mapping "
        f"sends beyond that is throttled, and each throttle counts as a receive. Lower the one or raise the other"
    )
