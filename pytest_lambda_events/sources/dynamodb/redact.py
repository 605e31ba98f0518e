"""What is private in a DynamoDB event: items. The law: a value is one pseudonym in Keys and images, and sizes are true.

Paths of rules begin at the item: `$.customer.email`, whatever the types between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.dynamodb_changes import size_of
from pytest_lambda_events.model.looking import value_at
from pytest_lambda_events.model.redaction import SourceRedaction, base64_data, json_value, plain_text, with_names

if TYPE_CHECKING:
    from pytest_lambda_events.model.redaction import Content

__all__ = ["REDACTION"]

_CHANGE: Final = "Records[*].dynamodb"
_OF_SET: Final = {"SS": "S", "NS": "N", "BS": "B"}


def _item(value: Any, content: Content) -> Any:
    return _attributes(value, content.root())


def _attributes(value: Any, content: Content) -> Any:
    if not isinstance(value, dict):
        return json_value(value, content)
    return with_names(value, content.name, lambda name, one: _typed(one, content.at(name)))


def _typed(value: Any, content: Content) -> Any:
    if not isinstance(value, dict) or len(value) != 1:
        return json_value(value, content)
    ((kind, inner),) = value.items()
    return {kind: _inner(kind, inner, content)}


def _inner(kind: str, inner: Any, content: Content) -> Any:
    if kind == "S":
        return plain_text(inner, content)
    if kind == "N":
        return content.number(inner) if isinstance(inner, str) else json_value(inner, content)
    if kind == "B":
        return base64_data(inner, content)
    if kind == "M":
        return _attributes(inner, content)
    if isinstance(inner, list) and kind == "L":
        return [_typed(one, content.at(place)) for place, one in enumerate(inner)]
    if isinstance(inner, list) and kind in _OF_SET:
        changed = [_inner(_OF_SET[kind], one, content.at(place)) for place, one in enumerate(inner)]
        return changed if any(isinstance(one, (dict, list)) for one in changed) else list(dict.fromkeys(changed))
    return json_value(inner, content)


def _make_true(before: Any, after: Any) -> None:
    old, new = value_at(before, "Records"), value_at(after, "Records")
    if not isinstance(old, list) or not isinstance(new, list):
        return
    for one, other in zip(old, new, strict=True):
        change = value_at(other, "dynamodb")
        if isinstance(change, dict) and "SizeBytes" in change and change != value_at(one, "dynamodb"):
            size = size_of(change)
            if size is not None:
                change["SizeBytes"] = size


REDACTION: Final = SourceRedaction(
    payloads={
        f"{_CHANGE}.Keys": _item,
        f"{_CHANGE}.NewImage": _item,
        f"{_CHANGE}.OldImage": _item,
        "state": json_value,
    },
    make_true=_make_true,
)
