"""The arithmetic of sequence numbers. The law: pure; what is written here was recomputed from recorded numbers.

SQS FIFO: 2^64 + (epoch microseconds << 8) + n in 20 digits, n being the index in a SendMessageBatch: so in 14 of 14
recorded values, with 0 to 6 microseconds more than SentTimestamp.

Kinesis: 56 digits, which are 47 hexadecimal ones; see `KinesisNumber`. So in all recorded values.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KinesisNumber", "fifo_moment_us", "fifo_number"]

_FIFO_BASE = 1 << 64


def fifo_number(moment_us: int, index: int = 0) -> int:
    """SequenceNumber of a FIFO message that enters at `moment_us` (epoch microseconds), the `index`-th of its batch."""
    return _FIFO_BASE + (moment_us << 8) + index


def fifo_moment_us(number: int) -> int:
    """When the number was given, in epoch microseconds; negative for what cannot be one."""
    return (number - _FIFO_BASE) >> 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KinesisNumber:
    """SequenceNumber of a Kinesis record, taken apart.

    `created_s` is when its shard was made and `second` when the number was given (epoch seconds, below 2^36), `shard`
    is the shard's index (below 2^31), `index` counts the records of the shard (below 2^63). In hexadecimal it reads:
    2, `created_s` (9 digits), the last digit of `shard`, `index` (16), 00, `second` (9), `shard` (8), 2.
    """

    created_s: int
    shard: int
    index: int
    second: int

    @property
    def text(self) -> str:
        """The 56 digits."""
        return str(
            _KINESIS_FRAME
            | self.created_s << 148
            | (self.shard & 0xF) << 144
            | self.index << 80
            | self.second << 36
            | self.shard << 4
        )

    def after(self, records: int) -> KinesisNumber:
        """The number of the record that comes so many records later in the same second."""
        return KinesisNumber(created_s=self.created_s, shard=self.shard, index=self.index + records, second=self.second)

    @classmethod
    def read(cls, text: str) -> KinesisNumber | None:
        """What a sequence number says; None for one that Kinesis does not give."""
        if len(text) != _KINESIS_DIGITS or not (text.isascii() and text.isdigit()):
            return None
        number = int(text)
        read = cls(
            created_s=number >> 148 & _SECONDS,
            shard=number >> 4 & 0x7FFF_FFFF,
            index=number >> 80 & 0x7FFF_FFFF_FFFF_FFFF,
            second=number >> 36 & _SECONDS,
        )
        return read if read.text == text else None


_KINESIS_DIGITS = 56
_KINESIS_FRAME = 2 << 184 | 2  # the 2 before and the 2 behind; samples of old SDKs end in 1, an older version
_SECONDS = (1 << 36) - 1
