"""`lambda-events capture activemq QUEUE`: messages of an ActiveMQ queue."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.activemq import ActiveMqTap
from pytest_lambda_events.cli.capture.running import captured, live_parser

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = live_parser(
        "activemq",
        "Capture messages of an ActiveMQ queue, through stomp.py (extra activemq). The queue is browsed: the broker "
        "sends copies. It shows a browser no more than its maxBrowsePageSize (400 by default), and makes a queue that "
        "is not there.",
        batch=100,
    )
    parser.add_argument("queue", metavar="QUEUE", help="its name")
    parser.add_argument(
        "--url",
        metavar="URL",
        help="stomp://user:password@host:61613, or stomp+ssl:// (default: the environment variable STOMP_URL)",
    )
    parser.add_argument("--broker-arn", metavar="ARN", help="the broker's, for eventSourceArn (otherwise made up)")
    options = parser.parse_args(list(argv))
    url = options.url or os.environ.get("STOMP_URL", "stomp://localhost:61613")
    return captured(options, ActiveMqTap(url, options.queue, broker=options.broker_arn))
