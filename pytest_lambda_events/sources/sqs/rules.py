"""What a mapping of queues may have. The law: data; `model/mapping_refusals` reads it."""

from __future__ import annotations

from pytest_lambda_events.model.mapping_rules import PollerLimits, SourceRules

__all__ = ["RULES"]

# Lambda API Reference, CreateEventSourceMapping; Developer Guide, "Using Lambda with Amazon SQS"
RULES = SourceRules(
    name="SQS queues",
    source="sqs",
    applies=frozenset(("FilterCriteria", "FunctionResponseTypes", "ProvisionedPollerConfig", "ScalingConfig")),
    default_batch_size=10,
    large_batch_needs_window=True,
    pollers=PollerLimits(minimum=(2, 200), maximum=10_000),
    has_result=False,
)
