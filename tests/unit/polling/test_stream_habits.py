"""Where streams differ without a parameter that says so (`model.mapping_rules.Habits`)."""

from __future__ import annotations

import pytest

from pytest_lambda_events.errors import NotSimulated
from pytest_lambda_events.model.mapping_rules import Habits
from pytest_lambda_events.polling.stream_settling import DISABLED_BY_EXPIRY

MIB = 1024 * 1024
FROM_RECORD = Habits(window_from_record=True)
DROPS = Habits(drops_oversized=True)
STOPS = Habits(stops_when_expired=True)


@pytest.mark.parametrize(("habits", "calls"), [(Habits(), [(500, "ab"), (7000, "c")]), (FROM_RECORD, None)])
def test_a_window_from_the_first_record(world, habits, calls):
    """After idleness a lone record waits for its window; from the invocation before, it would not."""
    w = world(window_ms=500, habits=habits).put("a").put("b", at=100).put("c", at=7000).run()
    assert w.calls == (calls or [(500, "ab"), (7500, "c")])


def test_a_window_goes_on_while_the_function_is_busy(world):
    """What came meanwhile waited long enough."""
    w = world(window_ms=500, habits=FROM_RECORD)
    w.duration = 2000
    w.put("a").put("b", at=700).put("c", at=2300).run()
    assert w.calls == [(500, "a"), (2500, "bc")]


def test_a_window_begins_with_the_mapping(world):
    """Records that were there before it have not waited for it."""
    w = world(window_ms=500, habits=FROM_RECORD).put("a")
    w.clock.jump_to(60_000)
    w.run()
    assert w.calls == [(60_500, "a")]


def test_what_no_invocation_carries_is_dropped_and_counted(world):
    """No failure, no retry, no destination: those around it go on, and a metric says that it was there."""
    w = world(batch_size=1, habits=DROPS).put("a").put("b", padding=4 * MIB).put("c").run()
    assert w.order == ["a", "c"]
    assert w.fates == {"processed": "ac", "discarded": "b"}
    assert w.discards == []
    metrics = w.poller.metrics
    assert (metrics["OversizedRecordCount"], metrics["DroppedEventCount"], metrics["FailedInvokeEventCount"]) == (
        1,
        0,
        0,
    )
    assert (metrics["Invocations"], metrics["Errors"]) == (2, 0)
    assert w.poller.last_result == "OK"
    assert [call.outcome for call in w.ledger.invocations] == ["success", "success"]


def test_without_the_habit_it_is_a_failure(world):
    w = world(batch_size=1, retry_attempts=1).put("a", padding=4 * MIB).put("b").run()
    assert (w.order, w.discards) == (["b"], ["a"])
    assert w.poller.metrics["OversizedRecordCount"] == 0


def test_a_batch_that_expires_stops_the_mapping(world, fails):
    """What is behind it stays where it is; the mapping is disabled, and says why."""
    w = world(fails("a"), batch_size=1, habits=STOPS)
    w.settings.retention_ms = 10_000
    w.put("a").put("b", at=5000).run()
    assert w.fates == {"expired": "a", "pending": "b"}
    assert not w.poller.config.enabled
    assert w.poller.last_result == "PROBLEM: Function call failed"
    assert [one.code for one in w.ledger.advice] == [DISABLED_BY_EXPIRY]
    assert w.poller.next_due(w.clock.now_ms) is None


def test_the_rest_of_a_batch_stays_pending(world, fails):
    """Only the first of it has expired."""
    w = world(fails("a"), habits=STOPS)
    w.settings.retention_ms = 10_000
    w.put("a").put("b", at=1).run()
    w.poller.check()
    assert w.fates == {"expired": "a", "pending": "b"}


def test_what_expired_before_it_was_read_stops_the_mapping_too(world):
    """A mapping that was disabled for too long has lost its place."""
    w = world(habits=STOPS).put("a").run()
    w.reconfigure(enabled=False)
    w.put("b").put("c", at=90_000_000)
    w.clock.jump_to(90_000_000)
    w.reconfigure(enabled=True)
    w.run()
    assert w.order == ["a"]
    assert w.fates == {"processed": "a", "expired": "b", "pending": "c"}
    assert not w.poller.config.enabled


def test_a_place_is_not_lost_while_nothing_is_missed(world):
    """However long ago the last record was."""
    w = world(habits=STOPS).put("a").run()
    w.reconfigure(enabled=False)
    w.clock.jump_to(90_000_000)
    w.reconfigure(enabled=True)
    w.put("b").run()
    assert w.fates == {"processed": "ab"}


def test_a_mapping_that_has_lost_its_place_is_not_enabled_again(world, fails):
    """AWS does not say what that would do; anything else can be changed, and a new mapping has a place of its own."""
    w = world(fails("a"), habits=STOPS)
    w.settings.retention_ms = 10_000
    w.put("a").run()
    w.reconfigure(batch_size=7)
    with pytest.raises(NotSimulated, match="create a new mapping with a StartingPosition of your choice"):
        w.reconfigure(enabled=True)
    assert (w.poller.config.batch_size, w.poller.config.enabled) == (7, False)


def test_without_the_habit_the_stream_goes_on(world, fails):
    w = world(fails("a"), batch_size=1)
    w.settings.retention_ms = 10_000
    w.put("a").put("b", at=5000).run()
    assert w.fates == {"expired": "a", "processed": "b"}
    assert w.ledger.advice == []
