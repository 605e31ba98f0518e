"""Matching a record with an event pattern, against parsing it and against the size of what is not asked for."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Bar, compared
from pytest_lambda_events.filtering.criteria import read_criteria
from pytest_lambda_events.filtering.pattern import compile_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = 20_000

# five clauses, each of another kind
_PATTERN = {
    "kind": ["order", "refund"],
    "customer": {"country": [{"prefix": "D"}], "tier": [{"anything-but": ["test", "internal"]}]},
    "total": [{"numeric": [">", 10, "<=", 1000]}],
    "coupon": [{"exists": False}],
}


def _record(unnamed: int = 0) -> dict[str, Any]:
    """A record of 1 kB that matches, with so many keys more, in each object that the pattern goes through."""
    more = {f"unnamed_{number}": number for number in range(unnamed)}
    lines = [{"sku": f"SKU-{number:05}", "quantity": number, "price": 9.99 * number} for number in range(1, 13)]
    return {
        "kind": "order",
        "id": "9f1c2a54-5d0c-4f3e-9f52-1f6d1d2a7e10",
        "customer": {"id": 4711, "name": "Ada Lovelace", "country": "DE", "tier": "gold", "newsletter": True, **more},
        "total": 779.22,
        "currency": "EUR",
        "lines": lines,
        "placed_at": "2025-01-01T00:00:00Z",
        "note": None,
        "shipping": {"street": "12 St James's Square", "city": "London", "zip": "SW1Y 4JH", "express": False},
        **more,
    }


def _per_key() -> Iterator[Bar]:
    """What matching costs, whatever else is in the record."""
    pattern = compile_pattern(_PATTERN)
    small, large = _record(10), _record(1_000)
    assert pattern.matches(small)
    assert pattern.matches(large)
    many, few = compared(partial(pattern.matches, large), partial(pattern.matches, small), number=_NUMBER)
    detail = f"{many * 1e6:.2f} µs against {few * 1e6:.2f} µs"
    yield Bar(what="matching with 1,000 unnamed keys against 10", measured=many / few, most=1.2, detail=detail)


def run() -> Iterator[Bar]:
    """Matching by itself, and as the filter of a queue."""
    record = _record()
    text = json.dumps(record, separators=(",", ":"))
    pattern = compile_pattern(_PATTERN)
    assert pattern.matches(record)
    both, loads = compared(lambda: pattern.matches(json.loads(text)), lambda: json.loads(text), number=_NUMBER)
    detail = f"{len(text)} characters: {both * 1e6:.2f} µs against {loads * 1e6:.2f} µs"
    yield Bar(what="parsing and matching five clauses against parsing", measured=both / loads, most=2, detail=detail)

    criteria = read_criteria({"Filters": [{"Pattern": json.dumps({"body": _PATTERN})}]})
    assert criteria is not None
    message = {"messageId": "m", "receiptHandle": "r", "body": text, "attributes": {"SenderId": "s"}}
    assert criteria.passes("sqs", message)
    passing, loads = compared(lambda: criteria.passes("sqs", message), lambda: json.loads(text), number=_NUMBER)
    detail = f"{passing * 1e6:.2f} µs against {loads * 1e6:.2f} µs"
    yield Bar(
        what="filtering a message of SQS against parsing its body", measured=passing / loads, most=2.5, detail=detail
    )

    yield from _per_key()
