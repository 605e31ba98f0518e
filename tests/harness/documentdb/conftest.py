"""A collection and a handler that remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_lambda_events import Harness
    from pytest_lambda_events.sources.documentdb.broker import DocumentDbCollection


@pytest.fixture
def orders(aws: Harness) -> DocumentDbCollection:
    """The collection shop.orders, empty."""
    return aws.documentdb_collection("shop.orders")


class Recorder:
    """A handler that remembers what it was given, and raises when a document with one of these keys is in the batch.

    `times` is how often it does so.
    """

    def __init__(self, *fails: Any, times: int = 10**9) -> None:
        self.events: list[Any] = []
        self.requests: list[str] = []
        self.fails = fails
        self.times = times

    @property
    def changes(self) -> list[Any]:
        """Every change that it was given."""
        return [entry["event"] for event in self.events for entry in event["events"]]

    @property
    def batches(self) -> list[str]:
        """Of each batch its operations and keys, in short: `i1 u1`."""
        return [" ".join(_short(entry["event"]) for entry in event["events"]) for event in self.events]

    def __call__(self, event: Any, context: Any) -> None:
        self.events.append(event)
        self.requests.append(context.aws_request_id)
        keys = [entry["event"].get("documentKey", {}).get("_id") for entry in event["events"]]
        if len(self.events) <= self.times and any(key in self.fails for key in keys):
            raise ValueError(f"no such order: {self.fails}")


def _short(change: Any) -> str:
    key = change.get("documentKey", {}).get("_id", "")
    return change["operationType"] if key == "" else f"{change['operationType'][0]}{key}"


@pytest.fixture
def recorder() -> type[Recorder]:
    """The class, for tests to make their handlers of."""
    return Recorder
