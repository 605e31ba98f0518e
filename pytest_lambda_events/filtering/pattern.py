"""Event patterns, compiled once. The law: pure; a record is JSON that was parsed, and a pattern decides yes or no.

What a pattern may say is in `operators` and `reading`, when a record fits it in `matching`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pytest_lambda_events.filtering.explaining import explain
from pytest_lambda_events.filtering.matching import Matcher, Step
from pytest_lambda_events.filtering.reading import Alternative, advice_of, read_pattern
from pytest_lambda_events.filtering.refusing import InvalidPattern

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pytest_lambda_events.filtering.explaining import Explanation

__all__ = ["InvalidPattern", "Pattern", "PatternKind", "compile_pattern"]

PatternKind: TypeAlias = Literal["object", "array", "none"]
"""How a pattern names a key of a record: with conditions inside of it, with an array of plain values, or not at all."""


class Pattern:
    """A compiled event pattern. Made by `compile_pattern`; never changes."""

    __slots__ = ("_alternatives", "_matchers")

    def __init__(self, alternatives: tuple[Alternative, ...]) -> None:
        self._alternatives = alternatives
        # a condition that stands beside a $or is in each alternative, and made ready once
        conditions = dict.fromkeys(condition for one in alternatives for condition in one.conditions)
        steps = {condition: Step(condition) for condition in conditions}
        self._matchers = tuple([Matcher([steps[condition] for condition in one.conditions]) for one in alternatives])

    def matches(self, record: Any) -> bool:
        """Whether a record fits any alternative of `$or`, with all conditions. What is no JSON object fits nothing."""
        return any(matcher.matches(record) for matcher in self._matchers)

    def explain(self, record: Any) -> Explanation:
        """Whether a record fits, and which clause held or failed on which value."""
        return explain(self._alternatives, self._matchers, record)

    @property
    def advice(self) -> frozenset[str]:
        """The codes of `advice.ADVICE` that this pattern deserves."""
        return advice_of(self._alternatives)

    @property
    def conditions(self) -> tuple[Alternative, ...]:
        """The conditions of each alternative that `$or` makes."""
        return self._alternatives

    @property
    def alternatives(self) -> tuple[Pattern, ...]:
        """A pattern for each alternative that `$or` makes; the pattern itself without `$or`."""
        return (self,) if len(self._alternatives) == 1 else tuple([Pattern((one,)) for one in self._alternatives])

    def kind_of(self, name: str) -> PatternKind:
        """How the pattern names a key of the record, given with its path and dots.

        Where it does both (`$or`, or keys with dots), conditions inside count.
        """
        names = {condition.name for alternative in self._alternatives for condition in alternative.conditions}
        if any(one.startswith(f"{name}.") for one in names):
            return "object"
        return "array" if name in names else "none"

    def without(self, names: Collection[str]) -> Pattern:
        """The same pattern without its conditions on these keys; where none is left, every object fits."""
        if not names:
            return self
        inside = tuple(f"{name}." for name in names)
        return Pattern(
            tuple(
                [
                    Alternative(
                        choices=one.choices,
                        conditions=tuple(
                            [
                                each
                                for each in one.conditions
                                if each.name not in names and not each.name.startswith(inside)
                            ]
                        ),
                    )
                    for one in self._alternatives
                ]
            )
        )


def compile_pattern(source: str | bytes | Mapping[str, Any]) -> Pattern:
    """Compile an event pattern, given as JSON text (of a repeated key the last counts) or as the object that it is.

    Rules: EventBridge User Guide, "Comparison operators for use in event patterns"; Lambda Developer Guide, "Control
    which events Lambda sends to your function".

    Errors: `InvalidPattern` for everything that AWS would not take, with the place in the pattern.
    """
    return Pattern(read_pattern(source))
