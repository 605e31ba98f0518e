"""JSON with the lines of its keys. The law: what `json.loads` makes of a text, and nothing that it would not take.

The standard library's decoder tells no positions. It still reads every text, number and word here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pytest_lambda_events.templates.limits import Budget, refuse
from pytest_lambda_events.templates.placed import Place, PlacedDict, PlacedList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["read_json"]

_SCAN: Final[Callable[[str, int], tuple[str, int]]] = json.decoder.scanstring  # type: ignore[attr-defined]
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_SCALAR: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null", re.ASCII)


def read_json(text: str, file: str) -> Any:
    """The value of a text. Errors: `TemplateError` with line and column; for keys that stand twice, too."""
    return _Reader(text, Place(file=file)).document()


class _Reader:
    def __init__(self, text: str, place: Place) -> None:
        self._text = text
        self._root = place
        self._at = 0
        self._line = 1
        self._seen = 0  # up to where lines were counted
        self._count = 0
        self._budget = Budget(place)

    def document(self) -> Any:
        self._skip()
        value = self._value(self._root, 0)
        self._skip()
        if self._at < len(self._text):
            self._refuse("nothing should follow the value")
        return value

    def _value(self, place: Place, depth: int) -> Any:
        self._count = self._budget.weigh(self._count + 1, self._line)
        first = self._text[self._at : self._at + 1]
        if first == "{":
            return self._mapping(place, depth)
        if first == "[":
            return self._sequence(place, depth)
        if first == '"':
            return self._string()
        found = _SCALAR.match(self._text, self._at)
        if found is None:
            self._refuse("a value should stand here")
        self._at = found.end()
        try:
            return json.loads(found[0])
        except ValueError as error:  # a whole number with more digits than Python converts
            self._refuse(str(error))

    def _mapping(self, place: Place, depth: int) -> PlacedDict:
        self._budget.deepen(depth, self._line)
        result = PlacedDict(Place(file=place.file, path=place.path, line=self._line))
        for _ in self._members("}"):
            if self._text[self._at : self._at + 1] != '"':
                self._refuse("a key in double quotes should stand here")
            line = self._line
            key = self._string()
            if key in result:
                self._refuse(f"the key {key!r} stands here a second time")
            self._skip()
            self._expect(":")
            self._skip()
            result.lines[key] = line
            result[key] = self._value(result.origin.at(key, line), depth + 1)
        return result

    def _sequence(self, place: Place, depth: int) -> PlacedList:
        self._budget.deepen(depth, self._line)
        result = PlacedList(Place(file=place.file, path=place.path, line=self._line))
        for _ in self._members("]"):
            result.lines.append(self._line)
            result.append(self._value(result.origin.at(len(result), self._line), depth + 1))
        return result

    def _members(self, end: str) -> Iterator[None]:
        """Stand before each member in turn, and at last behind the end."""
        self._at += 1
        self._skip()
        if self._text[self._at : self._at + 1] == end:
            self._at += 1
            return
        while True:
            yield
            self._skip()
            if self._text[self._at : self._at + 1] == end:
                self._at += 1
                return
            self._expect(",")
            self._skip()

    def _string(self) -> str:
        try:
            value, self._at = _SCAN(self._text, self._at + 1)
        except json.JSONDecodeError as error:
            self._at = error.pos
            self._refuse(error.msg)
        return value

    def _expect(self, mark: str) -> None:
        if self._text[self._at : self._at + 1] != mark:
            self._refuse(f"{mark!r} should stand here")
        self._at += 1

    def _skip(self) -> None:
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found is not None else self._at
        self._line += self._text.count("\n", self._seen, self._at)
        self._seen = self._at

    def _refuse(self, why: str) -> NoReturn:
        line = self._text.count("\n", 0, self._at) + 1
        column = self._at - self._text.rfind("\n", 0, self._at)
        refuse(Place(file=f"{self._root.file}:{line}:{column}"), f"this is not JSON: {why}")
