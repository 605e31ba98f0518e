"""What is private in an event of S3 Batch Operations. The law: event and response name a task by one pseudonym."""

from __future__ import annotations

from typing import Final

from pytest_lambda_events.model.redaction import SourceRedaction, plain_text, url_text

__all__ = ["REDACTION"]

REDACTION: Final = SourceRedaction(
    identifiers={"invocationId": "opaque", "tasks[*].taskId": "opaque"},
    response_identifiers={"invocationId": "opaque", "results[*].taskId": "opaque"},
    payloads={
        "tasks[*].s3Key": url_text,
        "job.userArguments[*]": plain_text,
    },
)
