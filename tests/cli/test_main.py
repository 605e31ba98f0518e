"""`lambda-events` itself: help, version, unknown commands, and the module form."""

from __future__ import annotations

import gc
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pytest_lambda_events
from pytest_lambda_events.cli import COMMANDS, main, script

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


def test_without_a_command_it_says_what_there_is(cli: Callable[..., tuple[int, str, str]]) -> None:
    """Exit code 2: nothing was asked."""
    code, out, _ = cli()
    assert code == 2
    for name, what in COMMANDS.items():
        assert f"{name:10} {what}" in out


def test_help_and_version(cli: Callable[..., tuple[int, str, str]]) -> None:
    """Both end well."""
    assert cli("--help")[0] == 0
    assert cli("--version")[:2] == (0, f"lambda-events {version('pytest-lambda-events')}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(cli: Callable[..., tuple[int, str, str]], command: str) -> None:
    """`COMMAND --help`."""
    code, out, _ = cli(command, "--help")
    assert code == 0
    assert f"lambda-events {command}" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    """In the README."""
    assert f"lambda-events {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_an_unknown_command_names_the_nearest(cli: Callable[..., tuple[int, str, str]]) -> None:
    """And exits with 2."""
    code, _, err = cli("genrate")
    assert code == 2
    assert "did you mean 'generate'?" in err


def test_it_runs_as_a_module_in_a_process_of_its_own() -> None:
    """What the script does, `python -m` does."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest_lambda_events", "generate", "sqs", "é", "--seed", "3"],
        capture_output=True,
        check=False,
        cwd=Path(pytest_lambda_events.__file__).parents[1],
    )
    assert done.returncode == 0, done.stderr
    assert '"body":"é"'.encode() in done.stdout


def test_a_reader_that_has_seen_enough_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """`lambda-events generate … | head -1`."""

    def closed(_text: str) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("pytest_lambda_events.cli.generate.say", closed)
    assert main(["generate", "sqs"]) == 1


def test_a_bug_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its traceback is shown."""
    monkeypatch.setattr("pytest_lambda_events.cli.generate.say", lambda _text: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["generate", "sqs"])


def test_the_script_ends_with_the_code_of_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """And without looking for garbage in what ends with the process."""
    frozen: list[bool] = []
    monkeypatch.setattr(sys, "argv", ["lambda-events", "simulat"])
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    with pytest.raises(SystemExit) as ended:
        script()
    assert ended.value.code == 2
    assert frozen == [True]
