"""A lane's own counting: what waits in it, in records and in bytes."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_lambda_events.polling.retrying import RetryLane


@dataclass
class Held:
    """A record that waits."""

    size: int


def test_what_is_taken_is_counted_no_longer():
    """Each record with the comma that parts it from the next, when it comes as when it goes."""
    lane = RetryLane()
    for size in (10, 20, 30):
        lane.hold(Held(size))

    assert 63 == lane.waiting_bytes
    assert [10, 20] == [held.size for held in lane.take(2)]
    assert 31 == lane.waiting_bytes
    assert [30] == [held.size for held in lane.take(1)]
    assert 0 == lane.waiting_bytes
