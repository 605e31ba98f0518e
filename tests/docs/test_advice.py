"""The page on advice has a section for each code, with its fix, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_lambda_events.advice import MEANINGS

PAGE = (Path(__file__).parents[2] / "docs" / "advice.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `([\w-]+)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_every_code_has_a_section_with_its_fix() -> None:
    """Whoever sees a code in a report finds what to do."""
    assert sorted(SECTIONS) == sorted(MEANINGS)
    assert [code for code, text in SECTIONS.items() if "**Fix:**" not in text] == []
