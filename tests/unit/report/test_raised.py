"""What handlers raise, as text: as Python prints it, without this package's own frames, and never slowly."""

from __future__ import annotations

import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Harness
from pytest_lambda_events.report.view import view_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.report.view import ErrorView

    Handler = Callable[[Any, Any], None]


def shown(raise_it: Handler) -> ErrorView:
    """What is shown of a handler that does this."""
    with Harness() as aws:
        queue = aws.sqs_queue("orders", maxReceiveCount=1)
        queue.send("x")
        mapping = aws.event_source_mapping(queue, raise_it)
        (call,) = view_of(mapping.run_until_idle()).calls
    assert call.error is not None
    return call.error


def printed(raise_it: Handler) -> str:
    """What Python prints when it is called here."""
    try:
        raise_it(None, None)
    except Exception as error:
        return "".join(traceback.format_exception(type(error), error, error.__traceback__.tb_next))
    raise AssertionError


def from_another(event: Any, context: Any) -> None:
    try:
        raise KeyError("a")
    except KeyError as error:
        raise ValueError("b") from error


def while_handling(event: Any, context: Any) -> None:
    try:
        from_another(event, context)
    except ValueError:
        raise TypeError("c")  # noqa: B904 - that is what is tested


def from_none(event: Any, context: Any) -> None:
    try:
        raise KeyError("a")
    except KeyError:
        raise ValueError("b") from None


def in_a_circle(event: Any, context: Any) -> None:
    error, other = ValueError("a"), ValueError("b")
    error.__cause__, other.__cause__ = other, error
    raise error


def no_python(event: Any, context: Any) -> None:
    compile("a b", "orders.py", "exec")


@pytest.mark.parametrize("raise_it", [from_another, while_handling, from_none, in_a_circle, no_python])
def test_it_is_what_python_prints(raise_it: Handler) -> None:
    """With what led to it."""
    assert printed(raise_it) == shown(raise_it).traceback


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups and notes came with Python 3.11")
def test_a_group_is_a_tree_without_frames_of_ours() -> None:
    """Also where it is what led to another, and has notes."""

    def raise_it(event: Any, context: Any) -> None:
        try:
            try:
                raise ValueError("first")
            except ValueError as error:
                raise ExceptionGroup("two", [error, TypeError("second")]) from KeyError("why")  # noqa: F821
        except Exception as error:
            other = RuntimeError("after")
            other.add_note("a note")
            raise other from error

    text = shown(raise_it).traceback

    assert printed(raise_it).splitlines()[:4] == text.splitlines()[:4]
    assert [] == [line for line in text.splitlines() if "pytest_lambda_events" in line]
    assert ["RuntimeError: after", "a note"] == text.splitlines()[-2:]


def test_a_long_chain_takes_no_time() -> None:
    """A recursion that goes too deep, and at each level of it another error: a thousand, one from the other."""

    def deep(depth: int) -> None:
        try:
            deep(depth + 1)
        except Exception as error:
            raise ValueError(str(depth)) from error

    began = time.process_time()
    error = shown(lambda event, context: deep(0))

    assert 100 < error.traceback.count("direct cause")
    assert error.traceback.endswith("ValueError: 0\n")
    assert ("ValueError", True) == (error.type, "RecursionError" in error.traceback)
    assert 5 > time.process_time() - began
