"""From a pattern's JSON to its conditions. The law: pure; what it does not refuse, AWS takes.

A pattern is read into *alternatives*: without `$or` there is one, with it one for each choice. An alternative holds
when all of its conditions do. A condition is a leaf of the pattern: the path to it and the rules of its array. Paths
are joined with dots, so that `{"a": {"b": [1]}}` and `{"a.b": [1]}` are the same pattern (EventBridge User Guide,
"Event pattern syntax", and recorded on AWS).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pytest_lambda_events.filtering.advice import PATH_TWICE
from pytest_lambda_events.filtering.operators import OPERATORS, read_rule
from pytest_lambda_events.filtering.refusing import refuse
from pytest_lambda_events.filtering.rules import OddNumber
from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.filtering.rules import Rule

__all__ = ["MAX_ALTERNATIVES", "MAX_CHARACTERS", "MAX_DEPTH", "Alternative", "Condition", "advice_of", "read_pattern"]

MAX_CHARACTERS: Final = 4_096
"""The length of a pattern's text (Lambda API Reference, "Filter")."""

MAX_ALTERNATIVES: Final = 1_000
"""How many alternatives the `$or`s of one pattern may multiply to. Our choice: AWS refuses patterns that are too
complex without saying where the limit is."""

MAX_DEPTH: Final = 100
"""How deep a pattern may be nested, and how many steps a path may have. Our choice, far beyond every real record."""

_TOO_DEEP: Final = f"the pattern is nested more than {MAX_DEPTH} deep"

_OR: Final = "$or"
_LEAST_CHOICES: Final = 2

_RESERVED_IN_OR: Final = frozenset(
    (*OPERATORS, "exactly", "=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case")
)
"""Keys that AWS's open matching engine refuses inside `$or`: most likely a condition without its field."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Condition:
    """One leaf of a pattern: `name` is the path in the record with dots, `place` the path in the pattern."""

    name: str
    place: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alternative:
    """Conditions that must all hold; `choices` are the places in `$or`s that lead to it, none without `$or`."""

    choices: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def __and__(self, other: Alternative) -> Alternative:
        return Alternative(choices=self.choices + other.choices, conditions=self.conditions + other.conditions)


def read_pattern(source: str | bytes | Mapping[str, Any]) -> tuple[Alternative, ...]:
    """Read a pattern, given as JSON text or as the object that it is.

    Errors: `InvalidPattern` for everything that AWS would not take as a pattern.
    """
    value = _parsed(source if isinstance(source, (str, bytes, bytearray)) else _dumped(source))
    if not isinstance(value, dict):
        refuse("", f"a pattern is a JSON object, not {_kind(value)}")
    _check_depth(value)
    return _alternatives(value, (), "")


def advice_of(alternatives: Sequence[Alternative]) -> frozenset[str]:
    """The codes of `advice.ADVICE` that a pattern deserves."""
    conditions = {condition for alternative in alternatives for condition in alternative.conditions}
    codes = frozenset[str]().union(*(rule.advice for condition in conditions for rule in condition.rules))
    if any(len({one.name for one in each.conditions}) < len(each.conditions) for each in alternatives):
        codes |= {PATH_TWICE}
    return codes


# -- text -------------------------------------------------------------------------------------------------------------


def _parsed(source: str | bytes | bytearray) -> Any:
    try:
        text = source if isinstance(source, str) else source.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse("", f"the pattern is not UTF-8: {error}")
    _check_length(text)
    try:
        return json.loads(text, parse_float=_number, parse_constant=_constant)
    except RecursionError:
        refuse("", _TOO_DEEP)
    except json.JSONDecodeError as error:
        refuse("", f"the pattern is not JSON: {error}")


def _dumped(value: Any) -> str:
    """The text that AWS would get, and so what is counted and read."""
    try:
        return compact(dict(value) if isinstance(value, Mapping) else value)
    except (TypeError, ValueError) as error:
        refuse("", f"the pattern cannot be written as JSON: {error}")
    except RecursionError:
        refuse("", _TOO_DEEP)


def _check_length(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        refuse("", f"the pattern has {len(text):,} characters, and at most {MAX_CHARACTERS:,} are allowed")


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        inside = [one for each in level for one in (each.values() if isinstance(each, dict) else each)]
        level = [one for one in inside if isinstance(one, (dict, list))]
    if depth > MAX_DEPTH:
        refuse("", _TOO_DEEP)


def _number(text: str) -> float:
    number = float(text)
    return number if repr(number) == text and not number.is_integer() else OddNumber(number)


def _constant(name: str) -> NoReturn:
    refuse("", f"{name} is no JSON number")


# -- structure --------------------------------------------------------------------------------------------------------


def _alternatives(
    value: dict[str, Any], names: tuple[str, ...], place: str, *, in_or: bool = False
) -> tuple[Alternative, ...]:
    """All alternatives of the conditions in one object, at `names` in the record and `place` in the pattern."""
    if not value:
        refuse(place, "the object is empty; it must name a key and what to expect of it")
    found: tuple[Alternative, ...] = (Alternative(),)
    common: list[Condition] = []  # apart, because there may be many of them for each alternative
    for key, below in value.items():
        there = f"{place}.{key}" if place else key
        if key == _OR:
            more = _choices(below, names, there)
        elif in_or and key in _RESERVED_IN_OR:
            refuse(there, f"{key} cannot be a key inside $or; name the field: {{field: [{{{key!r}: ...}}]}}")
        elif isinstance(below, dict):
            more = _alternatives(below, (*names, key), there, in_or=in_or)
        else:
            common.append(_condition(below, (*names, key), there))
            continue
        _check_number(len(found) * len(more), there)
        found = tuple([one & other for one in found for other in more])
    return tuple([one & Alternative(conditions=tuple(common)) for one in found])


def _choices(value: Any, names: tuple[str, ...], place: str) -> tuple[Alternative, ...]:
    """All alternatives of a `$or`."""
    if not isinstance(value, list):
        refuse(place, f"$or is an array of objects, not {_kind(value)}")
    if len(value) < _LEAST_CHOICES:
        refuse(place, f"$or needs at least two alternatives, this has {len(value)}")
    found: list[Alternative] = []
    for number, choice in enumerate(value):
        there = f"{place}[{number}]"
        if not isinstance(choice, dict):
            refuse(there, f"an alternative of $or is an object, not {_kind(choice)}")
        chosen = Alternative(choices=(there,))
        found += [chosen & one for one in _alternatives(choice, names, there, in_or=True)]
        _check_number(len(found), place)
    return tuple(found)


def _condition(value: Any, names: tuple[str, ...], place: str) -> Condition:
    if not isinstance(value, list):
        refuse(place, f"the end of a path is an array of what is expected there, such as [1, 2], not {_kind(value)}")
    if not value:
        refuse(place, "the array is empty; name at least one value or operator")
    name = ".".join(names)
    if name.count(".") >= MAX_DEPTH:
        refuse(place, f"the path has more than {MAX_DEPTH} steps")
    rules = tuple([read_rule(one, f"{place}[{number}]") for number, one in enumerate(value)])
    return Condition(name=name, place=place, rules=rules)


def _check_number(number: int, place: str) -> None:
    if number > MAX_ALTERNATIVES:
        refuse(
            place, f"the $or make {number:,} alternatives of the pattern, and at most {MAX_ALTERNATIVES:,} are taken"
        )


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case list():
            return "an array"
        case dict():
            return "an object"
        case _:
            return "a number"
