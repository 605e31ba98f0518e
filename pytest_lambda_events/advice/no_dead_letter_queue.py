"""A queue whose messages fail, and have nowhere to go. The law: said when a record failed, or of a template, where
nobody knows whether one will.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "FIX", "MEANING", "advise"]

CODE: Final = "no-dead-letter-queue"
MEANING: Final = (
    "Records failed, and the queue has no dead-letter queue: they come back until retention ends, then vanish."
)
FIX: Final = "A RedrivePolicy on the queue."


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    if facts.queue is None or facts.queue.max_receive_count is not None:
        return None
    if not facts.planned and not facts.measured.failed:
        return None
    seen = "" if facts.planned else "records failed, and "
    return (
        f"{seen}{facts.source_arn} has no dead-letter queue: a message that always fails is "
        f"delivered again for {facts.queue.retention_ms / 86_400_000:g} days and is then gone without a trace. Give it "
        f"a RedrivePolicy with a maxReceiveCount of 5 or more"
    )
