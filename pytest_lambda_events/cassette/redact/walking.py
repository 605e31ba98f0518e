"""Going through an interaction: event, response, HTTP calls. The law: no source has a name here; each declares its own.

A `Visitor` says what becomes of everything that is found: the one who redacts, the one who looks for secrets.
"""

from __future__ import annotations

import dataclasses
import hashlib
from base64 import b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from pytest_lambda_events.cassette.model import Failure, HttpCall, HttpResponse, Returned
from pytest_lambda_events.cassette.redact.opening import Opened, Opening, Reader
from pytest_lambda_events.cassette.redact.where import Where
from pytest_lambda_events.model.paths import EVERY, parse_path
from pytest_lambda_events.model.redaction import json_value, with_names
from pytest_lambda_events.sources import redaction_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.cassette.model import Interaction
    from pytest_lambda_events.model.redaction import Kind

__all__ = ["Passing", "Visitor", "visited", "visited_part"]


class Visitor(Reader, Protocol):
    """What becomes of what is found in an interaction."""

    def identifier(self, kind: Kind, text: str, where: Where) -> str:
        """What becomes of a field of the event that is an identifier."""
        ...

    def metadata(self, text: str, where: Where) -> str:
        """What becomes of any other text that Lambda sends around the payloads."""
        ...


class Passing:
    """The visitor that looks into everything and changes nothing; whoever wants to note something derives from it."""

    def whole(self, text: str, where: Where) -> str | None:
        """See `Reader`."""
        del text, where
        return None

    def text(self, text: str, where: Where) -> str:
        """See `Reader`."""
        del where
        return text

    def number(self, text: str, where: Where) -> str:
        """See `Reader`."""
        del where
        return text

    def key(self, name: str, where: Where) -> str:
        """See `Reader`."""
        del where
        return name

    def binary(self, data: bytes, where: Where) -> bytes:
        """See `Reader`."""
        del where
        return data

    def identifier(self, kind: Kind, text: str, where: Where) -> str:
        """See `Visitor`: as any other text that Lambda sends."""
        del kind
        return self.metadata(text, where)

    def metadata(self, text: str, where: Where) -> str:
        """See `Visitor`."""
        del where
        return text


def visited(interaction: Interaction, source: str, visitor: Visitor) -> Interaction:
    """An interaction with what has become of everything in it; what is derived is not yet true again.

    Errors: `CassetteTooLarge` for what unpacks to too much.
    """
    opening = Opening(visitor)
    redaction = redaction_of(source)
    event = _walk(interaction.event, Where(), [_tree(source, "event")], opening, visitor)
    outcome = interaction.outcome
    match outcome:
        case Returned(value=value):
            where = Where((("response",),))
            if redaction.response_identifiers:
                value = _walk(value, where, [_tree(source, "response")], opening, visitor)
            else:
                value = json_value(value, Opened(opening, where))
            outcome = Returned(value)
        case Failure() as failure:
            outcome = _failure(failure, Where((("error",),)), opening)
        case _:
            pass
    calls = (_call(call, Where((("http", number),)), opening) for number, call in enumerate(interaction.http))
    return dataclasses.replace(interaction, event=event, outcome=outcome, http=tuple(calls))


def visited_part(value: Any, source: str, path: str, visitor: Visitor) -> Any:
    """The same for one value, as it would be at this path of an event. Errors: `CassetteTooLarge`."""
    where, nodes = Where(), [_tree(source, "event")]
    for step in parse_path(path):
        where, nodes = where.at(0 if step == EVERY else step), _below(nodes, step)
    return _walk(value, where, nodes, Opening(visitor), visitor)


# -- the event ---------------------------------------------------------------------------------------------------------

_FOUND: Final = ""
"""The key of a tree under which stands what a path leads to: no path has an empty step that is declared."""


@lru_cache
def _tree(source: str, part: str) -> dict[Any, Any]:
    """The declared paths of a source as a tree of steps, so that an event is walked once for all of them."""
    redaction = redaction_of(source)
    declared: Mapping[str, Any] = (
        {**redaction.identifiers, **redaction.payloads} if part == "event" else redaction.response_identifiers
    )
    root: dict[Any, Any] = {}
    for path, what in declared.items():
        node = root
        for step in parse_path(path):
            node = node.setdefault(step, {})
        node[_FOUND] = what
    return root


def _walk(value: Any, where: Where, nodes: list[dict[Any, Any]], opening: Opening, visitor: Visitor) -> Any:
    for node in nodes:
        what = node.get(_FOUND)
        if isinstance(what, str) and isinstance(value, str):
            return visitor.identifier(cast("Kind", what), value, where)
        if callable(what):
            return what(value, Opened(opening, where))
    if isinstance(value, dict):
        return with_names(
            value,
            lambda key: visitor.key(key, where),
            lambda key, one: _walk(one, where.at(key), _below(nodes, key), opening, visitor),
        )
    if isinstance(value, list):
        return [_walk(one, where.at(at), _below(nodes, at), opening, visitor) for at, one in enumerate(value)]
    return visitor.metadata(value, where) if isinstance(value, str) else value


def _below(nodes: list[dict[Any, Any]], step: str | int) -> list[dict[Any, Any]]:
    return [node[one] for node in nodes for one in (step, EVERY) if one != _FOUND and one in node]


# -- everything else ---------------------------------------------------------------------------------------------------


def _failure(failure: Failure, where: Where, opening: Opening) -> Failure:
    return dataclasses.replace(failure, message=opening.text(failure.message, where.at("message")))


def _call(call: HttpCall, where: Where, opening: Opening) -> HttpCall:
    asked = where.at("request")
    url = opening.text(call.request.url, asked.at("url"))
    request = dataclasses.replace(call.request, url=url, **_content(call.request, asked, opening))
    match call.outcome:
        case HttpResponse() as response:
            changed = _content(response, where.at("response"), opening)
            return HttpCall(request=request, outcome=dataclasses.replace(response, **changed))
        case failure:
            return HttpCall(request=request, outcome=_failure(failure, where.at("error"), opening))


def _content(message: Any, where: Where, opening: Opening) -> dict[str, Any]:
    """Headers and body, and what headers say of the body."""
    below = where.at("headers")
    headers = {
        name: tuple(opening.text(value, below.at(name)) for value in values) for name, values in message.headers.items()
    }
    body = message.body
    if body is not None:
        body = opening.data(body, where.at("body"))
        if body != message.body:
            headers = {name: _true_header(name, values, body) for name, values in headers.items()}
    return {"headers": headers, "body": body}


def _true_header(name: str, values: tuple[str, ...], body: bytes) -> tuple[str, ...]:
    match name.lower():
        case "content-length":
            return (str(len(body)),)
        case "content-md5":
            return (b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode("ascii"),)
        case "x-amz-content-sha256":
            return (hashlib.sha256(body).hexdigest(),)
        case _:
            return values
