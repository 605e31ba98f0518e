"""Pytest inside pytest, with the plugin under test and without the noise of other plugins."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_WITHOUT = ("randomly", "cacheprovider", "xdist", "hypothesispytest", "faker", "asyncio")


def quiet(*wanted: str) -> tuple[str, ...]:
    """Options that switch off other plugins, except those that are wanted."""
    return tuple(word for name in _WITHOUT if name not in wanted for word in ("-p", f"no:{name}"))


@pytest.fixture
def run_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Write a test file and run it in this process."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(dedent(source))
        return pytester.runpytest_inprocess(*quiet(), *options)

    return run


@pytest.fixture
def run_fresh_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """The same in a process of its own, where nothing was imported before."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    def run(source: str, *options: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        pytester.makepyfile(dedent(source))
        return pytester.runpytest_subprocess(*quiet(*plugins), *options)

    return run
