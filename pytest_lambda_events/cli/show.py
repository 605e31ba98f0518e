"""`lambda-events show CASSETTE`: what is in it, for people. The law: paged on a terminal, plain in a pipe."""

from __future__ import annotations

import argparse
import pydoc
import sys
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.json_text import pretty
from pytest_lambda_events.cassette.show import shown
from pytest_lambda_events.cassette.store import load
from pytest_lambda_events.cli.text import say
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="lambda-events show",
        description="Show what is in a cassette: payloads without what is wrapped around them, what the handler made "
        "of them, and its HTTP calls. On a terminal through a pager ($PAGER).",
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="CASSETTE")
    parser.add_argument("--full", action="store_true", help="cut nothing")
    parser.add_argument("--event", type=int, metavar="N", help="print event N (from 0) as JSON, and nothing else")
    parser.add_argument("--no-pager", action="store_true", help="print, also on a terminal")
    options = parser.parse_args(list(argv))
    cassette = load(options.file)
    if options.event is not None:
        count = len(cassette.interactions)
        if not 0 <= options.event < count:
            raise UsageError(f"--event {options.event}: {options.file} has {count} events, counted from 0")
        text = pretty(cassette.interactions[options.event].event)
    else:
        text = "\n".join(shown(cassette, options.file, full=options.full))
    if sys.stdout.isatty() and not options.no_pager:
        pydoc.pager(text)
    else:
        say(text)
    return 0
