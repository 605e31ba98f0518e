"""The composition root of live mode: the same world and pollers, on real time, in front of real brokers. The law: what
only a world of our own could promise (a seed, faults, frozen time, AWS without AWS) is refused with a sentence.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from pytest_lambda_events.brokers.live.clients import CONNECT_SECONDS
from pytest_lambda_events.brokers.live.parts import LiveParts
from pytest_lambda_events.brokers.live.patience import Patience
from pytest_lambda_events.clock.real import RealClock, RealTime, is_frozen
from pytest_lambda_events.clock.virtual import length_ms, parse_start
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.harness.advising import silenced_codes
from pytest_lambda_events.harness.live_mapping import (
    MAX_INVOCATIONS,
    MAX_SECONDS,
    QUIET_SECONDS,
    LiveMapping,
    refuse_what_is_not_live,
)
from pytest_lambda_events.harness.running import World
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from pytest_lambda_events.brokers.live.kafka import KafkaCluster
    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.harness.watching import Standing, Watcher
    from pytest_lambda_events.model.records import EventSource, R
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.sources.activemq.live import LiveActiveMqQueue
    from pytest_lambda_events.sources.documentdb.live import LiveDocumentDbCollection
    from pytest_lambda_events.sources.kafka.live import LiveKafkaTopic
    from pytest_lambda_events.sources.rabbitmq.live import LiveRabbitMqQueue

__all__ = ["LiveHarness"]

_ACCOUNT: Final = "123456789012"


class LiveHarness:
    """Real brokers in front of a handler, on real time.

    `timeout` is how many seconds a broker has to answer; `region` stands in the function's ARN; `strict` and `silence`
    are those of `Harness`. Neither moto nor frozen time is there: what the handler calls in AWS, it calls for real.

    Use it as a context manager, or through the pytest fixture `lambda_events_live`.
    """

    def __init__(
        self,
        *,
        timeout: float = CONNECT_SECONDS,
        region: str | None = None,
        strict: bool = False,
        silence: Iterable[str] = (),
    ) -> None:
        self.clock = RealClock()
        self.ledger = Ledger()
        self.ledger.silenced = silenced_codes(silence)
        self.timeout = timeout
        self.region = region or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        self._patience = Patience(self.clock)
        # ids are to be new each time: a mapping's UUID is its consumer group, which the broker remembers
        self._identifiers = Identifiers(secrets.randbits(64))
        self._surroundings = _Stirring(self._patience)
        self._world = World(
            clock=self.clock,
            ledger=self.ledger,
            identifiers=self._identifiers,
            travel=self._surroundings,
            surface=cast("MotoSurface", _NoAws(self.region, _ACCOUNT)),
            entered=self._entered,
            strict=strict,
        )
        self._clusters: dict[str, tuple[Mapping[str, Any], KafkaCluster]] = {}
        self._closing: list[Callable[[], None]] = []
        self._is_open = False

    def __enter__(self) -> LiveHarness:  # noqa: PYI034 - Self came with Python 3.11
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin. Errors: `UsageError` on frozen time."""
        _refuse_frozen_time()
        self._is_open = True

    def stop(self) -> None:
        """Let go of every connection; what was delivered and not ended is the broker's again. Twice is fine."""
        self._is_open = False
        while self._closing:
            self._closing.pop()()

    # -- sources --------------------------------------------------------------------------------------------------

    def kafka_topic(
        self, name: str, *, bootstrap_servers: str | Sequence[str], client: Mapping[str, Any] | None = None
    ) -> LiveKafkaTopic:
        """A topic that is there, of a real cluster; `client` are settings of librdkafka, for signing in.

        Needs the extra `kafka`. Errors: `UsageError`, `NotConnected`.
        """
        self._entered()
        from pytest_lambda_events.brokers.live.kafka import KafkaCluster
        from pytest_lambda_events.sources.kafka.live import LiveKafkaTopic
        from pytest_lambda_events.sources.kafka.servers import servers_of

        servers = servers_of(bootstrap_servers)
        address = ",".join(servers)
        settings = dict(client or {})
        known = self._clusters.get(address)
        if known is None or known[0] != settings:
            known = self._clusters[address] = settings, KafkaCluster(servers, settings, seconds=self.timeout)
            self._closing.append(known[1].close)
        return LiveKafkaTopic(name, self._parts(), known[1], servers)

    def rabbitmq_queue(
        self,
        name: str,
        *,
        url: str,
        vhost: str | None = None,
        broker: str = "orders",
        arguments: Mapping[str, Any] | None = None,
    ) -> LiveRabbitMqQueue:
        """A queue of a real RabbitMQ broker, which is declared (durable, with `arguments`) where it is not there.

        `url` is an AMQP URI, `amqp://guest:guest@localhost:5672/`; `vhost` wins over the one that it names. `broker` is
        the name or ARN that the event shows. Needs the extra `rabbitmq`. Errors: `UsageError`, `NotConnected`.
        """
        self._entered()
        from pytest_lambda_events.brokers.live.rabbitmq import AmqpAddress, RabbitMqConnection
        from pytest_lambda_events.sources.rabbitmq.live import LiveRabbitMqQueue

        connection = RabbitMqConnection(AmqpAddress.read(url, vhost), seconds=self.timeout)
        self._closing.append(connection.close)
        return LiveRabbitMqQueue(name, self._parts(), connection, broker=broker, arguments=arguments)

    def activemq_queue(self, name: str, *, url: str, broker: str = "orders", **policy: Any) -> LiveActiveMqQueue:
        """A queue of a real ActiveMQ broker, which makes it when somebody sends to it or reads it.

        `url` is that of its STOMP connector, `stomp://user:password@localhost:61613` (Amazon MQ: `stomp+ssl://`).
        `broker` is the name or ARN that the event shows; `policy` are members of ActiveMQ's RedeliveryPolicy, which is
        the client's. Needs the extra `activemq`. Errors: `UsageError`, `NotConnected`.
        """
        self._entered()
        from pytest_lambda_events.brokers.live.stomp import StompAddress
        from pytest_lambda_events.sources.activemq.live import LiveActiveMqQueue

        queue = LiveActiveMqQueue(
            name, self._parts(), StompAddress.read(url), seconds=self.timeout, broker=broker, policy=policy
        )
        self._closing.append(queue.close)
        return queue

    def documentdb_collection(
        self,
        name: str,
        *,
        url: str,
        cluster: str = "orders",
        resume_after: str | None = None,
        start_at: str | dt.datetime | None = None,
        client: Mapping[str, Any] | None = None,
    ) -> LiveDocumentDbCollection:
        """A collection (`shop.orders`) or a database (`shop`) of a real server, and its changes from now on.

        `url` is MongoDB's, `mongodb://localhost:27017/?replicaSet=rs0`; `client` are options of MongoClient. Changes
        begin behind the one whose id is `resume_after`, or at a moment, where either is given. `cluster` is the name or
        ARN that the event shows. Needs the extra `mongodb`. Errors: `UsageError`, `NotConnected`.
        """
        self._entered()
        from pytest_lambda_events.brokers.live.mongodb import MongoConnection
        from pytest_lambda_events.sources.documentdb.live import LiveDocumentDbCollection

        connection = MongoConnection(url, client or {}, seconds=self.timeout)
        self._closing.append(connection.close)
        found = LiveDocumentDbCollection(
            name,
            self._parts(),
            connection,
            cluster=cluster,
            resume_after=resume_after,
            start_at_s=None if start_at is None else parse_start(start_at, "start_at") // 1000,
            seconds=self.timeout,
        )
        self._closing.append(found.close)
        return found

    def _parts(self) -> LiveParts:
        return LiveParts(
            clock=self.clock,
            ledger=self.ledger,
            identifiers=self._identifiers,
            patience=self._patience,
            region=self.region,
            account=_ACCOUNT,
        )

    # -- mappings -------------------------------------------------------------------------------------------------

    def event_source_mapping(
        self,
        source: EventSource[R],
        handler: Callable[[Any, Any], Any] | str,
        *,
        function: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> LiveMapping[R]:
        """Map a live source to a handler; the arguments are those of `Harness.event_source_mapping`.

        Errors: what AWS answers, as a `ClientError`; `UsageError` for what has no meaning here.
        """
        self._entered()
        refuse_what_is_not_live(parameters)
        if not hasattr(source, "mapped_arn"):
            raise UsageError(
                f"the first argument is a live source, what kafka_topic() and its like of this harness returned; not "
                f"{source!r}"
            )
        if getattr(source, "live_in", None) is not self._patience:
            raise UsageError(f"{source!r} is not of this harness: make it with a method of this LiveHarness")
        mapping = self._world.map(source, handler, function or {}, 0, parameters)
        return LiveMapping(mapping, self._patience, self._entered)

    # -- running --------------------------------------------------------------------------------------------------

    def run_until_idle(
        self,
        *,
        quiet: float = QUIET_SECONDS,
        max_invocations: int = MAX_INVOCATIONS,
        max_seconds: float = MAX_SECONDS,
    ) -> Run[Any]:
        """Run until for `quiet` seconds nothing came and nothing ended; the view of all mappings.

        Errors: `RunLimitReached`; `NotConnected`.
        """
        self._entered()
        with self._patience.run(length_ms("quiet", quiet)):
            return self._world.run_until_idle(None, max_invocations, max_seconds)

    def run_for(self, seconds: float, *, max_invocations: int = MAX_INVOCATIONS) -> Run[Any]:
        """Run for so many real seconds."""
        self._entered()
        with self._patience.run(None):
            return self._world.run_for(None, seconds, max_invocations, None)

    def run_until(
        self,
        predicate: Callable[[Run[Any]], bool],
        *,
        max_invocations: int = MAX_INVOCATIONS,
        max_seconds: float = MAX_SECONDS,
    ) -> Run[Any]:
        """Run until `predicate(run)` is true; it is asked before and after each step. Errors: `RunLimitReached`."""
        self._entered()
        with self._patience.run(None):
            return self._world.run_until(None, predicate, max_invocations, max_seconds)

    def view(self) -> Run[Any]:
        """What happened so far, without running anything."""
        return self._world.view(None)

    def watch(self, watcher: Watcher | None) -> None:
        """Have somebody look at every run, step by step; None: nobody any more."""
        self._world.watcher = watcher

    def standing(self) -> Standing:
        """How far the run has come: for who watches it, and cheaper than a view."""
        return self._world.standing()

    def _entered(self) -> None:
        if not self._is_open:
            raise UsageError(
                "this harness is not open: use it as `with LiveHarness() as live:`, or the fixture `lambda_events_live`"
            )
        _refuse_frozen_time()


class _Stirring(RealTime):
    """Real time, and an invocation that ended is something that happened."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    @contextmanager
    def invocation(self) -> Iterator[None]:
        try:
            with super().invocation():
                yield
        finally:
            self._patience.stir()


class _NoAws:
    """What stands where moto's surface does otherwise: a region and an account for ARNs, and nothing else."""

    def __init__(self, region: str, account: str) -> None:
        self.region = region
        self.account = account
        self.on_call: Callable[[str], None] | None = None

    def __getattr__(self, name: str) -> NoReturn:
        raise UsageError(f"live mode has no AWS of its own, and this asks for it ({name})")


def _refuse_frozen_time() -> None:
    if is_frozen():
        raise UsageError(
            "time is frozen (by a Harness, the fixture lambda_events, or freeze_time), and real brokers work on real "
            "time: end that first"
        )
