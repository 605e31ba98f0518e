"""`lambda-events capture kafka TOPIC`: records of a topic, of MSK or self-managed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.capture.kafka import KafkaTap
from pytest_lambda_events.cli.capture.running import captured, live_parser, start_of
from pytest_lambda_events.cli.text import read_text
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = live_parser(
        "kafka",
        "Capture records of a Kafka topic, through confluent-kafka (extra kafka). Partitions are assigned, not "
        "subscribed to: no group is joined, none rebalances, and nothing is committed.",
        batch=100,
    )
    parser.add_argument("topic", metavar="TOPIC", help="its name")
    parser.add_argument(
        "--bootstrap-servers", required=True, metavar="HOST:PORT,…", help="the brokers, as in the mapping"
    )
    parser.add_argument(
        "--client",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of librdkafka, for signing in: --client security.protocol=SASL_SSL …; NAME=@FILE reads the "
        "value from a file, so that a password is not in the list of processes",
    )
    parser.add_argument(
        "--from", dest="start", default="oldest", metavar="oldest|latest|TIME", help="where to begin (default: oldest)"
    )
    parser.add_argument("--cluster-arn", metavar="ARN", help="of Amazon MSK: events are MSK's, with this ARN")
    options = parser.parse_args(list(argv))
    tap = KafkaTap(
        options.topic,
        options.bootstrap_servers,
        client=dict(map(_setting, options.client)),
        start=start_of(options),
        cluster_arn=options.cluster_arn,
    )
    return captured(options, tap)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--client {text}: write NAME=VALUE, such as security.protocol=SASL_SSL")
    return name, read_text(value[1:]).strip() if value.startswith("@") else value
