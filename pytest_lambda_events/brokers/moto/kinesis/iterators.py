"""Shard iterators and page tokens. The law: they say all that they mean themselves, and end 5 minutes after they were
given.

Rules: API Reference, GetShardIterator, GetRecords, ListShards. An iterator looks like AWS's: eight bytes of which the
last is 1, then a multiple of 16, as many as recorded for the stream's name.
"""

from __future__ import annotations

import datetime as dt
from base64 import b64decode, b64encode
from typing import Final, NamedTuple

from pytest_lambda_events.model.refusal import Refusal

__all__ = ["LIFETIME_MS", "ShardIterator", "aws_time", "invalid_iterator"]

LIFETIME_MS: Final = 300_000
"""How long an iterator or a page token can be used."""

_HEAD: Final = b"\0\0\0\0\0\0\0\1"
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


class ShardIterator(NamedTuple):
    """A place in a shard, and when the iterator was given (epoch milliseconds)."""

    stream: str
    shard_id: str
    place: int
    given_ms: int

    @property
    def text(self) -> str:
        """The iterator as it travels."""
        plain = f"{self.given_ms:014d}/{self.stream}/{self.shard_id}/{self.place}".encode("ascii")
        size = 144 + (len(self.stream) + 2) // 16 * 16
        return b64encode(_HEAD + plain.ljust(size, b"\0")).decode("ascii")

    @classmethod
    def read(cls, text: str, now_ms: int) -> ShardIterator:
        """What an iterator says. Errors: `Refusal` for one that is none, or has expired."""
        try:
            raw = b64decode(text, validate=True)
            given, stream, shard_id, place = raw[len(_HEAD) :].rstrip(b"\0").decode("ascii").split("/")
            read = cls(stream, shard_id, int(place), int(given))
        except ValueError:
            raise invalid_iterator() from None
        if now_ms - read.given_ms > LIFETIME_MS:
            raise Refusal(
                "ExpiredIteratorException",
                f"Iterator expired. The iterator was created at time {aws_time(read.given_ms)} while right now it is "
                f"{aws_time(now_ms)} which is further in the future than the tolerated delay of {LIFETIME_MS} "
                "milliseconds.",
            )
        return read


def invalid_iterator() -> Refusal:
    """AWS's answer to an iterator that is none."""
    return Refusal("InvalidArgumentException", "Invalid ShardIterator.")


def aws_time(at_ms: int) -> str:
    """A moment (epoch milliseconds) as Kinesis's messages have it: `Wed Jan 01 00:00:00 UTC 2025`."""
    moment = _EPOCH + dt.timedelta(milliseconds=at_ms)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day} {month} {moment:%d %H:%M:%S} UTC {moment.year}"


_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # strftime would speak the user's language
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
