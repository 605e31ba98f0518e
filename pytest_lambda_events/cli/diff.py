"""`lambda-events diff A B`: in what two cassettes differ. The law: 1 when they do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.compare import differences
from pytest_lambda_events.cassette.store import load
from pytest_lambda_events.cli.text import say

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="lambda-events diff",
        description="Say in what two cassettes differ, path by path, into JSON in bodies. When and by which version "
        "they were recorded is no difference. Exit code 1 when there is one.",
        allow_abbrev=False,
    )
    parser.add_argument("one", metavar="A")
    parser.add_argument("other", metavar="B")
    options = parser.parse_args(list(argv))
    found = list(differences(load(options.one), load(options.other)))
    for line in found:
        say(line)
    return int(bool(found))
