"""A capture that is killed at any moment leaves a whole cassette or none, and loses no message."""

from __future__ import annotations

import random
import signal
import sys
import time

import pytest

from pytest_lambda_events.brokers.live.kafka import KafkaCluster
from pytest_lambda_events.brokers.live.rabbitmq import AmqpAddress, RabbitMqConnection
from pytest_lambda_events.brokers.live.stomp import StompAddress, StompConnection
from pytest_lambda_events.cassette import load
from pytest_lambda_events.errors import CassetteMissing
from pytest_lambda_events.model.kafka_record import KafkaRecord

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and fork are POSIX's")

KILLS = {"sqs": 20, "kinesis": 15, "dynamodb": 15}
MESSAGES = 25
RECORDS = 120  # more than stand in the cassette itself: two files are written


def test_killed_fifty_times(aws, killer, tmp_path):
    """At moments that are spread over the whole of a run, seeded."""
    run = killer(*(f"pytest_lambda_events.cli.capture.{kind}" for kind in KILLS)).run
    dice = random.Random(20250101)
    bodies = [f"message {number}" for number in range(MESSAGES)]
    stream = aws.stream(*(b"%d" % number for number in range(RECORDS)))
    table = aws.table(*({"id": {"S": str(number)}} for number in range(RECORDS)))
    queues = []

    def arguments(kind, number):
        names = {"kinesis": stream, "dynamodb": table}
        if kind == "sqs":
            queues.append(aws.queue(*bodies))
            names["sqs"] = queues[-1]
        risk = ("--take-risk", "--hide-for", "2") if kind == "sqs" else ()
        output = str(tmp_path / f"{kind}-{number}.json")
        return (
            "capture",
            kind,
            names[kind],
            *risk,
            "--endpoint-url",
            aws.url,
            "--count",
            str(RECORDS),
            "--out",
            output,
        )

    killed = 0
    for kind, kills in KILLS.items():
        code, length = run(*arguments(kind, "whole"))
        assert code == 0, (tmp_path / "log.txt").read_text(encoding="utf-8")
        for number in range(kills):
            code, _ = run(*arguments(kind, number), kill_after=dice.uniform(0, length))
            killed += code == -signal.SIGKILL
            try:
                cassette = load(tmp_path / f"{kind}-{number}.json")
            except CassetteMissing:
                assert code != 0
            else:
                found = sum(len(one.event["Records"]) for one in cassette.interactions)
                assert found == (MESSAGES if kind == "sqs" else RECORDS)
    assert killed > sum(KILLS.values()) / 2, "most were to be killed before they ended by themselves"

    client, deadline = aws.client("sqs"), time.monotonic() + 30
    for url in queues:
        found: dict[str, int] = {}
        while len(found) < MESSAGES:
            assert time.monotonic() < deadline, f"{MESSAGES - len(found)} messages did not come back"
            answer = client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                VisibilityTimeout=600,
                AttributeNames=["ApproximateReceiveCount"],
            )
            for one in answer.get("Messages", []):
                found[one["Body"]] = int(one["Attributes"]["ApproximateReceiveCount"])
        assert sorted(found) == sorted(bodies)
        assert max(found.values()) <= 2
    leftovers = [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"]
    assert all(name.startswith(".") for name in leftovers), "an unfinished draft never has a cassette's name"


def test_killed_at_real_brokers(rabbitmq, activemq, kafka, killer, tmp_path, unique):
    """Ten times each: queues and topics have everything, in order, and offsets are where they were."""
    run = killer(
        *(f"pytest_lambda_events.cli.capture.{kind}" for kind in ("rabbitmq", "activemq", "kafka")), "stomp"
    ).run
    dice = random.Random(20250102)
    bodies = [f"message {number}" for number in range(MESSAGES)]
    name = unique("killed")
    amqp_url = f"amqp://guest:guest@127.0.0.1:{rabbitmq['port']}"
    stomp_url = f"stomp://{activemq['user']}:{activemq['password']}@127.0.0.1:{activemq['port']}"

    queue = RabbitMqConnection(AmqpAddress.read(amqp_url, None))
    queue.declare(name, {})
    for body in bodies:
        queue.publish(name, queue.client.Message(body))
    browsed = StompConnection(StompAddress.read(stomp_url))
    for body in bodies:
        browsed.send(name, body.encode(), {"persistent": "true"})
    topic = kafka.topic()
    cluster = KafkaCluster([kafka.servers], {})
    cluster.send([KafkaRecord(topic=topic, partition=0, offset=0, timestamp=-1, value=one.encode()) for one in bodies])

    ways = {
        "rabbitmq": (name, "--url", amqp_url, "--take-risk"),
        "activemq": (name, "--url", stomp_url),
        "kafka": (topic, "--bootstrap-servers", kafka.servers),
    }
    killed = 0
    for way, arguments in ways.items():
        code, length = run("capture", way, *arguments, "--out", str(tmp_path / f"{way}.json"))
        assert code == 0, (tmp_path / "log.txt").read_text(encoding="utf-8")
        for number in range(10):
            path = tmp_path / f"{way}-{number}.json"
            code, _ = run("capture", way, *arguments, "--out", str(path), kill_after=dice.uniform(0, length))
            killed += code == -signal.SIGKILL
            try:
                assert len(load(path).interactions) == 1
            except CassetteMissing:
                assert code != 0
    assert killed > 15, "most were to be killed before they ended by themselves"

    deadline = time.monotonic() + 30
    while queue.ready(name) != MESSAGES:
        assert time.monotonic() < deadline
    channel = queue.channel()
    assert [channel.basic_get(name, no_ack=True).body for _ in bodies] == bodies
    channel.queue_delete(name)
    queue.close()

    browsed.subscribe(name, 100)
    frames = []
    while len(frames) < MESSAGES:
        assert time.monotonic() < deadline
        frames += browsed.arrived(at_least=MESSAGES - len(frames), seconds=1)
    assert [frame.body.decode() for frame in frames] == bodies
    assert {frame.headers.get("redelivered", "false") for frame in frames} == {"false"}
    for frame in frames:
        browsed.acknowledge(frame.headers["ack"])
    browsed.close()

    assert cluster.reader(topic, "any").bounds(0) == (0, MESSAGES)
    cluster.close()
