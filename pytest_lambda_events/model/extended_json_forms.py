"""The forms of MongoDB's extended JSON (v2): how each looks, and how long it is as BSON. The law: one table of forms.

Whatever JSON does not have itself is an object with a `$` key (MongoDB Specifications, "Extended JSON", conversion
table). The legacy forms are known so that they can be named, and are never made.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.looking import decoded
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.model.shapes import STRING, Base64, Constant, Fields, Integer, MapOf, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path
    from pytest_lambda_events.model.shapes import Shape

__all__ = ["DEEPEST", "DOCUMENT", "INT64", "VALUE", "bson_size", "is_form", "is_wrapped", "not_finite"]

DEEPEST: Final = 100
"""How many levels a document may have (MongoDB Limits and Thresholds, "Nested Depth for BSON Documents")."""

INT64: Final = range(-(2**63), 2**63)
"""The integers that there are."""

_INT32: Final = range(-(2**31), 2**31)
_UINT32: Final = 2**32 - 1


def is_wrapped(value: Any) -> bool:
    """Whether this is one value in extended JSON, such as `{"$oid": …}`, and no document."""
    return isinstance(value, Mapping) and _is_dollar(next(iter(value), None)) and all(map(_is_dollar, value))


def is_form(value: Any) -> bool:
    """Whether this is one value in a form that extended JSON has, as `{"$oid": …}`, and `{"$gt": 5}` is not."""
    return is_wrapped(value) and not _FORMS.keys().isdisjoint(value)


def not_finite(value: float) -> str:
    """How a float that JSON does not have is written."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _is_dollar(key: Any) -> bool:
    return isinstance(key, str) and key.startswith("$")


class _Value:
    """Any value: JSON's own, or wrapped in an object with a `$` key."""

    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        _check(value, path, report, 0)


def _check(value: Any, path: Path, report: Report, depth: int) -> None:
    if depth > DEEPEST:
        report.note(path, depth, f"no more than {DEEPEST} levels: MongoDB stores no deeper documents")
    elif is_wrapped(value):
        _check_wrapped(value, path, report)
    elif isinstance(value, dict):
        for key, one in value.items():
            if _is_dollar(key):
                report.note((*path, key), one, "a field name without $: MongoDB stores no other")
            else:
                _check(one, (*path, key), report, depth + 1)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            _check(one, (*path, place), report, depth + 1)
    else:
        _check_scalar(value, path, report)


def _check_scalar(value: Any, path: Path, report: Report) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        report.error(path, repr(value), f'{{"$numberDouble": "{not_finite(value)}"}}: JSON has no such number')
    elif isinstance(value, int) and int(value) not in INT64:
        report.note(path, value, "a number of 64 bits: MongoDB has no longer integers")
    elif value is not None and not isinstance(value, (str, int, float)):
        report.error(path, value, "a value of JSON")


def _check_wrapped(value: Mapping[str, Any], path: Path, report: Report) -> None:
    names = frozenset(value)
    form = next((form for name, form in _FORMS.items() if name in names), None)
    if names in _LEGACY:
        report.note(path, value, f"{_LEGACY[names]}: this is the legacy form of extended JSON")
    elif form is not None:
        form.check(value, path, report)
    else:
        name = next(iter(value))
        report.note((*path, name), value[name], "a field name without $: MongoDB stores no other")


class _Document:
    """A whole document: an object that has an _id."""

    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if not isinstance(value, dict) or is_wrapped(value):
            report.error(path, value, "a document, which is an object with _id")
            return
        VALUE.check(value, path, report)
        if "_id" not in value:
            report.error((*path, "_id"), ABSENT, "this key, which every document has")


class _Date:
    """An ISO 8601 text, or milliseconds as $numberLong before 1970 and after 9999."""

    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if isinstance(value, dict):
            _NUMBER_LONG.check(value, path, report)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            report.note(path, value, f"{_A_TIME}: this is the legacy form of extended JSON")
        else:
            _ISO.check(value, path, report)


VALUE: Final[Shape] = _Value()
"""Any value that MongoDB stores."""

DOCUMENT: Final[Shape] = _Document()
"""A whole document."""

_A_TIME: Final = "an ISO 8601 time such as 2025-01-01T00:00:00Z, or milliseconds as $numberLong"
_ISO: Final = Text(re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"), _A_TIME)
_DIGITS: Final = Text(re.compile(r"-?\d{1,19}"), "a whole number of 64 bits, as a string", "error")
_NUMBER_LONG: Final = Fields(always={"$numberLong": _DIGITS})
_NUMBER: Final = Text(re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity"), "a number, as a string", "error")
_OID: Final = Text(re.compile(r"[0-9a-f]{24}"), "24 lower-case hex digits", "error")
_BINARY: Final = Fields(
    always={"base64": Base64(), "subType": Text(re.compile(r"[0-9a-f]{1,2}"), "a subtype in hex digits", "error")}
)
_TIMESTAMP: Final = Fields(always={"t": Integer(0, _UINT32), "i": Integer(0, _UINT32)})


def _form(**always: Shape) -> Fields:
    return Fields(always={f"${name}": shape for name, shape in always.items()})


_FORMS: Final[Mapping[str, Fields]] = MappingProxyType(
    {
        "$oid": _form(oid=_OID),
        "$date": _form(date=_Date()),
        "$numberLong": _NUMBER_LONG,
        "$numberInt": _form(numberInt=_DIGITS),
        "$numberDouble": _form(numberDouble=_NUMBER),
        "$numberDecimal": _form(numberDecimal=_NUMBER),
        "$binary": _form(binary=_BINARY),
        "$timestamp": _form(timestamp=_TIMESTAMP),
        "$regularExpression": _form(regularExpression=Fields(always={"pattern": STRING, "options": STRING})),
        "$code": Fields(always={"$code": STRING}, sometimes={"$scope": MapOf(VALUE)}),
        "$symbol": _form(symbol=STRING),
        "$minKey": _form(minKey=Constant((1,))),
        "$maxKey": _form(maxKey=Constant((1,))),
        "$undefined": _form(undefined=Constant((True,))),
        "$ref": Fields(always={"$ref": STRING, "$id": VALUE}, sometimes={"$db": STRING}),
        "$dbPointer": _form(dbPointer=Fields(always={"$ref": STRING, "$id": _form(oid=_OID)})),
    }
)
"""Every form, by the key that it is known by."""

_LEGACY: Final[Mapping[frozenset[str], str]] = MappingProxyType(
    {
        frozenset(("$binary", "$type")): '{"$binary": {"base64": …, "subType": …}}',
        frozenset(("$regex",)): '{"$regularExpression": {"pattern": …, "options": …}}',
        frozenset(("$regex", "$options")): '{"$regularExpression": {"pattern": …, "options": …}}',
        frozenset(("$uuid",)): '{"$binary": {"base64": …, "subType": "04"}}',
    }
)
"""What the legacy forms (extended JSON v1) are now; that of $date is known by its value."""


def bson_size(document: Mapping[str, Any]) -> int:
    """How many bytes a document in extended JSON has as BSON, which is what MongoDB's limits count."""
    # around the elements a length and a null character; in each its type in a byte, and a null character after its name
    return 5 + sum(2 + len(name.encode()) + _size(value) for name, value in document.items())


def _size(value: Any) -> int:
    if value is None or isinstance(value, bool):
        return 0 if value is None else 1
    if isinstance(value, str):
        return 5 + len(value.encode())
    if isinstance(value, (int, float)):
        return 4 if isinstance(value, int) and value in _INT32 else 8
    if isinstance(value, list):
        return 5 + sum(2 + len(str(place)) + _size(one) for place, one in enumerate(value))
    name = next(iter(value), "")
    if name == "$code" and "$scope" in value:
        return 9 + len(value["$code"].encode()) + bson_size(value["$scope"])
    size = _SIZES.get(name)
    return bson_size(value) if size is None else size if isinstance(size, int) else size(value[name])


_SIZES: Final[Mapping[str, int | Callable[[Any], int]]] = MappingProxyType(
    {
        "$oid": 12,
        "$date": 8,
        "$numberLong": 8,
        "$numberInt": 4,
        "$numberDouble": 8,
        "$numberDecimal": 16,
        "$timestamp": 8,
        "$binary": lambda found: 5 + len(decoded(found["base64"]) or b""),
        "$regularExpression": lambda found: 2 + len((found["pattern"] + found["options"]).encode()),
        "$code": lambda found: 5 + len(found.encode()),
        "$symbol": lambda found: 5 + len(found.encode()),
        "$dbPointer": lambda found: 17 + len(found["$ref"].encode()),
        "$minKey": 0,
        "$maxKey": 0,
        "$undefined": 0,
    }
)
