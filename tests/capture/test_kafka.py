"""Capturing from Kafka: what the function would get, and a cluster in which nobody noticed."""

from __future__ import annotations

import base64

import confluent_kafka
import pytest

from pytest_lambda_events.brokers.live.kafka import KafkaReader
from pytest_lambda_events.cassette import load
from pytest_lambda_events.cassette.capture.kafka import KafkaTap
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.sources import identify, validate

ARN = "arn:aws:kafka:us-east-1:123456789012:cluster/shop/6415732f-1c7d-4e62-aacf-95c089a0ef75-2"


@pytest.fixture
def produce(kafka):
    """Send records to a topic: (value, key, headers, partition)."""
    producer = confluent_kafka.Producer({"bootstrap.servers": kafka.servers, "linger.ms": 0})

    def send(topic, *records):
        for value, key, headers, partition in records:
            producer.produce(topic, value, key, partition, headers=headers, timestamp=1_735_689_600_000)
        assert producer.flush(10) == 0

    return send


@pytest.fixture
def capture(cli, kafka, tmp_path):
    """Capture a topic; the cassette."""

    def run(topic, *arguments):
        ended = cli("capture", "kafka", topic, "--bootstrap-servers", kafka.servers, "--no-redact", *arguments)
        assert ended.code == 0, ended.err
        assert "nothing was committed" in ended.err
        return load(tmp_path / ended.out.splitlines()[0])

    return run


def plain(*values):
    return [(value, None, None, 0) for value in values]


def committed(kafka, topic, group):
    consumer = confluent_kafka.Consumer({"bootstrap.servers": kafka.servers, "group.id": group})
    try:
        places = consumer.committed([confluent_kafka.TopicPartition(topic, 0)], timeout=10)
        return places[0].offset, consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, 0), timeout=10)
    finally:
        consumer.close()


def values(cassette):
    return [
        base64.b64decode(record["value"])
        for one in cassette.interactions
        for records in one.event["records"].values()
        for record in records
    ]


def test_the_event_is_what_the_function_would_get(kafka, produce, capture):
    """Keys, bytes, headers, tombstones, partitions and offsets; nothing is invented."""
    topic = kafka.topic(2)
    produce(topic, (b'{"n": 1}', b"k", [("kind", b"\xdc\x00")], 0), (None, b"k", None, 0), (b"\xff", None, None, 1))

    cassette = capture(topic)

    (interaction,) = cassette.interactions
    assert identify(interaction.event).name == cassette.source == "kafka"
    assert [] == [one for one in validate(interaction.event) if one.severity == "error"]
    assert interaction.invented == ()
    assert interaction.event["bootstrapServers"] == kafka.servers
    first, tombstone = interaction.event["records"][f"{topic}-0"]
    assert (first["offset"], first["key"], first["headers"]) == (0, "aw==", [{"kind": [-36, 0]}])
    assert "value" not in tombstone
    assert interaction.event["records"][f"{topic}-1"][0]["value"] == "/w=="


def test_no_group_moves_and_every_offset_stays(kafka, produce, capture):
    """A consumer goes on where it was."""
    topic = kafka.topic()
    produce(topic, *plain(b"a", b"b", b"c"))
    consumer = confluent_kafka.Consumer({"bootstrap.servers": kafka.servers, "group.id": f"of-{topic}"})
    consumer.commit(offsets=[confluent_kafka.TopicPartition(topic, 0, 2)], asynchronous=False)
    consumer.close()
    before = committed(kafka, topic, f"of-{topic}")

    assert values(capture(topic, "--batch-size", "2")) == [b"a", b"b", b"c"]

    assert committed(kafka, topic, f"of-{topic}") == before == (2, (0, 3))


def test_a_count_and_a_filter(kafka, produce, capture):
    """What does not pass, and what is more than wanted, does not get in the way."""
    topic = kafka.topic()
    produce(topic, *plain(*(b'{"n": %d}' % number for number in range(20))))
    assert len(values(capture(topic, "--count", "3"))) == 3
    pattern = '{"value": {"n": [{"numeric": [">=", 15]}]}}'
    assert values(capture(topic, "--force", "--filter", pattern, "--count", "2")) == [b'{"n": 15}', b'{"n": 16}']


def test_what_comes_later_is_waited_for(kafka, produce, capture, monkeypatch):
    """From the tip of the topic."""
    topic = kafka.topic()
    produce(topic, *plain(b"before"))
    monkeypatch.setattr(
        "pytest_lambda_events.cassette.capture.waiting.Patience.pause",
        lambda self, seconds: produce(topic, *plain(b"after")),
    )
    assert set(values(capture(topic, "--from", "latest", "--for", "30", "--count", "2"))) == {b"after"}


def test_msk_events_have_the_clusters_arn(kafka, produce, capture):
    """The same topic, as a mapping of Amazon MSK would see it."""
    topic = kafka.topic()
    produce(topic, *plain(b"a"))
    cassette = capture(topic, "--cluster-arn", ARN)
    assert cassette.source == "msk"
    assert cassette.interactions[0].event["eventSourceArn"] == ARN


def test_what_cannot_be_captured_is_said(kafka, cli):
    """No topic (and none is made by asking), no address, no settings, nothing there."""
    servers = ("--bootstrap-servers", kafka.servers)
    for arguments, code, told in (
        (("no-such-topic", *servers), 2, "there is no topic 'no-such-topic'"),
        (("t", "--bootstrap-servers", "nowhere"), 2, "no address"),
        (("t", *servers, "--client", "x"), 2, "write NAME=VALUE"),
        (("t", *servers, "--client", "no.such.setting=1"), 2, "no.such.setting"),
        (("t", *servers, "--client", "sasl.password=@no-such-file"), 2, "no-such-file cannot be read"),
        ((kafka.topic(), *servers), 1, "nothing was captured"),
        ((kafka.topic(), *servers, "--from", "yesterday"), 2, "--from"),
    ):
        ended = cli("capture", "kafka", *arguments)
        assert (ended.code, told in ended.err) == (code, True), ended.err


def test_a_broker_that_is_not_there(kafka):
    """It is not waited for without end."""
    with pytest.raises(NotConnected):
        KafkaTap("orders", "127.0.0.1:9", seconds=0.5)


def test_what_came_before_an_error_is_not_lost(kafka, produce, cli, monkeypatch):
    """It is written, and the error is said."""
    topic = kafka.topic()
    produce(topic, *plain(b"a", b"b"))
    fetch = KafkaReader.fetch

    def broken(self):
        came = 0
        while came < 2:
            for one in fetch(self):
                came += one.record is not None
                yield one
        raise NotConnected("gone")

    monkeypatch.setattr(KafkaReader, "fetch", broken)
    ended = cli("capture", "kafka", topic, "--bootstrap-servers", kafka.servers)
    assert (ended.code, bool(ended.out)) == (2, True)
    assert "broke off: gone" in ended.err
    assert "2 records in 1 event" in ended.err


def test_a_moment_is_looked_up_in_each_partition(kafka, produce, monkeypatch):
    """Where nothing is that late, it is the tip; the cluster in this process does not know offsets by moment."""
    topic = kafka.topic(2)
    produce(topic, *plain(b"a", b"b"))
    asked = []

    def offset_at(self, partition, at_ms):
        asked.append((partition, at_ms))
        return 1 if partition == 0 else None

    monkeypatch.setattr("pytest_lambda_events.brokers.live.kafka.KafkaReader.offset_at", offset_at)
    tap = KafkaTap(topic, kafka.servers, start=1_735_689_600_000)
    try:
        came = []
        while not tap.at_rest:
            came += tap.take(10, 0)
    finally:
        tap.close()
    assert [one.native.value for one in came] == [b"b"]
    assert asked == [(0, 1_735_689_600_000), (1, 1_735_689_600_000)]


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    """One line with pip's command."""
    monkeypatch.setitem(__import__("sys").modules, "confluent_kafka", None)
    with pytest.raises(UsageError, match=r"pytest-lambda-events\[kafka\]"):
        KafkaTap("orders", "localhost:9092")
