"""The invocation record of a Kafka topic's batch, in its two forms. The law: that of `record`.

To a queue, a topic of SNS or a bucket goes one record for the batch; to another topic of the cluster goes one for each
of the batch's records, with that record in it. Rules: Lambda Developer Guide, "Capturing discarded batches for an
Amazon MSK event source" and "Using a Kafka topic as an on-failure destination".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.destinations.record import millisecond_text, request_context, response_context
from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.discard import Discard
    from pytest_lambda_events.model.kafka_record import KafkaRecord

__all__ = ["kafka_batch_record", "kafka_topic_record"]

_TOO_LARGE: Final = "MaximumPayloadSizeExceeded"


def kafka_batch_record(
    discard: Discard,
    *,
    function_arn: str,
    bootstrap_servers: str,
    event_source_arn: str | None,
    with_payload: bool,
    too_large: bool = False,
    executed_version: str = "$LATEST",
) -> str:
    """The record of a batch, which may be of several partitions.

    `event_source_arn` is None for a self-managed cluster. `too_large`: no invocation could carry the batch. `payload`,
    for a bucket, stands where the record of a stream has it: the documentation shows it last, but the one order was
    recorded.
    """
    event_text = discard.event_text or ""
    return compact(
        {
            **_head(discard, function_arn, executed_version, too_large=too_large),
            **({"payload": event_text} if with_payload and event_text else {}),
            "timestamp": millisecond_text(discard.at_ms),
            "KafkaBatchInfo": {
                **_cluster(len(discard.records), event_source_arn, bootstrap_servers, event_text),
                "recordsInfo": _records_info(discard.records),
            },
        }
    )


def kafka_topic_record(
    discard: Discard,
    record: KafkaRecord,
    *,
    event_text: str,
    function_arn: str,
    bootstrap_servers: str,
    event_source_arn: str | None,
    too_large: bool = False,
    executed_version: str = "$LATEST",
) -> str:
    """The record of one record of the batch, with `event_text`, the event around it alone, as an object.

    The page's example has the function's ARN with `:$LATEST` and the condition RetriesExhausted, as asynchronous
    invocations do; ours are those of all other event source mappings.
    """
    head = compact(
        {
            **_head(discard, function_arn, executed_version, too_large=too_large),
            "timestamp": millisecond_text(discard.at_ms),
            "KafkaBatchInfo": {
                **_cluster(1, event_source_arn, bootstrap_servers, event_text),
                "recordInfo": {"offset": str(record.offset), "timestamp": millisecond_text(record.timestamp)},
            },
        }
    )
    return f'{head[:-1]},"payload":{event_text}}}'  # as it is: parsed and written again it might be another text


def _head(discard: Discard, function_arn: str, executed_version: str, *, too_large: bool) -> dict[str, Any]:
    answered = discard.has_response_context and not too_large
    return {
        "requestContext": request_context(discard, function_arn, _TOO_LARGE if too_large else None),
        "responseContext": response_context(discard, executed_version) if answered else None,
        "version": "1.0",
    }


def _cluster(batch_size: int, arn: str | None, bootstrap_servers: str, event_text: str) -> dict[str, Any]:
    return {
        "batchSize": batch_size,
        **({} if arn is None else {"eventSourceArn": arn}),
        "bootstrapServers": bootstrap_servers,
        "payloadSize": len(event_text.encode("utf-8", "surrogatepass")),
    }


def _records_info(records: Sequence[KafkaRecord]) -> dict[str, Any]:
    """The first and the last record of each partition, in the order of the batch; offsets are texts."""
    info: dict[str, Any] = {}
    for record in records:
        offset, moment = str(record.offset), millisecond_text(record.timestamp)
        known = info.setdefault(
            f"{record.topic}-{record.partition}",
            {
                "firstRecordOffset": offset,
                "lastRecordOffset": offset,
                "firstRecordTimestamp": moment,
                "lastRecordTimestamp": moment,
            },
        )
        known["lastRecordOffset"], known["lastRecordTimestamp"] = offset, moment
    return info
