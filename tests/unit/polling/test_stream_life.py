"""What happens to a stream's mapping: it is disabled, changed, deleted, interrupted, asked why it waits."""

from __future__ import annotations

import pytest

from pytest_lambda_events.errors import ConservationError
from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.model.trace import Trace


def test_enabling_resumes_at_the_checkpoint(world) -> None:
    """What came meanwhile is delivered, nothing twice."""
    one = world(batch_size=2).put("abcd")
    one.map()
    one.poller.step(0)
    one.reconfigure(enabled=False)
    one.put("e").run()
    assert one.order == ["ab"]
    assert one.fates == {"processed": "ab", "pending": "cde"}
    one.reconfigure(enabled=True)
    one.run()
    assert one.order == ["ab", "cd", "e"]


def test_a_batch_that_failed_begins_anew(world, fails) -> None:
    """Disabled between two retries: the retries are fresh, the request id is new."""
    one = world(fails("a"), retry_attempts=2).put("ab").run(until=300)
    assert one.requests == ["r1", "r1"]
    one.reconfigure(enabled=False)
    one.run(until=10_000)
    one.reconfigure(enabled=True)
    one.run()
    assert one.calls[2:] == [(10_000, "ab"), (10_200, "ab"), (10_600, "ab")]
    assert one.requests[2:] == ["r2", "r2", "r2"]
    assert one.fates == {"discarded": "ab"}


@pytest.mark.parametrize(
    ("answer", "expected", "then"),
    [
        pytest.param(None, {"processed": "ab"}, [], id="success"),
        pytest.param("error", {"pending": "ab"}, ["ab"], id="it failed and would be retried"),
        pytest.param(
            {"batchItemFailures": [{"itemIdentifier": "sequence-b"}]},
            {"processed": "a", "pending": "b"},
            ["b"],
            id="a suffix is left",
        ),
    ],
)
def test_what_is_with_the_function_ends(world, answer, expected, then) -> None:
    """Its outcome takes effect though the mapping is disabled; what is left of it is read anew."""
    one = world(lambda ids, event: answer, reports_failures=True)
    one.duration = 1_000
    one.put("ab").run(until=500)
    one.reconfigure(enabled=False)
    one.run()
    assert one.clock.now_ms == 1_000
    assert one.fates == expected
    one.function = lambda ids, event: None
    one.reconfigure(enabled=True)
    one.run()
    assert one.order[1:] == then
    assert one.fates == {"processed": "ab"}


def test_an_exhausted_batch_is_given_up_though_disabled(world, fails) -> None:
    """Its last attempt was under way."""
    one = world(fails("a"), retry_attempts=0, bisects=True)
    one.duration = 1_000
    one.put("a").run(until=500)
    one.reconfigure(enabled=False)
    one.run()
    assert one.fates == {"discarded": "a"}


def test_a_batch_that_was_let_go_is_not_split(world, fails) -> None:
    """It comes again whole."""
    one = world(fails("a"), retry_attempts=0, bisects=True)
    one.duration = 1_000
    one.put("ab").run(until=500)
    one.reconfigure(batch_size=50)
    one.run()
    assert one.order == ["ab", "ab", "a", "b"]
    assert [step.kind for step in one.ledger.steps].count("split") == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(None, [(0, "a"), (0, "b"), (500, "u"), (1_000, "cd")], id="it succeeds"),
        pytest.param("error", [(0, "a"), (0, "b"), (500, "u"), (1_000, "acd")], id="it fails"),
    ],
)
def test_nothing_is_read_anew_while_something_is_with_the_function(world, answer, expected) -> None:
    """Changed while one of two lanes runs: what had ended behind the checkpoint is not read again."""
    one = world(lambda ids, event: answer, shards=2, parallelization=2, batch_size=1)
    one.put("a", key="x").put("b", key="y").put("c", key="x").put("d", key="y").put("u", "s1", at=500)
    one.duration = 1_000
    one.map()
    one.poller.step(0)
    one.duration = 0
    one.function = lambda ids, event: None
    one.poller.step(0)  # b is processed, behind the checkpoint's gap
    one.reconfigure(parallelization=1, batch_size=10)
    one.poller.check()
    one.run()
    assert one.calls == expected
    assert one.fates == {"processed": "abcdu"}


def test_the_batching_window_runs_from_the_end_of_what_was_with_the_function(world) -> None:
    """Also when the mapping was changed while it ran."""
    one = world(window_ms=5_000).map().put("a")
    one.duration = 4_000
    one.put("b", at=6_500).run(until=6_000)
    one.reconfigure(batch_size=50)
    one.run()
    assert one.calls == [(5_000, "a"), (14_000, "b")]


def test_records_that_expire_around_one_that_ended(world, fails) -> None:
    """Retention takes what has not ended, and no other."""
    one = world(fails("a"), parallelization=2, batch_size=1)
    one.settings.retention_ms = 50_000
    one.put("a", key="x").put("b", key="y").run(until=1_000)
    one.reconfigure(enabled=False)
    one.run(until=60_000)
    one.reconfigure(enabled=True)
    one.run()
    assert one.fates == {"expired": "a", "processed": "b"}


def test_the_same_configuration_changes_nothing(world, fails) -> None:
    """Retries go on."""
    one = world(fails("a"), retry_attempts=2).put("a").run(until=300)
    one.reconfigure()
    one.run()
    assert one.requests == ["r1", "r1", "r1"]


def test_a_handler_may_disable_its_own_mapping(world) -> None:
    """The batch that it runs in ends; the next one does not come."""
    one = world(batch_size=1)
    one.function = lambda ids, event: one.reconfigure(enabled=False)
    one.put("abc").run()
    assert one.order == ["a"]
    assert one.fates == {"processed": "a", "pending": "bc"}


def test_a_handler_may_put_into_its_own_stream(world) -> None:
    """And split it."""

    def function(ids, event):
        if ids == "a":
            one.put("b").split("s0", "s1").put("c", "s1")

    one = world()
    one.function = function
    one.put("a").run()
    assert one.order == ["a", "b", "c"]
    assert one.fates == {"processed": "abc"}


def test_a_filter_that_changes_sees_what_waits(world) -> None:
    """Configuration changes apply at once."""
    one = world(window_ms=5_000).map().put("ab").run(until=100)
    one.passes = lambda text: '"id":"b"' in text
    one.reconfigure(parameters={"FilterCriteria": "new"})
    one.run()
    assert one.fates == {"filtered": "a", "processed": "b"}
    assert one.poller.metrics["PolledEventCount"] == 4


def test_a_deleted_mapping_expects_nothing_more(world) -> None:
    """What comes after it was closed is not its record; what is with the function ends."""
    one = world()
    one.duration = 1_000
    one.put("a").run(until=500)
    one.reconfigure(enabled=False)
    one.poller.close()
    one.poller.close()
    one.put("b").run()
    assert one.fates == {"processed": "a"}


def test_a_test_that_ends_inside_the_handler(world) -> None:
    """pytest.fail passes through; the batch is what comes next if anybody goes on."""

    def function(ids, event):
        if len(one.calls) == 1:
            raise KeyboardInterrupt

    one = world(function).map().put("a")
    with pytest.raises(KeyboardInterrupt):
        one.run()
    one.poller.check()
    one.run()
    assert one.order == ["a", "a"]
    assert one.requests == ["r1", "r1"]
    assert one.fates == {"processed": "a"}


def test_why_a_shard_waits(world, fails) -> None:
    """The record that blocks, how often it was tried, how old the batch is, and what happened last."""
    one = world(fails("a"), shards=3).put("ab", "s0").put("c", "s1").run(until=1_000)
    [blocked] = one.poller.blocked()
    assert (blocked.shard_id, blocked.record.id, blocked.attempts, blocked.throttles) == ("s0", "a", 3, 0)
    assert blocked.iterator_age_ms == 1_000
    assert blocked.problem == "ValueError('poison')"
    assert one.poller.last_result == "PROBLEM: Function call failed"


def test_why_a_shard_waits_that_is_throttled_or_reports(world, reports) -> None:
    """Each with its own sentence."""
    one = world(reports("a"), reports_failures=True).put("a").run(until=100)
    assert [blocked.problem for blocked in one.poller.blocked()] == ["record a was reported as failed"]
    other = world().put("a")
    other.reservation.limit = 0
    other.run(until=300)
    [blocked] = other.poller.blocked()
    assert (blocked.attempts, blocked.throttles) == (0, 2)
    assert "Rate Exceeded" in blocked.problem


def test_why_a_shard_waits_though_its_function_gave_no_reason(world) -> None:
    """Then the outcome is all that there is to say."""
    one = world(lambda ids, event: Ending("timeout", 0, 0, None, None, None)).put("a").run(until=100)
    assert [blocked.problem for blocked in one.poller.blocked()] == ["the invocation ended with outcome timeout"]


def test_why_a_shard_waits_for_its_window(world) -> None:
    """A final invocation has no record."""

    def function(ids, event):
        return {"state": {}} if ids else ValueError("not closed")

    one = world(function, tumbling_ms=10_000).put("a").run(until=130_100)
    [blocked] = one.poller.blocked()
    assert (blocked.record, blocked.iterator_age_ms, blocked.attempts) == (None, 0, 1)


def test_what_the_last_result_says(world) -> None:
    """LastProcessingResult before anything happened, and after."""
    one = world().map()
    assert one.poller.last_result == "No records processed"
    one.put("a").run()
    assert one.poller.last_result == "OK"


def test_reading_is_no_invocation(world) -> None:
    """A record that waits for its window has been read, and counts for no limit."""
    one = world(window_ms=1_000).put("a").run(invocations=1)
    assert one.calls == [(1_000, "a")]


def test_same_inputs_same_trace(world, fails) -> None:
    """Byte for byte."""

    def trace():
        one = world(fails("b"), shards=2, parallelization=3, bisects=True, retry_attempts=1)
        one.duration = 30
        one.put("abcdefgh", "s0").put("uvw", "s1").split("s1", "s2", at=10).put("x", "s2", at=20).run()
        return Trace(one.ledger.steps).to_json()

    assert trace() == trace()


# -- nothing is lost --------------------------------------------------------------------------------------------------


def test_a_record_that_vanishes_is_found(world) -> None:
    """The full count: what was read and has not ended is held somewhere."""
    one = world(window_ms=5_000).map().put("ab").run(until=10)
    [reader] = one.poller._following.active.values()
    reader.lanes[0].waiting.pop()
    with pytest.raises(ConservationError, match="s0"):
        one.poller.check()


def test_a_ledger_that_disagrees_is_found(world) -> None:
    """The full count: pending there is what is pending here."""
    one = world(window_ms=5_000).map().put("ab").run(until=10)
    one.ledger.left(10, "mapping", ("a",), "processed")
    with pytest.raises(ConservationError, match="pending in the ledger"):
        one.poller.check()


def test_a_record_that_nobody_announced_is_found(world) -> None:
    """At the next outcome, for the price of a comparison."""
    one = world().map().put("a")
    one.poller._following._expected["s0"] += 1
    with pytest.raises(ConservationError, match="expects 2 records"):
        one.run()
