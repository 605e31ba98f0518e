"""Numbers of DynamoDB Streams: sequence numbers and shards. The law: seeded, rising within a shard, and readable again.

A sequence number is a counter and 20 digits that begin with 0000: so in all recorded values (`2400001838000228527682`
is 24 and 1838000228527682). In recorded batches the counter goes up by one from record to record, the digits by a few.
A shard's id has the milliseconds of its creation, and 8 hex digits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random

__all__ = ["SEQUENCE", "SHARD", "ShardNumbers", "sequence_number", "sequence_parts", "shard_id"]

_TAIL_DIGITS: Final = 20
_TAILS: Final = (1_500_000_000_000_000, 2_400_000_000_000_000)  # as in recordings since 2024
_MOST_COUNTER_DIGITS: Final = 8

SEQUENCE: Final = re.compile(r"[1-9][0-9]{20,39}")
"""21 to 40 digits: Streams API Reference, StreamRecord."""

SHARD: Final = re.compile(r"shardId-[0-9]{20}-[0-9a-f]{8}")


def sequence_number(counter: int, tail: int) -> str:
    """The number of the `counter`-th record, with the digits behind it."""
    return f"{counter}{tail:0{_TAIL_DIGITS}d}"


def sequence_parts(number: str) -> tuple[int, int] | None:
    """Counter and tail of a sequence number; None for what is none."""
    if SEQUENCE.fullmatch(number) is None:
        return None
    return int(number[:-_TAIL_DIGITS]), int(number[-_TAIL_DIGITS:])


def shard_id(created_ms: int, tail: str) -> str:
    """The id of a shard that was created then (epoch milliseconds). `tail`: 8 hex digits."""
    return f"shardId-{created_ms:020d}-{tail}"


class ShardNumbers:
    """The sequence numbers of one shard, one after another."""

    __slots__ = ("_counter", "_dice", "_tail")

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._counter = dice.randrange(1, 10 ** dice.randint(1, _MOST_COUNTER_DIGITS))
        self._tail = dice.randrange(*_TAILS)

    def next(self) -> str:
        """The number of the next record."""
        self._counter += 1
        self._tail += self._dice.randint(1, 3)
        return sequence_number(self._counter, self._tail)
