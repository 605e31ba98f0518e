"""Two runs compared: which record is which, what counts as a difference, and what is said about it."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events import Harness, RunComparison, compare_runs
from pytest_lambda_events.model.trace import Advice, Step
from pytest_lambda_events.report.compare.comparing import compare
from pytest_lambda_events.report.compare.entry import comparison_entry
from pytest_lambda_events.report.compare.mapping_changes import mapping_changes
from pytest_lambda_events.report.compare.masking import masked, place_of
from pytest_lambda_events.report.compare.matching import matches_of
from pytest_lambda_events.report.compare.text import told
from pytest_lambda_events.report.view import CallView, ErrorView, RecordView, RunView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Outcome

START_MS = 1_735_689_600_000
ORDERS = "arn:aws:sqs:us-east-1:123456789012:orders"
OTHERS = "arn:aws:sqs:us-east-1:123456789012:others"
NAMES = ("before", "after")


def record(
    record_id: str,
    body: str = "a",
    fate: Fate = "processed",
    *,
    attempts: Sequence[float] = (0,),
    destination: str | None = None,
    source: str | None = ORDERS,
    kind: str = "sqs",
) -> RecordView:
    return RecordView(
        id=record_id,
        kind=kind,
        payload={"body": body},
        brief=body,
        fate=fate,
        destination=destination,
        sources=() if source is None else (source,),
        attempts=tuple(attempts),
        receives=tuple(attempts),
    )


def call(
    number: int | None,
    records: Sequence[str],
    outcome: Outcome = "success",
    *,
    failed: Sequence[str] = (),
    problem: str | None = None,
    error: ErrorView | None = None,
    at: float = 0,
    duration: float = 0,
) -> CallView:
    return CallView(
        number=number,
        at=at,
        duration=duration,
        records=tuple(records),
        outcome=outcome,
        failed=tuple(failed),
        request_id=f"request-{number}",
        mapping="mapping",
        event_text="{}",
        response=None,
        problem=problem,
        error=error,
    )


def run(
    *records: RecordView,
    calls: Sequence[CallView] = (),
    sent: dict[str, float] | None = None,
    left: dict[str, float] | None = None,
    **more: Any,
) -> RunView:
    """A run whose records were sent at 0, unless `sent` says otherwise."""
    at = {one.id: (sent or {}).get(one.id, 0.0) for one in records}
    steps = [Step(START_MS + round(at[one.id] * 1000), "entered", ORDERS, (one.id,), None) for one in records]
    steps += [
        Step(START_MS + round(second * 1000), "left", ORDERS, (one,), "processed")
        for one, second in (left or {}).items()
    ]
    given: dict[str, Any] = {
        "seed": 0,
        "start_ms": START_MS,
        "elapsed": 0.0,
        "is_live": False,
        "metrics": {},
        "advice": (),
        "mappings": {},
        **more,
    }
    return RunView(records=tuple(records), calls=tuple(calls), steps=tuple(steps), **given)


# -- which record is which ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([("1", "a"), ("2", "b")], [("2", "b"), ("1", "a")], ["1=1", "2=2"], id="by id"),
        pytest.param([("1", "a"), ("2", "b")], [("8", "b"), ("9", "a")], ["1=9", "2=8"], id="by payload"),
        pytest.param([("1", "a"), ("2", "a")], [("8", "a"), ("9", "a")], ["1=8", "2=9"], id="in order of arrival"),
        pytest.param(
            [("1", "a"), ("2", "b")], [("1", "x"), ("2", "a"), ("3", "b")], ["1=2", "2=3", "+1"], id="ids moved on"
        ),
        pytest.param(
            [("1", "order 67748580d7ac33d94c41bac4"), ("2", "b")],
            [("8", "b"), ("9", "order 67748580ad5622c824a0de82")],
            ["1=9", "2=8"],
            id="by payload but for ids in it",
        ),
        pytest.param([("1", "a")], [("1", "b")], ["1=1 changed"], id="another payload, the same id"),
        pytest.param([("1", "a"), ("2", "b")], [("8", "x"), ("9", "b")], ["1=8 changed", "2=9"], id="by time"),
        pytest.param([("1", "a")], [("9", "x", 5.0)], ["-1", "+9"], id="sent at another time"),
        pytest.param([("1", "a"), ("2", "a")], [("9", "a")], ["1=9", "-2"], id="one less"),
        pytest.param([], [("9", "a")], ["+9"], id="from none"),
    ],
)
def test_which_record_is_which(before, after, expected):
    """The id, else what it carries, else when it was sent; a record is one record at most."""

    def made(rows: list[Any]) -> RunView:
        return run(*(record(row[0], row[1]) for row in rows), sent={row[0]: row[2] for row in rows if row[2:]})

    matches = matches_of(made(before), made(after))
    found = [f"{one.before.id}={one.after.id}{' changed' if one.is_changed else ''}" for one in matches.pairs]
    found += [f"-{one.id}" for one in matches.only_before] + [f"+{one.id}" for one in matches.only_after]

    assert expected == found


def test_records_of_two_sources_are_never_taken_for_each_other():
    """Not even with the same payload."""
    before = run(record("1", source=ORDERS), record("2", source=OTHERS))
    after = run(record("8", source=OTHERS), record("9", source=ORDERS))

    assert [("1", "9"), ("2", "8")] == [(one.before.id, one.after.id) for one in matches_of(before, after).pairs]


def test_a_source_that_only_one_run_has_is_the_others():
    """A queue and its successor; but what they carry has to be the same."""
    before = run(record("1", "a"), record("2", "b"))
    after = run(record("8", "a", source=f"{ORDERS}.fifo"), record("9", "c", source=f"{ORDERS}.fifo"))
    matches = matches_of(before, after)

    assert [("1", "8")] == [(one.before.id, one.after.id) for one in matches.pairs]
    assert ["2"] == [one.id for one in matches.only_before]
    assert ["9"] == [one.id for one in matches.only_after]


def test_records_that_were_there_before_the_harness_are_matched():
    """They have no source, and were never sent."""
    view = run(record("1", source=None))
    bare = dataclasses.replace(view, steps=())

    assert compare(bare, bare).is_same
    assert 1 == compare(bare, view).matched


def test_ten_thousand_records_take_a_moment():
    """With every id and every payload another: all ways of matching are tried."""
    before = run(*(record(f"b{number}", f"body {number}") for number in range(10_000)))
    after = run(*(record(f"a{number}", f"text {number}") for number in range(10_000)))
    began = time.process_time()
    comparison = compare(before, after)

    assert 10_000 == comparison.matched
    assert ["payload"] == [group.kind for group in comparison.groups]
    assert time.process_time() - began < 5


# -- ids in texts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no stock for order 17", "no stock for order 17"),
        ("3a479fe9-8651-47d0-ba1a-1daa2230a47b is unknown", "<id> is unknown"),
        ("<Order object at 0x7f2a6c1b9d90>", "<Order object at <id>>"),
        ("at 49659172051921876257466624334783020823501547131077918722", "at <id>"),
        ("ID:b-63bd34c0-9386-43e5-a0bc-c9b32508a144-1.mq.us-east-1.amazonaws.com-34499-17351:26:1:1:1 x", "<id> x"),
        ("67748580d7ac33d94c41bac4", "<id>"),
        (f"task {'Ab7+' * 40}==", "task <id>"),
        ("extraordinarilylongwordsstay", "extraordinarilylongwordsstay"),
        ("name-department", "name-department"),
        ("x-amz-request-id: MOMPPZLPJCCPVZEY", "x-amz-request-id: <id>"),
        ("orders::/#0", "orders::/#0"),
    ],
)
def test_ids_in_texts_are_masked(text, expected):
    """What a seed makes up; not what people write."""
    assert expected == masked(text)


def test_pseudonyms_are_masked():
    """Those of two traces may have two keys."""
    from pytest_lambda_events.cassette.redact.pseudonyms import Pseudonyms

    one, other = Pseudonyms(b"1" * 16), Pseudonyms(b"2" * 16)

    for make in ("email", "token", "name", "host", "number"):
        texts = [f"for {getattr(key, make)('12345')}!" for key in (one, other)]
        assert texts[0] != texts[1]
        assert {"for <id>!"} == set(map(masked, texts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ORDERS, "sqs:orders"),
        ("arn:aws:sns:eu-west-1:111111111111:orders", "sns:orders"),
        ("arn:aws:s3:us-east-1:123456789012:job/11553800-67ee-49e9-90b1-5bd040151197", "s3:job/<id>"),
        ("LATEST", "LATEST"),
        ("9adf9e0e-2ff7-4dc7-a6c4-3b79b180c1d7", "<id>"),
        ('{"body": ["9adf9e0e-2ff7-4dc7-a6c4-3b79b180c1d7"]}', '{"body": ["9adf9e0e-2ff7-4dc7-a6c4-3b79b180c1d7"]}'),
    ],
)
def test_an_arn_is_a_service_and_a_name(text, expected):
    """Accounts and regions are noise."""
    assert expected == place_of(text)


# -- what became of records --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        ({}, {"fate": "dead_lettered", "attempts": (0, 30)}, ["worse: fate attempts receives"]),
        ({"fate": "expired"}, {}, ["better: fate"]),
        ({"fate": "pending"}, {"fate": "expired"}, ["ending: fate"]),
        ({"fate": "discarded"}, {"fate": "discarded", "destination": OTHERS}, ["ending: destination"]),
        ({}, {"attempts": (0, 30)}, ["course: attempts receives"]),
        ({}, {"attempts": (5,)}, ["timing: times"]),
    ],
)
def test_what_became_of_a_record(before, after, expected):
    """From what is worse to what is only at another time."""
    comparison = compare(run(record("1", **before)), run(record("1", **after)))

    assert expected == [f"{group.kind}: {' '.join(group.differs)}" for group in comparison.groups]
    assert comparison.is_same is not bool(expected)


def test_when_it_left_is_a_matter_of_time():
    """Also where all else is the same."""
    comparison = compare(run(record("1"), left={"1": 1}), run(record("1"), left={"1": 2}))

    assert [("times",)] == [group.differs for group in comparison.groups]
    assert "left at  1 s -> 2 s" in told(comparison)


ERROR = ErrorView("KeyError", " (a.py:1)", "Traceback")


@pytest.mark.parametrize(
    ("ending", "reasons"),
    [
        ({"outcome": "error", "problem": "raised ValueError: no stock"}, "raised ValueError: no stock"),
        ({"outcome": "error", "error": ERROR}, "raised KeyError"),
        ({"outcome": "error"}, "error"),
        ({"outcome": "timeout", "problem": "Task timed out"}, "timed out"),
        ({"outcome": "throttled"}, "throttled"),
        ({"outcome": "partial", "failed": ["1"]}, "reported in batchItemFailures"),
        ({"outcome": "partial", "failed": ["0", "1"]}, "reported in batchItemFailures"),
        ({"outcome": "partial", "failed": ["1"], "problem": "no such key"}, "no such key"),
        ({"outcome": "partial", "failed": ["0"]}, ""),
    ],
)
def test_why_invocations_of_a_record_failed(ending, reasons):
    """Each reason once, without durations and places in the code."""
    after = [call(1, ["0", "1"], **ending), call(2, ["0", "1"], **ending)]
    before = [call(1, ["0", "1"]), call(2, ["0", "1"])]
    records = record("0", attempts=(0, 1)), record("1", "b", attempts=(0, 1))
    comparison = compare(run(*records, calls=before), run(*records, calls=after))
    found = {one.before.id: one.course_after.reasons for group in comparison.groups for one in group.changes}

    assert ((reasons,) if reasons else ()) == found.get("1", ())


def test_a_record_of_a_stream_behind_one_that_was_reported():
    """It did nothing wrong itself."""
    records = record("0", kind="kinesis"), record("1", "b", kind="kinesis")
    after = run(*records, calls=[call(1, ["0", "1"], "partial", failed=["0", "1"])])
    comparison = compare(run(*records, calls=[call(1, ["0", "1"])]), after)
    found = {one.before.id: one.course_after.reasons for group in comparison.groups for one in group.changes}

    assert {"0": ("reported in batchItemFailures",), "1": ("behind one that was reported",)} == found


def test_ids_in_reasons_are_no_difference():
    """Two seeds, the same failure."""
    problem = "raised ValueError: 3a479fe9-8651-47d0-ba1a-1daa2230a47b"
    before = run(record("1"), calls=[call(1, ["1"], "error", problem=problem)])
    after = run(record("9"), calls=[call(1, ["9"], "error", problem=problem.replace("3a", "4b"))])

    assert compare(before, after).is_same


def test_records_that_changed_in_the_same_way_are_together():
    """Trouble first, then what most of them did."""
    fates: list[tuple[Fate, Fate]] = [
        ("processed", "processed"),
        ("dead_lettered", "processed"),
        ("processed", "expired"),
        *[("processed", "dead_lettered")] * 3,
    ]
    before = run(*(record(str(place), str(place), one) for place, (one, _) in enumerate(fates)))
    after = run(*(record(str(place), str(place), other) for place, (_, other) in enumerate(fates)))
    comparison = compare(before, after)

    assert [("worse", 3), ("worse", 1), ("better", 1)] == [
        (group.kind, len(group.changes)) for group in comparison.groups
    ]
    assert 5 == comparison.changed
    assert "5 of 6 records changed (4 for the worse, 1 for the better)" in told(comparison)


# -- invocations, metrics, advice --------------------------------------------------------------------------------------


def test_invocations_by_outcome_size_and_length():
    """Rows of what differs, and nothing else."""
    before = run(record("1"), calls=[call(1, ["1"], duration=0.5)], elapsed=1.0)
    after = run(
        record("1"),
        calls=[call(1, ["1"], duration=2), call(None, ["1"], "throttled"), call(2, [], duration=0.25)],
        elapsed=9.0,
    )
    comparison = compare(before, after)

    assert [
        ("invocations", 1, 3),
        ("success", 1, 2),
        ("throttled", 0, 1),
        ("smallest batch", 1, 0),
        ("seconds in all", 0.5, 2.25),
        ("longest, in seconds", 0.5, 2),
    ] == [tuple(row) for row in comparison.invocations]
    assert ("elapsed", 1.0, 9.0) == comparison.elapsed
    assert comparison.batch is not None
    assert 2 == comparison.batch.number
    assert comparison.batch.before is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([["1", "2"]], [["8", "9"]], None),
        ([["1"], ["2"]], [["8"], ["9"]], None),
        ([["1", "2"]], [["8"], ["9"]], 1),
        ([["1"], ["2"]], [["8"], ["8"]], 2),
        ([["1"]], [["8"], ["9"]], 2),
        ([["1", "2"]], [["9", "8"]], 1),
    ],
)
def test_the_first_batch_with_other_records(before, after, expected):
    """By records as they are matched, in their order."""

    def made(ids: str, batches: list[list[str]]) -> RunView:
        calls = [call(number, batch) for number, batch in enumerate(batches, 1)]
        # in the order in which they ended, which need not be that in which they began
        return run(*(record(one, body) for one, body in zip(ids, "ab", strict=True)), calls=calls[::-1])

    batch = compare(made("12", before), made("89", after)).batch

    assert expected == (batch and batch.number)


def test_metrics_that_differ():
    """What a run has not counts as none of it."""
    comparison = compare(run(metrics={"Errors": 1, "Throttles": 2}), run(metrics={"Throttles": 2, "New": 3, "No": 0}))

    assert [("Errors", 1, 0), ("New", 0, 3)] == [tuple(row) for row in comparison.metrics]


def test_advice_that_came_and_went():
    """The same code about the same mapping is the same advice, whatever ids and counts are in its text."""

    def advised(uuid: str, *codes: str) -> RunView:
        advice = [Advice(code=code, message=f"{code} of {uuid}", at_ms=START_MS, mapping=uuid) for code in codes]
        return run(record("1"), advice=tuple(advice), mappings={uuid: {"EventSourceArn": ORDERS}})

    comparison = compare(advised("u", "one", "two"), advised("v", "two", "three"))

    assert ["one"] == [one.code for one in comparison.advice_gone]
    assert ["three"] == [one.code for one in comparison.advice_new]
    text = told(comparison, names=("old", "new"))
    assert "advice only in old\n  one: one of u\n" in text
    assert text.endswith("advice only in new\n  three: three of v")


def test_of_live_runs_no_time_is_compared():
    """It never repeats."""
    before = run(record("1"), calls=[call(1, ["1"], duration=1)], elapsed=3.0, metrics={"IteratorAge": 5})
    after = run(
        record("1", attempts=(7,)),
        calls=[call(1, ["1"], duration=2)],
        elapsed=4.0,
        is_live=True,
        metrics={"IteratorAge": 9},
    )

    assert compare(before, after).is_same
    assert compare(after, before).is_same


# -- mappings ----------------------------------------------------------------------------------------------------------

QUEUE = {"UUID": "u", "EventSourceArn": ORDERS, "FunctionArn": "arn:f", "BatchSize": 10, "FunctionResponseTypes": []}
TO_QUEUE = {"DestinationConfig": {"OnFailure": {"Destination": OTHERS}}}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([QUEUE], [{**QUEUE, "UUID": "v", "FunctionArn": "arn:g", "LastModified": "now"}], []),
        ([QUEUE], [{**QUEUE, "BatchSize": 1}], ["orders: BatchSize 10 1"]),
        (
            [QUEUE],
            [{**QUEUE, "FunctionResponseTypes": ["ReportBatchItemFailures"]}],
            ["orders: FunctionResponseTypes None ['ReportBatchItemFailures']"],
        ),
        ([QUEUE], [{**QUEUE, **TO_QUEUE}], ["orders: DestinationConfig.OnFailure.Destination None sqs:others"]),
        ([QUEUE], [QUEUE, QUEUE], ["orders #2: mapping None there"]),
        ([QUEUE], [{**QUEUE, "EventSourceArn": OTHERS}], ["orders: EventSourceArn sqs:orders sqs:others"]),
        ([{"Topics": ["a"]}], [{"Topics": ("a",), "X": [{"Type": "t", "URI": 1}]}], ["a: X None"]),
        ([{"Queues": ["q"], "A": 1}], [], ["q: mapping there None"]),
        (
            [{"DocumentDBEventSourceConfig": {"DatabaseName": "db", "CollectionName": "c"}}],
            [{"DocumentDBEventSourceConfig": {"DatabaseName": "db"}}],
            ["db.c: DocumentDBEventSourceConfig.CollectionName c None"],
        ),
        ([{"JobId": "1", "Priority": 1}], [{"JobId": "2", "Priority": 2}], ["job: Priority 1 2"]),
        ([{"A": 1}], [{"A": 2}], ["mapping: A 1 2"]),
    ],
)
def test_parameters_that_differ(before, after, expected):
    """By their path; not what AWS, the run or a seed made of them."""
    sides = [
        {f"{side}{place}": one for place, one in enumerate(mappings)} for side, mappings in enumerate((before, after))
    ]
    changes = mapping_changes(*sides).changes
    found = [f"{one.name}: {row.what} {row.before} {row.after}" for one in changes for row in one.rows]

    assert len(expected) == len(found)
    assert all(text.startswith(beginning) for text, beginning in zip(found, expected, strict=True))


# -- real runs ---------------------------------------------------------------------------------------------------------


def buggy(event: Any, _context: Any) -> None:
    for one in event["Records"]:
        if "poison" in one["body"]:
            raise ValueError(f"no stock for {one['messageId']}")


def reporting(event: Any, _context: Any) -> Any:
    failed = [one["messageId"] for one in event["Records"] if "poison" in one["body"]]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


def fine(_event: Any, _context: Any) -> None:
    pass


def orders(handler: Any, *, seed: int = 0, bodies: Sequence[str] = ("a", "poison", "b"), **parameters: Any) -> Any:
    with Harness(seed=seed, region="us-east-1") as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=2)
        mapping = aws.event_source_mapping(queue, handler, **parameters)
        queue.send(*bodies)
        return mapping.run_until_idle()


def test_two_seeds_of_a_test():
    """Nothing to see."""
    comparison = compare_runs(orders(buggy, seed=1), orders(buggy, seed=2))

    assert not comparison
    assert comparison.is_same
    assert "The runs are the same: 3 records fared alike." == str(comparison)


def test_two_handlers():
    """A bug is worse for each record of its batches; what is said of it, word for word."""
    comparison = compare_runs(orders(fine, seed=1), orders(buggy, seed=1), names=("main", "branch"))

    assert comparison
    assert str(comparison).splitlines()[:8] == [
        "The runs differ: 3 of 3 records changed for the worse; other invocations, metrics, length.",
        "",
        "worse",
        "  3 records: processed after 1 attempt -> dead_lettered after 2 attempts",
        f"    e.g. {comparison.records[0].changes[0].before.id[:8]}  a",
        "      attempts  0 s -> 0, 30 s",
        "      why       no failure -> raised ValueError: no stock for <id>",
        "      left at   0 s -> 60 s",
    ]
    assert "    main: none" in str(comparison).splitlines()


def test_two_mappings_by_batch_size():
    """With batches of one record, only the poison fails."""
    comparison = compare_runs(orders(buggy), orders(buggy, BatchSize=1))

    assert [("orders", (("BatchSize", 10, 1),))] == list(comparison.mappings)
    assert [("better", 2)] == [(group.kind, len(group.changes)) for group in comparison.records]
    assert comparison.batch is not None
    assert 1 == comparison.batch.number


def test_two_mappings_by_what_they_report():
    """A partial response is read by one of them."""
    before, after = orders(reporting), orders(reporting, FunctionResponseTypes=["ReportBatchItemFailures"])
    comparison = compare_runs(before, after)

    assert [("FunctionResponseTypes", None, ["ReportBatchItemFailures"])] == list(comparison.mappings[0].rows)
    assert [("worse", 1)] == [(group.kind, len(group.changes)) for group in comparison.records]
    assert [["partial-response-not-enabled"], []] == [[one.code for one in advice] for advice in comparison.advice]


def test_two_mappings_by_bisecting():
    """A stream whose batches are halved loses the poison record only."""

    def clicks(**parameters: Any) -> Any:
        def handler(event: Any, _context: Any) -> None:
            if any(one["kinesis"]["data"] == "cG9pc29u" for one in event["Records"]):
                raise ValueError("poison")

        with Harness(region="us-east-1") as aws:
            stream = aws.kinesis_stream("clicks")
            mapping = aws.event_source_mapping(
                stream, handler, StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=2, **parameters
            )
            stream.send("a", "poison", "b", partition_key="key")
            return mapping.run_until_idle()

    comparison = compare_runs(clicks(), clicks(BisectBatchOnFunctionError=True))

    assert [("BisectBatchOnFunctionError", False, True)] == list(comparison.mappings[0].rows)
    better = [one.before.brief for group in comparison.records if group.kind == "better" for one in group.changes]
    assert ["a", "b"] == sorted(better)


def test_another_record():
    """It is only in one of the runs, and moves nobody else's match."""
    comparison = compare_runs(orders(fine, bodies="ab"), orders(fine, bodies="xab"))

    assert () == comparison.records == comparison.only_before
    assert ["x"] == [one.brief for one in comparison.only_after]
    assert "only in after: 1 record (1 processed)" in str(comparison)
    assert comparison.elapsed is None
    assert comparison.invocations
    assert comparison.metrics


def test_it_shows_itself_in_one_line():
    """Which is what a failing assertion shows of it."""
    comparison = compare_runs(orders(fine), orders(buggy))

    assert isinstance(comparison, RunComparison)
    assert repr(comparison) == (
        "<RunComparison: The runs differ: 3 of 3 records changed for the worse; other invocations, metrics, length.>"
    )
    assert max(len(line) for line in comparison.text(width=60).splitlines()) <= 60


scripts = st.lists(st.sampled_from(["a", "b", "poison"]), min_size=1, max_size=12)
sizes = st.integers(1, 10)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scripts, sizes, sizes, st.sampled_from([buggy, reporting, fine]))
def test_comparing_is_symmetric_and_knows_the_same(bodies, size, other_size, handler):
    """Two seeds are the same; there and back, the same counts."""
    one = orders(handler, seed=1, bodies=bodies, BatchSize=size)
    other = orders(handler, seed=2, bodies=bodies, BatchSize=size)
    more = orders(handler, seed=3, bodies=[*bodies[1:], "c"], BatchSize=other_size)
    there, back = compare_runs(one, more), compare_runs(more, one)

    assert compare_runs(one, one).is_same
    assert "The runs are the same" in str(compare_runs(one, other))
    assert sum(len(group.changes) for group in there.records) == sum(len(group.changes) for group in back.records)
    assert len(there.only_before) == len(back.only_after)
    assert len(there.only_after) == len(back.only_before)
    assert [(row.what, row.after, row.before) for row in there.metrics] == list(back.metrics)
    assert there.is_same is back.is_same


# -- bounds ------------------------------------------------------------------------------------------------------------


def crowd(count: int, *, is_after: bool) -> RunView:
    """Records of which each changes in a way of its own, in text and id as long as they come."""
    return run(
        *(
            record(
                f"{number}-{'x' * 1_000}",
                f"{number} \N{SNOWMAN}\n{'y' * 100_000}",
                "pending" if is_after else "processed",
                attempts=range(number + 1 if is_after else 1),
            )
            for number in range(count)
        ),
        metrics={f"Metric{number}": int(is_after) for number in range(50)},
        calls=[call(1, [f"{number}-{'x' * 1_000}" for number in range(count)], "error", problem="z" * 10_000)]
        if is_after
        else [],
        advice=tuple(Advice(code=f"c{number}", message="m " * 1_000, at_ms=START_MS) for number in range(10))
        if is_after
        else (),
    )


@pytest.mark.parametrize("width", [10, 60, 100])
def test_the_text_is_bounded(width):
    """However many ways there are, and however long things are."""
    text = told(compare(crowd(60, is_after=False), crowd(60, is_after=True)), width=width)

    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) <= max(width, 40)
    assert len(text.splitlines()) < 400
    assert "... and 48 more records in 48 other ways" in " ".join(text.split())
    assert "... and 30 more" in text


def test_the_entry_is_bounded():
    """Fifty groups, two hundred ids of each, texts of two thousand characters."""
    comparison = compare(crowd(60, is_after=False), crowd(60, is_after=True))
    entry = json.loads(comparison_entry(comparison, NAMES))

    assert 50 == len(entry["groups"])
    assert [10, 10] == entry["left_out"]
    assert max(len(text) for group in entry["groups"] for row in group["rows"] for text in row) <= 2_000

    many = compare(run(), run(*(record(str(number)) for number in range(300))))
    only = json.loads(comparison_entry(many, NAMES))["only"]
    assert [0, 300] == [one["count"] for one in only]
    assert 200 == len(only[1]["records"])
    assert "... and 295 more" in told(many)


def test_the_same_is_said_in_an_entry_too():
    """For a page that draws two runs that are the same."""
    entry = json.loads(comparison_entry(compare(run(record("1")), run(record("2"))), NAMES))

    assert {
        "names": ["before", "after"],
        "same": True,
        "headline": "The runs are the same: 1 record fared alike.",
        "sections": [],
        "groups": [],
        "left_out": [0, 0],
        "only": [{"count": 0, "records": []}] * 2,
    } == entry


def test_moments_of_many_attempts_are_shortened():
    """The first and the last of them."""
    after = run(record("2", attempts=[one * 30 for one in range(10)]))

    assert "attempts  0 s -> 0, 30, 60, 90, ... 5 more ..., 270 s" in told(compare(run(record("2")), after))


def test_a_record_that_was_never_tried():
    """Filtered, it needs no attempt; of any other fate, that is worth a word."""
    before = run(record("1", ""), record("2", "b", "filtered", attempts=()))
    after = run(record("1", "", "filtered", attempts=()), record("2", "b", "expired", attempts=()))
    text = told(compare(before, after))

    assert "1 record: processed after 1 attempt -> filtered\n    1  (empty)\n      attempts  0 s -> none" in text
    assert "1 record: filtered -> expired without an attempt" in text


def test_what_is_told_of_mappings_and_payloads():
    """Values as AWS writes them; what a record carried before, and where it ended."""
    mappings = [
        {"u": {**QUEUE, "X": 1234.5, "Y": True, "Z": ["a-" * 30]}},
        {"u": {**QUEUE, "X": 1234, "Z": ["b-" * 30]}},
    ]
    before = run(record("1", "old", "discarded"), mappings=mappings[0])
    after = run(record("1", "new", "discarded", destination=OTHERS), mappings=mappings[1])
    text = told(compare(before, after), width=80)

    assert (
        "mapping orders\n"
        "  X  1,234.5 -> 1,234\n"
        "  Y  true -> none\n"
        f'  Z  ["{"a-" * 30}"]\n'
        f'     -> ["{"b-" * 30}"]\n'
        "\n"
        "another ending\n"
        "  1 record: discarded after 1 attempt -> discarded to others after 1 attempt\n"
        "    1  old\n"
        "      payload  old -> new"
    ) in text


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "b", "(empty) -> b"),
        (f"{'x ' * 250}a", f"{'x ' * 250}b", f"...{'x ' * 10}a -> ...{'x ' * 10}b"),
        ("a" * 130, "b", f"{'a' * 120}... -> b"),
    ],
)
def test_payloads_are_shown_where_they_differ(before, after, expected):
    """However long what they have in common is."""
    text = told(compare(run(record("1", before)), run(record("1", after))), width=160)

    assert f"      payload  {expected}" in text


def test_payloads_that_begin_alike_are_shown_whole():
    """What people are shown of a record is only the beginning of what it carries."""
    before, after = (dataclasses.replace(record("1", body), brief="{") for body in "ab")

    assert '      payload  {"body": "a"} -> {"body": "b"}' in told(compare(run(before), run(after)))


def test_runs_of_live_mappings_are_compared_without_their_time():
    """As their traces are."""

    class LiveMapping:
        """What a run on real time knows as its mapping, by its name."""

    before, after = orders(fine), orders(fine, MaximumBatchingWindowInSeconds=5)
    assert "times" in compare_runs(before, after).records[0].differs

    before.mapping = LiveMapping()
    assert () == compare_runs(before, after).records
