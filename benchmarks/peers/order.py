"""200 messages of a FIFO queue in 10 groups, every 20th of which fails once: seconds, and whether order was kept."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Peer, in_turns, stopwatch
from benchmarks.peers.hand_loop import hand_loop
from benchmarks.peers.handlers import handler
from benchmarks.peers.ours import mapped
from benchmarks.peers.sending import send

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGES = 200  # a thousand take stock moto minutes
GROUPS = 10
CASE = f"{MESSAGES:,} messages in {GROUPS} groups, some of which fail once"
OURS, BY_HAND = "ours", "a loop by hand, stock moto"


class Noted:
    """The handler, and the numbers of what it was content with, by group."""

    def __init__(self) -> None:
        self._handler = handler()
        self.done: dict[str, list[int]] = defaultdict(list)

    def __call__(self, event: Any, context: Any) -> Any:
        """Handle a batch, and note what did not fail."""
        answer = self._handler(event, context)
        failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
        for record in event["Records"]:
            if record["messageId"] not in failed:
                group = record["attributes"]["MessageGroupId"]
                self.done[group].append(int(record["body"].split()[1]))
        return answer

    def told(self) -> str:
        """How many were done, and in how many groups in their order."""
        kept = sum(numbers == sorted(numbers) for numbers in self.done.values())
        done = sum(map(len, self.done.values()))
        return f"{done:,} processed; order kept in {kept} of {GROUPS} groups"


def _texts() -> list[str]:
    return [f"{'flaky' if number % 20 == 7 else 'order'} {number}" for number in range(MESSAGES)]


def _ours(told: dict[str, str]) -> float:
    noted, texts = Noted(), _texts()
    with mapped(noted, fifo=True) as (_, queue, mapping):
        took = stopwatch()
        for number, text in enumerate(texts):
            queue.send(text, message_group_id=str(number % GROUPS), message_deduplication_id=str(number))
        mapping.run_until_idle()
        spent = took()
    told[OURS] = noted.told()
    return spent


def _by_hand(told: dict[str, str]) -> float:
    noted = Noted()
    with hand_loop(fifo=True) as loop:
        took = stopwatch()
        send(loop.sqs, loop.queue, _texts(), GROUPS)
        loop.run(noted)
        spent = took()
    told[BY_HAND] = noted.told()
    return spent


def run() -> Iterator[Peer]:
    """Ours and the loop."""
    told: dict[str, str] = {}
    measures = {OURS: lambda: _ours(told), BY_HAND: lambda: _by_hand(told)}
    for who, (took, tries) in in_turns(measures).items():
        yield Peer(case=CASE, who=who, took=took, tries=tries, note=told[who])
