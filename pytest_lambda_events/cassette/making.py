"""A cassette of what was captured. The law: when and by which version is real, whatever time tests are on."""

from __future__ import annotations

import datetime as dt
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.cassette.model import Captured, Cassette

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_lambda_events.cassette.model import Interaction

__all__ = ["new_cassette"]

# the real clock; in a tuple, because freezegun replaces time functions that it finds in a module's globals
_CLOCK: Final = (time.time,)


def new_cassette(
    source: str,
    interactions: Iterable[Interaction],
    *,
    how: str,
    notes: Iterable[str] = (),
    recorded_at: str | None = None,
) -> Cassette:
    """A cassette of a source. `how` is a word, `notes` are sentences for people; `recorded_at` is now when left out."""
    now = dt.datetime.fromtimestamp(int(_CLOCK[0]()), dt.timezone.utc)
    return Cassette(
        source=source,
        recorded_at=recorded_at or f"{now:%Y-%m-%dT%H:%M:%SZ}",
        recorded_by=f"pytest-lambda-events {version('pytest-lambda-events')}",
        captured=Captured(how=how, notes=tuple(notes)),
        interactions=tuple(interactions),
    )
