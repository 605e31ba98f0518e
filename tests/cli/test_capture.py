"""`lambda-events capture`: the ways there are, and how one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.cli.capture import WAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    Cli = Callable[..., tuple[int, str, str]]


def test_it_lists_its_ways(cli: Cli) -> None:
    """With what they are from, and the exit codes; without a way it is asked for one."""
    code, out, _ = cli("capture", "--help")
    assert code == 0
    assert [name for name, what in WAYS.items() if f"  {name:10} {what}" not in out] == []
    assert "130 interrupted" in out
    code, _, err = cli("capture")
    assert code == 2
    assert "HOW" in err


def test_a_way_that_there_is_not(cli: Cli) -> None:
    """The nearest is named."""
    code, _, err = cli("capture", "kinesys")
    assert code == 2
    assert "there is no way to capture called 'kinesys'" in err
    assert "kinesis" in err
