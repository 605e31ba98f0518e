"""The addresses of a cluster's brokers. The law: 1 to 10 of them, each a host and a port.

Lambda API Reference, SelfManagedEventSource.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SERVER", "servers_of"]

_SERVERS: Final = ("broker-1.example.com:9092", "broker-2.example.com:9092", "broker-3.example.com:9092")
_MOST_SERVERS: Final = 10  # API Reference, SelfManagedEventSource: Endpoints, array members

SERVER: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?):[0-9]{1,5}")
"""A bootstrap server: host and port."""


def servers_of(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """The addresses, from a text with commas or one by one; three of ours when none are given.

    Errors: `UsageError` for what is no host:port, or too many.
    """
    servers = tuple(given.split(",") if isinstance(given, str) else _SERVERS if given is None else given)
    wrong = [server for server in servers if SERVER.fullmatch(server) is None]
    if wrong or not 1 <= len(servers) <= _MOST_SERVERS:
        about = f"{wrong[0]!r} is no address" if wrong else f"{len(servers)} addresses"
        raise UsageError(
            f"bootstrap_servers={given!r:.200}: {about}; write 1 to {_MOST_SERVERS} such as broker-1.example.com:9092"
        )
    return servers
