"""`lambda-events capture documentdb DATABASE[.COLLECTION]`: changes from a change stream."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.documentdb import DocumentDbTap
from pytest_lambda_events.cli.capture.running import captured, live_parser
from pytest_lambda_events.clock.virtual import parse_start
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command. Errors: `UsageError` for a capture that could see nothing."""
    parser = live_parser(
        "documentdb",
        "Capture changes of an Amazon DocumentDB (or MongoDB) collection, through pymongo (extra mongodb), with a "
        "cursor of its own. A change stream shows what happens while it is watched: give --for, or --since.",
        batch=100,
    )
    parser.add_argument("namespace", metavar="DATABASE[.COLLECTION]", help="what the mapping names")
    parser.add_argument("--uri", help="mongodb://user:password@host:27017/?tls=true (default: $MONGODB_URI)")
    parser.add_argument("--since", metavar="TIME", help="from when on, ISO 8601, as far as the cluster keeps changes")
    parser.add_argument("--update-lookup", action="store_true", help="the mapping's FullDocument is UpdateLookup")
    parser.add_argument("--cluster-arn", metavar="ARN", help="for eventSourceArn (otherwise made up)")
    options = parser.parse_args(list(argv))
    if options.seconds is None and options.since is None:
        raise UsageError("a change stream begins now, and nothing has happened yet: say --for SECONDS, or --since TIME")
    if options.filter is not None:
        raise UsageError("--filter: Lambda's mappings of DocumentDB have no filters")
    uri = options.uri or os.environ.get("MONGODB_URI", "mongodb://localhost:27017")
    tap = DocumentDbTap(
        uri,
        options.namespace,
        look_up=options.update_lookup,
        since=None if options.since is None else parse_start(options.since, "--since") // 1000,
        cluster_arn=options.cluster_arn,
    )
    return captured(options, tap)
