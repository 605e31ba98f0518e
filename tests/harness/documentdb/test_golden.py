"""Whole runs of a change stream's mapping, to the last byte: tests/data/traces/documentdb."""

from __future__ import annotations

from typing import Any

FROM_START = {"StartingPosition": "TRIM_HORIZON"}


def test_golden_success(aws: Any, orders: Any, recorder: Any, golden: Any) -> None:
    """Every kind of write, in two batches."""
    mapping = aws.event_source_mapping(orders, recorder(), DocumentDBEventSourceConfig={"FullDocument": "UpdateLookup"})
    orders.insert({"_id": 1, "customer": "Zoë", "total": 5}, {"total": 7})
    orders.update(1, {"total": 6, "address.city": "Riga"})
    orders.replace(1, {"customer": "Ada"}, at=10)
    orders.delete(1, at=10.25)
    orders.drop(at=10.25)
    golden(mapping.run_until_idle(), "documentdb/success")


def test_golden_poison(aws: Any, orders: Any, recorder: Any, golden: Any) -> None:
    """One change that fails four times blocks what is behind it, and nothing before it."""
    mapping = aws.event_source_mapping(orders, recorder(2, times=5), BatchSize=1)
    orders.insert({"_id": 1}, {"_id": 2}, {"_id": 3})
    golden(mapping.run_until_idle(), "documentdb/poison")


def test_golden_whole_batch(aws: Any, orders: Any, recorder: Any, golden: Any) -> None:
    """A batch fails as a whole, and comes again as a whole."""
    mapping = aws.event_source_mapping(orders, recorder(2, times=2))
    orders.insert({"_id": 1}, {"_id": 2}, {"_id": 3})
    golden(mapping.run_until_idle(), "documentdb/whole_batch")


def test_golden_restart(aws: Any, orders: Any, recorder: Any, golden: Any) -> None:
    """Disabled in the middle of retries, enabled again: what had not succeeded is read anew, and nothing else."""
    mapping = aws.event_source_mapping(orders, recorder(2, times=3), BatchSize=2)
    orders.insert({"_id": 1})
    mapping.run_for(1)
    orders.insert({"_id": 2}, {"_id": 3}, {"_id": 4})
    mapping.run_for(0.3)
    mapping.disable()
    mapping.run_for(60)
    mapping.enable()
    golden(mapping.run_until_idle(), "documentdb/restart")


def test_golden_expiry(aws: Any, recorder: Any, golden: Any) -> None:
    """An outage as long as the log is kept: nothing is delivered, and the mapping is disabled."""
    orders = aws.documentdb_collection("shop.orders", change_stream_log_retention_duration=3600)
    mapping = aws.event_source_mapping(orders, recorder())
    orders.insert({"_id": 1}, {"_id": 2})
    orders.insert({"_id": 3}, at=3000)
    aws.virtual_clock.advance(3600)
    golden(mapping.run_until_idle(), "documentdb/expiry")
