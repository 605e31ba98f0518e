"""Amazon Kinesis Data Streams. The law: what is particular to this source stands in this folder and nowhere else."""

from __future__ import annotations

from pytest_lambda_events.model.source import EventForm, Source

__all__ = ["SOURCE"]

SOURCE = Source(
    name="kinesis",
    title="Amazon Kinesis Data Streams",
    event_type="KinesisEvent",
    family="stream",
    service="kinesis",
    form=EventForm(
        envelope="Records",
        event_sources=("aws:kinesis",),
        keys=frozenset(("kinesis", "eventVersion", "eventID", "eventName", "invokeIdentityArn")),
        per_record=True,
    ),
)
