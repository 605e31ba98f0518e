"""The command line as a user sees it: an exit code, what is printed, what is complained about."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pytest_lambda_events.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Run `lambda-events` with these arguments, in this process; `stdin` is what is piped into it."""
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str, stdin: str | bytes = b"") -> Ended:
        content = stdin.encode("utf-8") if isinstance(stdin, str) else stdin
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
        code = main(list(arguments))
        return Ended(code, *capfd.readouterr())

    return run
