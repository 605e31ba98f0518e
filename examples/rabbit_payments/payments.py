"""What would be deployed: charge cards, write receipts."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

charges: list[dict[str, Any]] = []  # what the payment provider did; each is money
receipts: dict[str, int] = {}  # by payment
closed_accounts: set[str] = set()


class NoReceipt(Exception):
    """A receipt could not be written: its account is closed."""


def charge(payment: dict[str, Any]) -> None:
    """Ask the payment provider for the money. It does so each time it is asked."""
    charges.append(payment)


def was_charged(payment: dict[str, Any]) -> bool:
    """Ask the payment provider whether it did so before: a slow question, which costs a fee."""
    return payment in charges


def write_receipt(payment: dict[str, Any]) -> None:
    """Tell the customer. Doing so twice does no harm."""
    if payment["account"] in closed_accounts:
        raise NoReceipt(payment["account"])
    receipts[payment["id"]] = payment["cents"]


def messages_of(event: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every payment of the event, and whether it was delivered before."""
    for messages in event["rmqMessagesByQueue"].values():
        for message in messages:
            yield json.loads(base64.b64decode(message["data"])), message["redelivered"]


def handler_as_first_written(event: dict[str, Any], _context: Any) -> None:
    """Wrong: a second delivery is treated as a first one."""
    for payment, _ in messages_of(event):
        charge(payment)
        write_receipt(payment)


def handler(event: dict[str, Any], _context: Any) -> None:
    """The function's entry point. Only of what was delivered before it asks whether it was charged."""
    for payment, redelivered in messages_of(event):
        if not (redelivered and was_charged(payment)):
            charge(payment)
        write_receipt(payment)
