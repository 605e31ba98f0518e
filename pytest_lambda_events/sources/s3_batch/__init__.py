"""Amazon S3 Batch Operations: a job invokes the function, without a mapping. The law: what is particular to this source
stands in this folder and nowhere else.
"""

from __future__ import annotations

from pytest_lambda_events.model.source import EventForm, Source

__all__ = ["SOURCE"]

SOURCE = Source(
    name="s3_batch",
    title="Amazon S3 Batch Operations",
    event_type="S3BatchEvent",
    family="job",
    service="s3",
    has_mappings=False,
    form=EventForm(
        envelope="tasks",
        event_sources=(),
        keys=frozenset(("tasks", "invocationSchemaVersion", "invocationId", "job")),
    ),
)
