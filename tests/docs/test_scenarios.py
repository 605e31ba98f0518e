"""The page on scenarios: its tests pass, its file is a test, its tables are those of the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pytest_lambda_events.cli import main
from pytest_lambda_events.harness import Harness
from pytest_lambda_events.scenario import KEYS, read_file
from pytest_lambda_events.scenario.reading import FACTORIES

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "scenarios_orders"
PAGE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
SCHEMA = ROOT / "pytest_lambda_events" / "scenario" / "scenario.schema.json"

_WITHOUT = ("randomly", "cacheprovider", "xdist", "hypothesispytest", "faker", "asyncio")
QUIET = tuple(word for name in _WITHOUT for word in ("-p", f"no:{name}"))


def block(language: str) -> str:
    """The first fenced block in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]


def table(heading: str) -> list[tuple[str, str]]:
    """The rows of the table under a heading that begin with code."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([\w-]+)` \| (.*) \|$", section, re.MULTILINE)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with what the page's snippets name."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    pytester.path.joinpath("poison.jsonl").write_text('{"body": "poison"}\n', encoding="utf-8")
    template = (EXAMPLE / "template.yaml").read_text(encoding="utf-8")
    pytester.path.joinpath("template.yaml").write_text(template, encoding="utf-8")
    pytester.makepyfile(
        orders="""
        def handler(event, context):
            failed = [record for record in event["Records"] if "poison" in record["body"]]
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}
        """
    )
    return pytester


def test_the_markers_tests_pass(project: pytest.Pytester) -> None:
    """As printed."""
    project.makepyfile(test_page=block("py"))
    project.runpytest_inprocess(*QUIET).assert_outcomes(passed=6)


def test_the_file_is_a_test(project: pytest.Pytester) -> None:
    """As printed, and valid by the schema."""
    path = project.mkdir("scenarios") / "poison.lambda.yaml"
    path.write_text(block("yaml"), encoding="utf-8")
    project.runpytest_inprocess(*QUIET).assert_outcomes(passed=1)
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    validator.validate(read_file(path))
    validator.validate(read_file(EXAMPLE / "scenarios" / "no_customer.lambda.yaml"))


def test_the_record_is_one(project: pytest.Pytester) -> None:
    """As printed, of a FIFO queue."""
    keys = {
        "source": {"sqs_queue": {"fifo": True}},
        "handler": "orders:handler",
        "records": [json.loads(block("json"))],
    }
    keys["source"]["sqs_queue"]["ContentBasedDeduplication"] = "true"
    project.path.joinpath("a.lambda.json").write_text(json.dumps(keys), encoding="utf-8")
    project.runpytest_inprocess(*QUIET).assert_outcomes(passed=1)


def test_the_table_of_keys() -> None:
    """Each, as the code tells it."""
    assert dict(table("A file")) == dict(KEYS)


def test_the_factories() -> None:
    """All are named, and all exist."""
    sentence = PAGE.partition("The factories are ")[2].partition(", with the arguments")[0]
    assert sorted(re.findall(r"`(\w+)`", sentence)) == sorted(FACTORIES)
    with Harness() as aws:
        assert all(callable(getattr(aws, name)) for name in FACTORIES)


def test_the_table_of_options(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that `--help` lists."""
    assert main(["simulate", "--help"]) == 0
    asked = set(re.findall(r"^  (--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    assert {name for name, _ in table("simulate")} == asked


def test_the_examples_command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """The README's, in the example's folder."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.findall(r"^\$ lambda-events (simulate .*)$", readme, re.MULTILINE)[0]
    monkeypatch.chdir(EXAMPLE)
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert main(command.split()) == 0
    assert '{"order":3}  -> dead_lettered' in capfd.readouterr().out
