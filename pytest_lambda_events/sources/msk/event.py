"""Amazon MSK's event. The law: that of `kafka`, with the cluster's ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.sources.kafka.event import records_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.kafka_record import KafkaRecord

__all__ = ["envelope_of", "event_of"]


def event_of(records: Sequence[KafkaRecord], arn: str, bootstrap_servers: str) -> dict[str, Any]:
    """The event of an MSK cluster around the records."""
    return {**envelope_of(arn, bootstrap_servers), "records": records_of(records)}


def envelope_of(arn: str, bootstrap_servers: str) -> dict[str, Any]:
    """The event of an MSK cluster without records."""
    return {"eventSource": "aws:kafka", "eventSourceArn": arn, "bootstrapServers": bootstrap_servers}
