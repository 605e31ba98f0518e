"""Consumer groups: committed offsets, restarts, other members (Lambda Developer Guide, "Customizable consumer group ID"
and Apache Kafka's own rules).
"""

from __future__ import annotations

from typing import Any

import pytest

from pytest_lambda_events import UsageError

GROUP = {"SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": "billing"}}


def test_the_group_is_the_mappings_uuid_or_the_one_that_is_named(aws: Any, recorder: Any) -> None:
    """MSK has a structure of its own for it."""
    orders, clicks = aws.kafka_topic("orders"), aws.msk_topic("clicks")
    plain = aws.event_source_mapping(orders, recorder())
    aws.event_source_mapping(orders, recorder(), **GROUP)
    aws.event_source_mapping(clicks, recorder(), AmazonManagedKafkaEventSourceConfig={"ConsumerGroupId": "statistics"})
    assert orders.engine.groups.keys() == {plain.uuid, "billing"}
    assert clicks.engine.groups.keys() == {"statistics"}


def test_lag_is_what_is_not_committed(aws: Any, recorder: Any) -> None:
    """By partition; a group that never read has everything before it."""
    topic = aws.kafka_topic("orders", partitions=2)
    mapping = aws.event_source_mapping(topic, recorder(), **GROUP)
    group = topic.group("billing")
    topic.send(*"abc", partition=1)
    assert (group.committed, group.lag) == ({0: 0, 1: 0}, {0: 0, 1: 3})
    mapping.run_until_idle()
    assert (group.committed, group.lag) == ({0: 0, 1: 3}, {0: 0, 1: 0})
    assert topic.group("nobody").lag == {0: 0, 1: 3}
    assert repr(group) == "<KafkaGroup billing of orders: committed {0: 0, 1: 3}>"


@pytest.mark.parametrize("position", ["TRIM_HORIZON", "LATEST"])
def test_an_existing_group_resumes_whatever_the_starting_position(aws: Any, recorder: Any, position: str) -> None:
    """Its offsets are there; only a partition without one begins at StartingPosition."""
    topic = aws.kafka_topic("orders")
    topic.send(*"abc")
    topic.group("billing").commit(1)
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, StartingPosition=position, **GROUP)
    topic.send("d")
    mapping.run_until_idle()
    assert handler.batches == ["bcd"]


def test_a_new_mapping_goes_on_where_a_deleted_one_stopped(aws: Any, recorder: Any) -> None:
    """The group outlives it."""
    topic = aws.kafka_topic("orders")
    first = aws.event_source_mapping(topic, recorder(), **GROUP)
    topic.send("a")
    first.run_until_idle()
    first.delete()
    first.poller.close()
    first.poller.close()
    (missed,) = topic.send("b")
    handler = recorder()
    second = aws.event_source_mapping(topic, handler, **GROUP)
    run = second.run_until_idle()
    assert handler.batches == ["b"]
    assert run.processed == [missed]
    assert len(first.view().records) == 1


# -- disable and enable -----------------------------------------------------------------------------------------------


def test_enabling_goes_on_at_the_committed_offset(aws: Any, recorder: Any) -> None:
    """What came meanwhile is pending, and then read; the window begins anew."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler)
    topic.send("a")
    mapping.run_until_idle()
    mapping.disable()
    missed = topic.send("b")
    aws.virtual_clock.advance(100)
    assert mapping.run_until_idle().pending == missed
    mapping.enable()
    run = mapping.run_until_idle()
    assert handler.batches == ["a", "b"]
    assert run.attempts(missed[0]) == [101]


def test_a_mapping_that_is_disabled_while_its_function_runs_commits_at_the_end(aws: Any, recorder: Any) -> None:
    """What is with the function ends; nothing new begins before that, also when it is enabled at once."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, BatchSize=1, duration=2)
    topic.send("a", "b")
    mapping.run_for(1)
    mapping.disable()
    mapping.enable()
    run = mapping.run_until_idle()
    assert handler.batches == ["a", "b"]
    assert [call.at for call in run.invocations] == [0, 2]
    assert topic.group(mapping.uuid).committed == {0: 2}
    mapping.poller.check()


@pytest.mark.parametrize(("retries", "fate"), [(0, "discarded"), (5, "pending")])
def test_a_failure_that_ends_when_the_mapping_is_disabled(
    aws: Any, recorder: Any, provisioned: Any, retries: int, fate: str
) -> None:
    """A batch whose retries are used up is given up and committed; any other is read anew, with fresh retries."""
    topic = aws.kafka_topic("orders")
    handler = recorder(fails="a", times=1)
    mapping = aws.event_source_mapping(topic, handler, duration=2, MaximumRetryAttempts=retries, **provisioned)
    (record,) = topic.send("a")
    mapping.run_for(1)
    mapping.disable()
    run = mapping.run_until_idle()
    assert run.fate(record) == fate
    assert topic.group(mapping.uuid).committed == {0: int(fate == "discarded")}
    mapping.enable()
    run = mapping.run_until_idle()
    assert run.fate(record) == ("processed" if fate == "pending" else "discarded")


def test_a_mapping_that_changes_reads_anew_with_fresh_retries(aws: Any, recorder: Any, provisioned: Any) -> None:
    """Nothing is lost or doubled; an update that changes nothing does nothing."""
    topic = aws.kafka_topic("orders")
    handler = recorder(fails="b")
    mapping = aws.event_source_mapping(topic, handler, MaximumRetryAttempts=1, **provisioned)
    sent = topic.send("a", "b")
    mapping.run_for(0.6)
    mapping.update(BatchSize=100)
    mapping.update(BatchSize=1)
    run = mapping.run_until_idle()
    assert handler.batches == ["ab", "a", "b", "b"]
    assert (run.processed, run.discarded) == (sent[:1], sent[1:])
    mapping.poller.check()


def test_offsets_of_an_inactive_group_can_be_reset(aws: Any, recorder: Any) -> None:
    """Back: records are delivered and processed again. Forward: those between are nobody's."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler)
    group = topic.group(mapping.uuid)
    a, b = topic.send("a", "b")
    mapping.run_until_idle()
    with pytest.raises(UsageError, match="has members"):
        group.commit(0)
    mapping.disable()
    group.commit(1)
    c, d = topic.send("c", "d")
    mapping.enable()
    mapping.run_until_idle()
    assert handler.batches == ["ab", "bcd"]
    mapping.disable()
    e, f = topic.send("e", "f")
    group.commit(5)
    mapping.enable()
    run = mapping.run_until_idle()
    assert handler.batches == ["ab", "bcd", "f"]
    assert run.processed == [a, b, c, d, f]
    assert run.records == [a, b, c, d, f]
    with pytest.raises(UsageError, match="has not been in"):
        run.fate(e)
    mapping.poller.check()


def test_a_reset_goes_no_further_back_than_retention(aws: Any, recorder: Any) -> None:
    """What is gone is gone."""
    topic = aws.kafka_topic("orders", retention_ms=10_000)
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler)
    topic.send("a", "b")
    mapping.run_until_idle()
    mapping.disable()
    topic.group(mapping.uuid).commit(0)
    (record,) = topic.send("c", timestamp=1_735_689_700_000)
    aws.virtual_clock.advance(20)
    mapping.enable()
    run = mapping.run_until_idle()
    assert handler.batches == ["ab", "c"]
    assert run.fate(record) == "processed"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"offset": 0, "partition": 2}, "partition=2: the topic orders has 2, from 0"),
        ({"offset": 0, "partition": "0"}, "partition='0'"),
        ({"offset": 3}, "offset=3: <Partition 0: offsets 0 to 1>"),
        ({"offset": -1}, "offset=-1"),
        ({"offset": True}, "offset=True"),
    ],
)
def test_an_offset_that_is_not_there_is_refused(aws: Any, given: Any, told: str) -> None:
    """With what there is."""
    topic = aws.kafka_topic("orders", partitions=2)
    topic.send("a", "b", partition=0)
    with pytest.raises(UsageError, match=told):
        topic.group("billing").commit(**given)


# -- other members ----------------------------------------------------------------------------------------------------


def test_another_consumer_takes_partitions_away_and_gives_them_back(aws: Any, recorder: Any) -> None:
    """What it has read is not the mapping's; what it has left is."""
    topic = aws.kafka_topic("orders", partitions=2)
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, **GROUP)
    group = topic.group("billing")
    a, b = topic.send("a", "b", partition=lambda number: number)
    foreign = group.join()
    assert foreign.partitions == [1]
    run = mapping.run_until_idle()
    assert handler.batches == ["a"]
    assert run.records == run.processed == [a]
    assert foreign.poll() == [b]
    assert foreign.poll() == []
    c, d, e = topic.send("c", "d", "e", partition=1)
    assert foreign.poll(limit=1) == [c]
    assert repr(foreign) == "<KafkaConsumer of billing: partitions [1]>"
    foreign.leave()
    foreign.leave()
    assert foreign.partitions == []
    assert foreign.poll() == []
    run = mapping.run_until_idle()
    assert handler.batches == ["a", "de"]
    assert run.records == run.processed == [a, d, e]
    assert group.committed == {0: 1, 1: 4}
    mapping.poller.check()


def test_a_partition_is_taken_away_in_the_middle_of_its_retries(aws: Any, recorder: Any) -> None:
    """The rest of the batch goes on without it."""
    topic = aws.kafka_topic("orders", partitions=2)
    handler = recorder(fails="ab")
    mapping = aws.event_source_mapping(topic, handler, **GROUP)
    a, b, c, d = topic.send(*"abcd", partition=lambda number: number % 2)
    mapping.run_for(1)
    foreign = topic.group("billing").join()
    mapping.run_for(1)
    assert handler.batches == ["acbd", "acbd", "ac", "ac"]
    assert foreign.poll() == [b, d]
    handler.fails = ""
    run = mapping.run_until_idle()
    assert run.processed == run.records == [a, c]
    mapping.poller.check()


def test_what_is_with_the_function_when_its_partition_goes_is_not_committed(aws: Any, recorder: Any) -> None:
    """The new reader gets it, too: at least once."""
    topic = aws.kafka_topic("orders", partitions=2)
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, duration=2, **GROUP)
    a, b = topic.send("a", "b", partition=lambda number: number)
    mapping.run_for(1)
    foreign = topic.group("billing").join()
    mapping.poller.check()
    run = mapping.run_until_idle()
    assert run.processed == run.records == [a]
    assert foreign.poll() == [b]
    assert topic.group("billing").committed == {0: 1, 1: 1}
    mapping.poller.check()


def test_two_mappings_of_one_group_share_the_partitions(aws: Any, recorder: Any) -> None:
    """Each record goes to one of them; whoever is disabled leaves its share to the other."""
    topic = aws.kafka_topic("orders", partitions=2)
    one, two = recorder(), recorder()
    first = aws.event_source_mapping(topic, one, **GROUP)
    sent = topic.send(*"abcd", partition=lambda number: number % 2)
    second = aws.event_source_mapping(topic, two, **GROUP)
    run = aws.run_until_idle()
    assert (one.batches, two.batches) == (["ac"], ["bd"])
    assert run.processed == sent
    first.disable()
    more = topic.send("e", "f", partition=lambda number: number)
    aws.run_until_idle()
    assert (one.batches, two.batches) == (["ac"], ["bd", "ef"])
    assert second.view().processed == [sent[1], sent[3], *more]
    assert first.view().records == [sent[0], sent[2]]
    first.enable()
    topic.send("g", "h", partition=lambda number: number)
    run = aws.run_until_idle()
    assert len(run.processed) == len(run.records) == 8
    for mapping in (first, second):
        mapping.poller.check()


def test_two_mappings_of_two_groups_read_everything(aws: Any, recorder: Any) -> None:
    """Records have a fate for each."""
    topic = aws.kafka_topic("orders")
    good, bad = recorder(), recorder(fails="a")
    first = aws.event_source_mapping(topic, good)
    second = aws.event_source_mapping(topic, bad, MaximumRetryAttempts=0, ProvisionedPollerConfig={"MinimumPollers": 1})
    sent = topic.send("a")
    aws.run_until_idle()
    assert first.view().processed == sent
    assert second.view().discarded == sent


def test_who_comes_late_and_alone_finds_no_partition(aws: Any, recorder: Any) -> None:
    """A topic of one partition has one reader."""
    topic = aws.kafka_topic("orders")
    foreign = topic.group("billing").join()
    (record,) = topic.send("a")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, **GROUP)
    assert mapping.run_until_idle().records == []
    foreign.leave()
    assert mapping.run_until_idle().processed == [record]


def test_what_expires_elsewhere_is_no_fate_of_the_mapping(aws: Any, recorder: Any) -> None:
    """Retention takes it from whoever reads the partition."""
    topic = aws.kafka_topic("orders", partitions=2, retention_ms=10_000)
    mapping = aws.event_source_mapping(topic, recorder(), **GROUP)
    foreign = topic.group("billing").join()
    mine, theirs = topic.send("a", "b", partition=lambda number: number)
    run = mapping.run_for(20)
    assert run.records == run.processed == [mine]
    assert foreign.poll() == []
    assert theirs in topic.records
