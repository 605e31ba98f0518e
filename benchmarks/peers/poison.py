"""One poison message, a visibility timeout of 30 s, maxReceiveCount 3: seconds until it is in the dead-letter queue."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

from freezegun import freeze_time

from benchmarks.measure import Peer, in_turns, stopwatch
from benchmarks.peers.emulator import Emulated, emulator
from benchmarks.peers.hand_loop import hand_loop
from benchmarks.peers.handlers import handler
from benchmarks.peers.moto_push import pushed
from benchmarks.peers.ours import mapped

if TYPE_CHECKING:
    from collections.abc import Iterator

CASE = "a poison message, until it is in the dead-letter queue"
NOTES = {
    "ours": "90 s of virtual time",
    "ministack": "real time",
    "a loop by hand, stock moto": "frozen time, moved on by hand: 31 s a time, since stock moto is a moment late",
}


def _ours() -> float:
    with mapped(handler()) as (_, queue, mapping):
        took = stopwatch()
        queue.send("poison")
        assert len(mapping.run_until_idle().dead_lettered) == 1
        return took()


def _emulated(emulated: Emulated) -> float:
    took = stopwatch()
    emulated.sqs.send_message(QueueUrl=emulated.queue, MessageBody="poison")
    emulated.await_count(emulated.dead, 1, most=300)
    return took()


def _by_hand() -> float:
    with hand_loop() as loop:
        took = stopwatch()
        loop.sqs.send_message(QueueUrl=loop.queue, MessageBody="poison")
        loop.run(handler())
        spent = took()
        found = loop.sqs.get_queue_attributes(QueueUrl=loop.dead, AttributeNames=["ApproximateNumberOfMessages"])
        assert found["Attributes"]["ApproximateNumberOfMessages"] == "1"
        return spent


def _pushed() -> str:
    """What becomes of it with moto's own mapping, ten minutes later."""
    calls = []

    def fails(event: object, _context: object) -> None:
        calls.append(event)
        raise ValueError("poison")

    with freeze_time("2025-01-01") as clock, pushed(fails) as (client, url):
        client.send_message(QueueUrl=url, MessageBody="poison")
        clock.tick(timedelta(minutes=10))
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        left = found["Attributes"]["ApproximateNumberOfMessages"]
    return f"tried {len(calls)} time; {left} still in the queue 10 minutes later: it pushes when something is sent"


def run() -> Iterator[Peer]:
    """In turn, the emulator once: over a minute of real time has no noise."""
    measures = {"ours": _ours}
    with ExitStack() as stack:
        url = stack.enter_context(emulator())
        if url is not None:
            emulated = Emulated(url)
            measures["ministack"] = lambda: _emulated(emulated)
        measures["a loop by hand, stock moto"] = _by_hand
        for who, (took, tries) in in_turns(measures).items():
            yield Peer(case=CASE, who=who, took=took, tries=tries, note=NOTES[who])
    if url is None:
        yield Peer(case=CASE, who="ministack", took=None, note="not installed")
    yield Peer(case=CASE, who="moto's own mapping", took=None, note=_pushed())
