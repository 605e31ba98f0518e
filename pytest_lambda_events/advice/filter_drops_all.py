"""A filter that lets nothing through. The law: said when everything that was polled was dropped; of a template, when
all patterns want keys that no record of the source has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "FIX", "MEANING", "advise"]

CODE: Final = "filter-drops-everything"
MEANING: Final = "The filter dropped every record that came: the function was never called."
FIX: Final = "Name keys that records of the source have."


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    if facts.unmatchable:
        keys = ", ".join(facts.unmatchable)
        return (
            f"the filter drops every record of {facts.source_arn}, and on a queue they are deleted: its patterns want "
            f"{keys}, and no record there has such a key. `lambda-events match --explain` says what a record has"
        )
    dropped = facts.metrics.get("FilteredOutEventCount", 0)
    if not dropped or dropped < facts.metrics.get("PolledEventCount", 0):
        return None
    return (
        f"the filter dropped all {dropped} record(s) of {facts.source_arn}; on a queue they are deleted. "
        f"`explain(pattern, record)` says which clause fails on which value"
    )
