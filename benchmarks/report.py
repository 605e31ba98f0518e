"""The report of a run of 10,000 records: how long it takes to make, how large it is, and how soon it is there.

A queue with retries: some records fail once, some for ever, and each batch takes its time, so that few are alike.
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Bar, seconds
from pytest_lambda_events import Harness
from pytest_lambda_events.cassette.redact import Redactor, Rules
from pytest_lambda_events.report.page import ToldTest, entry_of, page_of
from pytest_lambda_events.report.redacted import redacted_for_page
from pytest_lambda_events.report.view import view_of

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS = 10_000
POISON_EVERY = 500
FLAKY_EVERY = 40
BROWSER = Path(__file__).parents[1] / "tests" / "browser" / "conftest.py"

# from when the address was known until the first rows were drawn, in milliseconds
OPENED = """
new Promise((done) => {
  const wait = () => (document.querySelector(".row svg") ? requestAnimationFrame(() => done(performance.now()))
    : requestAnimationFrame(wait));
  wait();
})
"""


def _handler(event: Any, _context: Any) -> Any:
    time.sleep(0.05)
    failed = [one["messageId"] for one in event["Records"] if _fails(one)]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


def _fails(message: Any) -> bool:
    number = json.loads(message["body"])["order"]
    is_first = message["attributes"]["ApproximateReceiveCount"] == "1"
    return bool(number % POISON_EVERY == 0 or (number % FLAKY_EVERY == 1 and is_first))


def _run() -> Any:
    """What happened, as a run."""
    with Harness() as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=4)
        mapping = aws.event_source_mapping(queue, _handler, FunctionResponseTypes=["ReportBatchItemFailures"])
        queue.send(*[{"order": number, "customer": f"customer-{number}@example.com"} for number in range(RECORDS)])
        run = mapping.run_until_idle()
        assert len(run.dead_lettered) == RECORDS // POISON_EVERY
    return run


def _page(run: Any) -> str:
    view = redacted_for_page(view_of(run), Redactor(Rules()))
    told = ToldTest(test="tests/test_orders.py::test_all_of_them", outcome="failed", view=view)
    return page_of([entry_of(told)], title="Report", made="benchmark")


def _opening(page: str) -> float | None:
    """Seconds until its first rows are there, in headless Chromium; None where that is missing. The best of three."""
    browser = _browser()
    if (path := browser.chromium_path()) is None:
        return None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        profile = Path(folder) / "profile"
        profile.mkdir()
        chromium = browser.Chromium(path, profile)
        try:
            found = []
            for _ in range(3):
                tab = browser.Tab(chromium, file, width=1280, scheme="light", fragment="")
                found.append(float(tab.js(OPENED)))
                tab.close()
        finally:
            chromium.end()
    return min(found) / 1000


def _browser() -> Any:
    """What the tests talk to Chromium with."""
    spec = importlib.util.spec_from_file_location("browser", BROWSER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run() -> Iterator[Bar]:
    """Made, weighed and opened."""
    happened = _run()
    detail = f"{RECORDS:,} records, {len(happened.invocations):,} invocations"
    yield Bar(
        what="making a report", measured=seconds(lambda: _page(happened), cpu=True), most=2, unit=" s", detail=detail
    )
    page = _page(happened)
    size = len(page.encode("utf-8")) / 1_000_000
    yield Bar(what="its size", measured=size, most=5, unit=" MB")
    opening = _opening(page)
    missing = "no Chromium here" if opening is None else ""
    what = "opening it in Chromium, until its rows are drawn"
    yield Bar(what=what, measured=opening, most=1, unit=" s", detail=missing)
