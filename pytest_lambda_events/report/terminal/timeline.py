"""The page about a run, for whoever looks at a failed test. The law: what happened as a drawing, then why, record by
record, then counts and advice; plain ASCII within the width, colours aside, and short however long the run was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lambda_events.report.again import command_of
from pytest_lambda_events.report.telling import Teller
from pytest_lambda_events.report.terminal.account import NO_RECORDS, write
from pytest_lambda_events.report.terminal.chart import draw
from pytest_lambda_events.report.terminal.style import PLAIN

if TYPE_CHECKING:
    from pytest_lambda_events.report.terminal.style import Style
    from pytest_lambda_events.report.view import RunView

__all__ = ["section", "timeline"]


def section(view: RunView, nodeid: str, *, width: int = 100, style: Style = PLAIN) -> str:
    """What a failing test shows: the timeline, and the line that reproduces the run, unless its time was real."""
    if not view.records:
        return NO_RECORDS
    page = timeline(view, width=width, style=style)
    if view.is_live:
        return page
    return f"{page}\n\nreproduce: {command_of(nodeid, view.seed)}"


def timeline(view: RunView, *, width: int = 100, most_records: int = 20, style: Style = PLAIN) -> str:
    """What happened to each record, and when, in virtual seconds, as lines of at most `width` columns (40 at least).

    First a chart (`chart`), then the stories of at most `most_records` records, those in trouble first, with the
    reasons why attempts failed, then the counts, metrics and advice of the run.
    """
    if not view.records:
        return NO_RECORDS
    teller = Teller(view)
    drawing = draw(view, teller, width=width, most_rows=most_records, style=style)
    return f"{drawing}\n\n{write(view, teller, width=width, most_records=most_records, style=style)}"
