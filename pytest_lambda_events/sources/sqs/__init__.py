"""Amazon SQS, standard queues. The law: what is particular to this source stands in this folder and nowhere else."""

from __future__ import annotations

from pytest_lambda_events.model.mapping import PollerLimits, SourceRules
from pytest_lambda_events.model.source import Source

__all__ = ["SOURCE"]

SOURCE = Source(
    name="sqs",
    family="queue",
    service="sqs",
    # Lambda API Reference, CreateEventSourceMapping; Developer Guide, "Using Lambda with Amazon SQS"
    rules=SourceRules(
        name="SQS queues",
        applies=frozenset(("FilterCriteria", "FunctionResponseTypes", "ProvisionedPollerConfig", "ScalingConfig")),
        default_batch_size=10,
        large_batch_needs_window=True,
        pollers=PollerLimits(minimum=(2, 200), maximum=10_000),
        not_simulated=frozenset(("FilterCriteria",)),
    ),
)
