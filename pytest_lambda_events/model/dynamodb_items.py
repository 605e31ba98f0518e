"""Plain items: Python values become typed ones, and come back. The law: pure; nothing is guessed.

str is S; int, Decimal and float N; bytes B; bool BOOL; None NULL; a set SS, NS or BS; list and tuple L; a mapping M,
also one that looks like a typed value. A float stands for what Python prints of it: 0.1 is `0.1`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.dynamodb_values import (
    EMPTY_SET,
    base64_text,
    check_distinct,
    check_level,
    check_name,
    encoded,
    invalid_parameter,
    number_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.dynamodb_values import AttributeValue, Image

__all__ = ["plain_item", "typed_item"]


def typed_item(item: Any) -> dict[str, AttributeValue]:
    """A plain item as DynamoDB keeps it. Errors: `Refusal` as PutItem answers; `UsageError` for other Python types."""
    if not isinstance(item, Mapping):
        raise UsageError(
            f"an item is a mapping of attribute names to values, and this is a {type(item).__name__}: {item!r:.100}"
        )
    return {check_name(name): _typed(value, name, 1) for name, value in item.items()}


def plain_item(image: Image) -> dict[str, Any]:
    """The item in Python's types: numbers as Decimal, as boto3 gives them, binary as bytes, sets as set."""
    return {name: _plain(value) for name, value in image.items()}


def _typed(value: Any, where: str, level: int) -> AttributeValue:
    kind: type = type(value)
    writer = _writer_of(kind)
    if writer is None:
        raise UsageError(
            f"{where} is a {kind.__name__}: {value!r:.100}. An item holds str, int, float, Decimal, bytes, "
            "bool, None, list, dict, and sets of str, of numbers or of bytes: write it as one of them"
        )
    return writer(value, where, level)


def _text(value: Any, where: str, level: int) -> AttributeValue:
    del level
    if not value.isascii():
        encoded(value, where)
    return {"S": value}


def _boolean(value: Any, where: str, level: int) -> AttributeValue:
    del where, level
    return {"BOOL": value}


def _number(value: Any, where: str, level: int) -> AttributeValue:
    del level
    # most numbers are small and whole, and are their own text
    if type(value) is int and -(10**15) < value < 10**15:
        return {"N": str(value)}
    return {"N": number_text(_decimal(value), where)}


def _decimal(value: Any) -> Decimal:
    return Decimal(float.__repr__(value)) if isinstance(value, float) else Decimal(value)


def _binary(value: Any, where: str, level: int) -> AttributeValue:
    del where, level
    return {"B": base64_text(value)}


def _null(value: Any, where: str, level: int) -> AttributeValue:
    del value, where, level
    return {"NULL": True}


def _set(value: Any, where: str, level: int) -> AttributeValue:
    if not value:
        # boto3 takes an empty set for one of numbers
        raise invalid_parameter(EMPTY_SET["NS"], where)
    typed = [_typed(one, where, level) for one in value]
    kinds = {kind for one in typed for kind in one}
    if len(kinds) > 1 or not kinds <= {"S", "N", "B"}:
        raise UsageError(
            f"{where} is a set of {' and '.join(sorted(kinds))}: {value!r:.100}. A set is all str, all numbers or all "
            "bytes; a list may be mixed"
        )
    (kind,) = kinds
    elements = [one[kind] for one in typed]
    check_distinct(f"{kind}S", elements, where)
    # a set has no order, an event that can be repeated has one [?]
    return {f"{kind}S": sorted(elements, key=_SET_ORDER[kind])}


def _binary_order(element: str) -> Any:
    return base64.b64decode(element)


def _text_order(element: str) -> Any:
    return element


_SET_ORDER: Final[Mapping[str, Callable[[str], Any]]] = {"S": _text_order, "N": Decimal, "B": _binary_order}


def _list(value: Any, where: str, level: int) -> AttributeValue:
    check_level(level, where)
    return {"L": [_typed(one, f"{where}[{place}]", level + 1) for place, one in enumerate(value)]}


def _map(value: Any, where: str, level: int) -> AttributeValue:
    check_level(level, where)
    return {"M": {check_name(name): _typed(one, f"{where}.{name}", level + 1) for name, one in value.items()}}


_WRITERS: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any, str, int], AttributeValue]], ...]] = (
    (str, _text),
    (bool, _boolean),  # before int, of which it is one
    ((int, float, Decimal), _number),
    ((bytes, bytearray), _binary),
    (type(None), _null),
    (AbstractSet, _set),
    ((list, tuple), _list),
    (Mapping, _map),
)


@cache
def _writer_of(kind: type) -> Callable[[Any, str, int], AttributeValue] | None:
    if kind.__module__ == "boto3.dynamodb.types" and kind.__name__ == "Binary":  # what boto3 makes of a B
        return _binary
    return next((writer for types, writer in _WRITERS if issubclass(kind, types)), None)


def _plain(value: AttributeValue) -> Any:
    ((kind, content),) = value.items()
    return _PLAIN[kind](content)


def _itself(content: Any) -> Any:
    return content


_PLAIN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "S": _itself,
    "N": Decimal,
    "B": base64.b64decode,
    "BOOL": _itself,
    "NULL": lambda _: None,
    "SS": set,
    "NS": lambda content: {Decimal(one) for one in content},
    "BS": lambda content: {base64.b64decode(one) for one in content},
    "L": lambda content: [_plain(one) for one in content],
    "M": plain_item,
}
