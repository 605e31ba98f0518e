"""What a source declares about itself. The law: one frozen value per source, read by everything that must know all.

A new source is a folder under `sources/`, a `Source` in its `__init__`, and a line in the registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["EventForm", "Family", "Source"]

Family = Literal["queue", "stream", "log", "job"]
"""Which loop drives it: queue (hide and delete), stream (shards and checkpoints), log (partitions and offsets), job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventForm:
    """How an event of a source is told from the others.

    `envelope` is the key that holds its records. `event_sources` are values of eventSource: the first is what Lambda
    sends, the others stand in samples of AWS's documentation and SDKs; empty where the event has no eventSource.
    `keys` are those of the event, or of a record where eventSource is the record's: by them an event is recognised
    whose eventSource is missing or wrong.
    """

    envelope: str
    event_sources: tuple[str, ...]
    keys: frozenset[str]
    per_record: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`name` is the registry's, the CLI's and `identify`'s; `title` is AWS's name for the service.

    `event_type` is the name of its event's type in `pytest_lambda_events.typing`; `service` is the third field of its
    ARNs. What its mappings may have stands in `rules` of its folder; S3 Batch Operations `has_mappings` not.
    """

    name: str
    title: str
    event_type: str
    family: Family
    service: str
    form: EventForm
    has_mappings: bool = True
