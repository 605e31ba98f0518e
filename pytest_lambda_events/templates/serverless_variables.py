"""The variables of serverless.yml: `${self:custom.stage, "dev"}`. The law: what stands in the file, in files beside it
and in what the caller gave; anything else is asked for by the name that it has in the file. Neither the environment nor
AWS is looked at.

Serverless Framework, "Variables", "Parameters".
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.declared import Unresolved
from pytest_lambda_events.templates.limits import Effort, Trail
from pytest_lambda_events.templates.placed import PlacedDict, PlacedList

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_lambda_events.templates.identities import Where
    from pytest_lambda_events.templates.placed import Place

__all__ = ["Variables"]

# ${AWS::Region} and ${Queue.Arn} are CloudFormation's: a variable has a source, one colon, and an address
_INNERMOST: Final = re.compile(r"\$\{(?P<inside>[A-Za-z][\w-]*(?:\([^(){}$]*\))?:(?!:)[^${}]*|file\([^(){}$]*\))\}")
_SOURCE: Final = re.compile(r"(?P<kind>[A-Za-z][\w-]*)(?:\((?P<argument>[^)]*)\))?(?::(?P<address>.*))?", re.DOTALL)
_LITERAL: Final = re.compile(r"(?P<quote>['\"])(?P<text>.*)(?P=quote)|(?P<number>-?\d+)|true|false|null", re.DOTALL)
_WORDS: Final = {"true": True, "false": False, "null": None}
_MISSING: Final = object()
_DEEPEST: Final = 50


class Variables:
    """Resolves the variables of one file. `read` reads another file beside it, and `given` are the caller's values."""

    def __init__(
        self, root: PlacedDict, given: Mapping[str, Any], where: Where, read: Callable[[Path], Any], home: Path
    ) -> None:
        self._root = root
        self._given = given
        self._where = where
        self._read = read
        self._home = home
        self._files: dict[Path, Any] = {}
        self._trail = Trail()
        self._effort = Effort()

    @property
    def stage(self) -> Any:
        """The stage: what was given, else the provider's, else dev."""
        for name in ("opt:stage", "sls:stage", "stage"):
            if name in self._given:
                return self._given[name]
        provider = self._root.get("provider")
        if isinstance(provider, PlacedDict) and provider.get("stage") is not None:
            return self.value(provider["stage"], provider.place("stage"))
        return "dev"

    def value(self, raw: Any, place: Place) -> Any:
        """A value with every variable in it resolved, or `Unresolved` in its place. Errors: `TemplateError`."""
        self._effort.spend(place)
        if isinstance(raw, str):
            return self._text(raw, place)
        if isinstance(raw, PlacedDict):
            result = PlacedDict(raw.origin)
            result.lines, result.moved = raw.lines, raw.moved
            for key, one in raw.items():
                result[key] = self.value(one, raw.place(key))
            return result
        if isinstance(raw, PlacedList):
            items = PlacedList(raw.origin)
            items.lines = raw.lines
            items.extend(self.value(one, raw.place(number)) for number, one in enumerate(raw))
            return items
        return raw

    def _text(self, text: str, place: Place) -> Any:
        missing: list[str] = []
        for _ in range(_DEEPEST):
            found = _INNERMOST.search(text)
            if found is None:
                return Unresolved(tuple(dict.fromkeys(missing)), place) if missing else text
            value = self._variable(found["inside"], place)
            if isinstance(value, Unresolved):
                missing.extend(value.names)
                value = ""
                if found.span() == (0, len(text)):
                    return Unresolved(tuple(dict.fromkeys(missing)), place)
            if found.span() == (0, len(text)):
                return value
            text = text[: found.start()] + _as_text(value, found[0], place) + text[found.end() :]
            self._effort.text(text, place)
        raise TemplateError(f"{place}: more than {_DEEPEST} variables in one text: {text!r:.80}")

    def _variable(self, inside: str, place: Place) -> Any:
        """The first of the sources that has a value; what stands behind a comma is asked in its place."""
        asked: list[str] = []
        for one in _split(inside):
            literal = _LITERAL.fullmatch(one)
            if literal is not None:
                if literal["quote"] is not None:
                    return literal["text"]
                return int(literal["number"]) if literal["number"] is not None else _WORDS[one]
            value = self._trail.follow(one, partial(self._source, one, place), place)
            if value is _MISSING or value is None:
                asked.append(one)
            else:
                return value
        return Unresolved((asked[0],), place)

    def _source(self, text: str, place: Place) -> Any:
        if text in self._given:
            return self._given[text]
        found = _SOURCE.fullmatch(text)
        if found is None:
            raise TemplateError(f"{place}: this is no variable: {text!r:.80}")
        kind, argument, address = found["kind"], found["argument"], found["address"] or ""
        if kind == "self":
            return self._at(self._root, address, place)
        if kind == "file":
            return self._file(argument or "", address, place)
        if kind in ("opt", "param") and address in self._given:
            return self._given[address]
        if kind == "param":
            return self._param(address)
        if (kind, address) == ("sls", "stage") or ((kind, address) == ("opt", "stage") and "stage" in self._given):
            return self.stage
        if kind == "aws":
            known = {"accountId": self._where.account, "region": self._where.region, "partition": self._where.partition}
            return known.get(address, _MISSING)
        return _MISSING

    def _param(self, name: str) -> Any:
        declared = self._root.get("params")
        if isinstance(declared, PlacedDict):
            for stage in (self.stage, "default"):
                there = declared.get(stage) if isinstance(stage, str) else None
                if isinstance(there, PlacedDict) and name in there:
                    return self.value(there[name], there.place(name))
        return _MISSING

    def _at(self, start: Any, address: str, place: Place) -> Any:
        """What stands at a path of keys; each step may itself be a variable."""
        value: Any = start
        for key in filter(None, address.split(".")):
            if isinstance(value, str):
                value = self._text(value, place)
            if isinstance(value, Unresolved):
                return value
            if isinstance(value, list) and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            elif isinstance(value, dict) and key in value:
                value = value[key]
            else:
                return _MISSING
        return self.value(value, place)

    def _file(self, name: str, address: str, place: Place) -> Any:
        path = self._home / name.strip()
        if path.suffix not in (".yml", ".yaml", ".json"):
            return _MISSING  # a program, whose values only its framework can compute
        if path not in self._files:
            self._files[path] = self._read(path) if path.is_file() else _MISSING
        found = self._files[path]
        return found if found is _MISSING else self._at(found, address, place)


def _split(inside: str) -> list[str]:
    """At commas, but for those in quotes or parentheses."""
    found, start, closing = [], 0, ""
    for at, mark in enumerate(inside):
        if closing:
            closing = "" if mark == closing else closing
        elif mark in "'\"(":
            closing = ")" if mark == "(" else mark
        elif mark == ",":
            found.append(inside[start:at])
            start = at + 1
    return [one.strip() for one in (*found, inside[start:]) if one.strip()]


def _as_text(value: Any, variable: str, place: Place) -> str:
    if isinstance(value, (dict, list)):
        raise TemplateError(f"{place}: {variable} is a mapping or a list, and stands inside of a text")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
