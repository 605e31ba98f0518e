"""What a source declares about its events, so that they can be redacted. The law: declarations, no rule, no pseudonym.

A source says, by path, which fields hold identifiers and of what kind, and where payloads are and how they are wrapped.
Whoever reads an event that way (to redact it, to look for secrets) brings a `Content`; a wrapping takes the payload
out, hands it over, and puts what comes back in its place. Then `make_true` computes again what is derived.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias
from urllib.parse import quote_plus, unquote_plus

from pytest_lambda_events.model.java_bytes import are_bytes, signed, unsigned
from pytest_lambda_events.model.looking import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "Content",
    "Kind",
    "SourceRedaction",
    "Wrapping",
    "base64_data",
    "distinct",
    "json_number",
    "json_value",
    "plain_text",
    "signed_bytes",
    "url_text",
    "with_names",
]

Kind = Literal["handle", "opaque", "principal", "trace", "hosts", "user", "jms_id"]
"""What an identifier is: a receipt handle, another opaque text in base64, an IAM id with what may follow it, an X-Ray
header, addresses (host:port, with commas), the name of a user, an id of ActiveMQ's with the name of the host that made
it."""


class Content(Protocol):
    """What a payload is handed to, with the place where it is. What comes back takes its place."""

    def text(self, text: str) -> str:
        """A text, which may be JSON, base64 and so on."""
        ...

    def data(self, data: bytes) -> bytes:
        """Bytes, which may be a text, compressed and so on."""
        ...

    def number(self, text: str) -> str:
        """A number, as it is written."""
        ...

    def name(self, name: str) -> str:
        """A key of somebody's own choice."""
        ...

    def at(self, step: str | int) -> Content:
        """The same for what is below."""
        ...

    def root(self) -> Content:
        """The same for a value of its own, whose paths begin with `$`: a document, an item."""
        ...


Wrapping: TypeAlias = "Callable[[Any, Content], Any]"
"""Takes a value of the event apart and puts it together again; one that is not what it should be is taken as JSON."""


def _nothing(before: Any, after: Any) -> None:
    del before, after


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRedaction:
    """Paths are spelled as in findings, `[*]` for every element.

    `identifiers`: what kind of identifier a field of the event is; `response_identifiers` the same for what the
    function returns. `payloads`: how the payload at a path is wrapped. `make_true(before, after)` computes again, in
    place, what is derived from something that changed.
    """

    payloads: Mapping[str, Wrapping]
    identifiers: Mapping[str, Kind] = field(default_factory=lambda: _NONE)
    response_identifiers: Mapping[str, Kind] = field(default_factory=lambda: _NONE)
    make_true: Callable[[Any, Any], None] = _nothing


_NONE: Final[Mapping[str, Kind]] = MappingProxyType({})


# -- keys --------------------------------------------------------------------------------------------------------------


def with_names(
    value: Mapping[str, Any], name: Callable[[str], str], change: Callable[[str, Any], Any]
) -> dict[str, Any]:
    """An object with its keys as `name` makes them, and what `change` makes of each key's value."""
    taken: dict[str, str] = {}
    return {distinct(name(key), key, taken): change(key, one) for key, one in value.items()}


def distinct(name: str, was: str, taken: dict[str, str]) -> str:
    """What becomes of a key for which `name` was found; `taken` are the keys of the object so far, by what they became.

    Keys that were different stay so, or the value of one would be lost: two spellings of an e-mail address are one
    pseudonym.
    """
    found, number = name, 2
    while taken.setdefault(found, was) != was:
        found, number = f"{name} ({number})", number + 1
    return found


# -- how payloads are wrapped ------------------------------------------------------------------------------------------


def plain_text(value: Any, content: Content) -> Any:
    """A text as it is; what is none, because somebody made the event by hand, is taken as JSON."""
    return content.text(value) if isinstance(value, str) else json_value(value, content)


def base64_data(value: Any, content: Content) -> Any:
    """Bytes in base64; a text that is no base64 is taken as it is."""
    data = decoded(value)
    if data is None:
        return plain_text(value, content)
    changed = content.data(data)
    return value if changed == data else b64encode(changed).decode("ascii")


def signed_bytes(value: Any, content: Content) -> Any:
    """A list of bytes as Java has them, from -128 to 127; or unsigned ones."""
    if not are_bytes(value):
        return json_value(value, content)
    data = unsigned(value)
    changed = content.data(data)
    return value if changed == data else signed(changed)


_ALWAYS_QUOTED: Final = frozenset("%+ @:")


def url_text(value: Any, content: Content) -> Any:
    """A text that is URL-encoded, with `+` for a blank."""
    if not isinstance(value, str):
        return json_value(value, content)
    text = unquote_plus(value)
    changed = content.text(text)
    safe = "".join(set(value) - _ALWAYS_QUOTED)  # what stood there unquoted does again
    return value if changed == text else quote_plus(changed, safe=safe)


def json_value(value: Any, content: Content) -> Any:
    """JSON in JSON, as it is."""
    if isinstance(value, str):
        return content.text(value)
    if isinstance(value, dict):
        return with_names(value, content.name, lambda key, one: json_value(one, content.at(key)))
    if isinstance(value, list):
        return [json_value(one, content.at(place)) for place, one in enumerate(value)]
    return json_number(value, content)


def json_number(value: Any, content: Content) -> Any:
    """A number of JSON; anything else stays as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    text = repr(value)
    changed = content.number(text)
    return value if changed == text else json.loads(changed)
