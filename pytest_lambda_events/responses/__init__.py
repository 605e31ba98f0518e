"""Responses of functions: made right for an event, and checked as AWS would read them. The law: an event says what its
response has to look like.

::

    batch_response(event, failed=[event["Records"][1]])  # {"batchItemFailures": [{"itemIdentifier": "..."}]}
    assert check_response(event, handler(event, context)) == []

Names are resolved when they are first used (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_lambda_events.responses.build import batch_response, s3_batch_response, window_response
    from pytest_lambda_events.responses.check import check_response
    from pytest_lambda_events.responses.recognise import looks_like_response

__all__ = ["batch_response", "check_response", "looks_like_response", "s3_batch_response", "window_response"]

_HOMES = {
    "batch_response": "build",
    "check_response": "check",
    "looks_like_response": "recognise",
    "s3_batch_response": "build",
    "window_response": "build",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
