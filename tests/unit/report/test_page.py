"""A page's entries: complete in themselves, bounded, and harmless whatever a payload says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from pytest_lambda_events.model.trace import Advice, Step
from pytest_lambda_events.report.page import ToldTest, entry_of, page_of
from pytest_lambda_events.report.page import entry as entry_module
from pytest_lambda_events.report.page import shown as shown_module
from pytest_lambda_events.report.page.shown import Texts, as_json, cut, shown_in_full
from pytest_lambda_events.report.view import CallView, ErrorView, RecordView, RunView

START_MS = 1_735_689_600_000
ORDERS = "arn:aws:sqs:us-east-1:123456789012:orders"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:bill"


def record(number: int, **told: Any) -> RecordView:
    known: dict[str, Any] = {
        "id": f"{number:08d}-aaaa-4bbb-8ccc-dddddddddddd",
        "kind": "sqs",
        "payload": {"body": f"order {number}"},
        "brief": f"order {number}",
        "fate": "processed",
        "destination": None,
        "sources": (ORDERS,),
        "attempts": (0.0,),
        "receives": (0.0,),
    }
    return RecordView(**{**known, **told})


def call(number: int | None, records: list[RecordView], **told: Any) -> CallView:
    known: dict[str, Any] = {
        "number": number,
        "at": 0.0,
        "duration": 0.0,
        "records": tuple(one.id for one in records),
        "outcome": "success",
        "failed": (),
        "request_id": f"request-{number}",
        "mapping": "uuid",
        "event_text": f'{{"number": {number}}}',
        "response": None,
        "problem": None,
        "error": None,
    }
    return CallView(**{**known, **told})


def run(records: list[RecordView], calls: list[CallView], steps: list[Step] | None = None, **told: Any) -> RunView:
    """A run; its steps are those that its calls took, unless they are given."""
    if steps is None:
        steps = [Step(START_MS, "entered", ORDERS, (one.id,), None) for one in records]
        for one in calls:
            at_ms = START_MS + round(one.at * 1000)
            detail = (one.outcome, one.failed, one.request_id, one.problem, one.event_text)
            if one.number is not None:
                steps.append(Step(at_ms, "invoked", "uuid", one.records, one.request_id))
            steps.append(Step(at_ms + round(one.duration * 1000), "ended", "uuid", one.records, detail))
    known: dict[str, Any] = {
        "seed": 7,
        "start_ms": START_MS,
        "elapsed": 90.0,
        "is_live": False,
        "metrics": {"Invocations": len(calls)},
        "advice": (),
        "mappings": {"uuid": {"UUID": "uuid", "EventSourceArn": ORDERS, "FunctionArn": FUNCTION, "BatchSize": 10}},
    }
    return RunView(records=tuple(records), calls=tuple(calls), steps=tuple(steps), **{**known, **told})


def parsed(view: RunView, **told: Any) -> tuple[Any, Any]:
    """Both lines of an entry."""
    head, body = entry_of(ToldTest(test="tests/test_it.py::test_it", outcome="failed", view=view, **told)).split("\n")
    return json.loads(head), json.loads(body)


def failing(number: int, one: RecordView, **told: Any) -> CallView:
    return call(number, [one], outcome="error", failed=(one.id,), **told)


# -- entries -----------------------------------------------------------------------------------------------------------


def test_an_entry_is_two_lines() -> None:
    """What the overview says, and everything else."""
    poison = record(2, fate="dead_lettered")
    head, body = parsed(
        run([record(1), poison], [call(1, [record(1)]), failing(2, poison)]), trace_file="traces/1.json"
    )
    assert head == {
        "test": "tests/test_it.py::test_it",
        "outcome": "failed",
        "seed": 7,
        "live": False,
        "elapsed": 90_000,
        "start": START_MS,
        "fates": {"processed": 1, "dead_lettered": 1},
        "calls": {"success": 1, "error": 1},
        "advice": 0,
        "trace": "traces/1.json",
        "again": 'pytest "tests/test_it.py::test_it" --lambda-events-seed=7',
    }
    assert parsed(run([record(1)], [], is_live=True))[0]["again"] is None
    assert body["metrics"] == {"Invocations": 2}
    assert body["mappings"] == [{"function": "bill", "source": "orders", "parameters": [["BatchSize", "10"]]}]
    assert body["leftOut"] == {"records": 0, "calls": 0, "payloads": 0}


def test_records_in_trouble_come_first() -> None:
    """Then those that were not tried, those that took several attempts, the filtered ones, the usual ones."""
    fates = [
        record(1),
        record(2, fate="filtered", attempts=()),
        record(3, attempts=(0.0, 30.0)),
        record(4, attempts=(0.0, 30.0, 60.0)),
        record(5, fate="pending", attempts=()),
        record(6, fate="pending"),
        record(7, fate="expired"),
        record(8, fate="discarded"),
        record(9, fate="dead_lettered"),
    ]
    _, body = parsed(run(fates, []))
    assert [one[:8].lstrip("0") for one in body["records"]["ids"]] == list("987654321")


def test_those_that_went_the_same_way_share_a_story() -> None:
    """They differ in the numbers of their invocations."""
    one, other, poison = record(1), record(2), record(3, fate="pending")
    calls = [call(1, [one]), failing(2, poison), call(3, [other])]
    _, body = parsed(run([one, other, poison], calls))
    records = body["records"]
    assert records["story"] == [0, 1, 1]
    assert records["numbers"] == [[2], [1], [3]]
    assert len(records["stories"]) == 2


def test_a_story_is_its_phrases() -> None:
    """How long after the one before, which phrase, and how many were in its batch."""
    one = record(1, fate="pending")
    _, body = parsed(run([one], [failing(1, one, at=2.5, duration=0.5, problem="raised ValueError: no")]))
    phrases = [[body["texts"][kind], body["texts"][mark], text] for kind, mark, text in body["phrases"]]
    assert phrases == [
        ["entered", "sent", "sent to orders"],
        ["invoked", "failed", "failed after 0.5 s: raised ValueError: no"],
        ["stopped", "pending", "still in orders when the run stopped (never received)"],
    ]
    assert body["records"]["stories"] == [[0, 0, 0, 2_500, 1, 0, 87_500, 2, 0]]


def test_the_middle_of_a_long_story_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said how many steps and attempts that were; the numbers fit what is told."""
    monkeypatch.setattr(shown_module, "_LONGEST_STORY", 8)
    one = record(1, fate="pending")
    calls = [failing(number, one, at=float(number)) for number in range(1, 31)]
    _, body = parsed(run([one], calls))
    flat = body["records"]["stories"][0]
    assert flat[1::3].count(-1) == 1
    place = flat[1::3].index(-1)
    assert flat[2::3][place] == 32 - 8
    assert body["records"]["numbers"] == [[1, 2, 3, 28, 29, 30]]
    assert body["records"]["hiddenTries"] == {"0": 24}
    assert sum(flat[0::3]) == 90_000


def test_a_call_is_its_columns() -> None:
    """With its texts by number."""
    one = record(1, fate="pending")
    error = ErrorView("ValueError", " (handler.py:3)", "Traceback: no")
    _, body = parsed(run([one], [failing(1, one, at=1.0, duration=0.25, problem="raised ValueError: no", error=error)]))
    (told,) = body["calls"]
    assert told[:3] == [1, 1_000, 250]
    assert [body["texts"][told[place]] for place in (3, 8, 10, 11, 12)] == [
        "error",
        '{"number": 1}',
        "raised ValueError: no",
        "Traceback: no",
        "ValueError (handler.py:3)",
    ]
    assert told[4:8] == [0, [0], [0], "request-1"]
    assert told[9] == -1  # who raised answered nothing


def test_a_call_of_records_and_a_mapping_that_the_run_does_not_know() -> None:
    """They are none."""
    _, body = parsed(run([record(1)], [call(None, [record(5)], outcome="throttled", mapping="other", event_text="")]))
    assert body["calls"][0][:1] + body["calls"][0][4:9] == [None, -1, [-1], [], "", -1]


def test_what_a_handler_returned_may_be_anything() -> None:
    """JSON where it is, else as Python shows it."""
    loop: list[Any] = []
    loop.append(loop)
    one = record(1)
    responses = [{"batchItemFailures": []}, {("a", 1): 2}, loop, float("nan"), {1, 2} - {2}]
    _, body = parsed(run([one], [call(number, [one], response=said) for number, said in enumerate(responses, 1)]))
    assert [body["texts"][told[9]] for told in body["calls"]] == [
        '{"batchItemFailures":[]}',
        "\"{('a', 1): 2}\"",
        '"[[...]]"',
        "NaN",
        '"{1}"',
    ]


def test_what_records_carry_is_told_of_few_and_of_those_in_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long run not of those that went smoothly."""
    records = [record(1), record(2, fate="dead_lettered"), record(3, attempts=(0.0, 1.0))]
    _, body = parsed(run(records, []))
    assert sorted(body["records"]["payloads"]) == ["0", "1", "2"]
    monkeypatch.setattr(entry_module, "_SMALL_RUN", 2)
    _, body = parsed(run(records, []))
    assert body["texts"][body["records"]["payloads"]["0"]] == '{"body":"order 2"}'
    assert sorted(body["records"]["payloads"]) == ["0", "1"]


def test_where_an_invocation_record_went() -> None:
    """By the name of its destination; a record that was there before has no source."""
    one = record(
        1, kind="kinesis", fate="discarded", destination="arn:aws:sqs:us-east-1:123456789012:failed", sources=()
    )
    _, body = parsed(run([one], []))
    assert body["records"]["destinations"] == {"0": "failed"}
    assert body["records"]["sources"] == [-1]


def test_advice_has_its_fix() -> None:
    """From the table of fixes; what a run alone says has it in its message."""
    said = (
        Advice(code="no-dead-letter-queue", message="There is none", at_ms=START_MS),
        Advice(code="fifo-order-broken", message="Do this", at_ms=START_MS),
    )
    _, body = parsed(run([], [], advice=said))
    assert body["advice"] == [
        {"code": "no-dead-letter-queue", "message": "There is none", "fix": "A RedrivePolicy on the queue."},
        {"code": "fifo-order-broken", "message": "Do this", "fix": ""},
    ]


@pytest.mark.parametrize(
    ("described", "source", "function"),
    [
        ({"EventSourceArn": ORDERS, "FunctionArn": FUNCTION}, "orders", "bill"),
        ({"Topics": ["a", "b"], "FunctionArn": FUNCTION}, "a, b", "bill"),
        ({"Queues": ["q"], "EventSourceArn": ORDERS, "FunctionArn": FUNCTION}, "q", "bill"),
        (
            {
                "DocumentDBEventSourceConfig": {"DatabaseName": "shop"},
                "EventSourceArn": ORDERS,
                "FunctionArn": FUNCTION,
            },
            "shop",
            "bill",
        ),
        ({"JobId": "1", "Operation": {"LambdaInvoke": {"FunctionArn": FUNCTION}}}, "S3 Batch Operations job", "bill"),
    ],
)
def test_what_a_mapping_joins(described: dict[str, Any], source: str, function: str) -> None:
    """A source by the name that people know it by, and a function."""
    _, body = parsed(run([], [], mappings={"uuid": described}))
    assert (body["mappings"][0]["source"], body["mappings"][0]["function"]) == (source, function)


# -- bounds ------------------------------------------------------------------------------------------------------------


def test_the_first_two_hundred_and_those_that_failed_are_shown_in_full() -> None:
    """Everything else is left to the trace."""
    one = record(1)
    calls = [call(number, [one]) for number in range(1, 301)]
    calls[249] = failing(250, one)
    calls[259] = call(260, [one], outcome="throttled")
    shown = shown_in_full(run([one], calls))
    assert shown == {*range(200), 249}


def test_failed_ones_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is always shown, and what stands there already costs nothing."""
    monkeypatch.setattr(shown_module, "_FAILED_EVENTS", 100)
    one = record(1)
    calls = [
        failing(1, one, event_text="x" * 500),
        failing(2, one, event_text="y" * 500),
        failing(3, one, event_text="x" * 500),
        failing(4, one, event_text=""),
    ]
    assert shown_in_full(run([one], calls)) == {0, 2}


def test_what_was_emptied_is_not_shown() -> None:
    """Whoever redacts empties what `shown_in_full` did not name, and the page never shows it."""
    one = record(1)
    view = run([one], [call(1, [one]), call(2, [one], event_text="")])
    _, body = parsed(view)
    assert [told[8] >= 0 for told in body["calls"]] == [True, False]


def test_events_have_the_room_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of failed invocations first."""
    monkeypatch.setattr(entry_module, "_WHOLE", 0)
    monkeypatch.setattr(entry_module, "_EVENTS", 20)
    one = record(1)
    _, body = parsed(run([one], [call(1, [one]), failing(2, one)]))
    assert [told[8] >= 0 for told in body["calls"]] == [False, True]


def test_records_and_calls_have_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in trouble are told, and it is said how many are not."""
    monkeypatch.setattr(shown_module, "MOST_CALLS", 2)
    monkeypatch.setattr(entry_module, "MOST_RECORDS", 1)
    one, poison = record(1), record(2, fate="dead_lettered")
    head, body = parsed(run([one, poison], [call(1, [one]), call(2, [one]), failing(3, poison)]))
    assert body["leftOut"] == {"records": 1, "calls": 1, "payloads": 0}
    assert body["records"]["ids"] == [poison.id]
    assert [told[0] for told in body["calls"]] == [1, 3]
    assert head["fates"] == {"processed": 1, "dead_lettered": 1}


def test_the_same_text_stands_once() -> None:
    """And one that has no room is said to be somewhere else."""
    texts = Texts()
    texts.limit("traceback", 10)
    assert [texts.put(one, "traceback") for one in ("12345", "67890", "12345", "a", None)] == [0, 1, 0, -2, -1]
    assert texts.put("as long as it likes") == 2


def test_beginnings_fit_into_a_budget() -> None:
    """But are never shorter than can be read, nor longer than anybody wants."""
    assert cut(["abcdef", "ab"], 8, least=2, most=5) == ["abc…", "ab"]
    assert cut(["abcdef"] * 9, 8, least=3, most=5) == ["ab…"] * 9
    assert cut(["abcdef"], 100, least=1, most=4) == ["abc…"]
    assert cut([], 100, least=1, most=4) == []


def test_json_is_compact() -> None:
    """And keeps what is not ASCII, and dates as text."""
    assert as_json({"a": ["ä", 1]}) == '{"a":["ä",1]}'


def test_what_was_left_out_is_not_empty() -> None:
    """A record that nobody looked through has no beginning, and no payload; one that is empty has both."""
    left_out = record(1, payload={}, brief="", fate="dead_lettered")
    empty = record(2, payload={"body": ""}, brief="")
    unreadable = record(3, payload={}, brief="(not shown)", fate="pending")
    _, body = parsed(run([left_out, empty, unreadable], []))
    assert body["records"]["briefs"] == [None, "(not shown)", ""]
    assert list(body["records"]["payloads"]) == ["2"]
    assert body["leftOut"]["payloads"] == 1


# -- the page ----------------------------------------------------------------------------------------------------------

HOSTILE = "</script><!--<script>\u2028\u2029\ud800 &amp; \x00"


def test_nothing_ends_the_element_that_it_stands_in() -> None:
    """What a payload says is data: it is there once, and cannot be told apart from what it was."""
    one = record(1, brief=HOSTILE, payload={"body": HOSTILE}, fate="dead_lettered")
    error = ErrorView("ValueError", "", HOSTILE)
    view = run([one], [failing(1, one, event_text=json.dumps(HOSTILE), problem=HOSTILE, error=error)])
    told = entry_of(ToldTest(test=HOSTILE, outcome="failed", view=view))
    page = page_of([told], title=HOSTILE, made=HOSTILE, comparisons=[json.dumps({"title": HOSTILE})])
    data = re.findall(r'<script type="application/json" data-kind="(\w+)">(.*?)</script>', page, re.DOTALL)
    assert [kind for kind, _ in data] == ["head", "body", "comparison"]
    assert not [text for _, text in data if "<" in text or "\u2028" in text or "\u2029" in text or "\n" in text]
    assert json.loads(data[0][1])["test"] == HOSTILE
    assert json.loads(data[1][1])["records"]["briefs"] == [HOSTILE]
    assert json.loads(data[2][1]) == {"title": HOSTILE}
    assert "&lt;/script&gt;&lt;!--&lt;script&gt;" in page
    page.encode("utf-8")


def test_an_entry_can_be_written() -> None:
    """Half a character of UTF-16 is escaped, and read back as what it was."""
    told = entry_of(ToldTest(test="\ud83d", outcome="", view=run([], [])))
    told.encode("utf-8")
    assert json.loads(told.partition("\n")[0])["test"] == "\ud83d"


def test_the_page_needs_nothing_else() -> None:
    """No address but those of a namespace and of data, and a policy that would forbid it."""
    page = page_of([], title="T", made="M")
    assert set(re.findall(r"\w+://[\w.]+", page)) == {"http://www.w3.org"}
    assert set(re.findall(r'(?:src|href)="([^"]*)"', page)) == {"#main", "data:,"}
    assert not re.findall(r"url\(|@import", page)
    assert "default-src 'none'" in page
    assert "{{" not in page.partition("<script>")[0]
    assert page.count("<script>") == 1
    assert "eval(" not in page
    assert "innerHTML" not in page


def test_no_script_of_the_page_could_end_it() -> None:
    """Nor does its style."""
    page = page_of([], title="T", made="M")
    assert page.count("</script") == 1
    assert page.count("</style") == 1


def test_the_same_entries_make_the_same_page() -> None:
    """To the last byte."""
    view = run([record(1)], [call(1, [record(1)])])
    made = [page_of([entry_of(ToldTest(test="t", outcome="passed", view=view))], title="T", made="M") for _ in "12"]
    assert made[0] == made[1]


def test_the_view_is_left_alone() -> None:
    """Two pages of one run are possible."""
    view = run([record(1)], [call(1, [record(1)])])
    before = replace(view)
    parsed(view)
    assert (view.records, view.calls, view.steps) == (before.records, before.calls, before.steps)
