"""How much of a run a page holds. The law: a page is bounded however long the run was, and what fails comes first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.report.ranking import rank

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_lambda_events.report.view import CallView, RunView

__all__ = [
    "MOST_CALLS",
    "MOST_RECORDS",
    "Texts",
    "as_json",
    "calls_told",
    "cut",
    "is_failed",
    "most_steps",
    "records_shown",
    "safe",
    "shown_in_full",
]

MOST_RECORDS: Final = 20_000
MOST_CALLS: Final = 10_000

_STEPS: Final = 60_000  # of all stories; of one too long its beginning and its end are told
_LONGEST_STORY: Final = 5_000
_SHORTEST_STORY: Final = 40

_PAYLOADS: Final = 2_000
_FIRST_CALLS: Final = 200
_FAILED_EVENTS: Final = 1_500_000  # bytes of events, those of failed invocations ...
_OTHER_EVENTS: Final = 900_000  # ... and of the others among the first


def is_failed(call: CallView) -> bool:
    """Whether something went wrong in this invocation; one that was throttled never was one."""
    return call.outcome not in ("success", "throttled")


def shown_in_full(view: RunView) -> frozenset[int]:
    """The positions in `view.calls` of the invocations whose event a page shows: those that failed, and the first 200.

    Both within a number of bytes, where the same text counts once; of those that failed the first one is always shown.
    Whoever redacts a view redacts these, and sets `event_text` of all others to "", which a page never shows.
    """
    shown: set[int] = set()
    seen: set[str] = set()
    failed = [place for place, call in enumerate(view.calls) if is_failed(call)]
    others = [place for place, call in enumerate(view.calls[:_FIRST_CALLS]) if not is_failed(call)]
    for places, budget in ((failed, _FAILED_EVENTS), (others, _OTHER_EVENTS)):
        left = budget
        for place in places:
            text = view.calls[place].event_text
            size = 0 if text in seen else _size(text)
            if not size or size <= left or [place] == failed[:1]:
                left -= size
                seen.add(text)
                shown.add(place)
    return frozenset(place for place in shown if view.calls[place].event_text)


def records_shown(view: RunView) -> frozenset[str]:
    """The ids of the records whose payload a page shows, so that it can be searched: 2,000, those in trouble first."""
    return frozenset(record.id for record in sorted(view.records, key=rank)[:_PAYLOADS])


def most_steps(stories: int) -> int:
    """How many steps are told of each of so many stories; an even number."""
    return min(max(_STEPS // max(stories, 1), _SHORTEST_STORY), _LONGEST_STORY) // 2 * 2


def calls_told(view: RunView) -> list[int]:
    """The positions of the calls that a page lists, in their order; of too many, those that failed and the first."""
    if len(view.calls) <= MOST_CALLS:
        return list(range(len(view.calls)))
    by_trouble = sorted(range(len(view.calls)), key=lambda place: not is_failed(view.calls[place]))
    return sorted(by_trouble[:MOST_CALLS])


class Texts:
    """Texts that stand once, and are referred to by number. A kind of them may have a budget of bytes."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._numbers: dict[str, int] = {}
        self._left: dict[str, int] = {}

    def limit(self, kind: str, size: int) -> None:
        """Texts of this kind have so many bytes together."""
        self._left[kind] = size

    def put(self, text: str | None, kind: str = "") -> int:
        """The number of this text; -1 for none, and -2 when there is no room for it any more."""
        if not text:
            return -1
        number = self._numbers.get(text)
        if number is None:
            if kind in self._left:
                size = _size(text)
                if size > self._left[kind]:
                    return -2
                self._left[kind] -= size
            number = self._numbers[text] = len(self.all)
            self.all.append(text)
        return number


def as_json(value: Any) -> str:
    """Compact JSON in as few bytes as it takes; what JSON does not know, such as a date, as text."""
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):  # what a handler returned may be anything
        return json.dumps(repr(value), ensure_ascii=False)


def safe(text: str) -> str:
    """JSON without half a character of UTF-16, which Python's JSON reads and neither a file nor xdist can hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")  # Python's escapes of these are JSON's


def cut(texts: Iterable[str], budget: int, *, least: int, most: int) -> list[str]:
    """The beginning of each text, so long that all fit into the budget, where that is not less than `least`."""
    listed = list(texts)
    limit = min(most, max(least, budget // max(len(listed), 1)))
    return [text if len(text) <= limit else f"{text[: limit - 1]}…" for text in listed]


def _size(text: str) -> int:
    """What it takes in a page: a text in JSON, where each quotation mark has a backslash."""
    return len(text.encode("utf-8", "replace")) + text.count('"') + 4 * text.count("<")
