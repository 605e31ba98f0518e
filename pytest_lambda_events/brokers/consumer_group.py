"""A consumer group: what it has committed, who its members are, and who reads which partition. The law: a partition has
one reader at a time, and whoever loses it is told before the next one gets it.

Partitions go to members as by Kafka's range assignor (`org.apache.kafka.clients.consumer.RangeAssignor`), in the order
in which the members joined: Kafka orders them by ids that nobody chooses. A member that left, and that nobody replaced,
keeps its partitions in mind: when it comes back, it goes on at what the group has committed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ConsumerGroup", "GroupMember", "assignment"]


class GroupMember(Protocol):
    """Who reads: an event source mapping, or a consumer that has nothing to do with Lambda."""

    def assigned(self, partitions: Sequence[int], now_ms: int) -> None:
        """Read these from now on, besides those that it has."""

    def revoked(self, partitions: Sequence[int], now_ms: int) -> None:
        """Read these no longer: somebody else will."""


def assignment(partitions: int, members: int) -> list[range]:
    """The partitions of each member: equal shares, the first members one more where it does not come out even."""
    if not members:
        return []
    share, more = divmod(partitions, members)
    starts = [number * share + min(number, more) for number in range(members + 1)]
    return [range(start, stop) for start, stop in pairwise(starts)]


class ConsumerGroup:
    """One group of a topic. `committed` has the offset to go on at, by partition, once there is one."""

    def __init__(self, name: str, partitions: int) -> None:
        self.name = name
        self.committed: dict[int, int] = {}
        self.members: list[GroupMember] = []
        self._partitions = partitions
        self._holders: dict[int, GroupMember] = {}  # who reads it, or read it last

    def commit(self, partition: int, offset: int) -> None:
        """Go on at this offset."""
        self.committed[partition] = offset

    def partitions_of(self, member: GroupMember) -> list[int]:
        """What a member reads, or would go on with if it came back."""
        return sorted(number for number, holder in self._holders.items() if holder is member)

    def hold(self, member: GroupMember, now_ms: int) -> None:
        """Keep what nobody reads in mind for one that has not joined."""
        if not self.members:
            free = [number for number in range(self._partitions) if number not in self._holders]
            self._hand_over(member, free, now_ms)

    def join(self, member: GroupMember, now_ms: int) -> None:
        """Become a member; others may lose partitions."""
        self.members.append(member)
        self._rebalance(now_ms)

    def leave(self, member: GroupMember, now_ms: int) -> None:
        """Be a member no longer; the others take over."""
        self.members.remove(member)
        self._rebalance(now_ms)

    def _rebalance(self, now_ms: int) -> None:
        shares = list(zip(self.members, assignment(self._partitions, len(self.members)), strict=True))
        owners = {number: member for member, share in shares for number in share}
        lost: dict[int, list[int]] = {}
        for number, owner in owners.items():
            holder = self._holders.get(number)
            if holder is not None and holder is not owner:
                lost.setdefault(id(holder), []).append(number)
        for numbers in lost.values():
            self._holders[numbers[0]].revoked(numbers, now_ms)
            for number in numbers:
                del self._holders[number]
        for member, share in shares:
            self._hand_over(member, [number for number in share if number not in self._holders], now_ms)

    def _hand_over(self, member: GroupMember, numbers: Sequence[int], now_ms: int) -> None:
        if numbers:
            self._holders.update(dict.fromkeys(numbers, member))
            member.assigned(numbers, now_ms)
