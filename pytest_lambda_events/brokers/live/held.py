"""One delivery of a real broker. The law: plain data, as `polling.acknowledging_ports.HeldDelivery` asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["LiveDelivery"]


@dataclass(frozen=True, slots=True)
class LiveDelivery:
    """`tag` is what the broker is answered with."""

    record: Any
    redelivered: bool
    count: int
    out_ms: int
    tag: Any
