"""Amazon DocumentDB change streams. The law: what is particular to this source stands in this folder only."""

from __future__ import annotations

from types import MappingProxyType

from pytest_lambda_events.model.mapping_rules import Positions, SourceRules
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
    # Lambda Developer Guide, "Using Lambda with Amazon DocumentDB"; sentences of "Invalid parameters" as recorded
    rules=SourceRules(
        name="DocumentDB change streams",
        source="documentdb",
        applies=frozenset(
            (
                "DocumentDBEventSourceConfig",
                "SourceAccessConfigurations",
                "StartingPosition",
                "StartingPositionTimestamp",
            )
        ),
        default_batch_size=100,
        default_window_ms=500,
        max_timeout_s=840,
        positions=Positions(default="LATEST"),
        invalid=frozenset(("FilterCriteria", "FunctionResponseTypes")),
        access=frozenset(("BASIC_AUTH",)),
        credentials="BASIC_AUTH",
        defaults=MappingProxyType(
            {"DocumentDBEventSourceConfig": MappingProxyType({"FullDocument": "Default"})},
        ),
        unquoted=frozenset(),
        transition_reason="User action",
    ),
)
