"""Files of scenarios and of records. The law: every value knows its line; a path in a file begins at that file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import ScenarioError, TemplateError
from pytest_lambda_events.templates.json_text import read_json
from pytest_lambda_events.templates.parsing import decoded, parsed, read_text
from pytest_lambda_events.templates.placed import Place, PlacedDict, PlacedList

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["located", "read_file", "read_records"]

_PATHS: Final = ("template", "records")
_STDIN: Final = "-"


def read_file(path: Path) -> PlacedDict:
    """The keys of a scenario file, JSON or (with the extra `templates`) YAML. Errors: `ScenarioError`."""
    try:
        return located(parsed(path, "scenario"), path.parent)
    except TemplateError as error:
        raise ScenarioError(str(error)) from None


def located(given: Mapping[str, Any], folder: Path, place: Place | None = None) -> PlacedDict:
    """The same keys, with paths that begin at `folder`; `place` is where they stand, unless they know it."""
    known = given if isinstance(given, PlacedDict) else None
    origin = known.origin if known is not None else place or Place(file="scenario")
    found = PlacedDict(origin)
    for key, value in given.items():
        is_path = key in _PATHS and isinstance(value, (str, os.PathLike)) and value != _STDIN
        found[key] = str(folder / value) if is_path else value
        found.moved[key] = known.place(key) if known is not None else origin.at(key)
    return found


def read_records(path: str) -> PlacedList:
    """The values of a JSON Lines file (`-`: standard input), blank lines left out. Errors: `ScenarioError`."""
    name = "standard input" if path == _STDIN else path
    try:
        text = decoded(sys.stdin.buffer, name) if path == _STDIN else read_text(Path(path))
    except TemplateError as error:
        raise ScenarioError(str(error)) from None
    found = _Rows(Place(file=name))
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = read_json(line, name)
        except TemplateError as error:
            told = str(error).removeprefix(f"{name}:1:").removeprefix(f"{name}:")
            raise ScenarioError(f"{name}:{number}:{told} (one JSON object a line)") from None
        if isinstance(value, PlacedDict):  # it was read as if its line were a file
            value.origin = Place(file=name, line=number)
            value.lines.clear()
        found.append(value)
        found.lines.append(number)
    return found


class _Rows(PlacedList):
    """Lines of a file: the number of its line says where a value is."""

    __slots__ = ()

    def place(self, number: int) -> Place:
        """The line."""
        return Place(file=self.origin.file, line=self.lines[number])
