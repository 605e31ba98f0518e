"""Kinesis events without a poller. The law: what the poller would have handed over, of one shard and one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.building import ACCOUNT, REGION, each, finished, moment_ms, payloads_of
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.kinesis_record import (
    DEFAULT_RECORD_KIB,
    LARGEST_RECORD_KIB,
    shard_id_of,
    shard_index_of,
)
from pytest_lambda_events.model.refusal import said_by
from pytest_lambda_events.model.regions import partition_of
from pytest_lambda_events.model.sequence_numbers import KinesisNumber
from pytest_lambda_events.model.windows import window_from
from pytest_lambda_events.sources.kinesis.check import ROLE, STREAM
from pytest_lambda_events.sources.kinesis.event import KinesisEventShape
from pytest_lambda_events.sources.kinesis.make import make_aggregate, make_record, make_user_record

if TYPE_CHECKING:
    import datetime as dt
    import random
    from collections.abc import Callable, Mapping, Sequence

    from pytest_lambda_events.model.aggregated import UserRecord
    from pytest_lambda_events.model.shapes import Shape

__all__ = ["kinesis_event"]

_FIRST_SHARD_S: Final = 1_672_531_200  # 2023-01-01: ours are made in the course of that year
_YEAR_S: Final = 365 * 86_400
_LAST_S: Final = 1 << 36  # what a sequence number has room for, in the year 4147


def kinesis_event(
    *payloads: Any,
    stream: str = "clicks",
    region: str = REGION,
    account: str = ACCOUNT,
    count: int | None = None,
    seed: int = 0,
    time: str | dt.datetime | None = None,
    partition_key: str | Callable[[int], str] | None = None,
    explicit_hash_key: str | int | Callable[[int], str | int] | None = None,
    shard: int | str = 0,
    role: str = "lambda-role",
    consumer: str | None = None,
    aggregate: bool = False,
    MaxRecordSizeInKiB: int = DEFAULT_RECORD_KIB,
    window: int | None = None,
    state: Mapping[str, Any] | None = None,
    is_final: bool = False,
    terminated_early: bool = False,
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """A Kinesis event of one record for each payload, all of one shard, as Lambda hands it to a function.

    Args:
        payloads: The data: `bytes` and `str` as they are, anything else as compact JSON; clicks when none is given.
        stream: The stream's name, its ARN, or a consumer's ARN (an ARN says region and account, too).
        region: The stream's region.
        account: The stream's account, 12 digits.
        count: How often to repeat a single payload, or how many clicks to make when no payload is given.
        seed: Fixes every id: same seed, same event.
        time: When the records arrived, ISO 8601 or a datetime; the virtual present when a harness is active.
        partition_key: 1 to 256 characters; a UUID of its own for each record when left out.
        explicit_hash_key: 0 to 2^128-1, in place of the partition key's hash; it shows only within an aggregate.
        shard: The shard of all records, as its index or id (`shardId-000000000000`).
        role: The function's execution role: its name, path and name (`service/name`), or ARN.
        consumer: The name of an enhanced fan-out consumer: the event comes from its ARN.
        aggregate: All payloads go into one record, as the Kinesis Producer Library (KPL) packs them.
        MaxRecordSizeInKiB: What the stream allows, from 1024 (1 MiB) to 10240.
        window: A tumbling window of so many seconds (1 to 900), the one that `time` lies in.
        state: What the function returned as the window's state so far; `{}` when left out.
        is_final: The last invocation for the window, which carries no record.
        terminated_early: The last invocation for a window that ended early, because its state became too large.
        overrides: What to put at which path when all is derived, e.g. `{"Records[0].awsRegion": "eu-west-1"}`.

    An argument of the records may be a function of the record's number (from 0) instead of one value for all. The KPL
    puts a single payload as it is, and packs several into a record with the partition key `a`. Lambda hands that on as
    it is: a handler takes it apart (aws_kinesis_agg), where the Kinesis Client Library would have done so by itself.
    Errors: what AWS answers to PutRecord, as a `ClientError`; `UsageError`.
    """
    _check_size(MaxRecordSizeInKiB)
    index = _shard_index(shard)
    stream_arn = _stream_arn(stream, region, account)
    tumbling = window_from(
        window,
        state=state,
        is_final=is_final,
        terminated_early=terminated_early,
        has_payloads=bool(payloads) or count is not None,
    )
    identifiers = Identifiers(seed)
    arrival_ms = moment_ms(time)
    # every shard has a story of its own, the same for all consumers of its stream
    dice = identifiers.stream(f"shard/{stream_arn.partition('/consumer/')[0]}/{index}")
    first = _first_number(dice, index, arrival_ms)
    arn = _with_consumer(stream_arn, consumer, dice.randint(first.created_s, first.second))
    shape = KinesisEventShape(arn, _role_arn(role, arn))
    puts: Sequence[UserRecord] = []
    with said_by("PutRecord"):
        if tumbling is None or not tumbling.is_final:
            puts = [
                make_user_record(
                    payload,
                    identifiers=identifiers,
                    partition_key=each(partition_key, place),
                    explicit_hash_key=each(explicit_hash_key, place),
                )
                for place, payload in enumerate(payloads_of(payloads, count, kind="click", identifiers=identifiers))
            ]
            if aggregate:
                puts = [make_aggregate(puts, MaxRecordSizeInKiB)]
        records = [
            make_record(put, number=first.after(place), arrival_ms=arrival_ms, maximum_kib=MaxRecordSizeInKiB)
            for place, put in enumerate(puts)
        ]
    if tumbling is None:
        event = shape.event(records)
    else:
        event = shape.window_event(records, tumbling, shard_id=shard_id_of(index), moment_ms=arrival_ms)
    return finished(event, overrides)


def _check_size(kib: int) -> None:
    if not DEFAULT_RECORD_KIB <= kib <= LARGEST_RECORD_KIB:
        raise UsageError(
            f"MaxRecordSizeInKiB={kib}: a stream has {DEFAULT_RECORD_KIB} (1 MiB) to {LARGEST_RECORD_KIB} (10 MiB)"
        )


def _shard_index(shard: int | str) -> int:
    """The index of a shard that is given by index or id. Errors: `UsageError`."""
    text = str(shard)
    index = shard_index_of(f"shardId-{text:0>12}" if text.isdigit() else text)
    if index is None:
        raise UsageError(f"shard={shard!r} is no shard: give its index from 0, or its id, such as {shard_id_of(0)}")
    return index


def _first_number(dice: random.Random, shard: int, arrival_ms: int) -> KinesisNumber:
    """The number of a shard's record that arrives now; one that arrives later has a greater one.

    Its index counts as if a record had come in every millisecond.
    """
    arrival_s = arrival_ms // 1000
    if not _YEAR_S <= arrival_s < _LAST_S:
        raise UsageError(f"time: {arrival_s} seconds from 1970 are not what the sequence number of a record can say")
    opening, age = dice.randrange(_YEAR_S), dice.randint(3_600, 30 * 86_400)
    created_s = min(_FIRST_SHARD_S + opening, arrival_s - age)
    return KinesisNumber(
        created_s=created_s,
        shard=shard,
        index=arrival_ms - created_s * 1000 + dice.getrandbits(13),
        second=arrival_s - dice.randint(0, 1),  # recorded: 0 to 3 seconds before the arrival
    )


def _stream_arn(stream: str, region: str, account: str) -> str:
    """The ARN of a stream that is given by name or ARN, or of a consumer. Errors: `UsageError`."""
    arn = stream
    if not stream.startswith("arn:"):
        arn = f"arn:{partition_of(region)}:kinesis:{region}:{account}:stream/{stream}"
    if not _fits(STREAM, arn):
        raise UsageError(
            f"stream={stream!r} makes {arn}, which is no ARN of a stream: a name has 1 to 128 letters, digits, "
            f"hyphens, underscores and periods; an ARN reads {STREAM.example}, or ends in /consumer/NAME:EPOCH_SECONDS"
        )
    return arn


def _with_consumer(arn: str, consumer: str | None, registered_s: int) -> str:
    """The ARN that records come from: the stream's, or that of its enhanced fan-out consumer. Errors: `UsageError`."""
    if consumer is None:
        return arn
    if "/consumer/" in arn:
        raise UsageError(f"consumer={consumer!r} beside the ARN of a consumer, {arn}: give one of the two")
    consumer_arn = f"{arn}/consumer/{consumer}:{registered_s}"
    if not _fits(STREAM, consumer_arn):
        raise UsageError(
            f"consumer={consumer!r}: the name of a consumer has 1 to 128 letters, digits, hyphens, underscores and "
            "periods; the ARN of one is given as stream="
        )
    return consumer_arn


def _role_arn(role: str, stream_arn: str) -> str:
    """The ARN of the function's role, in the stream's partition and account unless it says so itself.

    Errors: `UsageError`.
    """
    arn = role
    if not role.startswith("arn:"):
        _, partition, _, _, account, _ = stream_arn.split(":", 5)
        arn = f"arn:{partition}:iam::{account}:role/{role}"
    if not _fits(ROLE, arn):
        raise UsageError(
            f"role={role!r} is no role: give its name, its path and name, or an ARN such as {ROLE.example}"
        )
    return arn


def _fits(shape: Shape, value: Any) -> bool:
    draft = Report()
    shape.check(value, (), draft)
    return not draft.findings
