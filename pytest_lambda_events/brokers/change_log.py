"""The log of a cluster's changes, and the streams that show parts of it. The law: pure; one order for all, a token and
a cluster time for each change, and what retention took is gone from every stream at once.

The log is the cluster's: a change is written once, and each stream that is about it shows it (that of its collection,
that of its database). Cluster times are a second and a number that counts from 1 within that second, so tokens rise.
Retention is `change_stream_log_retention_duration`, from an hour to seven days, three hours by default (Amazon
DocumentDB Developer Guide, "Using change streams").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.brokers.shard_stream import ShardStream
from pytest_lambda_events.model.resume_tokens import ResumeToken

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.brokers.shard_stream import StreamJournal

__all__ = ["RETENTION_MS", "ChangeLog", "ChangeStream"]

RETENTION_MS: Final = 3 * 3_600_000
"""change_stream_log_retention_duration of a cluster that says nothing else: three hours."""

_REST_BITS: Final = 16


class _Retention:
    """The cluster's parameter, which may be changed at any time."""

    def __init__(self) -> None:
        self.retention_ms = RETENTION_MS


class _Silent:
    """The journal of a stream: the log has told already."""

    def entered(self, at_ms: int, arn: str, record: Any) -> None:
        """Nothing new."""


class ChangeLog(ShardStream):
    """Every change of the cluster `arn`; `dice` are the bits of tokens of which nothing is known."""

    def __init__(self, arn: str, *, journal: StreamJournal, dice: random.Random) -> None:
        self._retention = _Retention()
        super().__init__(arn, settings=self._retention, journal=journal)
        self.open_shard("changes", 0)
        self._dice = dice
        self._seconds = 0
        self._increment = 0

    @property
    def retention_ms(self) -> int:
        """How long changes can be read, in milliseconds."""
        return self._retention.retention_ms

    @retention_ms.setter
    def retention_ms(self, value: int) -> None:
        self._retention.retention_ms = value

    @property
    def records(self) -> list[Any]:
        """Every change that there ever was, in order."""
        return self.shards["changes"].records

    def watch(self, name: str) -> ChangeStream:
        """A new stream, which shows what is written into it from now on; `name` is what it is about."""
        return ChangeStream(self, name)

    def write(self, make: Callable[[ResumeToken], Any], streams: Sequence[ChangeStream], at_ms: int) -> Any:
        """The record of a change that happens at a moment, behind all others; `make` makes it of its token."""
        seconds = at_ms // 1000
        self._increment = self._increment + 1 if seconds == self._seconds else 1
        self._seconds = seconds
        token = ResumeToken(seconds=seconds, increment=self._increment, rest=self._dice.getrandbits(_REST_BITS))
        record = make(token)
        self.append("changes", record, at_ms)
        for stream in streams:
            stream.append(stream.name, record, at_ms)
        return record


class ChangeStream(ShardStream):
    """What a poller reads: the changes of a collection, or of a database, as one shard that never closes."""

    def __init__(self, log: ChangeLog, name: str) -> None:
        super().__init__(log.arn, settings=log.settings, journal=_Silent())
        self.name = name
        self._log = log
        self._shard = self.open_shard(name, 0)

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due: announced writes, and the end of retention."""
        self._log.settle(now_ms)
        super().settle(now_ms)

    def next_change(self, now_ms: int) -> int | None:
        """When the next announced write of the cluster is due; None without one."""
        return self._log.next_change(now_ms)

    @property
    def records(self) -> list[Any]:
        """Every change that it ever showed, in order."""
        return list(self._shard.records)

    def retained(self, now_ms: int) -> list[Any]:
        """Those that can be read now."""
        self.settle(now_ms)
        return list(self._shard.records[self._shard.first :])
