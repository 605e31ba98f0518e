"""The page on fidelity: every rule has evidence, and every test that is said to hold one is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^##+ (.+?)\n(.*?)(?=^##+ |\Z)", PAGE, re.MULTILINE | re.DOTALL)
SHARED = r"`(tests/[\w./*-]+)`"
CLAUSES = {"K": "kinesis", "D": "dynamodb", "S": "sqs"}

each_section = pytest.mark.parametrize(("title", "text"), SECTIONS, ids=[title for title, _ in SECTIONS])


def files_of(name: str) -> list[Path]:
    """The files that a name stands for: a file, all in a folder, or those that a pattern finds."""
    path = ROOT / name
    found = list(path.rglob("*")) if path.is_dir() else list(ROOT.glob(name))
    return [file for file in found if file.is_file()]


def rows(text: str) -> list[list[str]]:
    """The rows of the tables in a section, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines if line[2:6] != "rule"]


def heads(text: str) -> list[str]:
    """The columns of the first table in a section."""
    line = next((line for line in text.splitlines() if line.startswith("| ")), "| |")
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_there_are_rules() -> None:
    """The cases below are not empty."""
    assert sum(len(rows(text)) for _, text in SECTIONS) > 150


@each_section
def test_every_file_that_is_named_is_there(title: str, text: str) -> None:
    """Files, folders and patterns; a name alone is one in the folder of the name before it."""
    assert [name for name in re.findall(SHARED, text) if not files_of(name)] == []
    for row in rows(text):
        folder = ""
        for name in re.findall(r"`([\w./*-]+\.py)`", row[-1]):
            folder = name.rpartition("/")[0] or folder
            assert files_of(f"{folder}/{Path(name).name}"), f"{title}: {name}"


@each_section
def test_every_test_that_is_named_is_there(title: str, text: str) -> None:
    """In one of the files that the section names."""
    named = set(re.findall(r"`(test_\w+)`", text))
    files = [file for name in re.findall(SHARED, text) for file in files_of(name) if file.suffix == ".py"]
    there = {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))}
    assert sorted(named - there) == []


@each_section
def test_every_rule_has_its_evidence_and_its_test(title: str, text: str) -> None:
    """Its own test, or the section's; templates and judges have evidence of another kind."""
    if not rows(text):
        return
    assert "evidence" in heads(text)
    place = heads(text).index("evidence")
    if "held by" in heads(text):
        assert [row[0] for row in rows(text) if "`" not in row[-1] and not re.search(SHARED, text)] == []
    else:
        assert re.search(SHARED, text) or "stands on" in text
    empty = [row[0] for row in rows(text) if place < len(row) and not row[place]]
    assert empty == [] or title in {"Templates", "Filters"}


@pytest.mark.parametrize(("letter", "service"), CLAUSES.items())
def test_every_clause_has_its_test_and_every_test_its_clause(letter: str, service: str) -> None:
    """By number, ranges written out."""
    told: set[int] = set()
    for _, text in SECTIONS:
        if heads(text)[:1] != ["clause"]:
            continue
        numbers = " ".join(row[0] for row in rows(text))
        for first, last in re.findall(rf"\b{letter}(\d+)(?:\u2013{letter}(\d+))?", numbers):
            told |= set(range(int(first), int(last or first) + 1))
    source = (ROOT / "tests" / "brokers" / service / "test_fidelity.py").read_text(encoding="utf-8")
    tested = {int(number) for number in re.findall(rf"def test_{letter.lower()}(\d+)_", source)}
    assert told == tested
