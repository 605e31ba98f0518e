"""How MongoDB compares values. The law: pure; values in extended JSON, and what they mean decides, not how they look.

Numbers are equal whatever their type (5, 5.0, Decimal128 5.00), booleans are no numbers, documents are equal with their
fields in the same order, and only values of one kind are less or greater than one another (MongoDB Manual, "Comparison/
Sort Order" and "Comparison Query Operators").
"""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.extended_json_forms import is_wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

__all__ = ["key_of", "kind_of", "number_of", "ordered"]

_ISO: Final = re.compile(r"(.{19})(?:\.(\d+))?(?:Z|([+-]\d\d):?(\d\d))")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def key_of(value: Any) -> Hashable:
    """A key that two values share when MongoDB takes them for equal."""
    order = ordered(value)
    if order is not None:
        kind, comparable = order
        return kind, "NaN" if comparable != comparable else comparable  # noqa: PLR0124 - NaN is what differs from itself
    if value is None:
        return ("null",)
    if isinstance(value, list):
        return "array", tuple([key_of(one) for one in value])
    if is_wrapped(value):
        return "other", json.dumps(value, sort_keys=True)
    return "document", tuple([(name, key_of(one)) for name, one in value.items()])


def ordered(value: Any) -> tuple[str, Any] | None:
    """A value's kind and what it is compared by within that kind; None for what is not compared here."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, str):
        return "text", value
    number = number_of(value)
    if number is not None:
        return "number", number
    if is_wrapped(value):
        name = next(iter(value))
        comparable = _READ[name](value[name]) if name in _READ else None
        return None if comparable is None else (name, comparable)
    return None


def number_of(value: Any) -> int | float | Decimal | None:
    """A number, whatever its type; None for what is none."""
    if isinstance(value, (int, float)):
        return None if isinstance(value, bool) else value
    if not is_wrapped(value):
        return None
    name = next(iter(value))
    if name in {"$numberLong", "$numberInt"}:
        return int(value[name])
    if name in {"$numberDouble", "$numberDecimal"}:
        number = Decimal(value[name])
        # a double is what its text rounds to, and so are infinities and NaN of both
        return float(number) if name == "$numberDouble" or not number.is_finite() else number
    return None


def kind_of(value: Any) -> str:
    """What MongoDB calls the type of a value, for messages."""
    if value is None or isinstance(value, list):
        return "null" if value is None else "array"
    order = ordered(value)
    if order is not None:
        return {"boolean": "bool", "text": "string", "number": "number"}.get(order[0], order[0].strip("$"))
    return next(iter(value)).strip("$") if is_wrapped(value) else "object"


def _date_ms(value: Any) -> int | None:
    """Milliseconds since 1970 of what stands behind $date; None for what is no time."""
    if isinstance(value, dict):
        return int(value["$numberLong"])
    found = _ISO.fullmatch(value)
    if found is None:
        return None
    moment, fraction, hours, minutes = found.groups()
    zone = f"{hours}:{minutes}" if hours else "+00:00"
    try:
        read = dt.datetime.fromisoformat(f"{moment}.{(fraction or '')[:6]:0<6}{zone}")
    except ValueError:
        return None
    return (read - _EPOCH) // dt.timedelta(milliseconds=1)


_READ: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType({"$date": _date_ms, "$oid": str})
"""Kinds of values besides numbers, texts and booleans that have an order."""
