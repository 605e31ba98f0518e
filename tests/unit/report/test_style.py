"""Colour only where it can be seen, and never more than colour."""

from __future__ import annotations

import io

import pytest

from pytest_lambda_events.report.terminal.style import ANSI, PLAIN, style_for


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "platform", "has_colour"),
    [
        pytest.param({}, "linux", True, id="terminal"),
        pytest.param({"TERM": "dumb"}, "linux", False, id="dumb"),
        pytest.param({"NO_COLOR": "1"}, "linux", False, id="no-color"),
        pytest.param({"NO_COLOR": ""}, "linux", True, id="no-color-without-a-value"),
        pytest.param({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "linux", False, id="no-color-wins"),
        pytest.param({"TERM": "dumb", "FORCE_COLOR": "1"}, "linux", True, id="forced"),
        pytest.param({}, "win32", False, id="old-console"),
        pytest.param({"WT_SESSION": "1"}, "win32", True, id="windows-terminal"),
        pytest.param({"ANSICON": "1"}, "win32", True, id="ansicon"),
    ],
)
def test_a_terminal(environ, platform, has_colour):
    assert style_for(Terminal(), environ, platform) is (ANSI if has_colour else PLAIN)


def test_a_file_has_no_colour_unless_it_is_asked_for():
    assert style_for(io.StringIO(), {}, "linux") is PLAIN
    assert style_for(io.StringIO(), {"FORCE_COLOR": "1"}, "linux") is ANSI


def test_neighbours_of_one_colour_share_its_codes():
    cells = [("x", "failed"), ("x", "failed"), (".", "faint"), (" ", "usual"), ("*", "well")]

    assert ANSI.join(cells) == "\x1b[31mxx\x1b[0m\x1b[2m.\x1b[0m \x1b[32m*\x1b[0m"
    assert PLAIN.join(cells) == "xx. *"


def test_nothing_has_no_colour():
    assert ANSI.paint("", "failed") == ""
