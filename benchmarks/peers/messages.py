"""1,000 messages through a mapping: seconds from the first send to the last deletion, set-up left out."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import boto3

from benchmarks.measure import Peer, in_turns, stopwatch
from benchmarks.peers.emulator import Emulated, emulator
from benchmarks.peers.hand_loop import hand_loop
from benchmarks.peers.handlers import handler
from benchmarks.peers.moto_push import pushed
from benchmarks.peers.ours import mapped
from benchmarks.peers.sending import MESSAGES, bodies, send

if TYPE_CHECKING:
    from collections.abc import Iterator

CASE = f"{MESSAGES:,} messages, all of them processed"
NOTES = {
    "ours, queue.send": "on virtual time",
    "ours, sent with boto3": "on virtual time",
    "ministack": "five batches at a time, over HTTP, on real time",
    "moto's own mapping": "one record an invocation; the handler is called in this process, without a container",
    "a loop by hand, stock moto": "on frozen time",
}


def _ours() -> float:
    with mapped(handler()) as (_, queue, mapping):
        took = stopwatch()
        queue.send(*bodies())
        assert len(mapping.run_until_idle().processed) == MESSAGES
        return took()


def _ours_by_boto3() -> float:
    with mapped(handler()) as (aws, queue, mapping):
        client = boto3.client("sqs", region_name=aws.region)
        took = stopwatch()
        send(client, queue.url, bodies())
        assert len(mapping.run_until_idle().processed) == MESSAGES
        return took()


def _emulated(emulated: Emulated) -> float:
    took = stopwatch()
    send(emulated.sqs, emulated.queue, bodies())
    emulated.await_count(emulated.queue, 0, most=120)
    return took()


def _pushed() -> float:
    with pushed(handler()) as (client, url):
        took = stopwatch()
        send(client, url, bodies())
        return took()


def _by_hand() -> float:
    with hand_loop() as loop:
        took = stopwatch()
        send(loop.sqs, loop.queue, bodies())
        loop.run(handler())
        return took()


def run() -> Iterator[Peer]:
    """All of them in turn."""
    measures = {"ours, queue.send": _ours, "ours, sent with boto3": _ours_by_boto3}
    with ExitStack() as stack:
        started = stopwatch()
        url = stack.enter_context(emulator())
        notes = dict(NOTES)
        if url is not None:
            notes["ministack"] += f"; {started():.1f} s to start, once"
            emulated = Emulated(url)
            measures["ministack"] = lambda: _emulated(emulated)
        measures["moto's own mapping"] = _pushed
        measures["a loop by hand, stock moto"] = _by_hand
        for who, (took, tries) in in_turns(measures).items():
            yield Peer(case=CASE, who=who, took=took, tries=tries, note=notes[who])
    if url is None:
        yield Peer(case=CASE, who="ministack", took=None, note="not installed")
