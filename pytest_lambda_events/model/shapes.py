"""Shapes of JSON values, as declarations. The law: a wrong JSON type or a missing key is an error, a wrong form a note.

Rules that hold between several fields are no shapes: they are functions beside the declarations, and read what they
need with `text_at` and `integer_at` of `looking`, which give None where the shape has already complained.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.looking import decoded
from pytest_lambda_events.model.paths import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_lambda_events.model.findings import Severity
    from pytest_lambda_events.model.paths import Path

__all__ = [
    "ANYTHING",
    "BOOLEAN",
    "NUMBER",
    "STRING",
    "Arn",
    "Base64",
    "Constant",
    "Fields",
    "Integer",
    "ListOf",
    "MapOf",
    "Nullable",
    "Printed",
    "Shape",
    "Text",
]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Shape(Protocol):
    """What a JSON value has to look like."""

    def check(self, value: Any, path: Path, report: Report) -> None:
        """Say what is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class _Kind:
    """A JSON type and nothing more."""

    types: tuple[type, ...]
    expected: str

    def check(self, value: Any, path: Path, report: Report) -> None:
        # JSON's booleans are no numbers, Python's are
        if isinstance(value, self.types) and (bool in self.types or not isinstance(value, bool)):
            return
        report.error(path, value, self.expected)


class _Anything:
    __slots__ = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        del value, path, report


ANYTHING: Final[Shape] = _Anything()
STRING: Final[Shape] = _Kind((str,), "a string")
NUMBER: Final[Shape] = _Kind((int, float), "a number")
BOOLEAN: Final[Shape] = _Kind((bool,), "true or false")


@dataclass(frozen=True, slots=True)
class Text:
    """A string of a certain form. `severity` is that of a string with another form."""

    grammar: re.Pattern[str]
    expected: str
    severity: Severity = "note"

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if not isinstance(value, str):
            report.error(path, value, self.expected)
        elif self.grammar.fullmatch(value) is None:
            report.say(self.severity, path, value, self.expected)


@dataclass(frozen=True, slots=True)
class Constant:
    """One of a few values. `printed` are others that AWS's documentation or its SDKs' samples have: a note."""

    values: tuple[Any, ...]
    printed: tuple[Any, ...] = ()

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if _among(value, self.values):
            return
        shown = [f'"{one}"' if isinstance(one, str) else str(one) for one in self.values]
        report.say("note" if _among(value, self.printed) else "error", path, value, " or ".join(shown))


def _among(value: Any, values: tuple[Any, ...]) -> bool:
    return any(type(one) is type(value) and one == value for one in values)


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds; one outside is a note."""

    low: int = 0
    high: int | None = None
    expected: str = "a whole number"

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if not isinstance(value, int) or isinstance(value, bool):
            report.error(path, value, self.expected)
        elif value < self.low or (self.high is not None and value > self.high):
            bounds = f"from {self.low}" + (f" to {self.high}" if self.high is not None else "")
            report.note(path, value, f"{self.expected} {bounds}")


@dataclass(frozen=True, slots=True)
class Base64:
    """A string in standard base64. What cannot be decoded is an error, or what `severity` says."""

    severity: Severity = "error"
    expected: str = "standard base64"

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if not isinstance(value, str):
            report.error(path, value, self.expected)
        elif decoded(value) is None:
            report.say(self.severity, path, value, self.expected)


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN of a service. `rest` is the grammar of what follows the account, `example` shows the whole.

    What is no ARN, or one of another service, is an error; another resource form is a note.
    """

    service: str
    rest: re.Pattern[str]
    example: str

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        expected = f"an ARN such as {self.example}"
        parts = value.split(":", 5) if isinstance(value, str) else []
        if len(parts) != 6 or parts[0] != "arn" or parts[2] != self.service:  # noqa: PLR2004 - arn:P:S:R:A:rest
            report.error(path, value, expected)
            return
        sound = _PARTITION.fullmatch(parts[1]) and _REGION.fullmatch(parts[3]) and _ACCOUNT.fullmatch(parts[4])
        if not sound or self.rest.fullmatch(parts[5]) is None:
            report.note(path, value, expected)


_PARTITION = re.compile(r"aws(?:-[a-z]+)*")
_REGION = re.compile(r"(?:[a-z]{2,}(?:-[a-z]+)+-\d+)?")  # empty where a service has no region, as S3
_ACCOUNT = re.compile(r"(?:\d{12})?")


@dataclass(frozen=True, slots=True)
class Nullable:
    """JSON null, or the shape."""

    shape: Shape

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if value is not None:
            self.shape.check(value, path, report)


@dataclass(frozen=True, slots=True)
class Printed:
    """The shape, or another that AWS's documentation prints: then a note says what AWS really sends (`expected`)."""

    shape: Shape
    also: Shape
    expected: str

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        draft = Report()
        self.also.check(value, path, draft)
        if draft.findings:
            self.shape.check(value, path, report)
        else:
            report.note(path, value, self.expected)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of `least` or more elements of one shape."""

    shape: Shape
    least: int = 0
    expected: str = "a list"

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if not isinstance(value, list):
            report.error(path, value, self.expected)
            return
        if len(value) < self.least:
            report.error(path, value, f"{self.expected} with at least {self.least} element")
        for place, one in enumerate(value):
            self.shape.check(one, (*path, place), report)


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with keys of one's own choice; `least` is how many at the least."""

    shape: Shape
    keys: Shape = ANYTHING
    least: int = 0
    expected: str = "an object"

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if not isinstance(value, dict):
            report.error(path, value, self.expected)
            return
        if len(value) < self.least:
            report.error(path, value, f"{self.expected} with at least {self.least} key")
        for key, one in value.items():
            self.keys.check(key, (*path, key), report)
            self.shape.check(one, (*path, key), report)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """An object with known keys.

    `always`: in every real event, a missing one is an error. `expected`: in every real event, but not in all that AWS's
    documentation prints, a missing one is a note. `sometimes`: may be there. Any other key is a note.
    """

    always: Mapping[str, Shape] = field(default_factory=lambda: _NOTHING)
    expected: Mapping[str, Shape] = field(default_factory=lambda: _NOTHING)
    sometimes: Mapping[str, Shape] = field(default_factory=lambda: _NOTHING)

    @property
    def keys(self) -> frozenset[str]:
        """Every key that it knows."""
        return frozenset((*self.always, *self.expected, *self.sometimes))

    def check(self, value: Any, path: Path, report: Report) -> None:
        """See `Shape`."""
        if not isinstance(value, dict):
            report.error(path, value, f"an object with {', '.join((*self.always, *self.expected))}")
            return
        for key, shape in self._shapes():
            if key in value:
                shape.check(value[key], (*path, key), report)
        for severity, shapes in _MISSING:
            for key in getattr(self, shapes):
                if key not in value:
                    report.say(severity, (*path, key), ABSENT, "this key, which every real event has")
        known = self.keys
        for key in value:
            if key not in known:
                report.note((*path, key), value[key], "no such key: AWS does not send it")

    def _shapes(self) -> Iterator[tuple[str, Shape]]:
        for shapes in (self.always, self.expected, self.sometimes):
            yield from shapes.items()


_MISSING: Final[tuple[tuple[Severity, str], ...]] = (("error", "always"), ("note", "expected"))
