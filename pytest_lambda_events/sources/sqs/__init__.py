"""Amazon SQS, standard queues. The law: what is particular to this source stands in this folder and nowhere else."""

from __future__ import annotations

from pytest_lambda_events.model.source import EventForm, Source

__all__ = ["SOURCE"]


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
)
