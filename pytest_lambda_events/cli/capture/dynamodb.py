"""`lambda-events capture dynamodb TABLE`: changes of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.dynamodb import DynamoDbTap
from pytest_lambda_events.cli.capture.running import account_of, captured, live_parser, start_of, with_aws

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = with_aws(
        live_parser(
            "dynamodb",
            "Capture changes of a DynamoDB table from its stream. They are read with iterators of its own: nothing is "
            "committed. A shard of a stream has room for two readers at a time; a function that reads it is one.",
            batch=100,
        )
    )
    parser.add_argument("table", metavar="TABLE", help="the table's name, or its stream's ARN")
    parser.add_argument("--from", dest="start", choices=("oldest", "latest"), default="oldest", help="where to begin")
    parser.add_argument("--shard", metavar="ID", help="only this shard")
    options = parser.parse_args(list(argv))
    account, start = account_of(options), start_of(options)
    return captured(options, DynamoDbTap(account, options.table, start=start, shard=options.shard))
