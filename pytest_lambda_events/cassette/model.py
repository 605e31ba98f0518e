"""What a cassette is. The law: frozen values, and what was captured is told from what was made up.

A cassette holds interactions in the order in which they happened; an interaction is an event, what became of it, and
the HTTP calls that the handler made meanwhile. Events and responses are JSON, in the order and spelling in which they
came: read them, and take `handed_over()` to give one to a handler, which may change what it gets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.json_text import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Captured",
    "Cassette",
    "Failure",
    "HttpCall",
    "HttpRequest",
    "HttpResponse",
    "Interaction",
    "Redacted",
    "Returned",
]

_NO_HEADERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Returned:
    """The handler returned this: `value`, any JSON."""

    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something raised: the exception's class and message. There is no traceback: it would name files of a machine."""

    type: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """What was asked. `headers` by name, in order, each with all its values; `body` None when there is none."""

    method: str
    url: str
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_HEADERS)
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """What was answered."""

    status: int
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_HEADERS)
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One call of the handler's: what came of it is a response, or a failure (refused, timed out)."""

    request: HttpRequest
    outcome: HttpResponse | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One invocation, or what could have been one.

    `event` is the JSON that Lambda handed over. `outcome`: None when nothing is known of it. `at`: when it happened,
    ISO 8601 in UTC, or None. `invented`: paths in the event (`Records[0].receiptHandle`) of what was not captured but
    made up, because only Lambda's poller knows it.
    """

    event: Any
    outcome: Returned | Failure | None = None
    http: tuple[HttpCall, ...] = ()
    at: str | None = None
    invented: tuple[str, ...] = ()

    def handed_over(self) -> Any:
        """The event as a handler gets it: a copy of plain Python values."""
        return json.loads(compact(self.event))


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """Where a cassette comes from: `how` is a word (`file`, `handler`, `sqs`), `notes` are sentences for people."""

    how: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """That it was redacted, and with which key: its fingerprint, or `random` for one that nobody kept."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cassette:
    """Events of one source (the registry's name).

    `recorded_at` is ISO 8601 in UTC, to the second; `recorded_by` the library and its version. `redacted` is None for a
    cassette that was not.
    """

    source: str
    recorded_at: str
    recorded_by: str
    captured: Captured
    interactions: tuple[Interaction, ...]
    redacted: Redacted | None = None
