"""PLACEHOLDER, to be replaced when redacted views are merged. The law: what it cannot redact, it empties."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_lambda_events.cassette.redact import Redactor
    from pytest_lambda_events.report.view import RunView

__all__ = ["redacted"]


def redacted(view: RunView, redactor: Redactor, *, calls: Collection[int] | None = None) -> RunView:
    """The run without what is private; events only of `calls`, by their positions."""
    del redactor, calls
    emptied = tuple([dataclasses.replace(call, event_text="") for call in view.calls])
    return dataclasses.replace(view, calls=emptied)
