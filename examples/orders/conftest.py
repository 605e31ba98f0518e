"""Tables that the deployed stack has."""

from __future__ import annotations

from typing import Any

import boto3
import pytest


@pytest.fixture
def tables(lambda_events: Any) -> Any:
    """The two tables, in moto."""
    client = boto3.client("dynamodb", region_name=lambda_events.region)
    for name, key in (("orders-idempotency", "id"), ("orders-ledger", "order")):
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    return client
