"""How far a test's run has come, below the line of the test. The law: what pytest prints and what it captures stay as
they are, so it is drawn past the capture; and with `-s` it is not, because the terminal is the test's own then.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.harness.live import LiveHarness

__all__ = ["show"]

_IS_DRAWN: pytest.StashKey[bool] = pytest.StashKey()


def show(config: pytest.Config, harness: Harness | LiveHarness) -> None:
    """Have the runs of a harness show how far they are, where standard error is a terminal."""
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    if capture is None or config.option.capture == "no":
        return
    from pytest_lambda_events.report.progress import LineBelow, Progress, can_draw_below, width_of

    if _IS_DRAWN not in config.stash:
        with capture.global_and_fixture_disabled():
            config.stash[_IS_DRAWN] = can_draw_below(sys.stderr)
    if not config.stash[_IS_DRAWN]:
        return

    def write(text: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(text)
            sys.stderr.flush()

    def width() -> int:
        with capture.global_and_fixture_disabled():
            return width_of(sys.stderr)

    is_live = type(harness).__name__ == "LiveHarness"
    time_is = "real time" if is_live else "virtual time"
    harness.watch(Progress(harness.standing, LineBelow(write), width=width, time_is=time_is))
