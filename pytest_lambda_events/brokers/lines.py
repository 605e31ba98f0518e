"""Who is next: the order in which a queue hands its messages out, and all that tells a FIFO queue from a standard one.

The law: a line knows order and nothing else; time, places and handles are the engine's, which tells the line what
happened. Whatever left the queue is skipped where it stands, so that every operation costs the same at any backlog.

Rules: SQS Developer Guide, "FIFO queue delivery logic", "Receiving messages"; a group delivers its head, as far as it
is visible: what is hidden, in flight or delayed, holds back what stands behind it in its group and nothing else.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Protocol

from pytest_lambda_events.brokers.message import GONE, READY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.brokers.message import Message

__all__ = ["GroupLines", "Line", "StandardLine"]


class Line(Protocol):
    """Where messages stand until they are received."""

    def entered(self, message: Message) -> None:
        """A message came into the queue, wherever it will be."""

    def ready(self, message: Message) -> None:
        """A message of the queue became visible; its place says so already."""

    def left(self, message: Message) -> None:
        """A message left the queue; its place says so already."""

    def can_deliver(self) -> bool:
        """Whether a receive would find a message."""

    def take(self, limit: int, most: int | None, *, one_group: bool) -> tuple[list[Message], list[Message]]:
        """Up to `limit` messages for a receive, and those in front of them that were received `most` times already.

        `one_group`: all of one message group. The engine must hide the former, or take them out, before it asks again;
        the latter it takes out.
        """

    def __iter__(self) -> Iterator[Message]:
        """What a receive without limit would find, in order."""


class StandardLine:
    """One deque of visible messages, in the order in which they became visible."""

    __slots__ = ("_ready",)

    def __init__(self) -> None:
        self._ready: deque[Message] = deque()

    def entered(self, message: Message) -> None:
        """Its turn comes when it is visible."""

    def ready(self, message: Message) -> None:
        """To the end of the line."""
        self._ready.append(message)

    def left(self, message: Message) -> None:
        """It is passed over when its turn comes."""

    def can_deliver(self) -> bool:
        """Whether a message is visible."""
        ready = self._ready
        while ready and ready[0].place != READY:
            ready.popleft()
        return bool(ready)

    def take(
        self,
        limit: int,
        most: int | None,
        *,
        one_group: bool,  # noqa: ARG002 - a standard queue's groups mean nothing to a receive
    ) -> tuple[list[Message], list[Message]]:
        """From the front of the line."""
        ready = self._ready
        taken: list[Message] = []
        spent: list[Message] = []
        while ready and len(taken) < limit:
            message = ready.popleft()
            if message.place != READY:
                continue
            if most is not None and message.receive_count >= most:
                spent.append(message)
            else:
                taken.append(message)
        return taken, spent

    def __iter__(self) -> Iterator[Message]:
        return (message for message in self._ready if message.place == READY)


class GroupLines:
    """A deque for each message group, in the order of entering, and a queue of the groups that can deliver.

    A message keeps its place in its group until it leaves the queue, through all receives and failures. A group can
    deliver while its first message is visible; groups stand in the order in which they became able to, and go to the
    end when they can again after a receive.
    """

    __slots__ = ("_able", "_groups")

    def __init__(self) -> None:
        self._groups: dict[str | None, deque[Message]] = {}
        self._able: OrderedDict[str | None, None] = OrderedDict()  # a dict is slow to find its first after deletions

    def entered(self, message: Message) -> None:
        """To the end of its group."""
        group_id = message.record.message_group_id
        group = self._groups.get(group_id)
        if group is None:
            group = self._groups[group_id] = deque()
        group.append(message)

    def ready(self, message: Message) -> None:
        """Its group can deliver if it is the first there."""
        self._look_at(message.record.message_group_id)

    def left(self, message: Message) -> None:
        """Whoever is first in its group now decides whether that can deliver."""
        self._look_at(message.record.message_group_id)

    def _look_at(self, group_id: str | None) -> None:
        group = self._groups.get(group_id)
        if group is None:
            return
        while group and group[0].place == GONE:
            group.popleft()
        if not group:
            del self._groups[group_id]
        if group and group[0].place == READY:
            self._able.setdefault(group_id)
        else:
            self._able.pop(group_id, None)

    def can_deliver(self) -> bool:
        """Whether the first message of any group is visible."""
        return bool(self._able)

    def take(self, limit: int, most: int | None, *, one_group: bool) -> tuple[list[Message], list[Message]]:
        """Group by group, each as far as it is visible."""
        taken: list[Message] = []
        spent: list[Message] = []
        while self._able and len(taken) < limit:
            group_id, _ = self._able.popitem(last=False)
            found = self._take_of(self._groups[group_id], limit - len(taken), most, spent)
            taken += found
            if one_group and found:
                break
        return taken, spent

    @staticmethod
    def _take_of(group: deque[Message], limit: int, most: int | None, spent: list[Message]) -> list[Message]:
        found: list[Message] = []
        while group and len(found) < limit:
            message = group[0]
            if message.place == READY:
                if most is None or message.receive_count < most:
                    found.append(message)
                elif found:
                    break  # it may only leave when everything in front of it has left: its order holds elsewhere too
                else:
                    spent.append(message)
            elif message.place != GONE:
                break
            group.popleft()
        group.extendleft(reversed(found))
        return found

    def __iter__(self) -> Iterator[Message]:
        for group_id in self._able:
            for message in self._groups[group_id]:
                if message.place == READY:
                    yield message
                elif message.place != GONE:
                    break
