"""`lambda-events capture rabbitmq QUEUE --take-risk`: messages of a RabbitMQ queue."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.rabbitmq import HOLD_SECONDS, RabbitMqTap
from pytest_lambda_events.cli.capture.running import captured, live_parser
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RISK", "main"]

RISK = f"""AMQP has no way to look at a message without taking it. With --take-risk this
command
- fetches messages and holds them, {HOLD_SECONDS:.0f} seconds at most, while no consumer
  gets them;
- gives all of them back at once, to their old places, Ctrl-C and errors
  included (if this process is killed, the broker does so itself); nothing is
  acknowledged;
- marks them as redelivered, for good, which a consumer may treat as a sign of
  trouble;
- raises the delivery count of a quorum queue, which has a limit of deliveries:
  it stops at a message that has been delivered several times.
It compares the number of ready messages with that from before. A message whose
time to live ends meanwhile expires as it would have. The capture that touches
no queue is `lambda-events capture handler`."""


def main(argv: Sequence[str]) -> int:
    """Run the command. Errors: `UsageError` that explains, without --take-risk."""
    parser = live_parser(
        "rabbitmq", f"Capture messages of a RabbitMQ queue, through py-amqp (extra rabbitmq).\n\n{RISK}", batch=100
    )
    parser.add_argument("queue", metavar="QUEUE", help="its name")
    parser.add_argument("--take-risk", action="store_true", help="I have read the above, and want it")
    parser.add_argument(
        "--url",
        metavar="URI",
        help="amqp://user:password@host:port/vhost, or amqps:// (default: the environment variable AMQP_URL)",
    )
    parser.add_argument("--vhost", help="the virtual host (default: that of the URI, else /)")
    parser.add_argument("--broker-arn", metavar="ARN", help="the broker's, for eventSourceArn (otherwise made up)")
    options = parser.parse_args(list(argv))
    if not options.take_risk:
        raise UsageError(f"capturing from RabbitMQ changes the queue, and is done with --take-risk only.\n{RISK}")
    url = options.url or os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/")
    return captured(options, RabbitMqTap(url, options.queue, vhost=options.vhost, broker=options.broker_arn))
