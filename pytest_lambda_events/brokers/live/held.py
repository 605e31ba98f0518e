"""One delivery of a real broker; see `polling.acknowledging_ports.HeldDelivery`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["LiveDelivery"]


@dataclass(frozen=True, slots=True)
class LiveDelivery:
    """`tag` is what the broker is answered with, `connection` the number of the connection that it came over."""

    record: Any
    redelivered: bool
    count: int
    out_ms: int
    tag: Any
    connection: int = 0
