"""What to do about advice that a template can be given, in one line each. The law: a code that `lambda-events advise`
says has its fix here, which an adviser has beside its code (`FIX`); what a run says has it in its message.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.advice import (
    MAPPING_REFUSED,
    concurrency_above_reserved,
    dead_letter_retention,
    endless_retries,
    failures_not_reported,
    filter_drops_all,
    latest_loses,
    no_dead_letter_queue,
    receive_count,
    starting_position_defaulted,
    visibility_timeout,
)
from pytest_lambda_events.filtering.advice import NUMBER_SPELLING, PATH_TWICE, UNDOCUMENTED_OPERATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIXES"]

_OF_TEMPLATES: Final = (
    concurrency_above_reserved,
    dead_letter_retention,
    endless_retries,
    failures_not_reported,
    filter_drops_all,
    latest_loses,
    no_dead_letter_queue,
    receive_count,
    starting_position_defaulted,
    visibility_timeout,
)

FIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        MAPPING_REFUSED: "Change what AWS's sentence names.",
        NUMBER_SPELLING: "Write the number as the producer does, or use numeric.",
        PATH_TWICE: "Merge the two conditions into one.",
        UNDOCUMENTED_OPERATOR: "Try the mapping on AWS before relying on it.",
        **{one.CODE: one.FIX for one in _OF_TEMPLATES},
    }
)
"""A fix for each code."""
