"""The clients of live mode. The law: an extra that is not installed is an error that says how to install it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CONNECT_SECONDS", "needing"]

CONNECT_SECONDS = 10.0
"""How long a broker has to answer anything."""


@contextmanager
def needing(module: str, *, package: str, extra: str) -> Iterator[None]:
    """Around the import of a client. Errors: `UsageError` when its package is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module:
            raise
        raise UsageError(
            f"live mode reaches this broker through {package}, which is not installed: "
            f"pip install 'pytest-lambda-events[{extra}]'"
        ) from error
