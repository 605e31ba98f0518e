"""`lambda-events migrate CASSETTE…`: to the present version of the format. The law: what is in it stays."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.codec import VERSION
from pytest_lambda_events.cassette.migrating import migrate
from pytest_lambda_events.cassette.store import MAX_BYTES
from pytest_lambda_events.cli.text import add_size_option, say

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command: 1 when --check finds something to do."""
    parser = argparse.ArgumentParser(
        prog="lambda-events migrate",
        description=f"Bring cassettes to version {VERSION} of the format, and to its one way of writing.",
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="+", metavar="CASSETTE", help="a cassette; it is replaced")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit with 1 when there is something to do"
    )
    add_size_option(parser, MAX_BYTES)
    options = parser.parse_args(list(argv))
    found = False
    for name in options.files:
        changed = migrate(name, write_back=not options.check, max_bytes=options.max_bytes)
        found |= changed
        done = "would be rewritten" if options.check else "rewritten"
        say(f"{name}: {done if changed else 'up to date'}")
    return int(found and options.check)
