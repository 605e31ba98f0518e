"""Tumbling windows in action: which invocations there are, and with which state."""

from __future__ import annotations

import pytest

from pytest_lambda_events.polling import batching, windows

WINDOW = {"tumbling_ms": 10_000}


def summing(ids, event):
    """Counts the records of a window."""
    return {"state": {"n": event["state"].get("n", 0) + len(ids)}}


def story(one):
    """Each invocation: moment, names, state; ! where it is the window's last, !! where that is early."""
    return [
        (at, ids + "!" * (event["isFinalInvokeForWindow"] + event["isWindowTerminatedEarly"]), event["state"])
        for (at, ids), event in zip(one.calls, one.events, strict=True)
    ]


def test_state_goes_from_response_to_event(world) -> None:
    """{} first, then what the previous response said; the final invocation comes before a later window's records."""
    one = world(summing, **WINDOW).map()
    one.put("ab", at=1_000).put("c", at=9_999).put("d", at=10_000).put("e", at=45_000).run()
    assert story(one) == [
        (1_000, "ab", {}),
        (9_999, "c", {"n": 2}),
        (10_000, "!", {"n": 3}),
        (10_000, "d", {}),
        (45_000, "!", {"n": 1}),
        (45_000, "e", {}),
        (170_000, "!", {"n": 1}),
    ]
    assert [event["window"]["start"][17:19] for event in one.events] == ["00", "00", "00", "10", "10", "40", "40"]
    assert one.events[0]["shardId"] == "s0"
    assert one.fates == {"processed": "abcde"}


def test_records_of_several_windows_are_never_in_one_batch(world) -> None:
    """A backlog: the batch ends where the window ends, without waiting for a batching window."""
    one = world(summing, window_ms=3_000, **WINDOW)
    for at, names in ((0, "ab"), (10_000, "c"), (30_000, "def")):
        one.clock.jump_to(at)
        one.put(names)
    one.map().run()
    assert story(one) == [
        (30_000, "ab", {}),
        (30_000, "!", {"n": 2}),
        (30_000, "c", {}),
        (30_000, "!", {"n": 1}),
        (33_000, "def", {}),
        (160_000, "!", {"n": 3}),
    ]


def test_a_final_invocation_begins_no_batching_window(world) -> None:
    """After idleness the first record of the next window goes right behind it."""
    one = world(summing, window_ms=3_000, **WINDOW).map().put("a", at=1_000).put("b", at=20_000).run(until=30_000)
    assert story(one) == [(3_000, "a", {}), (20_000, "!", {"n": 1}), (20_000, "b", {})]


def test_a_batching_window_does_not_outlast_the_tumbling_window(world) -> None:
    """What waits in it goes before the window closes."""
    one = world(summing, window_ms=300_000, batch_size=2, **WINDOW).map().put("ab").put("c").run()
    assert story(one) == [(0, "ab", {}), (130_000, "c", {"n": 2}), (130_000, "!", {"n": 3})]


@pytest.mark.parametrize("response", [None, {}, {"state": None}, {"state": "n"}, "state"], ids=str)
def test_without_state_the_invocation_failed(world, response) -> None:
    """It is retried like any other; the final invocation owes none."""
    one = world(lambda ids, event: response, retry_attempts=1, **WINDOW).put("a").run()
    assert story(one) == [(0, "a", {}), (200, "a", {}), (130_000, "!", {})]
    assert one.discards == ["a"]
    assert one.ledger.invocations[0].outcome == "malformed"
    assert "state" in one.ledger.invocations[0].problem


def test_what_a_failure_reports_as_state_is_not_kept(world) -> None:
    """Without progress the batch is retried with the same event; with progress the state goes on."""

    def function(ids, event):
        answer = summing(ids, event)
        if "c" in ids and len(one.calls) < 3:
            answer["batchItemFailures"] = [{"itemIdentifier": "sequence-c"}]
        return answer

    one = world(function, reports_failures=True, **WINDOW).map()
    one.put("abc").run()
    assert story(one) == [(0, "abc", {}), (0, "c", {"n": 3}), (200, "c", {"n": 3}), (130_000, "!", {"n": 4})]
    assert one.events[1] == one.events[2]


def test_halves_hand_on_their_state(world) -> None:
    """The second half gets what the first one left."""

    def function(ids, event):
        return ValueError() if "b" in ids else summing(ids, event)

    one = world(function, bisects=True, retry_attempts=0, **WINDOW).put("abcd").run()
    assert story(one) == [
        (0, "abcd", {}),
        (0, "ab", {}),
        (0, "a", {}),
        (0, "b", {"n": 1}),
        (0, "cd", {"n": 1}),
        (130_000, "!", {"n": 3}),
    ]


def large(ids, event):
    """Returns more than 1 MB of state once."""
    return {"state": {"n": "x" * windows.LARGEST_STATE_BYTES} if "b" in ids else {"n": len(ids)}}


def test_too_large_a_state_ends_the_window_at_once(world) -> None:
    """Both flags are true, the state is the large one; what follows in the same window begins with {}."""
    one = world(large, batch_size=2, **WINDOW).put("abc").run()
    assert [ids for _, ids, _ in story(one)] == ["ab", "!!", "c", "!"]
    assert len(one.events[1]["state"]["n"]) == windows.LARGEST_STATE_BYTES
    assert story(one)[2:] == [(0, "c", {}), (130_000, "!", {"n": 1})]
    assert one.events[1]["window"] == one.events[2]["window"]


def test_too_large_a_state_comes_before_the_second_half(world) -> None:
    """The rest of a split batch waits for the early end."""

    def function(ids, event):
        return ValueError() if len(ids) == 4 else large(ids, event)

    one = world(function, bisects=True, **WINDOW).put("abcd").run()
    assert [ids for _, ids, _ in story(one)] == ["abcd", "ab", "!!", "cd", "!"]
    assert story(one)[3:] == [(0, "cd", {}), (130_000, "!", {"n": 2})]


def test_a_window_that_ends_early_does_not_end_again(world) -> None:
    """Without more records nothing follows."""
    one = world(large, **WINDOW).put("ab").run()
    assert [ids for _, ids, _ in story(one)] == ["ab", "!!"]


def test_a_failing_final_invocation_is_retried_like_a_batch(world) -> None:
    """And given up like one: without records, with its window; the next window waits for it."""

    def function(ids, event):
        return summing(ids, event) if ids else ValueError()

    one = world(function, retry_attempts=2, bisects=True, **WINDOW).map().put("a").put("b", at=10_000).run()
    assert story(one) == [
        (0, "a", {}),
        (10_000, "!", {"n": 1}),
        (10_200, "!", {"n": 1}),
        (10_600, "!", {"n": 1}),
        (10_600, "b", {}),
        (140_000, "!", {"n": 1}),
        (140_200, "!", {"n": 1}),
        (140_600, "!", {"n": 1}),
    ]
    assert one.requests[1] == one.requests[2] == one.requests[3]
    first, _ = one.destination.discards
    assert (first.records, first.invoke_count, first.condition) == ((), 3, "RetryAttemptsExhausted")
    assert (first.shard_id, first.window.is_final, first.window.state) == ("s0", True, {"n": 1})
    assert first.window.bounds(first.window_start_ms) == (0, 10)
    assert one.fates == {"processed": "ab"}


def test_a_final_invocation_that_always_fails_ends_with_age_or_retention(world) -> None:
    """It has no record that could, so it is as old as its window's end."""

    def function(ids, event):
        return summing(ids, event) if ids else ValueError()

    aged = world(function, record_age_ms=60_000, **WINDOW).put("a").run()
    [discard] = aged.destination.discards
    assert (discard.condition, discard.records, discard.invoke_count) == ("RecordAgeExceeded", (), 1)
    assert discard.window.is_final
    tried = world(function, record_age_ms=125_000, **WINDOW).put("a").run(until=133_000)
    tried.clock.jump_to(200_000)  # an outage: it is given up when somebody looks again
    tried.run()
    assert [(discard.at_ms, discard.invoke_count) for discard in tried.destination.discards] == [(200_000, 5)]
    forever = world(function, **WINDOW).put("a").run()
    assert forever.discards == []
    assert forever.clock.now_ms >= 86_400_000


def test_aged_records_say_their_window(world) -> None:
    """What is given up before a window has begun does not begin it."""
    one = world(summing, record_age_ms=60_000, **WINDOW).put("a")
    one.clock.jump_to(60_001)
    one.run()
    assert one.calls == []
    [discard] = one.destination.discards
    assert (discard.window.state, discard.window.is_final, discard.window_start_ms) == ({}, False, 0)


def test_the_end_of_a_shard_closes_its_window(world) -> None:
    """And only then do its children begin."""
    one = world(summing, **WINDOW).put("a").split("s0", "s1", at=500).put("b", "s1", at=600).run()
    assert story(one) == [
        (0, "a", {}),
        (500, "!", {"n": 1}),
        (600, "b", {}),
        (130_000, "!", {"n": 1}),
    ]
    assert [event["shardId"] for event in one.events] == ["s0", "s0", "s1", "s1"]


def test_each_shard_has_its_own_windows(world) -> None:
    """State is never shared."""
    one = world(summing, shards=2, **WINDOW).put("ab", "s0").put("c", "s1").run()
    assert story(one) == [
        (0, "ab", {}),
        (0, "c", {}),
        (130_000, "!", {"n": 2}),
        (130_000, "!", {"n": 1}),
    ]


def test_windows_survive_a_pause(world) -> None:
    """Disabling and enabling keeps state and window; another length begins anew."""
    one = world(summing, **WINDOW).put("a").run(until=100)
    one.reconfigure(enabled=False)
    one.put("b").run(until=200)
    one.reconfigure(enabled=True)
    one.run(until=300)
    assert story(one) == [(0, "a", {}), (200, "b", {"n": 1})]
    one.reconfigure(tumbling_ms=20_000)
    one.put("c").run()
    assert story(one)[2:] == [(300, "c", {}), (140_000, "!", {"n": 1})]


def test_a_state_from_before_a_change_of_windows_is_dropped(world) -> None:
    """The invocation ends after its windows were changed."""
    one = world(summing, **WINDOW)
    one.duration = 1_000
    one.put("a").run(until=500)
    one.reconfigure(tumbling_ms=20_000)
    one.put("b").run(until=5_000)
    assert story(one) == [(0, "a", {}), (1_000, "b", {})]


def test_state_and_records_share_the_six_megabytes(world) -> None:
    """What does not fit beside the state comes next."""

    def function(ids, event):
        return {"state": {"n": "x" * 1_000_000}}

    one = world(function, **WINDOW).map()
    third = batching.PAYLOAD_LIMIT_BYTES // 7
    one.put("a")
    one.run(until=1)
    for name in "bcd":
        one.put(name, padding=third)
    one.run(until=10)
    assert one.order == ["a", "bc", "d"]
    assert one.fates == {"processed": "abcd"}
