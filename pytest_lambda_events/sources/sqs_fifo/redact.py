"""What is private in the event of a FIFO queue. The law: that of `sqs`, whose messages these are."""

from __future__ import annotations

from pytest_lambda_events.sources.sqs.redact import REDACTION

__all__ = ["REDACTION"]
