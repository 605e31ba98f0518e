"""What every rule of a pattern is made of. The law: a rule decides on one value, and knows in words what it expects."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_lambda_events.filtering.refusing import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "OddNumber",
    "Rule",
    "StringTest",
    "always",
    "as_text",
    "finite",
    "is_number",
    "listed",
    "shown",
    "string",
    "strings",
]

StringTest: TypeAlias = "Callable[[str], bool]"


class OddNumber(float):
    """A number of a pattern that was not written as numbers usually are, such as 300.0 or 3e2."""

    __slots__ = ()


def always(_: Any) -> bool:
    """Accepts everything."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One element of a leaf's array.

    `string`, `number` and `constant` (booleans and null) decide on a leaf's value, each on its kind; where it is None,
    no value of the kind is accepted. `exact` means that the rule accepts `value` and nothing else, `absent` that it
    accepts a missing leaf. `advice` has codes of `advice.ADVICE`.
    """

    expected: str
    string: Callable[[str], bool] | None = None
    number: Callable[[float], bool] | None = None
    constant: Callable[[bool | None], bool] | None = None
    exact: bool = False
    value: Any = None
    absent: bool = False
    advice: frozenset[str] = frozenset()


def as_text(value: Any) -> str:
    """A JSON value as JSON."""
    return json.dumps(value, ensure_ascii=False)


def is_number(value: Any) -> bool:
    """Whether it is a JSON number: True is one in Python, not in JSON."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def strings(expected: str, test: StringTest, advice: frozenset[str] = frozenset()) -> Rule:
    """A rule that accepts strings only."""
    return Rule(expected=expected, string=test, advice=advice)


def string(value: Any, path: str) -> str:
    """An operand that must be a string. Errors: `InvalidPattern` when it is none."""
    if not isinstance(value, str):
        refuse(path, f"give a string, not {shown(value)}")
    return value


def finite(value: Any, path: str) -> float:
    """A number without its spelling. Errors: `InvalidPattern` for what JSON has no number for."""
    if isinstance(value, float) and not math.isfinite(value):
        refuse(path, f"{value} is no JSON number")
    return float(value) if isinstance(value, OddNumber) else value


def listed(values: Sequence[Any]) -> str:
    """JSON values in a sentence."""
    return " or ".join(shown(value) for value in values)


def shown(value: Any) -> str:
    """A value of a pattern in a sentence, shortened."""
    return f"{as_text(value):.80}"
