"""The curves of a run: the age of what was read, what was in flight, and receives; never too many points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.model.trace import Step
from pytest_lambda_events.report.series import Point, in_flight, iterator_age, receive_counts, thinned
from pytest_lambda_events.report.view import RecordView, RunView

if TYPE_CHECKING:
    from collections.abc import Sequence

START_MS = 1_735_689_600_000


def record(record_id: str, kind: str, **told: Any) -> RecordView:
    known = {"payload": {}, "brief": "", "fate": "processed", "destination": None, "sources": ()}
    return RecordView(id=record_id, kind=kind, **{**known, "attempts": (), "receives": (), **told})


def view(records: Sequence[RecordView], steps: Sequence[tuple[Any, ...]]) -> RunView:
    """A run with these steps: second, kind, records in one word, detail."""
    return RunView(
        seed=0,
        start_ms=START_MS,
        elapsed=60.0,
        is_live=False,
        records=tuple(records),
        calls=(),
        steps=tuple(
            Step(START_MS + round(second * 1000), kind, "", tuple(ids), detail[0] if detail else None)
            for second, kind, ids, *detail in steps
        ),
        metrics={},
        advice=(),
        mappings={},
    )


def test_iterator_age_is_that_of_the_oldest_record() -> None:
    """At the beginning of each invocation, in milliseconds."""
    told = view(
        [record("a", "kinesis"), record("b", "kinesis")],
        [(0, "entered", "a"), (2, "entered", "b"), (5, "invoked", "ab", "r1"), (5.25, "invoked", "b", "r2")],
    )
    assert iterator_age(told) == [Point(5_000, 5_000), Point(5_250, 3_250)]


@pytest.mark.parametrize("kind", ["sqs", "rabbitmq", "s3_batch"])
def test_nothing_but_a_stream_has_an_iterator(kind: str) -> None:
    """A queue's messages have none, nor a job's tasks."""
    assert iterator_age(view([record("a", kind)], [(0, "entered", "a"), (1, "invoked", "a", "r")])) == []


def test_records_that_nobody_saw_enter_have_no_age() -> None:
    """They were there before the harness; and those that the run does not know have none."""
    assert iterator_age(view([record("a", "kafka")], [(1, "invoked", "a", "r"), (2, "invoked", "z", "s")])) == []


def test_messages_are_in_flight_from_receive_to_return() -> None:
    """Whether they failed in between says nothing: they are hidden until they are visible again, or gone."""
    told = view(
        [record("a", "sqs"), record("b", "sqs")],
        [
            (0, "entered", "ab"),
            (1, "received", "ab", (1, 1)),
            (1, "invoked", "ab", "r"),
            (2, "ended", "ab", ("partial", ("b",), "r", None, "")),
            (2, "left", "a", "processed"),
            (31, "reappeared", "b"),
            (31, "received", "b", (2,)),
            (61, "moved", "b"),
        ],
    )
    assert in_flight(told) == [Point(1_000, 2), Point(2_000, 1), Point(61_000, 0)]


def test_records_of_a_stream_are_in_flight_in_an_invocation() -> None:
    """One without a duration is a peak: two points at one moment."""
    told = view(
        [record("a", "kinesis"), record("b", "kinesis")],
        [
            (0, "invoked", "ab", "r"),
            (0, "ended", "ab", ("error", ("a", "b"), "r", "no", "")),
            (1, "invoked", "ab", "r"),
            (3, "ended", "ab", ("success", (), "r", None, "")),
        ],
    )
    assert in_flight(told) == [Point(0, 2), Point(0, 0), Point(1_000, 2), Point(3_000, 0)]


def test_nothing_was_ever_in_flight() -> None:
    """No points, and no chart."""
    assert in_flight(view([record("a", "sqs")], [(0, "entered", "a"), (1, "left", "a", "filtered")])) == []


def test_receive_counts_are_a_distribution() -> None:
    """Of messages their receives, of others their attempts; fewest first."""
    records = [
        record("a", "sqs", receives=(0.0, 30.0), attempts=(0.0,)),
        record("b", "sqs", receives=(0.0,)),
        record("c", "kinesis", attempts=(0.0,)),
        record("d", "kinesis"),
    ]
    assert receive_counts(view(records, [])) == [(0, 1), (1, 2), (2, 1)]


def test_few_points_stay() -> None:
    """What fits is not touched."""
    points = [Point(number, number % 3) for number in range(40)]
    assert thinned(points, most=40) == points


def test_many_points_keep_their_peaks() -> None:
    """First and last, the highest and the lowest, and the order."""
    points = [Point(number, 5) for number in range(10_000)]
    points[4_321] = Point(4_321, 900)
    points[7_777] = Point(7_777, -3)
    kept = thinned(points, most=100)
    assert len(kept) <= 100
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    assert {points[4_321], points[7_777]} <= set(kept)
    assert kept == sorted(kept)


def test_even_one_point_is_possible() -> None:
    """A chart of no width at all still gets one bucket."""
    assert len(thinned([Point(number, 0) for number in range(9)], most=1)) == 2
