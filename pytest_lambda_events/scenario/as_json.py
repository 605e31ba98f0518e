"""A run as JSON, in the names of a `Run`. The law: what it is stands in `run.schema.json`, beside this file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.payload_json import payload_as_json

if TYPE_CHECKING:
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
        **payload_as_json(record),
        "sent_at": next((at for at, step in steps if step.kind == "entered"), 0),
        "attempts": run.attempts(record),
        "receives": run.receives(record),
        "fate": run.fate(record),
    }
