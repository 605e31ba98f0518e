"""The operators that compare: `numeric` and `cidr`. The law: pure; a range that nothing can be in is refused.

Rules: EventBridge User Guide, "Comparison operators for use in event patterns".
"""

from __future__ import annotations

import ipaddress
import operator
import re
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.filtering.advice import UNDOCUMENTED_OPERATOR
from pytest_lambda_events.filtering.refusing import refuse
from pytest_lambda_events.filtering.rules import Rule, as_text, finite, is_number, shown, string, strings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["NUMBER_LIMIT", "bounded", "cidr", "numeric"]

NUMBER_LIMIT: Final = 5_000_000_000
"""`numeric`, and numbers in `anything-but`, reach from minus this to this (EventBridge User Guide)."""

_ADDRESS: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*")
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LOWER_BOUNDS: Final = (">", ">=")
_UPPER_BOUNDS: Final = ("<", "<=")
_RANGES: Final = frozenset(product(_LOWER_BOUNDS, _UPPER_BOUNDS))


def numeric(operand: Any, path: str) -> Rule:
    """`{"numeric": [">", 0, "<=", 5]}`."""
    if not isinstance(operand, list) or not operand:
        refuse(path, f'give comparisons in a list, such as [">", 0, "<=", 5], not {shown(operand)}')
    pairs = [operand[place : place + 2] for place in range(0, len(operand), 2)]
    comparisons = [(_comparison(pair[0], path), _bound(pair, path)) for pair in pairs]
    names = [name for name, _ in comparisons]
    if len(comparisons) > 1:
        if tuple(names) not in _RANGES:
            refuse(path, f"{shown(operand)} is no range: it has one > or >= first, and one < or <= after it")
        if comparisons[0][1] >= comparisons[1][1]:
            refuse(path, f"the range {shown(operand)} is empty: its lower bound must be less than its upper bound")
    words = " and ".join(f"{name} {as_text(bound)}" for name, bound in comparisons)
    return Rule(expected=f"a number {words} (within ±5e9)", number=_within(comparisons))


def _within(comparisons: Sequence[tuple[str, float]]) -> Callable[[float], bool]:
    """AWS's numbers end at the limit: what is beyond is in no range, not even in one without a bound on that side."""
    lower, bottom = _COMPARISONS[">="], float(-NUMBER_LIMIT)
    upper, top = _COMPARISONS["<="], float(NUMBER_LIMIT)
    for name, bound in comparisons:
        if name == "=":
            return lambda found: found == bound
        if name in _LOWER_BOUNDS:
            lower, bottom = _COMPARISONS[name], bound
        else:
            upper, top = _COMPARISONS[name], bound
    return lambda found: lower(found, bottom) and upper(found, top)


def _comparison(name: Any, path: str) -> str:
    if not isinstance(name, str) or name not in _COMPARISONS:
        refuse(path, f"{shown(name)} is no comparison; it must be one of: {', '.join(_COMPARISONS)}")
    return name


def _bound(pair: list[Any], path: str) -> float:
    if len(pair) == 1:
        refuse(path, f"nothing follows {shown(pair[0])}; comparisons are pairs of an operator and a number")
    if not is_number(pair[1]):
        refuse(path, f"{shown(pair[0])} needs a number, not {shown(pair[1])}")
    return bounded(pair[1], path)


def bounded(value: Any, path: str) -> float:
    """A number that AWS compares. Errors: `InvalidPattern` for one beyond the limit."""
    number = finite(value, path)
    if not -NUMBER_LIMIT <= number <= NUMBER_LIMIT:
        refuse(
            path,
            f"{as_text(number)} is beyond the numbers that AWS compares, -5e9 to 5e9; milliseconds since 1970 are, for "
            f"example: send seconds, or a string and a prefix",
        )
    return number


def cidr(operand: Any, path: str) -> Rule:
    """`{"cidr": "10.0.0.0/24"}`."""
    text = string(operand, path)
    address, slash, bits = text.partition("/")
    if not slash or not re.fullmatch("[0-9]{1,3}", bits) or not _ADDRESS.fullmatch(address):
        refuse(path, f"{as_text(text)} is no range of addresses; write it as 10.0.0.0/24 or 2001:db8::/32")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        refuse(path, f"{as_text(text)} is no range of addresses: {error}")

    def test(found: str) -> bool:
        if not _ADDRESS.fullmatch(found):
            return False
        try:
            return ipaddress.ip_address(found) in network
        except ValueError:
            return False

    return strings(f"an address in {text}", test, advice=frozenset((UNDOCUMENTED_OPERATOR,)))
