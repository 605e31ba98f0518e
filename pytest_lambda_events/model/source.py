"""What a source declares about itself. The law: one frozen value per source, read by everything that must know all.

A new source is a folder under `sources/`, a `Source` in its `__init__`, and a line in the registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pytest_lambda_events.model.mapping import SourceRules

__all__ = ["Family", "Source"]

Family = Literal["queue", "stream", "log", "job"]
"""Which loop drives it: queue (hide and delete), stream (shards and checkpoints), log (partitions and offsets), job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`name` is the registry's, the CLI's and `identify`'s; `service` the third field of its ARNs (and eventSource)."""

    name: str
    family: Family
    service: str
    rules: SourceRules
