"""A poison record on a stream that nothing ends. The law: unlimited tries, unlimited age, and nowhere to go.

Lambda Developer Guide, "Using Lambda with Kinesis", error handling: the shard is blocked until the record expires.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "FIX", "MEANING", "advise"]

CODE: Final = "endless-retries-without-destination"
MEANING: Final = (
    "Neither tries nor age are limited and there is no on-failure destination: one bad record blocks its shard."
)
FIX: Final = "Limit MaximumRetryAttempts or MaximumRecordAgeInSeconds, and name a DestinationConfig."

_UNLIMITED: Final = -1


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    given = facts.parameters
    if facts.family != "stream" or "MaximumRetryAttempts" not in given:  # DocumentDB has no such limits to set
        return None
    limited = given["MaximumRetryAttempts"] != _UNLIMITED or given.get("MaximumRecordAgeInSeconds", -1) != _UNLIMITED
    if limited or (given.get("DestinationConfig") or {}).get("OnFailure"):
        return None
    return (
        "MaximumRetryAttempts and MaximumRecordAgeInSeconds are both -1 and there is no OnFailure destination: a "
        "record that always fails blocks its shard until it expires, and the good records behind it expire with it. "
        "Limit one of them and name a DestinationConfig={'OnFailure': {'Destination': ...}}; "
        "BisectBatchOnFunctionError=True spares the rest of the batch"
    )
