"""Scenarios in pytest: the marker, its run, and files that are tests. The law: as thin as the rest of the plugin; a
file is read when its test runs, so that collecting costs nothing and a broken file is a failed test.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.scenario.model import Scenario

__all__ = ["FIXTURE", "MARKER", "ScenarioFile", "check", "configures", "run", "wants_fixture", "written"]

MARKER = "lambda_scenario"
FIXTURE = "lambda_run"
_SUFFIXES = (".lambda.yaml", ".lambda.yml", ".lambda.json")

_SCENARIO: pytest.StashKey[Scenario] = pytest.StashKey()
_RUN: pytest.StashKey[Run[Any]] = pytest.StashKey()
_ALONE: pytest.StashKey[bool] = pytest.StashKey()
_USE = '@pytest.mark.lambda_scenario(source={"sqs_queue": {}}, handler=handler, records=[{"body": 1}])'


# -- the marker --------------------------------------------------------------------------------------------------------


def wants_fixture(item: pytest.Item) -> bool:
    """Whether a test with a marker of its own runs its scenario without asking: it is looked at as a file's is then."""
    own = any(one.name == MARKER for one in item.own_markers)
    wants = own and FIXTURE not in getattr(item, "fixturenames", [FIXTURE])
    item.stash[_ALONE] = wants
    return wants


def configures(item: Any) -> bool:
    """Whether a scenario may say what the harness is: by a marker, or by the fixture's own parameter."""
    callspec = getattr(item, "callspec", None)
    given = None if callspec is None else callspec.params.get(FIXTURE)
    return item.get_closest_marker(MARKER) is not None or isinstance(given, dict)


def written(request: pytest.FixtureRequest) -> Scenario:
    """The scenario of a test: its markers, the nearest wins key by key, and the fixture's own parameter."""
    found: Scenario | None = request.node.stash.get(_SCENARIO, None)
    if found is None:
        found = request.node.stash[_SCENARIO] = _read(request)
    return found


def _read(request: pytest.FixtureRequest) -> Scenario:
    from pytest_lambda_events.scenario import located, read_file, read_scenario
    from pytest_lambda_events.templates.placed import Place, PlacedDict

    item, folder = request.node, request.path.parent
    place = Place(file=f"lambda_scenario of {item.name}")
    merged = PlacedDict(place)
    for marker in reversed(list(item.iter_markers(MARKER))):
        if len(marker.args) > 1 or not all(isinstance(one, (str, os.PathLike)) for one in marker.args):
            raise pytest.UsageError(f"lambda_scenario takes perhaps the path of a file, and a scenario's keys: {_USE}")
        for path in marker.args:
            _merge(merged, read_file(folder / path))
        _merge(merged, located(marker.kwargs, folder, place))
    own = _own_parameter(item)
    if own is not None:
        _merge(merged, located(own, folder, place))
    if not merged:
        raise pytest.UsageError(f"{FIXTURE}: which scenario? Mark the test with {_USE}")
    return read_scenario(merged)


def _own_parameter(item: Any) -> Any:
    """What `parametrize("lambda_run", […], indirect=True)` gives. Errors: `pytest.UsageError`."""
    callspec = getattr(item, "callspec", None)
    found = None if callspec is None else callspec.params.get(FIXTURE)
    if found is not None and not isinstance(found, dict):
        raise pytest.UsageError(f"{FIXTURE} is parametrized with scenarios' keys, a dict each, not {found!r:.80}")
    return found


def _merge(merged: Any, given: Any) -> None:
    for key, value in given.items():
        merged[key] = value
        merged.moved[key] = given.place(key)


def run(request: pytest.FixtureRequest, harness: Harness) -> Run[Any]:
    """The scenario of a test, run."""
    __tracebackhide__ = True
    from pytest_lambda_events.scenario import run_scenario

    found = request.node.stash[_RUN] = run_scenario(written(request), harness)
    return found


def check(item: pytest.Item) -> None:
    """Errors: `ScenarioDifference` when it did not end as its marker says."""
    __tracebackhide__ = True
    found = item.stash.get(_RUN, None)
    if found is not None:
        from dataclasses import replace

        from pytest_lambda_events.scenario import check as check_run

        scenario = item.stash[_SCENARIO]
        if item.stash.get(_ALONE, False) and scenario.allow is None:
            scenario = replace(scenario, allow=())
        check_run(scenario, found)


# -- files -------------------------------------------------------------------------------------------------------------


class ScenarioFile(pytest.File):
    """A file with one scenario. `make` gives the harness of its test."""

    make: Callable[[pytest.Item, Scenario], Harness]

    def collect(self) -> Iterable[pytest.Item]:
        """One test, named after the file."""
        name = next(self.path.name[: -len(suffix)] for suffix in _SUFFIXES if self.path.name.endswith(suffix))
        item = ScenarioItem.from_parent(self, name=name)
        item._file = self  # noqa: SLF001 - its own
        yield item


class ScenarioItem(pytest.Item):
    """A scenario file as a test: it ends as the file expects, or every record is processed or filtered."""

    _exits: contextlib.ExitStack
    _file: ScenarioFile

    def setup(self) -> None:
        """Nothing is open yet."""
        self._exits = contextlib.ExitStack()

    def runtest(self) -> None:
        """Read, run, check."""
        from pytest_lambda_events.scenario import check as check_run
        from pytest_lambda_events.scenario import read_file, read_scenario, run_scenario

        given = read_file(self.path)
        given.setdefault("allow", [])
        scenario = read_scenario(given)
        self._exits.enter_context(_importable(self.path.parent, self.config.rootpath))
        harness = self._file.make(self, scenario)
        self._exits.enter_context(harness)
        check_run(scenario, run_scenario(scenario, harness))

    def teardown(self) -> None:
        """After the report, which shows the harness's timeline."""
        self._exits.close()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, without a traceback of ours; what nobody foresaw has one."""
        from botocore.exceptions import ClientError

        from pytest_lambda_events.errors import LambdaEventsError

        if isinstance(excinfo.value, (ClientError, LambdaEventsError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Where it is, for headings."""
        return self.path, None, f"{self.path.name}"


@contextlib.contextmanager
def _importable(*folders: Path) -> Iterator[None]:
    """Handlers may be beside the file or at the root; what the project's own settings say comes first."""
    added = [str(folder) for folder in folders if str(folder) not in sys.path]
    sys.path.extend(added)
    try:
        yield
    finally:
        for folder in added:
            if folder in sys.path:
                sys.path.remove(folder)
