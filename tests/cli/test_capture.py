"""`lambda-events capture`: the ways there are, and how one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.cli.capture import WAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    Cli = Callable[..., tuple[int, str, str]]


def test_it_lists_its_ways(cli: Cli) -> None:
    """With what they are from, and the exit codes."""
    for arguments in (("capture",), ("capture", "--help")):
        code, out, _ = cli(*arguments)
        assert code == (0 if len(arguments) > 1 else 2) or out
        assert [name for name in WAYS if f"  {name} " not in out and arguments[1:]] == []


def test_a_way_that_there_is_not(cli: Cli) -> None:
    """The nearest is named."""
    code, _, err = cli("capture", "kinesys")
    assert code == 2
    assert "there is no way to capture called 'kinesys'" in err
    assert "kinesis" in err
