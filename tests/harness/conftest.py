"""A harness for each test, without the plugin's fixture, so that these tests are about the harness alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    """An active harness in us-east-1."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with Harness() as harness:
        yield harness


class Recorder:
    """A handler that remembers what it was given and answers with what `answer` says."""

    def __init__(self, answer: Callable[[Any], Any] | None = None) -> None:
        self.events: list[Any] = []
        self._answer = answer

    @property
    def batches(self) -> list[list[str]]:
        """The bodies of every batch."""
        return [[record["body"] for record in event["Records"]] for event in self.events]

    def __call__(self, event: Any, context: Any) -> Any:
        self.events.append(event)
        return None if self._answer is None else self._answer(event)


@pytest.fixture
def recorder() -> type[Recorder]:
    """The class, for tests to make their handlers of."""
    return Recorder
