"""What a mapping of DynamoDB streams may have. The law: data; `model/mapping_refusals` reads it."""

from __future__ import annotations

from dataclasses import replace

from pytest_lambda_events.model.mapping_rules import STREAM_POSITIONS, STREAM_RULES

__all__ = ["RULES"]

RULES = replace(
    STREAM_RULES,
    name="DynamoDB streams",
    source="dynamodb",
    positions=replace(STREAM_POSITIONS, at_timestamp=False),
)
