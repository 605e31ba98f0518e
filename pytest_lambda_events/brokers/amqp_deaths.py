"""What RabbitMQ writes into a message that it dead-letters, and when it goes in circles. The law: pure, from headers to
headers.

As recorded on RabbitMQ 3.10.8 (names, values, order: a table of headers is sorted by name when it is changed);
`x-last-death-*` are those of 3.13 and later, which Amazon MQ runs. RabbitMQ documentation, "Dead letter exchanges".
"""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Reason", "dead_headers", "goes_in_circles"]

Reason = Literal["expired", "maxlen", "rejected"]
"""Why a message is dead-lettered."""

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_DEATHS: Final = "x-death"


def dead_headers(
    headers: Mapping[str, Any] | None,
    *,
    reason: Reason,
    queue: str,
    exchange: str,
    routing_key: str,
    expiration: str | None,
    at_ms: int,
) -> Mapping[str, Any]:
    """The headers of a message that died in `queue`, where it had been published to `exchange` with `routing_key`.

    `expiration` is its own time to live, which it loses, whatever it died of. One entry counts all deaths in one queue
    for one reason, and the latest comes first.
    """
    table = dict(headers or {})
    before = _deaths(table)
    same = [one for one in before if (one.get("queue"), one.get("reason")) == (queue, reason)]
    others = [one for one in before if one not in same]
    if same:
        death = {**same[0], "count": same[0].get("count", 0) + 1}
        death = {name: death[name] for name in sorted(death)}
    else:
        death = {
            "count": 1,
            "reason": reason,
            "queue": queue,
            "time": _EPOCH + dt.timedelta(seconds=at_ms // 1000),
            "exchange": exchange,
            "routing-keys": (routing_key,),
        }
        if expiration is not None:
            death["original-expiration"] = expiration
    table[_DEATHS] = (MappingProxyType(death), *others)
    for name, value in (("exchange", exchange), ("queue", queue), ("reason", reason)):
        table.setdefault(f"x-first-death-{name}", value)
        table[f"x-last-death-{name}"] = value
    return MappingProxyType({name: table[name] for name in sorted(table)})


def goes_in_circles(headers: Mapping[str, Any] | None, queue: str) -> bool:
    """Whether a dead-lettered message has been in this queue before and nobody rejected it since: RabbitMQ drops it.

    `headers` are those with its latest death.
    """
    cycle = []
    for death in _deaths(headers or {}):
        cycle.append(death)
        if death.get("queue") == queue:
            return all(one.get("reason") != "rejected" for one in cycle)
    return False


def _deaths(headers: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries, latest first; a publisher may have put anything there."""
    found = headers.get(_DEATHS)
    return [one for one in found if hasattr(one, "items")] if isinstance(found, tuple) else []
