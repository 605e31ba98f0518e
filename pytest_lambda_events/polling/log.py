"""The poller of a log: join the group, read in order, gather, invoke, commit. The law: this file moves effects; the
decisions stand elsewhere, as functions that can be tabulated: `batching` and `log_reading` (when does a batch go, how
much fits), `partial_offsets` and `bisect` (what does the response mean, how does the batch go on), `backoff`;
`log_following` and `log_settling` each carry out their part.

What is particular to a log:

* one batch may hold several partitions of the topic, each in the order of its offsets; among partitions, records go in
  the order in which they came. A batch that failed holds up the others of its lane, whatever their partition;
* the batching window runs from the first record;
* of a batch that partly succeeded, the records that were reported are tried again, and no others; its offsets are
  committed when none of it is left. Until then a mapping that is disabled, or a consumer that takes the partition over,
  begins with the batch as a whole;
* records have a fate for each mapping, so that the journal's place is the mapping's UUID: every record of the
  partitions that it reads is announced there, and ends there. A partition that goes to another member of the group
  takes its records along (`moved`).
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_lambda_events.polling.backoff import FIRST_MS, delay_ms
from pytest_lambda_events.polling.batching import PAYLOAD_LIMIT_BYTES, due_at
from pytest_lambda_events.polling.log_following import LogFollowing
from pytest_lambda_events.polling.log_reading import Held, LogBatch, fits_by_partition
from pytest_lambda_events.polling.log_settling import METRICS, LogSettler
from pytest_lambda_events.polling.reading import Blocked
from pytest_lambda_events.polling.schema_reading import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.bisect import Course
    from pytest_lambda_events.polling.concurrency import Reservation
    from pytest_lambda_events.polling.faults import Dice
    from pytest_lambda_events.polling.log_ports import LogBroker, LogGroup, LogShape
    from pytest_lambda_events.polling.log_reading import Lane
    from pytest_lambda_events.polling.ports import Destination, Function
    from pytest_lambda_events.polling.schema_reading import Readable

__all__ = ["METRICS", "LogPoller"]


class _Running(NamedTuple):
    """An invocation whose outcome takes effect at `ends_ms`. `order` keeps the heap from comparing the rest."""

    ends_ms: int
    order: int
    lane: Lane
    batch: LogBatch
    ending: Ending


class LogPoller:
    """One mapping's poller, and a member of its consumer group.

    `reservation` is the function's concurrency, which its other mappings share; `dice` are the faults asked for
    (throttles, crashes); `destination_of` gives a configuration's destination for what is given up, and `filter_of` its
    filter, each None without one: the filter sees a record as JSON text and says whether it goes to the function.
    `reading_of` gives what reads a record by its schemas, None without a registry.
    """

    def __init__(
        self,
        uuid: str,
        *,
        config: MappingConfig,
        broker: LogBroker,
        group: LogGroup,
        shape: LogShape,
        function: Function,
        reservation: Reservation,
        clock: Clock,
        ledger: Ledger,
        new_request_id: Callable[[], str],
        dice: Dice | None = None,
        destination_of: Callable[[MappingConfig], Destination | None] = lambda _config: None,
        filter_of: Callable[[MappingConfig], Callable[[str], bool] | None] = lambda _config: None,
        reading_of: Callable[[MappingConfig], Callable[[Any], Readable | Unreadable] | None] = lambda _config: None,
    ) -> None:
        self.uuid = uuid
        self.config = config
        self.broker = broker
        self.group = group
        self.metrics = dict.fromkeys(METRICS, 0)
        self._shape = shape
        self._headers = {one.number: shape.partition_overhead(one.number) for one in broker.partitions}
        self._function = function
        self._reservation = reservation
        self._clock = clock
        self._ledger = ledger
        self._new_request_id = new_request_id
        self._dice = dice
        self._destination_of = destination_of
        self._filter_of = filter_of
        self._reading_of = reading_of
        self._passes = filter_of(config)
        self._read = reading_of(config)
        self._settler = LogSettler(
            uuid,
            ledger=ledger,
            clock=clock,
            metrics=self.metrics,
            new_request_id=new_request_id,
            dice=dice,
            config=config,
            destination=destination_of(config),
        )
        self._running: list[_Running] = []
        self._turns = 0
        self._following = LogFollowing(
            uuid,
            config,
            broker=broker,
            group=group,
            ledger=ledger,
            metrics=self.metrics,
            now_ms=clock.now_ms,
        )

    @property
    def last_result(self) -> str:
        """LastProcessingResult of the mapping, in AWS's words."""
        return self._settler.last_result

    @property
    def records_before_latest(self) -> int:
        """How many records there were that a mapping which begins at LATEST does not see."""
        return self._following.records_before_latest

    def check(self) -> None:
        """Count every record, for debugging. Errors: `ConservationError`."""
        self._following.check()

    def close(self) -> None:
        """Expect nothing more: the mapping is deleted (and disabled before). What is with the function still ends."""
        self._following.close()

    # -- the agenda's two questions ---------------------------------------------------------------------------------

    def next_due(self, now_ms: int) -> int | None:
        """The earliest of: an invocation ends, a batch goes or is tried again, a record of it expires, one comes."""
        earliest = self._running[0].ends_ms if self._running else None
        if self.config.enabled:
            for due in self._dues(now_ms):
                if earliest is None or due < earliest:
                    earliest = due
        return None if earliest is None else max(earliest, now_ms)

    def _dues(self, now_ms: int) -> Iterator[int]:
        comes = self.broker.next_change(now_ms)
        if comes is not None:
            yield comes
        for lane in self._following.lanes:
            if self._following.may_begin(lane) or (self._is_hungry(lane) and lane.cursor < len(self.broker.order)):
                yield now_ms
                return
            due = self._lane_due(lane)
            if due is not None:
                yield due
                yield from self._expiries(lane)

    def _expiries(self, lane: Lane) -> Iterator[int]:
        """When retention ends for records of the batch that is tried next."""
        for one in lane.work[-1].held if lane.work else ():
            expires_ms = self.broker.expires_ms(one.record)
            if expires_ms is not None:
                yield expires_ms

    def step(self, now_ms: int) -> int:
        """Let ended invocations take effect, gather, and invoke with the batch that is due first.

        How many invocations began.
        """
        self.broker.settle(now_ms)
        while self._running and self._running[0].ends_ms <= now_ms:
            ended = heappop(self._running)
            self._settle(ended.lane, ended.batch, ended.ending, now_ms)
        if not self.config.enabled:
            return 0
        best: tuple[int, int, Lane] | None = None
        for lane in self._following.lanes:
            if self._following.may_begin(lane):
                self._following.begin(lane, now_ms)
            self._gather(lane, now_ms)
            due = self._lane_due(lane)
            # of those that are due at one moment, the one that has not had a turn for the longest time
            if due is not None and due <= now_ms and (best is None or (due, lane.turn) < best[:2]):
                best = (due, lane.turn, lane)
        return 0 if best is None else self._act(best[2], now_ms)

    def reconfigure(self, config: MappingConfig) -> None:
        """Change the mapping at once. What is with the function ends; all else is read anew from what the group has
        committed, with fresh retries. A disabled mapping leaves its group.
        """
        if config == self.config:
            return
        read = self._reading_of(config)  # first: where it says no, nothing has changed
        now_ms = self._clock.now_ms
        self.config = config
        self._passes, self._read = self._filter_of(config), read
        self._settler.reconfigure(config, self._destination_of(config))
        self._following.reconfigure(config, now_ms)

    def blocked(self) -> list[Blocked]:
        """Why records wait: each batch that failed or was throttled, and is neither through nor given up."""
        now_ms = self._clock.now_ms
        return [
            Blocked(
                batch.ids[0].rpartition("-")[0],
                batch.records[0],
                batch.attempts,
                batch.throttles,
                now_ms - batch.records[-1].timestamp,
                str(batch.problem),
            )
            for lane in self._following.lanes
            for batch in lane.batches()
        ]

    # -- gathering --------------------------------------------------------------------------------------------------

    def _is_hungry(self, lane: Lane) -> bool:
        """Whether another record could change what the lane's next batch is, or when it goes."""
        return lane.is_begun and lane.is_free and len(lane.waiting) < self.config.batch_size and not self._is_full(lane)

    def _is_full(self, lane: Lane) -> bool:
        """Whether a batch goes without more records, though it has fewer than BatchSize."""
        return lane.waiting_bytes >= self._room(lane)

    def _room(self, lane: Lane) -> int:
        """How many bytes of records, each with a comma, an event takes that has all partitions of the lane."""
        return PAYLOAD_LIMIT_BYTES - self._shape.overhead - sum([self._headers[number] for number in lane.readers])

    def _gather(self, lane: Lane, now_ms: int) -> None:
        """Read as much as the lane can take. What its schema does not read, and what the filter drops, ends here and is
        committed with the next batch.
        """
        if not self._is_hungry(lane):
            return
        order, readers, passes, text_of = self.broker.order, lane.readers, self._passes, self._shape.record_text
        most, room, end = self.config.batch_size, self._room(lane), len(self.broker.order)
        filtered: list[Held] = []
        unreadable: list[tuple[Held, Unreadable]] = []
        polled = 0
        while lane.cursor < end and len(lane.waiting) < most and lane.waiting_bytes < room:
            record = order[lane.cursor]
            lane.cursor += 1
            reader = readers.get(record.partition)
            if reader is None or record.offset < reader.position:
                continue
            reader.position = record.offset + 1
            polled += 1
            found = None if self._read is None else self._read(record)
            text = text_of(record if found is None or isinstance(found, Unreadable) else found.delivered)
            held = Held(reader, record, text, len(text) if text.isascii() else len(text.encode()))
            if isinstance(found, Unreadable):
                unreadable.append((held, found))
            elif passes is None or passes(text if found is None else text_of(found.decoded)):
                lane.hold(held)
            else:
                filtered.append(held)
        self.metrics["PolledEventCount"] += polled
        for one, why in unreadable:
            self._settler.unreadable(one, why, self._event([one]), now_ms)
        if filtered:
            self.metrics["FilteredOutEventCount"] += len(filtered)
            self._settler.end(filtered, now_ms, "filtered")
        self._following.commit(readers.values())

    def _lane_due(self, lane: Lane) -> int | None:
        """When the lane can go on by itself, if nothing more can be read; None when it waits for something else."""
        if lane.is_running:
            return None
        if lane.work:
            return lane.work[-1].due_ms
        if not lane.waiting:
            return None
        first = lane.waiting[0]
        first_ms = max(first.reader.partition.appended_ms[first.record.offset], first.reader.since_ms)
        return due_at(
            held=len(lane.waiting),
            first_held_ms=first_ms,
            batch_size=self.config.batch_size,
            full=self._is_full(lane),
            window_ms=self.config.window_ms,
            window_from_ms=first_ms,
        )

    # -- invoking ---------------------------------------------------------------------------------------------------

    def _act(self, lane: Lane, now_ms: int) -> int:
        """Try the lane's next batch; how many invocations began."""
        self._turns += 1
        lane.turn = self._turns
        if not lane.work:
            lane.work.append(self._next_batch(lane, now_ms))
        if not self._drop_aged(lane, now_ms):
            self._commit_if_clear(lane)
            return 0
        batch = lane.work[-1]
        if not batch.request_id:
            batch.event_text = self._event(batch.held)
            batch.event_bytes = len(batch.event_text.encode())
            batch.request_id = self._new_request_id()
        if batch.is_too_large:
            batch.attempts += 1
            self._settler.too_large(batch, now_ms)
            lane.work.pop()
            self._commit_if_clear(lane)
            return 0
        dice = self._dice
        if self._reservation.is_full(now_ms) or (dice is not None and dice.throttles(batch.ids, now_ms)):
            batch.throttles += 1
            batch.due_ms = now_ms + delay_ms(batch.throttles)
            self._settler.throttled(batch, now_ms)
            return 0
        self._invoke(lane, batch, now_ms)
        return 1

    def _next_batch(self, lane: Lane, now_ms: int) -> LogBatch:
        batch_size = self.config.batch_size
        sizes = [(one.record.partition, one.size) for one in islice(lane.waiting, batch_size)]
        many = fits_by_partition(sizes, self._shape.overhead, self._headers, batch_size)
        return LogBatch(lane.take(many), now_ms)

    def _drop_aged(self, lane: Lane, now_ms: int) -> bool:
        """Give up those records of the next batch that are too old; whether anything is left to try.

        Each by itself, not only the first ones: partitions are independent, and a producer's timestamps may fall.
        """
        age_ms = self.config.record_age_ms
        if age_ms is None:
            return True
        while lane.work:
            batch = lane.work[-1]
            aged = [one for one in batch.held if now_ms - one.record.timestamp > age_ms]
            if not aged:
                return batch.due_ms <= now_ms
            self._settler.aged(batch, aged, self._event(aged), now_ms)
            lane.forget_ended()
        return False

    def _event(self, held: Sequence[Held]) -> str:
        return self._shape.event_text([one.record for one in held], [one.text for one in held])

    def _invoke(self, lane: Lane, batch: LogBatch, now_ms: int) -> None:
        self.metrics["Invocations"] += 1
        self.metrics["InvokedEventCount"] += len(batch.held)
        self._ledger.invoked(now_ms, self.uuid, batch.ids, batch.request_id)
        batch.attempts += 1
        lane.is_running = True
        self._following.in_flight.append(batch)
        try:
            ending = self._function.invoke(batch.event_text, batch.request_id)
        except BaseException:  # a test that ends inside the handler: the batch stays what comes next
            self._land(lane, batch)
            raise
        self._reservation.hold(ending.ended_ms)
        present_ms = self._clock.now_ms
        if ending.ended_ms <= present_ms:
            self._settle(lane, batch, ending, present_ms)
        else:
            heappush(self._running, _Running(ending.ended_ms, self._turns, lane, batch, ending))

    def _land(self, lane: Lane, batch: LogBatch) -> None:
        lane.is_running = False
        self._following.in_flight.remove(batch)

    # -- going on ---------------------------------------------------------------------------------------------------

    def _settle(self, lane: Lane, batch: LogBatch, ending: Ending, now_ms: int) -> None:
        self.broker.settle(now_ms)  # while it is in flight: what expires with it is decided by its outcome
        self._land(lane, batch)
        course, left = self._settler.settle(batch, ending, now_ms)
        if lane in self._following.lanes:
            self._go_on(lane, batch, course, left, now_ms)
            self._commit_if_clear(lane)
        else:  # let go while the batch was with the function: only what ends it has an effect
            if course.kind == "discard" and left:
                self._settler.exhausted(batch, left, now_ms)
            if course.kind in ("done", "discard"):
                self._following.commit(batch.readers)
        self._following.agree(batch)

    def _go_on(self, lane: Lane, batch: LogBatch, course: Course, left: Sequence[Held], now_ms: int) -> None:
        """Do what the course says with the records that are left; they may be fewer than failed."""
        lane.work.pop()
        if not left:
            return
        is_rest = batch.is_rest or len(left) < len(batch.held)
        if course.kind == "discard":
            self._settler.exhausted(batch, left, now_ms)
        elif course.kind == "split" and len(left) > 1:
            self._ledger.split(now_ms, self.uuid, tuple([one.record.id for one in left]))
            half = len(left) // 2
            whole = batch if len(left) == len(batch.held) else batch.rest(left, now_ms, is_rest=is_rest)
            lane.work += [whole.part(half, None, now_ms), whole.part(0, half, now_ms)]
        elif course.kind == "again":
            lane.work.append(LogBatch(left, now_ms + FIRST_MS, is_rest=batch.is_rest))
        else:
            due_ms = now_ms + delay_ms(batch.attempts)
            if len(left) == len(batch.held):
                batch.due_ms = due_ms
                lane.work.append(batch)
            else:
                lane.work.append(batch.rest(left, due_ms, is_rest=is_rest))

    def _commit_if_clear(self, lane: Lane) -> None:
        if lane.may_commit:
            self._following.commit(lane.readers.values())
