"""Which source a mapping has. The law: pure; by the ARN as AWS does it, by the parameters where there is none, and
AWS's words where nobody could tell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.mapping_refusals import invalid
from pytest_lambda_events.model.mapping_values import refuse_values

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["source_of"]

_KINDS: Final[tuple[tuple[str, str], ...]] = (
    (r"sqs:[^:]+\.fifo", "sqs_fifo"),
    (r"sqs:[^:]+", "sqs"),
    (r"kinesis:stream/[^/]+(/consumer/.+)?", "kinesis"),
    (r"dynamodb:table/[^/]+/stream/.+", "dynamodb"),
    (r"kafka:(cluster|vpc-connection)/.+", "msk"),
    (r"rds:cluster:.+", "documentdb"),
)
"""Service and resource of an ARN, and the registry's name of the source."""

_BROKER: Final = re.compile(r"mq:broker:.+")
_PREFIX: Final = re.compile(r"arn:[^:]*:([^:]*):[^:]*:[^:]*:")
_ADVICE: Final = (
    "the ARN is that of an SQS queue, a Kinesis stream or its consumer, a DynamoDB stream (not its table), an MSK "
    "cluster, an Amazon MQ broker or a DocumentDB cluster; a self-managed Kafka cluster has none, but "
    "SelfManagedEventSource"
)


def source_of(arn: str | None, parameters: Mapping[str, Any]) -> str:
    """The registry's name of the source.

    A broker's ARN does not say its engine: a virtual host is RabbitMQ's, everything else is taken for ActiveMQ.

    Errors: `Refusal`: a ValidationException for what is no ARN at all, else AWS's "Unrecognized event source.".
    """
    if arn is None:
        if parameters.get("SelfManagedEventSource") is not None:
            return "kafka"
        raise invalid("Unrecognized event source.", f"there is no source: {_ADVICE}")
    refuse_values({"EventSourceArn": arn})
    named = _PREFIX.sub(r"\1:", arn, count=1)
    if _BROKER.fullmatch(named):
        return "rabbitmq" if _has_virtual_host(parameters) else "activemq"
    for pattern, name in _KINDS:
        if re.fullmatch(pattern, named):
            return name
    raise invalid("Unrecognized event source.", f"{arn} is no event source: {_ADVICE}")


def _has_virtual_host(parameters: Mapping[str, Any]) -> bool:
    entries = parameters.get("SourceAccessConfigurations")
    if not isinstance(entries, (list, tuple)):  # the types are checked later
        return False
    return any(isinstance(entry, dict) and entry.get("Type") == "VIRTUAL_HOST" for entry in entries)
