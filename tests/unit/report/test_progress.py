"""The line of progress: what it says, when it is drawn, and that nothing is left of it."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.harness.watching import Standing
from pytest_lambda_events.report.progress import (
    Beside,
    LineBelow,
    LineInPlace,
    Progress,
    can_draw,
    can_draw_below,
    line,
    width_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (7_200, "2 h"),
        (7_205, "2 h"),
        (8_100, "2 h 15 min"),
        (90_061, "1 d 1 h"),
        (86_460, "1 d"),
    ],
)
def test_time(seconds: float, told: str) -> None:
    """Its two greatest units."""
    assert line(seconds, 0, 1, 2, 80) == f"{told} of virtual time, 0 records done, 1 left, 2 invocations"


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (79, "2 h 15 min of virtual time, 1,204 records done, 96 left, 1 invocation"),
        (69, "2 h 15 min of virtual time, 1,204 records done, 96 left, 1 invocation"),
        (68, "2 h 15 min of virtual time, 1,204 records done, 96 left"),
        (54, "2 h 15 min of virtual time, 1,204 records done"),
        (30, "2 h 15 min of virtual time"),
        (10, "2 h 15 min"),
        (0, ""),
        (-1, ""),
    ],
)
def test_width(width: int, told: str) -> None:
    """What does not fit is left out, the last first."""
    assert line(8_100, 1_204, 96, 1, width) == told


def test_live() -> None:
    """There is no virtual time."""
    assert line(3, 1, 0, 1, 80, time_is="real time") == "3 s of real time, 1 record done, 0 left, 1 invocation"


class Screen:
    """Notes what is shown."""

    def __init__(self) -> None:
        self.shown: list[str | None] = []
        self.problem: Exception | None = None

    def show(self, text: str) -> None:
        if self.problem is not None:
            raise self.problem
        self.shown.append(text)

    def erase(self) -> None:
        self.show(None)  # type: ignore[arg-type]


class Watched:
    """A progress with a clock of its own."""

    def __init__(self, **settings: Any) -> None:
        self.now = 100.0
        self.asked = 0
        self.screen = Screen()
        self.progress = Progress(self.standing, self.screen, now=lambda: self.now, **settings)

    def standing(self) -> Standing:
        self.asked += 1
        return Standing(self.asked, 1, 2, 3)

    def steps(self, *moments: float) -> None:
        for moment in moments:
            self.now = 100.0 + moment
            self.progress.step()


def test_nothing_before_a_second_and_then_seldom() -> None:
    """Nobody asks for what is not shown."""
    watched = Watched()
    watched.steps(0, 0.5, 0.99)
    assert (watched.asked, watched.screen.shown) == (0, [])
    watched.steps(1, 1.1, 1.19, 1.25, 1.3, 3, 3.1)
    assert [str(text)[:3] for text in watched.screen.shown] == ["1 s", "2 s", "3 s"]


def test_each_run_has_its_own_second() -> None:
    """So a thousand short runs show nothing."""
    watched = Watched()
    for begin in range(5):
        watched.steps(begin, begin + 0.9)
        watched.progress.end()
    assert watched.asked == 0


def test_the_end_erases() -> None:
    """Once."""
    watched = Watched(width=lambda: 20, time_is="real time")
    watched.steps(0, 2)
    watched.progress.end()
    assert watched.screen.shown == ["1 s of real time", None]


def test_a_terminal_that_is_gone() -> None:
    """Ends the drawing, and not the run."""
    watched = Watched()
    watched.screen.problem = OSError("gone")
    watched.steps(0, 2)
    watched.screen.problem = None
    watched.steps(3)
    assert watched.screen.shown == []
    watched.screen.problem = ValueError("closed")
    watched.progress.end()


def test_in_place() -> None:
    """A shorter line leaves nothing of a longer one; erasing leaves nothing at all."""
    written: list[str] = []
    drawing = LineInPlace(written.append)
    drawing.erase()
    drawing.show("long")
    drawing.show("ab")
    drawing.erase()
    drawing.erase()
    assert written == ["\rlong", "\rab  ", "\r  \r"]


def drawn(written: list[str], rows: int = 3) -> list[str]:
    """What a terminal of so many rows shows after this: it knows what the line below is drawn with."""
    screen, row, column, saved = [""] * rows, 0, 0, (0, 0)
    text = "".join(written)
    while text:
        if text.startswith(("\x1bD", "\n")):
            if row == rows - 1:
                screen = [*screen[1:], ""]
            row = min(row + 1, rows - 1)
            column = 0 if text[0] == "\n" else column
            text = text[1:] if text[0] == "\n" else text[2:]
        elif text[0] != "\x1b":
            if text[0] == "\r":
                column = 0
            else:
                screen[row] = f"{screen[row][:column]:{column}}{text[0]}{screen[row][column + 1 :]}"
                column += 1
            text = text[1:]
        else:
            code = next(code for code in ("\x1b[A", "\x1b[B", "\x1b[K", "\x1b7", "\x1b8") if text.startswith(code))
            if code == "\x1b[K":
                screen[row] = screen[row][:column]
            elif code == "\x1b7":
                saved = row, column
            elif code == "\x1b8":
                row, column = saved
            else:
                row = min(row + 1, rows - 1) if code == "\x1b[B" else max(row - 1, 0)
            text = text[len(code) :]
    return screen


@pytest.mark.parametrize("before", ["", "one\n", "one\ntwo\n", "one\ntwo\nthree\n"])
def test_below(before: str) -> None:
    """Above, and on the last line of the screen: the test's line stays, and goes on where it was."""
    written = [before, "test_x "]
    drawing = LineBelow(written.append)
    drawing.erase()
    assert len(written) == 2
    drawing.show("1 s of virtual time")
    drawing.show("2 s of")
    assert drawn(written)[-3:][[line.startswith("test_x") for line in drawn(written)].index(True) + 1] == "2 s of"
    drawing.erase()
    drawing.erase()
    written.append("PASSED\n")
    lines = [line for line in drawn(written) if line]
    assert lines[-1] == "test_x PASSED"
    assert "s of" not in "".join(lines)


class Terminal(io.StringIO):
    """It says that it is one."""

    def isatty(self) -> bool:
        return not self.closed or super().isatty()


def test_where_a_line_can_be_drawn() -> None:
    """On a terminal that can be written over; where the cursor has to move, not on any Windows."""
    closed = Terminal()
    closed.close()
    assert can_draw(Terminal(), {})
    assert not can_draw(Terminal(), {"TERM": "dumb"})
    assert not can_draw(io.StringIO(), {})
    assert not can_draw(None, {})
    assert not can_draw(closed, {})
    assert can_draw_below(Terminal(), {}, "linux")
    assert not can_draw_below(Terminal(), {}, "win32")
    assert can_draw_below(Terminal(), {"WT_SESSION": "1"}, "win32")
    assert not can_draw_below(io.StringIO(), {}, "linux")


def test_a_terminals_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own; 80 where it does not say."""
    assert width_of(io.StringIO()) == 80

    class WithNumber(io.StringIO):
        def fileno(self) -> int:
            return 7

    sizes: list[Callable[[int], os.terminal_size]] = [
        lambda number: os.terminal_size((number * 10, 24)),
        lambda _: os.terminal_size((0, 0)),
    ]
    for size, width in zip(sizes, (70, 80), strict=True):
        monkeypatch.setattr(os, "get_terminal_size", size)
        assert width_of(WithNumber()) == width


def test_what_is_printed_beside_it() -> None:
    """Comes where the line was."""
    watched, stream = Watched(), Terminal()
    beside = Beside(stream, watched.progress)
    watched.steps(0, 2)
    print("hello", file=beside)  # type: ignore[call-overload]
    assert stream.getvalue() == "hello\n"
    assert watched.screen.shown[-1] is None
    assert beside.isatty()  # type: ignore[operator]
