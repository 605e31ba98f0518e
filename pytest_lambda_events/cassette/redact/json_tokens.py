"""JSON in a text, changed where it has to be. The law: what nobody changes stays as it is written, blanks included.

A body is never parsed and written anew: the tokens that change are replaced in the text, and all others, numbers,
blanks, escapes, keys that come twice, are those of the sender.
"""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import TYPE_CHECKING, Final, Protocol

from pytest_lambda_events.cassette.json_text import TooMuch, check_bounds
from pytest_lambda_events.model.redaction import distinct

if TYPE_CHECKING:
    from pytest_lambda_events.cassette.redact.where import Where

__all__ = ["Tokens", "is_json", "replaced"]

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_NUMBER_BEGINS: Final = "-0123456789"


class Tokens(Protocol):
    """What becomes of the tokens of a text of JSON."""

    def text(self, text: str, where: Where) -> str:
        """A text."""
        ...

    def number(self, text: str, where: Where) -> str:
        """A number, as it is written."""
        ...

    def key(self, name: str, where: Where) -> str:
        """A key, at the place of its object."""
        ...


def is_json(text: str) -> bool:
    """Whether a text is an object, a list or a text of JSON, and not too deep."""
    if text.lstrip(" \t\r\n")[:1] not in ("{", "[", '"'):
        return False
    try:
        check_bounds(text.encode("utf-8", "surrogatepass"))
        json.loads(text)
    except (ValueError, TooMuch, RecursionError):
        return False
    return True


def replaced(text: str, where: Where, tokens: Tokens) -> str:
    """The text with what has become of its tokens. It is JSON."""
    way = _Way(where)
    parts: list[str] = []
    done = 0
    for found in _TOKEN.finditer(text):
        token = found.group()
        new = _changed(token, way, tokens)
        if new != token:
            parts += (text[done : found.start()], new)
            done = found.end()
    return text if done == 0 else "".join((*parts, text[done:]))


class _Way:
    """The way from the root to the token that is being read: a key or a place for each object and list around it."""

    __slots__ = ("key_is_next", "keys", "steps", "where")

    def __init__(self, where: Where) -> None:
        self.where = where
        self.steps: list[str | int] = []
        self.key_is_next: list[bool] = []  # for each; never in a list
        self.keys: list[dict[str, str]] = []  # for each, those of the object so far, by what they became

    def enter(self, *, is_object: bool) -> None:
        self.steps.append("" if is_object else 0)
        self.key_is_next.append(is_object)
        self.keys.append({})

    def leave(self) -> None:
        self.steps.pop()
        self.key_is_next.pop()
        self.keys.pop()

    def go_on(self) -> None:
        last = self.steps[-1]
        if isinstance(last, int):
            self.steps[-1] = last + 1
        else:
            self.key_is_next[-1] = True

    def take_key(self, name: str) -> bool:
        """Whether the text is a key; if so, what follows is its value."""
        if not self.key_is_next or not self.key_is_next[-1]:
            return False
        self.key_is_next[-1] = False
        self.steps[-1] = name
        return True

    def here(self, *, above: bool = False) -> Where:
        where = self.where
        for step in self.steps[:-1] if above else self.steps:
            where = where.at(step)
        return where


def _changed(token: str, way: _Way, tokens: Tokens) -> str:
    first = token[0]
    if first in "{[":
        way.enter(is_object=first == "{")
    elif first in "}]":
        way.leave()
    elif first == ",":
        way.go_on()
    elif first == '"':
        text: str = json.loads(token)
        if way.take_key(text):
            after = distinct(tokens.key(text, way.here(above=True)), text, way.keys[-1])
        else:
            after = tokens.text(text, way.here())
        if after != text:  # escaped as the one before was
            return encode_basestring_ascii(after) if token.isascii() else encode_basestring(after)
    elif first in _NUMBER_BEGINS:
        return tokens.number(token, way.here())
    return token
