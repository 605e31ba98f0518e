"""Seeded identifiers, the package's only randomness. The law: same seed and same calls, same text, in any process.

Each purpose draws from a stream of its own, so that one more message in one queue does not change the ids of another.
The grammars are those of real captures (see docs/fidelity.md).
"""

from __future__ import annotations

import random
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Identifiers"]

_HANDLE_BLOCKS = ((15, 18), (22, 19), (40, 20), (60, 21), (80, 23))
"""Longest queue name, and the 16-byte blocks that receipt handles of such queues had in captures."""

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def _handle_blocks(queue_name: str) -> int:
    """How many 16-byte blocks a receipt handle has: it grows with the queue's name, by the lengths seen in captures.

    SQS has no name longer than the last; other sources have, and are asked for handles that nobody will use.
    """
    if queue_name.endswith(".fifo"):
        return 13
    return next((blocks for longest, blocks in _HANDLE_BLOCKS if len(queue_name) <= longest), _HANDLE_BLOCKS[-1][1])


def _uuid_text(number: int, version: str) -> str:
    """A UUID of RFC 4122's variant as text; three times as quick as uuid.UUID, and every message needs one."""
    digits = f"{number:032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


class Identifiers:
    """Every id that a harness makes. `seed` fixes them all."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}

    def stream(self, purpose: str) -> random.Random:
        """The random numbers of one purpose. A str seed is hashed with SHA-512, never with PYTHONHASHSEED."""
        found = self._streams.get(purpose)
        if found is None:
            found = self._streams[purpose] = random.Random(f"{self.seed}/{purpose}")
        return found

    def uuid4(self, purpose: str) -> str:
        """A version 4 UUID, as in messageId."""
        return _uuid_text(self.stream(purpose).getrandbits(128), "4")

    def request_id(self, purpose: str) -> str:
        """An invocation's request id: polled SQS batches show UUIDs of version 5."""
        return _uuid_text(self.stream(purpose).getrandbits(128), "5")

    def receipt_handle(self, queue_name: str) -> str:
        """A receipt handle: base64 of 01 01 01 and whole 16-byte blocks, so it starts with `AQEB`."""
        return self.handle_maker(queue_name)()

    def handle_maker(self, queue_name: str) -> Callable[[], str]:
        """What makes the receipt handles of one queue: every receive needs ten."""
        draw = self.stream(f"handle/{queue_name}").randbytes
        size = 16 * _handle_blocks(queue_name)
        return lambda: "AQEB" + b64encode(draw(size)).decode("ascii")

    def principal(self, prefix: str, purpose: str) -> str:
        """A unique id of an IAM principal: `AIDA` or `AROA` and 17 letters of base32."""
        return prefix + "".join(self.stream(purpose).choices(_BASE32, k=17))

    def hex(self, digits: int, purpose: str) -> str:
        """So many lower-case hex digits."""
        return f"{self.stream(purpose).getrandbits(digits * 4):0{digits}x}"
