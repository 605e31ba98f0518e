"""`lambda-events capture sqs QUEUE --take-risk`: messages of a standard queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.sqs import FEWEST_RECEIVES, HIDE_SECONDS, SqsTap
from pytest_lambda_events.cli.capture.running import account_of, captured, live_parser, with_aws
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RISK", "main"]

RISK = f"""SQS has no way to look at a message without receiving it. With --take-risk
this command
- receives each message once, in one sweep of {HIDE_SECONDS // 2} seconds at most: its
  ApproximateReceiveCount grows by one, for good;
- hides it meanwhile from its consumers, and makes it visible again as soon as
  the sweep is over, Ctrl-C and errors included (if this process is killed, its
  visibility timeout does so after {HIDE_SECONDS} seconds);
- may so change the order in which consumers see messages (a standard queue
  promises none), and moves a message to the dead-letter queue that has no
  receive left, as any receive does;
- never deletes anything.
It refuses FIFO queues (a message in flight blocks its group) and queues with a
maxReceiveCount below {FEWEST_RECEIVES}, stops at a message that has used up its receives, and
compares the queue's counts with those from before. The capture that touches no
queue is `lambda-events capture handler`."""


def main(argv: Sequence[str]) -> int:
    """Run the command. Errors: `UsageError` that explains, without --take-risk."""
    parser = with_aws(live_parser("sqs", f"Capture messages of a standard SQS queue.\n\n{RISK}", batch=10))
    parser.add_argument("queue", metavar="QUEUE", help="its name, ARN or URL")
    parser.add_argument("--take-risk", action="store_true", help="I have read the above, and want it")
    parser.add_argument(
        "--window", action="store_true", help="the mapping has a batching window (md5 null, not absent)"
    )
    parser.add_argument(
        "--hide-for",
        type=int,
        choices=range(2, 31),
        default=HIDE_SECONDS,
        metavar="SECONDS",
        help=f"how long a message is hidden if this process dies, 2 to 30 (default: {HIDE_SECONDS})",
    )
    options = parser.parse_args(list(argv))
    if not options.take_risk:
        raise UsageError(f"capturing from SQS changes the queue, and is done with --take-risk only.\n{RISK}")
    account = account_of(options)
    tap = SqsTap(account, options.queue, window=options.window, hide_seconds=options.hide_for)
    return captured(options, tap)
