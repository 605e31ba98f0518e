"""Responses of functions: made right for an event, and checked as AWS would read them. The law: an event says what its
response has to look like.

::

    batch_response(event, failed=[event["Records"][1]])  # {"batchItemFailures": [{"itemIdentifier": "..."}]}
    assert check_response(event, handler(event, context)) == []

Names are resolved when they are first used (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.model.late_names import late_names

if TYPE_CHECKING:
    from pytest_lambda_events.responses.build import batch_response, s3_batch_response, window_response
    from pytest_lambda_events.responses.check import check_response
    from pytest_lambda_events.responses.recognise import looks_like_response

__all__ = ["batch_response", "check_response", "looks_like_response", "s3_batch_response", "window_response"]

_HOMES = {
    "batch_response": "responses.build",
    "check_response": "responses.check",
    "looks_like_response": "responses.recognise",
    "s3_batch_response": "responses.build",
    "window_response": "responses.build",
}


__getattr__ = late_names(globals(), _HOMES)
