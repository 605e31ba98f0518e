"""The schemas in the package: what they say is what is read, and what is printed."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pytest_lambda_events.model.records import FATES
from pytest_lambda_events.scenario.reading import FACTORIES, KEYS


def schema(name: str) -> dict[str, Any]:
    """A schema of the package."""
    found: dict[str, Any] = json.loads(
        files("pytest_lambda_events.scenario").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    )
    return found


@pytest.mark.parametrize("name", ["run", "scenario"])
def test_it_is_a_schema(name: str) -> None:
    """Of the draft that it names."""
    Draft202012Validator.check_schema(schema(name))


def test_the_scenarios_schema_has_the_keys() -> None:
    """Each with what is said of it, in order."""
    properties = schema("scenario")["properties"]
    assert {key: one["description"] for key, one in properties.items()} == dict(KEYS)
    assert list(properties) == list(KEYS)
    assert properties["source"]["anyOf"][0]["enum"] == list(FACTORIES)
    assert list(properties["expect"]["properties"]) == [*FATES, "invocations", "attempts", "advice"]


@pytest.mark.parametrize(
    ("scenario", "is_valid"),
    [
        ({"source": "sqs_queue", "handler": "a:b"}, True),
        ({"source": {"sqs_queue": {"name": "a"}}, "handler": "a:b", "function": {"Timeout": 3}}, True),
        ({"template": "t.yaml", "function": "F", "event": "E", "records": "r.jsonl", "allow": "pending"}, True),
        ({"source": "sqs_queue", "handler": "a:b", "expect": {"processed": [0], "attempts": {"0": [1.5]}}}, True),
        ({"source": "sqs_queue", "handler": "a:b", "records": [{"body": 1, "at": 5}]}, True),
        ({"source": "sqs_queue"}, False),
        ({"source": "queue", "handler": "a:b"}, False),
        ({"template": "t.yaml"}, False),
        ({"template": "t.yaml", "function": {"Timeout": 3}}, False),
        ({"template": "t.yaml", "function": "F", "mapping": {}}, False),
        ({"source": "sqs_queue", "handler": "a:b", "event": "E"}, False),
        ({"source": "sqs_queue", "handler": "a:b", "records": [5]}, False),
        ({"source": "sqs_queue", "handler": "a:b", "expect": {"lost": 1}}, False),
        ({"source": "sqs_queue", "handler": "a:b", "seeds": 1}, False),
    ],
)
def test_what_it_accepts(scenario: dict[str, Any], is_valid: bool) -> None:
    """What the reader accepts."""
    assert Draft202012Validator(schema("scenario")).is_valid(scenario) is is_valid
