"""The messages of one queue of a broker: those that are ready, those that somebody holds, those that wait before they
come back. The law: pure data; each message is in exactly one of these places, and it keeps its place in the order.

What comes and goes is told to the journal here. When and why is the broker's business (`amqp_queue`, `jms_broker`).
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from pytest_lambda_events.errors import ConservationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_lambda_events.model.records import Fate

__all__ = ["BrokerJournal", "Delivery", "MessageStore", "Stored"]

_State: TypeAlias = Literal["ready", "held", "waiting", "gone"]
_NO_TAG: Final = 0


class BrokerJournal(Protocol):
    """Who is told what happened to messages. `place` is the queue's."""

    def entered(self, at_ms: int, arn: str, record: Any) -> None:
        """A record came into the queue."""

    def received(self, at_ms: int, arn: str, record_ids: tuple[str, ...], counts: tuple[int, ...]) -> None:
        """Records were handed out, each for the `counts`-th time."""

    def reappeared(self, at_ms: int, arn: str, record_id: str) -> None:
        """A record that was given back can be handed out again."""

    def left(self, at_ms: int, arn: str, record_ids: tuple[str, ...], fate: Fate) -> None:
        """Records left the queue for good."""


class Stored:
    """A message in a queue. `record` is what it is now, `origin` what it was when it was sent.

    `sequence` is its place among those of its priority, `count` how often it was handed out, `out_ms` when it was last
    dispatched (None: never, or anew next time), `tag` that of the delivery that holds it; `exchange` and `routing_key`
    are AMQP's, those that it was published with.
    """

    __slots__ = (
        "count",
        "exchange",
        "expires_ms",
        "origin",
        "out_ms",
        "priority",
        "record",
        "routing_key",
        "sequence",
        "state",
        "tag",
    )

    def __init__(self, record: Any, origin: Any, *, priority: int = 0, expires_ms: int | None = None) -> None:
        self.record = record
        self.origin = origin
        self.priority = priority
        self.expires_ms = expires_ms
        self.sequence = 0
        self.count = 0
        self.out_ms: int | None = None
        self.state: _State = "ready"
        self.tag = _NO_TAG
        self.exchange = ""
        self.routing_key = ""

    @property
    def key(self) -> tuple[int, int]:
        """What orders a queue."""
        return (-self.priority, self.sequence)


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """A message as it was handed out once; `count` says for which time, `out_ms` when it was dispatched."""

    record: Any
    count: int
    out_ms: int
    tag: int

    @property
    def redelivered(self) -> bool:
        """Whether it was handed out before."""
        return self.count > 1


class MessageStore:
    """What one queue holds; `place` names it in the journal."""

    def __init__(self, place: str, journal: BrokerJournal) -> None:
        self.taken: dict[str, Any] = {}  # every record that ever came, by id, as it was when it last came
        self._place = place
        self._journal = journal
        self._ready: list[tuple[tuple[int, int], Stored]] = []
        self._waiting: list[tuple[int, int, Stored]] = []
        self._held: dict[int, Stored] = {}
        self._there: dict[int, Stored] = {}
        self._counts: dict[_State, int] = {"ready": 0, "held": 0, "waiting": 0}
        self._tags = _NO_TAG
        self._sequences = 0

    @property
    def ready(self) -> int:
        """How many can be handed out."""
        return self._counts["ready"]

    def add(self, stored: Stored, at_ms: int) -> None:
        """Put a message at the end of those of its priority."""
        self.taken[stored.record.id] = stored.record
        self._journal.entered(at_ms, self._place, stored.origin)
        self._sequences += 1
        stored.sequence = self._sequences
        stored.state = "ready"
        self._there[stored.sequence] = stored
        self._counts["ready"] += 1
        heappush(self._ready, (stored.key, stored))

    def head(self) -> Stored | None:
        """The message that is handed out next."""
        ready = self._ready
        while ready and ready[0][1].state != "ready":
            heappop(ready)  # it ended where it stood
        return ready[0][1] if ready else None

    def hand_out(self, limit: int, now_ms: int, prepare: Callable[[], None] = lambda: None) -> list[Delivery]:
        """Hand out up to `limit` messages; `prepare` is called before each, and may take some out."""
        deliveries: list[Delivery] = []
        while len(deliveries) < limit:
            prepare()
            delivery = self._take(now_ms)
            if delivery is None:
                break
            deliveries.append(delivery)
        if deliveries:
            ids = tuple([one.record.id for one in deliveries])
            self._journal.received(now_ms, self._place, ids, tuple([one.count for one in deliveries]))
        return deliveries

    def _take(self, now_ms: int) -> Delivery | None:
        stored = self.head()
        if stored is None:
            return None
        heappop(self._ready)
        self._change(stored, "held")
        self._tags += 1
        stored.tag = self._tags
        stored.count += 1
        if stored.out_ms is None:
            stored.out_ms = now_ms
        self._held[stored.tag] = stored
        return Delivery(stored.record, stored.count, stored.out_ms, stored.tag)

    def held_by(self, deliveries: Sequence[Delivery]) -> list[Stored]:
        """The messages that these deliveries still hold, each once."""
        held = {one.tag: self._held[one.tag] for one in deliveries if one.tag in self._held}
        return list(held.values())

    def put_back(self, stored: Stored, now_ms: int) -> None:
        """End a delivery: the message is ready, at its old place."""
        del self._held[stored.tag]
        stored.tag = _NO_TAG
        self._make_ready(stored)
        self._journal.reappeared(now_ms, self._place, stored.record.id)

    def put_off(self, stored: Stored, returns_ms: int) -> None:
        """End a delivery: the message waits until `returns_ms`, when `wake` makes it ready."""
        del self._held[stored.tag]
        stored.tag = _NO_TAG
        self._change(stored, "waiting")
        heappush(self._waiting, (returns_ms, stored.sequence, stored))

    def next_return_ms(self) -> int | None:
        """When the next message that waits can be handed out."""
        waiting = self._waiting
        while waiting and waiting[0][2].state != "waiting":
            heappop(waiting)
        return waiting[0][0] if waiting else None

    def wake(self, now_ms: int) -> Iterator[Stored]:
        """The messages whose wait ends, made ready, in the order of the queue at one moment."""
        while (returns_ms := self.next_return_ms()) is not None and returns_ms <= now_ms:
            stored = heappop(self._waiting)[2]
            self._make_ready(stored)
            yield stored

    def finish(self, deliveries: Sequence[Delivery], now_ms: int, fate: Fate) -> int:
        """Take out what these deliveries still hold; how many that were."""
        done = self.held_by(deliveries)
        self.remove(done, now_ms, fate)
        return len(done)

    def remove(self, several: Sequence[Stored], at_ms: int, fate: Fate) -> None:
        """Take messages out, wherever they are."""
        for stored in several:
            self._held.pop(stored.tag, None)
            self._change(stored, "gone")
            del self._there[stored.sequence]
        if several:
            self._journal.left(at_ms, self._place, tuple([stored.record.id for stored in several]), fate)

    def purge(self, at_ms: int) -> None:
        """Take out what nobody holds."""
        self.remove([stored for stored in self.messages() if stored.state != "held"], at_ms, "discarded")

    def messages(self) -> list[Stored]:
        """Everything that is there, in the order of the queue."""
        return sorted(self._there.values(), key=lambda stored: stored.key)

    def check(self) -> None:
        """Two independent counts must agree. Errors: `ConservationError`."""
        counts = self._counts
        if sum(counts.values()) != len(self._there) or counts["held"] != len(self._held):
            raise ConservationError(
                f"{self._place} has {len(self._there)} messages, of which {len(self._held)} held, but counts {counts}"
            )

    def _make_ready(self, stored: Stored) -> None:
        self._change(stored, "ready")
        heappush(self._ready, (stored.key, stored))

    def _change(self, stored: Stored, state: _State) -> None:
        self._counts[stored.state] -= 1
        stored.state = state
        if state != "gone":
            self._counts[state] += 1
