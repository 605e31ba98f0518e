"""Typed values, such as `{"S": "text"}`, and the limits that all of them keep. The law: pure; DynamoDB's own words.

They are those of Lambda's JSON, in which B is base64. A number is the text that DynamoDB gives back: no exponent, no
zeros that say nothing (recorded: `0042.1200` is `42.12`, `1E125` has 126 digits).

Rules: Amazon DynamoDB Developer Guide, "Supported data types and naming rules"; API Reference, AttributeValue. Words
marked [?] were not found in a recording.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = [
    "EMPTY_SET",
    "KINDS",
    "NUMBER_GRAMMAR",
    "AttributeValue",
    "Image",
    "base64_text",
    "check_distinct",
    "check_level",
    "check_name",
    "encoded",
    "invalid",
    "invalid_parameter",
    "number_text",
    "same_item",
]

AttributeValue: TypeAlias = Mapping[str, Any]
"""One typed value: a single key that says the type, and the value."""

Image: TypeAlias = Mapping[str, AttributeValue]
"""An item, or a part of one: names and typed values."""

KINDS: Final = ("S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M")
_SET_KINDS: Final = ("SS", "NS", "BS")

NUMBER_GRAMMAR: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
"""What DynamoDB reads as a number."""

_MOST_DIGITS: Final = 38
_LARGEST_POWER: Final = 125
_SMALLEST_POWER: Final = -130
_MOST_LEVELS: Final = 32
_LONGEST_NAME_BYTES: Final = 65_535

EMPTY_SET: Final = {
    "SS": "An string set  may not be empty",
    "NS": "An number set  may not be empty",
    "BS": "Binary sets should not be empty",
}
"""What DynamoDB says of an empty set; the blanks are its own."""


def same_item(one: Image, other: Image) -> bool:
    """Whether two items are the same to DynamoDB: neither attributes nor the elements of a set have an order."""
    return _comparable_map(one) == _comparable_map(other)


def number_text(number: Decimal, where: str) -> str:
    """The text of a number as DynamoDB gives it back. Errors: `Refusal` for one out of its range."""
    if not number.is_finite():
        raise UsageError(f"{where} is {number}: DynamoDB has neither infinity nor NaN")
    if number == 0:
        return "0"
    if number.adjusted() > _LARGEST_POWER:
        raise invalid("Number overflow. Attempting to store a number with magnitude larger than supported range", where)
    if number.adjusted() < _SMALLEST_POWER:
        raise invalid(
            "Number underflow. Attempting to store a number with magnitude smaller than supported range", where
        )
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text.replace(".", "").strip("-0")) > _MOST_DIGITS:
        raise invalid(f"Attempting to store more than {_MOST_DIGITS} significant digits in a Number", where)
    return text


def check_name(name: Any) -> str:
    """The name of an attribute. Errors: `UsageError`, `Refusal`."""
    if not isinstance(name, str) or not name:
        raise UsageError(f"{name!r:.100} is no name of an attribute: that is a str of one character or more")
    # a character needs at most four bytes: most names need not be encoded to know that they fit
    if len(name) * 4 > _LONGEST_NAME_BYTES and len(encoded(name, "an attribute's name")) > _LONGEST_NAME_BYTES:
        raise invalid("Attribute name is too large, must be less than 65536 bytes", name)  # [?]
    if not name.isascii():
        encoded(name, "an attribute's name")
    return name


def encoded(text: str, where: str) -> bytes:
    """The text in UTF-8. Errors: `UsageError` for half of a surrogate pair."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{where} is no Unicode text: {error}") from error


def base64_text(value: Any) -> str:
    """Bytes as they stand in JSON."""
    return base64.b64encode(bytes(value)).decode("ascii")


def check_level(level: int, where: str) -> None:
    """Errors: `Refusal` for a list or map so deep in others."""
    if level > _MOST_LEVELS:
        raise invalid(
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported "
            "limit",
            where,
        )


def check_distinct(kind: str, elements: list[str], where: str) -> None:
    """Errors: `Refusal` for a set that has an element twice."""
    if len(set(elements)) == len(elements):
        return
    shown = f"[{', '.join(elements)}]"
    message = {
        "SS": f"Input collection {shown} contains duplicates.",
        "NS": "Input collection contains duplicates",
        "BS": f"Input collection {shown}of type BS contains duplicates.",
    }[kind]
    raise invalid(message, where) if kind == "NS" else invalid_parameter(message, where)


def invalid(message: str, where: str) -> Refusal:
    """What DynamoDB answers, with the attribute that it is about."""
    return Refusal("ValidationException", message, f"it is about the attribute {where!r:.100}")


def invalid_parameter(message: str, where: str) -> Refusal:
    """The same, of a parameter's value."""
    return invalid(f"One or more parameter values were invalid: {message}", where)


def _comparable_map(image: Image) -> dict[str, Any]:
    return {name: _comparable(value) for name, value in image.items()}


def _comparable(value: AttributeValue) -> Any:
    ((kind, content),) = value.items()
    if kind in _SET_KINDS:
        return kind, frozenset(content)
    if kind == "L":
        return kind, [_comparable(one) for one in content]
    if kind == "M":
        return kind, _comparable_map(content)
    return kind, content
