"""Items that are already in DynamoDB's form. The law: the shape is checked, and numbers become what DynamoDB keeps.

Shape is ours to complain of, content DynamoDB's: a `UsageError` for what is no typed value, a `Refusal` for one that
PutItem would not take.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.dynamodb_values import (
    EMPTY_SET,
    KINDS,
    NUMBER_GRAMMAR,
    base64_text,
    check_distinct,
    check_level,
    check_name,
    encoded,
    invalid,
    invalid_parameter,
    number_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.dynamodb_values import AttributeValue

__all__ = ["checked_item"]


def checked_item(image: Any) -> dict[str, AttributeValue]:
    """An item of typed values, checked and as DynamoDB keeps it. Errors: `Refusal`, `UsageError`."""
    if not isinstance(image, Mapping):
        raise UsageError(
            f"an item is a mapping of attribute names to typed values, and this is a {type(image).__name__}: "
            f"{image!r:.100}"
        )
    return {check_name(name): _checked(value, name, 1) for name, value in image.items()}


def _checked(value: Any, where: str, level: int) -> AttributeValue:
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, content),) = value.items()
        if kind in _READERS:
            return {kind: _READERS[kind](content, where, level)}
    raise UsageError(f"{where} is no typed value: {value!r:.100}. It has one key of {', '.join(KINDS)}")


def _wrong(where: str, kind: str, value: Any, expected: str) -> UsageError:
    return UsageError(f"{where} is a {kind} with {value!r:.100}: {kind} holds {expected}")


def _checked_text(value: Any, where: str, level: int) -> str:
    del level
    if not isinstance(value, str):
        raise _wrong(where, "S", value, "a str")
    encoded(value, where)
    return value


def _checked_number(value: Any, where: str, level: int) -> str:
    del level
    if not isinstance(value, str):
        raise _wrong(where, "N", value, "a number as a str")
    if NUMBER_GRAMMAR.fullmatch(value) is None:
        what = f": {value}" if value else ""
        raise invalid(f"The parameter cannot be converted to a numeric value{what}", where)
    return number_text(Decimal(value), where)


def _checked_binary(value: Any, where: str, level: int) -> str:
    del level
    if isinstance(value, (bytes, bytearray)):
        return base64_text(value)
    if not isinstance(value, str):
        raise _wrong(where, "B", value, "bytes, or their base64 as a str")
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong(where, "B", value, f"base64 ({error})") from error
    return value


def _checked_boolean(value: Any, where: str, level: int) -> bool:
    del level
    if not isinstance(value, bool):
        raise _wrong(where, "BOOL", value, "True or False")
    return value


def _checked_null(value: Any, where: str, level: int) -> bool:
    del level
    if value is not True:
        raise invalid_parameter("Null attribute value types must have the value of true", where)
    return True


def _checked_set(kind: str, element: Callable[[Any, str, int], str]) -> Callable[[Any, str, int], list[str]]:
    def check(value: Any, where: str, level: int) -> list[str]:
        if not isinstance(value, (list, tuple)):
            raise _wrong(where, kind, value, "a list")
        if not value:
            raise invalid_parameter(EMPTY_SET[kind], where)
        elements = [element(one, where, level) for one in value]
        check_distinct(kind, elements, where)
        return elements

    return check


def _checked_list(value: Any, where: str, level: int) -> list[AttributeValue]:
    check_level(level, where)
    if not isinstance(value, (list, tuple)):
        raise _wrong(where, "L", value, "a list")
    return [_checked(one, f"{where}[{place}]", level + 1) for place, one in enumerate(value)]


def _checked_map(value: Any, where: str, level: int) -> dict[str, AttributeValue]:
    check_level(level, where)
    if not isinstance(value, Mapping):
        raise _wrong(where, "M", value, "a mapping")
    return {check_name(name): _checked(one, f"{where}.{name}", level + 1) for name, one in value.items()}


_READERS: Final[Mapping[str, Callable[[Any, str, int], Any]]] = {
    "S": _checked_text,
    "N": _checked_number,
    "B": _checked_binary,
    "BOOL": _checked_boolean,
    "NULL": _checked_null,
    "SS": _checked_set("SS", _checked_text),
    "NS": _checked_set("NS", _checked_number),
    "BS": _checked_set("BS", _checked_binary),
    "L": _checked_list,
    "M": _checked_map,
}
