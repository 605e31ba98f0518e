"""Self-managed Apache Kafka. The law: what is particular to this source stands in this folder and nowhere else."""

from __future__ import annotations

from pytest_lambda_events.model.source import EventForm, Source

__all__ = ["SOURCE"]


SOURCE = Source(
    name="kafka",
    title="self-managed Apache Kafka",
    event_type="KafkaEvent",
    family="log",
    service="kafka",
    form=EventForm(
        envelope="records",
        event_sources=("SelfManagedKafka", "aws:SelfManagedKafka"),
        keys=frozenset(("records", "bootstrapServers", "eventSource")),
    ),
)
