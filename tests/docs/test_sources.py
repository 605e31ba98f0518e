"""The pages of sources have one form, so that a reader who knows one knows all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_lambda_events.sources import SOURCES

FOLDER = Path(__file__).parents[2] / "docs" / "sources"
HEADINGS = ["The event", "What is simulated", "What is not", "What consumers make of real events"]
NAMES = [source.name for source in SOURCES]

each_source = pytest.mark.parametrize("name", NAMES)


def page(name: str) -> str:
    """A source's page, without its blocks of code."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


@each_source
def test_all_have_the_same_headings(name: str) -> None:
    """In the same order, under a title with the name that the registry has."""
    assert re.findall(r"^## (.+)$", page(name), re.MULTILINE) == HEADINGS
    assert page(name).startswith("# ")
    assert f"(`{name}`)" in page(name).splitlines()[0]


@each_source
def test_what_is_simulated_names_its_evidence(name: str) -> None:
    """Each leads to the rules with their evidence and their tests; what is not is a list."""
    text = page(name)
    simulated = text.partition("## What is simulated\n")[2].partition("\n## ")[0]
    assert "fidelity.md" in simulated
    assert re.search(r"^- ", text.partition("## What is not\n")[2].partition("\n## ")[0], re.MULTILINE)
    assert re.search(r"^\| rule \| evidence \|$", text.partition("## What is simulated\n")[0], re.MULTILINE)


def test_the_list_of_sources_is_complete() -> None:
    """And no page is about none."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| \[[^\]]+\]\((\w+)\.md\)", text, re.MULTILINE)) == sorted(NAMES)
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == sorted([*NAMES, "README"])
