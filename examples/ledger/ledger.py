"""What would be deployed: book deposits and withdrawals of each account, in the order in which they were made."""

from __future__ import annotations

import os
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

TABLE = "ledger-balances"

dynamodb = boto3.client("dynamodb")
in_order = SqsFifoPartialProcessor(skip_group_on_error=True)
any_order = BatchProcessor(event_type=EventType.SQS)


def rate(currency: str) -> int:
    """What one unit of a currency is worth; a service of somebody else's, which is down now and then."""
    return {"EUR": 1, "XAU": 90}[currency]


def add(account: str, amount: int) -> None:
    """Change a balance."""
    dynamodb.update_item(
        TableName=TABLE,
        Key={"account": {"S": account}},
        UpdateExpression="ADD balance :amount",
        ExpressionAttributeValues={":amount": {"N": str(amount)}},
    )


def take(account: str, amount: int) -> None:
    """Lower a balance, which may not go below zero."""
    dynamodb.update_item(
        TableName=TABLE,
        Key={"account": {"S": account}},
        UpdateExpression="SET balance = balance - :amount",
        ConditionExpression="balance >= :amount",
        ExpressionAttributeValues={":amount": {"N": str(amount)}},
    )


def decline(account: str) -> None:
    """A withdrawal without cover is over and done with: the customer was told so."""
    dynamodb.update_item(
        TableName=TABLE,
        Key={"account": {"S": account}},
        UpdateExpression="ADD declined :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


def book(record: SQSRecord) -> None:
    """One message: `{"account": …, "amount": …, "currency": …}`, a withdrawal when the amount is negative."""
    booking = record.json_body
    amount = booking["amount"] * rate(booking.get("currency", "EUR"))
    if amount >= 0:
        add(booking["account"], amount)
        return
    try:
        take(booking["account"], -amount)
    except dynamodb.exceptions.ConditionalCheckFailedException:
        decline(booking["account"])


def handler(event: dict[str, Any], context: Any) -> Any:
    """The function's entry point: after a failure the rest of that account's messages wait, too."""
    return process_partial_response(event=event, record_handler=book, processor=in_order, context=context)


def careless_handler(event: dict[str, Any], context: Any) -> Any:
    """The same with the processor for standard queues: it goes on behind a failure. This is the bug to find."""
    return process_partial_response(event=event, record_handler=book, processor=any_order, context=context)
