"""A harness for each test, without the plugin's fixture, so that these tests are about the harness alone.

`golden` compares a run with the trace that is committed for it. Write them anew with
`LAMBDA_EVENTS_WRITE_TRACES=1 python -m pytest tests/harness -k golden`, and read the diff before you commit.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Harness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_lambda_events import Run, Step

TRACES = Path(__file__).parent.parent / "data" / "traces"


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


class BrokerRecorder:
    """A handler of Amazon MQ's messages that remembers what it was given, and raises where one of the bodies in `fails`
    is in the batch.
    """

    def __init__(self, *, fails: str = "", answer: Any = None) -> None:
        self.events: list[Any] = []
        self.fails = fails
        self.answer = answer

    @property
    def batches(self) -> list[str]:
        """The bodies of every batch in one word; those that were delivered before in capitals."""
        return ["".join(self._told(one) for one in self._messages(event)) for event in self.events]

    @staticmethod
    def _messages(event: Any) -> list[Any]:
        if "messages" in event:
            return list(event["messages"])
        ((_, messages),) = event["rmqMessagesByQueue"].items()
        return list(messages)

    @staticmethod
    def _body(message: Any) -> str:
        return base64.b64decode(message["data"]).decode()

    def _told(self, message: Any) -> str:
        return self._body(message).upper() if message["redelivered"] else self._body(message)

    def __call__(self, event: Any, context: Any) -> Any:
        self.events.append(event)
        if any(self._body(one) in self.fails for one in self._messages(event)):
            raise ValueError(f"no such {self.fails}")
        return self.answer


@pytest.fixture
def broker_recorder() -> type[BrokerRecorder]:
    """The class, for tests to make their handlers of."""
    return BrokerRecorder


def story(run: Run[Any]) -> dict[str, Any]:
    """A run as people read it: how each record ended, and every step with its second and all that it says."""
    return {
        "fates": {record.id: run.fate(record) for record in run.records},
        "metrics": {name: value for name, value in sorted(run.metrics.items()) if value},
        "trace": [told(step) for step in run.trace],
    }


def told(step: Step) -> dict[str, Any]:
    """One step; the event of an invocation, which the trace has as text, parsed."""
    detail = step.detail
    if step.kind == "ended":
        outcome, failed, request_id, problem, event_text = detail
        event = json.loads(event_text) if event_text else None
        detail = {"outcome": outcome, "failed": failed, "request_id": request_id, "problem": problem, "event": event}
    second = (step.at_ms - 1_735_689_600_000) / 1000
    return {"at": second, "step": step.kind, "place": step.place, "records": step.records, "detail": detail}


@pytest.fixture
def golden() -> Callable[[Any, str], None]:
    """`golden(run, "rabbitmq/success")`: the run is, to the last byte, the one in tests/data/traces."""

    def compare(run: Run[Any], name: str) -> None:
        path = TRACES / f"{name}.json"
        text = json.dumps(story(run), indent=1, ensure_ascii=False, default=str) + "\n"
        if os.environ.get("LAMBDA_EVENTS_WRITE_TRACES"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8")

    return compare
