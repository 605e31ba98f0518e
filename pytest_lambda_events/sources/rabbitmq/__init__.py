"""Amazon MQ, RabbitMQ brokers. The law: what is particular to this source stands in this folder and nowhere else."""

from __future__ import annotations

from pytest_lambda_events.model.source import EventForm, Source

__all__ = ["SOURCE"]

SOURCE = Source(
    name="rabbitmq",
    title="Amazon MQ for RabbitMQ",
    event_type="RabbitMqEvent",
    family="queue",
    service="mq",
    form=EventForm(
        envelope="rmqMessagesByQueue",
        event_sources=("aws:rmq",),
        keys=frozenset(("rmqMessagesByQueue", "eventSourceArn", "eventSource")),
    ),
)
