"""The events that AWS's documentation prints: no error, and exactly the notes that stand in a golden file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_lambda_events.events import identify, validate
from pytest_lambda_events.sources import SOURCES

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
FILES = {source.name: f"{source.name.replace('_', '-')}.json" for source in SOURCES}

each_sample = pytest.mark.parametrize("name", FILES)


@each_sample
def test_a_documentation_sample_has_exactly_the_golden_notes(name: str) -> None:
    """What is printed is valid input for a handler, and anybody can tell it from a real event."""
    event = json.loads((SAMPLES / FILES[name]).read_text(encoding="utf-8"))
    golden = json.loads((SAMPLES / "notes.json").read_text(encoding="utf-8"))
    findings = validate(event)
    assert identify(event).name == name
    assert [str(one) for one in findings if one.severity == "error"] == []
    assert [str(one) for one in findings] == golden[name]
    assert findings
