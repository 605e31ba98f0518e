"""How many batches at once: AWS's figures as a table."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events.polling.concurrency import (
    ONE_AT_A_TIME,
    Concurrency,
    Reservation,
    concurrency_of,
    grows_at,
    slots,
)

MINUTE = 60_000


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ONE_AT_A_TIME),
        ({"ScalingConfig": {}}, ONE_AT_A_TIME),
        ({"ScalingConfig": {"MaximumConcurrency": 2}}, Concurrency(first=2, most=2, per_minute=300)),
        ({"ScalingConfig": {"MaximumConcurrency": 1_000}}, Concurrency(first=5, most=1_000, per_minute=300)),
        (
            {"ProvisionedPollerConfig": {"MinimumPollers": 3, "MaximumPollers": 20}},
            Concurrency(first=30, most=200, per_minute=1_000),
        ),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 4}}, Concurrency(first=40, most=40, per_minute=1_000)),
        ({"ProvisionedPollerConfig": {"MaximumPollers": 4}}, Concurrency(first=20, most=40, per_minute=1_000)),
    ],
)
def test_what_a_mapping_allows(parameters: dict[str, Any], expected: Concurrency) -> None:
    """Nothing said: one at a time. MaximumConcurrency: from five. A provisioned poller carries ten."""
    assert concurrency_of(parameters) == expected


@pytest.mark.parametrize(
    ("busy_ms", "expected"),
    [(0, 5), (MINUTE - 1, 5), (MINUTE, 305), (2 * MINUTE, 605), (4 * MINUTE, 1_000), (60 * MINUTE, 1_000)],
)
def test_it_climbs_by_the_minute_to_the_most(busy_ms: int, expected: int) -> None:
    """Five batches, up to 300 more each minute."""
    assert slots(Concurrency(first=5, most=1_000, per_minute=300), busy_ms) == expected


def test_when_there_will_be_more() -> None:
    """At the next full minute of work, and never past the most."""
    climbing = Concurrency(first=5, most=306, per_minute=300)
    assert grows_at(climbing, 1_000, 1_000) == 61_000
    assert grows_at(climbing, 1_000, 61_000) == 121_000
    assert grows_at(climbing, 1_000, 121_000) is None
    assert grows_at(ONE_AT_A_TIME, 0, 5) is None


def test_a_reservation_is_free_again_the_moment_an_invocation_ends() -> None:
    """Invocations are held until their end, whoever's they are."""
    reservation = Reservation(2)
    assert not reservation.is_full(0)
    reservation.hold(10)
    assert not reservation.is_full(0)
    reservation.hold(20)
    assert reservation.is_full(9)
    assert not reservation.is_full(10)


def test_no_reservation_and_none_at_all() -> None:
    """Without a limit nothing is ever throttled; with 0 everything is."""
    unlimited = Reservation(None)
    for _ in range(5):
        unlimited.hold(1_000)
    assert not unlimited.is_full(0)
    assert Reservation(0).is_full(0)
