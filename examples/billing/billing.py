"""What would be deployed: orders become invoices in euros, at the rates of a third party's service."""

from __future__ import annotations

import json
from typing import Any

import requests

INVOICES: dict[str, float] = {}
"""What was invoiced, by order; a table in real life."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Invoice each order; one in a currency without a rate is tried again later."""
    rates = _rates()
    failures = []
    for record in event["Records"]:
        order = json.loads(record["body"])
        try:
            INVOICES[order["id"]] = round(order["amount"] / rates[order["currency"]], 2)
        except KeyError:
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def hasty_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The same, as somebody shortened it: one order without a rate fails all of them."""
    rates = _rates()
    for record in event["Records"]:
        order = json.loads(record["body"])
        INVOICES[order["id"]] = round(order["amount"] / rates[order["currency"]], 2)
    return {"batchItemFailures": []}


def _rates() -> dict[str, float]:
    response = requests.get("https://rates.example.com/latest", params={"base": "EUR"}, timeout=2)
    response.raise_for_status()
    found: dict[str, float] = response.json()["rates"]
    return found
