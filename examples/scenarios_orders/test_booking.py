"""What a scenario file does not say is a test like any other, on the same template."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.lambda_scenario(template="template.yaml", function="OrdersFunction")


@pytest.mark.lambda_scenario(records="records.jsonl")
def test_the_good_orders_are_tried_once(lambda_run):
    """Of a batch with a bad order, only that one comes again."""
    (bad,) = lambda_run.dead_lettered
    assert bad.json() == {"order": 3}
    assert [len(lambda_run.attempts(order)) for order in lambda_run.processed] == [1, 1, 1]


@pytest.mark.lambda_scenario(records=[{"body": {"order": 5, "customer": "ada"}}] * 10, expect={"processed": 10})
def test_ten_good_orders():
    """Nothing else to say."""
