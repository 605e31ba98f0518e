"""Amazon DynamoDB Streams. The law: what is particular to this source stands in this folder and nowhere else."""

from __future__ import annotations

from pytest_lambda_events.model.source import EventForm, Source

__all__ = ["SOURCE"]

SOURCE = Source(
    name="dynamodb",
    title="Amazon DynamoDB Streams",
    event_type="DynamoDbEvent",
    family="stream",
    service="dynamodb",
    form=EventForm(
        envelope="Records",
        event_sources=("aws:dynamodb",),
        keys=frozenset(("eventID", "eventName", "eventVersion", "dynamodb", "userIdentity")),
        per_record=True,
    ),
)
