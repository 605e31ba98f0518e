"""A run as JSON, in the names of a `Run`. The law: what it is stands in `run.schema.json`, beside this file."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.model.trace import Invocation

__all__ = ["run_as_json"]


def run_as_json(run: Run[Any]) -> dict[str, Any]:
    """Invocations, records with their payload under the source's own name, metrics, advice, and the seed."""
    return {
        "invocations": [_invocation(one) for one in run.invocations],
        "records": [_record(run, one) for one in run.records],
        "metrics": dict(run.metrics),
        "advice": [{"code": one.code, "message": one.message} for one in run.advice],
        "seed": run.seed,
    }


def _invocation(call: Invocation[Any]) -> dict[str, Any]:
    return {
        "at": call.at,
        "duration": call.duration,
        "records": [record.id for record in call.records],
        "outcome": call.outcome,
        "failed": [record.id for record in call.failed],
    }


def _record(run: Run[Any], record: Any) -> dict[str, Any]:
    steps = run.steps_of(record)
    return {
        "id": record.id,
        **_PAYLOADS[type(record).__name__](record),
        "sent_at": next((at for at, step in steps if step.kind == "entered"), 0),
        "attempts": run.attempts(record),
        "receives": run.receives(record),
        "fate": run.fate(record),
    }


def _bytes(data: bytes | None) -> Any:
    """Bytes as the text that they are, or in base64."""
    if data is None:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def _data(record: Any) -> dict[str, Any]:
    return {"data": _bytes(record.data)}


def _change_of_item(record: Any) -> dict[str, Any]:
    return {
        "event_name": record.event_name,
        "keys": record.keys,
        "new_image": record.new_image,
        "old_image": record.old_image,
    }


_PAYLOADS: Final[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    "ActiveMqMessage": _data,
    "ChangeEvent": lambda record: {"change": record.change},
    "DynamoDbRecord": _change_of_item,
    "KafkaRecord": lambda record: {"key": _bytes(record.key), "value": _bytes(record.value)},
    "KinesisRecord": _data,
    "RabbitMqMessage": _data,
    "S3BatchTask": lambda record: {"key": record.key, "version_id": record.version_id},
    "SqsMessage": lambda record: {"body": record.body},
}
"""What each kind of record carries."""
