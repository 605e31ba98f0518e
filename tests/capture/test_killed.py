"""A capture that is killed at any moment leaves a whole cassette or none, and loses no message."""

from __future__ import annotations

import random
import signal
import sys
import time

import pytest

from pytest_lambda_events.cassette import load
from pytest_lambda_events.errors import CassetteMissing

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
            "--output",
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
