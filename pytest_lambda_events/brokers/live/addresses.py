"""Where brokers are, as URLs. The law: what is wrong with one is said without the user and password that are in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

__all__ = ["shown_url", "split_url"]


def shown_url(url: str) -> str:
    """A URL without user and password, also where it is not well formed."""
    return re.sub(r"\A(\w[\w.+-]*://)?.*@", r"\1…@", url, count=1, flags=re.DOTALL)


def split_url(url: str, ports: Mapping[str, int], hint: str) -> tuple[SplitResult, int]:
    """The parts of a URL that has one of these schemes, and its port, the scheme's where it says none.

    Errors: `UsageError` with `hint`, which says how to write one.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # whose words may have a part of the password
        raise UsageError(
            f"url={shown_url(url)!r}: the port is no number, or user and password have characters that must be written "
            f"as %40 (@) or %2F (/); {hint}"
        ) from None
    if parts.scheme not in ports or not parts.hostname:
        raise UsageError(f"url={shown_url(url)!r}: {hint}")
    return parts, ports[parts.scheme] if port is None else port
