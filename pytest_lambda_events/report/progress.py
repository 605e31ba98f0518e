"""How far a long run has come, on one line of a terminal. The law: not before a second has passed, seldom, and gone
when the run ends; on a terminal and nowhere else.

All seconds of this room are real ones but those that the line tells of.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Final, Protocol

from pytest_lambda_events.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from pytest_lambda_events.harness.watching import Standing

__all__ = ["Beside", "LineBelow", "LineInPlace", "Progress", "can_draw", "can_draw_below", "line", "width_of"]

_FIRST_S: Final = 1.0
_EVERY_S: Final = 0.2
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_USUAL_WIDTH: Final = 80


# -- the line ----------------------------------------------------------------------------------------------------------


def line(elapsed_s: float, done: int, left: int, invocations: int, width: int, *, time_is: str = "virtual time") -> str:
    """`2 h 15 min of virtual time, 1,204 records done, 96 left, 310 invocations`, and of it what fits into `width`."""
    parts = [
        f"{_span(elapsed_s)} of {time_is}",
        f"{counted(done, 'record', 'records')} done",
        f"{left:,} left",
        counted(invocations, "invocation", "invocations"),
    ]
    while len(parts) > 1 and len(", ".join(parts)) > width:
        parts.pop()
    return ", ".join(parts)[: max(width, 0)]


def _span(seconds: float) -> str:
    """The two greatest units of a time."""
    rest, parts = int(seconds), list[str]()
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
        if len(parts) == 2:  # noqa: PLR2004 - two
            break
    return " ".join(part for part in parts if part) or "0 s"


# -- terminals ---------------------------------------------------------------------------------------------------------


def can_draw(stream: TextIO | None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a line can be written over there."""
    try:
        return stream is not None and stream.isatty() and environ.get("TERM") != "dumb"
    except ValueError:  # it is closed
        return False


def can_draw_below(
    stream: TextIO | None, environ: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> bool:
    """Whether the cursor can be moved there, too: on Windows, where the terminal is known to obey."""
    return can_draw(stream, environ) and (platform != "win32" or "WT_SESSION" in environ)


def width_of(stream: TextIO) -> int:
    """How many columns a terminal has."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_WIDTH
    except (AttributeError, OSError, ValueError):
        return _USUAL_WIDTH


class Drawing(Protocol):
    """A line that can be shown, shown anew, and erased. Errors: `OSError` and `ValueError` of the stream."""

    def show(self, text: str) -> None: ...

    def erase(self) -> None: ...


class LineInPlace:
    """On the line where the cursor is, which is empty."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._shown = 0

    def show(self, text: str) -> None:
        """Write it over what is shown."""
        self._write(f"\r{text.ljust(self._shown)}")
        self._shown = len(text)

    def erase(self) -> None:
        """Leave the line empty, and the cursor at its beginning."""
        if self._shown:
            self._write(f"\r{' ' * self._shown}\r")
            self._shown = 0


class LineBelow:
    """On the line below the cursor's, which is somebody else's and stays as it is; so does the cursor."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._is_shown = False

    def show(self, text: str) -> None:
        """Make a line below where there is none (index, cursor up), and write there."""
        self._write(f"\x1bD\x1b[A\x1b7\x1b[B\r{text}\x1b[K\x1b8")
        self._is_shown = True

    def erase(self) -> None:
        """Leave the line below empty."""
        if self._is_shown:
            self._write("\x1b7\x1b[B\r\x1b[K\x1b8")
            self._is_shown = False


# -- watching ----------------------------------------------------------------------------------------------------------


class Progress:
    """Watches runs (`Harness.watch`) and draws how far they have come."""

    def __init__(
        self,
        standing: Callable[[], Standing],
        drawing: Drawing,
        *,
        width: Callable[[], int] = lambda: _USUAL_WIDTH,
        time_is: str = "virtual time",
        now: Callable[[], float] = time.monotonic,  # a default is out of a freeze's reach
    ) -> None:
        self._standing = standing
        self._drawing = drawing
        self._width = width
        self._time_is = time_is
        self._now = now
        self._due: float | None = None
        self._is_broken = False

    def step(self) -> None:
        """Draw, when it is time to."""
        now = self._now()
        if self._due is None:
            self._due = now + _FIRST_S
        elif now >= self._due and not self._is_broken:
            self._due = now + _EVERY_S
            # the last column stays free: behind it some terminals begin a new line
            text = line(*self._standing(), self._width() - 1, time_is=self._time_is)
            self._try(lambda: self._drawing.show(text))

    def end(self) -> None:
        """Erase; the next run has its own second."""
        self._due = None
        self.erase()

    def erase(self) -> None:
        """Make room for others; what is due is drawn again."""
        self._try(self._drawing.erase)

    def _try(self, draw: Callable[[], object]) -> None:
        """A terminal that is gone ends the drawing, and not the run."""
        try:
            draw()
        except (OSError, ValueError):
            self._is_broken = True


class Beside:
    """A stream that shares its terminal with the line: what is written to it comes where the line was."""

    def __init__(self, stream: TextIO, progress: Progress) -> None:
        self._stream = stream
        self._progress = progress

    def write(self, text: str) -> int:
        """Erase the line, and write."""
        self._progress.erase()
        return self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
