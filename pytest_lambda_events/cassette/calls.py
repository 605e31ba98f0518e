"""HTTP calls as cassettes have them, and which recorded one answers a call. The law: pure, and no secret is kept.

Two calls are the same when method, URL and body are: the query in any order, JSON as JSON, headers not at all; a
pseudonym in what was recorded stands for what it was (`likeness`). What
authenticates a caller (headers, passwords in URLs, members such as `api_key` in a query or a body) is left out or
replaced by one fixed word, in what is recorded and in what is compared with it: another token changes nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit, urlunsplit

from pytest_lambda_events.cassette.likeness import alike
from pytest_lambda_events.cassette.model import HttpRequest, HttpResponse
from pytest_lambda_events.cassette.side_by_side import changes, same_json
from pytest_lambda_events.errors import CallNotRecorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_lambda_events.cassette.model import HttpCall

__all__ = ["HIDDEN", "HOW", "Tape", "clean_request", "clean_response"]

HIDDEN: Final = "hidden"
"""What stands in the place of whatever authenticates."""

_SECRET: Final = re.compile(
    r".*(?:token|secret|password|passwd|pwd|apikey|api[_-]key|accesskey|access[_-]key|privatekey|private[_-]key|"
    r"authorization|credentials?|signature|assertion)|auth|otp",
    re.IGNORECASE,
)
_SECRET_IN_QUERIES: Final = re.compile(r"key|code|sig|sid|session|x-amz-.*", re.IGNORECASE)
_REQUEST_HEADERS: Final = ("accept", "content-type")
_DROPPED: Final = frozenset(
    (
        "alt-svc",
        "connection",
        "content-encoding",  # bodies are kept decoded
        "content-length",
        "date",
        "keep-alive",
        "nel",
        "proxy-authenticate",
        "report-to",
        "server",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "vary",
        "via",
    )
)
_PORTS: Final = {"http": 80, "https": 443}
_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?')
_SHOWN: Final = 100


# -- as cassettes have them --------------------------------------------------------------------------------------------


def clean_request(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> HttpRequest:
    """A request as it is recorded and compared: nothing in it authenticates, a form's boundary is always the same."""
    kept = {name: value for name, value in headers.items() if name.lower() in _REQUEST_HEADERS}
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    boundary = _BOUNDARY.search(content_type)
    if boundary is not None and body is not None:
        body = body.replace(boundary[1].encode(), b"boundary")
        kept = {name: value.replace(boundary[1], "boundary") for name, value in kept.items()}
    return HttpRequest(
        method=method.upper(),
        url=_clean_url(url),
        headers={name: (value,) for name, value in kept.items()},
        body=_clean_body(body, content_type),
    )


def clean_response(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> HttpResponse:
    """A response as it is recorded: without cookies, and without what only the connection or the moment is told by."""
    kept: dict[str, tuple[str, ...]] = {}
    for name, value in headers:
        if name.lower() not in _DROPPED:
            kept[name] = (*kept.get(name, ()), value)
    return HttpResponse(status=status, headers=kept, body=body or None)


def _clean_url(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, _hidden_form(parts.query, _SECRET, _SECRET_IN_QUERIES), ""))


def _clean_body(body: bytes | None, content_type: str) -> bytes | None:
    if not body:
        return None
    if "x-www-form-urlencoded" in content_type:
        return _hidden_form(body.decode("utf-8", "surrogateescape"), _SECRET).encode("utf-8", "surrogateescape")
    value = _json_of(body)
    if isinstance(value, (dict, list)):
        hidden = _hidden_json(value)
        if hidden != value:
            return json.dumps(hidden, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return body


def _hidden_form(text: str, *secrets: re.Pattern[str]) -> str:
    """A query or form, the values of secret names hidden, all else as it is written."""
    parts = []
    for part in text.split("&"):
        name, separator, _ = part.partition("=")
        is_secret = separator and any(secret.fullmatch(unquote_plus(name)) for secret in secrets)
        parts.append(f"{name}={HIDDEN}" if is_secret else part)
    return "&".join(parts)


def _hidden_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: HIDDEN if isinstance(one, str) and _SECRET.fullmatch(name) else _hidden_json(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_hidden_json(one) for one in value]
    return value


def _json_of(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


# -- which one answers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """A URL as it is compared."""

    server: str
    path: str
    query: tuple[tuple[str, str], ...]


def _place(url: str) -> _Place:
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 0)
    server = f"{parts.scheme}://{(parts.hostname or '').lower()}" + (
        "" if port == _PORTS.get(parts.scheme) else f":{port}"
    )
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    return _Place(server, path, tuple(sorted(parse_qsl(parts.query, keep_blank_values=True))))


def _unlike(recorded: HttpRequest, asked: HttpRequest) -> list[str]:
    """What two requests differ in, the weightiest first; nothing when they are the same."""
    told = []
    one, other = _place(recorded.url), _place(asked.url)
    if not alike(one.server, other.server):
        told.append(f"server: recorded {one.server}, now {other.server}")
    if not alike(one.path, other.path):
        told.append(f"path: recorded {one.path}, now {other.path}")
    if recorded.method != asked.method:
        told.append(f"method: recorded {recorded.method}, now {asked.method}")
    if not same_json(_by_name(one.query), _by_name(other.query)):
        told += [f"query: {line}" for line in changes(_by_name(one.query), _by_name(other.query))]
    if not _same_body(recorded.body, asked.body):
        told += _body_changes(recorded.body, asked.body)
    return told


def _by_name(query: Sequence[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in query:
        found[name] = value if name not in found else [*_as_list(found[name]), value]
    return found


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _same_body(recorded: bytes | None, asked: bytes | None) -> bool:
    if (recorded or b"") == (asked or b""):
        return True
    one, other = _json_of(recorded or b""), _json_of(asked or b"")
    if one is not None and other is not None:
        return same_json(one, other)
    return bool(recorded and asked) and alike(_text(recorded), _text(asked))


def _body_changes(recorded: bytes | None, asked: bytes | None) -> list[str]:
    one, other = _json_of(recorded or b""), _json_of(asked or b"")
    if isinstance(one, (dict, list)) and type(one) is type(other):
        return [f"body: {line}" for line in changes(one, other)]
    return [f"body: recorded {_shown(recorded)}, now {_shown(asked)}"]


def _shown(body: bytes | None) -> str:
    if not body:
        return "none"
    text = repr(_text(body))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _text(body: bytes | None) -> str:
    return (body or b"").decode("utf-8", "backslashreplace")


class Tape:
    """Recorded calls, and which of them were answered from.

    Each answers once, in the order of recording; with `repeats` the last one that fits answers again, for a handler
    that is called more often than it was when it was recorded.
    """

    def __init__(self, calls: Sequence[HttpCall], name: str, *, repeats: bool = False) -> None:
        self._calls = list(calls)
        self._places = [_place(call.request.url) for call in self._calls]
        self._played = [0] * len(self._calls)
        self._name = name
        self._repeats = repeats

    @property
    def unused(self) -> list[HttpCall]:
        """The calls that nobody made."""
        return [call for call, played in zip(self._calls, self._played, strict=True) if not played]

    def play(self, asked: HttpRequest) -> HttpCall:
        """The recorded call that this one is. Errors: `CallNotRecorded`."""
        fitting = []
        for number in self._fitting(asked):
            fitting.append(number)
            if not self._played[number]:
                break
        else:
            if not (fitting and self._repeats):
                raise CallNotRecorded(self._refusal(asked, len(fitting)))
        self._played[fitting[-1]] += 1
        return self._calls[fitting[-1]]

    def _fitting(self, asked: HttpRequest) -> Iterator[int]:
        """The numbers of the recorded calls that this one could be: what differs most often is looked at first."""
        place, query = _place(asked.url), None
        for number, (call, other) in enumerate(zip(self._calls, self._places, strict=True)):
            if call.request.method != asked.method or not alike(other.path, place.path):
                continue
            query = query or _by_name(place.query)
            if (
                alike(other.server, place.server)
                and same_json(_by_name(other.query), query)
                and _same_body(call.request.body, asked.body)
            ):
                yield number

    def _refusal(self, asked: HttpRequest, fitting: int) -> str:
        said = f"{self._name} has no answer to {asked.method} {asked.url}"
        if fitting:
            times = "once" if fitting == 1 else f"{fitting} times"
            return f"{said}: it was called {times} when it was recorded, and is now called once more"
        if not self._calls:
            return f"{said}: no HTTP call was recorded there. {HOW}"
        nearest = min(self._calls, key=lambda call: _distance(call.request, asked))
        lines = "\n".join(f"  {line}" for line in _unlike(nearest.request, asked))
        return f"{said}. The nearest recorded call is {nearest.request.method} {nearest.request.url}\n{lines}\n{HOW}"


HOW: Final = "--lambda-events-record=new makes it for real and adds it, =all records all anew"


def _distance(recorded: HttpRequest, asked: HttpRequest) -> tuple[bool, int, bool, int, int]:
    one, other = _place(recorded.url), _place(asked.url)
    shared = len([True for a, b in zip(one.path.split("/"), other.path.split("/"), strict=False) if a == b])
    return (
        one.server != other.server,
        max(one.path.count("/"), other.path.count("/")) + 1 - shared,
        recorded.method != asked.method,
        len(set(one.query) ^ set(other.query)),
        len(_body_changes(recorded.body, asked.body)),
    )
