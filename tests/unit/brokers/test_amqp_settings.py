"""What a classic queue may be declared with: acted on, without effect, not simulated, unknown."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events import NotSimulated, UsageError
from pytest_lambda_events.brokers.amqp_settings import AmqpSettings, read_arguments


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, AmqpSettings()),
        ({"x-message-ttl": 0}, AmqpSettings(ttl_ms=0)),
        ({"x-max-length": 10, "x-overflow": "drop-head"}, AmqpSettings(most_ready=10)),
        ({"x-max-priority": 255}, AmqpSettings(most_priority=255)),
        ({"x-dead-letter-exchange": ""}, AmqpSettings(dead_letter_exchange="")),
        (
            {"x-dead-letter-exchange": "dead", "x-dead-letter-routing-key": "k"},
            AmqpSettings(dead_letter_exchange="dead", dead_letter_routing_key="k"),
        ),
        ({"x-queue-type": "classic", "x-queue-mode": "lazy", "x-queue-version": 2}, AmqpSettings()),
        ({"x-single-active-consumer": True}, AmqpSettings()),
    ],
)
def test_what_is_taken(arguments: dict[str, Any], expected: AmqpSettings) -> None:
    """RabbitMQ's own names."""
    assert read_arguments(arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "kind", "told"),
    [
        ({"x-queue-type": "quorum"}, NotSimulated, "x-queue-type='quorum' is not simulated: queues are classic"),
        ({"x-queue-mode": "fast"}, NotSimulated, "give 'default' or 'lazy'"),
        ({"x-overflow": "reject-publish"}, NotSimulated, "x-overflow='reject-publish' is not simulated"),
        ({"x-delivery-limit": 5}, NotSimulated, "x-delivery-limit is not simulated"),
        ({"x-max-length-bytes": 5}, NotSimulated, "x-max-length-bytes is not simulated"),
        ({"x-expires": 5}, NotSimulated, "x-expires is not simulated"),
        ({"x-mesage-ttl": 5}, UsageError, "RabbitMQ knows no 'x-mesage-ttl'.*x-message-ttl"),
        ({"x-message-ttl": -1}, UsageError, "x-message-ttl=-1: a whole number from 0"),
        ({"x-message-ttl": 1.5}, UsageError, "x-message-ttl=1.5"),
        ({"x-message-ttl": True}, UsageError, "x-message-ttl=True"),
        ({"x-max-priority": 0}, UsageError, "x-max-priority=0: a whole number from 1 to 255"),
        ({"x-max-priority": 256}, UsageError, "x-max-priority=256"),
        ({"x-dead-letter-exchange": 1}, UsageError, "x-dead-letter-exchange=1: a text"),
        ({"x-dead-letter-routing-key": "k"}, UsageError, "PRECONDITION_FAILED"),
    ],
)
def test_what_is_refused(arguments: dict[str, Any], kind: type[Exception], told: str) -> None:
    """By name: nothing is ignored in silence."""
    with pytest.raises(kind, match=told):
        read_arguments(arguments)
