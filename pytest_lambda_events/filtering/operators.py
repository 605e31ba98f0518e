r"""What one element of a leaf's array accepts: a value as it stands, or an operator. The law: pure; one reader each.

=====================  ===============================================  ===================================
operator               operand                                          accepts
=====================  ===============================================  ===================================
(none)                 string, number, boolean, null                    what equals it; strings with their case
prefix, suffix         string or {"equals-ignore-case": string}         strings that start, end with it
equals-ignore-case     string                                           strings equal but for case
wildcard               string; ``*`` any characters, also none,         strings that it describes as a whole
                       ``\*`` and ``\\`` literally; no ``**``
anything-but           string, number, a list of one kind, or {prefix,  every value but these, whatever its type;
                       suffix, wildcard, equals-ignore-case: string     the key must be there
                       or list of strings}
numeric                [=, n], [<, n], [>=, n], [>, n, <=, m] ...       numbers; never strings or booleans
exists                 true, false                                      any leaf; its absence
cidr                   "10.0.0.0/24", "2001:db8::/32"                   strings that are an address in it
=====================  ===============================================  ===================================

Rules: EventBridge User Guide, "Comparison operators for use in event patterns", and recordings of TestEventPattern.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.filtering.advice import NUMBER_SPELLING, UNDOCUMENTED_OPERATOR
from pytest_lambda_events.filtering.ranges import bounded, cidr, numeric
from pytest_lambda_events.filtering.refusing import refuse
from pytest_lambda_events.filtering.rules import (
    OddNumber,
    Rule,
    always,
    as_text,
    finite,
    is_number,
    listed,
    shown,
    string,
    strings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.filtering.rules import StringTest

__all__ = ["OPERATORS", "read_rule"]


def read_rule(value: Any, path: str) -> Rule:
    """Read one element of a leaf's array; `path` is its place in the pattern.

    Errors: `InvalidPattern` for what is neither a value nor an operator with its operand.
    """
    if isinstance(value, dict):
        name = _only_key(value, path, OPERATORS)
        return _READERS[name](value[name], f"{path}.{name}")
    if value is None or isinstance(value, (str, bool)):
        return Rule(expected=as_text(value), exact=True, value=value)
    if is_number(value):
        odd = isinstance(value, OddNumber)
        number = finite(value, path)
        advice = frozenset((NUMBER_SPELLING,)) if odd else frozenset[str]()
        return Rule(expected=as_text(number), exact=True, value=number, advice=advice)
    return refuse(
        path,
        f"an array of a pattern holds strings, numbers, booleans, null and operators, not {shown(value)}",
    )


# -- strings ----------------------------------------------------------------------------------------------------------


def _prefix(operand: Any, path: str) -> Rule:
    return _at_an_end(operand, path, "starts with", str.startswith)


def _suffix(operand: Any, path: str) -> Rule:
    return _at_an_end(operand, path, "ends with", str.endswith)


def _at_an_end(operand: Any, path: str, words: str, has: Callable[[str, str], bool]) -> Rule:
    text, ignoring_case = _text_or_ignoring_case(operand, path)
    expected = f"a string that {words} {as_text(text)}"
    if ignoring_case:
        lower = text.lower()
        return strings(f"{expected} in any case", lambda found: has(found.lower(), lower))
    return strings(expected, lambda found: has(found, text))


def _text_or_ignoring_case(operand: Any, path: str) -> tuple[str, bool]:
    if isinstance(operand, dict):
        name = _only_key(operand, path, (_IGNORE_CASE,))
        return string(operand[name], f"{path}.{name}"), True
    return string(operand, path), False


def _equals_ignore_case(operand: Any, path: str) -> Rule:
    lower = string(operand, path).lower()
    return strings(f"{as_text(operand)} in any case", lambda found: found.lower() == lower)


def _wildcard(operand: Any, path: str) -> Rule:
    test = _wildcard_test(string(operand, path), path)
    return strings(f"a string like {as_text(operand)}", test, advice=frozenset((UNDOCUMENTED_OPERATOR,)))


def _wildcard_test(text: str, path: str) -> StringTest:
    """The pieces between the stars must follow one another: each is looked for once, so that nothing is tried twice."""
    pieces = _pieces(text, path)
    if len(pieces) == 1:
        return lambda found: found == pieces[0]
    first, *between, last = pieces
    least = sum(map(len, pieces))

    def test(found: str) -> bool:
        if len(found) < least or not found.startswith(first) or not found.endswith(last):
            return False
        place, end = len(first), len(found) - len(last)
        for piece in between:
            place = found.find(piece, place, end)
            if place < 0:
                return False
            place += len(piece)
        return True

    return test


def _pieces(text: str, path: str) -> list[str]:
    """What stands between the stars, with escapes resolved."""
    pieces, star = [""], False
    characters = iter(text)
    for character in characters:
        if character == "*":
            if star:
                refuse(path, f"{as_text(text)} has two * in a row, which AWS refuses; one matches any characters")
            pieces.append("")
        elif character == "\\":
            escaped = next(characters, "")
            if escaped not in {"*", "\\"}:
                refuse(
                    path,
                    f"in {as_text(text)} a backslash stands before {as_text(escaped) if escaped else 'nothing'}; it "
                    f"may only stand before * or another backslash",
                )
            pieces[-1] += escaped
        else:
            pieces[-1] += character
        star = character == "*"
    return pieces


# -- anything-but -----------------------------------------------------------------------------------------------------


def _anything_but(operand: Any, path: str) -> Rule:
    if isinstance(operand, dict):
        name = _only_key(operand, path, tuple(_NEGATED))
        return _anything_but_like(name, operand[name], f"{path}.{name}")
    values = operand if isinstance(operand, list) else [operand]
    if not values:
        refuse(path, "the list is empty; name at least one value")
    if all(isinstance(value, str) for value in values):
        texts = frozenset(values)
        return Rule(
            expected=f"anything but {listed(values)}",
            string=lambda found: found not in texts,
            number=always,
            constant=always,
        )
    if all(is_number(value) for value in values):
        numbers = frozenset([bounded(value, path) for value in values])
        return Rule(
            expected=f"anything but {listed(values)}",
            string=always,
            number=lambda found: found not in numbers,
            constant=always,
        )
    return refuse(path, f"give a string, a number, or a list of strings only or of numbers only, not {shown(operand)}")


def _anything_but_like(name: str, operand: Any, path: str) -> Rule:
    texts = [string(text, path) for text in (operand if isinstance(operand, list) else [operand])]
    if not texts:
        refuse(path, "the list is empty; name at least one string")
    if name in {"prefix", "suffix"} and "" in texts:
        refuse(path, f"every string has the empty {name}; give at least one character")
    words, make = _NEGATED[name]
    tests = [make(text, path) for text in texts]

    return Rule(
        expected=f"anything but {words.format(listed(texts))}",
        string=lambda found: not any(test(found) for test in tests),
        number=always,
        constant=always,
        advice=frozenset((UNDOCUMENTED_OPERATOR,)),
    )


def _starts_with(text: str, _path: str) -> StringTest:
    return lambda found: found.startswith(text)


def _ends_with(text: str, _path: str) -> StringTest:
    return lambda found: found.endswith(text)


def _equals_but_for_case(text: str, _path: str) -> StringTest:
    lower = text.lower()
    return lambda found: found.lower() == lower


_NEGATED: Final[Mapping[str, tuple[str, Callable[[str, str], StringTest]]]] = {
    "prefix": ("a string that starts with {}", _starts_with),
    "suffix": ("a string that ends with {}", _ends_with),
    "wildcard": ("a string like {}", _wildcard_test),
    "equals-ignore-case": ("{} in any case", _equals_but_for_case),
}


# -- presence -------------------------------------------------------------------------------------------------------


def _exists(operand: Any, path: str) -> Rule:
    if not isinstance(operand, bool):
        refuse(path, f"give true or false, not {shown(operand)}")
    if operand:
        return Rule(expected="a value, whatever it is", string=always, number=always, constant=always)
    return Rule(expected="no value", absent=True)


_IGNORE_CASE: Final = "equals-ignore-case"
_READERS: Final[Mapping[str, Callable[[Any, str], Rule]]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": numeric,
    "exists": _exists,
    "cidr": cidr,
}

OPERATORS: Final = tuple(_READERS)
"""The names of all operators but `$or`, which stands in the place of a key."""


def _only_key(value: Mapping[Any, Any], path: str, known: Sequence[str]) -> str:
    """The one key of an object that must have one, among those that are known in this place."""
    if len(value) != 1:
        refuse(path, f"an operator has exactly one key, this has {listed(list(value)) if value else 'none'}")
    name = next(iter(value))
    if name in known:
        return str(name)
    near = get_close_matches(str(name).lower().replace("_", "-"), known, n=1, cutoff=0.6)
    advice = f"did you mean {near[0]}?" if near else f"it must be one of: {', '.join(known)}"
    return refuse(path, f"there is no operator {shown(name)} here; {advice}")
