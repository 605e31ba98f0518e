"""What a service answers to a call it does not accept, before anybody decided how to say it.

Pure rules raise `Refusal`; the moto surface turns it into moto's exception (so that boto3 raises its `ClientError`),
everything else into a `ClientError` of ours through `said_by`. The law: `code` and `message` are AWS's words, `hint`
is ours.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_lambda_events.errors import aws_refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Refusal", "said_by"]


class Refusal(Exception):
    """AWS would refuse this: its error `code`, its `message`, our `hint`, and the HTTP `status`."""

    def __init__(self, code: str, message: str, hint: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.hint = hint
        self.status = status


@contextmanager
def said_by(operation: str) -> Iterator[None]:
    """Let a `Refusal` out as the `ClientError` that boto3 raises for `operation` (PascalCase)."""
    try:
        yield
    except Refusal as refusal:
        raise aws_refusal(operation, refusal.code, refusal.message, refusal.hint, refusal.status) from None
