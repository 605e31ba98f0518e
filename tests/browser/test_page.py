"""The page in a browser: reports of every source open without a complaint, show every record, and obey filter and keys.

Screenshots of each, at two widths and in both colour schemes, are left in the test's temporary folder.
"""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from pytest_lambda_events import Harness
from pytest_lambda_events.cassette.redact import Redactor
from pytest_lambda_events.report.page import ToldTest, entry_of, page_of
from pytest_lambda_events.report.redacted import redacted_for_page
from pytest_lambda_events.report.view import view_of
from pytest_lambda_events.responses import s3_batch_response

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lambda_events.report.view import RunView

GIVEN_UP = "arn:aws:sqs:us-east-1:123456789012:given-up"
STREAM = {
    "StartingPosition": "TRIM_HORIZON",
    "MaximumRetryAttempts": 1,
    "DestinationConfig": {"OnFailure": {"Destination": GIVEN_UP}},
}
PROVISIONED = {"ProvisionedPollerConfig": {"MinimumPollers": 1}}
HOSTILE = '<script>document.title = "poisoned"</script><img src=x onerror=alert(1)>'
TEXTS = ("good", f"poison {HOSTILE}", "fine")


def handler(event: Any, _context: Any) -> None:
    """Refuses every batch with a poison record, whatever carries it."""
    text = json.dumps(event)
    if "poison" in text or base64.b64encode(b"poison").decode()[:8] in text:
        raise ValueError(f"no such order: {HOSTILE}")


def jobs_handler(event: Any, _context: Any) -> Any:
    code = "PermanentFailure" if "poison" in event["tasks"][0]["s3Key"] else "Succeeded"
    return s3_batch_response(event, code, HOSTILE)


def sqs(aws: Harness) -> Any:
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
    mapping = aws.event_source_mapping(queue, handler, BatchSize=1)
    queue.send(*TEXTS)
    return mapping


def sqs_fifo(aws: Harness) -> Any:
    queue = aws.sqs_queue("orders.fifo", VisibilityTimeout=30, maxReceiveCount=3, ContentBasedDeduplication=True)
    mapping = aws.event_source_mapping(queue, handler, BatchSize=1)
    queue.send(*TEXTS, message_group_id="g")
    return mapping


def kinesis(aws: Harness) -> Any:
    aws.sqs_queue("given-up")
    stream = aws.kinesis_stream("clicks")
    mapping = aws.event_source_mapping(stream, handler, BisectBatchOnFunctionError=True, **STREAM)
    stream.send(*TEXTS, partition_key="k")
    return mapping


def dynamodb(aws: Harness) -> Any:
    aws.sqs_queue("given-up")
    table = aws.dynamodb_table("orders")
    mapping = aws.event_source_mapping(table, handler, BisectBatchOnFunctionError=True, **STREAM)
    for text in TEXTS:
        table.put({"id": text})
    return mapping


def activemq(aws: Harness) -> Any:
    queue = aws.activemq_queue("orders")
    mapping = aws.event_source_mapping(queue, handler, BatchSize=1)
    queue.send(*TEXTS)
    return mapping


def rabbitmq(aws: Harness) -> Any:
    aws.rabbitmq_queue("dead")
    arguments = {"x-message-ttl": 5_000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    queue = aws.rabbitmq_queue("orders", arguments=arguments)
    mapping = aws.event_source_mapping(queue, handler, BatchSize=1)
    queue.send(*TEXTS)
    return mapping


def kafka(aws: Harness) -> Any:
    aws.sqs_queue("given-up")
    topic = aws.kafka_topic("orders", partitions=2)
    mapping = aws.event_source_mapping(topic, handler, BatchSize=1, **STREAM, **PROVISIONED)
    topic.send(*TEXTS, partition=lambda number: number % 2)
    return mapping


def msk(aws: Harness) -> Any:
    aws.sqs_queue("given-up")
    topic = aws.msk_topic("orders", partitions=2)
    mapping = aws.event_source_mapping(topic, handler, BatchSize=1, **STREAM, **PROVISIONED)
    topic.send(*TEXTS, partition=lambda number: number % 2)
    return mapping


def documentdb(aws: Harness) -> Any:
    collection = aws.documentdb_collection("shop.orders")
    left = iter(range(2))

    def refuses_twice(event: Any, context: Any) -> None:
        if "poison" in json.dumps(event) and next(left, None) is not None:
            handler(event, context)

    mapping = aws.event_source_mapping(collection, refuses_twice, BatchSize=1, StartingPosition="TRIM_HORIZON")
    collection.insert(*[{"_id": number, "text": text} for number, text in enumerate(TEXTS)])
    return mapping


def s3_batch(aws: Harness) -> Any:
    return aws.s3_batch_job(jobs_handler, keys=list(TEXTS), schema="2.0")


class Source(NamedTuple):
    """How a small run of it is made, and how poison ends there: its fate, and in words."""

    make: Callable[[Harness], Any]
    fate: str
    end: str


SOURCES = {
    "sqs": Source(sqs, "dead_lettered", "it was moved to orders-dlq"),
    "sqs_fifo": Source(sqs_fifo, "dead_lettered", "it was moved to orders-dlq.fifo"),
    "kinesis": Source(kinesis, "discarded", "its invocation record was sent to given-up"),
    "dynamodb": Source(dynamodb, "discarded", "its invocation record was sent to given-up"),
    "activemq": Source(activemq, "dead_lettered", "it was dead-lettered to ActiveMQ.DLQ"),
    "rabbitmq": Source(rabbitmq, "dead_lettered", "it was dead-lettered to dead"),
    "kafka": Source(kafka, "discarded", "its invocation record was sent to given-up"),
    "msk": Source(msk, "discarded", "its invocation record was sent to given-up"),
    "documentdb": Source(documentdb, "processed", "the checkpoint moved past it"),
    "s3_batch": Source(s3_batch, "discarded", "it failed for good"),
}
each_source = pytest.mark.parametrize("name", SOURCES)


def ran(name: str) -> RunView:
    """A small run: success, and poison."""
    with Harness(region="us-east-1") as aws:
        return view_of(SOURCES[name].make(aws).run_until_idle())


@pytest.fixture(scope="session")
def views(chromium: Any) -> dict[str, RunView]:
    """A run of every source."""
    return {name: ran(name) for name in SOURCES}


def nodeid(name: str) -> str:
    return f"tests/test_shop.py::test_{name}"


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """`written({name: view})`: a page with a test for each; those with "fail" in the name failed."""

    def write(views: dict[str, RunView], **page: Any) -> Path:
        entries = [
            entry_of(ToldTest(test=nodeid(name), outcome="failed" if "fail" in name else "passed", view=view))
            for name, view in views.items()
        ]
        path = tmp_path / "report.html"
        text = page_of(entries, title="Report", made="now", **page)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def rows(tab: Any) -> int:
    return int(tab.js("document.querySelectorAll('.test:not([hidden]) .timeline > .rows > .row').length"))


def filtered(tab: Any, **values: str) -> None:
    """As if these were typed or chosen."""
    for field, value in values.items():
        tab.js(
            f"{{ const field = document.getElementById('{field}'); field.value = {json.dumps(value)};"
            " field.dispatchEvent(new Event('input')); }"
        )
    tab.settle()


@each_source
def test_a_report_of_every_source(opened: Any, written: Any, views: Any, tmp_path: Path, name: str) -> None:
    """It opens without a word in the console and without a request, with a row for each record, at both widths and in
    both schemes; nothing is wider than the window.
    """
    path = written({name: views[name]})
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            tab = opened(path, width=width, scheme=scheme)
            assert rows(tab) == len(views[name].records) >= 3
            tab.js("document.querySelectorAll('.row-head, .calls .link').forEach((button) => button.click())")
            tab.settle()
            assert tab.js("document.querySelectorAll('.row .panel').length") == len(views[name].records)
            assert tab.js("document.querySelectorAll('.calls .opened').length") == len(views[name].calls)
            assert tab.js("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
            assert tab.screenshot(tmp_path / f"{name}-{width}-{scheme}.png").stat().st_size > 10_000
            assert tab.complaints == []


@each_source
def test_what_became_of_poison(opened: Any, written: Any, views: Any, name: str) -> None:
    """The page alone says how often it was tried, when, why it failed and where it ended."""
    view = views[name]
    poison = view.records[1]
    assert poison.fate == SOURCES[name].fate
    tab = opened(written({name: view}))
    tab.js(f"document.querySelector('.row-head[data-record={json.dumps(poison.id)}]').click()")
    verdict = tab.js("document.querySelector('.row .verdict').textContent").replace("\xa0", " ")
    times = len(poison.attempts)
    if times > 7:
        assert f"It was tried {times} times, at " in verdict
    else:
        assert f"It was tried {'once' if times == 1 else f'{times} times'}, at " in verdict
        assert f"{poison.attempts[-1]:g} s" in verdict
    assert HOSTILE in verdict
    assert tab.js("document.title") == "Report"
    assert SOURCES[name].end in verdict.rpartition(" At ")[2]


def test_every_source_in_one_page(opened: Any, written: Any, views: Any) -> None:
    """A list of tests, of which none is drawn before it is opened; the filter finds by test, record and fate."""
    tab = opened(written(views))
    shown = "[...document.querySelectorAll('.test')].filter(test => !test.hidden)"
    matches = "document.getElementById('matches').textContent"
    assert tab.js(f"{shown}.length") == len(SOURCES)
    assert tab.js("document.querySelectorAll('.timeline').length") == 0
    assert tab.js(matches) == ""

    filtered(tab, query="test_kinesis")
    assert tab.js(f"{shown}.length") == 1
    assert tab.js(matches) == "3 records in 1 test match"
    tab.js("document.querySelector('.test:not([hidden]) .test-head').click()")
    assert rows(tab) == 3

    filtered(tab, query="", fate="discarded")
    discarded = [name for name, view in views.items() if any(one.fate == "discarded" for one in view.records)]
    assert tab.js(f"{shown}.length") == len(discarded)
    assert rows(tab) == 1
    assert tab.js("location.hash") == "#fate=discarded&open=2"

    some = views["kafka"].records[0]
    filtered(tab, query=some.id.upper(), fate="")
    assert rows(tab) == 0
    assert tab.js(f"{shown}.map(test => test.querySelector('.name').textContent)") == ["test_kafka", "test_msk"]
    filtered(tab, query="nothing like it")
    assert tab.js(matches) == "0 records in 0 tests match"
    assert tab.js("[...document.querySelectorAll('main > .empty')].map(one => one.hidden)") == [False]
    assert tab.complaints == []


def test_an_address_that_was_shared(opened: Any, written: Any, views: Any) -> None:
    """Filter and open tests are those of the sender, also when the address changes later."""
    two = {"fails": views["sqs"], "kinesis": views["kinesis"]}
    tab = opened(written(two), fragment="#q=poison&open=1")
    assert tab.js("document.getElementById('query').value") == "poison"
    assert tab.js("document.getElementById('matches').textContent") == "2 records in 2 tests match"
    assert rows(tab) == 1
    tab.js("location.hash = '#outcome=failed'")
    tab.settle()
    assert tab.js("document.getElementById('matches').textContent") == "3 records in 1 test match"
    assert tab.js("document.getElementById('outcome-field').hidden") is False


def test_tests_that_failed_come_first(opened: Any, written: Any, views: Any) -> None:
    """The overview is in the order in which people look."""
    tab = opened(written({"kinesis": views["kinesis"], "fails": views["sqs"]}))
    assert tab.js("[...document.querySelectorAll('.name')].map(one => one.textContent)") == [
        "test_fails",
        "test_kinesis",
    ]


def test_every_outcome_that_a_test_can_have(opened: Any, tmp_path: Path, views: Any) -> None:
    """Those of pytest, in the order in which people look, counted and to choose from."""
    outcomes = ["skipped", "xfailed", "passed", "xpassed", "failed", "error"]
    told = [ToldTest(test=nodeid(one), outcome=one, view=views["sqs"]) for one in outcomes]
    path = tmp_path / "report.html"
    path.write_text(page_of([entry_of(one) for one in told], title="Report", made="now"), encoding="utf-8")
    tab = opened(path)

    assert tab.js("[...document.querySelectorAll('.name')].map(one => one.textContent)") == [
        f"test_{one}" for one in reversed(outcomes)
    ]
    summary = "(1 with an error, 1 failed, 1 xpassed, 1 passed, 1 xfailed, 1 skipped)"
    assert summary in tab.js("document.getElementById('summary').textContent")
    filtered(tab, outcome="xfailed")
    assert tab.js("[...document.querySelectorAll('.test:not([hidden]) .name')].map(one => one.textContent)") == [
        "test_xfailed"
    ]
    assert tab.complaints == []


def test_everything_by_keyboard(opened: Any, written: Any, views: Any) -> None:
    """Search with /, rows and marks with the arrows, Enter opens, Escape closes."""
    tab = opened(written({"sqs": views["sqs"]}))
    focus = "document.activeElement"
    tab.key("Tab")
    assert tab.js(f"{focus}.id") == "skip"
    tab.key("/", 191, "/")
    assert tab.js(f"{focus}.id") == "query"
    tab.type("poison")
    tab.settle()
    assert rows(tab) == 1
    tab.key("Escape")
    tab.settle()
    assert rows(tab) == 3

    tab.js("document.querySelector('.row-head').focus()")
    tab.key("ArrowDown")
    assert tab.js(f"{focus}.dataset.record") == views["sqs"].records[0].id
    tab.key("ArrowUp")
    assert tab.js(f"{focus}.dataset.record") == views["sqs"].records[1].id
    tab.key("ArrowRight")
    assert tab.js("document.getElementById('said').textContent") == "0 s: sent to orders"
    tab.key("ArrowRight")
    tab.key("ArrowRight")
    said = tab.js("document.getElementById('said').textContent")
    assert said.startswith("0 s: invocation #2: failed: raised ValueError: no such order: <script>")
    assert tab.js("document.getElementById('tip').textContent") == said
    tab.key("Enter")
    assert tab.js("document.querySelectorAll('.row .panel').length") == 1
    tab.key("Tab")
    assert tab.js(f"{focus}.getAttribute('aria-label')") == "Open invocation 2"
    tab.key("Enter")
    assert tab.js(f"{focus}.getAttribute('aria-expanded')") == "true"
    assert "ValueError" in tab.js("document.querySelector('.calls .opened pre').textContent")
    tab.key("Escape")
    assert tab.js("document.querySelectorAll('.calls .opened').length") == 0
    tab.js("document.querySelector('.row .panel button').focus()")
    tab.key("Escape")
    assert tab.js("document.querySelectorAll('.row .panel').length") == 0
    assert tab.js(f"{focus}.className") == "row-head"
    assert tab.complaints == []


def test_pointing_at_a_mark(opened: Any, written: Any, views: Any) -> None:
    """It is said in words, and no longer when the pointer is somewhere else; a click opens the row."""
    tab = opened(written({"sqs": views["sqs"]}))
    place = tab.js(
        "(box => [box.x + box.width / 2, box.y + box.height / 2])"
        "(document.querySelector('.row [data-mark=dead_lettered]').getBoundingClientRect())"
    )
    tip = "document.getElementById('tip')"
    tab.ask("Input.dispatchMouseEvent", type="mouseMoved", x=place[0], y=place[1])
    assert tab.js(f"{tip}.textContent") == "90 s: moved to orders-dlq"
    tab.ask("Input.dispatchMouseEvent", type="mouseMoved", x=place[0] - 60, y=place[1])
    assert tab.js(f"{tip}.hidden") is True
    for kind in ("mousePressed", "mouseReleased"):
        tab.ask("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
    assert tab.js("document.querySelectorAll('.row .panel').length") == 1
    tab.js("document.querySelector('.chart svg').dispatchEvent(new PointerEvent('pointermove', {clientX: 9999}))")
    assert tab.js(f"{tip}.textContent") == "0 at 90 s"


def test_names_for_those_who_do_not_see(opened: Any, written: Any, views: Any) -> None:
    """Every drawing says what it shows, every control has a name, headings leave out no level, ids are used once."""
    tab = opened(written({"sqs": views["sqs"]}))
    assert tab.js(
        "[...document.querySelectorAll('svg[role=img]')].every(one => one.ariaLabel || one.querySelector('title'))"
    )
    label = tab.js("document.querySelector('.lane svg').getAttribute('aria-label')")
    assert label.startswith("0 s: sent to orders; 0 s: received (1st time); 0 s: invocation #2: failed")
    controls = "[...document.querySelectorAll('button, select, input')]"
    assert tab.js(f"{controls}.every(one => one.textContent.trim() || one.ariaLabel || one.labels?.length)")
    levels = tab.js("[...document.querySelectorAll('h1, h2, h3, h4, h5')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert tab.js(
        "(ids => ids.length === new Set(ids).size)([...document.querySelectorAll('[id]')].map(one => one.id))"
    )
    for landmark in ("body > header", "body > main", "body > footer", "[role=search]", "h1"):
        assert tab.js(f"document.querySelectorAll('{landmark}').length") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(opened: Any, written: Any, views: Any, scheme: str) -> None:
    """All text has a contrast of 4.5 to 1 with what is behind it (WCAG 2, AA), with everything open."""
    tab = opened(written({"sqs": views["sqs"], "fails": views["kinesis"]}), scheme=scheme)
    tab.js("document.querySelectorAll('.test-head').forEach((button) => button.click())")
    tab.settle()
    tab.js("document.querySelectorAll('.row-head, .calls .link').forEach((button) => button.click())")
    tab.settle()
    assert tab.poor_contrasts == []


def test_the_theme_can_be_chosen(opened: Any, written: Any, views: Any) -> None:
    """As the system, light, dark; and what was chosen stays."""
    path = written({"sqs": views["sqs"]})
    tab = opened(path)
    page = "getComputedStyle(document.documentElement).backgroundColor"
    light = tab.js(page)
    tab.js("document.getElementById('theme').click(); document.getElementById('theme').click()")
    assert tab.js("document.getElementById('theme').textContent") == "Theme: dark"
    assert tab.js(page) != light
    again = opened(path)
    assert again.js(page) != light
    again.js("document.getElementById('theme').click()")
    assert again.js(page) == light


def test_ten_thousand_records(opened: Any, written: Any, tmp_path: Path) -> None:
    """They are counted in a few rows; each can be reached; those in trouble first."""

    def reporting(event: Any, context: Any) -> Any:
        failed = [one["messageId"] for one in event["Records"] if one["body"].endswith("999")]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}

    with Harness(region="us-east-1") as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=2)
        reports = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
        mapping = aws.event_source_mapping(queue, reporting, duration=0.1, **reports)
        queue.send(*[f"order {number}" for number in range(10_000)])
        view = view_of(mapping.run_until_idle())
    tab = opened(written({"many": view}))
    heads = "[...document.querySelectorAll('.timeline > .rows > .row > .row-head')].map(one => one.textContent)"
    dead, fine = tab.js(heads)
    assert dead.startswith("10 records, tried 2 times each")
    assert fine.startswith("9,990 records, tried once each")
    tab.js("document.querySelectorAll('.row-head')[1].click()")
    assert tab.js("document.querySelectorAll('.members > .row').length") == 50
    lefts = "[...document.querySelectorAll('.axis, .lane')].map(one => one.getBoundingClientRect().left)"
    assert len(set(tab.js(lefts))) == 1
    tab.js("document.querySelector('.is-list .more').click()")
    assert tab.js("document.querySelectorAll('.members > .row').length") == 100
    filtered(tab, query="order 4999")
    assert rows(tab) == 1
    filtered(tab, query="")
    tab.js("document.querySelector('.trouble .link').click()")
    assert "It was tried 2 times" in tab.js("document.querySelector('.single .verdict').textContent")
    unseen = "[...document.querySelectorAll('.calls .link')]"
    tab.js("document.querySelector('.controls [aria-pressed=true]').click()")
    more = "document.querySelector('.calls').parentElement.nextElementSibling.firstChild"
    tab.js(f"while (!{more}.hidden) {more}.click()")
    assert tab.js(f"{unseen}.length") == len(view.calls)
    tab.js(f"{unseen}[900].click()")
    assert "--lambda-events-traces=DIR" in tab.js("document.querySelector('.calls .elsewhere').textContent")
    tab.screenshot(tmp_path / "many.png")
    assert tab.complaints == []


def test_zoom(opened: Any, written: Any, views: Any) -> None:
    """Closer, to the side, and back; to scale, and with its waits cut."""
    tab = opened(written({"sqs": views["sqs"], "kinesis": views["kinesis"]}), fragment="#open=1")
    ticks = "[...document.querySelectorAll('.axis text')].map(one => one.textContent)"
    before = tab.js(ticks)
    button = "[...document.querySelectorAll('.controls button')].find(one => one.{} === '{}').click()"
    tab.js(button.format("ariaLabel", "Zoom in"))
    tab.js(button.format("ariaLabel", "Later"))
    closer = tab.js(ticks)
    assert closer != before
    assert tab.js("document.querySelector('.rows .lane svg').querySelectorAll('[data-mark]').length") < 10
    tab.js(button.format("ariaLabel", "Earlier"))
    tab.js(button.format("ariaLabel", "Zoom out"))
    assert tab.js(ticks) == before
    tab.js(button.format("textContent", "To scale"))
    assert tab.js("document.querySelectorAll('.lane .band').length") == 0
    assert tab.complaints == []


def test_a_long_wait_is_cut(opened: Any, written: Any) -> None:
    """Two days and a half of nothing take no more room than half a minute; behind them, seconds are counted anew."""
    with Harness(region="us-east-1") as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
        mapping = aws.event_source_mapping(queue, handler, BatchSize=1)
        queue.send("poison")
        queue.send("poison", at=216_000)
        view = view_of(mapping.run_until_idle())
    tab = opened(written({"late": view}))
    ticks = "[...document.querySelectorAll('.axis text')].map(one => one.textContent)"
    assert tab.js(ticks) == ["0 s", "30 s", "60 s", "90 s", "2 d 12 h", "+30 s", "+60 s", "+90 s"]
    assert tab.js("document.querySelectorAll('.axis .cut').length") == 1
    assert tab.js("document.querySelector('.note').textContent") == "Where the axis is broken, time is cut short."
    tab.js("document.querySelector('.controls button').click()")
    assert tab.js("document.querySelectorAll('.axis .cut').length") == 0
    assert tab.js(ticks)[:2] == ["0 s", "6 h"]
    zoom = "[...document.querySelectorAll('.controls button')].find(one => one.ariaLabel === '{}').click()"
    for _ in range(12):
        tab.js(zoom.format("Zoom in"))
    assert all(label.startswith(("1 d 5 h 59 min", "1 d 6 h")) for label in tab.js(ticks))
    assert len(tab.js(ticks)) > 1
    tab.js(zoom.format("Zoom out"))
    assert tab.complaints == []


def test_long_names_in_a_small_window(opened: Any, written: Any) -> None:
    """At 360 pixels nothing is wider than the window, however long the names are."""
    with Harness(region="us-east-1") as aws:
        queue = aws.sqs_queue("q" * 70, VisibilityTimeout=30, maxReceiveCount=2)
        pattern = json.dumps({"body": {"kind": ["k" * 200]}})
        mapping = aws.event_source_mapping(queue, handler, FilterCriteria={"Filters": [{"Pattern": pattern}]})
        queue.send({"kind": "k" * 200, "is": "poison"}, {"kind": "other"})
        view = view_of(mapping.run_until_idle())
    tab = opened(written({"n" * 200: view}), width=360, scheme="dark")
    tab.js("document.querySelectorAll('.row-head, .calls .link').forEach((button) => button.click())")
    tab.settle()
    assert tab.js("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert tab.complaints == []


def test_a_page_without_a_test(opened: Any, written: Any) -> None:
    """It says so."""
    tab = opened(written({}))
    assert tab.js("document.getElementById('summary').textContent") == "No test in this report had a mapping that ran."
    assert tab.js("document.getElementById('filter').hidden") is True
    assert tab.complaints == []


def test_a_run_without_a_record(opened: Any, written: Any) -> None:
    """It says so, too."""
    with Harness(region="us-east-1") as aws:
        view = view_of(aws.event_source_mapping(aws.sqs_queue("orders"), handler).run_until_idle())
    tab = opened(written({"nothing": view}))
    assert tab.js("[...document.querySelectorAll('.test .empty')].map(one => one.textContent)") == [
        "No records: nothing was put into a source that is mapped to a function.",
        "The function was never invoked.",
    ]
    assert tab.complaints == []


@pytest.mark.parametrize("width", [1280, 360])
def test_payloads_that_are_left_out(opened: Any, written: Any, tmp_path: Path, width: int) -> None:
    """Of 2,500 records 500 are known by their ids alone; the page says so, and where the rest is."""
    with Harness(region="us-east-1") as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=2)
        mapping = aws.event_source_mapping(queue, handler)
        queue.send(*["poison" if number == 5 else f"order {number}" for number in range(2_500)])
        view = redacted_for_page(view_of(mapping.run_until_idle()), Redactor(key=b"k" * 32))
    left_out = [record for record in view.records if not record.brief]
    assert len(left_out) == 500
    tab = opened(written({"many": view}), width=width, scheme="dark")
    notes = "[...document.querySelectorAll('.part .elsewhere')].map(one => one.textContent)"
    assert tab.js(notes)[0] == (
        "What 500 records carry is not in this report. --lambda-events-traces=DIR writes traces that have everything."
    )
    ids = [one.id for one in left_out[-30:]]
    filtered(tab, query=ids[0])
    head = "document.querySelector('.row-head')"
    assert tab.js(f"{head}.textContent") == f"{ids[0][:8]} processed"
    tab.js(f"{head}.click()")
    assert tab.js("document.querySelector('.row .panel .elsewhere').textContent").startswith("What it carries is not")
    assert tab.js("document.querySelectorAll('.row .panel .block').length") == 0
    tab.screenshot(tmp_path / f"left-out-{width}.png")
    filtered(tab, query="(empty)")
    assert rows(tab) == 0
    filtered(tab, query="")
    tab.js("[...document.querySelectorAll('.row-head')].pop().click()")
    more = "document.querySelector('.is-list .more')"
    tab.js(f"while (!{more}.hidden) {more}.click()")
    assert "(empty)" not in tab.js("document.querySelector('.timeline').textContent")
    assert tab.js("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert tab.complaints == []


def test_a_name_that_needs_escaping(opened: Any, written: Any, views: Any) -> None:
    """A file as CI systems call them, opened with what somebody shared behind the #: all of it is kept."""
    folder = written({"sqs": views["sqs"], "kinesis": views["kinesis"]}).parent / "job #7, 50% (1)"
    folder.mkdir()
    path = (folder.parent / "report.html").rename(folder / "my report #2 ä?.html")
    tab = opened(path, fragment="#q=poison%20%3Cscript&open=1")
    before = tab.js("location.href.split('#')[0]")
    assert before == path.as_uri()
    assert tab.js("document.getElementById('query').value") == "poison <script"
    assert rows(tab) == 1
    filtered(tab, query="fine & good")
    assert tab.js("location.href") == f"{before}#q=fine+%26+good&open=1"
    filtered(tab, query="")
    tab.js("document.querySelectorAll('.test-head')[1].click()")
    assert tab.js("location.href") == before
    assert tab.complaints == []
