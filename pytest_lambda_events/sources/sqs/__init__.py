"""Amazon SQS, standard queues. The law: what is particular to this source stands in this folder and nowhere else."""

from __future__ import annotations

from pytest_lambda_events.model.mapping_rules import PollerLimits, SourceRules
from pytest_lambda_events.model.source import EventForm, Source

__all__ = ["RULES", "SOURCE"]

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

SOURCE = Source(
    name="sqs",
    title="Amazon SQS",
    event_type="SqsEvent",
    family="queue",
    service="sqs",
    form=EventForm(
        envelope="Records",
        event_sources=("aws:sqs",),
        keys=frozenset(("messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody")),
        per_record=True,
    ),
    rules=RULES,
)
