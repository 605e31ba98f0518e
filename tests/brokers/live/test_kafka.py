"""Kafka in live mode: what the cluster has reaches the handler, and what the handler did reaches the group."""

from __future__ import annotations

import base64
import time

import pytest

from pytest_lambda_events import LiveHarness, NotConnected, RunLimitReached, UsageError
from pytest_lambda_events.sources import validate

QUIET = 0.1
NOW = {"MaximumBatchingWindowInSeconds": 0}
HORIZON = {"StartingPosition": "TRIM_HORIZON", **NOW}


class Recorder:
    """A handler that remembers its events, and fails as often as it is told to."""

    def __init__(self, fails=0):
        self.events = []
        self.fails = fails

    def __call__(self, event, context):
        self.events.append(event)
        if len(self.events) <= self.fails:
            raise ValueError("not yet")

    @property
    def values(self):
        """The values by invocation."""
        return [
            [base64.b64decode(one["value"]).decode() if "value" in one else None for one in records]
            for event in self.events
            for records in event["records"].values()
        ]


def group_of(name):
    return {"SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": name}}


@pytest.fixture
def topic(live, kafka):
    """A topic of one partition."""
    return live.kafka_topic(kafka.topic(), bootstrap_servers=kafka.servers)


def test_what_was_sent_is_what_the_cluster_has(topic):
    """Partition and offset are the cluster's answer (so is the time, but that of this cluster is made up)."""
    first, second = topic.send({"order": 1}, b"\xff", key="a", headers={"kind": "new"})
    (tombstone,) = topic.send(None, key="a", timestamp=1_700_000_000_000)

    assert [0, 1, 2] == [first.offset, second.offset, tombstone.offset]
    assert b'{"order":1}' == first.value
    assert b"\xff" == second.value
    assert (("kind", b"new"),) == first.headers
    assert None is tombstone.value
    assert [first, second, tombstone] == topic.records


def test_the_event_is_what_lambda_sends(live, topic):
    """The same shape as in memory, valid, with what the broker said."""
    handler = Recorder()
    mapping = live.event_source_mapping(topic, handler, **HORIZON)
    topic.send("hello", key=b"k", headers=[("h", b"\x80"), ("h", "")], timestamp=1_700_000_000_000)

    run = mapping.run_until_idle(quiet=QUIET)

    assert [] == validate(handler.events[0])
    assert {
        "eventSource": "SelfManagedKafka",
        "bootstrapServers": topic.bootstrap_servers[0],
        "records": {
            f"{topic.name}-0": [
                {
                    "topic": topic.name,
                    "partition": 0,
                    "offset": 0,
                    "timestamp": 1_700_000_000_000,
                    "timestampType": "CREATE_TIME",
                    "key": "aw==",
                    "value": "aGVsbG8=",
                    "headers": [{"h": [-128]}, {"h": []}],
                }
            ]
        },
    } == handler.events[0]
    assert topic.records == run.processed


def test_a_record_without_a_timestamp_has_the_producers(live, topic):
    """The present, on real time."""
    before = int(time.time() * 1000)
    topic.send("a")
    run = live.event_source_mapping(topic, Recorder(), **HORIZON).run_until_idle(quiet=QUIET)

    assert before <= run.processed[0].timestamp <= int(time.time() * 1000)


def test_what_failed_comes_again_after_a_pause(live, topic):
    """The poller's retries, in real time."""
    handler = Recorder(fails=2)
    mapping = live.event_source_mapping(topic, handler, **HORIZON)
    (record,) = topic.send("again")

    run = mapping.run_until_idle(quiet=QUIET)

    first, second, third = run.attempts(record)
    assert 0.19 <= second - first < 2
    assert 0.39 <= third - second < 2
    assert ["error", "error", "success"] == [call.outcome for call in run.invocations]
    assert [record] == run.processed


def test_only_success_is_committed(live, topic):
    """Offsets move at the real group when the handler has succeeded, not before."""
    group = topic.group("accounting")
    seen = []

    def handler(event, context):
        seen.append(dict(group.committed))
        if len(seen) == 1:
            raise ValueError("not yet")

    mapping = live.event_source_mapping(topic, handler, **HORIZON, **group_of("accounting"))
    topic.send("a", "b")
    mapping.run_until_idle(quiet=QUIET)

    assert [{0: 0}, {0: 0}] == seen
    assert {0: 2} == group.committed
    assert {0: 0} == group.lag


def test_a_group_that_is_asked_often_has_no_more_connections(live, topic):
    """Nor has the mapping that reads in it."""
    group = topic.group("accounting")
    live.event_source_mapping(topic, Recorder(), **HORIZON, **group_of("accounting"))

    assert {0: 0} == group.committed == topic.group("accounting").committed
    assert 1 == len(topic._connection._readers)


def test_another_harness_goes_on_where_the_group_is(kafka):
    """The group is the cluster's: a restart reads what is not committed, whatever StartingPosition says."""
    name, group = kafka.topic(), group_of("restarts")
    handler = Recorder()
    with LiveHarness(timeout=3) as live:
        topic = live.kafka_topic(name, bootstrap_servers=kafka.servers)
        topic.send("a", "b")
        live.event_source_mapping(topic, handler, BatchSize=1, **HORIZON, **group).run_until(
            lambda run: len(run.processed) == 1
        )
    with LiveHarness(timeout=3) as live:
        topic = live.kafka_topic(name, bootstrap_servers=kafka.servers)
        topic.send("c")
        live.event_source_mapping(topic, handler, **HORIZON, **group).run_until_idle(quiet=QUIET)

    assert [["a"], ["b", "c"]] == handler.values


def test_without_a_group_id_every_mapping_reads_for_itself(live, topic):
    """Its group is its UUID, and that is a new one each time."""
    one, other = Recorder(), Recorder()
    topic.send("a")
    live.event_source_mapping(topic, one, function={"FunctionName": "one"}, **HORIZON)
    live.event_source_mapping(topic, other, function={"FunctionName": "other"}, **HORIZON)
    live.run_until_idle(quiet=QUIET)

    assert [["a"]] == one.values == other.values


def test_latest_begins_with_what_comes(live, topic):
    """What was there is not read."""
    handler = Recorder()
    topic.send("old")
    mapping = live.event_source_mapping(topic, handler, StartingPosition="LATEST", **NOW)
    topic.send("new")
    run = mapping.run_until_idle(quiet=QUIET)

    assert [["new"]] == handler.values
    assert ["old", "new"] == [record.value.decode() for record in topic.records]
    assert 1 == len(run.processed)


def test_a_record_that_somebody_else_sends_during_a_run_is_seen(live, kafka, topic):
    """A handler may publish, and so may anybody."""
    handled = []

    def handler(event, context):
        handled.append(event)
        if len(handled) == 1:
            topic.send("from the handler")

    mapping = live.event_source_mapping(topic, handler, **HORIZON)
    topic.send("from the test")
    run = mapping.run_until_idle(quiet=QUIET)

    assert 2 == len(handled)
    assert 2 == len(run.processed)


def test_filters_partial_responses_and_destinations_are_the_pollers(live, kafka, topic):
    """They are decided here, and so as in memory; what is given up goes to a topic of the same cluster."""
    given_up = live.kafka_topic(kafka.topic(), bootstrap_servers=kafka.servers)
    calls = []

    def handler(event, context):
        ((name, records),) = event["records"].items()
        calls.append([one["offset"] for one in records])
        failed = [one["offset"] for one in records if b"bad" in base64.b64decode(one["value"])]
        return {"batchItemFailures": [{"itemIdentifier": {"partition": name, "offset": one}} for one in failed]}

    mapping = live.event_source_mapping(
        topic,
        handler,
        **HORIZON,
        FilterCriteria={"Filters": [{"Pattern": '{"value": {"kind": [{"anything-but": "noise"}]}}'}]},
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumRetryAttempts=1,
        ProvisionedPollerConfig={"MinimumPollers": 1},
        DestinationConfig={"OnFailure": {"Destination": f"kafka://{given_up.name}"}},
    )
    good, noise, bad = topic.send({"kind": "good"}, {"kind": "noise"}, {"kind": "bad"})
    run = mapping.run_until_idle(quiet=QUIET)

    assert [[0, 2], [2]] == calls
    assert ([good], [noise], [bad]) == (run.processed, run.filtered, run.discarded)
    assert f"kafka://{given_up.name}" == run.destination(bad)
    sink = Recorder()
    live.event_source_mapping(given_up, sink, **HORIZON).run_until_idle(quiet=QUIET)
    assert "RetryAttemptsExhausted" in sink.values[0][0]


def test_a_destination_topic_that_is_not_there_is_said_to_be_missing(live, topic, kafka):
    """As in memory; the record is given up all the same."""
    mapping = live.event_source_mapping(
        topic,
        Recorder(fails=9),
        **HORIZON,
        MaximumRetryAttempts=0,
        ProvisionedPollerConfig={"MinimumPollers": 1},
        DestinationConfig={"OnFailure": {"Destination": "kafka://elsewhere"}},
    )
    (record,) = topic.send("a")
    run = mapping.run_until_idle(quiet=QUIET)

    assert [record] == run.discarded


def test_partitions_are_read_each_in_its_order(live, kafka):
    """Keyed records stay together, and nothing is read twice."""
    topic = live.kafka_topic(kafka.topic(partitions=3), bootstrap_servers=kafka.servers)
    handler = Recorder()
    mapping = live.event_source_mapping(topic, handler, **HORIZON, BatchSize=4)
    sent = [topic.send(str(number), key=f"k{number % 5}")[0] for number in range(20)]
    run = mapping.run_until_idle(quiet=QUIET)

    assert set(sent) == set(run.processed)
    for partition in range(3):
        there = [one.value.decode() for one in sent if one.partition == partition]
        records = [one for event in handler.events for one in event["records"].get(f"{topic.name}-{partition}", [])]
        assert there == [base64.b64decode(one["value"]).decode() for one in records]


def test_a_disabled_mapping_does_not_poll_and_goes_on_where_it_was(live, topic):
    """Its group keeps its place."""
    handler = Recorder()
    mapping = live.event_source_mapping(topic, handler, **HORIZON)
    topic.send("a")
    mapping.run_until_idle(quiet=QUIET)
    mapping.disable()
    topic.send("b")
    mapping.run_until_idle(quiet=QUIET)
    assert [["a"]] == handler.values
    assert not mapping.enabled

    mapping.enable()
    mapping.run_until_idle(quiet=QUIET)

    assert [["a"], ["b"]] == handler.values
    assert mapping.describe()["State"] == "Enabled"


def test_two_mappings_of_one_group_share_the_partitions(live, kafka):
    """And what one leaves, the other takes over."""
    topic = live.kafka_topic(kafka.topic(partitions=2), bootstrap_servers=kafka.servers)
    one, other = Recorder(), Recorder()
    group = group_of("shared")
    live.event_source_mapping(topic, one, function={"FunctionName": "one"}, **HORIZON, **group)
    second = live.event_source_mapping(topic, other, function={"FunctionName": "other"}, **HORIZON, **group)
    topic.send("a", partition=0)
    topic.send("b", partition=1)
    live.run_until_idle(quiet=QUIET)
    assert [["a"]] == one.values
    assert [["b"]] == other.values

    second.delete()
    topic.send("c", partition=1)
    live.run_until_idle(quiet=QUIET)

    assert [["a"], ["c"]] == one.values
    assert [["b"]] == other.values


def test_a_run_has_real_bounds(live, topic):
    """A record that never succeeds does not run for ever, and the message counts seconds, not virtual ones."""

    def handler(event, context):
        raise ValueError("never")

    mapping = live.event_source_mapping(topic, handler, **HORIZON)
    topic.send("a")

    with pytest.raises(RunLimitReached, match=r"within 2 seconds;(.|\n)*is blocked by"):
        mapping.run_until_idle(quiet=QUIET, max_seconds=2)
    assert 1 <= len(mapping.view().invocations) <= 4  # a busy machine is late


def test_run_for_lasts_so_long(live, topic):
    """Real seconds pass."""
    mapping = live.event_source_mapping(topic, Recorder(), **HORIZON)
    began = time.monotonic()
    mapping.run_for(0.3)

    assert 0.29 <= time.monotonic() - began < 3


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_cluster_that_is_not_there_is_an_error_and_not_a_wait(kafka):
    """It says where, and what to look at."""
    with LiveHarness(timeout=1) as live:
        began = time.monotonic()
        with pytest.raises(NotConnected, match=r"Kafka at 127\.0\.0\.1:1 did not say what topics .*Is it running"):
            live.kafka_topic("orders", bootstrap_servers="127.0.0.1:1")
        assert time.monotonic() - began < 10


def test_a_cluster_that_goes_away_ends_the_run(kafka):
    """Also while a run only waits for records, and when something is sent."""
    with LiveHarness(timeout=1) as live:
        topic = live.kafka_topic(kafka.topic(), bootstrap_servers=kafka.servers)
        mapping = live.event_source_mapping(topic, Recorder(), **HORIZON)
        mapping.run_until_idle(quiet=QUIET)
        try:
            kafka.go_down()
            began = time.monotonic()
            with pytest.raises(NotConnected, match="did not"):
                mapping.run_for(20)
            with pytest.raises(NotConnected, match="did not take"):
                topic.send("a")
            with pytest.raises(NotConnected, match="did not"):
                _ = topic.group("any").committed
            assert time.monotonic() - began < 15
        finally:
            kafka.come_up()


def test_a_short_loss_is_survived(kafka):
    """The client connects again by itself."""
    with LiveHarness(timeout=10) as live:
        topic = live.kafka_topic(kafka.topic(), bootstrap_servers=kafka.servers)
        handler = Recorder()
        mapping = live.event_source_mapping(topic, handler, **HORIZON)
        mapping.run_until_idle(quiet=QUIET)
        kafka.go_down()
        kafka.come_up()
        topic.send("a")
        mapping.run_until(lambda run: len(run.processed) == 1, max_seconds=30)

    assert [["a"]] == handler.values


def test_a_group_that_others_read_in_is_left_alone(own_kafka, live):
    """The cluster refuses the commit, and the error says what that means (error 25: UNKNOWN_MEMBER_ID)."""
    topic = live.kafka_topic(own_kafka.topic(), bootstrap_servers=own_kafka.servers)
    own_kafka.answer(8, 25)

    with pytest.raises(UsageError, match="the group has members"):
        live.event_source_mapping(topic, Recorder(), **HORIZON)


def test_a_commit_that_is_refused_says_so(own_kafka, live):
    """Error 30: GROUP_AUTHORIZATION_FAILED."""
    topic = live.kafka_topic(own_kafka.topic(), bootstrap_servers=own_kafka.servers)
    own_kafka.answer(8, 30)

    with pytest.raises(NotConnected, match="did not commit an offset"):
        live.event_source_mapping(topic, Recorder(), **HORIZON)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"client": {"group.id": "mine"}}, r"client=\{'group.id': …\} is what live mode itself decides"),
        ({"client": {"no.such.thing": 1}}, "librdkafka does not take these settings"),
        ({"bootstrap_servers": "nonsense"}, "is no address"),
    ],
)
def test_settings_that_mean_nothing_are_refused(live, kafka, given, words):
    """Before anything is connected."""
    with pytest.raises(UsageError, match=words):
        live.kafka_topic("orders", **{"bootstrap_servers": kafka.servers, **given})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"faults": object()}, "faults= has no meaning in live mode"),
        ({"duration": 1}, "duration= has no meaning"),
        ({"single_group_batches": True}, "single_group_batches= has no meaning"),
        (
            {
                "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:dead"}},
                "ProvisionedPollerConfig": {"MinimumPollers": 1},
            },
            "of on-failure destinations a Kafka topic",
        ),
        (
            {
                "SelfManagedKafkaEventSourceConfig": {
                    "SchemaRegistryConfig": {"SchemaRegistryURI": "https://registry.example.com"}
                }
            },
            "live mode has no schema registry",
        ),
        ({"Topics": ["other"]}, "leave Topics out"),
    ],
)
def test_what_has_no_meaning_live_is_refused_with_a_sentence(live, topic, given, words):
    """Nothing is silently ignored."""
    with pytest.raises(UsageError, match=words):
        live.event_source_mapping(topic, Recorder(), **{**HORIZON, **given})


def test_a_partition_that_the_topic_does_not_have_is_refused(topic):
    """Before anything is sent."""
    with pytest.raises(UsageError, match="has 1, numbered from 0"):
        topic.send("a", partition=1)
    assert [] == topic.records


def test_a_topic_that_is_not_there_is_refused_and_not_made(live, kafka):
    """Also by clusters that make topics when a producer asks for one."""
    with pytest.raises(UsageError, match="has no topic misspelt: make it first"):
        live.kafka_topic("misspelt", bootstrap_servers=kafka.servers)
    with pytest.raises(UsageError, match="has no topic misspelt"):
        live.kafka_topic("misspelt", bootstrap_servers=kafka.servers)


def test_what_retention_took_is_passed_over(live, kafka, topic):
    """The place where a group stands is gone: reading goes on at the first record that there is."""
    topic.send("a", "b")
    reader = topic._connection.reader(topic.name, "late")
    reader.read_from({0: 50})
    fetched = []
    deadline = time.monotonic() + 10
    while len(fetched) < 3 and time.monotonic() < deadline:
        fetched += reader.fetch()
        time.sleep(0.01)  # a real cluster answers in its own time

    assert [(0, None), (0, b"a"), (1, b"b")] == [(one.offset, one.record and one.record.value) for one in fetched[:3]]


def test_a_moment_is_looked_for_by_the_cluster(live, kafka, topic):
    """The mock cluster has no such request: what is asked and how it is read is tested with the client's answer."""
    reader = topic._connection.reader(topic.name, "moments")

    class Asker:
        def offsets_for_times(self, places, timeout):
            (place,) = places
            asked.append((place.topic, place.partition, place.offset))
            place.offset = answers.pop(0)
            return [place]

    asked, answers, real = [], [7, -1], reader._asker
    reader._asker = Asker()
    assert [7, None] == [reader.offset_at(0, at_ms) for at_ms in (1_000, 2_000)]
    assert [(topic.name, 0, 1_000), (topic.name, 0, 2_000)] == asked
    reader._asker = real


def test_an_error_of_a_partition_ends_the_run(own_kafka, live):
    """Error 29: TOPIC_AUTHORIZATION_FAILED, for a fetch (request 1)."""
    topic = live.kafka_topic(own_kafka.topic(), bootstrap_servers=own_kafka.servers)
    mapping = live.event_source_mapping(topic, Recorder(), **HORIZON)
    own_kafka.answer(1, *[29] * 3)

    with pytest.raises(NotConnected, match=r"did not let us read partition 0 of topic-\d+ .*[Aa]uthorization"):
        mapping.run_for(5)
