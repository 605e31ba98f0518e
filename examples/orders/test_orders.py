"""What does a day with one poison order look like?"""

from __future__ import annotations

from typing import Any

import pytest
from orders import handler

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def orders(sqs_queue: Any) -> Any:
    """The queue as the stack declares it: six times the function's timeout, three tries."""
    return sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)


@pytest.fixture
def mapping(orders: Any, event_source_mapping: Any) -> Any:
    """The mapping as the stack declares it."""
    return event_source_mapping(
        orders, handler, function={"Timeout": 5}, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"]
    )


def charged(tables: Any) -> dict[str, int]:
    """What every order was charged in all."""
    items = tables.scan(TableName="orders-ledger")["Items"]
    return {item["order"]["S"]: int(item["charged"]["N"]) for item in items}


def test_a_poison_order_reaches_the_dlq_and_holds_up_nobody(orders: Any, mapping: Any, tables: Any) -> None:
    """Three tries, 30 seconds apart, then the DLQ; the other orders are charged at once."""
    good, poison, other = orders.send(
        {"order": "a-1", "amount": 100}, {"order": "a-2", "amount": -1}, {"order": "a-3", "amount": 250}
    )

    run = mapping.run_until_idle()

    assert run.processed == [good, other]
    assert run.dead_lettered == [poison]
    assert run.attempts(poison) == [0, 30, 60]
    assert run.attempts(good) == [0]
    assert charged(tables) == {"a-1": 100, "a-3": 250}
    assert orders.dlq.records == [poison]


def test_the_same_order_sent_twice_is_charged_once(orders: Any, mapping: Any, tables: Any) -> None:
    """A producer that retries sends a second message; the idempotency table knows the order."""
    orders.send({"order": "b-1", "amount": 100})
    orders.send({"order": "b-1", "amount": 100}, at=3_600)

    run = mapping.run_until_idle()

    assert len(run.processed) == 2
    assert charged(tables) == {"b-1": 100}


def test_after_a_day_the_order_is_forgotten_and_charged_again(orders: Any, mapping: Any, tables: Any) -> None:
    """Idempotency has a memory of a day; a message that comes back later is charged again. Is that what you want?"""
    orders.send({"order": "c-1", "amount": 100})
    orders.send({"order": "c-1", "amount": 100}, at=86_401)

    run = mapping.run_until_idle()

    assert len(run.processed) == 2
    assert charged(tables) == {"c-1": 200}


def test_without_report_batch_item_failures_the_poison_order_is_lost(orders: Any, event_source_mapping: Any) -> None:
    """The mistake that production makes silently: failures are listed, the mapping does not read them."""
    (poison,) = orders.send({"order": "d-1", "amount": -1})
    (good,) = orders.send({"order": "d-2", "amount": 10})
    mapping = event_source_mapping(orders, handler, function={"Timeout": 5})

    run = mapping.run_until_idle()

    assert run.processed == [poison, good]
    assert orders.dlq.records == []
    assert run.advice[0].code == "partial-response-not-enabled"
