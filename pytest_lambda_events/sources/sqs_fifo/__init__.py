"""Amazon SQS, FIFO queues: what varies from `sqs`. The law: only what differs stands here.

The event is that of a standard queue with the FIFO attributes; the queue as tests hold it is the same class.
"""

from __future__ import annotations

from pytest_lambda_events.model.source import Source
from pytest_lambda_events.sources.sqs import SOURCE as STANDARD

__all__ = ["SOURCE"]

SOURCE = Source(
    name="sqs_fifo",
    title="Amazon SQS FIFO",
    event_type="SqsFifoEvent",
    family="queue",
    service="sqs",
    form=STANDARD.form,
)
