"""`lambda-events capture KIND …`: events from where they are into a cassette. The law: one file for each kind.

Exit codes: 0 a cassette was written; 1 nothing came, and nothing was written; 2 it could not be asked, or broke off
(what came until then is written); 130 it was interrupted (what came until then is written).
"""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING

from pytest_lambda_events.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KINDS", "main"]

KINDS = {
    "handler": "write the decorator that captures in a deployed function",
    "logs": "events that a function wrote into its CloudWatch log group",
    "sqs": "messages of a standard queue, received and made visible again (--take-risk)",
    "kinesis": "records of a stream, with iterators of its own",
    "dynamodb": "changes of a table, from its stream",
    "kafka": "records of a topic, of MSK or self-managed, without a commit",
    "rabbitmq": "messages of a queue, fetched and given back (--take-risk)",
}
"""Each kind of capture, a module of this folder with a `main(argv)`, and what it captures."""

_CODES = """exit codes: 0 a cassette was written; 1 nothing came; 2 an error; 130 interrupted (Ctrl-C).
Whatever ends it, what came until then is written."""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="lambda-events capture",
        usage="lambda-events capture KIND [options]",
        description="Save the events that a function gets, or would get, as a cassette. The source is left as it was; "
        "what only Lambda knows is made up and marked as `invented`.",
        epilog="\n".join(["kinds:", *(f"  {name:10} {what}" for name, what in KINDS.items()), "", _CODES]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("kind", metavar="KIND", help="see below; `KIND --help` tells its options")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args(list(argv) or ["--help"])
    if options.kind not in KINDS:
        parser.error(f"there is no kind {options.kind!r}{nearest(options.kind, KINDS)}")
    code: int = import_module(f"{__name__}.{options.kind.replace('-', '_')}").main(options.arguments)
    return code
