"""A record that was lost or doubled by a bug of ours is an error, not a wrong result."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events import ConservationError


@pytest.fixture
def mapping(aws: Any, recorder: Any) -> Any:
    """A mapping with three records, of which none has gone."""
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, recorder(), MaximumBatchingWindowInSeconds=60)
    topic.send(*"abc")
    mapping.run_for(1)
    mapping.poller.check()
    return mapping


def test_a_record_that_is_held_nowhere_is_found(mapping: Any) -> None:
    """Read, not ended, and in no lane."""
    mapping.poller._following.lanes[0].waiting.pop()
    with pytest.raises(ConservationError, match=r"read and not ended \[0, 1, 2\], but held are \[0, 1\]"):
        mapping.poller.check()


def test_a_record_that_the_ledger_does_not_know_is_found(aws: Any, mapping: Any) -> None:
    """Pending in the topic, and ended in the ledger."""
    aws.ledger.left(0, mapping.uuid, ("orders-0-1",), "processed")
    with pytest.raises(ConservationError, match="pending in the ledger are"):
        mapping.poller.check()


def test_a_record_that_the_mapping_has_not_heard_of_is_found(mapping: Any) -> None:
    """As soon as an invocation ends."""
    mapping.source.engine._listeners.clear()
    mapping.source.send("d")
    with pytest.raises(ConservationError, match="expects 3 records of <Partition 0: offsets 0 to 3>"):
        mapping.run_until_idle()
