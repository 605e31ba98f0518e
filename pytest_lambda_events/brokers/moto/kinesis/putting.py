"""PutRecord and PutRecords. The law: a record is checked as AWS does and goes the one path (`Streams.admit`).

Rules: API Reference, PutRecord and PutRecords. How much a shard takes in a second is not limited here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.moto.kinesis.adoption import data_of
from pytest_lambda_events.brokers.moto.kinesis.requests import answer, stream_from, streams_of
from pytest_lambda_events.brokers.moto.kinesis.streams import StreamHandle
from pytest_lambda_events.model.aggregated import UserRecord
from pytest_lambda_events.model.kinesis_record import check_record
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.brokers.moto.surface import MotoSurface
    from pytest_lambda_events.model.kinesis_record import KinesisRecord

__all__ = ["put_record", "put_records", "stream_put_record"]

_MOST_RECORDS: Final = 500
_MOST_BYTES: Final = 10 * 1024 * 1024
_NOTHING: Final = "NONE"


def put_record(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """One record, into the open shard whose range has its hash key.

    K1 its sequence number is AWS's, K2 and greater than the one before; K3 the hash key that ends a range belongs to
    it; K4 a closed shard takes nothing. What Kinesis cannot keep is refused (K5 to K7).
    """
    handle = stream_from(surface, response)
    record = _read({name: response._get_param(name) for name in ("Data", "PartitionKey", "ExplicitHashKey")})
    [made] = _put(surface, response.kinesis_backend, handle, [record])
    return answer({**_shown(made), **_encryption(handle)})


def put_records(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """K8 up to 500 records and K9 10 MiB, keys included; K10 one that is refused fails the request.

    The answer has a result for each record, in order.
    """
    handle = stream_from(surface, response)
    entries = response._get_param("Records") or ()
    if len(entries) > _MOST_RECORDS:
        raise Refusal(
            "ValidationException",
            "1 validation error detected: Value at 'records' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_MOST_RECORDS}",
            f"the request has {len(entries)} records",
        )
    made = _put(surface, response.kinesis_backend, handle, [_read(entry) for entry in entries], many=True)
    results = [_shown(record) for record in made]
    return answer({"FailedRecordCount": 0, "Records": results, **_encryption(handle)})


def stream_put_record(
    surface: MotoSurface,
    _original: Callable[..., Any],
    stream: Any,
    partition_key: str,
    explicit_hash_key: str | None,
    data: Any,
) -> tuple[str, str]:
    """What CloudWatch Logs delivers inside moto, and what a test puts that reaches into moto.

    Lambda polls; moto's own mapping would call the function here, inside the put.
    """
    record = UserRecord(data=data_of(data), partition_key=partition_key, explicit_hash_key=explicit_hash_key or None)
    streams = streams_of(surface)
    handle = StreamHandle(stream, streams)
    check_record(record.data, record.partition_key, record.explicit_hash_key, handle.maximum_kib)
    [made] = streams.admit(handle, [record])
    return made.id, made.shard_id


def _read(entry: Any) -> UserRecord:
    return UserRecord(
        data=data_of(entry.get("Data")),
        partition_key=entry.get("PartitionKey") or "",
        explicit_hash_key=entry.get("ExplicitHashKey"),
    )


def _put(
    surface: MotoSurface, backend: Any, handle: StreamHandle, records: Sequence[UserRecord], *, many: bool = False
) -> list[KinesisRecord]:
    maximum_kib = handle.maximum_kib
    for number, record in enumerate(records, 1):
        within = f"records.{number}.member." if many else ""
        check_record(record.data, record.partition_key, record.explicit_hash_key, maximum_kib, within=within)
    size = sum(len(record.data) + len(record.partition_key.encode("utf-8")) for record in records)
    if many and size > _MOST_BYTES:
        raise Refusal(
            "InvalidArgumentException",
            f"Records size exceeds {_MOST_BYTES >> 20} MB limit",
            f"the records have {size} bytes, partition keys included",
        )
    made = streams_of(surface).admit(handle, records)
    metrics = getattr(backend, "_send_stream_metrics", None)  # a newer moto's: CloudWatch counts what comes in
    if metrics is not None:
        metrics(handle.name, incoming_bytes=size, incoming_records=len(records))
    return made


def _shown(record: KinesisRecord) -> dict[str, Any]:
    return {"ShardId": record.shard_id, "SequenceNumber": record.id}


def _encryption(handle: StreamHandle) -> dict[str, Any]:
    kind = handle.stream.encryption_type
    return {} if kind == _NOTHING else {"EncryptionType": kind}
