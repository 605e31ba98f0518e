"""Reading the shards of a stream. The law: with iterators of our own, parents before children, and slowly.

Nothing is registered and nothing is committed: no other reader notices, except that all share what a shard gives in a
second. So a shard is asked twice a second at most, of the five times that Kinesis allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from pytest_lambda_events.cassette.capture.taps import Closed
from pytest_lambda_events.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PAUSE_SECONDS", "Page", "Shard", "ShardReader", "ShardService", "Start", "left_alone"]

PAUSE_SECONDS: Final = 0.5

Start = Literal["oldest", "latest"]
"""Where to begin: with what is oldest in the stream, or with what is yet to come; a number is epoch milliseconds."""

_SLOW_DOWN: Final = ("ProvisionedThroughputExceededException", "LimitExceededException", "ThrottlingException")
_EXPIRED: Final = ("ExpiredIteratorException",)
_TRIMMED: Final = ("TrimmedDataAccessException",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """A shard as the service lists it; `closed`: it takes no more records."""

    id: str
    parents: tuple[str, ...]
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one read gave. `following` is None at the end of a closed shard; `at_tip`: nothing was left behind it."""

    records: Sequence[Any]
    following: str | None
    at_tip: bool


class ShardService(Protocol):
    """Kinesis, or DynamoDB Streams. Errors: botocore's."""

    def shards(self) -> list[Shard]:
        """All shards that there are."""
        ...

    def iterator(self, shard_id: str, start: Start | int, after: str | None) -> str:
        """Where to read: after a sequence number, or from the start where that is None."""
        ...

    def read(self, iterator: str, most: int) -> Page:
        """Read once."""
        ...

    def sequence_number(self, record: Any) -> str:
        """A record's number."""
        ...


@dataclass(slots=True)
class _Cursor:
    shard: Shard
    start: Start | int
    iterator: str | None = None
    last: str | None = None
    dry: int = 0
    ended: bool = False


@dataclass(slots=True)
class ShardReader:
    """All shards of a stream, or the one called `only`. After `dry_reads` with nothing a shard counts as read."""

    service: ShardService
    start: Start | int
    only: str | None = None
    dry_reads: int = 1
    slowed: int = 0
    _cursors: dict[str, _Cursor] = field(default_factory=dict)
    _listed: bool = False

    @property
    def at_rest(self) -> bool:
        """Whether every shard has been read to its tip."""
        return self._listed and all(one.ended or one.dry >= self.dry_reads for one in self._cursors.values())

    @property
    def over(self) -> bool:
        """Whether all shards are closed and read: of a disabled stream, or a single old shard."""
        return self._listed and all(one.ended for one in self._cursors.values())

    def take(self, most: int) -> list[tuple[str, Any]]:
        """Read every shard once whose parents have been read; records with their shards' ids, at most so many."""
        from botocore.exceptions import BotoCoreError, ClientError

        if not self._listed:
            self._list(self.start)
        taken: list[tuple[str, Any]] = []
        for cursor in self._ready():
            if len(taken) >= most:
                break
            try:
                page = self._read(cursor, most - len(taken))
            except (BotoCoreError, ClientError):
                if not taken:
                    raise
                break  # the next round meets it again
            if page is None:
                continue
            taken += [(cursor.shard.id, record) for record in page.records]
            if page.records:
                cursor.last = self.service.sequence_number(page.records[-1])
            cursor.iterator = page.following
            cursor.dry = self.dry_reads if page.at_tip else 0 if page.records else cursor.dry + 1
            if page.following is None:
                cursor.ended = True
                self._list("oldest")  # its children
        return taken

    def _list(self, start: Start | int) -> None:
        """Note the shards that are new. Children of what has been read begin with their oldest records.

        Errors: `UsageError` when the one that is wanted is not there.
        """
        listed = self.service.shards()
        if self.only is not None and self.only not in [shard.id for shard in listed]:
            raise UsageError(f"there is no shard {self.only!r}; there are {', '.join(one.id for one in listed)}")
        for shard in listed:
            known = shard.id in self._cursors or (self.only is not None and shard.id != self.only)
            if not known and not (start == "latest" and shard.closed):
                self._cursors[shard.id] = _Cursor(shard, start)
        self._listed = True

    def _ready(self) -> list[_Cursor]:
        waiting = {one.shard.id for one in self._cursors.values() if not one.ended}
        return [one for one in self._cursors.values() if not one.ended and not waiting.intersection(one.shard.parents)]

    def _read(self, cursor: _Cursor, most: int) -> Page | None:
        """One read of a shard; None where the service wants us to wait, or the iterator had to be renewed."""
        from botocore.exceptions import ClientError

        try:
            if cursor.iterator is None:
                cursor.iterator = self.service.iterator(cursor.shard.id, cursor.start, cursor.last)
            return self.service.read(cursor.iterator, most)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _SLOW_DOWN:
                self.slowed += 1
            elif code in _EXPIRED:
                cursor.iterator = None
            elif code in _TRIMMED:  # retention was quicker: go on with what it has left
                cursor.iterator, cursor.last, cursor.start = None, None, "oldest"
            else:
                raise
            return None


def left_alone(reader: ShardReader) -> Closed:
    """How a stream is left by a reader of ours."""
    told = ["read with iterators of its own: nothing was moved or committed"]
    if reader.slowed:
        told.append(
            f"the stream asked {reader.slowed} times to read more slowly: it shares its limits with all readers"
        )
    return Closed(told=tuple(told))
