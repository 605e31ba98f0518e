"""A harness's moto on virtual time, and destinations in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.brokers.moto.delivering import Delivering
from pytest_lambda_events.brokers.moto.surface import MotoSurface
from pytest_lambda_events.clock.travel import Travel
from pytest_lambda_events.clock.virtual import VirtualClock
from pytest_lambda_events.destinations.deliver import OnFailureDestination, Origin
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
REGION = "eu-west-1"
MAPPING = "ab5863a1-91ee-4e18-8529-93984bfee847"


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
def surface(clock: VirtualClock) -> Iterator[MotoSurface]:
    surface = MotoSurface(clock, Ledger(), Identifiers(0), REGION)
    surface.start()
    yield surface
    surface.stop()


@pytest.fixture
def destination(surface: MotoSurface) -> Callable[..., OnFailureDestination]:
    """The destination of this ARN, of a mapping of a Kinesis stream."""

    def make(arn: str, **changes: Any) -> OnFailureDestination:
        origin: dict[str, Any] = {
            "mapping": MAPPING,
            "source": "kinesis",
            "stream_arn": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks",
            "function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:clicks:live",
            "version": "$LATEST",
            "role_arn": "arn:aws:iam::123456789012:role/clicks-role",
        }
        return OnFailureDestination(
            arn,
            origin=Origin(**{**origin, **changes}),
            surface=Delivering(surface),
            identifiers=surface.identifiers,
        )

    return make
