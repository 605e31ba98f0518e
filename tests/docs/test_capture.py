"""The page on capturing has a section for each way, and names every option that a way has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_lambda_events.cassette.capture import lambda_capture
from pytest_lambda_events.cli import main
from pytest_lambda_events.cli.capture import WAYS

PAGE = (Path(__file__).parents[2] / "docs" / "capture.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
COMMON = "Options of all live captures"


def options_of(way: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """What `--help` lists."""
    assert main(["capture", way, "--help"]) == 0
    lines = re.findall(r"^  (-.+?)(?:  |$)", capsys.readouterr().out, re.MULTILINE)
    return {option for line in lines for option in re.findall(r"--[a-z-]+", line)} - {"--help"}


@pytest.mark.parametrize("way", WAYS)
def test_every_option_of_a_way_is_documented(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In its own section, or among those of all; the table at the top names the way itself."""
    asked = options_of(way, capsys)
    assert asked
    told = {option for section in (way, COMMON) for option in re.findall(r"--[a-z-]+", SECTIONS.get(section, ""))}
    told |= set(re.findall(r"--[a-z-]+", PAGE.partition("## from-file")[0]))
    assert sorted(asked - told) == []
    assert f"[`{way}`](#{way})" in PAGE


def test_no_option_is_made_up(capsys: pytest.CaptureFixture[str]) -> None:
    """What the page names exists in some way."""
    there = {option for way in WAYS for option in options_of(way, capsys)}
    assert sorted(set(re.findall(r"`(--[a-z-]+)", PAGE)) - there) == []


def test_the_decorators_environment_is_documented() -> None:
    """Every variable, in the page and in the file itself."""
    source = Path(lambda_capture.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r'environ\.get\("(\w+)"', source))
    in_file = set(re.findall(r"^    (LAMBDA_CAPTURE_\w+)", source, re.MULTILINE))
    assert read == in_file == set(re.findall(r"`(LAMBDA_CAPTURE_\w+)`", PAGE))
