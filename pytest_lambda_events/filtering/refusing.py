"""A pattern that AWS would not take. The law: a refusal says where in the pattern, what is wrong, and what to do."""

from __future__ import annotations

from typing import NoReturn

from pytest_lambda_events.errors import UsageError

__all__ = ["AWS_MESSAGE", "InvalidPattern", "refuse"]

AWS_MESSAGE = "Invalid filter pattern definition."
"""All that Lambda says about any bad pattern (recorded on AWS)."""


class InvalidPattern(UsageError):
    """AWS refuses this pattern: `path` is the place in it (`body.price[0].numeric`), `reason` what is wrong there."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(f"{AWS_MESSAGE} At {path or 'the top'}: {reason}")
        self.reason = reason
        self.path = path


def refuse(path: str, reason: str) -> NoReturn:
    """Errors: `InvalidPattern`, always."""
    raise InvalidPattern(reason, path)
