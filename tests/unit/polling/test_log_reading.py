"""How much of what is held goes in one event of several partitions, and how many batches go at once."""

from __future__ import annotations

import json

import pytest

from pytest_lambda_events.polling.log_reading import fits_by_partition, lane_count


def event_bytes(held):
    partitions = {}
    for partition, size in held:
        partitions.setdefault(f"t-{partition}", []).append("x" * (size - 2))
    return len(json.dumps({"records": partitions}, separators=(",", ":")))


OVERHEAD = len('{"records":{}}')
HEADERS = {number: len(f'"t-{number}":[],') for number in range(3)}
HELD = [(0, 10), (0, 20), (1, 10), (0, 5), (2, 30), (1, 7)]


@pytest.mark.parametrize("many", range(1, len(HELD) + 1))
def test_an_event_is_as_large_as_it_may_be_and_no_larger(many) -> None:
    """To the byte, whichever partitions the records are of."""
    size = event_bytes(HELD[:many])
    assert fits_by_partition(HELD, OVERHEAD, HEADERS, 100, limit=size) == many
    assert fits_by_partition(HELD, OVERHEAD, HEADERS, 100, limit=size - 1) == max(many - 1, 1)


def test_no_more_than_batch_size_and_nothing_of_nothing() -> None:
    """BatchSize counts records."""
    assert fits_by_partition(HELD, OVERHEAD, HEADERS, 4) == 4
    assert fits_by_partition([], OVERHEAD, HEADERS, 4) == 0


@pytest.mark.parametrize(
    ("parameters", "partitions", "lanes"),
    [
        ({}, 8, 1),
        ({"ProvisionedPollerConfig": None}, 8, 1),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 1, "MaximumPollers": 200}}, 8, 1),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 3}}, 8, 3),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 20}}, 8, 8),
        ({"ProvisionedPollerConfig": {"MaximumPollers": 20}}, 8, 1),
    ],
)
def test_pollers_share_the_partitions(parameters, partitions, lanes) -> None:
    """One batch at a time for a mapping that says nothing, never more than there are partitions."""
    assert lane_count(parameters, partitions) == lanes
