"""StartingPosition LATEST where records are waiting. The law: what is there before the mapping is never read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "FIX", "MEANING", "advise"]

CODE: Final = "latest-loses-records"
MEANING: Final = (
    "StartingPosition is LATEST, and the stream held records before the mapping was active: they are never read."
)
FIX: Final = "StartingPosition TRIM_HORIZON, or AT_TIMESTAMP."


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    if facts.planned:
        if facts.starting_position != "LATEST":
            return None
        return (
            f"StartingPosition is LATEST: what comes to {facts.source_arn} before the mapping is active, which takes "
            f"up to minutes at each creation, is never read; TRIM_HORIZON or AT_TIMESTAMP loses nothing"
        )
    lost = facts.stream.records_before_latest if facts.stream is not None else 0
    if not lost:
        return None
    return (
        f"StartingPosition is LATEST and {lost} record(s) were in {facts.source_arn} before the mapping was active: "
        f"the function never sees them. On AWS the mapping needs up to minutes to become active, and everything until "
        f"then is lost, too; TRIM_HORIZON or AT_TIMESTAMP loses nothing"
    )
