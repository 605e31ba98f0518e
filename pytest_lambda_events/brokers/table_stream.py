"""The stream of a table: shards that follow one another, and changes that become records. The law: pure, no moto.

A shard takes records for four hours; then it closes, and one that knows it as its parent goes on. So it was recorded;
the Developer Guide says that shards are ephemeral ("Change data capture for DynamoDB Streams"). Here a stream has one
open shard at a time, on AWS it may have one for each partition of the table. Records are kept 24 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_lambda_events.brokers.shard_stream import ShardStream
from pytest_lambda_events.model.dynamodb_numbers import ShardNumbers, shard_id
from pytest_lambda_events.model.dynamodb_record import IMAGES, TTL_IDENTITY, DynamoDbRecord
from pytest_lambda_events.model.dynamodb_sizes import item_size

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.shard_stream import Shard, StreamJournal
    from pytest_lambda_events.identifiers import Identifiers
    from pytest_lambda_events.model.dynamodb_record import EventName, ViewType
    from pytest_lambda_events.model.dynamodb_values import Image

__all__ = ["RETENTION_MS", "Change", "StreamedTable", "TableStream"]

RETENTION_MS: Final = 24 * 3_600_000
"""How long a record can be read, and how long a stream that was disabled: Developer Guide, "DynamoDB Streams"."""

_SHARD_MS: Final = 4 * 3_600_000
_SHARD_DELAY_MS: Final = (228, 3_600)  # by how much the id of a stream's first shard is later than its label: recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a write did to an item: the images before and after, None where there was no item."""

    keys: Image
    old_image: Image | None
    new_image: Image | None
    by_ttl: bool = False

    @property
    def event_name(self) -> EventName:
        """INSERT, MODIFY or REMOVE."""
        if self.old_image is None:
            return "INSERT"
        return "REMOVE" if self.new_image is None else "MODIFY"


class StreamedTable(Protocol):
    """The table behind a stream: what falls due by itself falls due there, and comes into the stream."""

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due: announced writes, and expiries."""

    def next_announced_ms(self) -> int | None:
        """When the next announced write is due; None without one."""

    def next_expiry_ms(self) -> int | None:
        """When time to live removes the next item; None when it will remove none."""


class _Retention:
    """What a stream's settings are: nothing that can be changed."""

    retention_ms = RETENTION_MS


class TableStream(ShardStream):
    """One stream of a table, from its enabling on. `arn`, `label` and `view` are AWS's; `disabled_ms` is when it ended.

    `starts` are the shards' first sequence numbers, which no record has.
    """

    def __init__(
        self,
        arn: str,
        *,
        view: ViewType,
        created_ms: int,
        table: StreamedTable,
        journal: StreamJournal,
        identifiers: Identifiers,
    ) -> None:
        super().__init__(arn, settings=_Retention(), journal=journal)
        self.view = view
        self.label = arn.rpartition("/")[2]
        self.created_ms = created_ms
        self.disabled_ms: int | None = None
        self.starts: dict[str, str] = {}
        self._table = table
        self._identifiers = identifiers
        self._numbers = ShardNumbers(identifiers.stream(f"sequence/{arn}"))
        delay_ms = identifiers.stream(f"delay/{arn}").randint(*_SHARD_DELAY_MS)
        self._open = self._begin(created_ms, created_ms + delay_ms)

    # -- writing ----------------------------------------------------------------------------------------------------

    def write(self, change: Change, at_ms: int) -> DynamoDbRecord:
        """The record of a change that happens at a moment, behind those that are there. Not for a disabled stream."""
        self._roll(at_ms)
        shown = IMAGES[change.event_name, self.view]
        new = change.new_image if "NewImage" in shown else None
        old = change.old_image if "OldImage" in shown else None
        record = DynamoDbRecord(
            id=self._numbers.next(),
            event_id=self._identifiers.hex(32, f"record/{self.arn}"),
            event_name=change.event_name,
            keys=change.keys,
            new_image=new,
            old_image=old,
            view_type=self.view,
            size_bytes=sum(item_size(image) for image in (change.keys, new, old) if image is not None),
            created_ms=at_ms,
            user_identity=TTL_IDENTITY if change.by_ttl else None,
        )
        self.append(self._open.id, record, at_ms)
        return record

    def disable(self, at_ms: int) -> None:
        """Let it take no more records; they can be read for another day."""
        self._roll(at_ms)
        self._open.closed_ms = self.disabled_ms = at_ms

    def _begin(self, created_ms: int, id_ms: int, parents: tuple[str, ...] = ()) -> Shard:
        shard = self.open_shard(shard_id(id_ms, self._identifiers.hex(8, f"shard/{self.arn}")), created_ms, parents)
        self.starts[shard.id] = self._numbers.next()
        return shard

    def _roll(self, now_ms: int) -> None:
        """Close the open shard when its four hours are over. Shards that nothing came into are passed over."""
        shard = self._open
        if self.disabled_ms is not None or now_ms < shard.created_ms + _SHARD_MS:
            return
        shard.closed_ms = shard.created_ms + _SHARD_MS
        created_ms = now_ms - (now_ms - shard.created_ms) % _SHARD_MS
        self._open = self._begin(created_ms, created_ms, (shard.id,))

    # -- time -------------------------------------------------------------------------------------------------------

    def settle(self, now_ms: int) -> None:
        """Let happen what fell due: the table's announced writes and expiries, the end of shards, and of retention."""
        self._table.settle(now_ms)
        self._roll(now_ms)
        super().settle(now_ms)

    def next_change(self, now_ms: int) -> int | None:
        """When the next announced write is due. Items that will expire do not count (`next_expiry_ms`)."""
        at_ms = self._table.next_announced_ms()
        return None if at_ms is None else max(at_ms, now_ms)

    def next_expiry_ms(self, now_ms: int) -> int | None:
        """When time to live removes the next item of the table, `now_ms` at the earliest; None when it will not."""
        at_ms = self._table.next_expiry_ms()
        return None if at_ms is None else max(at_ms, now_ms)

    # -- reading ----------------------------------------------------------------------------------------------------

    def is_readable(self, now_ms: int) -> bool:
        """Whether it can be seen: for a day after it was disabled."""
        return self.disabled_ms is None or now_ms < self.disabled_ms + RETENTION_MS

    def listed_shards(self, now_ms: int) -> list[Shard]:
        """The shards that DescribeStream shows: not those whose last record could have been trimmed."""
        return [
            shard
            for shard in self.shards.values()
            if shard.closed_ms is None or now_ms < shard.closed_ms + RETENTION_MS
        ]

    def last_number(self, shard: Shard) -> str | None:
        """The EndingSequenceNumber of a closed shard; None while it is open."""
        if shard.closed_ms is None:
            return None
        last: Any = shard.records[-1] if shard.records else None
        return self.starts[shard.id] if last is None else last.id
