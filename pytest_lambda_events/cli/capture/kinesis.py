"""`lambda-events capture kinesis STREAM`: records of a Kinesis stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.kinesis import KinesisTap
from pytest_lambda_events.cli.capture.running import account_of, captured, live_parser, start_of, with_aws

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = with_aws(
        live_parser(
            "kinesis",
            "Capture records of a Kinesis stream. They are read with iterators of its own: nothing is committed, and "
            "no consumer notices, except that all share what a shard gives in a second.",
            batch=100,
        )
    )
    parser.add_argument("stream", metavar="STREAM", help="its name or ARN")
    parser.add_argument(
        "--from", dest="start", default="oldest", metavar="oldest|latest|TIME", help="where to begin (default: oldest)"
    )
    parser.add_argument("--shard", metavar="ID", help="only this shard")
    parser.add_argument(
        "--role", metavar="ARN", help="the function's role, for invokeIdentityArn (otherwise made up, and marked so)"
    )
    options = parser.parse_args(list(argv))
    account, start = account_of(options), start_of(options)
    return captured(options, KinesisTap(account, options.stream, start=start, shard=options.shard, role=options.role))
