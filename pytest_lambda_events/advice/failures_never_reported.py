"""ReportBatchItemFailures that nobody uses. The law: said when a batch failed as a whole and none ever in part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "MEANING", "advise"]

CODE: Final = "failures-never-reported"
MEANING: Final = (
    "The mapping reads batchItemFailures, but the function never returns any: it raises, and whole batches fail."
)


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    measured = facts.measured
    if not facts.reports_failures or not measured.raised or measured.reported:
        return None
    return (
        f"the mapping has ReportBatchItemFailures, but the function raised {measured.raised} time(s) and never "
        f"returned batchItemFailures: records that were done are done again. Catch the error of each record and return "
        f'{{"batchItemFailures": [{{"itemIdentifier": ...}}]}}'
    )
