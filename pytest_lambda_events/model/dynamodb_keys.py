"""The key of a table: one or two attributes that every item has. The law: pure; refuses in DynamoDB's own words.

Rules: API Reference, KeySchemaElement; Developer Guide, "Quotas in Amazon DynamoDB". Words marked [?] were not found in
a recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.dynamodb_sizes import value_size
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_lambda_events.model.dynamodb_values import AttributeValue, Image

__all__ = ["KEY_KINDS", "TableKey", "key_names"]

KEY_KINDS: Final[Mapping[str, str]] = {"S": "string", "N": "number", "B": "binary"}
"""The types that a key attribute may have, and what DynamoDB's refusals call them."""

_MOST_NAMES: Final = 2
_SIZES: Final = (
    (2048, "Size of hashkey has exceeded the maximum size limit of2048 bytes"),  # no blank: so DynamoDB writes it
    (1024, "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"),
)


def key_names(given: Sequence[str] | str | None, item: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of a table's key attributes: those given, else `id` if the item has it, else its first attribute.

    Errors: `UsageError` for none, more than two, or the same name twice.
    """
    if given is None:
        if not item:
            raise UsageError("an item without attributes has no key: give it at least one attribute")
        return ("id",) if "id" in item else (next(iter(item)),)
    names = (given,) if isinstance(given, str) else tuple(given)
    if not 1 <= len(names) <= _MOST_NAMES or len(set(names)) < len(names):
        raise UsageError(
            f"keys={given!r}: a table's key is one attribute, or a partition and a sort key; give their names, such as "
            "keys=('pk', 'sk')"
        )
    return names


@dataclass(frozen=True, slots=True, kw_only=True)
class TableKey:
    """What a table knows of its key: the attributes, and the type (S, N or B) of each."""

    kinds: Mapping[str, str]

    @classmethod
    def of(cls, image: Image, names: Sequence[str]) -> TableKey:
        """The key of the table that such an item is in. Errors: `Refusal`, `UsageError`."""
        kinds = {}
        for name in names:
            (kind,) = _attribute(image, name)
            if kind not in KEY_KINDS:
                raise UsageError(
                    f"the key attribute {name!r} is of type {kind}: {image[name]!r:.100}. A key is a str, a number or "
                    "bytes; say with keys= which attributes are the key"
                )
            kinds[name] = kind
        return cls(kinds=kinds)

    def of_item(self, image: Image) -> dict[str, AttributeValue]:
        """The key attributes of an item. Errors: `Refusal`, as PutItem answers."""
        key = {}
        for (name, kind), (most, message) in zip(self.kinds.items(), _SIZES, strict=False):
            value = _attribute(image, name)
            (found,) = value
            if found != kind:
                raise _invalid(f"Type mismatch for key {name} expected: {kind} actual: {found}")
            if value[kind] == "":
                raise Refusal(
                    "ValidationException",
                    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain "
                    f"an empty {KEY_KINDS[kind]} value. Key: {name}",
                )
            if value_size(value) > most:
                raise _invalid(message)
            key[name] = value
        return key


def _attribute(image: Image, name: str) -> AttributeValue:
    try:
        return image[name]
    except KeyError:
        raise _invalid(f"Missing the key {name} in the item", f"the item has {', '.join(image)}") from None


def _invalid(message: str, hint: str = "") -> Refusal:
    return Refusal("ValidationException", f"One or more parameter values were invalid: {message}", hint)
