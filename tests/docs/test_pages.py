"""Every snippet of the documents runs: a page is followed from top to bottom, as its reader would."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from pytest_lambda_events.events import sqs_event
from pytest_lambda_events.harness import Harness

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SAMPLE = ROOT / "cassettes" / "sqs" / "documentation.json"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "reference" not in path.parts)

ORDERS = """\
def handler(event, context):
    failed = [record for record in event["Records"] if "poison" in record["body"]]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}
"""


def following(language: str) -> list[Path]:
    """The pages that have a block in a language."""
    return [path for path in PAGES if re.search(rf"^```{language}$", path.read_text(encoding="utf-8"), re.MULTILINE)]


def named(path: Path) -> str:
    """How a page is called in a test's id."""
    return path.relative_to(ROOT).as_posix()


def trace(batch: int) -> str:
    """A run of a poison message as a trace."""
    from pytest_lambda_events.report.trace_file import trace_text
    from pytest_lambda_events.report.view import view_of

    def handler(event: Any, context: Any) -> None:
        assert event["Records"][0]["body"] != "poison"

    with Harness() as aws:
        queue = aws.sqs_queue("orders", maxReceiveCount=5)
        mapping = aws.event_source_mapping(queue, handler, BatchSize=batch)
        queue.send("poison", "book")
        return trace_text(view_of(mapping.run_until_idle()), test=None)


def given(reader: Any, path: Path) -> None:
    """What the commands of a page take for granted: the files that a reader has."""
    text = path.read_text(encoding="utf-8")
    event = json.dumps(sqs_event({"order": 1}, {"order": 250}, seed=7))
    reader.write("orders.py", ORDERS)
    for name in ("event.json", "captured.json", "piped.json", "logged.txt"):
        reader.write(name, event)
    reader.write("app/__init__.py", "")
    if path.name == "templates.md":
        reader.write("template.yaml", text.partition('write_text("""')[2].partition('""")')[0])
    if path.name == "traces.md":
        for name, batch in (("orders", 1), ("before", 1), ("after", 10)):
            reader.write(f"{name}.json", trace(batch))
    if "cassettes/" in text:
        (reader.pytester.path / "cassettes").mkdir()
        shutil.copy(SAMPLE, "cassettes/orders-2.json")
    if "--out cassettes/orders.json" not in text and "cassettes/" in text:
        shutil.copy(SAMPLE, "cassettes/orders.json")


@pytest.mark.parametrize("path", following("python"), ids=named)
def test_a_pages_python_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no file of its own is one program."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(?!# [\w./-]+\.py\n)(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    exec(compile("\n".join(blocks), str(path), "exec"), {"__name__": "page"})  # noqa: S102 - the project's own text


FOLLOWED = [
    path
    for path in PAGES
    if re.search(r"^```console$|^```python\n# [\w./-]+\.py$", path.read_text(encoding="utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("path", FOLLOWED, ids=named)
def test_a_page_can_be_followed(path: Path, reader: Any) -> None:
    """Its files are written, its commands work and print what is shown, and in the end its tests pass."""
    if path.parent == DOCS and path.name != "tutorial.md":
        given(reader, path)
    reader.follow(path.read_text(encoding="utf-8"))
    assert reader.ran or reader.tests


def test_the_readmes_commands(reader: Any) -> None:
    """In the project's folder, or in that of the example that a `cd` names; with the files that a user has."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    given(reader, readme)
    shutil.copytree(ROOT / "examples", reader.pytester.path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    simulated = [block for block in blocks if block.startswith("$ cd ")]  # test_scenarios.py has it
    assert len(simulated) == 1
    for block in blocks:
        if block not in simulated and "$ python -m pip" not in block:
            reader.follow(f"```console\n{block}```\n")
    assert reader.ran > 10


EXAMPLES = sorted(
    (path, line.strip())
    for path in ROOT.glob("examples/*/README.md")
    for line in path.read_text(encoding="utf-8").splitlines()
    if line.startswith("    lambda-events ")
)


@pytest.mark.parametrize(("path", "line"), EXAMPLES, ids=[named(path) for path, _ in EXAMPLES])
def test_an_examples_command(path: Path, line: str, reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own folder, of which a copy is read."""
    folder = reader.pytester.path / path.parent.name
    shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    reader.follow(f"```console\n$ {line}\n```\n")
    assert reader.ran == 1


def test_every_extra_that_is_named_exists() -> None:
    """Whoever installs what a page says gets it."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = project.partition("[project.optional-dependencies]\n")[2].partition("\n[")[0]
    extras = set(re.findall(r"^(\w+) = ", section, re.MULTILINE))
    assert {"kafka", "templates"} <= extras
    pages = [ROOT / "README.md", *DOCS.rglob("*.md"), *ROOT.glob("examples/**/*.md")]
    asked = re.findall(r"pytest-lambda-events\[([\w,]+)\]", "\n".join(one.read_text(encoding="utf-8") for one in pages))
    assert {extra for names in asked for extra in names.split(",")} <= extras
