"""Trying mutants: does a test fail? The law: each in a fork, from a process that has everything imported already.

Two ways. A change inside a function is made where all tests are collected: the functions that were made from the old
code get the new one, so a try costs a fork and the tests. A change of what runs at import (a table, a default), or of a
function that runs then, needs the package imported anew with it, and its test files: the fork is taken before either.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import pytest

from mutation.forking import TIMED_OUT, allow_seconds, run_each, start, wait
from mutation.reach import SmallProperties, file_of
from mutation.settings import PLAIN, PYTEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec

    from mutation.choosing import Trial
    from mutation.settings import Settings

NOT_IN_PLACE = 99
"""A fork's status: nothing was found to change in the running program."""


def outcome_of(status: int) -> str:
    """A fork's status in a word."""
    if status == TIMED_OUT:
        return "timeout"
    return "survived" if status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else "killed"


def try_each(trials: Sequence[Trial], root: Path, settings: Settings, processes: int) -> Iterator[tuple[Trial, str]]:
    """Every trial with how it ended: killed, survived, timeout, or unreached where no test gets there."""
    fresh = [trial for trial in trials if trial.fresh and trial.tests]
    in_place = [trial for trial in trials if not trial.fresh and trial.tests]
    yield from ((trial, "unreached") for trial in trials if not trial.tests)
    for trial, status in _in_place(in_place, root, settings, processes):
        if status == NOT_IN_PLACE:
            fresh.append(trial)
        else:
            yield trial, outcome_of(status)
    keep_for_good()
    for trial, status in run_each(fresh, lambda trial: _afresh(trial, root), _bounds, processes):
        yield trial, outcome_of(status)


# -- where all tests are collected -------------------------------------------------------------------------------------


def _in_place(trials: Sequence[Trial], root: Path, settings: Settings, processes: int) -> Iterator[tuple[Trial, int]]:
    if not trials:
        return
    reading, writing = os.pipe()
    waiting = Waiting(trials, root, settings, processes, writing)
    arguments = [*PYTEST, PLAIN, *sorted({file_of(test) for trial in trials for test in trial.tests})]
    pid = start(lambda: int(pytest.main(arguments, plugins=[waiting, SmallProperties()])), silent=True)
    os.close(writing)
    told = 0
    with os.fdopen(reading, encoding="ascii") as lines:
        for line in lines:
            index, status = map(int, line.split())
            told += 1
            yield trials[index], status
    if told < len(trials):
        raise RuntimeError(f"pytest ended with status {wait(pid)}, and {len(trials) - told} mutants were not tried")
    wait(pid)


class Waiting:
    """A pytest plugin: when all is collected, trials are forked off instead of running the tests."""

    def __init__(self, trials: Sequence[Trial], root: Path, settings: Settings, processes: int, writing: int) -> None:
        self._trials = trials
        self._root = root
        self._settings = settings
        self._processes = processes
        self._writing = writing

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own."""
        for room in self._settings.rooms:
            for path in (self._root / room).rglob("*.py"):
                importlib.import_module(".".join(path.relative_to(self._root).with_suffix("").parts))
        items = {item.nodeid: item for item in session.items}
        functions = _functions()
        keep_for_good()

        def work(index: int) -> int:
            trial = self._trials[index]
            if trial.mutant.edits and not _exchange(
                trial, self._root, functions.get(str(self._root / trial.mutant.path), [])
            ):
                return NOT_IN_PLACE
            return _run(session, [items[test] for test in trial.tests if test in items], trial)

        for index, status in run_each(
            range(len(self._trials)), work, lambda index: _bounds(self._trials[index]), self._processes
        ):
            os.write(self._writing, f"{index} {status}\n".encode())
        return True


def keep_for_good() -> None:
    """Nobody looks for garbage among what there is now: in a fork, to look at a page is to copy it."""
    gc.collect()
    gc.freeze()


def _functions() -> dict[str, list[FunctionType]]:
    """Every living function that was written in Python, by its file."""
    found: dict[str, list[FunctionType]] = {}
    for thing in gc.get_objects():
        if type(thing) is FunctionType:
            found.setdefault(thing.__code__.co_filename, []).append(thing)
    return found


def _exchange(trial: Trial, root: Path, functions: Sequence[FunctionType]) -> int:
    """Give the functions of a module their new code; how many have another one now."""
    path = root / trial.mutant.path
    codes = dict(_codes(compile(trial.mutant.applied(path.read_bytes()), str(path), "exec")))
    exchanged = 0
    for function in functions:
        old = function.__code__
        new = codes.get(_key(old))
        if new is not None and new != old:
            if new.co_freevars != old.co_freevars:
                return 0
            function.__code__ = new
            exchanged += 1
    return exchanged


def _codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield _key(inner), inner
            yield from _codes(inner)


def _key(code: CodeType) -> tuple[str, int]:
    return getattr(code, "co_qualname", code.co_name), code.co_firstlineno


def _run(session: pytest.Session, items: Sequence[pytest.Item], trial: Trial) -> int:
    """Run tests to the first that fails."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        allow_seconds(_allowed(trial.tests[item.nodeid]))
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return int(pytest.ExitCode.TESTS_FAILED)
    return int(pytest.ExitCode.OK)


def _allowed(seconds: float) -> float:
    """What a test may use that has taken so long before."""
    return 3 + 5 * seconds


def _bounds(trial: Trial) -> float:
    """How long a trial may last by the clock on the wall: the machine may have other things to do."""
    return 60 + 40 * sum(trial.tests.values())


# -- with the package imported anew ------------------------------------------------------------------------------------


def _afresh(trial: Trial, root: Path) -> int:
    sys.meta_path.insert(0, Changed(trial, root))
    files = sorted({file_of(test) for test in trial.tests})
    return int(pytest.main([*PYTEST, PLAIN, "-x", *files], plugins=[Chosen(trial.tests), SmallProperties()]))


class Changed(MetaPathFinder):
    """Finds one module, with the change in it."""

    def __init__(self, trial: Trial, root: Path) -> None:
        parts = Path(trial.mutant.path).with_suffix("").parts
        self._name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self._path = root / trial.mutant.path
        self._trial = trial

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """That module's, None for all others."""
        del path, target
        if fullname != self._name:
            return None
        data = self._trial.mutant.applied(self._path.read_bytes())

        class Loader(SourceFileLoader):
            def get_code(self, fullname: str) -> Any:
                return compile(data, self.get_filename(fullname), "exec")

        return spec_from_file_location(fullname, self._path, loader=Loader(fullname, str(self._path)))


class Chosen:
    """A pytest plugin: of what is collected, these tests run, in this order."""

    def __init__(self, tests: dict[str, float]) -> None:
        self._tests = tests
        self._order = {test: n for n, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """After the other plugins."""
        chosen = [item for item in items if item.nodeid in self._order]
        items[:] = sorted(chosen, key=lambda item: self._order[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Before each test."""
        allow_seconds(_allowed(self._tests[item.nodeid]))
