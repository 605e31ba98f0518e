"""How a batch that fails goes on: the sequences that were recorded on AWS, exactly."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pytest_lambda_events.polling import batching

LIMIT = batching.PAYLOAD_LIMIT_BYTES


# -- retries ----------------------------------------------------------------------------------------------------------


def test_a_failed_batch_is_tried_again_unchanged_and_the_shard_waits(world, fails) -> None:
    """Same records, same event, same request id, after 0.2 s, 0.4 s, 0.8 s; what came meanwhile comes after it."""
    one = world(fails("b"), retry_attempts=3).put("abc").put("d", at=100).run()
    assert one.calls == [(0, "abc"), (200, "abc"), (600, "abc"), (1_400, "abc"), (1_400, "d")]
    assert one.requests == ["r1"] * 4 + ["r2"]
    assert one.events[:4] == [one.events[0]] * 4
    assert one.fates == {"discarded": "abc", "processed": "d"}
    [discard] = one.destination.discards
    assert [record.id for record in discard.records] == ["a", "b", "c"]
    assert (discard.condition, discard.request_id, discard.invoke_count) == ("RetryAttemptsExhausted", "r1", 4)
    assert (discard.function_error, discard.has_response_context) == ("Unhandled", True)
    assert (discard.shard_id, discard.at_ms, discard.window) == ("s0", 1_400, None)
    assert discard.event_text is not None
    assert one.ledger.invocations[0].event_text == discard.event_text


@pytest.mark.parametrize("kind", ["error", "timeout", "malformed"])
def test_every_ending_but_a_return_is_a_function_error(world, fails, kind) -> None:
    """A raise, a timeout, and a response that cannot be serialised."""
    one = world(fails("a", kind=kind), retry_attempts=0, reports_failures=True).put("a").run()
    assert [discard.function_error for discard in one.destination.discards] == ["Unhandled"]
    assert [call.outcome for call in one.ledger.invocations] == [kind]
    assert one.poller.metrics["Errors"] == 1


def test_the_delay_doubles_up_to_a_minute(world, fails) -> None:
    """0.2 s, 0.4 s … 51.2 s, then every minute."""
    one = world(fails("a"), retry_attempts=11).put("a").run()
    moments = [at for at, _ in one.calls]
    delays = [later - earlier for earlier, later in pairwise(moments)]
    assert delays == [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000, 60_000]


def test_a_batch_that_succeeds_at_last_is_processed(world) -> None:
    """The shard goes on as if nothing had happened."""
    answers = iter([ValueError(), ValueError(), None])
    one = world(lambda ids, event: next(answers), retry_attempts=2).put("ab").run()
    assert one.calls == [(0, "ab"), (200, "ab"), (600, "ab")]
    assert one.fates == {"processed": "ab"}
    assert one.poller.last_result == "OK"


def test_without_an_end_to_retries_retention_ends_them(world, fails) -> None:
    """MaximumRetryAttempts -1: what retention took is found at a retry, and no destination hears of it."""
    one = world(fails("a"))
    one.settings.retention_ms = 3_600_000
    one.put("a").put("b", at=30_000_000).run()
    assert [at for at, ids in one.calls if ids == "a"][-1] < 3_600_000
    assert one.fates == {"expired": "a", "processed": "b"}
    assert one.discards == []


def test_what_was_not_read_in_time_is_expired(world, fails) -> None:
    """A blocked shard loses what retention takes behind the batch that blocks it."""
    one = world(fails("a"), batch_size=1)
    one.settings.retention_ms = 100_000
    one.put("a").put("b", at=1_000).run()
    assert set(one.order) == {"a"}
    assert one.fates == {"expired": "ab"}


def test_part_of_a_batch_expires(world, fails) -> None:
    """The rest is a new batch, with a request id and retries of its own."""
    one = world(fails("a"), window_ms=50_000)
    one.settings.retention_ms = 100_000
    one.map().put("a").put("b", at=40_000).run()
    assert set(one.order) == {"ab", "b"}
    assert one.requests[-1] != one.requests[0]
    assert one.order[-1] == "b"
    assert one.fates == {"expired": "a", "processed": "b"}


# -- ReportBatchItemFailures ------------------------------------------------------------------------------------------


def test_progress_gives_a_fresh_budget_at_once(world, reports) -> None:
    """Recorded: six records, three retries, the last one fails: it is delivered five times; the record says 4 and 1."""
    one = world(reports("f"), retry_attempts=3, reports_failures=True).put("abcdef").run()
    assert one.calls == [(0, "abcdef"), (0, "f"), (200, "f"), (600, "f"), (1_400, "f")]
    assert one.requests == ["r1"] + ["r2"] * 4
    assert one.fates == {"processed": "abcde", "discarded": "f"}
    [discard] = one.destination.discards
    assert (discard.invoke_count, len(discard.records), discard.request_id) == (4, 1, "r2")
    assert (discard.function_error, discard.has_response_context) == (None, True)


def test_a_suffix_that_is_given_up_is_given_up_whole(world, reports) -> None:
    """Also records that were never tried alone."""
    one = world(reports("c"), retry_attempts=1, reports_failures=True).put("abcdef").run()
    assert one.order == ["abcdef", "cdef", "cdef"]
    assert one.discards == ["cdef"]
    assert one.fates == {"processed": "ab", "discarded": "cdef"}


def test_of_several_failures_the_lowest_counts(world, reports) -> None:
    """Whatever the order in which they are reported: what stands behind the lowest comes again."""

    def function(ids, event):
        return (
            {"batchItemFailures": [{"itemIdentifier": f"sequence-{one}"} for one in "db"]} if ids == "abcde" else None
        )

    one = world(function, reports_failures=True).put("abcde").run()
    assert one.order == ["abcde", "bcde"]
    [first, _] = one.ledger.invocations
    assert (first.outcome, [record.id for record in first.failed]) == ("partial", list("bcde"))
    assert one.poller.metrics["FailedInvokeEventCount"] == 4


def test_without_progress_it_is_a_retry(world, reports) -> None:
    """The first record of the batch failed: the same batch, the same request id, after a delay."""
    one = world(reports("a"), retry_attempts=1, reports_failures=True).put("abc").run()
    assert one.calls == [(0, "abc"), (200, "abc")]
    assert one.requests == ["r1", "r1"]


def test_a_response_that_lambda_cannot_read_fails_the_batch(world) -> None:
    """An identifier that is not in the batch; and it is said once."""
    one = world(
        lambda ids, event: {"batchItemFailures": [{"itemIdentifier": "a"}]}, retry_attempts=1, reports_failures=True
    )
    one.put("ab").run()
    assert one.order == ["ab", "ab"]
    assert [discard.function_error for discard in one.destination.discards] == [None]
    assert [advice.code for advice in one.ledger.advice] == ["partial-response-unknown-identifier"]


def test_failures_that_nobody_reads_are_processed(world, reports) -> None:
    """Without ReportBatchItemFailures the records are gone, and an advice says so."""
    one = world(reports("a")).put("ab").run()
    assert one.fates == {"processed": "ab"}
    assert [advice.code for advice in one.ledger.advice] == ["partial-response-not-enabled"]


# -- BisectBatchOnFunctionError ---------------------------------------------------------------------------------------


def test_bisect_alone(world, fails) -> None:
    """Recorded, retries 1, record 2 of 4 raises: lower half first, depth first, and only single records are retried."""
    one = world(fails("2"), retry_attempts=1, bisects=True).put("1234").run()
    assert one.calls == [(0, "1234"), (0, "12"), (0, "1"), (0, "2"), (200, "2"), (200, "34")]
    assert one.requests == ["r1", "r2", "r3", "r4", "r4", "r5"]
    assert one.fates == {"processed": "134", "discarded": "2"}
    assert [discard.invoke_count for discard in one.destination.discards] == [2]
    splits = [step for step in one.ledger.steps if step.kind == "split"]
    assert [(step.place, "".join(step.records)) for step in splits] == [("mapping", "1234"), ("mapping", "12")]


def test_bisect_with_reporting(world, reports) -> None:
    """Recorded: progress sends the suffix whole, no progress halves."""
    one = world(reports("2"), retry_attempts=1, bisects=True, reports_failures=True).put("1234").run()
    assert one.order == ["1234", "234", "2", "2", "34"]
    assert one.fates == {"processed": "134", "discarded": "2"}


@pytest.mark.parametrize(
    ("names", "poison", "expected"),
    [
        ("123", "1", ["123", "1", "23"]),
        ("123", "3", ["123", "1", "23", "2", "3"]),
        ("12345", "4", ["12345", "12", "345", "3", "45", "4", "5"]),
        ("12", "12", ["12", "1", "2"]),
        ("1", "1", ["1"]),
    ],
)
def test_odd_batches_have_the_smaller_half_first(world, fails, names, poison, expected) -> None:
    """floor(n/2), then the rest; without any retry a single record is tried once."""
    one = world(fails(*poison), retry_attempts=0, bisects=True).put(names).run()
    assert one.order == expected
    assert "".join(one.discards) == poison


def test_bisect_without_an_end_to_retries(world, fails) -> None:
    """Splitting uses no retry; a single record is retried until retention ends it."""
    one = world(fails("2"), bisects=True)
    one.settings.retention_ms = 60_000
    one.put("12").run()
    assert one.order[:4] == ["12", "1", "2", "2"]
    assert one.fates == {"processed": "1", "expired": "2"}


# -- MaximumRecordAgeInSeconds ----------------------------------------------------------------------------------------


def test_only_the_expired_head_of_a_batch_is_given_up(world) -> None:
    """Recorded: the head goes to the destination, the rest is delivered. A record of exactly that age is not older."""
    one = world(record_age_ms=60_000).put("ab")
    one.clock.jump_to(1)
    one.put("c")
    one.clock.jump_to(60_001)
    one.put("d").run()
    assert one.calls == [(60_001, "cd")]
    [discard] = one.destination.discards
    assert one.discards == ["ab"]
    assert (discard.condition, discard.invoke_count, discard.request_id) == ("RecordAgeExceeded", 1, "r1")
    assert (discard.function_error, discard.has_response_context) == (None, False)
    assert discard.event_text == '{"Records":[{"id":"a","key":"a","data":""},{"id":"b","key":"b","data":""}]}'
    assert one.fates == {"discarded": "ab", "processed": "cd"}


def test_age_ends_the_retries_of_a_batch(world, fails) -> None:
    """At the first retry after it has passed; the count is that of the attempts, the request id the batch's."""
    one = world(fails("a"), record_age_ms=60_000).put("a").run()
    moments = [at for at, _ in one.calls]
    [discard] = one.destination.discards
    assert moments == [0, 200, 600, 1_400, 3_000, 6_200, 12_600, 25_400, 51_000]
    assert (discard.at_ms, discard.invoke_count, discard.request_id) == (102_200, 9, "r1")
    assert (discard.condition, discard.function_error) == ("RecordAgeExceeded", None)


def test_what_retention_took_a_poller_cannot_give_up(world) -> None:
    """An outage longer than both: the stream was first."""
    one = world(record_age_ms=60_000).put("a")
    one.map()
    one.clock.jump_to(86_400_000 - 1)
    one.put("b")
    one.clock.jump_to(86_400_000)
    one.run()
    assert one.fates == {"expired": "a", "processed": "b"}
    assert one.discards == []


# -- a record that is too large ---------------------------------------------------------------------------------------


def test_a_record_that_is_too_large_never_reaches_the_function(world) -> None:
    """Recorded: retries, then the destination, without a responseContext."""
    one = world(retry_attempts=2).put("a").put("b", padding=LIMIT // 2).put("c").run()
    assert one.calls == [(0, "a"), (600, "c")]
    [discard] = one.destination.discards
    assert (one.discards, discard.condition, discard.invoke_count) == (["b"], "RetryAttemptsExhausted", 3)
    assert (discard.function_error, discard.has_response_context, discard.at_ms) == (None, False, 600)
    assert one.fates == {"processed": "ac", "discarded": "b"}
    failed = [call for call in one.ledger.invocations if call.outcome == "error"]
    assert len(failed) == 3
    assert "RequestEntityTooLargeException" in failed[0].problem
    assert one.poller.metrics["Invocations"] == 2
    assert one.poller.metrics["InvokedEventCount"] == 2
    assert one.poller.metrics["FailedInvokeEventCount"] == 3


def test_a_batch_ends_before_the_byte_that_would_be_too_much(world) -> None:
    """What does not fit beside the others comes next, without waiting for a window once the limit is reached."""
    one = world(window_ms=10_000).map()
    for name in "abcde":
        one.put(name, padding=LIMIT // 5)
    one.run()
    assert one.calls == [(0, "ab"), (0, "cd"), (10_000, "e")]
    assert all(len(call.event_text.encode()) <= LIMIT for call in one.ledger.invocations)


# -- throttles --------------------------------------------------------------------------------------------------------


def test_what_runs_takes_the_functions_concurrency(world) -> None:
    """Until it ends: of two shards, the second waits for the first."""
    one = world(shards=2)
    one.reservation.limit, one.duration = 1, 5_000
    one.put("a").put("b", "s1").run()
    (_, first), (second_ms, second) = one.calls
    assert (first, second) == ("a", "b")
    assert second_ms >= 5_000


def test_throttles_use_no_retries_and_wait(world, fails) -> None:
    """With its own doubling delay; then the batch has all its attempts."""
    one = world(fails("a"), retry_attempts=1).put("a")
    one.reservation.limit = 0
    one.run(until=1_000)
    assert one.calls == []
    assert one.poller.metrics["Throttles"] == 3  # at 0, 200 and 600 ms
    one.reservation.limit = None
    one.run()
    assert one.calls == [(1_400, "a"), (1_600, "a")]
    assert [call.outcome for call in one.ledger.invocations] == ["throttled"] * 3 + ["error"] * 2
    assert one.requests == ["r1", "r1"]
    assert [discard.invoke_count for discard in one.destination.discards] == [2]
    assert one.poller.metrics["FailedInvokeEventCount"] == 2


def test_a_function_that_may_not_run_at_all_ends_with_retention(world) -> None:
    """Reserved concurrency 0: no invocation, however often; or with age, a discard that says one attempt."""
    one = world(shards=2).put("a").put("b", "s1")
    one.reservation.limit = 0
    one.run(invocations=1)
    assert one.fates == {"expired": "ab"}
    other = world(record_age_ms=60_000).put("a")
    other.reservation.limit = 0
    other.run()
    assert [(discard.condition, discard.invoke_count) for discard in other.destination.discards] == [
        ("RecordAgeExceeded", 1)
    ]


class Dice:
    """Faults that happen so many times."""

    def __init__(self, throttles=0, crashes=0):
        self.left = {"throttles": throttles, "crashes": crashes}

    def throttles(self, ids, now_ms):
        return self.happens("throttles")

    def crashes(self, ids, now_ms):
        return self.happens("crashes")

    def happens(self, name):
        self.left[name] -= 1
        return self.left[name] >= 0


def test_faults_throttle_and_crash(world) -> None:
    """A crash between the invocation and the checkpoint delivers the batch once more, anew."""
    one = world()
    one.dice = Dice(throttles=1, crashes=1)
    one.put("ab").run()
    assert one.calls == [(200, "ab"), (400, "ab")]
    assert one.requests == ["r1", "r2"]
    assert one.fates == {"processed": "ab"}


# -- destinations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("destination", "problem", "delivered", "dropped", "failures"),
    [
        pytest.param("arn:destination", None, 3, 0, 0, id="delivered"),
        pytest.param("arn:destination", "no such queue", 0, 3, 1, id="cannot be delivered"),
        pytest.param(None, None, 0, 3, 0, id="no destination"),
    ],
)
def test_what_the_metrics_say_about_discards(world, fails, destination, problem, delivered, dropped, failures) -> None:
    """Per record what was delivered or dropped, per batch the failures; the shard goes on in any case."""
    one = world(fails("a"), retry_attempts=0, destination=destination)
    one.destination.problem = problem
    one.put("abc").put("d", at=1).run()
    metrics = one.poller.metrics
    assert metrics["OnFailureDestinationDeliveredEventCount"] == delivered
    assert metrics["DroppedEventCount"] == dropped
    assert metrics["DestinationDeliveryFailures"] == failures
    assert one.fates == {"discarded": "abc", "processed": "d"}


def test_a_destination_may_be_taken_away(world, fails) -> None:
    """What is given up from then on is dropped."""
    one = world(fails("a", "b"), retry_attempts=0).put("a")
    one.run()
    one.reconfigure(destination=None)
    one.put("b").run()
    assert one.fates == {"discarded": "ab"}
    assert one.discards == ["a"]
