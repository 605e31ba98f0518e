"""House rules that no linter knows, held over the source tree."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "pytest_lambda_events"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Names that say nothing about what is inside, so that anything may end up there.
NAMES_THAT_SAY_NOTHING = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}

# A home, a checkout or an environment of somebody's own machine. Paths that Lambda itself has (`/var/task`) are fine.
MACHINE_PATH = re.compile(r"(?<![\w.$})])(?:/(?:root|work|workspace|home/\w+|Users/\w+|tmp/\w+/venv)/|[A-Z]:\\Users\\)")


def project_files() -> list[Path]:
    """Every text file that is, or is about to be, in the repository."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        paths = [ROOT / name for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):  # an unpacked source distribution
        paths = [path for path in ROOT.rglob("*") if not any(part.startswith(".") for part in path.parts)]
    return sorted(path for path in paths if path.is_file())


def text_of(path: Path) -> str:
    """What is written in the file; nothing, for one that is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def writes_or_reads_text(node: ast.Call) -> bool:
    """Whether the call opens a file as text."""
    match node.func:
        case ast.Attribute(attr="read_text" | "write_text"):
            return True
        case ast.Name(id="open") | ast.Attribute(attr="open"):
            modes = [*node.args[:2], *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
            return not any(isinstance(mode, ast.Constant) and "b" in str(mode.value) for mode in modes)
        case _:
            return False


def names_of(paths: Iterable[Path]) -> list[str]:
    """The files, as they are named from the root."""
    return [path.relative_to(ROOT).as_posix() for path in paths]


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    """Every module of the package, parsed. One test looks at all of them: a test for each would be two thousand."""
    return {path: ast.parse(text_of(path)) for path in MODULES}


def test_there_are_modules():
    """The lists below are not empty because nothing was looked at."""
    assert PACKAGE / "__init__.py" in MODULES


def test_a_module_says_what_it_is_for(trees):
    """Every module has a docstring."""
    assert [] == names_of(path for path, tree in trees.items() if not ast.get_docstring(tree))


def is_annotated(tree: ast.Module) -> bool:
    """Whether anything in the module has an annotation."""
    return any(
        isinstance(node, ast.AnnAssign)
        or (isinstance(node, ast.arg) and node.annotation)
        or (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns)
        for node in ast.walk(tree)
    )


def is_postponed(tree: ast.Module) -> bool:
    """Whether the module's annotations are not evaluated."""
    return any(
        isinstance(node, ast.ImportFrom) and node.module == "__future__" and node.names[0].name == "annotations"
        for node in tree.body
    )


def test_annotations_cost_nothing(trees):
    """A module with annotations does not evaluate them, so that types may be imported for the checker only."""
    assert [] == names_of(path for path, tree in trees.items() if is_annotated(tree) and not is_postponed(tree))


def test_text_has_an_encoding(trees):
    """The same file reads the same on every operating system."""
    assert [] == [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and writes_or_reads_text(node)
        and not any(keyword.arg == "encoding" for keyword in node.keywords)
    ]


def test_every_module_is_named_after_what_it_does():
    """No module is called utils, helpers, common, base or manager."""
    assert [] == [
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if NAMES_THAT_SAY_NOTHING & {part.strip("_") for part in path.relative_to(PACKAGE).with_suffix("").parts}
    ]


def test_no_file_knows_somebodys_machine():
    """No path of one machine is written down anywhere: what works here works after a clone."""
    assert [] == [
        f"{path.relative_to(ROOT).as_posix()}: {match.group()}"
        for path in project_files()
        for match in MACHINE_PATH.finditer(text_of(path))
    ]


def test_every_document_that_is_named_exists():
    """Code and documents refer to notes that a reader can open, not to ones that stayed on somebody's desk."""
    files = project_files()
    known = {path.name for path in files}
    speaking = [path for path in files if path.is_relative_to(PACKAGE) or path.suffix in {".md", ".toml", ".ini"}]

    assert [] == [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in speaking
        for name in re.findall(r"[\w-]+\.md\b", text_of(path))
        if name not in known
    ]
