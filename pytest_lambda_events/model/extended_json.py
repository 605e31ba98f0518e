"""Python values as MongoDB's extended JSON (v2), relaxed. The law: never the legacy form, and only what MongoDB stores.

Relaxed: what JSON has itself (text, booleans, null, finite numbers) is written as it is, everything else as an object
with a `$` key (MongoDB Specifications, "Extended JSON"). The types of the package `bson` are known by their names, so
that it need not be installed; values that are in extended JSON already pass.
"""

from __future__ import annotations

import base64
import copy
import datetime as dt
import math
import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.extended_json_forms import DEEPEST, INT64, VALUE, is_wrapped, not_finite
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.paths import path_text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["extended"]

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_RELAXED_DATES: Final = range(253_402_300_800_000)  # milliseconds from 1970 to 9999
_DECIMAL_DIGITS: Final = 34  # IEEE 754-2008, decimal128
_DECIMAL_EXPONENTS: Final = range(-6176, 6112)
_OBJECT_ID_BYTES: Final = 12
_UUID_SUBTYPE: Final = 4
_OPTIONS: Final = MappingProxyType(
    {
        re.IGNORECASE: "i",
        re.LOCALE: "l",
        re.MULTILINE: "m",
        re.DOTALL: "s",
        re.UNICODE: "u",
        re.VERBOSE: "x",
    }
)
_NESTED: Final = frozenset(("$id", "$scope"))
"""Keys of extended JSON behind which stands any value."""


def extended(value: Any, where: str = "document") -> Any:
    """A Python value as MongoDB's relaxed extended JSON; always a copy.

    A naive datetime is UTC, and times are cut to milliseconds, as BSON has them. Errors: `UsageError` for what MongoDB
    does not store, with `where` and the path to it.
    """
    try:
        return _extended(value, 0)
    except _Unfit as unfit:
        path = f".{path_text(unfit.steps[::-1])}".replace(".[", "[") if unfit.steps else ""
        raise UsageError(f"{where}{path}: {unfit}") from None


class _Unfit(Exception):
    """MongoDB does not store this; `steps` lead to it, the last one first."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.steps: list[str | int] = []


def _extended(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    convert = _CONVERTERS.get(kind)
    return _uncommon(value, depth) if convert is None else convert(value, depth)


def _document(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    if depth > DEEPEST:
        raise _Unfit(f"nested deeper than {DEEPEST} levels, which MongoDB refuses")
    if is_wrapped(value):
        return _wrapped(value, depth)
    made = {}
    for key, one in value.items():
        name = key if type(key) is str and key[:1] != "$" and "\0" not in key else _field_name(key)
        try:
            made[name] = one if type(one) in _PLAIN else _extended(one, depth + 1)
        except _Unfit as unfit:
            unfit.steps.append(name)
            raise
    return made


def _field_name(key: Any) -> str:
    if not isinstance(key, str):
        raise _Unfit(f"the field name {key!r} is a {type(key).__name__}: BSON has text only")
    if key.startswith("$") or "\0" in key:
        raise _Unfit(f"the field name {key!r}: MongoDB stores none that begins with $ or has a null character")
    return str.__str__(key)


def _wrapped(value: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """A copy of a value that is in extended JSON already."""
    made = {
        str.__str__(name): _extended(one, depth + 1) if name in _NESTED else copy.deepcopy(one)
        for name, one in value.items()
    }
    report = Report()
    VALUE.check(made, (), report)
    if report.findings:
        raise _Unfit(f"{dict(value)!r:.200} is no extended JSON (v2): {report.findings[0]}")
    return made


def _array(value: Any, depth: int) -> list[Any]:
    if depth > DEEPEST:
        raise _Unfit(f"nested deeper than {DEEPEST} levels, which MongoDB refuses")
    made = []
    for place, one in enumerate(value):
        try:
            made.append(_extended(one, depth + 1))
        except _Unfit as unfit:
            unfit.steps.append(place)
            raise
    return made


def _integer(value: int, _: int = 0) -> int:
    number = int(value)  # a range looks through all its numbers for one of a subclass
    if number not in INT64:
        raise _Unfit(f"{value} has more than 64 bits: MongoDB has no longer integers")
    return number


def _number(value: float, _: int = 0) -> Any:
    return float(value) if math.isfinite(value) else {"$numberDouble": not_finite(value)}


def _decimal(value: Decimal, _: int = 0) -> Any:
    _sign, digits, exponent = value.as_tuple()
    if isinstance(exponent, str):
        return {"$numberDecimal": not_finite(float("nan" if value.is_nan() else value))}
    if len(digits) > _DECIMAL_DIGITS or exponent not in _DECIMAL_EXPONENTS:
        raise _Unfit(f"{value} is no decimal128: that has {_DECIMAL_DIGITS} digits, and an exponent from -6176 to 6111")
    return {"$numberDecimal": str(value)}


def _bytes(value: Any, _: int = 0, subtype: int = 0) -> Any:
    return {"$binary": {"base64": base64.b64encode(value).decode("ascii"), "subType": f"{subtype:02x}"}}


def _moment(value: dt.datetime) -> Any:
    if value.tzinfo is None:
        value = value.replace(tzinfo=dt.timezone.utc)
    return _milliseconds((value - _EPOCH) // dt.timedelta(milliseconds=1))


def _milliseconds(value: int, _: int = 0) -> Any:
    milliseconds = int(value)
    if milliseconds not in _RELAXED_DATES:
        return {"$date": {"$numberLong": str(milliseconds)}}
    text = (_EPOCH + dt.timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")
    return {"$date": text.removesuffix("+00:00").removesuffix(".000") + "Z"}


def _pattern(value: Any, _: int = 0) -> Any:
    """A compiled pattern, or bson's Regex: its text, and its options in alphabetical order."""
    text = value.pattern.decode("utf-8") if isinstance(value.pattern, bytes) else value.pattern
    options = "".join(letter for flag, letter in _OPTIONS.items() if value.flags & flag)
    return {"$regularExpression": {"pattern": text, "options": options}}


def _code(value: Any, depth: int) -> Any:
    scope = {} if value.scope is None else {"$scope": _document(value.scope, depth + 1)}
    return {"$code": str.__str__(value), **scope}


def _object_id(value: Any, _: int = 0) -> Any:
    return {"$oid": value.binary.hex()}


def _uncommon(value: Any, depth: int) -> Any:
    """A time, a type of the package bson, a subclass of a common type."""
    if isinstance(value, dt.datetime):  # in no table: while time is frozen the name means another class
        return _moment(value)
    for kind in type(value).__mro__:
        of_bson = kind.__module__.partition(".")[0] == "bson"
        convert = _BSON.get(kind.__name__) if of_bson else _CONVERTERS.get(kind)
        if convert is not None:
            return convert(value, depth)
    if isinstance(value, Mapping):
        return _document(value, depth)
    raw = getattr(value, "binary", None)
    if isinstance(raw, bytes) and len(raw) == _OBJECT_ID_BYTES:  # another package's ObjectId
        return _object_id(value)
    hint = _HINTS.get(type(value).__name__, "give what a driver of MongoDB takes")
    raise _Unfit(f"a {type(value).__name__} cannot be stored ({value!r:.80}): {hint}")


_PLAIN: Final = frozenset((str, bool, type(None)))

_CONVERTERS: Final[Mapping[type, Callable[[Any, int], Any]]] = MappingProxyType(
    {
        dict: _document,
        list: _array,
        tuple: _array,
        int: _integer,
        float: _number,
        str: lambda value, _: str.__str__(value),
        bytes: _bytes,
        bytearray: _bytes,
        uuid.UUID: lambda value, _: _bytes(value.bytes, subtype=_UUID_SUBTYPE),
        Decimal: _decimal,
        re.Pattern: _pattern,
    }
)

_BSON: Final[Mapping[str, Callable[[Any, int], Any]]] = MappingProxyType(
    {
        "ObjectId": _object_id,
        "Int64": _integer,
        "Decimal128": lambda value, _: {"$numberDecimal": str(value)},
        "Binary": lambda value, _: _bytes(value, subtype=value.subtype),
        "Timestamp": lambda value, _: {"$timestamp": {"t": value.time, "i": value.inc}},
        "DatetimeMS": _milliseconds,
        "Regex": _pattern,
        "Code": _code,
        "DBRef": lambda value, depth: _document(value.as_doc(), depth),
        "MinKey": lambda _value, _: {"$minKey": 1},
        "MaxKey": lambda _value, _: {"$maxKey": 1},
    }
)

_HINTS: Final = MappingProxyType(
    {
        "date": "BSON has no date without a time; give a datetime",
        "time": "BSON has no time without a date; give a datetime or text",
        "timedelta": "BSON has no lengths of time; give a number",
        "set": "give a list",
        "frozenset": "give a list",
        "Absent": "ABSENT is for fields that an update removes, in changes=",
    }
)
