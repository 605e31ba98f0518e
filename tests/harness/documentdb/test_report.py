"""What a user sees when a test fails, which advice is given, and a second delivery."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Any

import pytest

from pytest_lambda_events import Harness, RunLimitReached
from pytest_lambda_events.advice import MEANINGS
from pytest_lambda_events.report.terminal.account import account
from pytest_lambda_events.report.view import view_of

MIB = 1024 * 1024


def test_a_timeline_says_what_happened_to_which_document(aws: Any, recorder: Any) -> None:
    orders = aws.documentdb_collection("shop.orders", change_stream_log_retention_duration=3600)
    mapping = aws.event_source_mapping(orders, recorder("poison"), BatchSize=1)
    orders.insert({"_id": "good"}, {"_id": "large", "text": "x" * 7 * MIB})
    orders.update("good", {"n": 1})
    orders.insert({"_id": "poison"}, {"_id": "late"})
    text = account(view_of(mapping.run_until_idle()), width=120)
    assert re.sub(r"conftest\.py:\d+", "conftest.py:47", text).startswith(
        dedent(
            """\
            ...200004806  insert shop.orders large  -> discarded
                  0 s  written to orders
                  0 s  dropped: its event would have more than 6 MB
            ...400009ae0  insert shop.orders poison  -> expired
                              0 s  written to orders
                              0 s  invoked #3: failed: raised ValueError: no such order: ('poison',) (conftest.py:47)
                            0.2 s  invoked #4: failed, same as #3
                                   ... 66 more times until 3582.2 s, the same way
            1 h 42.2 s (3642.2 s)  expired: the stream's retention ran out
            ...50000d88b  insert shop.orders late  -> pending
                              0 s  written to orders
            1 h 42.2 s (3642.2 s)  still in orders when the run stopped (never invoked)
            ...100004d2a  insert shop.orders good  -> processed
                  0 s  written to orders
                  0 s  invoked #1: success, checkpoint moved past it
            ...3000088f5  update shop.orders good  -> processed, the same steps

            70 invocations (2 success, 68 error) with batches of 1 record; stopped at 1 h 42.2 s (3642.2 s)
            """
        )
    )
    assert "OversizedRecordCount 1" in text
    assert "advice: mapping-disabled-by-expiry: records expired before the function had succeeded with them" in text


def test_a_run_that_does_not_end_says_what_blocks_it(aws: Any, orders: Any, recorder: Any) -> None:
    """The stream by its name, and the change."""
    mapping = aws.event_source_mapping(orders, recorder(1))
    orders.insert({"_id": 1})
    with pytest.raises(RunLimitReached, match=r"shop\.orders is blocked by <ChangeEvent \w+ insert shop\.orders 1>"):
        mapping.run_until_idle(max_invocations=5)


def test_a_second_delivery_shows_what_is_not_idempotent(aws: Any, orders: Any) -> None:
    """The same changes with the same tokens; the message speaks of DocumentDB."""
    sums: list[int] = []

    def handler(event: Any, context: Any) -> None:
        sums.extend(entry["event"]["fullDocument"]["n"] for entry in event["events"])

    mapping = aws.event_source_mapping(orders, handler)
    orders.insert({"_id": 1, "n": 5})
    mapping.run_until_idle()
    assert mapping.check_idempotency(total=lambda: sum(sums)) == ["total"]
    (advice,) = mapping.view().advice
    assert advice.code == "handler-not-idempotent"
    assert "Amazon DocumentDB change streams: a record is delivered at least once" in advice.message
    assert "total was 5 and is 10" in advice.message


def test_expiry_is_advice_that_can_be_silenced(recorder: Any) -> None:
    assert "mapping-disabled-by-expiry" in MEANINGS
    with Harness(silence=["mapping-disabled-by-expiry"]) as aws:
        orders = aws.documentdb_collection("shop.orders", change_stream_log_retention_duration=3600)
        mapping = aws.event_source_mapping(orders, recorder())
        orders.insert({"_id": 1})
        aws.virtual_clock.advance(3600)
        run = mapping.run_until_idle()
    assert run.advice == []
    assert not mapping.enabled


def test_retries_without_end_are_no_advice(aws: Any, orders: Any, recorder: Any) -> None:
    """There is nothing that the user could set (Kinesis has limits, DocumentDB has not)."""
    mapping = aws.event_source_mapping(orders, recorder(1, times=2))
    orders.insert({"_id": 1})
    assert mapping.run_until_idle().advice == []


def test_same_seed_same_trace() -> None:
    """Ids, tokens and events, byte for byte; another seed has other ones."""

    def trace(seed: int) -> str:
        with Harness(seed=seed) as aws:
            orders = aws.documentdb_collection("shop.orders")
            mapping = aws.event_source_mapping(orders, lambda event, context: None)
            orders.insert({"n": 1}, {"n": 2})
            orders.update_many({}, {"$inc": {"n": 1}})
            return mapping.run_until_idle().trace.to_json()

    assert trace(7) == trace(7) != trace(8)
