"""Moto's items as images, and kept as DynamoDB keeps them. The law: what a read gives and what the stream shows agree.

DynamoDB keeps a number in one form (`0042.10` is `42.1`), and a set has no order: here it has one, so that a run can be
repeated. Moto keeps both as they came, or in the order of a hash. Binary content stays in moto's form, which conditions
compare with; an image has base64.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.responses import DynamoHandler

from pytest_lambda_events.model.dynamodb_values import NUMBER_GRAMMAR, base64_text, invalid, number_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.model.dynamodb_values import AttributeValue, Image

__all__ = ["image_of", "item_at", "keep", "moto_keys", "native_image", "put_back", "wire_image"]


def keep(item: Any) -> dict[str, AttributeValue]:
    """Let moto's item be what DynamoDB would keep, and its image. Errors: `Refusal`, of a number out of range."""
    return {name: _kept(value, name) for name, value in item.attrs.items()}


def image_of(item: Any) -> dict[str, AttributeValue] | None:
    """The image of moto's item; None of None."""
    return None if item is None else keep(item)


def _kept(value: Any, where: str) -> AttributeValue:
    kind = value.type
    if kind == "L":
        return {kind: [_kept(one, where) for one in value.value]}
    if kind == "M":
        return {kind: {name: _kept(one, f"{where}.{name}") for name, one in value.value.items()}}
    keeper = _KEEPERS.get(kind)
    if keeper is not None:
        value.value = keeper(value.value, where)
    shown = _SHOWN.get(kind)
    return {kind: value.value if shown is None else shown(value.value)}


def _number(text: str, where: str) -> str:
    if NUMBER_GRAMMAR.fullmatch(text) is None:
        raise invalid(f"The parameter cannot be converted to a numeric value: {text}", where)
    return number_text(Decimal(text), where)


def _numbers(content: list[str], where: str) -> list[str]:
    return sorted({_number(one, where) for one in content}, key=Decimal)


def _texts(content: list[str], where: str) -> list[str]:
    del where
    return sorted(set(content))


def _binaries(content: list[Any], where: str) -> list[Any]:
    del where
    return sorted(set(content), key=_bytes)


def _bytes(content: Any) -> bytes:
    """Binary content: bytes in a newer moto, their base64 in an older one."""
    return content if isinstance(content, bytes) else base64.b64decode(content)


def _text(content: Any) -> str:
    return base64_text(content) if isinstance(content, bytes) else content


_KEEPERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    "N": _number,
    "SS": _texts,
    "NS": _numbers,
    "BS": _binaries,
}
_SHOWN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "B": _text,
    "BS": lambda content: [_text(one) for one in content],
}


def native_image(image: Image) -> dict[str, Any]:
    """An image in the form in which this moto has values that came through its API."""
    return wire_image(image) if _HAS_BYTES else dict(image)


_HAS_BYTES: Final[bool] = getattr(DynamoHandler(), "automated_parameter_parsing", False)


def moto_keys(table: Any, attributes: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """The key of an item as moto's table wants it; None when the attributes have no such key, or one of another type.

    `attributes` are typed values: an item, or its key. The second part is None where there is no sort key.
    """
    found: list[Any] = []
    for name, kind in ((table.hash_key_attr, table.hash_key_type), (table.range_key_attr, table.range_key_type)):
        if name is None:
            found.append(None)
            continue
        value = attributes.get(name)
        if value is None or list(value) != [kind]:
            return None
        found.append(DynamoType(value))
    return found[0], found[1]


def item_at(table: Any, keys: tuple[Any, Any]) -> Any:
    """Moto's item of this key, None when it has none. Unlike moto's own look-up this leaves nothing behind."""
    found = table.items.get(keys[0])
    return found if found is None or keys[1] is None else found.get(keys[1])


def put_back(table: Any, keys: tuple[Any, Any], item: Any) -> None:
    """Let moto's table have this item under its key, or none: what a refused write must not have changed."""
    hash_key, range_key = keys
    if range_key is not None:
        table.items[hash_key].pop(range_key, None)
        if item is not None:
            table.items[hash_key][range_key] = item
    else:
        table.items.pop(hash_key, None)
        if item is not None:
            table.items[hash_key] = item


def _wire_value(value: AttributeValue) -> dict[str, Any]:
    """A typed value for moto's serialiser, which encodes binary content itself."""
    ((kind, content),) = value.items()
    if kind == "B":
        return {kind: base64.b64decode(content)}
    if kind == "BS":
        return {kind: [base64.b64decode(one) for one in content]}
    if kind == "L":
        return {kind: [_wire_value(one) for one in content]}
    if kind == "M":
        return {kind: wire_image(content)}
    return {kind: content}


def wire_image(image: Image) -> dict[str, Any]:
    """An image for moto's serialiser."""
    return {name: _wire_value(value) for name, value in image.items()}
