"""What a mapping of FIFO queues may have. The law: data; `model/mapping_refusals` reads it."""

from __future__ import annotations

from dataclasses import replace

from pytest_lambda_events.sources.sqs.rules import RULES as STANDARD

__all__ = ["RULES"]

# Lambda Developer Guide, "Using Lambda with Amazon SQS": no batching window, ten messages at the most
RULES = replace(
    STANDARD,
    name="FIFO queues",
    source="sqs_fifo",
    max_batch_size=10,
    takes_window=False,
    large_batch_needs_window=False,
)
