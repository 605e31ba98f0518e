"""Does an account's order survive a failure?"""

from __future__ import annotations

from typing import Any
from unittest import mock

import boto3
import ledger
import pytest

REPORTED = ["ReportBatchItemFailures"]


@pytest.fixture
def balances(lambda_events: Any) -> Any:
    """What the table says in the end: balance, and how many withdrawals were declined."""
    client = boto3.client("dynamodb", region_name=lambda_events.region)
    client.create_table(
        TableName=ledger.TABLE,
        KeySchema=[{"AttributeName": "account", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "account", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def read() -> dict[str, tuple[int, int]]:
        items = client.scan(TableName=ledger.TABLE)["Items"]
        return {
            item["account"]["S"]: tuple(int(item.get(name, {"N": "0"})["N"]) for name in ("balance", "declined"))
            for item in items
        }

    return read


@pytest.fixture
def bookings(sqs_queue: Any) -> Any:
    """The queue as the stack declares it."""
    return sqs_queue("ledger.fifo", ContentBasedDeduplication=True, VisibilityTimeout=30, maxReceiveCount=3)


@pytest.fixture
def rate_is_down_once() -> Any:
    """The first time that somebody asks for the price of gold, nobody answers."""
    answers = [ConnectionError("no rate for gold")]

    def rate(currency: str) -> int:
        if currency == "XAU" and answers:
            raise answers.pop()
        return 90 if currency == "XAU" else 1

    with mock.patch.object(ledger, "rate", rate):
        yield


def a_day(bookings: Any) -> list[Any]:
    """Account 1 deposits gold and takes 60 of it; account 2 only deposits."""
    deposit, withdrawal = bookings.send(
        {"account": "account-1", "amount": 1, "currency": "XAU"},
        {"account": "account-1", "amount": -60},
        message_group_id="account-1",
    )
    (other,) = bookings.send({"account": "account-2", "amount": 5}, message_group_id="account-2")
    return [deposit, withdrawal, other]


def test_a_failure_holds_up_its_account_and_no_other(
    bookings: Any, event_source_mapping: Any, balances: Any, rate_is_down_once: Any
) -> None:
    """The withdrawal waits for the deposit before it, and finds the money; account 2 is booked at once."""
    mapping = event_source_mapping(bookings, ledger.handler, FunctionResponseTypes=REPORTED)
    deposit, withdrawal, other = a_day(bookings)

    run = mapping.run_until_idle()

    assert set(run.processed) == {deposit, withdrawal, other}
    assert run.attempts(deposit) == [0, 30]
    assert run.attempts(withdrawal) == [0, 30]
    assert run.attempts(other) == [0]
    assert balances() == {"account-1": (30, 0), "account-2": (5, 0)}


def test_the_careless_handler_declines_what_was_covered(
    bookings: Any, event_source_mapping: Any, balances: Any, rate_is_down_once: Any
) -> None:
    """The same day, nothing lost, nothing in the DLQ, and the balance is wrong: the withdrawal overtook the deposit."""
    mapping = event_source_mapping(bookings, ledger.careless_handler, FunctionResponseTypes=REPORTED)
    deposit, withdrawal, _ = a_day(bookings)

    run = mapping.run_until_idle()

    assert run.dead_lettered == []
    assert run.attempts(deposit) == [0, 30]
    assert run.attempts(withdrawal) == [0]
    assert balances() == {"account-1": (90, 1), "account-2": (5, 0)}


def test_a_poison_booking_holds_up_its_account_until_the_dlq_has_it(
    bookings: Any, event_source_mapping: Any, balances: Any
) -> None:
    """Three tries of 30 seconds: is a minute and a half of a standing account what you want?"""
    mapping = event_source_mapping(bookings, ledger.handler, BatchSize=1, FunctionResponseTypes=REPORTED)
    poison, deposit = bookings.send(
        {"account": "account-1", "amount": 1, "currency": "???"},
        {"account": "account-1", "amount": 7},
        message_group_id="account-1",
    )

    run = mapping.run_until_idle()

    assert run.dead_lettered == [poison]
    assert run.attempts(poison) == [0, 30, 60]
    assert run.attempts(deposit) == [90]
    assert balances() == {"account-1": (7, 0)}
