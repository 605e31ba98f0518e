"""Which documents a filter finds: equality and simple comparisons. The law: pure; what is not read is refused by name.

================================  ==================================================================================
`{"city": "Riga"}`                the field is equal, or an array that has such an element
`{"address.city": "Riga"}`        a dotted path, through arrays of documents, or with a place (`items.0.sku`)
`{"note": None}`                  null, or no such field
`$eq $ne $gt $gte $lt $lte`       comparisons; only values of one kind are less or greater than one another
`$in $nin $exists`                one of a list; whether there is such a field
================================  ==================================================================================

Rules: MongoDB Manual, "Query and Projection Operators", "Query for Null or Missing Fields", "Query an Array". Several
conditions are joined by "and".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.document_paths import values_at
from pytest_lambda_events.model.document_values import key_of, kind_of, ordered
from pytest_lambda_events.model.extended_json import extended
from pytest_lambda_events.model.extended_json_forms import is_form, is_wrapped
from pytest_lambda_events.model.paths import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

__all__ = ["Filter", "read_condition", "read_filter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What one field has to be: `path` is where, `equals` what it is compared with where nothing else will do."""

    path: str
    holds: Callable[[list[Any]], bool]
    equals: Any = ABSENT


@dataclass(frozen=True, slots=True)
class Filter:
    """What all of its conditions say."""

    conditions: tuple[Condition, ...]

    def matches(self, document: Any) -> bool:
        """Whether a document, in extended JSON, is found."""
        return all(one.holds(list(values_at(document, one.path))) for one in self.conditions)

    @property
    def key(self) -> Any:
        """The `_id` that the documents found must have; `ABSENT` where it is not said."""
        return next((one.equals for one in self.conditions if one.path == "_id"), ABSENT)

    @property
    def equalities(self) -> dict[str, Any]:
        """What the filter says a field is equal to, by path: what an upsert inserts begins with that."""
        return {one.path: one.equals for one in self.conditions if one.equals is not ABSENT}


def read_filter(given: Any) -> Filter:
    """A filter as a driver takes it; anything that is no mapping is the `_id` alone.

    Errors: `UsageError` for what MongoDB refuses, `NotSimulated` for operators that are not read here.
    """
    if given is None:
        given = {}
    if not isinstance(given, Mapping) or is_form(given):
        given = {"_id": given}
    return Filter(tuple([one for path, wanted in given.items() for one in _conditions(path, wanted)]))


def read_condition(wanted: Any, where: str) -> Callable[[Any], bool]:
    """What an element of an array has to be: a filter of its fields, a condition, or a value (`$pull`)."""
    if isinstance(wanted, Mapping) and not is_wrapped(wanted):
        found = read_filter(wanted)
        return lambda element: isinstance(element, dict) and not is_wrapped(element) and found.matches(element)
    conditions = list(_conditions(where, wanted))
    return lambda element: all(one.holds([element]) for one in conditions)


def _conditions(path: Any, wanted: Any) -> Iterator[Condition]:
    if not isinstance(path, str) or not path or "" in path.split("."):
        raise UsageError(f"filter: {path!r} is no path of a field; write it like 'address.city'")
    if path.startswith("$"):
        raise NotSimulated(
            f"filter: {path} is not simulated; conditions on several fields are joined by 'and', for anything else "
            "look for the documents one by one"
        )
    if isinstance(wanted, re.Pattern):
        raise NotSimulated(f"filter: {path} is a pattern, and $regex is not simulated; give the values with $in")
    if isinstance(wanted, Mapping) and wanted and is_wrapped(wanted) and not is_form(wanted):
        for name, operand in wanted.items():
            read = _OPERATORS.get(name)
            if read is None:
                raise NotSimulated(
                    f"filter: {path}: {name} is not simulated; there are {', '.join(_OPERATORS)}, and equality"
                )
            yield read(path, operand)
        return
    yield _equal(path, wanted)


def _equal(path: str, operand: Any) -> Condition:
    value = extended(operand, f"filter[{path!r}]")
    return Condition(path=path, holds=_any(_is_one_of([value])), equals=value)


def _unequal(path: str, operand: Any) -> Condition:
    equal = _equal(path, operand).holds
    return Condition(path=path, holds=lambda found: not equal(found))


def _in(path: str, operand: Any) -> Condition:
    if not isinstance(operand, (list, tuple)):
        raise UsageError(f"filter: {path}: $in needs an array, and this is {operand!r:.80}")
    values = extended(list(operand), f"filter[{path!r}]")
    return Condition(path=path, holds=_any(_is_one_of(values)))


def _not_in(path: str, operand: Any) -> Condition:
    among = _in(path, operand).holds
    return Condition(path=path, holds=lambda found: not among(found))


def _exists(path: str, operand: Any) -> Condition:
    return Condition(path=path, holds=lambda found: any(one is not ABSENT for one in found) is bool(operand))


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[str, Any], Condition]:
    def read(path: str, operand: Any) -> Condition:
        value = extended(operand, f"filter[{path!r}]")
        order = ordered(value)
        if order is None:
            raise NotSimulated(
                f"filter: {path}: comparing with {operand!r:.80} (a {kind_of(value)}) is not simulated: numbers, "
                "texts, dates, booleans and ObjectIds have an order here"
            )
        kind, limit = order

        def holds(one: Any) -> bool:
            found = ordered(one)
            return found is not None and found[0] == kind and compare(found[1], limit)

        return Condition(path=path, holds=_any(holds))

    return read


def _any(holds: Callable[[Any], bool]) -> Callable[[list[Any]], bool]:
    """Whether it holds for what a path reaches, or for an element of an array there."""
    return lambda found: any(holds(one) or (isinstance(one, list) and any(map(holds, one))) for one in found)


def _is_one_of(values: list[Any]) -> Callable[[Any], bool]:
    keys: set[Hashable] = {key_of(value) for value in values}
    takes_nothing = key_of(None) in keys
    return lambda one: takes_nothing if one is ABSENT else key_of(one) in keys


_OPERATORS: Final[Mapping[str, Callable[[str, Any], Condition]]] = MappingProxyType(
    {
        "$eq": _equal,
        "$ne": _unequal,
        "$gt": _compared(operator.gt),
        "$gte": _compared(operator.ge),
        "$lt": _compared(operator.lt),
        "$lte": _compared(operator.le),
        "$in": _in,
        "$nin": _not_in,
        "$exists": _exists,
    }
)
