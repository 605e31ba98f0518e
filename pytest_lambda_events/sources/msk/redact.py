"""What is private in an event of Amazon MSK. The law: that of `kafka`, whose records these are."""

from __future__ import annotations

from pytest_lambda_events.sources.kafka.redact import REDACTION

__all__ = ["REDACTION"]
