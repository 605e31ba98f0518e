"""What a mapping of ActiveMQ queues may have. The law: data; `model/mapping_refusals` reads it."""

from __future__ import annotations

from dataclasses import replace

from pytest_lambda_events.model.mapping_rules import BROKER_RULES

__all__ = ["RULES"]

RULES = replace(BROKER_RULES, source="activemq")
