"""Where are the good invoices that came with a scan?"""

from __future__ import annotations

from typing import Any

import pytest
from invoices import filed, handler, handler_as_first_written, scans

SCAN = b"\xff\xd8\xff\xe0 a photo"


@pytest.fixture(autouse=True)
def empty_books() -> None:
    """Every test begins with a new year."""
    filed.clear()
    scans.clear()


@pytest.fixture
def invoices(activemq_queue: Any) -> Any:
    """The queue, on a broker with ActiveMQ's own redelivery policy: seven deliveries, a second apart."""
    return activemq_queue("invoices", broker="accounting")


def test_a_scan_is_kept_and_good_invoices_are_filed(invoices: Any, event_source_mapping: Any) -> None:
    """Nothing comes twice, and nothing is dead-lettered."""
    mapping = event_source_mapping(invoices, handler)
    sent = invoices.send({"number": "r-1", "cents": 900}, SCAN, properties={"number": "r-2"})

    run = mapping.run_until_idle()

    assert run.processed == sent
    assert (filed, scans) == ({"r-1": 900}, {"r-2": SCAN})
    assert invoices.dlq.messages == []


def test_text_alone_loses_good_invoices_too(invoices: Any, event_source_mapping: Any) -> None:
    """The mistake that production makes silently: after six and a half seconds all is quiet again."""
    mapping = event_source_mapping(invoices, handler_as_first_written)
    scan, good = invoices.send(SCAN, {"number": "r-3", "cents": 100})

    run = mapping.run_until_idle()

    assert run.attempts(good) == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    assert run.dead_lettered == invoices.dlq.messages == [scan, good]
    assert filed == {}


def test_what_ended_there_can_be_filed_later(invoices: Any, event_source_mapping: Any) -> None:
    """With the mended handler on ActiveMQ.DLQ; the broker notes on each message why it is there."""
    event_source_mapping(invoices, handler_as_first_written).run_until_idle()
    invoices.send(SCAN, {"number": "r-5", "cents": 100}, properties={"number": "r-4"})
    rescue = event_source_mapping(invoices.dlq, handler)

    run = rescue.run_until_idle()

    assert len(run.processed) == 2
    assert (filed, scans) == ({"r-5": 100}, {"r-4": SCAN})
    assert (
        "exceeds redelivery policy limit"
        in run.invocations[0].event["messages"][0]["properties"]["dlqDeliveryFailureCause"]
    )
