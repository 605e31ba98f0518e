"""`lambda-events capture handler --write FILE`: the decorator for deployed functions."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.handler import handler_source, write_handler
from pytest_lambda_events.cli.capture.running import note
from pytest_lambda_events.cli.text import say

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="lambda-events capture handler",
        description="Write one file into your application, which needs nothing but Python's standard library: a "
        "decorator that sends each event, and what became of it, to the function's log, a file, S3 or SQS. This is the "
        "safest capture there is: no queue is touched.",
        allow_abbrev=False,
    )
    parser.add_argument("--write", required=True, metavar="FILE", help="where, e.g. app/lambda_capture.py; - prints it")
    parser.add_argument("--force", action="store_true", help="replace an older one, or one that was changed")
    options = parser.parse_args(list(argv))
    if options.write == "-":
        say(handler_source().rstrip("\n"))
        return 0
    path = Path(options.write)
    fresh = write_handler(path, force=options.force)
    say(str(path))
    note("written" if fresh else "it is there already")
    note(f"decorate your handler (from {path.stem} import capture), and set LAMBDA_CAPTURE_TO in its environment")
    return 0
