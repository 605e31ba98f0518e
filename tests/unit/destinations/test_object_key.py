"""The key of an invocation record in a bucket."""

from __future__ import annotations

import pytest

from pytest_lambda_events.destinations.deliver import object_key

MAPPING = "ab5863a1-91ee-4e18-8529-93984bfee847"
UNIQUE = "35f8f827-99a9-4b0b-a19b-1f5f7c73e508"


@pytest.mark.parametrize(
    ("at_ms", "expected"),
    [
        pytest.param(1_735_689_600_000, "2025/01/01/2025-01-01T00.00.00", id="a-new-year"),
        pytest.param(1_740_787_199_999, "2025/02/28/2025-02-28T23.59.59", id="milliseconds-are-cut"),
        pytest.param(1_757_081_592_081, "2025/09/05/2025-09-05T14.13.12", id="two-digits"),
    ],
)
def test_the_key_says_which_mapping_which_shard_and_when(at_ms, expected):
    """Days as folders, and the time without colons, in UTC."""
    key = object_key(MAPPING, "shardId-0001", at_ms, UNIQUE)

    assert key == f"aws/lambda/{MAPPING}/shardId-0001/{expected}-{UNIQUE}"
