"""Which engine stands behind which of moto's streams, and the one path of a record into it. The law: one engine for
each stream, made at the first touch, gone with the stream; moto owns the stream's attributes, and shows its shards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary, proxy

from moto.core.utils import unix_time_millis
from moto.kinesis.models import Shard as MotoShard
from moto.kinesis.models import kinesis_backends

from pytest_lambda_events.brokers.hashed_stream import HashedStream
from pytest_lambda_events.brokers.moto.kinesis.adoption import give_back, take_over
from pytest_lambda_events.model.kinesis_record import DEFAULT_RECORD_KIB, check_record
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lambda_events.brokers.hashed_stream import PutRecord
    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.model.kinesis_record import KinesisRecord

__all__ = ["StreamHandle", "Streams", "not_found", "retention_hours", "show_shards"]

_HOUR_MS: Final = 3_600_000
_DEFAULT_HOURS: Final = 24
_SPREAD_BITS: Final = 48


def retention_hours(stream: Any) -> int:
    """RetentionPeriodHours; an old moto's CloudFormation gives a stream without it the stream's name."""
    hours = stream.retention_period_hours
    return hours if isinstance(hours, int) else int(hours) if str(hours).isdigit() else _DEFAULT_HOURS


def not_found(name: object, account: str) -> Refusal:
    """AWS's answer for a stream that is not there."""
    return Refusal("ResourceNotFoundException", f"Stream {name} under account {account} not found.")


class LiveSettings:
    """A stream's attributes as the engine wants them, straight from moto's object: changes act at once."""

    __slots__ = ("_stream",)

    def __init__(self, stream: Any) -> None:
        self._stream = proxy(stream)  # the engine hangs on the stream; holding it here would keep both for ever

    @property
    def retention_ms(self) -> int:
        """RetentionPeriodHours in milliseconds."""
        return retention_hours(self._stream) * _HOUR_MS


class StreamHandle:
    """One of moto's streams, as the rest of the package sees it: `name`, `arn`, `region`, `account`.

    It owns nothing, and asks moto each time. Equal when it is the same stream.
    """

    __slots__ = ("_streams", "account", "arn", "name", "region", "stream")

    def __init__(self, stream: Any, streams: Streams) -> None:
        self.stream = stream
        self._streams = streams
        self.name: str = stream.stream_name
        self.arn: str = stream.arn
        self.region: str = stream.region
        self.account: str = stream.account_id

    @property
    def engine(self) -> HashedStream:
        """The exact stream behind moto's surface."""
        return self._streams.of(self.stream)

    @property
    def maximum_kib(self) -> int:
        """MaxRecordSizeInKiB."""
        return self._streams.maximum_kib(self.stream)

    def exists(self) -> bool:
        """Whether moto still has it. A stream made anew under the same name is another stream."""
        regions = kinesis_backends.get(self.account)  # not [...]: asking must not make an account
        backend = None if regions is None else dict.get(regions, self.region)
        return backend is not None and backend.streams.get(self.name) is self.stream

    def __eq__(self, other: object) -> bool:
        return self.stream is other.stream if isinstance(other, StreamHandle) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.arn)

    def __repr__(self) -> str:
        return f"<StreamHandle {self.arn}>"


class Streams:
    """Kinesis of one harness: the engines, each behind one of moto's streams."""

    def __init__(self, surface: MotoSurface) -> None:
        self.surface = surface
        self._by_stream: WeakKeyDictionary[Any, HashedStream] = WeakKeyDictionary()
        self._maximum_kib: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    def of(self, stream: Any) -> HashedStream:
        """The engine behind a stream; what moto's stream held before is taken over when it is made."""
        engine = self._by_stream.get(stream)
        if engine is None:
            dice = self.surface.identifiers.stream

            def spread(shard_id: str, arn: str = stream.arn) -> int:
                return dice(f"shard/{arn}/{shard_id}").getrandbits(_SPREAD_BITS)

            engine = HashedStream(
                stream.arn, settings=LiveSettings(stream), journal=self.surface.journal, spread=spread
            )
            self._by_stream[stream] = engine
            take_over(stream, engine, self.surface.clock.now_ms)
        return engine

    def forget(self, stream: Any) -> None:
        """A stream was deleted, with what it held."""
        self.of(stream).close(self.surface.clock.now_ms)

    def maximum_kib(self, stream: Any) -> int:
        """MaxRecordSizeInKiB, which moto does not know."""
        return self._maximum_kib.get(stream, DEFAULT_RECORD_KIB)

    def set_maximum_kib(self, stream: Any, kib: int) -> None:
        """Let records of a stream have so many KiB."""
        self._maximum_kib[stream] = kib

    # -- finding ----------------------------------------------------------------------------------------------------

    def all(self) -> list[StreamHandle]:
        """Every stream that moto has, of every account and region."""
        return [StreamHandle(stream, self) for stream in _all_streams()]

    def find(self, reference: str) -> StreamHandle:
        """The stream of this name or ARN; a consumer's ARN means its stream.

        A name is looked for in this harness's account and region first. Errors: `Refusal` ResourceNotFoundException.
        """
        arn = reference.partition("/consumer/")[0]
        streams = list(_all_streams())
        found = [stream for stream in streams if arn in {stream.arn, stream.stream_name}]
        if not found:
            names = sorted({stream.stream_name for stream in streams})
            name = arn.rpartition("/")[2]
            refusal = not_found(name, self.surface.account)
            refusal.hint = _there_is(arn, name, names, streams)
            raise refusal
        here = (self.surface.account, self.surface.region)
        found.sort(key=lambda stream: ((stream.account_id, stream.region) != here, stream.arn))
        return StreamHandle(found[0], self)

    def of_request(self, backend: Any, arn: str | None, name: str | None) -> StreamHandle:
        """The stream that a request names, by ARN or name. Errors: `Refusal` ResourceNotFoundException."""
        if arn is not None:
            name = arn.rpartition(":stream/")[2].partition("/")[0]
        stream = backend.streams.get(name)
        if stream is None:
            raise not_found(name, backend.account_id)
        return StreamHandle(stream, self)

    # -- putting ----------------------------------------------------------------------------------------------------

    def put_all(
        self, handle: StreamHandle, records: Sequence[PutRecord], at_ms: int | None = None
    ) -> list[KinesisRecord]:
        """Put as PutRecord does, now or at `at_ms`, all or none; the records that come to be.

        Errors: `Refusal`, and then nothing was put.
        """
        self.surface.clock.enter()
        if not handle.exists():
            raise not_found(handle.name, handle.account)
        maximum_kib = handle.maximum_kib
        for record in records:
            check_record(record.data, record.partition_key, record.explicit_hash_key, maximum_kib)
        with self.surface.lock:
            return self.admit(handle, records, at_ms)

    def admit(
        self, handle: StreamHandle, records: Sequence[PutRecord], at_ms: int | None = None
    ) -> list[KinesisRecord]:
        """The one path of records into a stream; they have been checked."""
        now_ms = self.surface.clock.now_ms
        engine = handle.engine
        engine.settle(now_ms)
        if at_ms is None:
            return [engine.put(record, now_ms) for record in records]
        return [engine.put_at(record, at_ms, now_ms) for record in records]

    # -- begin and end ----------------------------------------------------------------------------------------------

    def release(self, *, keep: bool) -> None:
        """Forget every engine; with `keep`, what they hold goes back into moto's streams.

        Where moto's time goes on later than ours stopped (virtual time is over, the user's mock lives on real time),
        records are as old there as they were here.
        """
        engines = dict(self._by_stream)
        self._by_stream.clear()
        self._maximum_kib.clear()
        if keep:
            now_ms = self.surface.clock.now_ms
            lag_ms = max(int(unix_time_millis()) - now_ms, 0)
            for stream, engine in engines.items():
                give_back(stream, engine, now_ms, lag_ms)


def show_shards(stream: Any, engine: HashedStream) -> None:
    """Let moto's stream have the shards of the engine, without records."""
    for shard_id, hashed in engine.hashed.items():
        shown = stream.shards.get(shard_id)
        if shown is None:
            parents = (*hashed.shard.parents, None, None)
            shown = stream.shards[shard_id] = MotoShard(hashed.index, hashed.low, hashed.high, parents[0], parents[1])
        shown.is_open = hashed.is_open
    stream.shard_count = len(engine.open_shards)


def _all_streams() -> Iterator[Any]:
    for regions in list(kinesis_backends.values()):
        for backend in list(regions.values()):
            yield from list(backend.streams.values())


def _there_is(arn: str, name: str, names: Sequence[str], streams: Sequence[Any]) -> str:
    if not names:
        return "moto has no stream at all; make one first"
    same = next((stream.arn for stream in streams if stream.stream_name == name), None)
    if same is not None and same != arn:
        return f"there is {same}, in another account or region"
    return f"there is {', '.join(names)}{nearest(name, names)}"
