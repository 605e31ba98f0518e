"""Real brokers for the tests of live mode: RabbitMQ and ActiveMQ as servers, Kafka as librdkafka's own cluster.

They answer on loopback, and on real time: these are the tests that may wait, always with a deadline.
"""

from __future__ import annotations

import importlib.util
import os
import socket
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import LiveHarness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVERS = Path(__file__).parents[1] / "servers"
_names = count(1)


def _load(name: str) -> Any:
    """A module of the servers' folder; by path, because the oldest pytest makes no package of it."""
    spec = importlib.util.spec_from_file_location(f"servers_{name}", SERVERS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _borrowed(kind: str) -> Any:
    keeper = _load("keeper")
    missing = keeper.why_missing(kind)
    if missing is not None:
        pytest.skip(missing)
    return keeper.borrow(kind)


@pytest.fixture(scope="session")
def kafka() -> Iterator[Any]:
    """A cluster in this process; `topic()` makes a topic, `servers` is its address."""
    cluster = _load("kafka").MockCluster()
    yield cluster
    cluster.close()


@pytest.fixture
def own_kafka() -> Iterator[Any]:
    """A cluster that no other test sees: what it is told to answer is answered to whoever asks next."""
    cluster = _load("kafka").MockCluster()
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def rabbitmq() -> Any:
    """Where the RabbitMQ of this machine's tests is: `port`, `user`, `password`."""
    return _borrowed("rabbitmq")


@pytest.fixture(scope="session")
def activemq() -> Any:
    """Where the ActiveMQ of this machine's tests is: `port`, `user`, `password`."""
    return _borrowed("activemq")


@pytest.fixture
def live() -> Iterator[LiveHarness]:
    """A live harness that waits no longer than three seconds for an answer."""
    with LiveHarness(timeout=3) as harness:
        yield harness


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Names that no other test of this machine has."""
    return lambda stem: f"{stem}-{os.getpid()}-{next(_names)}"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections, and says nothing."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        yield silent.getsockname()[1]


@pytest.fixture
def mongodb() -> Iterator[Any]:
    """What speaks MongoDB's wire protocol, as far as change streams need it; `url` is where it is."""
    server = _load("mongodb").MongoServer()
    yield server
    server.stop()
