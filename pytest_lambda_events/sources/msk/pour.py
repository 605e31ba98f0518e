"""Records of an Amazon MSK event, produced into a topic again. The law: that of `kafka`."""

from __future__ import annotations

from pytest_lambda_events.sources.kafka.pour import INTO, mark_of, pours

__all__ = ["INTO", "mark_of", "pours"]
