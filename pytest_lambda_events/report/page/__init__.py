"""PLACEHOLDER, to be replaced when the branch of the page is merged. The law: the same signatures, and nothing more."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_lambda_events.report.view import RunView

__all__ = ["ToldTest", "entry_of", "page_of"]


class ToldTest(NamedTuple):
    """A test as the report tells it: `trace_file` is where its trace is, from where the report is."""

    test: str
    outcome: str
    view: RunView
    trace_file: str | None


def entry_of(told: ToldTest) -> str:
    """The JSON text of one test, complete in itself."""
    records = [record.id for record in told.view.records]
    return json.dumps(
        {"test": told.test, "outcome": told.outcome, "trace_file": told.trace_file, "records": records},
        ensure_ascii=False,
    )


def page_of(entries: Iterable[str], *, title: str, made: str, comparisons: Iterable[str] = ()) -> str:
    """The report as HTML."""
    told = "\n".join(html.escape(entry, quote=False) for entry in (*entries, *comparisons))
    return f"<!doctype html>\n<title>{html.escape(title)}</title>\n<p>{html.escape(made)}</p>\n<pre>{told}</pre>\n"
