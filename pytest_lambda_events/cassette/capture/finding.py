"""Events in lines of a log. The law: an event is one that a source can be told from; everything else is passed over.

Found are the lines of `lambda_capture`, with the outcome; and events that a handler wrote itself, as JSON or as Python
prints a dict, alone or within a structured log's line, without one.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.json_text import Malformed, TooMuch, read
from pytest_lambda_events.cassette.model import Failure, Interaction, Returned
from pytest_lambda_events.errors import UnknownEvent
from pytest_lambda_events.sources import identify

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Finder"]

_MARK: Final = '{"lambda-events-capture":'
_DEEPEST: Final = 4
_AHEAD: Final = re.compile(r"[{\[]")
_MOST_TRIES: Final = 3


class Finder:
    """Reads lines. What was captured in several of them is put together again, in whatever order they come.

    `dropped` are the notes of what the decorator left out.
    """

    def __init__(self) -> None:
        self.dropped: list[str] = []
        self._found: dict[str, Interaction] = {}
        self._outcomes: dict[str, Returned | Failure] = {}
        self._pieces: dict[tuple[str, str], dict[int, str]] = {}

    @property
    def found(self) -> tuple[Interaction, ...]:
        """What was found so far, in the order of its events."""
        return tuple(self._found.values())

    @property
    def unfinished(self) -> int:
        """How many captures lack some of their lines, which may be yet to come."""
        return len({number for number, _ in self._pieces} | (self._outcomes.keys() - self._found.keys()))

    def read(self, text: str, at: str | None = None) -> None:
        """Look through a message of a log, of one line or several; `at` is when it was written."""
        if _MARK in text:
            for line in text.splitlines():
                _, mark, rest = line.partition(_MARK)
                if mark:
                    self._ours(f"{mark}{rest}")
            return
        for number, event in enumerate(_events_in(text)):
            self._found[f"{len(self._found)}/{number}"] = Interaction(event=event, at=at)

    # -- lines of `lambda_capture` -------------------------------------------------------------------------------------

    def _ours(self, line: str) -> None:
        """One of its lines; what follows a piece's head is the piece itself."""
        try:
            head, end = json.JSONDecoder().raw_decode(line)
            number = str(head["id"])
            if "piece" in head:
                self._piece(number, head, line[end + 1 :])
            else:
                self._whole(number, read(line.rstrip()))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self.dropped.append(f"a line of lambda_capture is damaged: {error}")

    def _piece(self, number: str, head: dict[str, Any], text: str) -> None:
        key = (number, str(head["what"]))
        pieces = self._pieces.setdefault(key, {})
        pieces[int(head["piece"])] = text.rstrip("\r\n")
        if len(pieces) == int(head["of"]):
            del self._pieces[key]
            self._whole(number, read("".join(pieces[place] for place in sorted(pieces))))

    def _whole(self, number: str, tree: dict[str, Any]) -> None:
        if "dropped" in tree:
            self.dropped.append(str(tree["dropped"]))
        elif "event" in tree:
            event = tree["event"]
            try:
                identify(event)
            except UnknownEvent as error:
                self.dropped.append(str(error))
                return
            outcome = self._outcomes.pop(number, None)
            self._found[number] = Interaction(event=event, at=tree.get("at"), outcome=outcome)
        elif "response" in tree:
            self._outcome(number, Returned(tree["response"]))
        elif "error" in tree:
            told = tree["error"]
            self._outcome(number, Failure(type=str(told["type"]), message=str(told["message"])))

    def _outcome(self, number: str, outcome: Returned | Failure) -> None:
        known = self._found.get(number)
        if known is None:
            self._outcomes[number] = outcome
        else:
            self._found[number] = replace(known, outcome=outcome)


# -- lines of everybody else -------------------------------------------------------------------------------------------


def _events_in(text: str) -> Iterator[Any]:
    """The events that a message carries, which as a rule are one or none."""
    for value in _values_in(text):
        event = _event_in(value, _DEEPEST)
        if event is not None:
            yield event
            return


def _values_in(text: str) -> Iterator[Any]:
    """What could be JSON, or Python's print of it, from the first bracket on; log formats put things before it."""
    for found, _ in zip(_AHEAD.finditer(text), range(_MOST_TRIES), strict=False):
        rest = text[found.start() :].strip()
        try:
            yield read(rest)
        except (Malformed, TooMuch):
            try:
                yield json.JSONDecoder().raw_decode(rest)[0]
            except (ValueError, RecursionError):
                yield from _printed(rest)


def _printed(text: str) -> Iterator[Any]:
    """A dict as `print` shows it."""
    try:
        value = ast.literal_eval(text)
        yield json.loads(json.dumps(value, allow_nan=False))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return


def _event_in(value: Any, levels: int) -> Any:
    """The event that a value is, or has in it: a structured log has it under a name, as JSON or as text of it."""
    if isinstance(value, str) and levels and _AHEAD.search(value):
        return next(_events_in(value), None)
    if not isinstance(value, dict):
        return None
    try:
        identify(value)
    except UnknownEvent:
        inner = (_event_in(one, levels - 1) for one in value.values() if levels)
        return next((one for one in inner if one is not None), None)
    return value
