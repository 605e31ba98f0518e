"""Cassettes in pytest: the marker, the fixture's making and its end. The law: as thin as the rest of the plugin.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

import os
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.plugin.redaction import redactor_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lambda_events.cassette.player import LambdaCassette
    from pytest_lambda_events.cassette.record import Mode

__all__ = ["CASSETTE", "MARKER", "end", "make", "parametrize"]

MARKER = "lambda_cassette"
CASSETTE: pytest.StashKey[LambdaCassette] = pytest.StashKey()
_NOTES: pytest.StashKey[Path] = pytest.StashKey()

_USE = '@pytest.mark.lambda_cassette("orders.json"), the path relative to the test file'
_NOT_IN_CI = "Nothing is recorded in CI (the environment variable CI is set): record where you develop, and commit it"


class Broken:
    """A cassette that could not be read when tests were collected: the test that wants it says why."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def in_ci() -> bool:
    """Whether this is a machine that tests for others."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no", "off")


def _marked(item: Any) -> tuple[Path, str | None]:
    """File and `each` of the nearest marker. Errors: `pytest.UsageError`."""
    marker = item.get_closest_marker(MARKER)
    if marker is None:
        raise pytest.UsageError(f"lambda_cassette: which cassette? Mark the test with {_USE}")
    unknown = set(marker.kwargs) - {"each"}
    each = marker.kwargs.get("each")
    if len(marker.args) != 1 or unknown or not isinstance(marker.args[0], (str, os.PathLike)):
        raise pytest.UsageError(f'lambda_cassette takes a path and perhaps each="event": {_USE}')
    if each not in (None, "event"):
        raise pytest.UsageError(f'lambda_cassette: each={each!r}; there is each="event", a test for each event')
    return item.path.parent / marker.args[0], each


def parametrize(metafunc: pytest.Metafunc, mode: Mode) -> None:
    """A test for each event, where its marker asks for it."""
    path, each = _marked(metafunc.definition)
    if each is None:
        return
    if "lambda_cassette" not in metafunc.fixturenames:
        raise pytest.UsageError(
            f'{metafunc.definition.nodeid}: each="event" makes a test for each event, and this one does not take '
            "the fixture lambda_cassette"
        )
    from pytest_lambda_events.cassette.store import load
    from pytest_lambda_events.errors import CassetteMissing, LambdaEventsError

    params: list[Any]
    try:
        found = load(path).interactions if mode != "rewrite" else ()
        params, ids = list(range(len(found))), [_id(number, one) for number, one in enumerate(found)]
    except CassetteMissing as error:
        params, ids = ([Broken(error)], ["missing"]) if mode == "none" else ([None], ["new"])
    except LambdaEventsError as error:
        params, ids = [Broken(error)], ["broken"]
    if not params:
        params, ids = [None], ["new"] if mode == "rewrite" else ["empty"]
    metafunc.parametrize("lambda_cassette", params, ids=ids, indirect=True)


def _id(number: int, interaction: Any) -> str:
    """A name for an event: its number, and how it ended when that was with an error."""
    failed = getattr(interaction.outcome, "type", None)
    return f"event{number}" if failed is None else f"event{number}-{failed}"


def make(request: pytest.FixtureRequest, mode: Mode, max_age: float | None) -> LambdaCassette:
    """The cassette of a test."""
    __tracebackhide__ = True
    from pytest_lambda_events.cassette.player import LambdaCassette
    from pytest_lambda_events.errors import CassetteMissing

    param = getattr(request, "param", None)
    path, _ = _marked(request.node)
    missing = ""
    if mode != "none" and in_ci():
        if mode in ("all", "rewrite"):
            raise pytest.UsageError(f"--lambda-events-record={mode}: {_NOT_IN_CI}")
        mode, missing = "none", _NOT_IN_CI
    if isinstance(param, Broken) and not isinstance(param.error, CassetteMissing):
        raise param.error
    clock: Callable[[], Any] = lambda: request.getfixturevalue("lambda_events").virtual_clock  # noqa: E731
    only = None if isinstance(param, Broken) else param
    redactor = partial(redactor_of, request.config)
    cassette = LambdaCassette(path, mode=mode, only=only, clock=clock, redactor=redactor, missing=missing)
    if max_age is not None and cassette.cassette is not None and mode in ("none", "once", "new"):
        _warn_of_age(cassette.cassette, path, max_age)
    request.node.stash[CASSETTE] = cassette
    if mode != "none":
        request.node.stash[_NOTES] = _notes(request)
    return cassette


def _warn_of_age(cassette: Any, path: Path, max_age: float) -> None:
    import datetime as dt

    from pytest_lambda_events.cassette.making import real_now
    from pytest_lambda_events.errors import CassetteAging

    then = dt.datetime.strptime(cassette.recorded_at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.timezone.utc)
    days = (real_now() - then) / dt.timedelta(days=1)
    if days > max_age:
        warnings.warn(
            f"{path.name} was recorded {days:.0f} days ago, on {then:%Y-%m-%d}, and {max_age:g} days are the most "
            "(cassette-max-age): what it says may no longer be so. Record it anew, or capture it again",
            CassetteAging,
            stacklevel=1,
        )


def end(item: pytest.Item, unused: str) -> None:
    """A test has passed: say what it did not use, and write what it recorded."""
    __tracebackhide__ = True
    cassette = item.stash.get(CASSETTE, None)
    if cassette is None:
        return
    cassette.check_calls()
    told = cassette.unused()
    if told:
        from pytest_lambda_events.errors import CassetteDifference, CassetteUnused

        if unused == "error":
            raise CassetteDifference("\n".join(told))
        for one in told:
            warnings.warn(one, CassetteUnused, stacklevel=1)
    notes = item.stash.get(_NOTES, None)
    if notes is not None:
        cassette.save(notes)


def _notes(request: pytest.FixtureRequest) -> Path:
    """A folder of this run of the tests, the same in all of its processes."""
    base: Path = request.getfixturevalue("tmp_path_factory").getbasetemp()
    return (base.parent if hasattr(request.config, "workerinput") else base) / "lambda-cassettes"
