"""What is private in a DocumentDB event: documents. The law: one value is one pseudonym wherever a document is shown.

Paths of rules begin at the document: `$.customer.email`. In updatedFields a field may have a path for a name
(`customer.email`): it counts as that path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.extended_json_forms import is_wrapped
from pytest_lambda_events.model.redaction import SourceRedaction, base64_data, json_number, plain_text, with_names

if TYPE_CHECKING:
    from pytest_lambda_events.model.redaction import Content

__all__ = ["REDACTION"]

_CHANGE: Final = "events[*].event"
_TEXTS: Final = frozenset(("$code", "$symbol", "pattern"))
_NUMBERS: Final = frozenset(("$numberLong", "$numberInt", "$numberDouble", "$numberDecimal"))


def _document(value: Any, content: Content) -> Any:
    return _value(value, content.root())


def _value(value: Any, content: Content) -> Any:
    if isinstance(value, str):
        return content.text(value)
    if isinstance(value, list):
        return [_value(one, content.at(place)) for place, one in enumerate(value)]
    if not isinstance(value, dict):
        return json_number(value, content)
    if is_wrapped(value):
        return {key: _wrapped(key, one, content) for key, one in value.items()}
    return with_names(value, content.name, lambda name, one: _value(one, _below(content, name)))


def _below(content: Content, name: str) -> Content:
    """The place of a field, whose name may be a path."""
    for step in name.split("."):
        content = content.at(step)
    return content


def _wrapped(key: str, value: Any, content: Content) -> Any:
    """What is within a wrapped value: `{"$binary": {"base64": …}}`, `{"$code": …}`."""
    if key in _NUMBERS:
        return content.number(value) if isinstance(value, str) else value
    if key in _TEXTS:
        return plain_text(value, content)
    if isinstance(value, dict):
        if key == "$binary":
            return {name: base64_data(one, content) if name == "base64" else one for name, one in value.items()}
        if key == "$scope":
            return _value(value, content)
        return {name: _wrapped(name, one, content) for name, one in value.items()}
    return value


REDACTION: Final = SourceRedaction(
    payloads={
        f"{_CHANGE}.documentKey": _document,
        f"{_CHANGE}.fullDocument": _document,
        f"{_CHANGE}.updateDescription.updatedFields": _document,
    },
)
