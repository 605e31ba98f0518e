"""--lambda-events-traces: a file for each test, under a name that every system takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.plugin.reports import trace_name
from pytest_lambda_events.report import files, page, trace_file
from pytest_lambda_events.report.trace_file import read_trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEST = """
    import pytest

    @pytest.mark.parametrize("body", ["a", "A", "a/b", "c:\\\\d", "\\u00e9", ""])
    def test_x(lambda_events, body):
        queue = lambda_events.sqs_queue("orders")
        queue.send("one", "two")
        lambda_events.event_source_mapping(queue, lambda *_: None).run_until_idle()
        assert body != "A"

    def test_without():
        pass
"""


def test_each_test_has_one(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """Whatever its parameters are, and whether it failed; another tool can read it."""
    result = run_pytest(TEST, "--lambda-events-traces=out/traces")
    result.assert_outcomes(passed=6, failed=1)
    found = sorted((pytester.path / "out" / "traces").iterdir())
    assert len({path.name.lower() for path in found}) == 6
    assert all(
        re.fullmatch(r"test_each_test_has_one\.py-test_x[\w.-]*-[0-9a-f]{12}\.json", path.name) for path in found
    )
    traced = [read_trace(path) for path in found]
    assert {one.test.partition("[")[0] for one in traced if one.test} == {"test_each_test_has_one.py::test_x"}
    assert [len(one.view.records) for one in traced] == [2] * 6
    result.stdout.fnmatch_lines(["*- lambda events traces: *traces (6 tests) -*"])
    assert not (pytester.path / "report.html").exists()


def test_the_report_links_it(run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From where it stands; the ini file may ask for both."""
    linked: list[str | None] = []

    def entry_of(told: Any) -> str:
        linked.append(told.trace_file)
        return "{}"

    monkeypatch.setattr(page, "entry_of", entry_of)
    pytester.makeini("[pytest]\nlambda_events_report = out/report.html\nlambda_events_traces = traces\n")
    run_pytest(TEST)
    assert len(linked) == 6
    assert all(str(link).startswith("../traces/test_the_report_links_it.py-test_x") for link in linked)
    assert all((pytester.path / "out" / str(link)).exists() for link in linked)


def test_a_trace_that_cannot_be_written_is_said(
    run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test is in the report nonetheless."""

    def full(file: Path, text: str) -> None:
        if file.suffix == ".json":
            raise UsageError(f"{file} cannot be written: No space left on device")
        put(file, text)

    put = files.put
    monkeypatch.setattr(files, "put", full)
    result = run_pytest(TEST, "--lambda-events-traces=traces", "--lambda-events-report=report.html", "-k", "c:")
    result.stdout.fnmatch_lines(
        [
            "lambda events report: *::test_x?c:*d? has no trace: *.json cannot be written: No space left on device",
            "*- lambda events report: *report.html (1 test) -*",
            "*- lambda events traces: *traces (no test used a harness) -*",
        ]
    )


def test_what_cannot_be_redacted_is_not_written(
    run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is half of it."""

    def fails(*_: Any, **__: Any) -> str:
        raise ValueError("no")

    monkeypatch.setattr(trace_file, "trace_text", fails)
    result = run_pytest(TEST, "--lambda-events-traces=traces", "-k", "c:")
    result.assert_outcomes(passed=1, deselected=6)
    result.stdout.fnmatch_lines(["lambda events report: *::test_x?c:*d? is left out: ValueError: no"])
    assert list((pytester.path / "traces").iterdir()) == []


@pytest.mark.parametrize(
    ("test", "readable"),
    [
        ("tests/test_a.py::test_b", "test_a.py-test_b"),
        ("test_a.py::test_b[../../etc]", "test_a.py-test_b-..-..-etc"),
        ("con", "con"),
        ("...", "test"),
        ("\udcff", "test"),
        ("x" * 500, "x" * 80),
    ],
)
def test_names(test: str, readable: str) -> None:
    """What can be read, and what makes it the only one of its name."""
    assert re.fullmatch(re.escape(readable) + r"-[0-9a-f]{12}\.json", trace_name(test))
    assert trace_name(test) != trace_name(f"{test} (run 2)")
