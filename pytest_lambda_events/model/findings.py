"""What is wrong with a JSON value, and where. The law: a finding says path, what was found and what was expected.

`error`: an always-key is missing, a JSON type is wrong, or a text cannot be decoded: handlers break on it. `note`: a
derived value or a region disagrees, an identifier has not the form that AWS gives it, a key is unknown, or a sample of
the documentation is recognised: it works, and it is not what AWS sends.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pytest_lambda_events.model.paths import ABSENT, path_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Finding", "Report", "Severity", "shown"]

Severity = Literal["error", "note"]

_SHOWN: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: how bad, at which path, what is there and what should be."""

    severity: Severity
    path: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.path}: found {self.found}, expected {self.expected}"


class Report:
    """Collects findings while a value is read."""

    __slots__ = ("findings",)

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def say(self, severity: Severity, path: Sequence[str | int], found: Any, expected: str) -> None:
        """Add a finding; `found` is the JSON value, or `ABSENT`."""
        self.findings.append(
            Finding(severity=severity, path=path_text(path), found=shown(found), expected=expected),
        )

    def error(self, path: Sequence[str | int], found: Any, expected: str) -> None:
        """Add an error."""
        self.say("error", path, found, expected)

    def note(self, path: Sequence[str | int], found: Any, expected: str) -> None:
        """Add a note."""
        self.say("note", path, found, expected)


def shown(value: Any) -> str:
    """A value as findings show it: JSON, and no more than a line of it."""
    if value is ABSENT:
        return "no such key"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):  # not JSON at all: a validator is also asked about what a test made up
        text = f"{value!r} ({type(value).__name__})"
    except RecursionError:
        text = f"something nested too deep to show ({type(value).__name__})"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
