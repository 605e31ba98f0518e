"""The page about a run, and the section of a failing test: the chart, why, the counts, and how to see it again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events import Harness
from pytest_lambda_events.report.again import command_of
from pytest_lambda_events.report.terminal.account import account
from pytest_lambda_events.report.terminal.chart import chart
from pytest_lambda_events.report.terminal.style import ANSI
from pytest_lambda_events.report.terminal.timeline import section, timeline
from pytest_lambda_events.report.view import view_of

if TYPE_CHECKING:
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.report.view import RunView

NOTHING = "no records: nothing was put into a source that is mapped to a function"


def run_of(*bodies: str) -> Run:
    """What a handler that does nothing was given."""
    with Harness(seed=7) as aws:
        queue = aws.sqs_queue("orders")
        mapping = aws.event_source_mapping(queue, lambda _event, _context: None)
        if bodies:
            queue.send(*bodies)
        return mapping.run_until_idle()


@pytest.fixture(scope="module")
def view() -> RunView:
    return view_of(run_of("x"))


@pytest.mark.parametrize("options", [{}, {"width": 60, "style": ANSI}], ids=["usual", "narrow-and-coloured"])
def test_the_page_has_the_chart_and_then_the_reasons(view, options):
    assert timeline(view, **options) == f"{chart(view, **options)}\n\n{account(view, **options)}"


def test_the_section_ends_with_the_line_that_reproduces_the_run(view):
    assert section(view, "tests/test_orders.py::test_poison[a b]") == (
        f'{timeline(view)}\n\nreproduce: pytest "tests/test_orders.py::test_poison[a b]" --lambda-events-seed=7'
    )


def test_a_test_whose_name_a_shell_would_read_is_quoted(view):
    assert section(view, 'test_a.py::test_b["$HOME"]').endswith(
        "reproduce: pytest 'test_a.py::test_b[\"$HOME\"]' --lambda-events-seed=7"
    )


@pytest.mark.parametrize(
    ("name", "test"),
    [
        ("a.py::test_b[x y]", '"a.py::test_b[x y]"'),
        ("a.py::test_b[x] (run 2)", '"a.py::test_b[x]"'),
        ("a.py::test_b[$x]", "'a.py::test_b[$x]'"),
        (r"a.py::test_b[\\x]", r"'a.py::test_b[\\x]'"),
        ("a.py::test_b['!']", "'a.py::test_b['\"'\"'!'\"'\"']'"),
    ],
)
def test_a_test_is_run_again_by_its_own_name(name, test):
    """Whichever of its runs it was, and whatever its shell makes of a letter."""
    assert f"pytest {test} --lambda-events-seed=3" == command_of(name, 3)
    assert name.removesuffix(" (run 2)") == shlex.split(command_of(name, 3))[1]


def test_a_run_on_real_time_cannot_be_reproduced():
    view = view_of(run_of("x"), is_live=True)

    assert section(view, "test_a.py::test_b") == timeline(view)


def test_a_section_has_the_width_and_the_style_that_it_is_given(view):
    options = {"width": 60, "style": ANSI}

    assert section(view, "test_a.py::test_b", **options).startswith(timeline(view, **options))


def test_without_records_one_line_says_so():
    view = view_of(run_of())

    assert timeline(view) == chart(view) == section(view, "test_a.py::test_b") == NOTHING
