"""A full batch against the function's Timeout. The law: by the slowest record that was measured.

Virtual seconds are what is measured: those that the handler slept, or that `duration=` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_lambda_events.advice.facts import Facts

__all__ = ["CODE", "MEANING", "advise"]

CODE: Final = "batch-outlasts-timeout"
MEANING: Final = "A full batch would take longer than the function's Timeout, as measured on smaller ones."


def advise(facts: Facts) -> str | None:
    """What to say, if anything."""
    each = facts.measured.seconds_per_record
    timeout = facts.function_timeout_ms / 1000
    if each * facts.batch_size <= timeout:
        return None
    fits = int(timeout / each)
    fix = f"lower BatchSize to {fits} or raise" if fits else "raise"
    return (
        f"a record took {each:g} s, so a full batch of {facts.batch_size} takes {each * facts.batch_size:g} s and the "
        f"function's Timeout is {timeout:g} s: under load whole batches time out, and are done again; {fix} Timeout"
    )
