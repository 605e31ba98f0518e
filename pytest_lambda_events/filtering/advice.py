"""What works here and may do something else in production. The law: codes are stable, a message is one line."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ADVICE", "NUMBER_SPELLING", "PATH_TWICE", "UNDOCUMENTED_OPERATOR"]

UNDOCUMENTED_OPERATOR: Final = "filter-undocumented-operator"
NUMBER_SPELLING: Final = "filter-number-spelling"
PATH_TWICE: Final = "filter-path-twice"

ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        UNDOCUMENTED_OPERATOR: (
            "The pattern has a wildcard, a cidr or an anything-but with an object: EventBridge documents them, but "
            "Lambda's page on filters does not; try the mapping on AWS before relying on it."
        ),
        NUMBER_SPELLING: (
            "The pattern spells a number unusually (300.0, 3e2): AWS was recorded to match it by value, but documents "
            "that it compares the text; write it as the producer does, or use numeric."
        ),
        PATH_TWICE: (
            "The pattern has two conditions on one path, such as one inside $or and one beside it: both are applied "
            "here, as documented, but AWS's open matching engine keeps the last one only; merge them into one."
        ),
    }
)
"""Every advice code of patterns, with its meaning in one line."""
