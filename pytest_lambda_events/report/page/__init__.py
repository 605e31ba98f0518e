"""A run as a web page. The law: one file that needs nothing else, and whatever a payload says stays text.

Each test makes its entry by itself, wherever it ran, and the page is its entries and what draws them.
"""

from __future__ import annotations

from pytest_lambda_events.report.page.entry import ToldTest, entry_of
from pytest_lambda_events.report.page.whole import page_of

__all__ = ["ToldTest", "entry_of", "page_of"]
