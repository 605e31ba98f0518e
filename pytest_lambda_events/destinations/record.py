"""The invocation record: what Lambda writes about a batch that it gave up. The law: pure; compact JSON in AWS's order
of keys and with AWS's spelling of times, from one frozen value.

::

    requestContext       requestId, functionArn, condition, approximateInvokeCount
    responseContext      statusCode, executedVersion, functionError; absent where no answer ended the records
    version              "1.0"
    payload              the whole event as JSON text; in S3 only, the others never get the records
    timestamp            when the records were given up, with milliseconds
    KinesisBatchInfo     or DDBStreamBatchInfo: shardId, and where in the stream the records are
    timeWindowInfo       of an event of a tumbling window

Rules: recorded on AWS, for queues, topics and buckets; Lambda Developer Guide, "Retain discarded batch records for a
Kinesis Data Streams event source in Lambda", and the same for DynamoDB.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from pytest_lambda_events.model.json_writing import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.model.discard import Discard

__all__ = ["StreamSource", "invocation_record", "millisecond_text", "request_context", "response_context"]

StreamSource: TypeAlias = Literal["kinesis", "dynamodb"]

_BATCH_INFO: Final[Mapping[StreamSource, str]] = {"kinesis": "KinesisBatchInfo", "dynamodb": "DDBStreamBatchInfo"}
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def invocation_record(
    discard: Discard,
    *,
    function_arn: str,
    source: StreamSource,
    stream_arn: str,
    with_payload: bool,
    executed_version: str = "$LATEST",
) -> str:
    """The record of a batch of one shard, as compact JSON.

    `function_arn` is the one that the mapping names: with its alias or version, never with `:$LATEST`.
    `executed_version` is what ran. `stream_arn` is the stream's, or that of the consumer that the mapping names.
    """
    return compact(
        {
            "requestContext": request_context(discard, function_arn),
            **(
                {"responseContext": response_context(discard, executed_version)} if discard.has_response_context else {}
            ),
            "version": "1.0",
            **({"payload": discard.event_text} if with_payload and discard.event_text is not None else {}),
            "timestamp": millisecond_text(discard.at_ms),
            _BATCH_INFO[source]: _batch_info(discard, source, stream_arn),
            **_time_window_info(discard),
        }
    )


def request_context(discard: Discard, function_arn: str, condition: str | None = None) -> dict[str, Any]:
    """Which invocation it was and why it was the last; `condition` where it is another than the discard's."""
    return {
        "requestId": discard.request_id,
        "functionArn": function_arn.removesuffix(":$LATEST"),
        "condition": condition or discard.condition,
        "approximateInvokeCount": discard.invoke_count,
    }


def response_context(discard: Discard, executed_version: str) -> dict[str, Any]:
    """What the function answered; functionError is there, as null, also where it named the failed records itself."""
    return {"statusCode": 200, "executedVersion": executed_version, "functionError": discard.function_error}


def _batch_info(discard: Discard, source: StreamSource, stream_arn: str) -> dict[str, Any]:
    """Where the records are to be found; of a window's final invocation, which has none, only the shard."""
    if not discard.records:
        return {"shardId": discard.shard_id, "streamArn": stream_arn}
    first, last = discard.records[0], discard.records[-1]
    arrival_text = millisecond_text if source == "kinesis" else _second_text
    return {
        "shardId": discard.shard_id,
        "startSequenceNumber": first.id,
        "endSequenceNumber": last.id,
        "approximateArrivalOfFirstRecord": arrival_text(first.arrival_ms),
        "approximateArrivalOfLastRecord": arrival_text(last.arrival_ms),
        "batchSize": len(discard.records),
        "streamArn": stream_arn,
    }


def _time_window_info(discard: Discard) -> dict[str, Any]:
    """The event's window without its state, which is lost with it."""
    window, start_ms = discard.window, discard.window_start_ms
    if window is None or start_ms is None:
        return {}
    start, end = window.bounds(start_ms)
    return {
        "timeWindowInfo": {
            "window": {"start": _second_text(start * 1000), "end": _second_text(end * 1000)},
            "isFinalInvokeForWindow": window.is_final,
            "isWindowTerminatedEarly": window.terminated_early,
        }
    }


def millisecond_text(at_ms: int) -> str:
    """An epoch millisecond as `2025-01-01T00:00:00.000Z`."""
    return _iso(at_ms, "milliseconds")


def _second_text(at_ms: int) -> str:
    """The second of an epoch millisecond as `2025-01-01T00:00:00Z`."""
    return _iso(at_ms, "seconds")


def _iso(at_ms: int, timespec: str) -> str:
    moment = _EPOCH + dt.timedelta(milliseconds=at_ms)
    return moment.isoformat(timespec=timespec).removesuffix("+00:00") + "Z"
