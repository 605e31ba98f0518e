"""Does the handler still do what it did with yesterday's batch?"""

from __future__ import annotations

from typing import Any

import pytest
from billing import INVOICES, handler, hasty_handler

from pytest_lambda_events import CassetteDifference

pytestmark = pytest.mark.lambda_cassette("cassettes/yesterday.json")


@pytest.fixture(autouse=True)
def nothing_invoiced() -> None:
    """Each test begins with no invoice."""
    INVOICES.clear()


def test_it_does_what_it_did(lambda_cassette: Any) -> None:
    """The same answer, at yesterday's rates: the call to their service is answered from the cassette."""
    lambda_cassette.replay(handler)
    assert INVOICES == {"a-1": 92.59, "a-2": 250.0}


def test_a_shortened_handler_shows(lambda_cassette: Any) -> None:
    """What was one failed record is an error of the whole batch."""
    with pytest.raises(CassetteDifference, match=r"raised KeyError\s+\{\s+\| 'XXX'"):
        lambda_cassette.replay(hasty_handler)


def test_yesterdays_batch_meets_retries(lambda_cassette: Any, sqs_queue: Any, event_source_mapping: Any) -> None:
    """Through the poller: three tries of the order that has no rate, then the dead-letter queue."""
    queue = sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
    first, poison, last = lambda_cassette.pour(queue)
    mapping = event_source_mapping(
        queue, lambda_cassette.handler(handler), FunctionResponseTypes=["ReportBatchItemFailures"]
    )

    run = mapping.run_until_idle()

    assert run.processed == [first, last]
    assert run.dead_lettered == [poison]
    assert run.attempts(poison) == [0, 30, 60]
    assert lambda_cassette.captured(poison).path == "Records[1]"


def test_the_shortened_handler_loses_the_others_too(
    lambda_cassette: Any, sqs_queue: Any, event_source_mapping: Any
) -> None:
    """What the difference above means in production."""
    queue = sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
    poured = lambda_cassette.pour(queue)
    mapping = event_source_mapping(queue, lambda_cassette.handler(hasty_handler))
    assert mapping.run_until_idle().dead_lettered == poured
