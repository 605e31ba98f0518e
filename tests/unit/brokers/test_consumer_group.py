"""Who reads which partition, and who is told in which order."""

from __future__ import annotations

import pytest

from pytest_lambda_events.brokers.consumer_group import ConsumerGroup, assignment


@pytest.mark.parametrize(
    ("partitions", "members", "shares"),
    [
        (4, 0, []),
        (4, 1, [[0, 1, 2, 3]]),
        (4, 2, [[0, 1], [2, 3]]),
        (5, 2, [[0, 1, 2], [3, 4]]),
        (7, 3, [[0, 1, 2], [3, 4], [5, 6]]),
        (1, 2, [[0], []]),
    ],
)
def test_partitions_are_shared_in_ranges(partitions, members, shares) -> None:
    """As RangeAssignor does: contiguous, and the first members have one more."""
    assert [list(one) for one in assignment(partitions, members)] == shares


class Member:
    def __init__(self, name, told):
        self.name = name
        self.told = told

    def assigned(self, partitions, now_ms):
        self.told.append((self.name, "+", list(partitions), now_ms))

    def revoked(self, partitions, now_ms):
        self.told.append((self.name, "-", list(partitions), now_ms))


@pytest.fixture
def told():
    return []


def test_whoever_loses_a_partition_is_told_before_the_next_one_gets_it(told) -> None:
    """And a member that keeps its partitions hears nothing."""
    group = ConsumerGroup("g", 4)
    one, two, three = (Member(name, told) for name in ("one", "two", "three"))
    group.join(one, 1)
    group.join(two, 2)
    group.join(three, 3)
    assert told == [
        ("one", "+", [0, 1, 2, 3], 1),
        ("one", "-", [2, 3], 2),
        ("two", "+", [2, 3], 2),
        ("two", "-", [3], 3),
        ("three", "+", [3], 3),
    ]
    del told[:]
    group.leave(one, 4)
    assert told == [
        ("one", "-", [0, 1], 4),
        ("two", "-", [2], 4),
        ("two", "+", [0, 1], 4),
        ("three", "+", [2], 4),
    ]
    assert [group.partitions_of(one), group.partitions_of(two), group.partitions_of(three)] == [[], [0, 1], [2, 3]]


def test_a_member_that_nobody_replaced_keeps_its_partitions_in_mind(told) -> None:
    """It hears nothing when it comes back, and loses them when somebody else comes first."""
    group = ConsumerGroup("g", 2)
    one, two = Member("one", told), Member("two", told)
    group.join(one, 1)
    group.leave(one, 2)
    group.join(one, 3)
    assert told == [("one", "+", [0, 1], 1)]
    group.leave(one, 4)
    group.join(two, 5)
    assert told[1:] == [("one", "-", [0, 1], 5), ("two", "+", [0, 1], 5)]


def test_what_nobody_reads_can_be_held_without_joining(told) -> None:
    """A mapping that was made disabled; not where members are."""
    group = ConsumerGroup("g", 2)
    one, two = Member("one", told), Member("two", told)
    group.hold(one, 1)
    group.hold(two, 2)
    assert told == [("one", "+", [0, 1], 1)]
    assert group.members == []
    group.join(two, 3)
    group.hold(one, 4)
    assert told[1:] == [("one", "-", [0, 1], 3), ("two", "+", [0, 1], 3)]
