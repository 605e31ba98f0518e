"""Amazon MQ's brokers, of both engines. The law: one broker has one ARN, and what it delivers agrees with it.

ActiveMQ and RabbitMQ share no more than this: the service and its ARN, and how a number is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.looking import text_at
from pytest_lambda_events.model.regions import partition_of
from pytest_lambda_events.model.shapes import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.findings import Report

__all__ = [
    "BROKER_ARN",
    "MqBroker",
    "access_of",
    "broker_of",
    "check_flag",
    "check_number",
    "check_printed_broker",
    "queue_name_of",
    "queue_place",
]

# Amazon MQ API Reference, CreateBroker, brokerName
_NAME: Final = r"[A-Za-z0-9._~-]{1,50}"
_ID: Final = r"b-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_EXAMPLE: Final = "arn:aws:mq:us-east-1:123456789012:broker:orders:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"
_ARN: Final = re.compile(
    r"arn:(?P<partition>aws(?:-[a-z]+)*):mq:(?P<region>[a-z]{2,}(?:-[a-z]+)+-[0-9]+):(?P<account>[0-9]{12})"
    rf":broker:(?P<name>{_NAME}):(?P<id>{_ID})"
)

BROKER_ARN: Final = Arn("mq", re.compile(rf"broker:{_NAME}:{_ID}"), _EXAMPLE)
"""The shape of eventSourceArn."""

_PRINTED_ID: Final = "b-9bcfa592-423a-4942-879d-eb284b418fc8"
"""The broker of every sample that AWS's documentation prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MqBroker:
    """One broker; `id` is `b-` and a UUID."""

    partition: str
    region: str
    account: str
    name: str
    id: str

    @property
    def arn(self) -> str:
        """The ARN, as in eventSourceArn."""
        return f"arn:{self.partition}:mq:{self.region}:{self.account}:broker:{self.name}:{self.id}"

    @property
    def host(self) -> str:
        """The host name of its first instance."""
        china = ".cn" if self.partition == "aws-cn" else ""
        return f"{self.id}-1.mq.{self.region}.amazonaws.com{china}"


def broker_of(broker: str, *, region: str, account: str, uuid: str) -> MqBroker:
    """The broker that is given by ARN, or by name: then with this region, account and UUID.

    Errors: `UsageError` for what is neither, and for a region or an account that no ARN could have.
    """
    if not broker.startswith("arn:"):
        if re.fullmatch(_NAME, broker) is None:
            raise UsageError(
                f"broker={broker!r} is no name of a broker: Amazon MQ allows 1 to 50 letters, digits, - . _ and ~"
            )
        broker = f"arn:{partition_of(region)}:mq:{region}:{account}:broker:{broker}:b-{uuid}"
    found = _ARN.fullmatch(broker)
    if found is None:
        raise UsageError(f"{broker!r} is no ARN of a broker; write one like {_EXAMPLE}")
    return MqBroker(**found.groupdict())


def queue_place(arn: str, queue: str) -> str:
    """What names a queue among all places of records: a broker's ARN does not tell its queues apart."""
    return f"{arn}#{queue}"


def queue_name_of(place: str) -> str | None:
    """The queue of such a place; None for any other."""
    arn, mark, queue = place.partition("#")
    return queue if mark and _ARN.fullmatch(arn) is not None else None


def access_of(parameters: Mapping[str, Any], kind: str) -> str | None:
    """The URI of the SourceAccessConfiguration of this type; None without one."""
    entries = parameters.get("SourceAccessConfigurations")
    for entry in entries if isinstance(entries, (list, tuple)) else ():  # the types are checked later
        if isinstance(entry, dict) and entry.get("Type") == kind:
            return entry.get("URI")
    return None


def check_printed_broker(event: Any, report: Report) -> None:
    """A note where the event comes from the broker of the documentation's samples."""
    arn = text_at(event, "eventSourceArn")
    if arn is not None and arn.endswith(_PRINTED_ID):
        report.note(("eventSourceArn",), arn, "a broker of its own: this one is a documentation sample's")


def check_number(name: str, value: Any, low: int, high: int, *, meaning: str) -> None:
    """Refuse what is no whole number from `low` to `high`. Errors: `UsageError`, which says what the number means."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UsageError(f"{name}={value!r}: {meaning}, a whole number from {low} to {high}")


def check_flag(name: str, value: Any) -> bool:
    """The flag itself. Errors: `UsageError` for what is neither True nor False."""
    if not isinstance(value, bool):
        raise UsageError(f"{name}={value!r}: write True or False")
    return value
