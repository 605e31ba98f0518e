"""Where a stream's mapping begins, in which order it goes, what may overlap, and when a batch goes."""

from __future__ import annotations

import pytest

# -- positions --------------------------------------------------------------------------------------------------------


def filled(world, **config):
    """Records at 0, 1,000 and 2,000 ms, a mapping at 2,000 ms, a record after it."""
    one = world(**config)
    for name, at in (("a", 0), ("b", 1_000), ("c", 2_000)):
        one.clock.jump_to(at)
        one.put(name)
    return one.map().put("d", at=3_000).run()


@pytest.mark.parametrize(
    ("position", "starting_ms", "expected"),
    [
        ("TRIM_HORIZON", None, "abcd"),
        ("LATEST", None, "d"),
        ("AT_TIMESTAMP", 0, "abcd"),
        ("AT_TIMESTAMP", 1, "bcd"),
        ("AT_TIMESTAMP", 1_000, "bcd"),
        ("AT_TIMESTAMP", 1_001, "cd"),
        ("AT_TIMESTAMP", 2_001, "d"),
    ],
)
def test_where_it_begins(world, position, starting_ms, expected) -> None:
    """At the oldest record, after the latest, or at the first that arrived then; others are not this mapping's."""
    one = filled(world, starting_position=position, starting_ms=starting_ms)
    assert "".join(one.order) == expected
    assert one.fates == {"processed": expected}


def test_the_trim_horizon_is_where_retention_ends(world) -> None:
    """What was gone before the mapping was made is not its record."""
    one = world()
    one.settings.retention_ms = 1_000
    one.put("a")
    one.clock.jump_to(1_000)
    one.put("b").run()
    assert one.fates == {"processed": "b"}


def test_latest_is_when_the_mapping_becomes_active(world) -> None:
    """Made disabled, it begins where the stream ends when it is enabled; the other positions are there from the first.

    Until then the records of the others are pending.
    """
    latest = world(starting_position="LATEST", enabled=False).map().put("a").run()
    latest.reconfigure(enabled=True)
    latest.put("b").run()
    assert latest.fates == {"processed": "b"}
    oldest = world(enabled=False).map().put("a").run()
    assert oldest.fates == {"pending": "a"}
    oldest.reconfigure(enabled=True)
    oldest.run()
    assert oldest.fates == {"processed": "a"}


def test_records_are_noted_in_the_order_in_which_they_came(world) -> None:
    """Over all shards."""
    one = world(shards=2)
    for at, name in enumerate("abcdef"):
        one.clock.jump_to(at)
        one.put(name, f"s{at % 2}")
    one.run()
    assert one.fates == {"processed": "abcdef"}


# -- shards -----------------------------------------------------------------------------------------------------------


def test_a_batch_has_records_of_one_shard(world) -> None:
    """And each shard goes on by itself, in its order."""
    one = world(shards=2, batch_size=2).put("abcd", "s0").put("uvwx", "s1").run()
    assert one.order == ["ab", "uv", "cd", "wx"]


def test_a_blocked_shard_does_not_block_another(world, fails) -> None:
    """Its batch is retried while the others go on."""
    one = world(fails("a"), shards=2, retry_attempts=2).put("a", "s0").put("b", "s1").put("c", "s1", at=300).run()
    assert one.calls == [(0, "a"), (0, "b"), (200, "a"), (300, "c"), (600, "a")]


def test_children_wait_until_their_parent_is_drained(world, fails) -> None:
    """Drained means that every record of it has ended, retries included; then siblings run concurrently."""
    one = world(fails("b"), batch_size=1, retry_attempts=1)
    one.put("abc", "s0").split("s0", "s1", "s2").put("d", "s1").put("e", "s2").put("f", "s1")
    one.duration = 10
    one.run()
    assert one.calls == [(0, "a"), (10, "b"), (220, "b"), (230, "c"), (240, "d"), (240, "e"), (250, "f")]


def test_a_merged_child_waits_for_both_parents(world, fails) -> None:
    """And begins at its first record."""
    one = world(fails("b"), shards=2, retry_attempts=1).put("a", "s0").put("b", "s1")
    for parent in ("s0", "s1"):
        one.stream.close_shard(parent, 0)
    one.stream.open_shard("s2", 0, ("s0", "s1"))
    one.put("c", "s2").run()
    assert one.calls == [(0, "a"), (0, "b"), (200, "b"), (200, "c")]


def test_a_shard_of_a_family_that_is_gone_begins_at_once(world) -> None:
    """Parents that are not in the stream any more are drained."""
    one = world(shards=0)
    one.stream.open_shard("s9", 0, ("s7", "s8"))
    one.put("a", "s9").run()
    assert one.order == ["a"]


def test_shards_that_come_later_are_read_from_their_beginning(world) -> None:
    """Also with LATEST, and whether they have parents or not; a split of a split too."""
    one = world(starting_position="LATEST").put("a").map()
    one.put("b").split("s0", "s1").put("c", "s1").split("s1", "s2").put("d", "s2")
    one.stream.open_shard("s3", 0)
    one.put("e", "s3").run()
    assert one.order == ["b", "e", "c", "d"]


def test_a_split_that_is_announced_is_followed(world) -> None:
    """While the mapping waits, without a record that would wake it."""
    one = world().put("a").split("s0", "s1", at=500).put("b", "s1", at=900).run()
    assert one.calls == [(0, "a"), (900, "b")]
    assert one.poller.next_due(one.clock.now_ms) is None


def test_a_parent_that_is_drained_when_it_is_closed_lets_its_child_begin(world) -> None:
    """No step of the parent comes between."""
    one = world().put("a").run()
    one.clock.jump_to(100)
    one.split("s0", "s1").put("b", "s1").run()
    assert one.calls == [(0, "a"), (100, "b")]


def test_latest_in_a_family(world) -> None:
    """A closed shard is at its end, so that its child does not wait."""
    one = world(starting_position="LATEST").put("a").split("s0", "s1").put("b", "s1").map().put("c", "s1").run()
    assert one.order == ["c"]


# -- parallelization --------------------------------------------------------------------------------------------------


def test_batches_of_one_shard_overlap(world) -> None:
    """Up to ParallelizationFactor; records of one key one after another."""
    one = world(parallelization=2, batch_size=1)
    one.duration = 100
    one.put("a", key="x").put("b", key="y").put("c", key="x").put("d", key="z").run()
    assert one.calls == [(0, "a"), (0, "b"), (100, "c"), (100, "d")]


def test_one_key_is_never_concurrent(world) -> None:
    """However many lanes there are."""
    one = world(parallelization=10, batch_size=2)
    one.duration = 100
    one.put("abcdef", key="x").run()
    assert one.calls == [(0, "ab"), (100, "cd"), (200, "ef")]


def test_a_blocked_lane_does_not_block_another(world, fails) -> None:
    """The checkpoint waits for it, and moves over the rest when it is through."""
    one = world(fails("a"), parallelization=2, retry_attempts=1)
    one.put("a", key="x").put("b", key="y").put("c", key="y").put("d", key="y", at=50).put("e", key="x", at=60)
    one.run(until=100)
    assert one.fates == {"pending": "ae", "processed": "bcd"}
    one.run()
    assert one.calls == [(0, "a"), (0, "bc"), (50, "d"), (200, "a"), (200, "e")]
    assert one.fates == {"discarded": "a", "processed": "bcde"}


def test_halves_of_a_lane_stay_in_their_lane(world, fails) -> None:
    """Bisect under parallelization keeps the order of each key."""
    one = world(fails("c"), parallelization=2, bisects=True, retry_attempts=0)
    one.put("a", key="x").put("b", key="y").put("c", key="x").put("d", key="x").run()
    assert one.order == ["acd", "b", "a", "cd", "c", "d"]
    assert one.fates == {"processed": "abd", "discarded": "c"}


# -- batches ----------------------------------------------------------------------------------------------------------


def test_the_window_begins_when_the_previous_invocation_ends(world) -> None:
    """The first one when the mapping is made; after idleness a lone record goes at once."""
    one = world(window_ms=5_000).map()
    one.slept = 1_000
    for name, at in (("a", 100), ("b", 3_000), ("c", 8_000), ("d", 11_000), ("e", 90_000)):
        one.put(name, at=at)
    one.run()
    assert one.calls == [(5_000, "ab"), (11_000, "cd"), (90_000, "e")]


def test_a_full_batch_goes_at_once(world) -> None:
    """BatchSize is reached before the window ends."""
    one = world(window_ms=5_000, batch_size=2).map().put("a", at=100).put("bc", at=200).run()
    assert one.calls == [(200, "ab"), (5_200, "c")]


def test_filtered_records_do_not_count(world) -> None:
    """The filter comes before the batch: filtered records have their fate at once, and the checkpoint passes them."""
    one = world(batch_size=2)
    one.passes = lambda text: '"id":"x"' not in text
    one.put("axb").run()
    assert one.order == ["ab"]
    assert one.fates == {"processed": "ab", "filtered": "x"}
    metrics = one.poller.metrics
    assert (metrics["PolledEventCount"], metrics["FilteredOutEventCount"], metrics["InvokedEventCount"]) == (3, 1, 2)


def test_a_stream_of_nothing_but_filtered_records(world) -> None:
    """No invocation; nothing stays pending."""
    one = world(batch_size=2)
    one.passes = lambda text: False
    one.put("abcdefg").run()
    assert one.calls == []
    assert one.fates == {"filtered": "abcdefg"}


def test_an_outcome_takes_effect_when_the_invocation_ends(world) -> None:
    """Until then its shard waits, and its records are pending."""
    one = world(batch_size=1)
    one.duration = 1_000
    one.put("ab").run(until=999)
    assert one.fates == {"pending": "ab"}
    one.run(until=1_000)
    assert one.fates == {"processed": "a", "pending": "b"}
    assert one.poller.next_due(1_000) == 2_000


def test_iterator_age_is_the_longest_seen(world) -> None:
    """The age of the last record of a batch when it goes to the function."""
    one = world()
    one.slept = 700
    one.put("a").put("b", at=100).run()
    assert one.poller.metrics["IteratorAge"] == 600
