"""What an update does to a document, and how its change event says so. The law: pure; a document is never changed but
copied, what comes out as it was is no change, and operators that are not read are refused by name.

What stands in updatedFields is what MongoDB writes into its log (its source, `src/mongo/db/update`): `$push` at an
array that is there gives the new elements by their places (`tags.2`), `$addToSet` and `$pull` give the whole array, all
others the new value by its full path. For DocumentDB nothing is published or recorded on this.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.change_making import Changes, check_size
from pytest_lambda_events.model.document_filters import read_condition
from pytest_lambda_events.model.document_paths import check_paths, found_at, put_at, removed_from
from pytest_lambda_events.model.document_values import key_of, kind_of, number_of
from pytest_lambda_events.model.extended_json import extended
from pytest_lambda_events.model.extended_json_forms import INT64, is_wrapped
from pytest_lambda_events.model.json_writing import compact
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.paths import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Update", "identical", "read_update"]

_ON_INSERT: Final = "$setOnInsert"
_DECIMAL: Final = Context(prec=34)


def identical(one: Any, other: Any) -> bool:
    """Whether two values are the same to the last bit: 5 and 5.0 are not, nor are fields in another order."""
    return compact(one) == compact(other)


class _Work:
    """A document that is being updated, and what came of it so far."""

    def __init__(self, document: Mapping[str, Any], now_ms: int) -> None:
        self.document: dict[str, Any] = copy.deepcopy(dict(document))
        self.now_ms = now_ms
        self.updated: dict[str, Any] = {}
        self.removed: list[str] = []

    def at(self, path: str) -> Any:
        """What stands at a path now; `ABSENT` where nothing does."""
        return found_at(self.document, path)

    def set(self, path: str, value: Any) -> None:
        """Put a value, unless it is there already."""
        there = self.at(path)
        if there is ABSENT or not identical(there, value):
            put_at(self.document, path, copy.deepcopy(value), "update")
            self.updated[path] = value

    def remove(self, path: str) -> None:
        """Take a field away, if it is there."""
        if removed_from(self.document, path):
            self.removed.append(path)


class Step(NamedTuple):
    """One operator at one path."""

    operator: str
    path: str
    operand: Any


@dataclass(frozen=True, slots=True)
class Update:
    """What update operators do."""

    steps: tuple[Step, ...]

    def apply(
        self, document: Mapping[str, Any], now_ms: int, *, is_new: bool = False
    ) -> tuple[dict[str, Any], Changes | None]:
        """The document afterwards, and what changed; None when nothing did.

        `is_new`: an upsert inserts it, and `$setOnInsert` counts. Errors: `UsageError` where MongoDB refuses.
        """
        work = _Work(document, now_ms)
        for operator, path, operand in self.steps:
            if operator != _ON_INSERT or is_new:
                _OPERATORS[operator].act(work, path, operand)
        if not work.updated and not work.removed:
            return work.document, None
        check_size(work.document)
        return work.document, Changes(updated=work.updated, removed=tuple(work.removed))


def read_update(given: Any) -> Update:
    """An update document as a driver takes it.

    Errors: `UsageError` for what MongoDB refuses, `NotSimulated` for operators that are not read here.
    """
    if isinstance(given, (list, tuple)):
        raise NotSimulated("update: a pipeline of stages is not simulated; write it with $set, $unset, $inc …")
    if not isinstance(given, Mapping) or not given:
        raise UsageError(f"update: operators are needed, such as {{'$set': {{'total': 5}}}}, and this is {given!r:.80}")
    if not all(isinstance(name, str) and name.startswith("$") for name in given):
        raise UsageError(
            f"update: an update has operators only ($set, $unset …), and this has the fields {list(given)!r:.80}; "
            "replace_one takes a whole document"
        )
    steps = [step for operator, fields in given.items() for step in _steps(operator, fields)]
    paths = [step.path for step in steps if step[:2] != (_ON_INSERT, "_id")]
    check_paths([*paths, *(step.operand for step in steps if step.operator == "$rename")], "update")
    return Update(tuple(steps))


def _steps(operator: str, fields: Any) -> list[Step]:
    known = _OPERATORS.get(operator)
    if known is None:
        raise NotSimulated(
            f"update: {operator} is not simulated{nearest(operator, _OPERATORS)}; there are {', '.join(_OPERATORS)}"
        )
    if not isinstance(fields, Mapping):
        raise UsageError(f"update: {operator} needs an object of fields, and this is {fields!r:.80}")
    if is_wrapped(fields):
        raise NotSimulated(f"update: {operator}: {next(iter(fields))!r} as a field is not simulated")
    for path in fields:
        if isinstance(path, str) and "$" in {step[:1] for step in path.split(".")}:
            raise NotSimulated(f"update: the positional operator in {path!r} is not simulated; write the place itself")
    return [Step(operator, path, known.read(operator, path, operand)) for path, operand in fields.items()]


# -- operands ----------------------------------------------------------------------------------------------------------


def _value(operator: str, path: str, operand: Any) -> Any:
    return extended(operand, f"update[{operator!r}][{path!r}]")


def _nothing(_operator: str, _path: str, _operand: Any) -> None:
    return None


def _number(operator: str, path: str, operand: Any) -> Any:
    value = _value(operator, path, operand)
    if number_of(value) is None:
        raise UsageError(f"update: Cannot increment with non-numeric argument: {{{path}: {operand!r:.80}}}")
    return value


def _elements(operator: str, path: str, operand: Any) -> list[Any]:
    if not isinstance(operand, Mapping) or "$each" not in operand:
        return [_value(operator, path, operand)]
    others = [name for name in operand if name != "$each"]
    if others:
        raise NotSimulated(f"update: {operator} with {', '.join(others)} is not simulated; $each is")
    values: list[Any] = _value(operator, path, operand["$each"])
    if not isinstance(values, list):
        raise UsageError(f"update: The argument to $each in {operator} must be an array, and this is {values!r:.80}")
    return values


def _new_name(_operator: str, path: str, operand: Any) -> str:
    if not isinstance(operand, str) or operand == path:
        raise UsageError(
            f"update: The source and target field for $rename must differ, and be texts: {path}: {operand!r}"
        )
    return operand


def _date(operator: str, path: str, operand: Any) -> None:
    if operand is not True and operand != {"$type": "date"}:
        raise NotSimulated(f"update: {operator}: {path}: {operand!r:.80} is not simulated; give True, for a date")


# -- what they do ------------------------------------------------------------------------------------------------------


def _unset(work: _Work, path: str, _operand: Any) -> None:
    work.remove(path)


def _inc(work: _Work, path: str, operand: Any) -> None:
    there = work.at(path)
    if there is ABSENT:
        work.set(path, operand)
        return
    before = number_of(there)
    if before is None:
        raise UsageError(f"update: Cannot apply $inc to a value of non-numeric type: {path} is a {kind_of(there)}")
    work.set(path, _sum(before, number_of(operand), path))


def _sum(one: Any, other: Any, path: str) -> Any:
    if isinstance(one, Decimal) or isinstance(other, Decimal):
        if isinstance(one, float) or isinstance(other, float):
            raise NotSimulated(
                f"update: $inc of {path} with a double and a Decimal128 is not simulated; use one of them"
            )
        return extended(_DECIMAL.add(Decimal(one), Decimal(other)))
    total = one + other
    if isinstance(total, int) and total not in INT64:
        raise UsageError(f"update: Failed to apply $inc operations to current value of {path}: it passes 64 bits")
    return extended(total)


def _array_at(work: _Work, path: str, operator: str) -> list[Any] | None:
    """The array at a path; None where nothing is."""
    there = work.at(path)
    if there is ABSENT:
        return None
    if isinstance(there, list):
        return there
    raise UsageError(f"update: {operator}: the field {path!r} must be an array but is of type {kind_of(there)}")


def _push(work: _Work, path: str, operand: list[Any]) -> None:
    there = _array_at(work, path, "$push")
    if there is None:
        work.set(path, operand)
        return
    for place, value in enumerate(operand, len(there)):
        work.set(f"{path}.{place}", value)


def _add_to_set(work: _Work, path: str, operand: list[Any]) -> None:
    there = _array_at(work, path, "$addToSet") or []
    elements = {key_of(one): one for one in reversed(operand)}  # of equal ones the first
    new = dict.fromkeys(map(key_of, operand))
    known = {key_of(one) for one in there}
    work.set(path, [*there, *(elements[key] for key in new if key not in known)])


def _pull(work: _Work, path: str, operand: Callable[[Any], bool]) -> None:
    there = _array_at(work, path, "$pull")
    if there is not None:
        work.set(path, [one for one in there if not operand(one)])


def _rename(work: _Work, path: str, operand: str) -> None:
    value = work.at(path)
    if value is ABSENT:
        return
    for name in (path, operand):
        steps = name.split(".")
        if any(isinstance(work.at(".".join(steps[:many])), list) for many in range(1, len(steps))):
            raise UsageError(f"update: the field {name!r} of $rename cannot be an element of an array")
    work.remove(path)
    put_at(work.document, operand, value, "update")
    work.updated[operand] = value


def _current_date(work: _Work, path: str, _operand: Any) -> None:
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(milliseconds=work.now_ms)
    work.set(path, extended(moment))


class _Operator(NamedTuple):
    """How an operator's operand is read, and what it does."""

    read: Callable[[str, str, Any], Any]
    act: Callable[[_Work, str, Any], None]


_OPERATORS: Final[Mapping[str, _Operator]] = MappingProxyType(
    {
        "$set": _Operator(_value, _Work.set),
        "$unset": _Operator(_nothing, _unset),
        "$inc": _Operator(_number, _inc),
        "$push": _Operator(_elements, _push),
        "$addToSet": _Operator(_elements, _add_to_set),
        "$pull": _Operator(lambda _operator, path, operand: read_condition(operand, path), _pull),
        "$rename": _Operator(_new_name, _rename),
        "$currentDate": _Operator(_date, _current_date),
        _ON_INSERT: _Operator(_value, _Work.set),
    }
)
