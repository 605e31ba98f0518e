"""A clock at the start of 2025, and the same clock projected on the world for one test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.clock.virtual import VirtualClock, parse_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events.clock.travel import Travel


@pytest.fixture
def clock() -> VirtualClock:
    """It stands at the first second of 2025."""
    return VirtualClock(parse_start("2025-01-01T00:00:00Z"))


@pytest.fixture
def new_travel(clock: VirtualClock) -> Iterator[Callable[[], Travel]]:
    """Makes what a test starts and stops by hand; stopped at the end whatever happened."""
    from pytest_lambda_events.clock.travel import Travel

    made: list[Travel] = []

    def make() -> Travel:
        made.append(Travel(clock))
        return made[-1]

    yield make
    for travel in made:
        travel.stop()


@pytest.fixture
def travel(new_travel: Callable[[], Travel]) -> Travel:
    """The clock projected on the world from here on."""
    travel = new_travel()
    travel.start()
    return travel
