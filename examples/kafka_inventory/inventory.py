"""What would be deployed: apply stock changes, report those that cannot be applied."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

stock: Counter[str] = Counter()


class SoldOut(Exception):
    """There is less in stock than was taken."""


def apply(change: dict[str, Any]) -> None:
    """Add to an article's stock, or take from it."""
    if stock[change["sku"]] + change["quantity"] < 0:
        raise SoldOut(f"{change['sku']}: {stock[change['sku']]} in stock, {-change['quantity']} taken")
    stock[change["sku"]] += change["quantity"]


def failed_records(event: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Apply every change; the records that could not be applied, each with its topic-partition."""
    for partition, records in event["records"].items():
        for record in records:
            if "value" not in record:  # a tombstone: the article is no longer sold, and its stock stays what it is
                continue
            try:
                apply(json.loads(base64.b64decode(record["value"])))
            except SoldOut:
                yield partition, record


def handler_as_first_written(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Wrong: identifiers as SQS has them, in one text."""
    failed = [f"{partition}-{record['offset']}" for partition, record in failed_records(event)]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The function's entry point; its mapping has ReportBatchItemFailures."""
    failed = [{"partition": partition, "offset": record["offset"]} for partition, record in failed_records(event)]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
