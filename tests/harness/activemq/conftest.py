"""Queues of ActiveMQ and their mappings through the harness, and a handler that remembers."""

from __future__ import annotations

import base64
from typing import Any

import pytest


class Recorder:
    """A handler that remembers what it was given, and raises where one of the bodies in `fails` is in the batch."""

    def __init__(self, *, fails: str = "", answer: Any = None) -> None:
        self.events: list[Any] = []
        self.fails = fails
        self.answer = answer

    @property
    def batches(self) -> list[str]:
        """The bodies of every batch in one word; those that were delivered before in capitals."""
        return ["".join(self._told(one) for one in event["messages"]) for event in self.events]

    @staticmethod
    def _told(message: Any) -> str:
        body = base64.b64decode(message["data"]).decode()
        return body.upper() if message["redelivered"] else body

    def __call__(self, event: Any, context: Any) -> Any:
        self.events.append(event)
        if any(base64.b64decode(one["data"]).decode() in self.fails for one in event["messages"]):
            raise ValueError(f"no such {self.fails}")
        return self.answer


@pytest.fixture
def recorder() -> type[Recorder]:
    """The class, for tests to make their handlers of."""
    return Recorder
