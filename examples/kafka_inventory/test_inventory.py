"""What is in stock after one bad record?"""

from __future__ import annotations

from typing import Any

import pytest
from inventory import handler, handler_as_first_written, stock

# Partial responses and retry controls need provisioned mode, as on AWS.
MAPPING = {
    "StartingPosition": "TRIM_HORIZON",
    "ProvisionedPollerConfig": {"MinimumPollers": 1},
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "MaximumRetryAttempts": 3,
    "DestinationConfig": {"OnFailure": {"Destination": "kafka://stock-changes-failed"}},
}


@pytest.fixture(autouse=True)
def empty_stock() -> None:
    """Every test begins with an empty shop."""
    stock.clear()


@pytest.fixture
def failed(msk_topic: Any) -> Any:
    """Where changes go that could never be applied."""
    return msk_topic("stock-changes-failed")


@pytest.fixture
def changes(msk_topic: Any, failed: Any) -> Any:
    """The topic as the stack declares it: the changes of one article are in one partition, because it is the key."""
    return msk_topic("stock-changes", partitions=3)


def send(changes: Any, *quantities: tuple[str, int]) -> Any:
    """Send changes of stock under their article's key."""
    payloads = [{"sku": sku, "quantity": quantity} for sku, quantity in quantities]
    return changes.send(*payloads, key=lambda number: quantities[number][0])


def test_one_bad_record_comes_again_alone(changes: Any, failed: Any, event_source_mapping: Any) -> None:
    """The others are applied once; the bad one is tried four times, and then goes to the topic for failures."""
    mapping = event_source_mapping(changes, handler, **MAPPING)
    anchor, compass, more = send(changes, ("anchor", 5), ("compass", -1), ("anchor", 2))

    run = mapping.run_until_idle()

    assert run.processed == [anchor, more]
    assert run.discarded == [compass]
    assert run.attempts(compass) == [0.5, 0.7, 1.1, 1.9]
    assert stock["anchor"] == 7
    assert [message.key for message in failed.records] == [b"compass"]


def test_a_change_that_can_be_applied_later_is_applied_once(changes: Any, event_source_mapping: Any) -> None:
    """The delivery comes while the sale is being tried again; both are applied, each once."""
    mapping = event_source_mapping(changes, handler, **MAPPING)
    send(changes, ("rope", -1))
    mapping.run_for(1)
    stock["rope"] += 4  # by another way, such as the warehouse's own system

    run = mapping.run_until_idle()

    assert len(run.processed) == 1
    assert stock["rope"] == 3


def test_identifiers_in_one_text_bring_everything_back(changes: Any, event_source_mapping: Any) -> None:
    """The mistake that production makes silently: the whole batch fails, and good changes are applied four times."""
    mapping = event_source_mapping(changes, handler_as_first_written, **MAPPING)
    sent = send(changes, ("anchor", 5), ("compass", -1))

    run = mapping.run_until_idle()

    assert stock["anchor"] == 20
    assert run.discarded == sent
    assert [call.outcome for call in run.invocations] == ["malformed"] * 4
    assert run.advice[0].code == "partial-response-invalid-identifier"
    assert "for Kafka it is an object" in run.advice[0].message


def test_an_article_that_is_no_longer_sold_keeps_its_stock(changes: Any, event_source_mapping: Any) -> None:
    """A tombstone has no value, and is no failure."""
    mapping = event_source_mapping(changes, handler, **MAPPING)
    send(changes, ("buoy", 3))
    (tombstone,) = changes.send(None, key="buoy")

    run = mapping.run_until_idle()

    assert tombstone in run.processed
    assert stock["buoy"] == 3
