"""What a mapping of RabbitMQ queues may have. The law: data; `model/mapping_refusals` reads it."""

from __future__ import annotations

from dataclasses import replace

from pytest_lambda_events.model.mapping_rules import BROKER_RULES

__all__ = ["RULES"]

RULES = replace(BROKER_RULES, source="rabbitmq", access=frozenset(("BASIC_AUTH", "VIRTUAL_HOST")))
