"""The rules of a standard queue, one by one: `brokers.visibility_queue`. `tests/properties` has them all at once."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.brokers import visibility_queue
from pytest_lambda_events.brokers.visibility_ports import FixedSettings
from pytest_lambda_events.brokers.visibility_queue import (
    DELAYED,
    GONE,
    IN_FLIGHT,
    READY,
    SCHEDULED,
    Message,
    VisibilityQueue,
)
from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.model.records import SqsMessage
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.model.trace import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR_MS = 3_600_000
TWELVE_HOURS_MS = 12 * HOUR_MS


def record(record_id: str) -> SqsMessage:
    return SqsMessage(id=record_id, body=record_id, sent_timestamp=0, sender_id="")


class Bench:
    """A queue with its journal; its handles are h1, h2, h3."""

    def __init__(self, name: str = "orders", ledger: Ledger | None = None, **settings) -> None:
        self.ledger = Ledger() if ledger is None else ledger
        receipts = count(1)
        self.queue = VisibilityQueue(name, FixedSettings(**settings), self.ledger, lambda: f"h{next(receipts)}")

    def send(self, *ids: str, now: int = 0, **options) -> None:
        for record_id in ids:
            self.queue.send(record(record_id), now, **options)

    def receive(self, now: int, limit: int = 10, **options) -> list[str]:
        return [message.record.id for message in self.queue.receive(limit, now, **options)]

    def ids(self, now: int) -> list[str]:
        return [message.record.id for message in self.queue.messages(now)]

    def story(self, *kinds: str) -> list[tuple]:
        """The journal's lines of these kinds in this queue: moment, kind, records, detail."""
        steps = [step for step in self.ledger.steps if step.place == self.queue.arn]
        return [(step.at_ms, step.kind, step.records, step.detail) for step in steps if step.kind in kinds]


def with_dead_letters(most: int, *, dead: dict | None = None, **settings) -> tuple[Bench, Bench]:
    """A queue and its dead-letter queue, which write one journal."""
    target = Bench("dead", **(dead or {}))
    source = Bench(ledger=target.ledger, max_receive_count=most, dead_letter_queue=target.queue, **settings)
    return source, target


# -- sending and receiving --------------------------------------------------------------------------------------------


def test_messages_come_in_the_order_in_which_they_were_sent() -> None:
    """Without delays the order of visibility is that of sending."""
    bench = Bench()
    bench.send("a", "b", "c")
    assert bench.receive(0, 2) == ["a", "b"]
    assert bench.receive(0, 2) == ["c"]
    assert bench.receive(0, 2) == []


def test_a_receive_of_nothing_takes_nothing() -> None:
    """A limit of 0 hands out no message and counts no receive."""
    bench = Bench()
    bench.send("a")
    assert bench.receive(0, 0) == []
    assert bench.story("received") == []


def test_what_fell_due_before_a_send_comes_before_it() -> None:
    """A send first settles what is due: a message that reappeared earlier stands in front of it."""
    bench = Bench(visibility_ms=30)
    bench.send("a")
    bench.receive(0)
    bench.send("b", now=50)
    assert bench.receive(50) == ["a", "b"]


@pytest.mark.parametrize(("now", "found"), [(29, []), (30, ["a"]), (31, ["a"])])
def test_a_message_is_visible_again_at_exactly_its_timeout(now, found) -> None:
    """The visibility timeout has ended at the moment at which it ends (S1)."""
    bench = Bench(visibility_ms=30)
    bench.send("a")
    assert bench.receive(0) == ["a"]
    assert bench.receive(now) == found


def test_a_receive_may_choose_its_own_timeout() -> None:
    """`visibility_ms` of a receive is for that receive only."""
    bench = Bench(visibility_ms=30)
    bench.send("a")
    bench.receive(0, visibility_ms=5)
    assert bench.receive(5) == ["a"]
    assert bench.receive(34) == []
    assert bench.receive(35) == ["a"]


def test_a_timeout_of_zero_hides_nothing() -> None:
    """Received with a timeout of 0, a message is visible at the same moment, at the end of the line."""
    bench = Bench(visibility_ms=0)
    bench.send("a", "b")
    assert bench.receive(0, 1) == ["a"]
    assert bench.queue.counts(0) == (2, 0, 0)
    assert bench.receive(0) == ["b", "a"]
    assert bench.story("received", "reappeared") == [
        (0, "received", ("a",), (1,)),
        (0, "reappeared", ("a",), None),
        (0, "received", ("b", "a"), (1, 2)),
        (0, "reappeared", ("b",), None),
        (0, "reappeared", ("a",), None),
    ]


def test_each_receive_is_counted_and_has_its_own_handle() -> None:
    """Receive count and handle change with each receive, the first receive's moment does not."""
    bench = Bench(visibility_ms=30)
    bench.send("a")
    (first,) = bench.queue.receive(1, 7)
    assert (first.receive_count, first.first_receive_ms, first.receipt_handle) == (1, 7, "h1")
    (second,) = bench.queue.receive(1, 40)
    assert (second.receive_count, second.first_receive_ms, second.received_ms) == (2, 7, 40)
    assert second.receipt_handle == "h2"
    assert second.handles == ["h1", "h2"]


@pytest.mark.parametrize(
    ("queue_delay", "delay", "visible"),
    [(0, None, 0), (20, None, 20), (20, 5, 5), (20, 0, 0), (0, 5, 5)],
)
def test_a_delay_hides_a_message_from_its_sending_on(queue_delay, delay, visible) -> None:
    """A message's own delay, 0 too, takes the place of the queue's."""
    bench = Bench(delay_ms=queue_delay)
    bench.send("a", delay_ms=delay)
    if visible:
        assert bench.queue.counts(visible - 1) == (0, 0, 1)
    assert bench.queue.counts(visible) == (1, 0, 0)
    assert bench.story("reappeared") == []


# -- announced sends --------------------------------------------------------------------------------------------------


def test_an_announced_send_happens_at_its_moment() -> None:
    """Until then it is not in the queue; the queue only knows when to look again."""
    bench = Bench(delay_ms=5)
    bench.send("a", at_ms=100)
    assert bench.ids(99) == []
    assert bench.queue.counts(99) == (0, 0, 0)
    assert [(message.record.id, message.place) for message in bench.queue] == [("a", SCHEDULED)]
    assert bench.story("entered") == []
    assert bench.queue.next_change(99) == 100
    assert bench.queue.counts(100) == (0, 0, 1)
    assert bench.queue.counts(105) == (1, 0, 0)
    assert bench.story("entered") == [(100, "entered", ("a",), None)]
    assert bench.queue.messages(105)[0].enqueued_ms == 100


def test_a_send_announced_for_now_is_a_send() -> None:
    """`at_ms` of the present puts the record in at once."""
    bench = Bench()
    bench.send("a", now=10, at_ms=10)
    assert bench.receive(10) == ["a"]


def test_messages_are_in_the_order_of_entering() -> None:
    """An announced send that enters later stands later, although it was announced first."""
    bench = Bench()
    bench.send("late", at_ms=10)
    bench.send("early")
    assert bench.ids(10) == ["early", "late"]


def test_retention_of_an_announced_send_begins_when_it_enters() -> None:
    """It cannot expire before it is there."""
    bench = Bench(retention_ms=60)
    bench.send("a", at_ms=100)
    assert bench.ids(159) == ["a"]
    assert bench.ids(160) == []


# -- deleting ---------------------------------------------------------------------------------------------------------


def test_any_handle_deletes_and_twice_is_fine() -> None:
    """A standard queue takes any handle that the message ever had; the second delete finds nothing and says so."""
    bench = Bench(visibility_ms=30)
    bench.send("a")
    bench.receive(0)
    bench.receive(30)
    assert bench.queue.delete("h1", 31) is True
    assert bench.queue.delete("h2", 31) is False
    assert bench.queue.delete("h1", 31) is False
    assert bench.ids(31) == []
    assert bench.story("left") == [(31, "left", ("a",), "processed")]


def test_a_message_that_is_visible_again_can_be_deleted() -> None:
    """An expired handle deletes, and what is left of the message in the line is skipped."""
    bench = Bench(visibility_ms=30)
    bench.send("a", "b")
    bench.receive(0, 1)
    assert bench.queue.delete("h1", 30) is True
    assert bench.queue.counts(30) == (1, 0, 0)
    assert bench.receive(30) == ["b"]
    assert bench.queue.next_change(30) == 60


def test_a_handle_that_never_was_is_refused() -> None:
    """AWS's code for it is ReceiptHandleIsInvalid, for deleting and for changing visibility alike."""
    bench = Bench()
    with pytest.raises(Refusal, match="ReceiptHandleIsInvalid"):
        bench.queue.delete("nobody's", 0)
    with pytest.raises(Refusal, match="ReceiptHandleIsInvalid"):
        bench.queue.change_visibility("nobody's", 0, 0)


def with_counts(messages: Sequence[Message]) -> list[tuple[Message, int]]:
    """What a poller answers for: each message with its receive count."""
    return [(message, message.receive_count) for message in messages]


def test_delete_received_is_one_step_for_those_that_are_still_there() -> None:
    """Those that left before are passed over, one that is given twice leaves once."""
    bench = Bench(visibility_ms=30)
    bench.send("a", "b", "c")
    messages = bench.queue.receive(10, 0)
    bench.queue.delete("h2", 1)
    assert bench.queue.delete_received(with_counts([*messages, messages[0]]), 2) == 2
    bench.queue.check()
    assert bench.story("left")[-1] == (2, "left", ("a", "c"), "processed")
    assert bench.queue.delete_received(with_counts(messages), 3) == 0
    assert len(bench.story("left")) == 2


def test_delete_received_says_who_ended_it() -> None:
    """The fate is the caller's: a filter's deletions are no successes."""
    bench = Bench()
    bench.send("a")
    bench.queue.delete_received(with_counts(bench.queue.receive(1, 0)), 0, fate="filtered")
    assert bench.story("left") == [(0, "left", ("a",), "filtered")]


def test_a_purge_takes_what_is_there_wherever_it_is() -> None:
    """Visible, delayed and in flight go; announced sends still come; old handles still delete nothing."""
    bench = Bench(visibility_ms=30)
    bench.send("in flight")
    bench.receive(0)
    bench.send("visible")
    bench.send("delayed", delay_ms=5)
    bench.send("announced", at_ms=50)
    assert bench.queue.purge(1) == 3
    bench.queue.check()
    assert bench.story("left") == [(1, "left", ("in flight", "visible", "delayed"), "discarded")]
    assert bench.queue.counts(40) == (0, 0, 0)
    assert bench.queue.delete("h1", 40) is False
    assert bench.queue.next_change(40) == 50
    assert bench.receive(50) == ["announced"]
    assert Bench().queue.purge(0) == 0


# -- changing visibility ----------------------------------------------------------------------------------------------


def test_zero_shows_a_message_at_once() -> None:
    """ChangeMessageVisibility(0) makes it receivable at the same moment (S2), and says so in the journal."""
    bench = Bench(visibility_ms=30)
    bench.send("a")
    bench.receive(0)
    bench.queue.change_visibility("h1", 0, 10)
    assert bench.story("reappeared") == [(10, "reappeared", ("a",), None)]
    assert bench.receive(10) == ["a"]
    assert bench.receive(30) == []
    assert bench.receive(40) == ["a"]


@pytest.mark.parametrize(("at", "wanted", "visible"), [(10, 100, 110), (10, 5, 15), (29, 1, 30), (10, 20, 30)])
def test_a_new_timeout_counts_from_the_change(at, wanted, visible) -> None:
    """Longer or shorter, it takes the place of the old one."""
    bench = Bench(visibility_ms=30)
    bench.send("a")
    bench.receive(0)
    bench.queue.change_visibility("h1", wanted, at)
    assert bench.queue.next_change(at) == visible
    assert bench.queue.counts(visible - 1) == (0, 1, 0)
    assert bench.queue.counts(visible) == (1, 0, 0)
    assert len(bench.story("reappeared")) == 1


@pytest.mark.parametrize("how", ["timeout ended", "deleted", "expired"])
def test_only_a_message_in_flight_has_a_timeout_to_change(how) -> None:
    """AWS's code is InvalidParameterValue, whether the message is back (S4) or gone (S5)."""
    bench = Bench(visibility_ms=30, retention_ms=60)
    bench.send("a")
    bench.receive(0)
    if how == "deleted":
        bench.queue.delete("h1", 0)
    with pytest.raises(Refusal, match=r"InvalidParameterValue.*not available for visibility timeout change"):
        bench.queue.change_visibility("h1", 10, {"timeout ended": 30, "deleted": 0, "expired": 60}[how])


def test_twelve_hours_count_from_the_receive() -> None:
    """Not from the send (S6): to the millisecond 12 h is allowed, more is refused and changes nothing."""
    bench = Bench(visibility_ms=30_000)
    bench.send("a")
    received = 100 * HOUR_MS // 2
    bench.receive(received)
    bench.queue.change_visibility("h1", TWELVE_HOURS_MS, received)
    bench.queue.change_visibility("h1", TWELVE_HOURS_MS - 5_000, received + 5_000)
    with pytest.raises(Refusal, match=r"Value 43196 .* beyond the limit \[43200 seconds\]") as refused:
        bench.queue.change_visibility("h1", TWELVE_HOURS_MS - 4_000, received + 5_000)
    assert refused.value.code == "InvalidParameterValue"
    assert refused.value.hint == "the message was received 5 s ago; the 12 h count from there"
    assert bench.queue.next_change(received + 5_000) == received + TWELVE_HOURS_MS


def test_a_later_receive_begins_a_new_twelve_hours() -> None:
    """The cap belongs to the receive, and any handle of the message changes the current one."""
    bench = Bench(visibility_ms=HOUR_MS)
    bench.send("a")
    bench.receive(0)
    bench.receive(HOUR_MS)
    bench.queue.change_visibility("h1", TWELVE_HOURS_MS, HOUR_MS)
    assert bench.queue.next_change(HOUR_MS) == 13 * HOUR_MS


# -- order ------------------------------------------------------------------------------------------------------------


def test_at_the_same_moment_the_order_is_that_of_hiding() -> None:
    """Two timeouts that end together: who was hidden first is first."""
    bench = Bench(visibility_ms=30)
    bench.send("a", "b", "c", delay_ms=0)
    bench.receive(0, 1, visibility_ms=30)
    bench.receive(10, 1, visibility_ms=20)
    bench.send("d", now=15, delay_ms=15)
    bench.send("e", now=16, at_ms=30)
    assert bench.receive(30) == ["c", "a", "b", "d", "e"]


@pytest.mark.parametrize("between", ["another timeout", "a receive"])
def test_an_older_entry_for_the_same_moment_gives_no_older_place(between) -> None:
    """A message that was hidden anew until a moment it had before stands behind those that were hidden since."""
    bench = Bench(visibility_ms=30)
    bench.send("a", "b")
    bench.receive(0)
    if between == "another timeout":
        bench.queue.change_visibility("h1", 10, 0)
        bench.queue.change_visibility("h1", 25, 5)
    else:
        bench.queue.change_visibility("h1", 0, 5)
        bench.receive(5, visibility_ms=25)
    assert bench.receive(30) == ["b", "a"]


def test_a_timeout_that_was_replaced_does_not_end() -> None:
    """A stale entry of the future neither shows the message nor counts as a change to come."""
    bench = Bench(visibility_ms=30)
    bench.send("a")
    bench.receive(0)
    bench.queue.change_visibility("h1", 100, 0)
    assert bench.queue.next_change(0) == 100
    assert bench.queue.counts(30) == (0, 1, 0)
    bench.queue.delete("h1", 40)
    assert bench.queue.next_change(40) is None
    assert bench.receive(100) == []


# -- retention --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [READY, DELAYED, IN_FLIGHT])
def test_at_the_end_of_retention_a_message_is_gone(place) -> None:
    """At exactly that moment, wherever it is; the journal has the moment, also when one looks much later."""
    bench = Bench(visibility_ms=1_000, retention_ms=60)
    bench.send("a", delay_ms=1_000 if place == DELAYED else 0)
    if place == IN_FLIGHT:
        bench.receive(0)
    (message,) = bench.queue.messages(59)
    assert message.place == place
    assert bench.queue.next_change(59) == (59 if place == READY else 60)
    assert bench.ids(500) == []
    assert message.place == GONE
    assert bench.story("left") == [(60, "left", ("a",), "expired")]
    assert bench.queue.next_change(500) is None
    bench.queue.check()


def test_retention_comes_first() -> None:
    """A timeout that ends at the end of retention shows nothing any more."""
    bench = Bench(visibility_ms=60, retention_ms=60)
    bench.send("a")
    bench.receive(0)
    assert bench.receive(60) == []
    assert bench.story("reappeared") == []


def test_what_is_due_happens_in_due_order() -> None:
    """One look after a long time tells the story as many looks would have."""
    bench = Bench(visibility_ms=30, retention_ms=60)
    bench.send("a")
    bench.receive(0)
    bench.send("b", at_ms=40)
    bench.send("c", now=0, delay_ms=50)
    bench.queue.settle(1_000)
    assert bench.story("entered", "reappeared", "left") == [
        (0, "entered", ("a",), None),
        (0, "entered", ("c",), None),
        (30, "reappeared", ("a",), None),
        (40, "entered", ("b",), None),
        (60, "left", ("a",), "expired"),
        (60, "left", ("c",), "expired"),
        (100, "left", ("b",), "expired"),
    ]


def test_settings_are_read_anew() -> None:
    """Whoever owns the queue may change them; a retention cut short ends messages then, not in the past."""
    bench = Bench(visibility_ms=30, retention_ms=1_000)
    bench.send("a")
    bench.receive(100)
    bench.queue.settings = FixedSettings(visibility_ms=5, retention_ms=60, delay_ms=7)
    assert bench.ids(110) == []
    assert bench.story("left") == [(100, "left", ("a",), "expired")]
    bench.send("b", now=110)
    assert bench.queue.next_change(110) == 117
    bench.receive(117)
    assert bench.queue.next_change(117) == 122


# -- redrive ----------------------------------------------------------------------------------------------------------


def test_redrive_is_lazy() -> None:
    """A message received maxReceiveCount times waits, visible, for the receive that moves it."""
    bench, dead = with_dead_letters(2, visibility_ms=30)
    bench.send("a", "b")
    bench.queue.receive(1, 0)
    bench.queue.receive(1, 1)
    assert bench.receive(30) == ["a"]
    bench.send("c", now=50)
    assert bench.queue.counts(60) == (3, 0, 0)
    assert dead.ids(60) == []
    assert bench.receive(60, 2) == ["b", "c"]
    assert bench.queue.counts(60) == (1, 2, 0)
    assert dead.ids(60) == []
    assert bench.receive(61) == []
    assert dead.ids(61) == ["a"]
    assert bench.ledger.steps[-2:] == [
        (61, "left", "orders", ("a",), "dead_lettered"),
        (61, "entered", "dead", ("a",), None),
    ]


def test_those_that_move_do_not_count_toward_the_limit() -> None:
    """One receive moves what is spent in front of what it hands out."""
    bench, dead = with_dead_letters(1, visibility_ms=30)
    bench.send("a", "b")
    bench.receive(0)
    bench.send("c", now=30)
    assert bench.receive(30, 1) == ["c"]
    assert dead.ids(30) == ["a", "b"]


def test_a_moved_message_keeps_its_history() -> None:
    """Receive count, first receive and enqueue time go with it; handles do not; the source's ARN is noted."""
    bench, dead = with_dead_letters(2, visibility_ms=30)
    bench.send("a", now=5)
    bench.receive(10)
    bench.receive(40)
    bench.receive(70)
    (message,) = dead.queue.messages(70)
    assert (message.place, message.receive_count, message.first_receive_ms, message.enqueued_ms) == (READY, 2, 10, 5)
    assert message.dead_letter_source_arn == "orders"
    assert message.handles == []
    assert bench.queue.delete("h1", 71) is False
    with pytest.raises(Refusal, match="ReceiptHandleIsInvalid"):
        dead.queue.delete("h2", 71)
    assert dead.receive(71) == ["a"]
    assert message.receive_count == 3
    assert dead.story("received") == [(71, "received", ("a",), (3,))]


@pytest.mark.parametrize("most", [None, 1])
def test_redrive_takes_both_a_count_and_a_queue(most) -> None:
    """Without a dead-letter queue a message comes back for ever."""
    bench = Bench(visibility_ms=30, max_receive_count=most)
    bench.send("a")
    assert [bench.receive(now) for now in (0, 30, 60)] == [["a"]] * 3


def test_retention_goes_on_in_the_dead_letter_queue() -> None:
    """A standard dead-letter queue counts from the original enqueueing (S19)."""
    bench, dead = with_dead_letters(1, visibility_ms=30, dead={"retention_ms": 100})
    bench.send("a", now=10)
    bench.receive(10)
    bench.receive(40)
    assert dead.ids(109) == ["a"]
    assert dead.ids(110) == []


def test_a_message_too_old_for_the_dead_letter_queue_ends_as_it_comes_in() -> None:
    """It enters and expires at the same moment, in this order: not before it came."""
    bench, dead = with_dead_letters(1, visibility_ms=300, dead={"retention_ms": 100})
    bench.send("a")
    bench.receive(0)
    bench.receive(300)
    assert dead.queue.counts(300) == (0, 0, 0)
    assert dead.story("entered", "left") == [(300, "entered", ("a",), None), (300, "left", ("a",), "expired")]


# -- taking over ------------------------------------------------------------------------------------------------------


def taken_over(bench: Bench, now: int, **history) -> Message:
    message = Message(record("a"), history.pop("enqueued_ms", 0))
    for name, value in history.items():
        setattr(message, name, value)
    bench.queue.take_over(message, now)
    return message


def test_a_message_in_flight_is_taken_over_in_flight() -> None:
    """Its timeout ends when it would have, its handles delete and change it, its count goes on."""
    bench = Bench(visibility_ms=30, retention_ms=1_000)
    history = {"receive_count": 2, "first_receive_ms": 10, "received_ms": 40, "handles": ["old", "older"]}
    message = taken_over(bench, 50, visible_ms=70, **history)
    assert bench.queue.counts(50) == (0, 1, 0)
    assert bench.queue.next_change(50) == 70
    bench.queue.change_visibility("old", 40, 50)
    assert bench.queue.next_change(50) == 90
    with pytest.raises(Refusal, match="beyond the limit"):
        bench.queue.change_visibility("old", TWELVE_HOURS_MS, 50)
    assert bench.receive(90) == ["a"]
    assert (message.receive_count, message.first_receive_ms) == (3, 10)
    assert bench.queue.delete("older", 91) is True
    assert bench.story("entered", "reappeared", "received", "left") == [
        (50, "entered", ("a",), None),
        (90, "reappeared", ("a",), None),
        (90, "received", ("a",), (3,)),
        (91, "left", ("a",), "processed"),
    ]


@pytest.mark.parametrize(
    ("visible_ms", "receive_count", "place"),
    [(70, 0, DELAYED), (70, 1, IN_FLIGHT), (50, 0, READY), (50, 1, READY), (20, 1, READY)],
)
def test_what_is_taken_over_has_the_place_that_its_history_says(visible_ms, receive_count, place) -> None:
    """Hidden and never received is delayed, hidden and received is in flight, anything else is visible."""
    bench = Bench()
    message = taken_over(bench, 50, visible_ms=visible_ms, receive_count=receive_count)
    assert message.place == place
    assert bench.queue.counts(max(50, visible_ms)) == (1, 0, 0)
    bench.queue.check()


def test_what_is_taken_over_keeps_its_age() -> None:
    """Retention counts from when it was enqueued, before we knew it."""
    bench = Bench(retention_ms=60)
    taken_over(bench, 50, enqueued_ms=20)
    assert bench.ids(79) == ["a"]
    assert bench.ids(80) == []


# -- the next change, counts, stale entries ---------------------------------------------------------------------------


def test_the_next_change_is_the_nearest_of_all() -> None:
    """Now if something is visible, else the first of delay, timeout, announced send and retention."""
    bench = Bench(visibility_ms=30, retention_ms=35)
    assert bench.queue.next_change(0) is None
    bench.send("announced", at_ms=90)
    assert bench.queue.next_change(0) == 90
    bench.send("a")
    assert bench.queue.next_change(1) == 1
    bench.receive(10)
    assert bench.queue.next_change(10) == 35
    bench.queue.change_visibility("h1", 5, 10)
    assert bench.queue.next_change(10) == 15
    bench.send("delayed", now=10, delay_ms=2)
    assert bench.queue.next_change(10) == 12


def test_the_next_change_passes_over_those_that_are_gone() -> None:
    """Neither the timeout nor the retention of a deleted message is a change to come."""
    bench = Bench(visibility_ms=30, retention_ms=1_000)
    bench.send("a")
    bench.send("b", now=10)
    bench.receive(10)
    bench.queue.delete("h1", 10)
    assert bench.queue.next_change(10) == 40
    bench.queue.change_visibility("h2", 5_000, 10)
    assert bench.queue.next_change(10) == 1_010


def test_what_is_gone_is_forgotten_in_time() -> None:
    """The index of retention does not grow with what has passed through, only with what is there."""
    bench = Bench(visibility_ms=30)
    bench.send("stays")
    bench.receive(0)
    for number in range(1_000):
        bench.send(f"m{number}", now=1)
        bench.queue.delete_received(with_counts(bench.queue.receive(1, 1)), 1)
    assert bench.queue.counts(1) == (0, 1, 0)
    assert len(bench.queue._expiry) <= 2 * 2 + visibility_queue._STALE_ALLOWANCE + 1
    assert bench.queue.counts(345_600_000) == (0, 0, 0)


def test_forgetting_while_settling_loses_nothing() -> None:
    """Many that expire at once, with those that left before them still in the index, and some that stay."""
    bench = Bench(visibility_ms=10_000, retention_ms=1_000)
    bench.send(*(f"old{number}" for number in range(300)))
    bench.queue.delete_received(with_counts(bench.queue.receive(100, 0)), 0)
    bench.send(*(f"new{number}" for number in range(5)), now=500)
    bench.queue.settle(1_000)
    bench.queue.check()
    assert bench.ids(1_000) == [f"new{number}" for number in range(5)]
    assert [at for at, _, _, fate in bench.story("left") if fate == "expired"] == [1_000] * 200
    assert bench.ids(1_500) == []


def test_check_sees_a_message_without_a_place() -> None:
    """Two independent counts that differ are a bug of ours, and named as such."""
    bench = Bench()
    bench.send("a")
    bench.queue.check()
    del bench.queue._live["a"]
    with pytest.raises(ConservationError, match="orders holds 0 messages"):
        bench.queue.check()
