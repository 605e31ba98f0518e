"""What happened in tests, as a report and as traces. The law: loaded when asked for; and whatever goes wrong here is a
line in the terminal's summary, never a test's outcome.

Where tests run (with pytest-xdist: in a worker), `Watching` takes the view of a test's run when its call has ended, on
the harness that is still there; when the test is torn down and its outcome certain, it writes the trace, and hangs the
test's entry on the report of the teardown. Where reports come together, `Collecting` takes it from there and writes the
page: in the order of the tests' names, so that the same tests give the same page however they were distributed.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from pytest_lambda_events.cassette.redact import Redactor
    from pytest_lambda_events.report.view import RunView

__all__ = ["begin"]

_HUNG = "lambda_events_told"  # what of ours hangs on a report: plain values, which xdist carries
_INPUT = "lambda_events_reports"
_SPILL = 64 * 1024 * 1024  # how many bytes of entries are kept in memory
_PROBLEMS_SHOWN = 5


def begin(
    config: pytest.Config, asked: dict[str, tuple[str, Path] | None], harness_of: Callable[[pytest.Item], Any]
) -> None:
    """Watch and collect. `asked` has for `report` and `traces` what is written, and the folder that it is seen from."""
    from pytest_lambda_events.errors import UsageError
    from pytest_lambda_events.report.files import place_of

    plugins = config.pluginmanager
    given: dict[str, Any] | None = getattr(config, "workerinput", {}).get(_INPUT)
    if given is None:
        given = {"key": secrets.token_hex()}
        for name, place in asked.items():
            try:
                given[name] = None if place is None else str(place_of(*place))
            except UsageError as error:
                raise pytest.UsageError(f"--lambda-events-{name}: {error}") from None
        plugins.register(Collecting(config, given), "lambda_events_collecting")
    plugins.register(Watching(config, given, harness_of), "lambda_events_watching")


def _places(given: dict[str, Any]) -> tuple[Path | None, Path | None]:
    """Where the report is, and where the traces are."""
    report, traces = (None if given[name] is None else Path(given[name]) for name in ("report", "traces"))
    return report, traces


# -- where tests run ---------------------------------------------------------------------------------------------------


class _Test:
    """A test that runs for the `number`-th time (others let failed ones run again), and what is known of it."""

    def __init__(self, number: int, stale: Any) -> None:
        self.number = number
        self.harness = stale  # that of the time before, which this time's is not
        self.outcome = "passed"
        self.view: RunView | None = None
        self.problem: str | None = None


_TEST: pytest.StashKey[_Test] = pytest.StashKey()


class Watching:
    """Looks at a test's harness, and hangs on its last report what there is to tell."""

    def __init__(self, config: pytest.Config, given: dict[str, Any], harness_of: Callable[[pytest.Item], Any]) -> None:
        self._config = config
        self._report, self._traces = _places(given)
        self._key = bytes.fromhex(given["key"])
        self._harness_of = harness_of
        self._made: Redactor | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Say at once what is wrong with the project's rules."""
        from pytest_lambda_events.errors import UsageError

        try:
            self._redactor()
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None

    def _redactor(self) -> Redactor:
        if self._made is None:
            from pytest_lambda_events.plugin.redaction import redactor_of

            self._made = redactor_of(self._config, unkept=self._key)
        return self._made

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """The call has ended, and the harness is still there."""
        __tracebackhide__ = True
        try:
            result = yield
        except (KeyboardInterrupt, pytest.exit.Exception):
            raise  # nobody wants to wait any longer
        except BaseException:
            self._look(item)
            raise
        self._look(item)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A phase has ended, or a subtest."""
        report = yield
        if call.when == "setup":
            before = item.stash.get(_TEST, None)
            item.stash[_TEST] = _Test(1, None) if before is None else _Test(before.number + 1, before.harness)
            if report.failed:
                self._look(item)
        test = item.stash.get(_TEST, None)
        if test is not None:
            test.outcome = _outcome(report, test.outcome)
            if call.when == "teardown" and (test.view is not None or test.problem is not None):
                setattr(report, _HUNG, self._told(item, test))
        return report

    def _look(self, item: pytest.Item) -> None:
        test, harness = item.stash.get(_TEST, None), self._harness_of(item)
        if test is None or harness is None or harness is test.harness:
            return
        test.harness = harness
        try:
            from pytest_lambda_events.report.view import view_of_harness

            test.view = view_of_harness(harness)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is not to blame
            test.problem = f"is left out: {_said(error)}"

    def _told(self, item: pytest.Item, test: _Test) -> dict[str, Any]:
        from pytest_lambda_events.report.again import name_of_run

        name = name_of_run(item.nodeid, test.number)
        told = {"test": name, "place": (item.nodeid, test.number), "entry": None, "trace": False, "problem": None}
        try:
            if test.view is not None:
                self._tell(told, test, test.view)
        except Exception as error:  # noqa: BLE001 - as above
            test.problem = f"is left out: {_said(error)}"
        told["problem"] = test.problem
        test.view = None
        return told

    def _tell(self, told: dict[str, Any], test: _Test, view: RunView) -> None:
        from pytest_lambda_events.errors import UsageError
        from pytest_lambda_events.report.files import seen_from
        from pytest_lambda_events.report.page import ToldTest, entry_of
        from pytest_lambda_events.report.redacted import redacted, redacted_for_page

        # a trace has everything, which the page then need not look through again
        safe = (redacted if self._traces is not None else redacted_for_page)(view, self._redactor())
        trace = None
        if self._traces is not None:
            try:
                trace = _write_trace(self._traces, told["test"], safe)
            except UsageError as error:
                test.problem = f"has no trace: {error}"
        told["trace"] = trace is not None
        if self._report is not None:
            link = None if trace is None else seen_from(self._report, trace)
            told_test = ToldTest(test=told["test"], outcome=test.outcome, view=safe, trace_file=link)
            entry = entry_of(told_test)
            # half a pair of surrogates can neither be sent nor written, but escaped it is the same JSON
            told["entry"] = entry.encode("utf-8", "backslashreplace").decode("utf-8")


def _write_trace(folder: Path, test: str, view: RunView) -> Path:
    from pytest_lambda_events.report.files import put
    from pytest_lambda_events.report.trace_file import trace_text

    file = folder / trace_name(test)
    put(file, trace_text(view, test=test))
    return file


def _outcome(report: pytest.TestReport, before: str) -> str:
    """How a test stands after one more of its reports: once it failed, it has failed."""
    if before in ("failed", "error"):
        return before
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.when == "teardown" or (report.when == "setup" and report.passed):
        return before
    if hasattr(report, "wasxfail"):
        return "xpassed" if report.passed else "xfailed"
    return report.outcome


def trace_name(test: str) -> str:
    """The name of a test's file on every system: what is readable of it, and what tells it from all others."""
    path, _, name = test.partition("::")
    readable = re.sub(r"[^A-Za-z0-9_.]+", "-", f"{path.rpartition('/')[2]}-{name}")[:80].strip("-.")
    return f"{readable or 'test'}-{hashlib.sha256(test.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}.json"


def _said(error: BaseException) -> str:
    """What went wrong, in a line."""
    told = " ".join(str(error).split())
    return f"{type(error).__name__}: {told}"[:300] if told else type(error).__name__


# -- where reports come together ---------------------------------------------------------------------------------------


class Collecting:
    """Takes the entries of tests off their reports, and writes the page of them."""

    def __init__(self, config: pytest.Config, given: dict[str, Any]) -> None:
        self._config = config
        self._given = given
        self._report, self._traces = _places(given)
        self._entries = tempfile.SpooledTemporaryFile(_SPILL)  # noqa: SIM115 - closed when pytest ends
        self._size = 0
        self._index: list[tuple[tuple[str, int], int, int]] = []  # a test, where its entry begins, and its length
        self._traced = 0
        self._is_written = False
        self._problems: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """A worker of xdist gets the same places and the same key."""
        node.workerinput[_INPUT] = self._given

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Say at once what cannot be written, not after an hour of tests."""
        from pytest_lambda_events.errors import UsageError
        from pytest_lambda_events.report.files import claim, make_folder

        name = "report"
        try:
            if self._report is not None:
                claim(self._report)
            name = "traces"
            if self._traces is not None:
                make_folder(self._traces)
        except UsageError as error:
            raise pytest.UsageError(f"--lambda-events-{name}: {error}") from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what hangs on a report, before others who write reports see it."""
        told = report.__dict__.pop(_HUNG, None)
        if told is None:
            return
        try:
            self._take(told)
        except Exception as error:  # noqa: BLE001 - a full disk is not a test's fault
            self._problems.append(f"{told['test']} is left out: {_said(error)}")

    def _take(self, told: dict[str, Any]) -> None:
        self._traced += told["trace"]
        if told["problem"] is not None:
            self._problems.append(f"{told['test']} {told['problem']}")
        if told["entry"] is not None:
            entry = told["entry"].encode("utf-8")
            self._entries.write(entry)
            nodeid, number = told["place"]
            self._index.append(((nodeid, number), self._size, len(entry)))
            self._size += len(entry)

    def _in_order(self) -> Iterator[str]:
        for _, at, length in sorted(self._index):
            self._entries.seek(at)
            yield self._entries.read(length).decode("utf-8")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write the page of what was collected, however the session ended."""
        if self._report is None:
            return
        try:
            from pytest_lambda_events.cassette.making import real_now
            from pytest_lambda_events.report.files import put
            from pytest_lambda_events.report.page import page_of

            made = real_now().astimezone().isoformat(sep=" ", timespec="seconds")
            put(self._report, page_of(self._in_order(), title=self._config.rootpath.name, made=made))
            self._is_written = True
        except Exception as error:  # noqa: BLE001 - whatever it is, the tests are not to blame
            self._problems.append(f"there is none: {_said(error)}")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Where everything is, and what is missing in it."""
        for problem in self._problems[:_PROBLEMS_SHOWN]:
            terminalreporter.write_line(f"lambda events report: {problem}", yellow=True)
        if len(self._problems) > _PROBLEMS_SHOWN:
            more = len(self._problems) - _PROBLEMS_SHOWN
            terminalreporter.write_line(f"lambda events report: and {more} more of this kind", yellow=True)
        if self._is_written:
            terminalreporter.write_sep("-", f"lambda events report: {self._report} ({_tests(len(self._index))})")
        if self._traces is not None:
            terminalreporter.write_sep("-", f"lambda events traces: {self._traces} ({_tests(self._traced)})")

    def pytest_unconfigure(self) -> None:
        """Let go of the entries."""
        self._entries.close()


def _tests(count: int) -> str:
    return {0: "no test used a harness", 1: "1 test"}.get(count, f"{count:,} tests")
