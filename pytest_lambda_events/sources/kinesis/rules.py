"""What a mapping of Kinesis streams may have. The law: data; `model/mapping_refusals` reads it."""

from __future__ import annotations

from dataclasses import replace

from pytest_lambda_events.model.mapping_rules import STREAM_RULES

__all__ = ["RULES"]

RULES = replace(STREAM_RULES, name="Kinesis streams", source="kinesis")
