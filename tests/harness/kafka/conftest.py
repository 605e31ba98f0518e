"""Topics and their mappings through the harness, and a handler that remembers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    """An active harness in us-east-1."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with Harness() as harness:
        yield harness


def values_of(event: Any) -> list[str]:
    """The values of an event's records, in its order; a tombstone is "-"."""
    return [
        base64.b64decode(record["value"]).decode() if "value" in record else "-"
        for records in event["records"].values()
        for record in records
    ]


class Recorder:
    """A handler that remembers what it was given, and fails or reports the values that it is told to.

    `fails` raises when one of these is in the batch, `reports` names them in batchItemFailures; `times` is how often.
    """

    def __init__(self, *, fails: str = "", reports: str = "", times: int = 10**9) -> None:
        self.events: list[Any] = []
        self.requests: list[str] = []
        self.fails = fails
        self.reports = reports
        self.times = times

    @property
    def batches(self) -> list[str]:
        """The values of every batch, each batch in one word."""
        return ["".join(values_of(event)) for event in self.events]

    def __call__(self, event: Any, context: Any) -> Any:
        self.events.append(event)
        self.requests.append(context.aws_request_id)
        values = values_of(event)
        if len(self.events) > self.times:
            return None
        if any(value in self.fails for value in values):
            raise ValueError(f"no such {self.fails}")
        identifiers = [
            {"partition": name, "offset": record["offset"]}
            for name, records in event["records"].items()
            for record in records
        ]
        found = [one for one, value in zip(identifiers, values, strict=True) if value in self.reports]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in found]}


@pytest.fixture
def recorder() -> type[Recorder]:
    """The class, for tests to make their handlers of."""
    return Recorder


@pytest.fixture
def provisioned() -> dict[str, Any]:
    """What retry controls and partial responses need."""
    return {"ProvisionedPollerConfig": {"MinimumPollers": 1}}
