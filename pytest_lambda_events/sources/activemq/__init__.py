"""Amazon MQ, ActiveMQ brokers. The law: what is particular to this source stands in this folder and nowhere else."""

from __future__ import annotations

from pytest_lambda_events.model.source import EventForm, Source

__all__ = ["SOURCE"]

SOURCE = Source(
    name="activemq",
    title="Amazon MQ for ActiveMQ",
    event_type="ActiveMqEvent",
    family="queue",
    service="mq",
    form=EventForm(
        envelope="messages",
        event_sources=("aws:mq", "aws:amq"),
        keys=frozenset(("messages", "eventSourceArn", "eventSource")),
    ),
)
