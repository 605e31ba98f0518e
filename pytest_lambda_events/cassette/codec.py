"""Between a cassette and its text. The law: one text for each cassette, and one cassette or one clear error for a text.

Our own keys stand in a fixed order; events and responses keep the order and spelling in which they came. The form is
described in docs/cassettes.md and in `schema.json` beside this module; version 1 is the first.

A cassette of many interactions is two files: the cassette, which names the other, and beside it JSON Lines with one
interaction a line. The name of the lines changes with their content, so that the cassette never names lines that it
does not belong to, whenever the writer is stopped.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pytest_lambda_events.cassette.json_text import Malformed, TooMuch, compact, pretty, read
from pytest_lambda_events.cassette.model import (
    Captured,
    Cassette,
    Failure,
    HttpCall,
    HttpRequest,
    HttpResponse,
    Interaction,
    Redacted,
    Returned,
)
from pytest_lambda_events.cassette.reading import Part
from pytest_lambda_events.errors import CassetteBroken, CassetteTooLarge, UsageError
from pytest_lambda_events.model.paths import parse_path
from pytest_lambda_events.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "FORMAT",
    "LINES_FROM",
    "LINES_NAME",
    "VERSION",
    "cassette_of",
    "decode",
    "encode",
    "is_cassette",
    "is_second",
    "json_of",
    "lines_named",
    "outcome_json",
    "tree_of",
    "whole_tree",
]

FORMAT: Final = "lambda-events-cassette"
VERSION: Final = 1
LINES_FROM: Final = 101
"""From so many interactions on they stand in a file of their own, a line each."""

LINES_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}\.[0-9a-f]{12}\.jsonl")
"""The name of a file of lines: no folder, no way out of the cassette's own."""

_KEYS: Final = (
    "format",
    "version",
    "source",
    "recorded_at",
    "recorded_by",
    "captured",
    "redacted",
    "interactions",
)
_INTERACTION_KEYS: Final = ("at", "event", "response", "error", "http", "invented")
_SECOND: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
_KEY: Final = re.compile(r"random|[0-9a-f]{8}")
_METHOD: Final = re.compile(r"[A-Z]{1,20}")
_STATUSES: Final = range(100, 600)
_MOST_INTERACTIONS: Final = range(10**6)


# -- to text -----------------------------------------------------------------------------------------------------------


def encode(cassette: Cassette, name: str) -> tuple[str, tuple[str, str] | None]:
    """The text of a cassette that is called `name` (without `.json`), and name and text of its lines, if it has any."""
    tree = json_of(cassette)
    if len(cassette.interactions) < LINES_FROM:
        return f"{pretty(tree)}\n", None
    text = "".join(f"{compact(one)}\n" for one in tree["interactions"])
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]
    lines = f"{name}.{digest}.jsonl"
    tree["interactions"] = {"lines": lines, "count": len(cassette.interactions)}
    return f"{pretty(tree)}\n", (lines, text)


def json_of(cassette: Cassette) -> dict[str, Any]:
    """A cassette as JSON, all in one."""
    captured = cassette.captured
    tree: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "source": cassette.source,
        "recorded_at": cassette.recorded_at,
        "recorded_by": cassette.recorded_by,
        "captured": {"how": captured.how, **({"notes": list(captured.notes)} if captured.notes else {})},
    }
    if cassette.redacted is not None:
        tree["redacted"] = {"key": cassette.redacted.key}
    tree["interactions"] = [_interaction_json(one) for one in cassette.interactions]
    return tree


def _interaction_json(one: Interaction) -> dict[str, Any]:
    tree: dict[str, Any] = {} if one.at is None else {"at": one.at}
    tree["event"] = one.event
    if one.outcome is not None:
        tree |= outcome_json(one.outcome)
    if one.http:
        tree["http"] = [_call_json(call) for call in one.http]
    if one.invented:
        tree["invented"] = list(one.invented)
    return tree


def outcome_json(outcome: Returned | Failure) -> dict[str, Any]:
    """How an invocation ended, as JSON."""
    if isinstance(outcome, Returned):
        return {"response": outcome.value}
    return {"error": _failure_json(outcome)}


def _failure_json(failure: Failure) -> dict[str, Any]:
    return {"type": failure.type, "message": failure.message}


def _call_json(call: HttpCall) -> dict[str, Any]:
    request = call.request
    asked = {"method": request.method, "url": request.url, **_content_json(request.headers, request.body)}
    match call.outcome:
        case HttpResponse(status=status, headers=headers, body=body):
            return {"request": asked, "response": {"status": status, **_content_json(headers, body)}}
        case failure:
            return {"request": asked, "error": _failure_json(failure)}


def _content_json(headers: Mapping[str, tuple[str, ...]], body: bytes | None) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    if headers:
        tree["headers"] = {name: all_[0] if len(all_) == 1 else list(all_) for name, all_ in headers.items()}
    if body is not None:
        try:
            tree["body"] = body.decode("utf-8")
        except UnicodeDecodeError:
            tree["body_base64"] = base64.b64encode(body).decode("ascii")
    return tree


# -- from text ---------------------------------------------------------------------------------------------------------


def decode(data: bytes, name: str, beside: Callable[[str], bytes]) -> Cassette:
    """The cassette that a file's content is.

    `name` is what errors call the file. `beside` gives the content of a file of that name in the same folder.
    Errors: `CassetteBroken`, `CassetteTooLarge`.
    """
    tree = tree_of(data, name)
    version = tree["version"]
    if version != VERSION:
        raise CassetteBroken(
            f"{name} has version {version} of the format, and this is version {VERSION}: run "
            f"`lambda-events migrate {name}`, which keeps what is in it"
        )
    return cassette_of(tree, name, beside)


def cassette_of(tree: dict[str, Any], name: str, beside: Callable[[str], bytes]) -> Cassette:
    """The cassette that JSON of the present version is. Errors: as `decode`."""
    root = Part(tree, name).members(_KEYS, "a cassette")
    captured = root.at("captured").members(("how", "notes"), "captured")
    return Cassette(
        source=_source(root.at("source")),
        recorded_at=_moment(root.at("recorded_at"), "a time in UTC such as 2025-01-01T00:00:00Z", _SECOND),
        recorded_by=root.at("recorded_by").text("what wrote it, a text"),
        captured=Captured(
            how=captured.at("how").text("a word such as file or handler", _WORD),
            notes=_texts(captured, "notes", "a list of sentences"),
        ),
        redacted=_redacted(root.at("redacted")) if root.has("redacted") else None,
        interactions=tuple(map(_interaction, _interactions(root.at("interactions"), beside))),
    )


def tree_of(data: bytes, name: str) -> dict[str, Any]:
    """The JSON of a file that says it is a cassette, of whatever version up to ours.

    Errors: `CassetteBroken`, `CassetteTooLarge`.
    """
    tree = _read(data, name)
    if not is_cassette(tree):
        raise CassetteBroken(
            f'{name} is no cassette: it does not begin with "format": "{FORMAT}". A saved event becomes one with '
            f"`lambda-events capture from-file {name}`"
        )
    version = tree.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        Part(tree, name).at("version").refuse(f"the version of the format, {VERSION}")
    if version > VERSION:
        raise CassetteBroken(
            f"{name} has version {version} of the format, and this library reads up to {VERSION}: a newer "
            "pytest-lambda-events wrote it; upgrade to read it"
        )
    found: dict[str, Any] = tree
    return found


def is_cassette(value: Any) -> bool:
    """Whether JSON says of itself that it is a cassette."""
    return isinstance(value, dict) and value.get("format") == FORMAT


def _read(data: bytes, name: str) -> Any:
    try:
        return read(data)
    except Malformed as error:
        _broken(name, str(error))
    except TooMuch as error:
        raise CassetteTooLarge(
            f"{name}: {error}, more than a cassette may have. Capture fewer records or smaller ones"
        ) from None


def _broken(name: str, why: str) -> NoReturn:
    raise CassetteBroken(
        f"{name} is broken: {why}. It is not taken for missing: take it from version control, or delete it and capture "
        "it anew"
    )


def lines_named(tree: Mapping[str, Any]) -> str | None:
    """The name of the file of lines that a cassette has; None for one that has none, or names what is none."""
    interactions = tree.get("interactions")
    name = interactions.get("lines") if isinstance(interactions, dict) else None
    return name if isinstance(name, str) and LINES_NAME.fullmatch(name) is not None else None


def _interactions(part: Part, beside: Callable[[str], bytes]) -> list[Part]:
    if not isinstance(part.value, dict):
        return part.elements('a list of interactions, or {"lines": …, "count": …}')
    part.members(("lines", "count"), "interactions")
    lines = part.at("lines").text("the name of a file beside it, such as orders.0a1b2c3d4e5f.jsonl", LINES_NAME)
    count = part.at("count").whole("how many lines it has", _MOST_INTERACTIONS)
    content = beside(lines).split(b"\n")
    if content.pop() != b"":
        _broken(lines, "its last line does not end, so that something is missing")
    if len(content) != count:
        _broken(lines, f"it has {len(content)} lines, and {part.name} says {count}")
    return [
        Part(_read(line, f"{lines}, line {number}"), f"{lines}, line {number}")
        for number, line in enumerate(content, 1)
    ]


def whole_tree(tree: dict[str, Any], name: str, beside: Callable[[str], bytes]) -> dict[str, Any]:
    """The JSON of a cassette of any version, with its lines in it. Errors: as `decode`."""
    parts = _interactions(Part(tree, name).at("interactions"), beside)
    return {**tree, "interactions": [part.value for part in parts]}


def _source(part: Part) -> str:
    names = [source.name for source in SOURCES]
    name = part.text(f"a source: {', '.join(names)}")
    return name if name in names else part.refuse(f"a source: {', '.join(names)}")


def _moment(part: Part, what: str, form: re.Pattern[str]) -> str:
    text = part.text(what, form)
    return text if _is_in_the_calendar(text) else part.refuse(what)


def is_second(text: str) -> bool:
    """Whether this is a time as `recorded_at` has it: in UTC, to the second."""
    return _SECOND.fullmatch(text) is not None and _is_in_the_calendar(text)


def _is_in_the_calendar(text: str) -> bool:
    try:
        dt.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=dt.timezone.utc)
    except ValueError:
        return False
    return True


def _redacted(part: Part) -> Redacted:
    key = part.members(("key",), "redacted").at("key")
    return Redacted(key=key.text("random, or the eight hex digits of a key's fingerprint", _KEY))


def _texts(part: Part, key: str, what: str) -> tuple[str, ...]:
    if not part.has(key):
        return ()
    return tuple(one.text("a text") for one in part.at(key).elements(what))


def _interaction(part: Part) -> Interaction:
    part.members(_INTERACTION_KEYS, "an interaction")
    event = part.at("event")
    if not isinstance(event.value, dict):
        event.refuse("the event, an object")
    return Interaction(
        event=event.value,
        outcome=_outcome(part),
        http=tuple(map(_call, part.at("http").elements("a list of HTTP calls"))) if part.has("http") else (),
        at=_moment(part.at("at"), "a time in UTC such as 2025-01-01T00:00:00.000Z", _MOMENT)
        if part.has("at")
        else None,
        invented=_invented(part),
    )


def _invented(part: Part) -> tuple[str, ...]:
    paths = _texts(part, "invented", "a list of paths in the event")
    for place, path in enumerate(paths):
        try:
            parse_path(path)
        except UsageError as error:
            part.at("invented").at(place).refuse(f"a path in the event: {error}")
    return paths


def _outcome(part: Part) -> Returned | Failure | None:
    if part.has("response"):
        if part.has("error"):
            part.at("error").refuse("no such key: there is a response, and an invocation ends in one way")
        return Returned(part.at("response").value)
    return _failure(part.at("error")) if part.has("error") else None


def _failure(part: Part) -> Failure:
    part.members(("type", "message"), "an error")
    return Failure(
        type=part.at("type").text("the name of an exception's class"), message=part.at("message").text("its message")
    )


def _call(part: Part) -> HttpCall:
    part.members(("request", "response", "error"), "an HTTP call")
    asked = part.at("request").members(("method", "url", "headers", "body", "body_base64"), "a request")
    request = HttpRequest(
        method=asked.at("method").text("a method such as GET", _METHOD),
        url=asked.at("url").text("a URL"),
        headers=_headers(asked),
        body=_body(asked),
    )
    if part.has("error"):
        if part.has("response"):
            part.at("error").refuse("no such key: there is a response, and a call ends in one way")
        return HttpCall(request=request, outcome=_failure(part.at("error")))
    answered = part.at("response").members(("status", "headers", "body", "body_base64"), "a response")
    response = HttpResponse(
        status=answered.at("status").whole("a status from 100 to 599", _STATUSES),
        headers=_headers(answered),
        body=_body(answered),
    )
    return HttpCall(request=request, outcome=response)


def _headers(part: Part) -> dict[str, tuple[str, ...]]:
    if not part.has("headers"):
        return {}
    headers = part.at("headers")
    if not isinstance(headers.value, dict):
        headers.refuse("an object of headers")
    found = {}
    for name in headers.value:
        one = headers.at(name)
        values = one.elements("a text, or a list of texts") if isinstance(one.value, list) else [one]
        found[name] = tuple(value.text("a text") for value in values)
    return found


def _body(part: Part) -> bytes | None:
    if part.has("body"):
        if part.has("body_base64"):
            part.at("body_base64").refuse("no such key: there is a body")
        return part.at("body").text("a text").encode("utf-8", "surrogatepass")
    if not part.has("body_base64"):
        return None
    encoded = part.at("body_base64")
    try:
        return base64.b64decode(encoded.text("base64"), validate=True)
    except (binascii.Error, ValueError):
        encoded.refuse("base64")
