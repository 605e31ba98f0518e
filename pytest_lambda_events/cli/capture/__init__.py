"""`lambda-events capture HOW`: make a cassette of real events. The law: one module for each way; redaction is on."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING

from pytest_lambda_events.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["WAYS", "main"]

WAYS = {
    "from-file": "an event as it was saved, pasted or logged",
}
"""Each way to capture, a module of this folder with a `main(argv)`, and what it is from."""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="lambda-events capture",
        usage="lambda-events capture HOW [options]",
        description="Make a cassette of real events, redacted. `lambda-events capture HOW --help` tells its options.",
        epilog="\n".join(["how:", *(f"  {name:10} {what}" for name, what in WAYS.items())]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("how", metavar="HOW", help="see below")
    if not argv or argv[0] in ("-h", "--help"):
        parser.parse_args(list(argv))
    if argv[0] not in WAYS:
        parser.error(f"there is no way to capture called {argv[0]!r}{nearest(argv[0], WAYS)}")
    way = import_module(f"{__name__}.{argv[0].replace('-', '_')}")
    code: int = way.main(argv[1:])
    return code
