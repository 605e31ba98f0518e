"""A mapping of batches that reads no batchItemFailures. The law: said of templates; a run shows what really fails.

Lambda Developer Guide, "Handling errors for an SQS event source" and its sibling for Kinesis: by default a batch
succeeds or fails as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "FIX", "MEANING", "advise"]

CODE: Final = "failures-not-reported"
MEANING: Final = "The mapping reads no batchItemFailures: one record that fails brings its whole batch back."
FIX: Final = "FunctionResponseTypes with ReportBatchItemFailures, and a handler that uses it."


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    if not facts.planned or facts.reports_failures or facts.batch_size == 1:
        return None
    if facts.family not in ("queue", "stream") or "FunctionResponseTypes" not in facts.parameters:
        return None
    return (
        f"batches have up to {facts.batch_size} records, and one that fails brings back all of them, also those that "
        f"were done. FunctionResponseTypes=['ReportBatchItemFailures'] lets the function name those that failed"
    )
