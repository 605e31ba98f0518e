"""Which test reaches which line, and how long each takes. The law: the tests run once for it, unchanged; what they
reach is kept until a file of the package or of the tests differs. A test that fails here already is not asked later.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest

from mutation.forking import start, wait
from mutation.settings import EXAMPLES, PLAIN, PYTEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from mutation.settings import Settings

KEPT = ".mutation"
AT_IMPORT = ""
"""Coverage's name for what runs outside of every test: imports, and what stands in the tables of parametrized tests."""


class Reach:
    """What was found: lines to tests, tests to seconds of CPU."""

    def __init__(self, root: Path, lines: Path, seconds: dict[str, float]) -> None:
        from coverage import CoverageData

        self._root = root
        self._data = CoverageData(str(lines))
        self._data.read()
        self.seconds = seconds
        self._of_file = lru_cache(maxsize=64)(self._read)

    def tests(self, path: str, lines: Iterable[int]) -> set[str]:
        """The tests that reach any of the lines (`AT_IMPORT` among them, where nothing but an import is needed)."""
        of_file = self._of_file(path)
        return {test for line in lines for test in of_file.get(line, ()) if test in self.seconds or not test}

    def _read(self, path: str) -> dict[int, list[str]]:
        return self._data.contexts_by_lineno(str(self._root / path))


def reach_of(root: Path, settings: Settings) -> Reach:
    """What is kept, after the tests that it lacks have run. Raises `RuntimeError` when they cannot be run."""
    kept = root / KEPT
    kept.mkdir(exist_ok=True)
    (kept / ".gitignore").write_text("*\n", encoding="utf-8")
    lines, tests = kept / "lines", kept / "tests.json"
    state, files = _state(root, settings), _test_files(root, settings)
    found: dict[str, Any] = json.loads(tests.read_text(encoding="utf-8")) if tests.exists() else {}
    if found.get("state") != state:
        found = {"state": state, "files": {}, "seconds": {}}
        lines.unlink(missing_ok=True)
    changed = [file for file, content in files.items() if found["files"].get(file) != content]
    found["files"] = files
    found["seconds"] = {
        test: taken
        for test, taken in found["seconds"].items()
        if file_of(test) in files and file_of(test) not in changed
    }
    if changed:
        tests.unlink(missing_ok=True)
        status = wait(start(lambda: _record(root, settings, changed, lines, tests, found=found)))
        if not tests.exists():
            raise RuntimeError(f"the tests did not run to their end (status {status}): run them by themselves first")
        found = json.loads(tests.read_text(encoding="utf-8"))
    return Reach(root, lines, found["seconds"])


def file_of(test: str) -> str:
    """The file that a test stands in, from the root."""
    return test.partition("::")[0]


def _state(root: Path, settings: Settings) -> str:
    """What all tests depend on: the package, and what test files share."""
    shared = {path for path in _python(root, settings.tests) if not path.name.startswith("test_")}
    found = hashlib.sha256(repr((settings.package, settings.tests, EXAMPLES)).encode())
    for path in sorted({*_python(root, [settings.package]), *shared, *(root / "tests").glob("conftest.py")}):
        found.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


def _test_files(root: Path, settings: Settings) -> dict[str, str]:
    """Every file of tests, with its content's digest."""
    paths = (path for path in sorted(_python(root, settings.tests)) if path.name.startswith("test_"))
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _python(root: Path, names: Iterable[str]) -> set[Path]:
    return {path for name in names for path in ([root / name] if name.endswith(".py") else (root / name).rglob("*.py"))}


def _record(
    root: Path, settings: Settings, files: Sequence[str], lines: Path, tests: Path, *, found: dict[str, Any]
) -> int:
    """Run every test of these files once, with coverage; one context for each."""
    os.environ["COVERAGE_CORE"] = "ctrace"  # the one that can tell contexts apart, whatever the Python
    from coverage import Coverage

    coverage = Coverage(data_file=str(lines), config_file=False, include=[str(root / settings.package / "*")])
    if lines.exists():
        coverage.load()
    recording = Recording(coverage)
    coverage.start()
    status = int(pytest.main([*PYTEST, PLAIN, *files], plugins=[recording, SmallProperties()]))
    coverage.stop()
    coverage.save()
    if status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        passed = {test: round(taken, 4) for test, taken in recording.seconds.items() if test not in recording.failed}
        found["seconds"].update(passed)
        tests.write_text(json.dumps(found), encoding="utf-8")
    return status


class Recording:
    """A pytest plugin: says to coverage which test runs, and keeps how long it took."""

    def __init__(self, coverage: Any) -> None:
        self._coverage = coverage
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Around each test."""
        self._coverage.switch_context(item.nodeid)
        before = process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = process_time() - before
            self._coverage.switch_context(AT_IMPORT)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """After each step of a test."""
        if report.failed:
            self.failed.add(report.nodeid)


class SmallProperties:
    """A pytest plugin: property tests try few examples, always the same, and do not look for the smallest."""

    def pytest_configure(self) -> None:
        """After the conftest that loads the profile of the tests, before the test files."""
        from hypothesis import HealthCheck, Phase, settings

        settings.register_profile(
            "mutation",
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutation")
