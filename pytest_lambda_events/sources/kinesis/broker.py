"""A stream as tests see it: put records in, reshard it, look at what is there. The law: every change goes through
moto's surface, so that the user's own boto3 sees the same stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import each, later_ms
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.refusal import Refusal, said_by
from pytest_lambda_events.sources.kinesis.make import make_aggregate, make_user_record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.brokers.deaggregated import DeaggregatedStream
    from pytest_lambda_events.brokers.hashed_stream import HashedShard, HashedStream
    from pytest_lambda_events.brokers.moto.kinesis.room import KinesisRoom
    from pytest_lambda_events.brokers.moto.kinesis.streams import StreamHandle
    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.kinesis_record import KinesisRecord
    from pytest_lambda_events.model.trace import Ledger

__all__ = [
    "KinesisConsumer",
    "KinesisShard",
    "KinesisStream",
    "adopt_stream",
    "create_stream",
    "is_reference",
    "stream_names",
]

_ATTRIBUTES: Final = ("MaxRecordSizeInKiB", "RetentionPeriodHours", "ShardCount", "StreamModeDetails", "Tags")


def is_reference(name: str) -> bool:
    """Whether a text is the ARN of a stream or consumer that exists, rather than the name of a stream to make."""
    return name.startswith("arn:")


def _kinesis(surface: MotoSurface) -> KinesisRoom:
    room: KinesisRoom = surface.late.room("kinesis")
    return room


def stream_names(surface: MotoSurface) -> set[str]:
    """The streams that there are."""
    return _kinesis(surface).names()


def create_stream(
    name: str,
    attributes: Mapping[str, Any],
    surface: MotoSurface,
    clock: Clock,
    ledger: Ledger,
    *,
    identifiers: Identifiers,
) -> KinesisStream:
    """Create a stream with CreateStream's attributes, of one shard unless they say otherwise, and RetentionPeriodHours.

    Errors: what AWS answers to CreateStream, as a `ClientError`; `UsageError` for an attribute that there is not.
    """
    for attribute in attributes:
        if attribute not in _ATTRIBUTES:
            raise UsageError(
                f"a stream has no {attribute}{nearest(attribute, _ATTRIBUTES)}; it has {', '.join(_ATTRIBUTES)}"
            )
    on_demand = (attributes.get("StreamModeDetails") or {}).get("StreamMode") == "ON_DEMAND"
    wanted = {"StreamName": name, **({} if on_demand else {"ShardCount": 1}), **attributes}
    kinesis = _kinesis(surface)
    with said_by("CreateStream"):
        return KinesisStream(kinesis.create(wanted), surface, clock, ledger, identifiers=identifiers)


def adopt_stream(
    reference: str, surface: MotoSurface, clock: Clock, ledger: Ledger, *, identifiers: Identifiers
) -> KinesisStream | KinesisConsumer:
    """The stream of this ARN or name, or the consumer of this ARN.

    Errors: AWS's ResourceNotFoundException as a `ClientError`.
    """
    with said_by("DescribeStream"):
        kinesis = _kinesis(surface)
        handle = kinesis.find(reference)
        stream = KinesisStream(handle, surface, clock, ledger, identifiers=identifiers)
        if "/consumer/" not in reference:
            return stream
        for name, arn in kinesis.consumers(handle):
            if arn == reference:
                return KinesisConsumer(stream, name, arn)
        raise Refusal("ResourceNotFoundException", f"Consumer {reference}, account {handle.account} not found.")


@dataclass(frozen=True, slots=True, kw_only=True)
class KinesisShard:
    """A shard as it is now. `records` is what retention has left; `parents` are the ids of those that it came from."""

    id: str
    parents: tuple[str, ...]
    starting_hash_key: int
    ending_hash_key: int
    is_open: bool
    records: tuple[KinesisRecord, ...]


class KinesisStream:
    """A stream of Kinesis inside moto. `name` and `arn` are AWS's."""

    kind = "kinesis"
    visibility_ms = None

    def __init__(
        self,
        handle: StreamHandle,
        surface: MotoSurface,
        clock: Clock,
        ledger: Ledger,
        *,
        identifiers: Identifiers,
    ) -> None:
        self.name = handle.name
        self.arn = handle.arn
        self._handle = handle
        self._surface = surface
        self._clock = clock
        self._ledger = ledger
        self._identifiers = identifiers

    @property
    def mapped_arn(self) -> str:
        """EventSourceArn of its mappings."""
        return self.arn

    @property
    def engine(self) -> HashedStream:
        """The exact stream behind moto's surface; what a poller reads."""
        return self._handle.engine

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due."""
        self.engine.settle(now_ms)

    @property
    def records(self) -> list[KinesisRecord]:
        """Every record that it ever took, in order."""
        self._clock.enter()
        self.engine.settle(self._clock.now_ms)
        return list(self._ledger.known(self.arn))

    @property
    def shards(self) -> list[KinesisShard]:
        """Its shards, in order of creation: those that are open, and closed ones until retention ends for them."""
        self._clock.enter()
        self.engine.settle(self._clock.now_ms)
        return [_shown(hashed) for hashed in self.engine.listed(self._clock.now_ms)]

    def send(
        self,
        *payloads: Any,
        partition_key: str | Callable[[int], str] | None = None,
        explicit_hash_key: str | int | Callable[[int], str | int] | None = None,
        aggregate: bool = False,
        at: float | None = None,
    ) -> list[KinesisRecord]:
        """Put records, now or at virtual second `at`; the records that came to be, in order.

        Payloads: `bytes` and `str` travel as they are, anything else as compact JSON. `partition_key` has 1 to 256
        characters, or is a function of the payload's number (from 0); without it each record has a key of its own.
        `explicit_hash_key` (0 to 2^128-1) decides about the shard in its place. With `aggregate` all payloads go into
        one record, as the Kinesis Producer Library packs them. What an envelope brings along (the partition key of
        CloudWatch Logs) holds where nothing else is given. Errors: what AWS answers to PutRecord, as a `ClientError`;
        `UsageError` for a payload that cannot be serialised or a moment in the past. Nothing is put unless every
        payload can be.

        The shard of a record that is announced with `at` is the one that is open for it now. When that was split or
        merged by then, the record comes into the child, as another record than the one that is returned.
        """
        clock = self._clock
        clock.enter()
        at_ms = later_ms(clock, at, clock.now_ms)
        puts = [
            make_user_record(
                payload,
                identifiers=self._identifiers,
                partition_key=each(partition_key, place),
                explicit_hash_key=each(explicit_hash_key, place),
            )
            for place, payload in enumerate(payloads)
        ]
        with said_by("PutRecord"):
            if aggregate and puts:
                puts = [make_aggregate(puts, self._handle.maximum_kib)]
            return _kinesis(self._surface).put_all(self._handle, puts, at_ms)

    def split(
        self, shard: KinesisShard | str, new_starting_hash_key: int | str | None = None
    ) -> tuple[KinesisShard, KinesisShard]:
        """Split a shard, in the middle when no hash key is given; its two children. It takes no more records.

        Errors: what AWS answers to SplitShard, as a `ClientError`.
        """
        key = None if new_starting_hash_key is None else str(new_starting_hash_key)
        with said_by("SplitShard"):
            lower, upper = _kinesis(self._surface).split(self._handle, _id_of(shard), key)
        return _shown(lower), _shown(upper)

    def merge(self, shard: KinesisShard | str, adjacent: KinesisShard | str) -> KinesisShard:
        """Merge a shard with the one whose hash keys follow its own; their child. Both take no more records.

        Errors: what AWS answers to MergeShards, as a `ClientError`.
        """
        with said_by("MergeShards"):
            return _shown(_kinesis(self._surface).merge(self._handle, _id_of(shard), _id_of(adjacent)))

    def consumer(self, name: str) -> KinesisConsumer:
        """The enhanced fan-out consumer of this name, which is registered if there is none yet.

        Errors: what AWS answers to RegisterStreamConsumer, as a `ClientError`.
        """
        with said_by("RegisterStreamConsumer"):
            return KinesisConsumer(self, *_kinesis(self._surface).consumer(self._handle, name))

    def __repr__(self) -> str:
        return f"<KinesisStream {self.arn}>"


class KinesisConsumer:
    """A stream as one enhanced fan-out consumer has it: under an ARN of its own, and with aggregates taken apart.

    The records within an aggregate share its sequence number. What is sent goes to `stream`.
    """

    kind = "kinesis"
    visibility_ms = None

    def __init__(self, stream: KinesisStream, name: str, arn: str) -> None:
        self.stream = stream
        self.name = name
        self.arn = arn

    @property
    def mapped_arn(self) -> str:
        """EventSourceArn of its mappings."""
        return self.arn

    @property
    def engine(self) -> DeaggregatedStream:
        """What a poller reads."""
        return self.stream.engine.deaggregated

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due."""
        self.engine.settle(now_ms)

    @property
    def records(self) -> list[KinesisRecord]:
        """Every record that its stream ever took, in order, with those of aggregates apart."""
        return [inner for record in self.stream.records for inner in self.engine.apart(record)]

    def send(self, *payloads: Any, **options: Any) -> list[KinesisRecord]:
        """Put records into the stream (`KinesisStream.send`); the records as this consumer has them."""
        return [inner for record in self.stream.send(*payloads, **options) for inner in self.engine.apart(record)]

    def __repr__(self) -> str:
        return f"<KinesisConsumer {self.arn}>"


def _id_of(shard: KinesisShard | str) -> str:
    return shard if isinstance(shard, str) else shard.id


def _shown(hashed: HashedShard) -> KinesisShard:
    shard = hashed.shard
    return KinesisShard(
        id=shard.id,
        parents=shard.parents,
        starting_hash_key=hashed.low,
        ending_hash_key=hashed.high,
        is_open=hashed.is_open,
        records=tuple(shard.records[shard.first :]),
    )
