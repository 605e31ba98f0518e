"""Does the projection say what the table says, and who gets mail?"""

from __future__ import annotations

from typing import Any

import boto3
import change_feed
import pytest

HOUR = 3_600


@pytest.fixture
def rows(lambda_events: Any) -> Any:
    """What a table of the projection says: customers and carts."""
    client = boto3.client("dynamodb", region_name=lambda_events.region)
    for table in (change_feed.OPEN, change_feed.LEFT_BEHIND):
        client.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("customer", "id")],
            BillingMode="PAY_PER_REQUEST",
        )

    def read(table: str) -> set[tuple[str, str]]:
        return {(item["customer"]["S"], item["id"]["S"]) for item in client.scan(TableName=table)["Items"]}

    return read


@pytest.fixture
def carts(dynamodb_table: Any) -> Any:
    """The table as the stack declares it: carts are gone an hour after they were last touched."""
    return dynamodb_table("carts", keys=("id",), ttl="expires_at")


@pytest.fixture
def now(lambda_events: Any) -> int:
    """The present, as time to live counts it."""
    return int(lambda_events.virtual_clock.now().timestamp())


def an_hour_in_the_shop(carts: Any, now: int) -> None:
    """Ada buys; Alan leaves his cart behind; a guest turns out to be Grace, who is still there."""
    carts.put({"id": "cart-1", "customer": "ada", "expires_at": now + HOUR})
    carts.put({"id": "cart-2", "customer": "alan", "expires_at": now + HOUR})
    carts.put({"id": "cart-3", "customer": "guest-17", "expires_at": now + HOUR})
    carts.update({"id": "cart-3"}, {"customer": "grace", "expires_at": now + 100 * HOUR})
    carts.delete({"id": "cart-1"})


def test_the_projection_follows_the_table(
    carts: Any, event_source_mapping: Any, rows: Any, now: int, virtual_clock: Any
) -> None:
    """Who left is gone from it, and only the one who left a cart behind gets mail."""
    mapping = event_source_mapping(carts, change_feed.handler, StartingPosition="TRIM_HORIZON")
    an_hour_in_the_shop(carts, now)
    mapping.run_until_idle()
    virtual_clock.advance(2 * HOUR)

    run = mapping.run_until_idle()

    assert run.processed == carts.records
    assert [record.event_name for record in run.processed] == [
        "INSERT",
        "INSERT",
        "INSERT",
        "MODIFY",
        "REMOVE",
        "REMOVE",
    ]
    assert rows(change_feed.OPEN) == {("grace", "cart-3")}
    assert rows(change_feed.LEFT_BEHIND) == {("alan", "cart-2")}


def test_a_change_that_comes_twice_makes_no_difference(
    carts: Any, event_source_mapping: Any, rows: Any, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that failed half-way is delivered again from its beginning."""
    drop, failures = change_feed.drop, [ConnectionError("later, please")]

    def drop_and_fail_once(table: str, cart: dict[str, Any]) -> None:
        drop(table, cart)
        if failures:
            raise failures.pop()

    monkeypatch.setattr(change_feed, "drop", drop_and_fail_once)
    mapping = event_source_mapping(carts, change_feed.handler, StartingPosition="TRIM_HORIZON")
    an_hour_in_the_shop(carts, now)

    run = mapping.run_until_idle()

    assert run.attempts(carts.records[0]) == [0, 0.2]
    assert rows(change_feed.OPEN) == {("alan", "cart-2"), ("grace", "cart-3")}


def test_the_careless_handler_writes_to_the_wrong_customers(
    carts: Any, event_source_mapping: Any, rows: Any, now: int, virtual_clock: Any
) -> None:
    """Nothing fails: Ada, who bought, is asked to come back, and the guest still has a cart that is Grace's."""
    mapping = event_source_mapping(carts, change_feed.careless_handler, StartingPosition="TRIM_HORIZON")
    an_hour_in_the_shop(carts, now)
    mapping.run_until_idle()
    virtual_clock.advance(2 * HOUR)

    run = mapping.run_until_idle()

    assert run.processed == carts.records
    assert rows(change_feed.LEFT_BEHIND) == {("ada", "cart-1"), ("alan", "cart-2")}
    assert rows(change_feed.OPEN) == {("grace", "cart-3"), ("guest-17", "cart-3")}
