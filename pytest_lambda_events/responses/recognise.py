"""Is this JSON the response of a function? The law: an event never looks like a response, nor the other way round."""

from __future__ import annotations

from typing import Any

from pytest_lambda_events.polling.partial import judge_response
from pytest_lambda_events.sources import SOURCES

__all__ = ["looks_like_response", "looks_like_task_response", "reported_key"]

_ENVELOPES = frozenset(source.form.envelope for source in SOURCES)
_TASK_KEYS = frozenset(("treatMissingKeysAs", "results"))


def looks_like_response(value: Any) -> bool:
    """Whether a JSON value is what a function returned: a partial response, a window's, one to S3 Batch Operations.

    A key that is misspelt counts, so that it can be found wrong. `{}` and null may be responses too, and say nothing.
    """
    if not isinstance(value, dict) or value.keys() & _ENVELOPES:
        return False
    return reported_key(value) is not None or "state" in value or looks_like_task_response(value)


def looks_like_task_response(value: Any) -> bool:
    """Whether it is a response to S3 Batch Operations, rather than one to a batch of records."""
    return isinstance(value, dict) and "tasks" not in value and bool(value.keys() & _TASK_KEYS)


def reported_key(value: Any) -> str | None:
    """The key under which a response reports failures: `batchItemFailures`, or what it was misspelt as."""
    if not isinstance(value, dict) or "batchItemFailures" in value:
        return "batchItemFailures" if isinstance(value, dict) else None
    # a mapping that does not read failures finds them by either
    return next((key for key in value if judge_response({key: [{}]}, (), reports_failures=False).advice), None)
