"""What would be deployed: charge each order once, report those that failed."""

from __future__ import annotations

import os
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

TABLE = "orders-idempotency"
LEDGER = "orders-ledger"

# Clients made at import, before any test ran: the commonest handler there is.
dynamodb = boto3.client("dynamodb")
persistence = DynamoDBPersistenceLayer(table_name=TABLE, boto3_client=dynamodb)
config = IdempotencyConfig(event_key_jmespath="order", expires_after_seconds=86_400)
processor = BatchProcessor(event_type=EventType.SQS)


class PaymentRefused(Exception):
    """The card's bank said no."""


@idempotent_function(data_keyword_argument="order", config=config, persistence_store=persistence)
def charge(*, order: dict[str, Any]) -> dict[str, Any]:
    """Charge an order, at most once in a day."""
    if order["amount"] <= 0:
        raise PaymentRefused(f"order {order['order']}: nobody charges {order['amount']}")
    dynamodb.update_item(
        TableName=LEDGER,
        Key={"order": {"S": str(order["order"])}},
        UpdateExpression="ADD charged :amount",
        ExpressionAttributeValues={":amount": {"N": str(order["amount"])}},
    )
    return {"order": order["order"], "charged": order["amount"]}


def charge_record(record: SQSRecord) -> dict[str, Any]:
    """One message of the batch."""
    return charge(order=record.json_body)


def handler(event: dict[str, Any], context: Any) -> Any:
    """The function's entry point; its mapping has ReportBatchItemFailures."""
    config.register_lambda_context(context)
    return process_partial_response(event=event, record_handler=charge_record, processor=processor, context=context)
