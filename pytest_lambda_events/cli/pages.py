"""Reports that commands write. The law: one file, made in one step, with the moment of the real clock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lambda_events.cassette.making import real_now
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.report.files import claim, put
from pytest_lambda_events.report.page import entry_of, page_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_lambda_events.report.page import ToldTest

__all__ = ["write_page"]


def write_page(file: str, told: Iterable[ToldTest], *, title: str, comparisons: Iterable[str] = ()) -> None:
    """Write the report of these runs. Errors: `UsageError` for a place that cannot be written, or that a trace has."""
    page = Path(file)
    told = list(told)
    if page.name in [one.trace_file for one in told]:  # as seen from the page
        raise UsageError(f"{file} is the trace itself: name another file for the report")
    claim(page)
    made = real_now().astimezone().isoformat(sep=" ", timespec="seconds")
    put(page, page_of([entry_of(one) for one in told], title=title, made=made, comparisons=comparisons))
