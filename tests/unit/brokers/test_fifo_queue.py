"""The rules of a FIFO queue, one by one, S-numbers as in docs/fidelity.md. `tests/properties` has them all at once."""

from __future__ import annotations

from collections import deque
from itertools import count
from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.brokers import visibility_queue
from pytest_lambda_events.brokers.attempts import Attempts
from pytest_lambda_events.brokers.deduplication import Deduplication
from pytest_lambda_events.brokers.lines import GroupLines
from pytest_lambda_events.brokers.sequence_numbers import SequenceNumbers
from pytest_lambda_events.brokers.visibility_ports import FixedSettings
from pytest_lambda_events.brokers.visibility_queue import GONE, READY, Message, VisibilityQueue
from pytest_lambda_events.model.records import SqsMessage
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.model.run import Run, Scope
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIVE_MINUTES_MS = 300_000
TWELVE_HOURS_MS = 12 * 3_600_000


def record(record_id: str, dedup_id: str | None = None, sent_ms: int = 0) -> SqsMessage:
    """A record whose group is the letter that its id begins with: a1, a2, b1."""
    return SqsMessage(
        id=record_id,
        body=record_id,
        sent_timestamp=sent_ms,
        sender_id="",
        message_group_id=record_id[0],
        message_deduplication_id=dedup_id,
        sequence_number="18904851514307823619",
    )


class Bench:
    """A queue with its journal; its handles are h1, h2, h3."""

    def __init__(self, name: str = "orders", ledger: Ledger | None = None, *, fifo: bool = True, **settings) -> None:
        self.ledger = Ledger() if ledger is None else ledger
        receipts = count(1)
        fixed = FixedSettings(**settings)
        self.queue = VisibilityQueue(name, fixed, self.ledger, lambda: f"h{next(receipts)}", fifo=fifo)

    def send(self, *ids: str, now: int = 0, **options) -> None:
        for record_id in ids:
            self.queue.send(record(record_id, sent_ms=now), now, **options)

    def receive(self, now: int, limit: int = 10, **options) -> list[str]:
        return [message.record.id for message in self.queue.receive(limit, now, **options)]

    def delete(self, now: int, *ids: str) -> None:
        """Delete messages that are in flight, by their latest handles."""
        for message in self.queue.messages(now):
            if message.record.id in ids:
                assert self.queue.delete(message.handles[-1], now)

    def change(self, now: int, record_id: str, visibility_ms: int) -> None:
        (message,) = [message for message in self.queue if message.record.id == record_id]
        self.queue.change_visibility(message.handles[-1], visibility_ms, now)

    def ids(self, now: int) -> list[str]:
        return [message.record.id for message in self.queue.messages(now)]


def with_dead_letters(most: int, *, dead: dict | None = None, **settings) -> tuple[Bench, Bench]:
    """A queue and its dead-letter queue, which write one journal."""
    target = Bench("dead", **(dead or {}))
    source = Bench(ledger=target.ledger, max_receive_count=most, dead_letter_queue=target.queue, **settings)
    return source, target


def with_counts(messages: Sequence[Message]) -> list[tuple[Message, int]]:
    """What a poller answers for: each message with its receive count."""
    return [(message, message.receive_count) for message in messages]


# -- order in a group -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2, 3])
def test_s9_a_batch_that_times_out_comes_back_in_its_order(times) -> None:
    """However often it does."""
    bench = Bench(visibility_ms=30)
    bench.send("a1", "a2", "a3", "a4")
    for now in range(0, 30 * times, 30):
        bench.receive(now)
    assert bench.receive(30 * times) == ["a1", "a2", "a3", "a4"]


def test_s10_a_group_reaches_the_dead_letter_queue_in_its_order() -> None:
    """All in one receive, and what is not spent yet is received in the same one."""
    bench, dead = with_dead_letters(1, visibility_ms=30)
    bench.send("a1", "a2", "a3", "a4")
    bench.receive(0, 3)
    assert bench.receive(30) == ["a4"]
    assert dead.receive(30) == ["a1", "a2", "a3"]


def test_s11_order_survives_a_visibility_timeout_of_zero() -> None:
    """Whichever message is shown first."""
    bench = Bench(visibility_ms=30)
    bench.send("a1", "a2", "a3", "a4")
    bench.receive(0)
    for record_id in ("a3", "a1", "a4", "a2"):
        bench.change(5, record_id, 0)
    assert bench.receive(5) == ["a1", "a2", "a3", "a4"]


def test_s12_the_rest_of_a_partly_deleted_batch_keeps_its_order() -> None:
    """Also in front of what was never received."""
    bench = Bench(visibility_ms=30)
    bench.send("a1", "a2", "a3", "a4", "a5", "a6")
    bench.receive(0, 5)
    bench.delete(10, "a1", "a3")
    assert bench.receive(30) == ["a2", "a4", "a5", "a6"]


def test_s13_a_message_in_flight_holds_back_what_is_behind_it_only() -> None:
    """With a2 extended, a1 comes when its own timeout ends, and a3 waits."""
    bench = Bench(visibility_ms=30)
    bench.send("a1", "a2", "a3")
    bench.receive(0)
    bench.change(10, "a2", 100)
    assert bench.receive(30) == ["a1"]
    bench.delete(31, "a1")
    assert bench.receive(109) == []
    assert bench.receive(110) == ["a2", "a3"]


def test_a_group_in_flight_delivers_nothing_more() -> None:
    """Until its head comes back or is deleted; other groups go on."""
    bench = Bench(visibility_ms=30)
    bench.send("a1", "a2", "b1")
    assert bench.receive(0, 1) == ["a1"]
    assert bench.receive(0) == ["b1"]
    bench.send("a3", "b2", now=1)
    assert bench.receive(1) == []
    assert bench.queue.counts(1) == (3, 2, 0)
    bench.delete(2, "a1")
    assert bench.receive(2) == ["a2", "a3"]


def test_a_delayed_message_holds_back_what_is_behind_it_only() -> None:
    """Not what is in front of it."""
    bench = Bench()
    bench.send("a1")
    bench.send("a2", delay_ms=20)
    bench.send("a3")
    assert bench.receive(0) == ["a1"]
    bench.delete(1, "a1")
    assert bench.receive(19) == []
    assert bench.receive(20) == ["a2", "a3"]


@pytest.mark.parametrize("how", ["purge", "retention"])
def test_a_group_goes_on_without_a_head_that_left(how) -> None:
    """Those who wait behind a message are not bound to it."""
    bench = Bench(retention_ms=100)
    bench.send("a1", "a2")
    bench.receive(0, 1)
    bench.send("a3", now=50)
    if how == "purge":
        bench.queue.purge(60)
        bench.send("a3", now=60)
    assert bench.receive(100) == ["a3"]
    bench.queue.check()


def test_messages_without_a_group_are_one_group() -> None:
    """A queue that was filled before us may hold such."""
    bench = Bench()
    for record_id in ("m1", "m2"):
        bench.queue.send(SqsMessage(id=record_id, body="", sent_timestamp=0, sender_id=""), 0)
    assert bench.receive(0, 1) == ["m1"]
    assert bench.receive(0, 1) == []


def test_an_announced_send_stands_where_it_enters() -> None:
    """Not where it was announced, and it holds nothing back before."""
    bench = Bench()
    bench.send("a1", at_ms=50)
    bench.send("a2")
    assert bench.receive(0) == ["a2"]
    bench.delete(1, "a2")
    assert bench.receive(50) == ["a1"]


# -- order of the groups ----------------------------------------------------------------------------------------------


def test_a_receive_fills_up_with_further_groups() -> None:
    """In the order in which they became able to deliver, each as far as it can."""
    bench = Bench()
    bench.send("b1", "a1", "c1", "b2", "c2", "a2")
    assert bench.receive(0, 3) == ["b1", "b2", "a1"]
    assert bench.receive(0, 3) == ["c1", "c2"]


def test_groups_take_turns() -> None:
    """A group that delivered stands behind the others when it can again."""
    bench = Bench()
    bench.send("a1", "a2", "b1", "b2", "c1")
    assert bench.receive(0, 1) == ["a1"]
    bench.delete(0, "a1")
    assert bench.receive(0, 1) == ["b1"]
    assert bench.receive(0, 1) == ["c1"]
    assert bench.receive(0, 1) == ["a2"]


def test_a_receive_may_take_one_group_only() -> None:
    """An option of ours: the recordings of Lambda's poller show nothing else. Spent groups do not count."""
    bench, dead = with_dead_letters(1, visibility_ms=30)
    bench.send("a1")
    bench.receive(0)
    bench.send("a2", "b1", "b2", "c1", delay_ms=31)
    bench.queue.settings = FixedSettings(max_receive_count=1, dead_letter_queue=dead.queue)
    assert bench.receive(30, one_group=True) == []
    assert dead.ids(30) == ["a1"]
    assert bench.receive(31, one_group=True) == ["a2"]
    assert bench.receive(31, one_group=True) == ["b1", "b2"]
    assert bench.receive(31, one_group=True) == ["c1"]
    assert bench.receive(31, one_group=True) == []


def test_a_timeout_of_zero_hides_nothing() -> None:
    """The same messages come again, in their order, after the groups that wait."""
    bench = Bench(visibility_ms=0)
    bench.send("a1", "a2", "b1")
    assert bench.receive(0, 1) == ["a1"]
    assert bench.receive(0) == ["b1", "a1", "a2"]


# -- the next change --------------------------------------------------------------------------------------------------


def test_a_blocked_message_is_no_change_now() -> None:
    """Or a poller would never stop asking: visible behind one in flight, it waits for that."""
    bench = Bench(visibility_ms=30)
    bench.send("a1", "a2")
    bench.receive(0, 1)
    assert bench.queue.counts(0) == (1, 1, 0)
    assert bench.queue.next_change(0) == 30
    assert bench.queue.next_change(30) == 30
    bench.receive(30, 1)
    bench.delete(31, "a1")
    assert bench.queue.next_change(31) == 31


def test_without_messages_there_is_no_change() -> None:
    """At any time."""
    bench = Bench()
    assert bench.queue.next_change(0) is None
    bench.send("a1")
    bench.receive(0)
    bench.delete(0, "a1")
    assert bench.queue.next_change(0) is None


# -- in flight --------------------------------------------------------------------------------------------------------


def test_a_fifo_queue_gives_nothing_at_the_limit_in_flight(monkeypatch) -> None:
    """No error; a receive gives what still fits, and there is no change until something leaves."""
    monkeypatch.setattr(visibility_queue, "IN_FLIGHT_LIMIT", 3)
    bench = Bench(visibility_ms=30)
    bench.send("a1", "a2", "b1", "c1")
    assert bench.receive(0, 2) == ["a1", "a2"]
    assert bench.receive(0) == ["b1"]
    assert bench.receive(0) == []
    assert bench.queue.next_change(0) == 30
    bench.delete(1, "b1")
    assert bench.queue.next_change(1) == 1
    assert bench.receive(1) == ["c1"]


def test_a_standard_queue_refuses_at_the_limit_in_flight(monkeypatch) -> None:
    """With AWS's OverLimit, HTTP 403; nothing changes by it."""
    monkeypatch.setattr(visibility_queue, "IN_FLIGHT_LIMIT", 3)
    bench = Bench(fifo=False, visibility_ms=30)
    bench.send("a1", "a2", "b1", "c1")
    assert bench.receive(0) == ["a1", "a2", "b1"]
    with pytest.raises(Refusal, match="OverLimit: Too many messages in flight") as refused:
        bench.receive(1)
    assert refused.value.status == 403
    assert bench.queue.next_change(1) == 30
    bench.queue.delete("h1", 2)
    assert bench.receive(2) == ["c1"]


def test_the_limit_in_flight_is_that_of_aws() -> None:
    """120,000, for both kinds."""
    assert visibility_queue.IN_FLIGHT_LIMIT == 120_000


# -- redrive ----------------------------------------------------------------------------------------------------------


def test_s20_a_fifo_dead_letter_queue_resets_the_enqueue_time() -> None:
    """SentTimestamp is the moment of the move, and retention counts anew; the id and the counts stay."""
    bench, dead = with_dead_letters(1, visibility_ms=30, dead={"retention_ms": 100})
    bench.send("a1", now=10)
    bench.receive(10)
    bench.receive(500)
    (message,) = dead.queue.messages(500)
    assert (message.record.id, message.record.sent_timestamp, message.enqueued_ms) == ("a1", 500, 500)
    assert (message.receive_count, message.first_receive_ms, message.dead_letter_source_arn) == (1, 10, "orders")
    assert message.record.sequence_number == "18904851514307823619"
    assert bench.ledger.records["a1"].sent_timestamp == 500
    assert dead.ids(599) == ["a1"]
    assert dead.ids(600) == []


def test_s22_redrive_knows_no_duplicates() -> None:
    """Two messages with one deduplication id arrive as two, and what arrives is remembered by nobody."""
    bench, dead = with_dead_letters(1, visibility_ms=30, deduplication_scope="messageGroup")
    for record_id in ("a1", "b1"):
        bench.queue.send(record(record_id, "same"), 0)
    dead.queue.send(record("c1", "same"), 0)
    bench.receive(0)
    bench.receive(30)
    assert dead.ids(30) == ["c1", "a1", "b1"]
    found = dead.queue.duplicate_of("c", "same", 30)
    assert found is not None
    assert found.id == "c1"


def test_a_spent_message_waits_until_it_is_the_head() -> None:
    """One that came with more receives than the one in front of it does not overtake it on the way out."""
    bench, dead = with_dead_letters(2, visibility_ms=30)
    bench.send("a1")
    older = Message(record("a2"), 0)
    older.receive_count = 2
    bench.queue.take_over(older, 0)
    assert bench.receive(0) == ["a1"]
    assert bench.receive(30) == ["a1"]
    assert dead.ids(59) == []
    assert bench.receive(60) == []
    assert dead.ids(60) == ["a1", "a2"]


def test_what_was_in_flight_before_us_holds_its_group_back() -> None:
    """A message that is taken over keeps its place, its timeout and its handle."""
    bench = Bench()
    first = Message(record("a1"), 0)
    first.receive_count, first.visible_ms, first.received_ms, first.handles = 1, 70, 40, ["old", "latest"]
    bench.queue.take_over(first, 50)
    bench.queue.take_over(Message(record("a2"), 10), 50)
    assert bench.receive(50) == []
    assert bench.queue.next_change(50) == 70
    with pytest.raises(Refusal, match="has expired"):
        bench.queue.delete("old", 51)
    assert bench.queue.delete("latest", 51) is True
    assert bench.receive(51) == ["a2"]


# -- deleting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [False, True])
def test_s28_a_handle_that_has_expired_does_not_delete(again) -> None:
    """When its timeout has ended, received again or not; the latest one deletes while it hides the message."""
    bench = Bench(visibility_ms=30)
    bench.send("a1")
    bench.receive(0)
    if again:
        bench.receive(30)
    with pytest.raises(Refusal) as refused:
        bench.queue.delete("h1", 30)
    assert refused.value.code == "InvalidParameterValue"
    assert refused.value.message == (
        "Value h1 for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    )
    if not again:
        bench.receive(30)
    assert bench.queue.delete("h2", 59) is True


def test_s28_deleting_what_is_deleted_is_fine() -> None:
    """With any handle that it had."""
    bench = Bench(visibility_ms=30)
    bench.send("a1")
    bench.receive(0)
    bench.receive(30)
    bench.queue.delete("h2", 31)
    assert bench.queue.delete("h2", 100) is False
    assert bench.queue.delete("h1", 100) is False
    with pytest.raises(Refusal, match="ReceiptHandleIsInvalid"):
        bench.queue.delete("nobody's", 100)


def test_delete_received_leaves_what_came_back() -> None:
    """A poller that answers too late deletes only what is still in flight from that very receive."""
    bench = Bench(visibility_ms=30)
    bench.send("a1", "b1", "c1")
    batch = with_counts(bench.queue.receive(10, 0))
    bench.change(1, "b1", 0)
    bench.receive(1)
    bench.change(2, "c1", 0)
    assert bench.queue.delete_received([*batch, batch[0]], 3) == 1
    assert bench.ids(3) == ["b1", "c1"]
    assert bench.queue.delete_received(batch, 100) == 0


# -- deduplication ----------------------------------------------------------------------------------------------------


def sent(bench: Bench, record_id: str, dedup_id: str, now: int, at: int | None = None) -> str:
    """What a sender is answered with: its own id, or that of the first."""
    moment = now if at is None else at
    first = bench.queue.duplicate_of(record_id[0], dedup_id, moment)
    if first is not None:
        return first.id
    bench.queue.send(record(record_id, dedup_id), now, at_ms=at)
    return record_id


@pytest.mark.parametrize(("now", "answer"), [(0, "a1"), (FIVE_MINUTES_MS - 1, "a1"), (FIVE_MINUTES_MS, "a2")])
def test_a_duplicate_is_one_for_five_minutes(now, answer) -> None:
    """At the end of the interval the id is free; duplicates do not prolong it."""
    bench = Bench()
    sent(bench, "a1", "same", 0)
    sent(bench, "a9", "same", 1_000)
    assert sent(bench, "a2", "same", now) == answer
    assert len(bench.ids(now)) == (1 if answer == "a1" else 2)


def test_s21_a_deleted_message_is_remembered() -> None:
    """Deleting, purging or moving it does not free its id."""
    bench = Bench()
    sent(bench, "a1", "same", 0)
    bench.receive(0)
    bench.delete(1, "a1")
    assert sent(bench, "a2", "same", 2) == "a1"
    assert bench.ids(2) == []


@pytest.mark.parametrize(("scope", "answer"), [("queue", "a1"), ("messageGroup", "b1")])
def test_s23_the_scope_may_be_the_group(scope, answer) -> None:
    """An id then means something in its group only."""
    bench = Bench(deduplication_scope=scope)
    sent(bench, "a1", "same", 0)
    assert sent(bench, "b1", "same", 1) == answer
    assert sent(bench, "a2", "same", 2) == "a1"


def test_s23_the_scope_is_read_at_each_send() -> None:
    """Both memories are kept: a change of the attribute forgets nothing."""
    bench = Bench(deduplication_scope="messageGroup")
    sent(bench, "a1", "same", 0)
    sent(bench, "b1", "same", 1)
    bench.queue.settings = FixedSettings(deduplication_scope="queue")
    assert sent(bench, "b2", "same", 2) == "a1"
    assert sent(bench, "b2", "same", FIVE_MINUTES_MS) == "b1"
    bench.queue.settings = FixedSettings(deduplication_scope="messageGroup")
    assert sent(bench, "a2", "same", FIVE_MINUTES_MS) == "a2"


def test_s24_a_duplicate_is_answered_with_the_first() -> None:
    """Its record, with MessageId and sequence number."""
    bench = Bench()
    first = record("a1", "same")
    bench.queue.send(first, 0)
    assert bench.queue.duplicate_of("a", "same", 1) is first


def test_an_announced_send_is_judged_at_its_own_moment() -> None:
    """By what is known when it is announced; for those before it, it is not there."""
    bench = Bench()
    assert sent(bench, "a1", "same", 0, at=100) == "a1"
    assert sent(bench, "a2", "same", 0) == "a2"
    assert sent(bench, "a3", "same", 0, at=99) == "a2"
    assert sent(bench, "a4", "same", 0, at=FIVE_MINUTES_MS) == "a1"
    assert sent(bench, "a5", "same", 0, at=FIVE_MINUTES_MS + 100) == "a5"
    assert bench.ids(FIVE_MINUTES_MS + 100) == ["a2", "a1", "a5"]


def test_an_id_that_is_none_is_no_duplicate() -> None:
    """Messages from before us may have none."""
    memory = Deduplication()
    memory.remember(record("a1"), 0, 0)
    assert len(memory) == 0


@pytest.mark.parametrize("ahead", [0, 50_000])
@pytest.mark.parametrize("ids", ["distinct", "one for all groups"])
def test_what_is_five_minutes_old_is_forgotten(ids, ahead) -> None:
    """The memory does not grow with what has passed through, in either scope."""
    memory = Deduplication()
    for number in range(2_000):
        now = number * 1_000
        made = SqsMessage(
            id=str(number),
            body="",
            sent_timestamp=now,
            sender_id="",
            message_group_id=f"group {number}",
            message_deduplication_id=str(number) if ids == "distinct" else "same",
        )
        memory.remember(made, now + ahead, now)
        assert number % 50 or len(memory) <= 3 * (300 + ahead // 1_000) + 2
    memory.forget(2_000 * 1_000 + FIVE_MINUTES_MS + ahead)
    assert len(memory) == 0


# -- sequence numbers -------------------------------------------------------------------------------------------------


def test_s25_a_sequence_number_is_that_of_its_microsecond() -> None:
    """The fourth of a batch, as recorded on AWS; the next single one is a microsecond later."""
    bench = Bench()
    numbers = [bench.queue.next_sequence_number(1789482189837, index) for index in range(4)]
    assert numbers[0] == "18904851514307823616"
    assert numbers[3] == "18904851514307823619"
    assert bench.queue.next_sequence_number(1789482189837) == "18904851514307823872"


def test_s25_sequence_numbers_rise() -> None:
    """Strictly, in one millisecond and from one to the next, in batches and one by one."""
    bench = Bench()
    moments = [0, 0, 0, 0, 1, 1, 2, 2, 2]
    indexes = [0, 0, 1, 1, 0, 2, 0, 9, 0]
    numbers = [int(bench.queue.next_sequence_number(*pair)) for pair in zip(moments, indexes, strict=True)]
    assert numbers == sorted(set(numbers))
    assert [number & 255 for number in numbers] == indexes
    assert [(number - 2**64 >> 8) // 1000 for number in numbers] == moments


def test_s25_an_announced_send_has_the_number_of_its_moment() -> None:
    """So that numbers rise in the order in which messages enter, not in that of announcing."""
    numbers = SequenceNumbers()
    late, later = (int(numbers.next(at, 0, 0)) for at in (50, 90))
    now, between = (int(numbers.next(at, 0, 0)) for at in (0, 70))
    assert now < late < between < later
    assert int(numbers.next(50, 0, 50)) in range(late + 1, between)
    assert len(numbers._given) == 3


def test_s25_a_full_millisecond_runs_over() -> None:
    """Beyond a thousand in one millisecond they still rise, past what was announced if need be, and none is twice."""
    numbers = SequenceNumbers()
    announced = int(numbers.next(1, 0, 0))
    given = [int(numbers.next(0, 0, 0)) for _ in range(2_500)]
    given += [int(numbers.next(at, 0, at)) for at in (1, 2, 3)]
    assert given == sorted(set(given))
    assert announced not in given
    assert (given[-1] - 2**64 >> 8) // 1000 == 3


# -- receive attempts -------------------------------------------------------------------------------------------------


def test_s27_an_attempt_can_be_repeated() -> None:
    """Same messages, handles and counts, hidden anew from the repetition on; the journal has one receive."""
    bench = Bench(visibility_ms=30_000)
    bench.send("a1", "a2", "b1")
    first = bench.queue.receive(2, 0, attempt_id="x")
    handles = [message.receipt_handle for message in first]
    again = bench.queue.receive(10, 20_000, attempt_id="x")
    assert [message.record.id for message in again] == ["a1", "a2"]
    assert [message.receipt_handle for message in again] == handles
    assert [message.receive_count for message in again] == [1, 1]
    assert bench.queue.delete_received(with_counts(again[:1]), 40_000) == 1
    assert bench.queue.counts(49_999) == (1, 1, 0)
    assert bench.queue.counts(50_000) == (2, 0, 0)
    assert [step.records for step in bench.ledger.steps if step.kind == "received"] == [("a1", "a2")]


def test_s27_another_attempt_is_a_receive_of_its_own() -> None:
    """As is one without an id."""
    bench = Bench(visibility_ms=30)
    bench.send("a1", "b1", "c1")
    assert bench.receive(0, 1, attempt_id="x") == ["a1"]
    assert bench.receive(0, 1, attempt_id="y") == ["b1"]
    assert bench.receive(0, 1) == ["c1"]
    assert bench.receive(1, attempt_id="x") == ["a1"]
    assert bench.receive(1, attempt_id="y") == ["b1"]


@pytest.mark.parametrize("what", ["deleted", "changed", "timed out", "shown", "five minutes old"])
def test_s27_an_attempt_whose_messages_changed_is_over(what) -> None:
    """The same id then makes a receive like any other, and is remembered for that."""
    now = FIVE_MINUTES_MS if what == "five minutes old" else 10
    bench = Bench(visibility_ms=10 if what == "timed out" else 1_000_000)
    bench.send("a1", "b1")
    bench.receive(0, attempt_id="x")
    bench.send("c1", now=1)
    if what == "deleted":
        bench.delete(2, "a1")
    elif what == "changed":
        bench.change(2, "a1", 2_000_000)
    elif what == "shown":
        bench.change(2, "a1", 0)
    found = bench.receive(now, attempt_id="x")
    assert "c1" in found
    assert bench.receive(now + 1, attempt_id="x") == found


def test_s27_repeating_does_not_prolong_the_five_minutes() -> None:
    """They count from the first receive."""
    bench = Bench(visibility_ms=TWELVE_HOURS_MS)
    bench.send("a1")
    bench.receive(0, attempt_id="x")
    assert bench.receive(FIVE_MINUTES_MS - 1, attempt_id="x") == ["a1"]
    assert bench.receive(FIVE_MINUTES_MS, attempt_id="x") == []


def test_s27_the_repetition_has_its_own_timeout() -> None:
    """0 too: the messages are visible at once."""
    bench = Bench(visibility_ms=30)
    bench.send("a1")
    bench.receive(0, attempt_id="x")
    bench.receive(10, attempt_id="x", visibility_ms=5)
    assert bench.queue.next_change(10) == 15
    assert bench.receive(12, attempt_id="x", visibility_ms=0) == ["a1"]
    assert bench.queue.counts(12) == (1, 0, 0)


def test_s27_twelve_hours_count_from_the_repetition() -> None:
    """It is the receive that its answer belongs to."""
    bench = Bench(visibility_ms=30_000)
    bench.send("a1")
    bench.receive(0, attempt_id="x")
    bench.receive(20_000, attempt_id="x")
    bench.change(20_000, "a1", TWELVE_HOURS_MS)
    assert bench.queue.next_change(20_000) == 20_000 + TWELVE_HOURS_MS


@pytest.mark.parametrize("what", ["nothing", "what is visible at once"])
def test_s27_an_attempt_that_hid_nothing_is_not_repeated(what) -> None:
    """There is nothing to hide anew: asking again is a receive like any other."""
    bench = Bench(visibility_ms=0)
    if what == "nothing":
        assert bench.receive(0, attempt_id="x") == []
        bench.send("a1")
    else:
        bench.send("a1")
        assert bench.receive(0, attempt_id="x") == ["a1"]
    (message,) = bench.queue.receive(1, 0, attempt_id="x")
    assert message.receive_count == (1 if what == "nothing" else 2)


def test_s27_a_standard_queue_knows_no_attempts() -> None:
    """The parameter applies to FIFO queues only."""
    bench = Bench(fifo=False)
    bench.send("a1", "a2")
    assert bench.receive(0, 1, attempt_id="x") == ["a1"]
    assert bench.receive(0, 1, attempt_id="x") == ["a2"]


def test_attempts_are_forgotten() -> None:
    """After five minutes, whoever asks next."""
    attempts = Attempts()
    for number in range(1_000):
        attempts.find(str(number), number * 1_000)
        attempts.remember(str(number), [], number * 1_000)
    assert len(attempts._known) == 300


# -- moving out -------------------------------------------------------------------------------------------------------


def run_over(ledger: Ledger, *arns: str) -> Run:
    return Run(ledger, Scope([], arns, {}, None), start_ms=0, now_ms=0, seed=0)


def test_messages_move_out_in_their_order() -> None:
    """Group by group, as a receive would find them; what is hidden, and what is behind it, stays."""
    bench = Bench(visibility_ms=30)
    bench.send("a1", "b1", "a2", "c1", "a3")
    bench.receive(0, 1, visibility_ms=30)
    bench.send("d1", delay_ms=5)
    assert [message.record.id for message in bench.queue.move_out(10, 1)] == ["b1", "c1"]
    assert [message.record.id for message in bench.queue.move_out(2, 30)] == ["d1", "a1"]
    assert [message.record.id for message in bench.queue.move_out(2, 30)] == ["a2", "a3"]
    assert bench.queue.move_out(2, 30) == []
    assert bench.ids(30) == []
    assert bench.queue.next_change(30) is None
    bench.queue.check()


def test_a_part_of_a_group_may_move() -> None:
    """The rest can be received."""
    bench = Bench()
    bench.send("a1", "a2", "b1")
    (message,) = bench.queue.move_out(1, 0)
    assert message.place == GONE
    assert bench.queue.counts(0) == (2, 0, 0)
    assert bench.receive(0) == ["b1", "a2"]


def test_a_standard_queue_moves_out_too() -> None:
    """In the order of its line, whatever the receive count."""
    bench = Bench(fifo=False, visibility_ms=30)
    bench.send("a1", "a2", "a3")
    bench.receive(0, 1)
    assert [message.record.id for message in bench.queue.move_out(1, 0)] == ["a2"]
    assert [message.record.id for message in bench.queue.move_out(9, 30)] == ["a3", "a1"]
    assert bench.queue.counts(30) == (0, 0, 0)


def test_a_record_that_moved_has_its_fate_where_it_is() -> None:
    """Not in the dead-letter queue that it left, where it still counts among all it ever took."""
    bench, dead = with_dead_letters(1, visibility_ms=30)
    bench.send("a1", "a2")
    bench.receive(0)
    bench.receive(30)
    before = run_over(bench.ledger, "dead")
    for message in dead.queue.move_out(1, 40):
        again = Message(message.record, 40)
        bench.queue.take_over(again, 40)
    assert [it.id for it in before.pending] == ["a1", "a2"]
    assert [it.id for it in run_over(bench.ledger, "dead").records] == ["a2"]
    assert [it.id for it in bench.ledger.known("dead")] == ["a1", "a2"]
    for arns in (("orders",), ("orders", "dead"), ("dead", "orders")):
        run = run_over(bench.ledger, *arns)
        assert [it.id for it in run.records] == ["a1", "a2"]
        assert [it.id for it in run.pending if it.id == "a1"] == ["a1"]
    bench.receive(50)
    bench.delete(51, "a1")
    assert [it.id for it in run_over(bench.ledger, "orders", "dead").processed] == ["a1"]
    assert [step.records for step in bench.ledger.steps if step.kind == "moved"] == [("a1",)]
    assert "moved" in run_over(bench.ledger, "dead").trace.to_json()


def test_a_record_that_moved_back_and_forth_stands_where_it_is_last() -> None:
    """Also in one and the same queue."""
    ledger = Ledger()
    ledger.entered(0, "dead", record("a1"))
    ledger.moved(1, "dead", ("a1",))
    assert run_over(ledger, "dead").records == []
    ledger.entered(2, "dead", record("a1"))
    assert [it.id for it in run_over(ledger, "dead").pending] == ["a1"]


# -- cost -------------------------------------------------------------------------------------------------------------


class CountedDeque(deque):
    """A deque that counts every element that is looked at, put in or taken out."""

    steps = 0

    def append(self, item: Message) -> None:
        type(self).steps += 1
        super().append(item)

    def popleft(self) -> Message:
        type(self).steps += 1
        return super().popleft()

    def extendleft(self, items: Iterator[Message]) -> None:
        found = list(items)
        type(self).steps += len(found)
        super().extendleft(found)

    def __getitem__(self, index):
        type(self).steps += 1
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Message]:
        for item in super().__iter__():
            type(self).steps += 1
            yield item


@pytest.mark.parametrize("groups", ["one", "two hundred", "one per message"])
def test_the_cost_of_a_receive_does_not_grow_with_the_backlog(groups, monkeypatch) -> None:
    """Counted, not timed: receives that fail, partly succeed and succeed look at as many messages at any backlog."""

    def steps_at(backlog: int) -> int:
        bench = Bench(visibility_ms=30)
        many = {"one": 1, "two hundred": 200, "one per message": backlog}[groups]
        for number in range(backlog):
            made = SqsMessage(
                id=str(number), body="", sent_timestamp=0, sender_id="", message_group_id=str(number % many)
            )
            bench.queue.send(made, 0)
        CountedDeque.steps = 0
        for now in range(0, 20 * 30, 30):
            batch = with_counts(bench.queue.receive(10, now))
            bench.queue.delete_received(batch[1::2], now)
            bench.queue.next_change(now)
        return CountedDeque.steps

    monkeypatch.setattr("pytest_lambda_events.brokers.lines.deque", CountedDeque)
    few, lots = steps_at(300), steps_at(6_000)
    assert 0 < lots <= 1.5 * few
    assert few <= 20 * 10 * 12


def test_what_left_is_not_kept_in_the_line() -> None:
    """Groups that are empty are forgotten, and those that left from the middle are passed over once."""
    bench = Bench(visibility_ms=30)
    bench.send("a0")
    for number in range(1, 500):
        bench.send(f"a{number}")
    for now in range(0, 50 * 30, 30):
        batch = with_counts(bench.queue.receive(10, now))
        assert batch[0][0].record.id == "a0"
        bench.queue.delete_received(batch[1:], now)
    lines = bench.queue._ready
    assert isinstance(lines, GroupLines)
    assert len(lines._groups["a"]) <= 500 - 49 * 9
    assert [message.place for message in lines] == []
    bench.queue.settle(50 * 30)
    assert next(iter(lines)).place == READY
    bench.queue.purge(50 * 30)
    assert lines._groups == {}
    assert not lines.can_deliver()
