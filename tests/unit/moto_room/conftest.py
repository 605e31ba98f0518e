"""A surface on a clock that stands still; nothing here looks at the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.identifiers import Identifiers

if TYPE_CHECKING:
    from collections.abc import Iterator


class SilentJournal:
    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


@pytest.fixture
def idle_surface(monkeypatch: pytest.MonkeyPatch) -> MotoSurface:
    """One that was not started."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    return MotoSurface(VirtualClock(1_735_689_600_000), SilentJournal(), Identifiers(0), "eu-west-1")


@pytest.fixture
def surface(idle_surface: MotoSurface) -> Iterator[MotoSurface]:
    """One that is active for the test."""
    idle_surface.start()
    yield idle_surface
    idle_surface.stop()
