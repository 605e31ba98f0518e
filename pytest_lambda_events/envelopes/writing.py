"""How AWS's services write what they all write: times, noise. The law: pure; no service has a name here."""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_lambda_events.identifiers import Identifiers

__all__ = ["noise", "to_milliseconds", "to_seconds"]


def to_milliseconds(moment_ms: int) -> str:
    """Epoch milliseconds as `2025-01-01T00:00:00.000Z`."""
    return f"{_utc(moment_ms):%Y-%m-%dT%H:%M:%S}.{moment_ms % 1000:03}Z"


def to_seconds(moment_ms: int) -> str:
    """Epoch milliseconds as `2025-01-01T00:00:00Z`, the second that they are in."""
    return f"{_utc(moment_ms):%Y-%m-%dT%H:%M:%SZ}"


def _utc(moment_ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(moment_ms // 1000, dt.timezone.utc)


def noise(identifiers: Identifiers, size: int, purpose: str) -> str:
    """So many random bytes in base64: signatures, host ids."""
    return b64encode(identifiers.stream(purpose).randbytes(size)).decode("ascii")
