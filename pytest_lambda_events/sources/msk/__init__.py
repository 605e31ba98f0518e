"""Amazon MSK: what varies from `kafka`. The law: only what differs stands here."""

from __future__ import annotations

from dataclasses import replace

from pytest_lambda_events.model.source import Source
from pytest_lambda_events.sources.kafka import SOURCE as SELF_MANAGED

__all__ = ["SOURCE"]

SOURCE = Source(
    name="msk",
    title="Amazon MSK",
    event_type="MskEvent",
    family="log",
    service="kafka",
    form=replace(
        SELF_MANAGED.form,
        event_sources=("aws:kafka",),
        keys=SELF_MANAGED.form.keys | {"eventSourceArn"},
    ),
)
