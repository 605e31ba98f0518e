"""Is every click counted, and once?"""

from __future__ import annotations

from typing import Any
from unittest import mock

import boto3
import clickstream
import pytest

WINDOW = {"StartingPosition": "TRIM_HORIZON", "TumblingWindowInSeconds": 60, "MaximumRetryAttempts": 2}
FIRST, SECOND = "2025-01-01T00:00:00Z", "2025-01-01T00:01:00Z"


@pytest.fixture
def counts(lambda_events: Any) -> Any:
    """What the table says: the clicks of each page, minute by minute."""
    client = boto3.client("dynamodb", region_name=lambda_events.region)
    client.create_table(
        TableName=clickstream.TABLE,
        KeySchema=[{"AttributeName": "minute", "KeyType": "HASH"}, {"AttributeName": "of", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("minute", "of")],
        BillingMode="PAY_PER_REQUEST",
    )

    def read() -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for item in client.scan(TableName=clickstream.TABLE)["Items"]:
            pages = found.setdefault(item["minute"]["S"], {})
            page = item["of"]["S"].partition("@")[0]
            pages[page] = pages.get(page, 0) + int(item["clicks"]["N"])
        return found

    return read


@pytest.fixture
def clicks(kinesis_stream: Any) -> Any:
    """The stream as the stack declares it."""
    return kinesis_stream("clicks", ShardCount=2)


def a_minute_and_a_bit(clicks: Any) -> list[Any]:
    """Ada and Alan, who are on different shards, click for a while."""
    made = clicks.send({"page": "/"}, {"page": "/cart"}, partition_key="ada")
    made += clicks.send({"page": "/"}, {"page": "/"}, partition_key="alan", at=30)
    made += clicks.send({"page": "/cart"}, partition_key="ada", at=75)
    return made


def test_clicks_are_counted_by_the_minute(clicks: Any, event_source_mapping: Any, counts: Any) -> None:
    """Two shards, two minutes, and a last invocation for each that carries no record."""
    mapping = event_source_mapping(clicks, clickstream.handler, **WINDOW)
    made = a_minute_and_a_bit(clicks)

    run = mapping.run_until_idle()

    assert len({record.shard_id for record in made}) == 2
    assert run.processed == made
    assert counts() == {FIRST: {"/": 3, "/cart": 1}, SECOND: {"/cart": 1}}
    assert [call.records for call in run.invocations if call.event["isFinalInvokeForWindow"]] == [(), (), ()]


def test_a_failure_counts_no_click_twice(clicks: Any, event_source_mapping: Any, counts: Any) -> None:
    """The state is the one from before the batch, so that a batch can be tried again."""
    mapping = event_source_mapping(clicks, clickstream.handler, **WINDOW)
    made = clicks.send({"page": "/"}, {"page": "/"}, partition_key="ada")
    count, failures = clickstream.count, [ConnectionError("later, please")]

    def count_and_fail_once(event: Any) -> Any:
        counted = count(event)
        if failures:
            raise failures.pop()
        return counted

    with mock.patch.object(clickstream, "count", count_and_fail_once):
        run = mapping.run_until_idle()

    assert run.attempts(made[0]) == [0, 0.2]
    assert counts() == {FIRST: {"/": 2}}


def test_the_forgetful_handler_loses_every_click(clicks: Any, event_source_mapping: Any, counts: Any) -> None:
    """Nothing raises, and each batch fails until its retries are used up: what was counted was given up."""
    mapping = event_source_mapping(clicks, clickstream.forgetful_handler, **WINDOW)
    made = a_minute_and_a_bit(clicks)

    run = mapping.run_until_idle()

    assert run.discarded == made
    assert run.attempts(made[0]) == [0, 0.2, 0.6]
    assert {call.outcome for call in run.invocations if call.records} == {"malformed"}
    assert counts() == {}


def test_the_hasty_handler_keeps_the_clicks_of_one_shard(clicks: Any, event_source_mapping: Any, counts: Any) -> None:
    """Every record processed, no error anywhere, and the front page has too few clicks."""
    mapping = event_source_mapping(clicks, clickstream.hasty_handler, **WINDOW)
    made = a_minute_and_a_bit(clicks)

    run = mapping.run_until_idle()

    assert run.processed == made
    assert counts()[FIRST] == {"/": 2, "/cart": 1}  # Alan's shard closed last: Ada's click on the front page is gone
