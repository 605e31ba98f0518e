"""How often was the card of a good payment charged?"""

from __future__ import annotations

from typing import Any

import pytest
from payments import charges, closed_accounts, handler, handler_as_first_written, receipts

from pytest_lambda_events import Faults


@pytest.fixture(autouse=True)
def nothing_happened_yet() -> None:
    """Every test begins before the first payment."""
    charges.clear()
    receipts.clear()
    closed_accounts.clear()


@pytest.fixture
def failed(rabbitmq_queue: Any) -> Any:
    """Where payments go that could not be worked off within a minute."""
    return rabbitmq_queue("payments-failed", vhost="shop")


@pytest.fixture
def payments(rabbitmq_queue: Any, failed: Any) -> Any:
    """The queue as it is declared. Without a time to live a bad payment would come again for ever."""
    failed.bind("failures", "payments")
    return rabbitmq_queue(
        "payments", vhost="shop", arguments={"x-message-ttl": 60_000, "x-dead-letter-exchange": "failures"}
    )


def pay(payments: Any, *accounts: str) -> Any:
    """Publish a payment for each account."""
    return payments.send(*[{"id": f"p-{account}", "account": account, "cents": 500} for account in accounts])


def charged(account: str) -> int:
    """How often the card of an account was charged."""
    return sum(charge["account"] == account for charge in charges)


def test_a_bad_payment_charges_nobody_twice(payments: Any, failed: Any, event_source_mapping: Any) -> None:
    """The account is opened again after ten seconds; until then the batch comes again, and no card is charged again."""
    mapping = event_source_mapping(payments, handler)
    closed_accounts.add("bob")
    ada, bob = pay(payments, "ada", "bob")
    mapping.run_for(10)
    closed_accounts.clear()

    run = mapping.run_until_idle()

    assert run.processed == [ada, bob]
    assert run.attempts(ada) == [0.5, 1.5, 3.5, 7.5, 15.5]
    assert (charged("ada"), charged("bob")) == (1, 1)
    assert sorted(receipts) == ["p-ada", "p-bob"]
    assert failed.records == []


def test_the_flag_ignored_charges_the_good_card_each_time(payments: Any, event_source_mapping: Any) -> None:
    """The mistake that production makes silently: five deliveries, five charges."""
    mapping = event_source_mapping(payments, handler_as_first_written)
    closed_accounts.add("bob")
    pay(payments, "ada", "bob")
    mapping.run_for(10)
    closed_accounts.clear()

    mapping.run_until_idle()

    assert (charged("ada"), charged("bob")) == (5, 5)


@pytest.mark.parametrize(("called", "changed"), [(handler_as_first_written, ["charges"]), (handler, [])])
def test_it_is_found_without_a_bad_payment(
    payments: Any, event_source_mapping: Any, called: Any, changed: list[str]
) -> None:
    """A second delivery of what went well is all it takes; the mended handler stands it."""
    mapping = event_source_mapping(payments, called)
    pay(payments, "ada")
    mapping.run_until_idle()

    assert mapping.check_idempotency(charges=lambda: list(charges)) == changed


def test_a_poller_that_is_gone_before_it_acknowledges(payments: Any, event_source_mapping: Any) -> None:
    """At least once, for whatever reason: here half of the acknowledgements are lost."""
    mapping = event_source_mapping(payments, handler, BatchSize=1, faults=Faults(crashes=0.5))
    sent = pay(payments, *"abcdefgh")

    run = mapping.run_until_idle()

    assert run.processed == sent
    assert len(run.invocations) > len(sent)
    assert len(charges) == len(sent)


def test_a_payment_that_never_succeeds_is_set_aside(payments: Any, failed: Any, event_source_mapping: Any) -> None:
    """After a minute both are in the queue for failures: the batch fails as a whole. The money is there once."""
    mapping = event_source_mapping(payments, handler)
    closed_accounts.add("bob")
    ada, bob = pay(payments, "ada", "bob")

    run = mapping.run_until_idle()

    assert run.dead_lettered == failed.records == [ada, bob]
    assert failed.records[1].headers["x-death"][0]["reason"] == "expired"
    assert (charged("ada"), charged("bob")) == (1, 1)
