"""What a mapping of change streams may have. The law: data; `model/mapping_refusals` reads it."""

from __future__ import annotations

from types import MappingProxyType

from pytest_lambda_events.model.mapping_rules import Habits, Positions, SourceRules

__all__ = ["RULES"]

# Lambda Developer Guide, "Using Lambda with Amazon DocumentDB"; sentences of "Invalid parameters" as recorded. Habits:
# Lambda Developer Guide, "Batching behavior" (the window) and its metrics (OversizedRecordCount); Amazon DocumentDB
# Developer Guide, "Using AWS Lambda with change streams" (a mapping whose events expired is disabled).
RULES = SourceRules(
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
    habits=Habits(window_from_record=True, drops_oversized=True, stops_when_expired=True),
)
