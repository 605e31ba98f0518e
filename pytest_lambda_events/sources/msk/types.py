"""Amazon MSK's event as types, for annotations. The law: that of `kafka`, with the cluster's ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from pytest_lambda_events.sources.kafka.types import KafkaRecord

__all__ = ["MskEvent"]


class MskEvent(TypedDict):
    """What Lambda hands to a function behind a topic of an MSK cluster: records by `topic-partition`."""

    eventSource: str
    eventSourceArn: str
    bootstrapServers: str
    records: dict[str, list[KafkaRecord]]
