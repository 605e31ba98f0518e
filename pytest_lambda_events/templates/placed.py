"""Values that know where they stand in a file. The law: they are plain dicts and lists to whoever does not ask.

Every message about a template names a place, and a code review wants its line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Place", "PlacedDict", "PlacedList", "made", "mappings", "place_in", "section"]

_LONGEST_KEY: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file: the path of keys that leads there, and the line (from 1; None where no parser told)."""

    file: str
    path: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.path}" if self.path else where

    def at(self, key: str | int, line: int | None = None) -> Place:
        """The place of a key in it, or of an item by its number."""
        if isinstance(key, int):
            path = f"{self.path}[{key}]"
        else:  # every place below repeats it
            key = key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…"
            path = f"{self.path}.{key}" if self.path else key
        return Place(file=self.file, path=path, line=self.line if line is None else line)


class PlacedDict(dict[str, Any]):
    """A mapping of a file. `origin` is its own place; `lines` are those of its keys, `moved` the places of keys that
    stood elsewhere before a template was expanded.
    """

    __slots__ = ("lines", "moved", "origin")

    def __init__(self, origin: Place) -> None:
        super().__init__()
        self.origin = origin
        self.lines: dict[str, int] = {}
        self.moved: dict[str, Place] = {}

    def place(self, key: str) -> Place:
        """Where a key stands; where it would stand, for one that is not there."""
        return self.moved.get(key) or self.origin.at(key, self.lines.get(key))


class PlacedList(list[Any]):
    """A sequence of a file, and the lines of its items."""

    __slots__ = ("lines", "origin")

    def __init__(self, origin: Place) -> None:
        super().__init__()
        self.origin = origin
        self.lines: list[int] = []

    def place(self, number: int) -> Place:
        """Where an item stands."""
        return self.origin.at(number, self.lines[number] if number < len(self.lines) else None)


def made(origin: Place, entries: Iterable[tuple[str, Any, Place | None]]) -> PlacedDict:
    """A mapping put together of values that stand elsewhere: key, value and its place (None: that of the whole)."""
    result = PlacedDict(origin)
    for key, value, place in entries:
        result[key] = value
        result.moved[key] = place or origin
    return result


def place_in(value: Any, default: Place) -> Place:
    """The place of a mapping or sequence of a file; `default` for anything else."""
    return value.origin if isinstance(value, (PlacedDict, PlacedList)) else default


def section(holder: PlacedDict, key: str) -> PlacedDict:
    """The mapping that stands there, an empty one if there is none. Errors: `TemplateError` for anything else."""
    found = holder.get(key)
    if found is None:
        return PlacedDict(holder.place(key))
    if not isinstance(found, PlacedDict):
        raise TemplateError(f"{holder.place(key)}: a mapping should stand here, not {found!r:.80}")
    return found


def mappings(holder: PlacedDict, key: str) -> list[PlacedDict]:
    """The mappings of the list that stands there, none if there is none. Errors: `TemplateError` for anything else."""
    found = holder.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, PlacedDict) for one in found):
        raise TemplateError(f"{holder.place(key)}: a list of mappings should stand here, not {found!r:.80}")
    return found
