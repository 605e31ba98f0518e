"""Messages of a FIFO queue's event, put into a FIFO queue again. The law: that of `sqs`, and the order of groups.

Deduplication ids go along, so that a queue takes each of them once within five minutes, as the captured one did.
"""

from __future__ import annotations

from typing import Final

from pytest_lambda_events.sources.sqs.pour import pours

__all__ = ["INTO", "pours"]

INTO: Final = ("sqs_fifo",)
