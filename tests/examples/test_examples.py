"""Each example is run as its reader runs it, says in a few lines what it asks, and is in the list."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
FOLDERS = sorted(path for path in EXAMPLES.iterdir() if path.is_dir() and any(path.rglob("test_*.py")))
MOST_LINES = 15
PASSED = re.compile(r"^(examples/\S+\.py) (\.+) ", re.MULTILINE)
"""A line of pytest's output: a file, and a dot for each test that passed."""

each_example = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def test_there_are_examples() -> None:
    """The cases below are not empty."""
    assert FOLDERS


def test_all_examples_pass_as_the_readme_shows(tmp_path: Path) -> None:
    """In one process, by the README's command: the same files with the same tests, each in its place."""
    # what a developer's shell sets is not part of the example: neither pytest's options nor AWS's region or profile
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_", "POWERTOOLS_"))
    }
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "examples", "-p", "no:cacheprovider", "-p", "no:randomly", "--color=no"],
        cwd=ROOT,
        env={**environment, "PYTHONPYCACHEPREFIX": str(tmp_path)},  # no file that an earlier run compiled
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    passed = PASSED.findall(result.stdout)
    assert {Path(name).parts[1] for name, _ in passed} == {folder.name for folder in FOLDERS}
    assert passed == PASSED.findall((ROOT / "README.md").read_text(encoding="utf-8"))


@each_example
def test_an_example_says_what_it_asks(folder: Path) -> None:
    """A few lines with a title and a question."""
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MOST_LINES
    assert lines[0].startswith(f"# {folder.name}")
    assert "?" in "\n".join(lines)


def test_the_list_of_examples_is_complete() -> None:
    """Each folder has its row in examples/README.md, and each row its folder."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([\w-]+)/` \|", text, re.MULTILINE) == [folder.name for folder in FOLDERS]
