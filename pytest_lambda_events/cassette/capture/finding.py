"""Events in lines of a log. The law: an event is one that a source can be told from; everything else is passed over.

Found are the lines of `lambda_capture`, with the outcome; and events that a handler wrote itself, without one (see
`cassette.events_in`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from pytest_lambda_events.cassette.events_in import events_in
from pytest_lambda_events.cassette.json_text import read
from pytest_lambda_events.cassette.model import Failure, Interaction, Returned
from pytest_lambda_events.errors import CassetteTooLarge, UnknownEvent
from pytest_lambda_events.sources import identify

__all__ = ["Finder"]

_MARK: Final = '{"lambda-events-capture":'


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
        """Look through a message of a log, or a whole one; `at` is when it was written."""
        others = text
        if _MARK in text:
            lines = text.splitlines(keepends=True)
            for line in lines:
                _, mark, rest = line.partition(_MARK)
                if mark:
                    self._ours(f"{mark}{rest}")
            others = "".join(line for line in lines if _MARK not in line)
        try:
            for _, event in events_in(others):
                self._found[f"{len(self._found)} others"] = Interaction(event=event, at=at)
        except CassetteTooLarge as error:
            self.dropped.append(str(error))

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
