"""A cassette for people. The law: payloads as they were before they were wrapped, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_lambda_events.cassette.json_text import compact
from pytest_lambda_events.cassette.model import Failure, HttpResponse, Returned
from pytest_lambda_events.cassette.redact.walking import Passing, visited
from pytest_lambda_events.sources import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.cassette.model import Cassette, HttpCall, Interaction
    from pytest_lambda_events.cassette.redact.where import Where

__all__ = ["shown"]

_WIDTH: Final = 100


def shown(cassette: Cassette, name: str, *, full: bool = False) -> Iterator[str]:
    """The lines that tell what is in a cassette. `full`: nothing is cut."""
    count = len(cassette.interactions)
    yield f"{name}: {count} interaction{'' if count == 1 else 's'} of {named(cassette.source).title}"
    redacted = "not redacted" if cassette.redacted is None else f"redacted, key {cassette.redacted.key}"
    how = cassette.captured.how
    yield f"recorded {cassette.recorded_at} by {cassette.recorded_by}, captured from {how}, {redacted}"
    yield from (f"note: {_cut(note, full=full)}" for note in cassette.captured.notes)
    for number, interaction in enumerate(cassette.interactions):
        yield ""
        yield from _interaction(interaction, number, cassette.source, full=full)


def _interaction(one: Interaction, number: int, source: str, *, full: bool) -> Iterator[str]:
    at = f" at {one.at}" if one.at is not None else ""
    yield f"interactions[{number}]{at}: {_cut(_ending(one), full=full)}"
    showing = _Showing()
    visited(one, source, showing)
    for where, text in showing.found:
        yield f"  {where}: {_cut(text, full=full)}"
    yield from (f"  {_cut(_call(call), full=full)}" for call in one.http)
    if one.invented:
        yield f"  made up: {', '.join(one.invented)}"


def _ending(one: Interaction) -> str:
    match one.outcome:
        case Returned(value=value):
            return f"returned {compact(value)}"
        case Failure() as failure:
            return f"raised {failure.type}: {failure.message}"
        case _:
            return "what became of it was not captured"


def _call(call: HttpCall) -> str:
    asked = f"{call.request.method} {call.request.url}"
    match call.outcome:
        case HttpResponse(status=status, body=body):
            return f"{asked}: {status}, {len(body or b'')} bytes"
        case failure:
            return f"{asked}: {failure.type}: {failure.message}"


def _cut(text: str, *, full: bool) -> str:
    line = text if full else " ".join(text.split())
    return line if full or len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


class _Showing(Passing):
    """Notes the payloads of an event, and does not look into what is within them."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def whole(self, text: str, where: Where) -> str | None:
        """See `Reader`."""
        if where.layers[0][:1] not in (("response",), ("error",), ("http",)):
            self.found.append((str(where), text))
        return text

    def number(self, text: str, where: Where) -> str:
        """See `Reader`: those of items and documents."""
        self.whole(text, where)
        return text

    def binary(self, data: bytes, where: Where) -> bytes:
        """See `Reader`."""
        self.whole(f"{len(data)} bytes that are no text: {data[:32].hex(' ')}", where)
        return data
