"""The registry: one line per source. The law: who must know all sources reads it here, and nothing registers itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.sources.sqs import SOURCE as SQS
from pytest_lambda_events.sources.sqs_fifo import SOURCE as SQS_FIFO

if TYPE_CHECKING:
    from pytest_lambda_events.model.source import Source

__all__ = ["SOURCES"]

SOURCES: tuple[Source, ...] = (
    SQS,
    SQS_FIFO,
)
