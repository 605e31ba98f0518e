"""The comparison of two runs in a browser, made by the command that people use."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Harness
from pytest_lambda_events.cli.diff import main
from pytest_lambda_events.report.trace_file import trace_text
from pytest_lambda_events.report.view import view_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

HOSTILE = '<script>document.title = "poisoned"</script><img src=x onerror=alert(1)>'
TEXTS = ("book", "poison", "pen", "slow", "late poison")
SHOWN = "[...document.querySelectorAll('.change')].filter(one => one.checkVisibility())"
HEADS = "[...document.querySelectorAll('.change-head')].map(one => one.textContent)"


def buggy(event: Any, _context: Any) -> None:
    """Refuses poison."""
    for record in event["Records"]:
        if "poison" in record["body"]:
            raise ValueError(f"no such order: {record['body']}")


def mended(event: Any, _context: Any) -> None:
    """Refuses nothing but what was fine before."""
    for record in event["Records"]:
        if "slow" in record["body"]:
            raise KeyError("speed")


def fine(_event: Any, _context: Any) -> None:
    """Takes everything."""


def trace_of(handler: Any, texts: Sequence[str] = TEXTS, *, seed: int = 1, **parameters: Any) -> str:
    """A run as the text of its trace."""
    with Harness(seed=seed, region="us-east-1") as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
        mapping = aws.event_source_mapping(queue, handler, **parameters)
        queue.send(*texts)
        return trace_text(view_of(mapping.run_until_idle()), test=None)


@pytest.fixture
def compared(tmp_path: Path, chromium: Any) -> Callable[..., Path]:
    """`compared(one, other)`: the page that `lambda-events diff --html` writes of two traces."""

    def write(one: str, other: str, *, names: tuple[str, str] = ("before.json", "after.json")) -> Path:
        files = [tmp_path / name for name in names]
        for file, text in zip(files, (one, other), strict=True):
            file.write_text(text, encoding="utf-8")
        page = tmp_path / "diff.html"
        main([*map(str, files), "--html", str(page)])
        return page

    return write


@pytest.fixture
def bugs(compared: Any) -> Path:
    """A handler with a bug, and one with another."""
    return compared(trace_of(buggy, BatchSize=1), trace_of(mended, BatchSize=1))  # type: ignore[no-any-return]


def opened_everywhere(tab: Any) -> None:
    """All changes open."""
    tab.js("document.querySelectorAll('.change-head').forEach((button) => button.click())")
    tab.settle()


@pytest.mark.parametrize("width", [1280, 390, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_handler_and_a_mended_one(opened: Any, bugs: Path, tmp_path: Path, width: int, scheme: str) -> None:
    """Worse and better, first on the page; without a word in the console or a request, and no wider than the window."""
    tab = opened(bugs, width=width, scheme=scheme)
    assert tab.js("document.querySelector('main > section').className") == "test comparison"
    assert "3 of 5 records changed (1 worse, 2 better)" in tab.js("document.querySelector('.headline').textContent")
    tab.screenshot(tmp_path / f"closed-{width}-{scheme}.png")
    opened_everywhere(tab)
    assert tab.js("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert tab.screenshot(tmp_path / f"open-{width}-{scheme}.png").stat().st_size > 10_000
    assert tab.complaints == []
