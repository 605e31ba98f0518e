"""Events of what was taken: of one shard, so many records, no more than 6 MB, and what is invented is marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.cassette.capture.batches import batched, interactions
from pytest_lambda_events.cassette.capture.taps import Taken


def taken(name, lane="", shown=None, invented=()):
    return Taken(native=name, shown=shown or {"n": name}, at=f"at {name}", lane=lane, invented=invented)


def names(batches):
    return ["".join(one.native for one in batch) for batch in batches]


def test_lanes_are_not_mixed_and_batches_are_full():
    """In the order in which their first records came."""
    came = [taken(name, lane) for name, lane in zip("abcdefg", "1211122", strict=True)]
    assert names(batched(came, 2)) == ["ac", "bf", "de", "g"]


def test_an_event_has_no_more_than_lambda_hands_over():
    """6 MB."""
    large = {"data": "x" * 2_500_000}
    assert names(batched([taken(name, shown=large) for name in "abcd"], 10)) == ["ab", "cd"]


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 9)), max_size=40), st.integers(1, 5))
def test_nothing_is_lost_and_every_lane_keeps_its_order(came, size):
    """Whatever comes."""
    all_ = [taken(str(number), lane) for number, (lane, _) in enumerate(came)]
    batches = list(batched(all_, size))
    assert all(1 <= len(batch) <= size and len({one.lane for one in batch}) == 1 for batch in batches)
    for lane in "xyz":
        assert [one for batch in batches for one in batch if one.lane == lane] == [
            one for one in all_ if one.lane == lane
        ]


class Tap:
    """As much of a tap as makes events."""

    records_at, invented = "Records", ("eventSourceArn",)

    def event(self, batch):
        return {"Records": [one.shown for one in batch]}


def test_what_is_invented_is_marked_by_its_path():
    """`[*]` where it is so in all records, and one by one where not."""
    came = [taken("a", invented=("x", "y.z")), taken("b", invented=("x",))]
    (one,) = interactions(Tap(), came, 10)
    assert one.invented == ("eventSourceArn", "Records[*].x", "Records[0].y.z")
    assert one.at == "at b"
