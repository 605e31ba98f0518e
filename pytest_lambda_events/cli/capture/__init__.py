"""`lambda-events capture HOW …`: make a cassette of real events. The law: one module for each way; redaction is on.

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

__all__ = ["WAYS", "main"]

WAYS = {
    "from-file": "an event as it was saved, pasted or logged",
    "handler": "write the decorator that captures in a deployed function",
    "logs": "events that a function wrote into its CloudWatch log group",
    "sqs": "messages of a standard queue, received and made visible again (--take-risk)",
    "kinesis": "records of a stream, with iterators of its own",
    "dynamodb": "changes of a table, from its stream",
    "kafka": "records of a topic, of MSK or self-managed, without a commit",
    "rabbitmq": "messages of a queue, fetched and given back (--take-risk)",
    "activemq": "messages of a queue, browsed",
    "documentdb": "changes of a collection or database, from its change stream",
}
"""Each way to capture, a module of this folder with a `main(argv)`, and what it is from."""

_CODES = """exit codes: 0 a cassette was written; 1 nothing came; 2 an error; 130 interrupted (Ctrl-C).
Whatever ends a live capture, what came until then is written."""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="lambda-events capture",
        usage="lambda-events capture HOW [options]",
        description="Make a cassette of real events, redacted. Live sources are left as they were, and what only "
        "Lambda knows is made up and marked as `invented`. `lambda-events capture HOW --help` tells its options.",
        epilog="\n".join(["how:", *(f"  {name:10} {what}" for name, what in WAYS.items()), "", _CODES]),
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
