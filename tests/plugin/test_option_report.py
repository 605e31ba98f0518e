"""--lambda-events-report: which tests are in it, how they ended, and that it never gets in a test's way."""

from __future__ import annotations

import json
import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

# before any inner run: pytester forgets what an inner run imported, and what is replaced here is to stay replaced
from pytest_lambda_events.report import page, redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

# What the page looks like is its own business, and tested in its own place: here each entry is a line.
PLAIN = """
    import json

    from pytest_lambda_events.report import page

    def entry_of(told):
        briefs = [record.brief for record in told.view.records]
        return json.dumps([told.test, told.outcome, briefs, told.trace_file], ensure_ascii=False)

    def page_of(entries, *, title, made, comparisons=()):
        return "\\n".join([title, made, *entries])

    page.entry_of, page.page_of = entry_of, page_of
"""


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page, in this process, is a list of entries."""
    for name in ("entry_of", "page_of"):
        monkeypatch.setattr(page, name, getattr(page, name))  # put back afterwards
    exec(compile(dedent(PLAIN), "conftest.py", "exec"), {})  # noqa: S102 - the text above


def told(path: Path) -> dict[str, tuple[str, list[str], str | None]]:
    """What the plain page says of each test, in its order."""
    return {test: tuple(rest) for test, *rest in map(json.loads, path.read_text(encoding="utf-8").splitlines()[2:])}


def outcomes(path: Path) -> dict[str, str]:
    """Of each test its name and its outcome."""
    return {test.rpartition("::")[2]: outcome for test, (outcome, *_) in told(path).items()}


USES = """
    import pytest

    def handler(event, context):
        assert event["Records"][0]["body"] != "poison"

    def run(aws, *bodies):
        queue = aws.sqs_queue("orders", maxReceiveCount=2)
        queue.send(*bodies)
        return aws.event_source_mapping(queue, handler).run_until_idle()
"""
ENDINGS = f"""{USES}
    def test_passes(lambda_events):
        run(lambda_events, "good")

    def test_fails(lambda_events):
        assert run(lambda_events, "poison").processed

    def test_skips(lambda_events):
        run(lambda_events, "good")
        pytest.skip()

    @pytest.mark.xfail
    def test_fails_as_expected(lambda_events):
        assert run(lambda_events, "poison").processed

    @pytest.mark.xfail
    def test_passes_against_expectation(lambda_events):
        run(lambda_events, "good")

    @pytest.fixture
    def broken(lambda_events):
        run(lambda_events, "good")
        raise ValueError

    def test_is_never_called(broken):
        pass

    @pytest.fixture
    def breaks(lambda_events):
        yield
        raise ValueError

    def test_passes_until_it_is_torn_down(lambda_events, breaks):
        run(lambda_events, "good")

    def test_fails_before_it_is_torn_down(lambda_events, breaks):
        assert run(lambda_events, "poison").processed

    @pytest.mark.skip
    def test_is_skipped(lambda_events):
        pass

    def test_uses_nothing():
        pass
"""


@pytest.mark.usefixtures("plain")
def test_every_test_with_a_harness_is_in_it(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """However it ended, with its records, in the order of names; the summary says where."""
    result = run_pytest(ENDINGS, "--lambda-events-report=out/report.html")
    path = pytester.path / "out" / "report.html"
    assert outcomes(path) == {
        "test_fails": "failed",
        "test_fails_as_expected": "xfailed",
        "test_fails_before_it_is_torn_down": "failed",
        "test_is_never_called": "error",
        "test_passes": "passed",
        "test_passes_against_expectation": "xpassed",
        "test_passes_until_it_is_torn_down": "error",
        "test_skips": "skipped",
    }
    assert list(outcomes(path)) == sorted(outcomes(path))
    found = {test.rpartition("::")[2]: briefs for test, (_, briefs, _) in told(path).items()}
    assert (found["test_passes"], found["test_fails"], found["test_is_never_called"]) == (
        ["good"],
        ["poison"],
        ["good"],
    )
    result.assert_outcomes(passed=3, failed=2, errors=3, skipped=2, xfailed=1, xpassed=1)
    result.stdout.fnmatch_lines([f"*- lambda events report: {path} (8 tests) -*"])


@pytest.mark.usefixtures("plain")
def test_it_says_of_what_and_when(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """The project's name; the time on the wall, also when the last test froze it."""
    run_pytest(ENDINGS, "--lambda-events-report=report.html", "-k", "test_passes")
    title, made, *_ = (pytester.path / "report.html").read_text(encoding="utf-8").splitlines()
    assert title == pytester.path.name
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d", made)
    assert not made.startswith("2025-01-01")


def test_the_page_is_html(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """As it is, without what these tests make of it."""
    run_pytest(ENDINGS, "--lambda-events-report=report.html", "-k", "test_passes").assert_outcomes(
        passed=2, errors=1, xpassed=1, deselected=7
    )
    text = (pytester.path / "report.html").read_text(encoding="utf-8")
    assert text.lower().startswith("<!doctype html")
    assert "test_passes_until_it_is_torn_down" in text


@pytest.mark.usefixtures("plain")
def test_a_test_runs_more_than_once(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """As plugins that let failed tests run again do it: each run is told; one that got no harness is not."""
    pytester.makeconftest("""
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for _ in range(3):
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
                item._initrequest()
            return True
    """)
    source = f"""{USES}
    count = 0

    @pytest.fixture(autouse=True)
    def broken_at_last():
        assert count < 2

    def test_x(lambda_events):
        global count
        count += 1
        run(lambda_events, "good")
        assert count == 2
    """
    run_pytest(source, "--lambda-events-report=report.html")
    assert outcomes(pytester.path / "report.html") == {"test_x": "failed", "test_x (run 2)": "passed"}


@pytest.mark.usefixtures("plain")
def test_subtests_are_part_of_their_test(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """The view is taken when all of them are done; one that failed is a failure."""
    if not hasattr(pytest, "Subtests"):
        pytest.skip("pytest has subtests since 9.0")
    source = f"""{USES}
    def test_x(lambda_events, subtests):
        for body in ("good", "poison"):
            with subtests.test(body):
                queue = lambda_events.sqs_queue(maxReceiveCount=1)
                queue.send(body)
                assert lambda_events.event_source_mapping(queue, handler).run_until_idle().processed

    def test_y(lambda_events, subtests):
        with subtests.test():
            run(lambda_events, "good")
    """
    run_pytest(source, "--lambda-events-report=report.html")
    found = told(pytester.path / "report.html")
    assert outcomes(pytester.path / "report.html") == {"test_x": "failed", "test_y": "passed"}
    assert next(iter(found.values()))[1] == ["good", "poison"]


SCENARIO = """
{
  "source": {"sqs_queue": {"maxReceiveCount": 2}}, "handler": "handlers:handler",
  "records": [{"body": "good"}]
}
"""


@pytest.mark.usefixtures("plain")
def test_scenarios_are_in_it(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """The marker's, and files."""
    (pytester.path / "orders.lambda.json").write_text(SCENARIO, encoding="utf-8")
    pytester.makepyfile(handlers="def handler(event, context): pass")
    source = """
    import pytest

    @pytest.mark.lambda_scenario("orders.lambda.json")
    def test_x():
        pass
    """
    run_pytest(source, "--lambda-events-report=report.html").assert_outcomes(passed=2)
    assert outcomes(pytester.path / "report.html") == {"orders": "passed", "test_x": "passed"}


@pytest.mark.usefixtures("plain")
def test_a_live_harness_is_in_it(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """Also when nothing ran."""
    run_pytest("def test_x(lambda_events_live): pass", "--lambda-events-report=report.html")
    assert outcomes(pytester.path / "report.html") == {"test_x": "passed"}


@pytest.mark.usefixtures("plain")
def test_no_harness_no_entry(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """The report is written all the same, so that nobody looks at an old one."""
    result = run_pytest("def test_x(): pass", "--lambda-events-report=report.html")
    assert outcomes(pytester.path / "report.html") == {}
    result.stdout.fnmatch_lines(["*- lambda events report: *report.html (no test used a harness) -*"])


def test_collecting_writes_none(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """Nothing happened that could be told, and the last report stays."""
    run_pytest(ENDINGS, "--lambda-events-report=report.html", "--collect-only")
    assert not (pytester.path / "report.html").exists()


# -- where it is -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("plain")
def test_paths(run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line's begins where pytest was called; the ini file's where the project is."""
    folder = pytester.mkdir("below")
    pytester.makeini("[pytest]\nlambda_events_report = from-ini.html\n")
    monkeypatch.chdir(folder)
    run_pytest("def test_x(): pass", "--rootdir=..", "--lambda-events-report=typed.html", "..")
    run_pytest("def test_x(): pass", "--rootdir=..", "..")
    assert (folder / "typed.html").exists()
    assert (pytester.path / "from-ini.html").exists()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    run_pytest("def test_x(): pass", "--rootdir=..", "--lambda-events-report=~/at-home.html", "..")
    assert (folder / "at-home.html").exists()


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("report=.", "--lambda-events-report: *is a folder: name a file in it*"),
        ("report=test_x.txt/report.html", "--lambda-events-report: *test_x.txt cannot be written into: *"),
        ("traces=test_x.txt", "--lambda-events-traces: *test_x.txt cannot be written into: *"),
        ("report=~nobody-of-this-name/x.html", "--lambda-events-report: ~nobody-of-this-name/x.html: *"),
    ],
)
def test_a_place_that_cannot_be_written_is_said_at_once(
    run_pytest: Callable[..., Any], pytester: Any, option: str, words: str
) -> None:
    """Before any test runs."""
    (pytester.path / "test_x.txt").write_text("", encoding="utf-8")
    result = run_pytest("def test_x(): print('RAN')", f"--lambda-events-{option}", "-s")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{words}"])
    assert "RAN" not in result.stdout.str()


def test_so_are_rules_that_mean_nothing(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """Of redaction."""
    pytester.makepyprojecttoml("[tool.lambda_events.redact]\nrulez = []\n")
    result = run_pytest("def test_x(): pass", "--lambda-events-report=report.html")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*rulez*"])


# -- what is private ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_kept", [False, True])
def test_all_tests_of_a_run_have_one_key(
    run_pytest: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, is_kept: bool
) -> None:
    """Equal values have equal pseudonyms in all of a report; the project's key, where it keeps one."""
    monkeypatch.delenv("LAMBDA_EVENTS_REDACT_KEY", raising=False)
    if is_kept:
        monkeypatch.setenv("LAMBDA_EVENTS_REDACT_KEY", "a key that is kept somewhere, 1234")
    keys: list[str] = []
    monkeypatch.setattr(redacted, "redacted", lambda view, redactor, **_: keys.append(redactor.key_name) or view)
    for _ in range(2):
        run_pytest(ENDINGS, "--lambda-events-report=report.html", "-k", "test_passes")
    assert (len(keys), len(set(keys)), "random" in keys) == (6, 1 if is_kept else 2, False)
    assert len(set(keys[:3])) == 1


def test_events_that_the_page_shows_are_redacted(run_pytest: Callable[..., Any], monkeypatch: Any) -> None:
    """The first 200 and those of failures; with traces all of them."""
    asked: list[Any] = []

    def only_noted(view: Any, _: Any, *, calls: Any = None, records: Any = None) -> Any:
        asked.append((calls, records))
        return view

    monkeypatch.setattr(redacted, "redacted", only_noted)
    source = """
    def handler(event, context):
        assert event["Records"][0]["body"] != "250"

    def test_x(lambda_events):
        queue = lambda_events.sqs_queue("orders", maxReceiveCount=1)
        queue.send(*[str(number) for number in range(300)])
        lambda_events.event_source_mapping(queue, handler, BatchSize=1).run_until_idle()
    """
    run_pytest(source, "--lambda-events-report=report.html").assert_outcomes(passed=1)
    run_pytest(source, "--lambda-events-report=report.html", "--lambda-events-traces=traces")
    shown, everything = asked
    assert sorted(shown[0]) == [*range(200), 250]
    assert len(shown[1]) == 300
    assert everything == (None, None)


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("plain")
def test_a_problem_of_the_report_is_no_problem_of_the_test(
    run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a line of the summary; the other tests are in the report."""

    def fails(view: Any, *_: Any, **__: Any) -> Any:
        if any(record.brief == "poison" for record in view.records):
            raise ValueError("two\nlines")
        return view

    monkeypatch.setattr(redacted, "redacted", fails)
    result = run_pytest(ENDINGS, "--lambda-events-report=report.html")
    result.assert_outcomes(passed=3, failed=2, errors=3, skipped=2, xfailed=1, xpassed=1)
    assert len(outcomes(pytester.path / "report.html")) == 5
    assert "test_fails" not in outcomes(pytester.path / "report.html")
    result.stdout.fnmatch_lines(
        ["lambda events report: *.py::test_fails is left out: ValueError: two lines", "*(5 tests)*"]
    )


@pytest.mark.usefixtures("plain")
def test_nor_is_a_view_that_cannot_be_taken(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """Many problems of one kind are counted."""
    source = """
    import pytest

    @pytest.mark.parametrize("number", range(7))
    def test_x(lambda_events, monkeypatch, number):
        def view():
            raise KeyError
        monkeypatch.setattr(lambda_events, "view", view)
    """
    result = run_pytest(source, "--lambda-events-report=report.html")
    result.assert_outcomes(passed=7)
    result.stdout.fnmatch_lines(
        [
            "lambda events report: *::test_x?4? is left out: KeyError",
            "lambda events report: and 2 more of this kind",
            "*- lambda events report: *report.html (no test used a harness) -*",
        ]
    )


def test_nor_is_a_page_that_cannot_be_made(
    run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one stays."""

    def fails(entries: Iterable[str], **_: Any) -> str:
        raise ValueError(len(list(entries)))

    monkeypatch.setattr(page, "page_of", fails)
    (pytester.path / "report.html").write_text("old", encoding="utf-8")
    result = run_pytest(ENDINGS, "--lambda-events-report=report.html", "-k", "test_passes")
    result.assert_outcomes(passed=2, errors=1, xpassed=1, deselected=7)
    result.stdout.fnmatch_lines(["lambda events report: there is none: ValueError: 3"])
    assert (pytester.path / "report.html").read_text(encoding="utf-8") == "old"
    assert [one.name for one in pytester.path.iterdir() if one.suffix == ".tmp"] == []


def test_nor_is_an_entry_that_cannot_be_kept(
    run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk."""
    pytester.makeconftest("""
        import pytest

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_logreport(report):
            told = report.__dict__.get("lambda_events_told")
            if told:
                del told["trace"]
            return (yield)
    """)
    monkeypatch.setattr(page, "entry_of", lambda _: "{}")
    result = run_pytest(ENDINGS, "--lambda-events-report=report.html", "-k", "test_passes")
    result.assert_outcomes(passed=2, errors=1, xpassed=1, deselected=7)
    result.stdout.fnmatch_lines(["lambda events report: *::test_passes is left out: KeyError: 'trace'"])


@pytest.mark.usefixtures("plain")
def test_nobody_waits_for_it_who_interrupts(run_pytest: Callable[..., Any], pytester: Any) -> None:
    """What was collected until then is written."""
    source = f"""{USES}
    def test_a(lambda_events):
        run(lambda_events, "good")

    def test_b(lambda_events):
        run(lambda_events, "good")
        pytest.exit("enough")

    def test_c(lambda_events):
        pass
    """
    run_pytest(source, "--lambda-events-report=report.html")
    assert outcomes(pytester.path / "report.html") == {"test_a": "passed"}


def test_half_a_pair_of_surrogates(
    run_pytest: Callable[..., Any], pytester: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UTF-8 has no bytes for it, and JSON has an escape."""
    monkeypatch.setattr(page, "entry_of", lambda _: '"\ud800"')
    monkeypatch.setattr(page, "page_of", lambda entries, **_: "".join(entries))
    run_pytest(ENDINGS, "--lambda-events-report=report.html", "-k", "test_skips").assert_outcomes(
        skipped=1, deselected=9
    )
    assert (pytester.path / "report.html").read_text(encoding="utf-8") == '"\\ud800"'


# -- workers -----------------------------------------------------------------------------------------------------------


MANY = f"""{USES}
    @pytest.mark.parametrize("number", range(6))
    def test_x(lambda_events, number):
        run(lambda_events, "good" if number % 2 else "poison")

    @pytest.fixture
    def breaks(lambda_events):
        yield
        raise ValueError

    def test_y(lambda_events, breaks):
        run(lambda_events, "good")

    def test_z(lambda_events):
        assert run(lambda_events, "poison").processed
"""


@pytest.mark.once
def test_workers_of_xdist(run_fresh_pytest: Callable[..., Any], run_pytest: Callable[..., Any], pytester: Any) -> None:
    """One report, the same as without workers, whichever of them ran which test."""
    pytester.makeconftest(PLAIN)
    options = ("--lambda-events-report=report.html", "-n", "2", "--dist=loadfile", "--lambda-events-traces=traces")
    result = run_fresh_pytest(MANY, *options, plugins=("xdist",))
    result.assert_outcomes(passed=7, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*- lambda events report: *report.html (8 tests) -*", "*traces (8 tests) -*"])
    distributed = (pytester.path / "report.html").read_text(encoding="utf-8").splitlines()
    assert sorted(outcomes(pytester.path / "report.html").values()) == ["error", "failed", *["passed"] * 6]
    assert len(list((pytester.path / "traces").iterdir())) == 8
    run_fresh_pytest(MANY, *options[:1], "--lambda-events-traces=traces")
    alone = (pytester.path / "report.html").read_text(encoding="utf-8").splitlines()
    assert (alone[0], alone[2:]) == (distributed[0], distributed[2:])


@pytest.mark.once
def test_a_worker_that_dies(run_fresh_pytest: Callable[..., Any], pytester: Any) -> None:
    """What the others told, and what it told before, is there."""
    pytester.makeconftest(PLAIN)
    source = f"""{USES}
    import os

    def test_a(lambda_events):
        run(lambda_events, "good")

    def test_b(lambda_events):
        os._exit(1)

    def test_c(lambda_events):
        run(lambda_events, "good")
    """
    result = run_fresh_pytest(source, "--lambda-events-report=report.html", "-n", "1", plugins=("xdist",))
    result.assert_outcomes(passed=2, failed=1)
    assert outcomes(pytester.path / "report.html") == {"test_a": "passed", "test_c": "passed"}
