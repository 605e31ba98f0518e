"""A cassette of what was captured. The law: when and by which version is real, whatever time tests are on."""

from __future__ import annotations

import datetime as dt
import time
from importlib.metadata import version
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.model import Captured, Cassette

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_lambda_events.cassette.model import Interaction

__all__ = ["new_cassette", "real_now"]


def real_now(_time: Callable[[], float] = time.time) -> dt.datetime:
    """What the clock on the wall says, also while time is frozen: a default argument is out of a freeze's reach."""
    return dt.datetime.fromtimestamp(_time(), dt.timezone.utc)


def new_cassette(
    source: str,
    interactions: Iterable[Interaction],
    *,
    how: str,
    notes: Iterable[str] = (),
    recorded_at: str | None = None,
) -> Cassette:
    """A cassette of a source. `how` is a word, `notes` are sentences for people; `recorded_at` is now when left out."""
    return Cassette(
        source=source,
        recorded_at=recorded_at or f"{real_now():%Y-%m-%dT%H:%M:%SZ}",
        recorded_by=f"pytest-lambda-events {version('pytest-lambda-events')}",
        captured=Captured(how=how, notes=tuple(notes)),
        interactions=tuple(interactions),
    )
