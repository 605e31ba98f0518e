"""How large DynamoDB finds an item. The law: pure; every rule was recomputed on recorded SizeBytes.

An attribute has the bytes of its name in UTF-8 and those of its value: S its UTF-8, B its bytes, BOOL and NULL 1, a set
its elements, L and M 3 and 1 more for each element. A number has 1, and 1 for each two digits that matter before the
point and after it, each rounded up, and 1 for a minus sign (recorded to the byte: `3.14159` has 5, `123456` 4). The
SizeBytes of a stream record count Keys and the images that it carries.

Developer Guide, "DynamoDB item sizes and formats", and where that is vague ("approximately"), the recordings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.model.dynamodb_values import AttributeValue, Image

__all__ = ["LARGEST_ITEM_BYTES", "check_item_size", "item_size", "number_size", "value_size"]

LARGEST_ITEM_BYTES: Final = 409_600
"""400 KB: an item of so many bytes is accepted, one byte more is refused (recorded)."""

_CONTAINER: Final = 3


def item_size(image: Image) -> int:
    """The bytes of an item, or of a part of one. Numbers are in the form in which DynamoDB keeps them."""
    size = 0
    for name, value in image.items():
        size += (len(name) if name.isascii() else len(name.encode("utf-8"))) + value_size(value)
    return size


def value_size(value: AttributeValue) -> int:
    """The bytes of one typed value, without its name."""
    ((kind, content),) = value.items()
    return _SIZES[kind](content)


def number_size(text: str) -> int:
    """The bytes of a number, which is in the form in which DynamoDB keeps it: neither exponent nor idle zeros."""
    whole, _, fraction = text.lstrip("-").partition(".")
    if not fraction:
        whole = whole.rstrip("0")
    elif whole == "0":
        whole, fraction = "", fraction.lstrip("0")
    return 1 + (len(whole) + 1) // 2 + (len(fraction) + 1) // 2 + text.startswith("-")


def check_item_size(image: Image) -> int:
    """The bytes of an item. Errors: `Refusal`, in DynamoDB's words, for one of more than 400 KB."""
    size = item_size(image)
    if size > LARGEST_ITEM_BYTES:
        raise Refusal(
            "ValidationException",
            "Item size has exceeded the maximum allowed size",
            f"it has {size} bytes, names and values, and 400 KB ({LARGEST_ITEM_BYTES}) is the most",
        )
    return size


def _text_size(content: str) -> int:
    return len(content) if content.isascii() else len(content.encode("utf-8"))


def _binary_size(content: str) -> int:
    """Of base64: three bytes for each four characters, less the padding."""
    return len(content) * 3 // 4 - content.count("=")


def _one(content: Any) -> int:
    del content
    return 1


_SIZES: Final[Mapping[str, Callable[[Any], int]]] = {
    "S": _text_size,
    "N": number_size,
    "B": _binary_size,
    "BOOL": _one,
    "NULL": _one,
    "SS": lambda content: sum(map(_text_size, content)),
    "NS": lambda content: sum(map(number_size, content)),
    "BS": lambda content: sum(map(_binary_size, content)),
    "L": lambda content: _CONTAINER + sum(1 + value_size(one) for one in content),
    "M": lambda content: _CONTAINER + len(content) + item_size(content),
}
