"""Events in what people have of them: saved, pasted, logged. The law: what is there is found, as it was.

JSON, alone, in a list or one a line; lines of CloudWatch Logs that have one in them, or the JSON and CSV in which its
console and CLI hand them out; an event within another JSON, or in a text of one; what `print(event)` writes in Python.
"""

from __future__ import annotations

import ast
import csv
import io
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.cassette.json_text import Malformed, TooMuch, check_bounds, read
from pytest_lambda_events.errors import CassetteTooLarge, UnknownEvent, UsageError
from pytest_lambda_events.sources import identify

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_TEXT", "events_in"]

MOST_TEXT: Final = 50 * 1024 * 1024
"""How many characters are searched."""

_MOST_TRIES: Final = 20_000
_DEEPEST: Final = 6
_BEGINS: Final = re.compile(r"\{\s*[\"']")
_TOKEN: Final = re.compile(r"\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^'\\]*(?:\\.[^'\\]*)*'|[{}]", re.DOTALL)
_PRINTED: Final = re.compile(r"\s*[\[{]\s*(?:\{\s*)?'")  # what Python prints begins with its quotes
_MOST_PRINTED: Final = 2_000_000
_CSV: Final = re.compile(r'"?@?(?:timestamp|message)"?,', re.IGNORECASE)


def events_in(text: str) -> list[tuple[str, Any]]:
    """The events in a text, in their order, each with the name of its source. Errors: `CassetteTooLarge`."""
    if len(text) > MOST_TEXT:
        raise CassetteTooLarge(
            f"there are {len(text):,} characters, and {MOST_TEXT:,} are the most that are searched: cut the event out"
        )
    whole = _whole(text)
    if whole is not None:
        return list(_within(whole, 0))
    if _CSV.match(text.lstrip("\ufeff")) is not None:
        return [one for cell in _cells(text) for one in _in_text(cell)]
    return list(_in_text(text))


def _whole(text: str) -> Any:
    """What all of the text is; None for lines of a log, of which there may be any number."""
    try:
        return _parsed(text)
    except CassetteTooLarge:
        return None


def _cells(text: str) -> Iterator[str]:
    """The cells of a CSV that CloudWatch's console exports."""
    before = csv.field_size_limit(MOST_TEXT)
    try:
        for row in csv.reader(io.StringIO(text.replace("\0", ""))):
            yield from row
    except csv.Error as error:
        raise UsageError(f"this begins like CSV and is none: {error}") from None
    finally:
        csv.field_size_limit(before)


def _in_text(text: str) -> Iterator[tuple[str, Any]]:
    """Events somewhere in a text: from each brace that may begin one to the brace that ends it."""
    at, tries, searched = 0, 0, 0
    while (begin := _BEGINS.search(text, at)) is not None:
        end = _end_of(text, begin.start())
        tries, searched = tries + 1, searched + (end or len(text)) - begin.start()
        if tries > _MOST_TRIES or searched > 2 * MOST_TEXT:
            raise CassetteTooLarge("there is too much that begins like an event and is none: cut the event out")
        found = _parsed(text[begin.start() : end]) if end is not None else None
        if found is None:
            at = begin.end()
        else:
            yield from _within(found, 0)
            at = end or begin.end()


def _end_of(text: str, begin: int) -> int | None:
    """Where the object ends that begins here; None when it does not."""
    depth = 0
    for token in _TOKEN.finditer(text, begin):
        mark = token.group()
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def _parsed(text: str) -> Any:
    """JSON, or what Python prints of it; None for neither. Errors: `CassetteTooLarge`."""
    try:
        return read(text.lstrip("\ufeff"))
    except Malformed:
        return _printed(text)
    except TooMuch as error:
        raise CassetteTooLarge(f"what may be an event is too much: {error}") from None


def _printed(text: str) -> Any:
    """What `print(event)` wrote."""
    try:
        if len(text) > _MOST_PRINTED or _PRINTED.match(text) is None:
            return None
        check_bounds(text.replace("'", '"').encode("utf-8", "surrogatepass"))
        found = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TooMuch, RecursionError, MemoryError):
        return None
    return found if isinstance(found, (dict, list)) and _is_json(found) else None


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    finite = not isinstance(value, float) or abs(value) <= sys.float_info.max
    return finite and (value is None or isinstance(value, (str, bool, int, float)))


def _within(value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """The value, if it is an event; else the events in it."""
    if isinstance(value, dict):
        try:
            yield identify(value).name, value
            return
        except UnknownEvent:
            pass
    if depth >= _DEEPEST:
        return
    if isinstance(value, str):
        # a log's message: an event, or a line that has one in it
        yield from _in_text(value)
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _within(one, depth + 1)
