"""How long a poller waits before it tries a batch again. The law: pure arithmetic.

Recorded on AWS for streams: about 0.2 s, then 0.4 s. That it goes on doubling, up to a minute, is our choice, and so
are the delays of RabbitMQ, where AWS is silent and the broker has none.
"""

from __future__ import annotations

from typing import Final

__all__ = ["FIRST_MS", "LONGEST_MS", "delay_ms", "requeue_ms"]

FIRST_MS: Final = 200
_FIRST_REQUEUE_MS: Final = 1_000
LONGEST_MS: Final = 60_000

_DOUBLINGS: Final = 9  # past so many the longest is reached: no need for larger numbers


def delay_ms(tries: int) -> int:
    """Milliseconds from the end of the last of `tries` (1 or more) that came to nothing to the next one."""
    return min(FIRST_MS << min(tries - 1, _DOUBLINGS), LONGEST_MS)


def requeue_ms(tries: int) -> int:
    """Milliseconds from a batch that was requeued, after the last of `tries` (1 or more), to the next receive."""
    return min(_FIRST_REQUEUE_MS << min(tries - 1, _DOUBLINGS), LONGEST_MS)
