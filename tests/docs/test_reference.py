"""The reference is what the code says today, and everything that is public is in it.

The second holds by lists of its own: what the generator forgets is missed here.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module, util
from pathlib import Path

import pytest

from pytest_lambda_events.advice import MEANINGS
from pytest_lambda_events.cli import COMMANDS
from pytest_lambda_events.cli.capture import WAYS
from pytest_lambda_events.options import OPTIONS
from pytest_lambda_events.plugin import hookspecs
from pytest_lambda_events.sources import SOURCES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FOLDER = DOCS / "reference"
FACADES = ("", ".events", ".envelopes", ".responses", ".filters", ".strategies", ".typing", ".errors")
GUIDES = [ROOT / "README.md", *(path for path in sorted(DOCS.rglob("*.md")) if FOLDER not in path.parents)]


def generator():
    """`docs/_reference.py`, which is in no package."""
    spec = util.spec_from_file_location("_reference", DOCS / "_reference.py")
    module = util.module_from_spec(spec)
    sys.modules["_reference"] = module
    spec.loader.exec_module(module)
    return module


MAKER = generator()


def reference() -> str:
    """All pages of the reference."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md")))


def guides() -> str:
    """All pages that people wrote."""
    return "\n".join(path.read_text(encoding="utf-8") for path in GUIDES)


@pytest.mark.parametrize("page", MAKER.PAGES)
def test_a_page_is_not_stale(page):
    """It is what the code says; if not, `python docs/_reference.py` writes it anew."""
    assert (FOLDER / page).read_text(encoding="utf-8") == MAKER.rendered(page), f"run: {MAKER.COMMAND}"


def test_no_page_is_left_over():
    """What is in the folder is made."""
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(MAKER.PAGES)


@pytest.mark.parametrize("facade", FACADES)
def test_every_public_name_has_an_entry(facade):
    """As a heading, or where it is told that it stands elsewhere."""
    told = set(re.findall(r"^(?:#+|-) `(\w+)`", reference(), re.MULTILINE))
    assert [name for name in import_module(f"pytest_lambda_events{facade}").__all__ if name not in told] == []


def test_every_public_name_says_what_it_is():
    """No heading of a name stands over nothing."""
    empty = re.findall(r"^#+ `(\w+)`\n+(?:```py\n[^`]*```\n+)?(?=#|\Z)", reference(), re.MULTILINE)
    assert empty == []


def test_every_fixture_marker_and_hook_is_documented(pytestconfig):
    """In the reference; and by people, each fixture and marker."""
    fixtures = set(MAKER.fixtures())
    assert {"lambda_events", "sqs_queue", "lambda_run", "lambda_cassette"} <= fixtures
    ours = [line.partition("(")[0] for line in pytestconfig.getini("markers") if line.startswith("lambda_")]
    assert sorted(ours) == sorted(shown.partition("(")[0] for shown in MAKER.markers())
    page = (FOLDER / "pytest.md").read_text(encoding="utf-8")
    assert [name for name in sorted(fixtures) if f"| `{name}` |" not in page] == []
    assert [name for name in ours if f"@pytest.mark.{name}(" not in page] == []
    hooks = [name for name in vars(hookspecs) if name.startswith("pytest_")]
    assert [name for name in hooks if f"### `{name}`" not in page] == []
    written = guides()
    assert [name for name in [*sorted(fixtures), *ours, *hooks] if not re.search(rf"\b{name}\b", written)] == []


def test_every_option_is_documented():
    """With its flag and its ini key in the reference, by its flag in a guide."""
    page = (FOLDER / "pytest.md").read_text(encoding="utf-8")
    assert [one.name for one in OPTIONS if f"| `{one.flag}` | `{one.ini}` |" not in page] == []
    pages = "\n".join(path.read_text(encoding="utf-8") for path in GUIDES if path.name != "README.md")
    assert [one.flag for one in OPTIONS if one.flag not in pages and one.ini not in pages] == []


def test_every_command_is_documented():
    """With each of its options in the reference, and shown in a guide."""
    page = (FOLDER / "commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^##+ ([\w -]+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    sub = {"generate": [one.name for one in SOURCES], "capture": list(WAYS)}
    asked = [name for name in COMMANDS if name not in sub]
    asked += [f"{name} {word}" for name, words in sub.items() for word in words]
    for command in asked:
        words = command.split()
        said = sections[command] + (sections[words[0]] if len(words) > 1 else "")
        options = {name for action in MAKER.parser_of(words)._actions for name in action.option_strings}
        assert [name for name in sorted(options - {"-h", "--help"}) if name not in said] == [], command
    assert [name for name in COMMANDS if f"lambda-events {name}" not in guides()] == []


def test_every_code_of_advice_is_documented():
    """It leads to its section in the guide; test_advice.py has those."""
    page = (FOLDER / "advice.md").read_text(encoding="utf-8")
    assert re.findall(r"\| \[`([\w-]+)`\]\(\.\./advice\.md#\1\)", page) == sorted(MEANINGS)
