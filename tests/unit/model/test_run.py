"""A run is a view: of some sources and mappings, until the moment when it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.records import FATES, SqsMessage
from pytest_lambda_events.model.run import Run, Scope
from pytest_lambda_events.model.trace import Advice, Invocation, Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.trace import Outcome

START_MS = 1_000_000
ORDERS, INVOICES, DLQ = (f"arn:aws:sqs:us-east-1:123456789012:{name}" for name in ("orders", "invoices", "orders-dlq"))


def message(record_id: str) -> SqsMessage:
    return SqsMessage(id=record_id, body=f"body of {record_id}", sent_timestamp=START_MS, sender_id="me")


A, B, C = message("a"), message("b"), message("c")


def call(
    records: Sequence[SqsMessage], *, at: float = 0, mapping: str = "m", outcome: Outcome = "success"
) -> Invocation:
    return Invocation(
        at=at,
        duration=0,
        records=tuple(records),
        outcome=outcome,
        failed=(),
        request_id=f"{mapping}-{at}",
        mapping=mapping,
        event_text='{"Records":[]}',
        response=None,
        error=None,
        problem=None,
    )


def view(
    ledger: Ledger,
    arns: Sequence[str] = (ORDERS,),
    *,
    uuids: Sequence[str] = ("m",),
    metrics: dict[str, int] | None = None,
    now_ms: int = START_MS,
) -> Run:
    scope = Scope(uuids, arns, metrics if metrics is not None else {}, None)
    return Run(ledger, scope, start_ms=START_MS, now_ms=now_ms, seed=0)


def fates(run: Run) -> dict[str, list[str]]:
    """Every fate that somebody had, and who."""
    found = {fate: [record.id for record in getattr(run, fate)] for fate in FATES}
    return {fate: ids for fate, ids in found.items() if ids}


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_a_run_does_not_change_when_the_ledger_grows(ledger):
    metrics = {"Invocations": 0}
    ledger.entered(START_MS, ORDERS, A)
    ledger.received(START_MS, ORDERS, ("a",), (1,))
    untouched, looked_at = view(ledger, metrics=metrics), view(ledger, metrics=metrics)
    before = str(looked_at.trace.to_json())

    metrics["Invocations"] = 1
    ledger.invoked(START_MS, "m", ("a",), "m-0")
    ledger.left(START_MS, ORDERS, ("a",), "processed")
    ledger.ended(START_MS, call([A]), ())
    ledger.entered(START_MS + 1, ORDERS, B)
    ledger.received(START_MS + 1, ORDERS, ("b",), (1,))
    ledger.entered(START_MS + 2, INVOICES, A)
    ledger.advise(Advice(code="late", message="", at_ms=START_MS))

    for run in (untouched, looked_at):
        assert fates(run) == {"pending": ["a"]}
        assert run.records == [A]
        assert run.trace.to_json() == before
        assert run.metrics == {"Invocations": 0}
        assert (run.invocations, run.advice, run.attempts(A), run.receives(A)) == ([], [], [], [0])
        assert [step.kind for _, step in run.steps_of(A)] == ["entered", "received"]
        assert run.sources_of(A) == [ORDERS]
        with pytest.raises(UsageError):
            run.fate(B)
    assert fates(view(ledger)) == {"processed": ["a"], "pending": ["b"]}


def test_a_trace_is_an_array_for_each_step(ledger):
    ledger.entered(START_MS, ORDERS, A)
    ledger.received(START_MS, ORDERS, ("a",), (1,))

    assert view(ledger).trace.to_json() == (
        f'[{START_MS},"entered","{ORDERS}",["a"],null]\n[{START_MS},"received","{ORDERS}",["a"],[1]]'
    )


def test_a_source_that_comes_later_is_not_part_of_an_earlier_run(ledger):
    run = view(ledger)
    ledger.entered(START_MS, ORDERS, A)

    assert run.records == []
    assert repr(run) == "<Run at 0 s: no records; 0 invocations>"


def test_what_a_run_hands_out_may_be_changed(ledger):
    ledger.entered(START_MS, ORDERS, A)
    ledger.received(START_MS, ORDERS, ("a",), (1,))
    ledger.ended(START_MS, call([A]), ())
    run = view(ledger)
    for answer in (run.records, run.pending, run.attempts(A), run.receives(A), run.steps_of(A), run.sources_of(A)):
        answer.clear()

    assert run.records == run.pending == [A]
    assert run.attempts(A) == run.receives(A) == [0]
    assert len(run.steps_of(A)) == 3
    assert run.sources_of(A) == [ORDERS]


def test_records_are_in_the_order_of_their_entry(ledger):
    for record in (C, A, B):
        ledger.entered(START_MS, ORDERS, record)
    ledger.left(START_MS, ORDERS, ("b", "a"), "processed")

    assert view(ledger).records == [C, A, B]
    assert view(ledger).processed == [A, B]


@pytest.mark.parametrize("fate", FATES)
def test_every_fate_has_its_list(ledger, fate):
    ledger.entered(START_MS, ORDERS, A)
    if fate != "pending":
        ledger.left(START_MS, ORDERS, ("a",), fate)
    run = view(ledger)

    assert run.fate(A) == fate
    assert fates(run) == {fate: ["a"]}


def test_two_queues_are_two_scopes_or_one(ledger):
    ledger.entered(START_MS, ORDERS, A)
    ledger.entered(START_MS, INVOICES, B)
    ledger.left(START_MS, INVOICES, ("b",), "processed")

    assert fates(view(ledger, [ORDERS])) == {"pending": ["a"]}
    assert fates(view(ledger, [INVOICES])) == {"processed": ["b"]}
    assert fates(view(ledger, [INVOICES, ORDERS])) == {"pending": ["a"], "processed": ["b"]}
    assert view(ledger, [INVOICES, ORDERS, INVOICES]).records == [A, B]
    assert view(ledger, []).records == []


@pytest.mark.parametrize("arns", [[ORDERS, DLQ], [DLQ, ORDERS]], ids=["source-first", "dlq-first"])
def test_of_two_places_the_latest_counts(ledger, arns):
    for record in (A, B, C):
        ledger.entered(START_MS, ORDERS, record)
    ledger.left(START_MS, ORDERS, ("a", "b"), "dead_lettered")
    for record in (A, B):
        ledger.entered(START_MS, DLQ, record)
    ledger.left(START_MS, DLQ, ("b",), "processed")

    assert fates(view(ledger, [ORDERS])) == {"dead_lettered": ["a", "b"], "pending": ["c"]}
    assert fates(view(ledger, [DLQ])) == {"pending": ["a"], "processed": ["b"]}
    assert fates(view(ledger, arns)) == {"processed": ["b"], "pending": ["a", "c"]}
    assert view(ledger, arns).records == [A, B, C]


def test_a_record_that_comes_back_is_pending_again(ledger):
    ledger.entered(START_MS, ORDERS, A)
    ledger.left(START_MS, ORDERS, ("a",), "dead_lettered")
    ledger.entered(START_MS, DLQ, A)
    ledger.left(START_MS, DLQ, ("a",), "processed")
    ledger.entered(START_MS, ORDERS, A)

    assert view(ledger).fate(A) == "pending"
    assert view(ledger).records == [A]
    assert view(ledger).sources_of(A) == [ORDERS, DLQ, ORDERS]


def test_attempts_are_invocations_and_receives_are_everybodys(ledger):
    ledger.entered(START_MS, ORDERS, A)
    ledger.entered(START_MS, ORDERS, B)
    ledger.received(START_MS + 500, ORDERS, ("a",), (1,))
    ledger.received(START_MS + 30_000, ORDERS, ("a", "b"), (2, 1))
    ledger.received(START_MS + 40_000, DLQ, ("a",), (3,))
    ledger.ended(START_MS + 31_000, call([A, B], at=30), ())
    ledger.ended(START_MS + 31_000, call([A], at=31, mapping="another"), ())
    run = view(ledger)

    assert (run.receives(A), run.receives(B)) == ([0.5, 30], [30])
    assert (run.attempts(A), run.attempts(B)) == ([30], [30])
    assert [one.at for one in run.invocations] == [30]
    both = view(ledger, [ORDERS, DLQ], uuids=["m", "another"])
    assert (both.receives(A), both.attempts(A)) == ([0.5, 30, 40], [30, 31])


def test_steps_are_those_of_the_record_in_order_of_time(ledger):
    """A source may note late what fell due earlier."""
    ledger.entered(START_MS, ORDERS, A)
    ledger.entered(START_MS, ORDERS, B)
    ledger.received(START_MS + 60_000, DLQ, ("a",), (1,))
    ledger.invoked(START_MS + 60_000, "m", ("b", "a"), "m-60")
    ledger.reappeared(START_MS + 30_000, ORDERS, "a")
    run = view(ledger)

    assert [(second, step.kind) for second, step in run.steps_of(A)] == [
        (0, "entered"),
        (30, "reappeared"),
        (60, "invoked"),
    ]
    assert [step.kind for step in run.trace] == ["entered", "entered", "invoked", "reappeared"]


def test_advice_is_that_of_the_mappings_looked_at_and_that_of_none(ledger):
    for code, mapping in (("ours", "m"), ("theirs", "another"), ("everybodys", ""), ("ours", "m")):
        ledger.advise(Advice(code=code, message="", at_ms=START_MS, mapping=mapping))

    assert [advice.code for advice in view(ledger).advice] == ["ours", "everybodys"]


def test_a_run_says_what_it_is(ledger):
    for record in (A, B, C):
        ledger.entered(START_MS, ORDERS, record)
    ledger.left(START_MS, ORDERS, ("a", "c"), "processed")
    run = view(ledger, now_ms=START_MS + 1_500)

    assert run.elapsed == 1.5
    assert repr(run) == "<Run at 1.5 s: 2 processed, 1 pending; 0 invocations>"


@pytest.mark.parametrize("question", ["fate", "attempts", "receives", "steps_of", "sources_of", "destination"])
def test_a_record_that_never_was_here_is_refused(ledger, question):
    ledger.entered(START_MS, ORDERS, A)
    ledger.entered(START_MS, INVOICES, B)

    with pytest.raises(
        UsageError, match=r"<SqsMessage b 'body of b'> has not been in arn:aws:sqs:.*:orders; .* 1 records"
    ):
        getattr(view(ledger), question)(B)
    with pytest.raises(UsageError, match="has not been in any mapped source"):
        getattr(view(ledger, []), question)(A)
