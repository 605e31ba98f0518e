"""What may go wrong between a source and a function, on request. The law: never by default, always seeded, and each
with AWS's own documentation as its excuse.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from pytest_lambda_events.errors import UsageError

__all__ = ["Faults"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Probabilities, each from 0 to 1.

    `duplicates`: a message that was processed and deleted is delivered once more, at once (SQS Developer Guide,
    "At-least-once delivery": a server that was unavailable keeps its copy). `failed_deletes`: the poller's delete does
    not take, and the message returns after its visibility timeout. `crashes`: the poller is gone between the invocation
    and the delete, so the whole batch returns (Lambda Developer Guide: "event source mappings process each event at
    least once"). `throttles`: an invocation is throttled though concurrency is free (the account's other functions have
    it). `late_visibility`: a message becomes visible up to 10 s after its timeout. `reordering`: a standard queue hands
    out a batch in another order ("best-effort ordering"); FIFO queues never do.

    Errors: `UsageError` for what is no probability.
    """

    duplicates: float = 0
    failed_deletes: float = 0
    crashes: float = 0
    throttles: float = 0
    late_visibility: float = 0
    reordering: float = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
                raise UsageError(f"{field.name}={value!r}: a fault's probability is a number from 0 to 1")
