"""How wide and how coloured a command's answer is."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.cli.text import paper
from pytest_lambda_events.report.terminal.style import ANSI, PLAIN

if TYPE_CHECKING:
    from pytest_lambda_events.report.terminal.style import Style


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "expected"),
    [pytest.param(Terminal(), (72, ANSI), id="terminal"), pytest.param(io.StringIO(), (100, PLAIN), id="file")],
)
def test_paper(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, expected: tuple[int, Style]) -> None:
    """A file's lines are the same whatever the terminal is like."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "72")
    monkeypatch.setattr(sys, "stdout", stream)
    assert paper() == expected
