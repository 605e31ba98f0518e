"""Each example is run as its reader runs it, says in a few lines what it asks, and is in the list."""

from __future__ import annotations

import ast
import os
import re
import shlex
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

PROVIDED_BY = {"aws_lambda_powertools": "aws-lambda-powertools", "yaml": "PyYAML"}
"""What an example may import besides the package, and who brings it; the other set comes with the package."""
OF_THE_PACKAGE = {"boto3", "botocore", "pytest", "pytest_lambda_events", "requests"}

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


def requirements_in(folder: Path) -> list[str]:
    """What a reader of its README installs."""
    commands = re.findall(r"^    pip install (.*)$", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [word for command in commands for word in shlex.split(command)]


def imported_in(folder: Path) -> set[str]:
    """The modules that its files import, by their first names; neither Python's nor the example's own."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {path.stem for path in folder.rglob("*.py")}


@each_example
def test_an_example_has_a_name_that_python_could_import(folder: Path) -> None:
    """One form for all of them."""
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", folder.name)


@each_example
def test_an_example_says_what_to_install_and_to_type(folder: Path) -> None:
    """In its own folder, which may have been copied elsewhere: the package, whatever else it imports, and `pytest`."""
    required = requirements_in(folder)
    needed = imported_in(folder) - OF_THE_PACKAGE

    assert re.match(r"pytest-lambda-events(\[\w+\])?$", required[0])
    assert set() == needed - set(PROVIDED_BY)
    assert set() == {PROVIDED_BY[name] for name in needed} - set(required)
    assert "\nIn this folder:\n" in (folder / "README.md").read_text(encoding="utf-8")
    assert "\n    pytest\n" in (folder / "README.md").read_text(encoding="utf-8")


def test_one_list_has_what_all_of_them_need() -> None:
    """examples/requirements.txt, for the README's first command."""
    listed = (EXAMPLES / "requirements.txt").read_text(encoding="utf-8")
    required = {word for folder in FOLDERS for word in requirements_in(folder)}
    parts = {part for word in required for part in re.findall(r"moto\[([\w,]+)\]", word)}

    assert [] == [name for name in required if "[" not in name and "lambda-events" not in name and name not in listed]
    assert set(",".join(parts).split(",")) <= set(re.search(r"moto\[([\w,]+)\]", listed)[1].split(","))


def test_the_list_of_examples_is_complete() -> None:
    """Each folder has its row in examples/README.md, and each row its folder."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([\w-]+)/` \|", text, re.MULTILINE) == [folder.name for folder in FOLDERS]
