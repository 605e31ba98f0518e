"""The sample cassettes of the repository: one for each source, and all that a cassette should be."""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path

import jsonschema
import pytest

from pytest_lambda_events.cassette import load, migrate
from pytest_lambda_events.cassette.check import check_cassette, is_cassette_file
from pytest_lambda_events.cassette.redact import Redactor
from pytest_lambda_events.sources import SOURCES, identify, validate

ROOT = Path(__file__).parents[3]
SAMPLES = sorted((ROOT / "cassettes").glob("*/*.json"))
SCHEMA = json.loads((importlib.resources.files("pytest_lambda_events.cassette") / "schema.json").read_text("utf-8"))

each_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.relative_to(ROOT).as_posix())


def test_there_is_one_for_each_source() -> None:
    """Each named in the README beside them."""
    assert {path.parent.name for path in SAMPLES} == {source.name for source in SOURCES}
    readme = (ROOT / "cassettes" / "README.md").read_text(encoding="utf-8")
    assert [path for path in SAMPLES if f"`{path.parent.name}/{path.name}`" not in readme] == []


@each_sample
def test_a_sample_is_a_sound_cassette(path: Path) -> None:
    """By the schema, in the one way of writing, of its folder's source, without errors and secrets."""
    cassette = load(path)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(path.read_text(encoding="utf-8")))
    assert is_cassette_file(path)
    assert migrate(path, write_back=False) is False
    assert [one for one in check_cassette(path) if one.severity == "error"] == []
    assert {identify(one.event).name for one in cassette.interactions} == {cassette.source} == {path.parent.name}


@each_sample
def test_a_sample_is_redacted(path: Path) -> None:
    """There is nothing left to do, whatever the key; the documentation's account is nowhere."""
    cassette = load(path)
    assert Redactor(key=b"another key, as long as that").redacted(cassette) is cassette
    text = path.read_text(encoding="utf-8")
    assert [account for account in ("123456789012", "111122223333") if account in text] == []


@each_sample
def test_redaction_did_no_harm_to_a_sample(path: Path) -> None:
    """What `validate` says of it, it says of what AWS's documentation prints."""
    name = path.parent.name
    printed = ROOT / "tests" / "data" / "aws-samples" / f"{name.replace('_', '-')}.json"
    before = {finding.path for finding in validate(json.loads(printed.read_text(encoding="utf-8")))}
    (interaction,) = load(path).interactions
    assert {finding.path for finding in validate(interaction.event)} <= before
