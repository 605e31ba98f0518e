"""The clients of live mode. The law: an extra that is not installed is an error that says how to install it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pytest_lambda_events.errors import UsageError

__all__ = ["CONNECT_SECONDS", "load_client"]

CONNECT_SECONDS = 10.0
"""How long a broker has to answer anything."""


def load_client(module: str, *, package: str, extra: str) -> Any:
    """Import a client. Errors: `UsageError` when its package is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise
        raise UsageError(
            f"live mode reaches this broker through {package}, which is not installed: "
            f"pip install 'pytest-lambda-events[{extra}]'"
        ) from error
