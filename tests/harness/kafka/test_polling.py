"""What goes to the function, in which order and when (Lambda Developer Guide, "Using Lambda with Amazon MSK" and "Using
Lambda with self-managed Apache Kafka").
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import RunLimitReached
from pytest_lambda_events.polling import log, log_reading, retrying

if TYPE_CHECKING:
    from collections.abc import Callable

START_MS = 1_735_689_600_000


def test_a_batch_holds_partitions_in_offset_order(aws: Any, recorder: Any) -> None:
    """One event, one list for each partition, in the order of the first records; the records are processed."""
    topic = aws.kafka_topic("orders", partitions=3)
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler)
    sent = topic.send(*"abcdef", partition=lambda number: (2, 0, 0)[number % 3])
    run = mapping.run_until_idle()
    (event,) = handler.events
    assert {name: [one["offset"] for one in records] for name, records in event["records"].items()} == {
        "orders-2": [0, 1],
        "orders-0": [0, 1, 2, 3],
    }
    assert list(event["records"]) == ["orders-2", "orders-0"]
    assert run.records == run.processed == sent
    assert run.invocations[0].records == tuple(sent)
    assert topic.group(mapping.uuid).committed == {0: 4, 1: 0, 2: 2}


def test_the_event_is_that_of_the_cluster(aws: Any, recorder: Any) -> None:
    """MSK's names its cluster, a self-managed one has no ARN; the addresses come in another order each time."""
    events = {}
    for topic in (aws.msk_topic("clicks", cluster="shop"), aws.kafka_topic("orders", bootstrap_servers="a:1,b:2,c:3")):
        handler = recorder()
        mapping = aws.event_source_mapping(topic, handler, BatchSize=1)
        topic.send(*[str(number) for number in range(20)])
        mapping.run_until_idle()
        events[topic.kind] = handler.events
    msk, kafka = events["msk"][0], events["kafka"][0]
    assert list(msk) == ["eventSource", "eventSourceArn", "bootstrapServers", "records"]
    assert (msk["eventSource"], msk["eventSourceArn"].rpartition("/")[0]) == (
        "aws:kafka",
        "arn:aws:kafka:us-east-1:123456789012:cluster/shop",
    )
    assert list(kafka) == ["eventSource", "bootstrapServers", "records"]
    assert kafka["eventSource"] == "SelfManagedKafka"
    assert {frozenset(event["bootstrapServers"].split(",")) for event in events["kafka"]} == {
        frozenset(("a:1", "b:2", "c:3"))
    }
    assert len({event["bootstrapServers"] for event in events["kafka"]}) > 1
    assert len({event["bootstrapServers"] for event in events["msk"]}) > 1


def test_what_travels_is_what_was_sent(aws: Any, recorder: Any) -> None:
    """Keys, headers, tombstones, schemas beside the bytes."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler)
    avro = {"schemaId": "7", "dataFormat": "AVRO"}
    topic.send(b"\x14x", key="k", headers={"trace": b"\x76\xdc"}, value_schema=avro, timestamp=START_MS - 1)
    topic.send(None, key=b"k")
    mapping.run_until_idle()
    assert handler.events[0]["records"]["orders-0"] == [
        {
            "topic": "orders",
            "partition": 0,
            "offset": 0,
            "timestamp": START_MS - 1,
            "timestampType": "CREATE_TIME",
            "key": "aw==",
            "value": "FHg=",
            "headers": [{"trace": [118, -36]}],
            "valueSchemaMetadata": avro,
        },
        {
            "topic": "orders",
            "partition": 0,
            "offset": 1,
            "timestamp": START_MS,
            "timestampType": "CREATE_TIME",
            "key": "aw==",
            "headers": [],
        },
    ]


# -- windows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("parameters", "seconds"), [({}, 0.5), ({"MaximumBatchingWindowInSeconds": 5}, 5)])
def test_the_window_runs_from_the_first_record(aws: Any, recorder: Any, parameters: Any, seconds: float) -> None:
    """500 ms where nothing else is said."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, **parameters)
    aws.virtual_clock.advance(60)
    topic.send("a")
    topic.send("b", at=60 + seconds - 0.001)
    topic.send("c", at=60 + seconds + 0.001)
    run = mapping.run_until_idle()
    assert handler.batches == ["ab", "c"]
    assert [call.at for call in run.invocations] == [60 + seconds, 60 + 2 * seconds + 0.001]


def test_records_that_are_there_wait_from_the_mappings_beginning(aws: Any, recorder: Any) -> None:
    """Nothing is read before."""
    topic = aws.kafka_topic("orders")
    topic.send("a")
    aws.virtual_clock.advance(10)
    run = aws.event_source_mapping(topic, recorder()).run_until_idle()
    assert [call.at for call in run.invocations] == [10.5]


def test_a_full_batch_does_not_wait(aws: Any, recorder: Any) -> None:
    """BatchSize records go at once, the rest when its window ends."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, BatchSize=2, MaximumBatchingWindowInSeconds=60)
    topic.send(*"abcde")
    run = mapping.run_until_idle()
    assert handler.batches == ["ab", "cd", "e"]
    assert [call.at for call in run.invocations] == [0, 0, 60]


def test_windows_run_while_the_function_does(aws: Any, recorder: Any) -> None:
    """What waited its window out behind a long invocation goes when that has ended, and not before."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, BatchSize=2, duration=2)
    topic.send("a", "b")
    topic.send("c", at=1)
    topic.send("d", at=3.9)
    run = mapping.run_until_idle()
    assert [(call.at, call.duration) for call in run.invocations] == [(0, 2), (2, 2), (4.4, 2)]
    assert run.elapsed == 6.4


# -- sizes ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_events(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets an event have so many bytes instead of 6 MB."""

    def limit(size: int) -> None:
        for module in (log, retrying):
            monkeypatch.setattr(module, "PAYLOAD_LIMIT_BYTES", size)
        monkeypatch.setattr(log, "fits_by_partition", lambda *args: log_reading.fits_by_partition(*args, limit=size))

    return limit


def test_an_event_is_never_larger_than_it_may_be(aws: Any, recorder: Any, small_events: Any) -> None:
    """6 MB, envelope and metadata included; a batch that is full by bytes does not wait for its window."""
    small_events(1_000)
    topic = aws.kafka_topic("orders", partitions=3)
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, MaximumBatchingWindowInSeconds=60)
    sent = topic.send(*["x" * 100] * 10, partition=lambda number: number % 3)
    run = mapping.run_until_idle()
    assert run.processed == sent
    sizes = [len(call.event_text.encode()) for call in run.invocations]
    assert max(sizes) <= 1_000
    assert [len(call.records) for call in run.invocations] == [3, 3, 3, 1]
    assert [call.at for call in run.invocations] == [0, 0, 0, 60]


def test_a_record_that_no_invocation_carries_is_given_up(aws: Any, recorder: Any, small_events: Any) -> None:
    """At once, because it would never fit; the function is not called, and the others go on."""
    small_events(600)
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler)
    good, large, other = topic.send("a", "x" * 600, "b")
    run = mapping.run_until_idle()
    assert run.processed == [good, other]
    assert run.discarded == [large]
    assert handler.batches == ["a", "b"]
    assert [call.outcome for call in run.invocations] == ["success", "error", "success"]
    assert "RequestEntityTooLargeException" in (run.invocations[1].problem or "")
    assert (run.metrics["DroppedEventCount"], run.metrics["Invocations"], run.metrics["Errors"]) == (1, 2, 0)
    assert topic.group(mapping.uuid).committed == {0: 3}


# -- where it begins --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "batches", "before"),
    [
        ({}, ["abc", "d"], 0),
        ({"StartingPosition": "TRIM_HORIZON"}, ["abc", "d"], 0),
        ({"StartingPosition": "LATEST"}, ["d"], 3),
        ({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1_735_689_610}, ["bc", "d"], 0),
        ({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": "2025-01-01T00:00:10.001Z"}, ["c", "d"], 0),
    ],
)
def test_a_mapping_begins_where_it_is_told_to(
    aws: Any, recorder: Any, position: Any, batches: list[str], before: int
) -> None:
    """TRIM_HORIZON is the default; AT_TIMESTAMP looks at the records' own timestamps."""
    topic = aws.msk_topic("orders", partitions=2)
    for number, value in enumerate("abc"):
        topic.send(value, partition=number % 2, timestamp=START_MS + 10_000 * number)
    aws.virtual_clock.advance(20)
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, **position)
    topic.send("d", at=30)
    run = mapping.run_until_idle()
    assert ["".join(sorted(batch)) for batch in handler.batches] == batches
    assert len(run.records) == len(run.processed) == len("".join(batches))
    assert mapping.poller.records_before_latest == before


def test_a_mapping_that_is_made_disabled_waits_at_its_position(aws: Any, recorder: Any) -> None:
    """Its records are pending; LATEST is where the topic ends when it is enabled."""
    topic = aws.kafka_topic("orders")
    topic.send("a")
    oldest, latest = recorder(), recorder()
    first = aws.event_source_mapping(topic, oldest, Enabled=False)
    second = aws.event_source_mapping(topic, latest, Enabled=False, StartingPosition="LATEST")
    topic.send("b")
    assert len(first.run_until_idle().pending) == 2
    assert second.view().records == []
    first.enable()
    second.enable()
    topic.send("c")
    aws.run_until_idle()
    assert (oldest.batches, latest.batches) == (["abc"], ["c"])


# -- filters ----------------------------------------------------------------------------------------------------------


def criteria(pattern: str) -> dict[str, Any]:
    return {"Filters": [{"Pattern": pattern}]}


def test_filtered_records_do_not_count_and_are_committed_with_the_batch(aws: Any, recorder: Any) -> None:
    """They end as filtered; the offset passes over them."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(
        topic, handler, BatchSize=2, FilterCriteria=criteria('{"value": {"size": [{"numeric": [">", 5]}]}}')
    )
    small, large, other, big = topic.send(*[{"size": size} for size in (1, 9, 2, 8)])
    run = mapping.run_until_idle()
    assert run.filtered == [small, other]
    assert run.processed == [large, big]
    assert len(run.invocations) == 1
    assert topic.group(mapping.uuid).committed == {0: 4}
    metrics = run.metrics
    assert (metrics["PolledEventCount"], metrics["FilteredOutEventCount"], metrics["InvokedEventCount"]) == (4, 2, 2)
    assert metrics["CommittedEventCount"] == 4


def test_what_is_all_filtered_is_committed_without_an_invocation(aws: Any, recorder: Any) -> None:
    """And it is not read again."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(topic, handler, FilterCriteria=criteria('{"key": ["gold"]}'))
    sent = topic.send("a", "b", key="tin")
    run = mapping.run_until_idle()
    assert run.filtered == sent
    assert handler.events == []
    assert topic.group(mapping.uuid).committed == {0: 2}
    mapping.update(FilterCriteria={})
    assert mapping.run_until_idle().filtered == sent


def test_a_filtered_record_behind_a_failing_one_is_not_committed(aws: Any, recorder: Any, provisioned: Any) -> None:
    """The offset stays at the batch that is not done."""
    topic = aws.kafka_topic("orders")
    handler = recorder(fails="1")
    mapping = aws.event_source_mapping(
        topic, handler, FilterCriteria=criteria('{"value": {"n": [1]}}'), MaximumRetryAttempts=1, **provisioned
    )
    topic.send({"n": 2}, {"n": 1}, {"n": 2})
    handler.fails = '{"n":1}'
    run = mapping.run_for(0.6)
    assert len(run.filtered) == 2
    assert topic.group(mapping.uuid).committed == {0: 1}
    mapping.run_until_idle()
    assert topic.group(mapping.uuid).committed == {0: 3}


# -- concurrency ------------------------------------------------------------------------------------------------------


def test_one_batch_at_a_time(aws: Any, recorder: Any) -> None:
    """Whatever the number of partitions, unless pollers are asked for."""
    topic = aws.kafka_topic("orders", partitions=4)
    mapping = aws.event_source_mapping(topic, recorder(), BatchSize=1, duration=2)
    topic.send(*"abcd", partition=lambda number: number)
    run = mapping.run_until_idle()
    assert [call.at for call in run.invocations] == [0, 2, 4, 6]


def test_pollers_work_side_by_side_each_on_its_partitions(aws: Any, recorder: Any) -> None:
    """MinimumPollers 2 of 4 partitions: two batches at once, a partition never in two."""
    topic = aws.kafka_topic("orders", partitions=4)
    mapping = aws.event_source_mapping(
        topic, recorder(), BatchSize=1, duration=2, ProvisionedPollerConfig={"MinimumPollers": 2}
    )
    topic.send(*"abcdefgh", partition=lambda number: number % 4)
    run = mapping.run_until_idle()
    assert [call.at for call in run.invocations] == [0, 0, 2, 2, 4, 4, 6, 6]
    lanes: dict[int, list[str]] = {0: [], 1: []}
    for call in run.invocations:
        lanes[call.records[0].partition % 2].append(call.records[0].id)
    assert lanes == {
        0: ["orders-0-0", "orders-2-0", "orders-0-1", "orders-2-1"],
        1: ["orders-1-0", "orders-3-0", "orders-1-1", "orders-3-1"],
    }


def test_a_failing_poller_does_not_hold_up_the_other(aws: Any, recorder: Any) -> None:
    """Its own partitions wait."""
    topic = aws.kafka_topic("orders", partitions=2)
    mapping = aws.event_source_mapping(
        topic, recorder(fails="a"), BatchSize=1, MaximumRetryAttempts=3, ProvisionedPollerConfig={"MinimumPollers": 2}
    )
    a, b, c, d = topic.send(*"abcd", partition=lambda number: number % 2)
    run = mapping.run_until_idle()
    assert run.discarded == [a]
    assert (run.attempts(b), run.attempts(d), run.attempts(c)) == ([0], [0], [1.4])


def test_throttles_use_no_retries(aws: Any, recorder: Any, provisioned: Any) -> None:
    """A function without concurrency: tried again with growing delays until there is some."""
    topic = aws.kafka_topic("orders")
    handler = recorder()
    mapping = aws.event_source_mapping(
        topic,
        handler,
        function={"ReservedConcurrentExecutions": 0},
        MaximumRetryAttempts=0,
        **provisioned,
    )
    (record,) = topic.send("a")
    run = mapping.run_for(2)
    assert [(call.at, call.outcome) for call in run.invocations] == [
        (0.5, "throttled"),
        (0.7, "throttled"),
        (1.1, "throttled"),
        (1.9, "throttled"),
    ]
    assert (run.metrics["Throttles"], run.metrics["Invocations"], run.metrics["FailedInvokeEventCount"]) == (4, 0, 0)
    (blocked,) = mapping.poller.blocked()
    assert (blocked.shard_id, blocked.record, blocked.throttles, blocked.attempts) == ("orders-0", record, 4, 0)
    mapping.poller._reservation.limit = None
    run = mapping.run_until_idle()
    assert run.processed == [record]
    assert mapping.poller.blocked() == []


# -- the function -----------------------------------------------------------------------------------------------------


def test_a_handler_may_send_to_its_own_topic(aws: Any) -> None:
    """What it sends comes next, with the next offset."""
    topic = aws.kafka_topic("orders")

    def handler(event: Any, _context: Any) -> None:
        time.sleep(1)
        if event["records"]["orders-0"][0]["offset"] < 3:
            topic.send("again")

    mapping = aws.event_source_mapping(topic, handler)
    topic.send("first")
    run = mapping.run_until_idle()
    assert [record.offset for record in run.processed] == [0, 1, 2, 3]
    assert [call.at for call in run.invocations] == [0.5, 2, 3.5, 5]


def test_what_is_meant_for_the_test_runner_passes_through(aws: Any) -> None:
    """pytest.fail in a handler fails the test, and the harness is still usable."""

    def handler(_event: Any, _context: Any) -> None:
        pytest.fail("seen by pytest")

    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, handler)
    (record,) = topic.send("a")
    for _ in range(2):
        with pytest.raises(pytest.fail.Exception, match="seen by pytest"):
            mapping.run_until_idle()
    assert mapping.view().pending == [record]
    mapping.poller.check()


def test_without_retention_only_the_bound_ends_retries(aws: Any, recorder: Any) -> None:
    """retention.ms = -1: nothing ends a record that always fails."""
    topic = aws.kafka_topic("orders", retention_ms=-1)
    mapping = aws.event_source_mapping(topic, recorder(fails="a"))
    (record,) = topic.send("a")
    with pytest.raises(RunLimitReached):
        mapping.run_until_idle(max_seconds=3_600)
    assert mapping.view().pending == [record]


def test_metrics_count_what_happened(aws: Any, recorder: Any, provisioned: Any) -> None:
    """All are zero at first; OffsetLag is the largest that was seen."""
    topic = aws.kafka_topic("orders", partitions=2)
    handler = recorder(reports="b")
    mapping = aws.event_source_mapping(
        topic, handler, MaximumRetryAttempts=1, FunctionResponseTypes=["ReportBatchItemFailures"], **provisioned
    )
    assert set(mapping.view().metrics.values()) == {0}
    topic.send(*"abc", partition=0)
    topic.send("d", partition=1)
    run = mapping.run_until_idle()
    assert run.metrics == {
        "Invocations": 2,
        "Errors": 0,
        "Throttles": 0,
        "OffsetLag": 3,
        "PolledEventCount": 4,
        "FilteredOutEventCount": 0,
        "InvokedEventCount": 5,
        "FailedInvokeEventCount": 2,
        "CommittedEventCount": 4,
        "DroppedEventCount": 1,
        "OnFailureDestinationDeliveredEventCount": 0,
        "DestinationDeliveryFailures": 0,
    }
    assert mapping.poller.last_result == "PROBLEM: Function call failed"


def test_each_poller_passes_over_the_others_partitions(aws: Any, recorder: Any) -> None:
    """A batch is as large as its poller's own partitions make it."""
    topic = aws.kafka_topic("orders", partitions=2)
    handler = recorder()
    pollers = {"ProvisionedPollerConfig": {"MinimumPollers": 2}}
    mapping = aws.event_source_mapping(topic, handler, **pollers)
    for place, value in enumerate("abcdef"):
        topic.send(value, partition=place % 2)
    mapping.run_until_idle()
    assert handler.batches == ["ace", "bdf"]


def test_the_lag_is_what_the_group_has_not_committed(aws: Any, recorder: Any) -> None:
    """What it has is no longer behind."""
    topic = aws.kafka_topic("orders")
    mapping = aws.event_source_mapping(topic, recorder())
    for payloads, lag in (("abc", 3), ("de", 3), ("fghij", 5)):
        topic.send(*payloads)
        assert mapping.run_until_idle().metrics["OffsetLag"] == lag
