"""How far a command's run has come, on standard error. The law: on a terminal only, and nobody's output is lost."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, cast

from pytest_lambda_events.report.progress import Beside, LineInPlace, Progress, can_draw, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.harness import Harness

__all__ = ["progress_shown"]


@contextlib.contextmanager
def progress_shown(harness: Harness) -> Iterator[None]:
    """While this lasts, runs of a harness show how far they are, and all that is printed goes to standard error."""
    stream = sys.stderr
    if not can_draw(stream):
        yield
        return

    def write(text: str) -> None:
        stream.write(text)
        stream.flush()

    progress = Progress(harness.standing, LineInPlace(write), width=lambda: width_of(stream))
    harness.watch(progress)
    beside = cast("Any", Beside(stream, progress))
    with contextlib.redirect_stdout(beside), contextlib.redirect_stderr(beside):
        yield
