"""A world of SQS on virtual time, seen through boto3 alone, so that the same test can look at stock moto.

`SQS_WORLD=stock pytest tests/brokers/sqs/test_fidelity.py` runs the clauses against moto's own engine: what passes
there needs no repair of ours any more. S14, S15 and S16 would never return, and are skipped. `python -m
benchmarks.stock_moto` does that, and counts.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.clock.travel import Travel
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.identifiers import Identifiers

if TYPE_CHECKING:
    from collections.abc import Iterator

START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
REGION = "eu-west-1"


class RecordingJournal:
    """Every call, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *values: self.calls.append((name, *values))

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]


class World:
    """SQS through boto3, and time."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.sqs = boto3.client("sqs", region_name=REGION)

    def queue(self, name: str = "orders", **attributes: Any) -> str:
        texts = {key: str(value) for key, value in attributes.items()}
        return self.sqs.create_queue(QueueName=name, Attributes=texts)["QueueUrl"]

    def arn(self, url: str) -> str:
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def fifo(self, name: str = "orders.fifo", **attributes: Any) -> str:
        return self.queue(name, FifoQueue="true", ContentBasedDeduplication="true", **attributes)

    def with_dlq(self, most: int = 1, *, fifo: bool = False, **attributes: Any) -> tuple[str, str]:
        make, ending = (self.fifo, ".fifo") if fifo else (self.queue, "")
        dead = make(f"orders-dlq{ending}")
        policy = f'{{"deadLetterTargetArn":"{self.arn(dead)}","maxReceiveCount":{most}}}'
        return make(f"orders{ending}", RedrivePolicy=policy, **attributes), dead

    def send(self, url: str, *bodies: str, group: str | None = None, **options: Any) -> None:
        if group is not None:
            options["MessageGroupId"] = group
        for body in bodies:
            self.sqs.send_message(QueueUrl=url, MessageBody=body, **options)

    def receive(self, url: str, **options: Any) -> list[dict[str, Any]]:
        return self.sqs.receive_message(**{"QueueUrl": url, "MaxNumberOfMessages": 10, **options}).get("Messages", [])

    def bodies(self, url: str, **options: Any) -> list[str]:
        return [message["Body"] for message in self.receive(url, **options)]

    def counts(self, url: str) -> tuple[int, int, int]:
        """Visible, in flight, delayed."""
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        visible, in_flight, delayed = (int(attributes[name]) for name in names)
        return visible, in_flight, delayed

    def wait(self, seconds: float) -> None:
        self.clock.jump_to(self.clock.now_ms + int(seconds * 1000))

    @property
    def elapsed(self) -> float:
        return (self.clock.now_ms - START_MS) / 1000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualClock]:
    """Virtual time, and the process on it."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    clock = VirtualClock(START_MS)
    travel = Travel(clock)
    travel.start()
    yield clock
    travel.stop()


@pytest.fixture
def journal() -> RecordingJournal:
    return RecordingJournal()


@pytest.fixture
def surface(clock: VirtualClock, journal: RecordingJournal) -> Iterator[MotoSurface]:
    surface = MotoSurface(clock, journal, Identifiers(0), REGION)
    surface.start()
    yield surface
    surface.stop()


@pytest.fixture
def world(clock: VirtualClock, request: pytest.FixtureRequest) -> Iterator[World]:
    if os.environ.get("SQS_WORLD") == "stock":
        if any(number in request.node.name for number in ("_s14_", "_s15_", "_s16_")):
            pytest.skip("stock moto waits for real time here, and time stands still")
        with mock_aws():
            yield World(clock)
    else:
        request.getfixturevalue("surface")
        yield World(clock)
