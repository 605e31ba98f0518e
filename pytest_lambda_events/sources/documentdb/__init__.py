"""Amazon DocumentDB change streams. The law: what is particular to this source stands in this folder only."""

from __future__ import annotations

from pytest_lambda_events.model.source import EventForm, Source

__all__ = ["SOURCE"]

SOURCE = Source(
    name="documentdb",
    title="Amazon DocumentDB change streams",
    event_type="DocumentDbEvent",
    family="stream",
    service="rds",
    form=EventForm(
        envelope="events",
        event_sources=("aws:docdb",),
        keys=frozenset(("events", "eventSourceArn", "eventSource")),
    ),
)
