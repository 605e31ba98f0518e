"""The poller of a stream: follow the shards, gather, invoke, go on. The law: this file moves effects; the decisions
stand elsewhere, as functions that can be tabulated: `batching` (when does a batch go, how much fits), `lanes` (what may
go at once), `expiry` (what is past its time), `partial` and `bisect` (what does the response mean, how does the batch
go on), `backoff`, `windows`; `following`, `gathering` and `stream_settling` each carry out their part.

A shard is read in order, and a batch that failed blocks its lane until it succeeds, is given up or expires. Records of
a stream have a fate for each mapping, so that the journal's place is the mapping's UUID.
"""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_lambda_events.errors import NotSimulated
from pytest_lambda_events.model.windows import TumblingWindow
from pytest_lambda_events.polling.backoff import FIRST_MS, delay_ms
from pytest_lambda_events.polling.batching import PAYLOAD_LIMIT_BYTES, due_at, fits
from pytest_lambda_events.polling.expiry import gone
from pytest_lambda_events.polling.following import Following
from pytest_lambda_events.polling.gathering import Gatherer
from pytest_lambda_events.polling.reading import StreamBatch
from pytest_lambda_events.polling.stream_settling import METRICS, StreamSettler
from pytest_lambda_events.polling.windows import OpenWindow, closes_ms, start_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_lambda_events.clock.ports import Clock
    from pytest_lambda_events.model.mapping import MappingConfig
    from pytest_lambda_events.model.outcome import Ending
    from pytest_lambda_events.model.trace import Ledger
    from pytest_lambda_events.polling.bisect import Course
    from pytest_lambda_events.polling.concurrency import Reservation
    from pytest_lambda_events.polling.faults import Dice
    from pytest_lambda_events.polling.ports import Destination, Function, StreamBroker, StreamShape
    from pytest_lambda_events.polling.reading import Blocked, Lane, Reader

__all__ = ["METRICS", "StreamPoller"]


class _Running(NamedTuple):
    """An invocation whose outcome takes effect at `ends_ms`. `order` keeps the heap from comparing the rest."""

    ends_ms: int
    order: int
    reader: Reader
    lane: Lane
    batch: StreamBatch
    ending: Ending


class _WindowEnd(NamedTuple):
    """Stands for the records of a window in its final invocation, which has none but must not go on for ever either."""

    arrival_ms: int


class StreamPoller:
    """One mapping's poller.

    `shape` gives a configuration's event; `reservation` is the function's concurrency, which its other mappings share;
    `dice` are the faults asked for (throttles, crashes); `destination_of` gives a configuration's destination for what
    is given up, and `filter_of` its filter, each None without one: the filter sees a record as JSON text and says
    whether it goes to the function.
    """

    def __init__(
        self,
        uuid: str,
        *,
        config: MappingConfig,
        broker: StreamBroker,
        shape: Callable[[MappingConfig], StreamShape],
        function: Function,
        reservation: Reservation,
        clock: Clock,
        ledger: Ledger,
        new_request_id: Callable[[], str],
        dice: Dice | None = None,
        destination_of: Callable[[MappingConfig], Destination | None] = lambda _config: None,
        filter_of: Callable[[MappingConfig], Callable[[str], bool] | None] = lambda _config: None,
    ) -> None:
        self.uuid = uuid
        self.config = config
        self.broker = broker
        self.metrics = dict.fromkeys(METRICS, 0)
        self._shape_of = shape
        self._shape = shape(config)
        self._function = function
        self._reservation = reservation
        self._clock = clock
        self._ledger = ledger
        self._new_request_id = new_request_id
        self._dice = dice
        self._destination_of = destination_of
        self._filter_of = filter_of
        self._settler = StreamSettler(
            uuid,
            ledger=ledger,
            clock=clock,
            metrics=self.metrics,
            new_request_id=new_request_id,
            dice=dice,
            config=config,
            destination=destination_of(config),
        )
        self._gatherer = self._gatherer_for(config)
        self._following = Following(uuid, broker, ledger)
        self._has_lost_records = False
        self._running: list[_Running] = []
        self._turns = 0
        if config.enabled or config.starting_position != "LATEST":
            self._following.begin(config, clock.now_ms)

    @property
    def last_result(self) -> str:
        """LastProcessingResult of the mapping, in AWS's words."""
        return self._settler.last_result

    def check(self) -> None:
        """Count every record, for debugging. Errors: `ConservationError`."""
        self._following.check()

    def close(self) -> None:
        """Expect nothing more: the mapping is deleted (and disabled before). What is with the function still ends."""
        self._following.close()

    # -- the agenda's two questions ---------------------------------------------------------------------------------

    def next_due(self, now_ms: int) -> int | None:
        """The earliest of: an invocation ends, a batch goes or is tried again, a window closes, something comes."""
        earliest = self._running[0].ends_ms if self._running else None
        if self.config.enabled:
            if self._following.is_behind:
                return now_ms
            for due in self._dues(now_ms):
                if earliest is None or due < earliest:
                    earliest = due
        return None if earliest is None else max(earliest, now_ms)

    def _dues(self, now_ms: int) -> Iterator[int]:
        comes = self.broker.next_change(now_ms)
        if comes is not None:
            yield comes
        for reader in self._following.active.values():
            if not reader.lanes:
                if not reader.in_flight and not reader.is_done:
                    yield now_ms
            elif self._gatherer.wants(reader):
                yield now_ms
            else:
                for lane in reader.lanes:
                    due = self._lane_due(reader, lane)
                    if due is not None:
                        yield due

    def step(self, now_ms: int) -> int:
        """Let ended invocations take effect, follow the shards, gather, and invoke with the batch that is due first.

        How many invocations began.
        """
        self.broker.settle(now_ms)
        while self._running and self._running[0].ends_ms <= now_ms:
            ended = heappop(self._running)
            self._settle(ended.reader, ended.lane, ended.batch, ended.ending, now_ms)
        if not self.config.enabled:
            return 0
        self._following.follow(now_ms)
        best: tuple[int, int, Reader, Lane] | None = None
        for reader in self._following.active.values():
            if self._gatherer.gather(reader, now_ms) and self._stops(now_ms):
                return 0
            for lane in reader.lanes:
                due = self._lane_due(reader, lane)
                # of those that are due at one moment, the one that has not had a turn for the longest time
                if due is not None and due <= now_ms and (best is None or (due, lane.turn) < best[:2]):
                    best = (due, lane.turn, reader, lane)
        return 0 if best is None else self._act(best[2], best[3], now_ms)

    def reconfigure(self, config: MappingConfig) -> None:
        """Change the mapping at once. What is with the function ends; all else is read anew from the checkpoint, with
        fresh retries.
        """
        if config == self.config:
            return
        if config.enabled and self._has_lost_records:
            raise NotSimulated(
                f"the mapping {self.uuid} was disabled because records expired that it had not delivered: AWS says to "
                "create a new mapping with a StartingPosition of your choice, and not what enabling this one would do"
            )
        now_ms = self._clock.now_ms
        for reader in self._following.readers.values():
            reader.let_go(now_ms)
            if config.tumbling_ms != self.config.tumbling_ms:
                reader.window = None
        self.config = config
        self._shape = self._shape_of(config)
        self._settler.reconfigure(config, self._destination_of(config))
        self._gatherer = self._gatherer_for(config)
        if config.enabled and not self._following.has_begun:
            self._following.begin(config, now_ms)

    def _gatherer_for(self, config: MappingConfig) -> Gatherer:
        return Gatherer(
            config,
            broker=self.broker,
            shape=self._shape,
            passes=self._filter_of(config),
            settler=self._settler,
            metrics=self.metrics,
        )

    def blocked(self) -> list[Blocked]:
        """Why shards wait: each batch that failed or was throttled, and is neither through nor given up."""
        now_ms = self._clock.now_ms
        return [one for reader in self._following.active.values() for one in reader.blocked(now_ms)]

    def _lane_due(self, reader: Reader, lane: Lane) -> int | None:
        """When the lane can go on by itself, if nothing more can be read; None when it waits for something else."""
        if lane.is_running:
            return None
        if lane.work:
            return lane.work[-1].due_ms
        window, tumbling_ms = reader.window, self.config.tumbling_ms
        if not lane.waiting:
            if window is None:
                return None
            if window.ends_early or self.broker.is_drained(reader.shard_id, reader.place):
                return lane.window_from_ms
            return closes_ms(window.start_ms, tumbling_ms)
        first_ms: int = lane.waiting[0].record.arrival_ms
        if window is not None and self._closes_before(window, lane):
            return max(first_ms, lane.window_from_ms)
        window_from_ms = lane.window_from_ms
        if self.config.habits.window_from_record:  # which may have waited while the invocation before went on
            window_from_ms = max(window_from_ms, first_ms)
        due = due_at(
            held=len(lane.waiting),
            first_held_ms=first_ms,
            batch_size=self.config.batch_size,
            full=self._gatherer.is_full(lane),
            window_ms=self.config.window_ms,
            window_from_ms=window_from_ms,
        )
        if due is not None and window is not None:
            due = max(min(due, closes_ms(window.start_ms, tumbling_ms)), first_ms)
        return due

    def _closes_before(self, window: OpenWindow, lane: Lane) -> bool:
        """Whether a window's final invocation comes before what waits in the lane."""
        if window.ends_early or not lane.waiting:
            return True
        return start_of(lane.waiting[0].record.arrival_ms, self.config.tumbling_ms) != window.start_ms

    # -- invoking ---------------------------------------------------------------------------------------------------

    def _act(self, reader: Reader, lane: Lane, now_ms: int) -> int:
        """Try the lane's next batch; how many invocations began."""
        self._turns += 1
        lane.turn = self._turns
        window = reader.window
        if window is not None and window.ends_early and not (lane.work and lane.work[-1].is_final):
            lane.work.append(StreamBatch((), now_ms, window.start_ms, is_terminated_early=True))
        elif not lane.work:
            lane.work.append(self._next_batch(reader, lane, now_ms))
        if not self._drop_past(reader, lane, now_ms):
            return 0
        batch = self._prepared(reader, lane, now_ms)
        if batch.is_too_large and self.config.habits.drops_oversized:
            lane.work.pop()
            self._settler.oversized(reader, batch, now_ms)
            return 0
        if batch.is_too_large:
            batch.attempts += 1
            course = self._settler.too_large(batch, now_ms)
            self._go_on(reader, lane, batch, course, now_ms)
            return 0
        dice = self._dice
        if self._reservation.is_full(now_ms) or (dice is not None and dice.throttles(batch.ids, now_ms)):
            batch.throttles += 1
            batch.due_ms = now_ms + delay_ms(batch.throttles)
            self._settler.throttled(batch, now_ms)
            return 0
        self._invoke(reader, lane, batch, now_ms)
        return 1

    def _next_batch(self, reader: Reader, lane: Lane, now_ms: int) -> StreamBatch:
        """What goes next: the final invocation of a window that closes, or the first of what waits."""
        window, tumbling_ms = reader.window, self.config.tumbling_ms
        if window is not None and self._closes_before(window, lane):
            return StreamBatch((), now_ms, window.start_ms)
        most = list(islice(lane.waiting, self.config.batch_size))
        start_ms = None
        if tumbling_ms:
            start_ms = start_of(most[0].record.arrival_ms, tumbling_ms)
            most = [held for held in most if start_of(held.record.arrival_ms, tumbling_ms) == start_ms]
        many = fits([held.size for held in most], self._shape.overhead, self.config.batch_size)
        return StreamBatch(lane.take(many), now_ms, start_ms)

    def _drop_past(self, reader: Reader, lane: Lane, now_ms: int) -> bool:
        """Give up those first records of the next batch that are past their time; whether anything is left to try.

        What is left is a new batch: its request id and retries are its own.
        """
        batch, config = lane.work[-1], self.config
        aging: Sequence[Any] = batch.records or (_WindowEnd((batch.window_start_ms or 0) + config.tumbling_ms),)
        retention_ms = self.broker.expires_ms(aging[0]) - aging[0].arrival_ms
        expired, aged = gone(aging, now_ms, retention_ms=retention_ms, record_age_ms=config.record_age_ms)
        if not expired and not aged:
            return True
        lane.work.pop()
        self._settler.end(reader, batch.held[:expired], now_ms, "expired")
        if expired and self._stops(now_ms):
            return False
        if aged:
            part = batch if batch.is_final else batch.part(expired, expired + aged, now_ms)
            part.due_ms = now_ms
            part.event_text, part.window = self._event(reader, part)
            self._settler.aged(reader, batch, part)
        if batch.is_final:
            reader.window = None
        elif expired + aged < len(batch.held):
            lane.work.append(batch.part(expired + aged, None, now_ms))
            return True
        return False

    def _stops(self, now_ms: int) -> bool:
        """Records have expired that were not delivered; whether the mapping is disabled for that, which it is now."""
        config = self.config
        if not config.habits.stops_when_expired:
            return False
        self.reconfigure(replace(config, enabled=False))
        self._has_lost_records = True
        self._settler.stopped(now_ms)
        return True

    def _prepared(self, reader: Reader, lane: Lane, now_ms: int) -> StreamBatch:
        """The next batch, with its request id and its event; both are made once."""
        batch = lane.work[-1]
        if batch.request_id:
            return batch
        text, window = self._event(reader, batch)
        size = len(text) if text.isascii() else len(text.encode())
        if size > PAYLOAD_LIMIT_BYTES and len(batch.held) > 1:
            # the state of a window takes its part of the 6 MB: what does not fit beside it comes next
            sizes = [one.size for one in batch.held]
            many = fits(sizes, size - sum(sizes) - len(sizes) + 1, len(sizes))
            lane.work[-1:] = [batch.part(many, None, now_ms), batch.part(0, many, now_ms)]
            return self._prepared(reader, lane, now_ms)
        batch.event_text, batch.window, batch.event_bytes = text, window, size
        batch.request_id = self._new_request_id()
        return batch

    def _event(self, reader: Reader, batch: StreamBatch) -> tuple[str, TumblingWindow | None]:
        start_ms, texts = batch.window_start_ms, [one.text for one in batch.held]
        if start_ms is None:
            return self._shape.event_text(texts), None
        opened = reader.window or OpenWindow(start_ms)
        window = TumblingWindow(
            seconds=self.config.tumbling_ms // 1000,
            state=opened.state,
            is_final=batch.is_final,
            terminated_early=batch.is_terminated_early,
        )
        return self._shape.window_text(texts, window, shard_id=reader.shard_id, moment_ms=start_ms), window

    def _invoke(self, reader: Reader, lane: Lane, batch: StreamBatch, now_ms: int) -> None:
        metrics = self.metrics
        metrics["Invocations"] += 1
        metrics["InvokedEventCount"] += len(batch.held)
        if batch.held:
            metrics["IteratorAge"] = max(metrics["IteratorAge"], now_ms - batch.records[-1].arrival_ms)
        if reader.window is None and batch.window_start_ms is not None:
            reader.window = OpenWindow(batch.window_start_ms)
        self._ledger.invoked(now_ms, self.uuid, batch.ids, batch.request_id)
        batch.attempts += 1
        lane.is_running = True
        reader.in_flight.append(batch)
        try:
            ending = self._function.invoke(batch.event_text, batch.request_id)
        except BaseException:  # a test that ends inside the handler: the batch stays what comes next
            lane.is_running = False
            reader.in_flight.remove(batch)
            raise
        self._reservation.hold(ending.ended_ms)
        present_ms = self._clock.now_ms
        if ending.ended_ms <= present_ms:
            self._settle(reader, lane, batch, ending, present_ms)
        else:
            heappush(self._running, _Running(ending.ended_ms, self._turns, reader, lane, batch, ending))

    # -- going on ---------------------------------------------------------------------------------------------------

    def _settle(self, reader: Reader, lane: Lane, batch: StreamBatch, ending: Ending, now_ms: int) -> None:
        lane.is_running = False
        reader.in_flight.remove(batch)
        if not batch.is_final and not self.config.habits.window_from_record:
            lane.window_from_ms = reader.window_from_ms = now_ms
        course = self._settler.settle(reader, batch, ending, now_ms, name_of=self._shape.item_identifier)
        self._go_on(reader, lane, batch, course, now_ms)
        self._following.agree(reader)

    def _go_on(self, reader: Reader, lane: Lane, batch: StreamBatch, course: Course, now_ms: int) -> None:
        """Do what the course says. In a lane that was let go, only what ends the batch has an effect."""
        kind, at = course
        work = lane.work
        if kind == "discard":
            self._settler.exhausted(reader, batch, now_ms)
        if kind in ("discard", "done"):
            work.pop()
            if batch.is_final:
                reader.window = None
        elif kind == "suffix":
            work[-1] = batch.part(at, None, now_ms)
        elif kind == "split":
            work[-1:] = [batch.part(at, None, now_ms), batch.part(0, at, now_ms)]
            if reader.owns(lane):
                self._ledger.split(now_ms, self.uuid, batch.ids)
        elif kind == "retry":
            batch.due_ms = now_ms + delay_ms(batch.attempts)
        else:
            work[-1] = batch.anew(now_ms + FIRST_MS)
