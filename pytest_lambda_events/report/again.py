"""How a test is run again. The law: one line that every shell understands, the same in text and page."""

from __future__ import annotations

import re
import shlex
from typing import Final

__all__ = ["command_of", "name_of_run"]

_RUN: Final = re.compile(r" \(run [0-9]+\)$")


def name_of_run(nodeid: str, number: int) -> str:
    """What the `number`-th run of a test is called: others let failed ones run again."""
    return nodeid if number == 1 else f"{nodeid} (run {number})"


def command_of(name: str, seed: int) -> str:
    """The command for a run with this name."""
    nodeid = _RUN.sub("", name)
    # double quotes are understood by every shell; what they would not protect needs a POSIX shell's single quotes
    test = shlex.quote(nodeid) if any(letter in nodeid for letter in '"$`!\\') else f'"{nodeid}"'
    return f"pytest {test} --lambda-events-seed={seed}"
