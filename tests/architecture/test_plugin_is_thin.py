"""The plugin is loaded by every run of everybody who installed it: its engine is imported inside functions.

import-linter cannot tell an import at the top of a module from one inside a function, so the syntax tree is asked.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pytest_lambda_events"
PLUGIN_FILES = sorted((PACKAGE / "plugin").rglob("*.py"))

# pytest is there anyway; of ours, what registers options, and the errors (which import nothing by themselves).
ALLOWED = (
    "pytest",
    "_pytest",
    "pluggy",
    "pytest_lambda_events.errors",
    "pytest_lambda_events.options",
    "pytest_lambda_events.plugin",
)


def imports_at_load(tree: ast.Module, package: str) -> list[tuple[int, str]]:
    """Line and full name of everything that executing the module imports."""
    found = []
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        match waiting.pop():
            case ast.Import(names=names, lineno=line):
                found += [(line, alias.name) for alias in names]
            case ast.ImportFrom(module=module, names=names, level=level, lineno=line):
                above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                origin = ".".join([*above, *([module] if module else [])])
                found += [(line, f"{origin}.{alias.name}") for alias in names]
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                pass  # runs later
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=otherwise):
                waiting += otherwise
            case node:
                waiting += ast.iter_child_nodes(node)
    return sorted(found)


def is_cheap(name: str) -> bool:
    if name.partition(".")[0] in sys.stdlib_module_names:
        return True
    return any(name == allowed or name.startswith(f"{allowed}.") for allowed in ALLOWED)


def test_there_is_a_plugin():
    """The cases below are not empty."""
    assert PLUGIN_FILES


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_loading_the_plugin_imports_no_engine(path):
    """At module level the plugin imports the standard library, pytest and its options."""
    parent = path.parent.relative_to(PACKAGE.parent)
    tree = ast.parse(path.read_text(encoding="utf-8"))

    dear = [
        f"line {line}: {name}" for line, name in imports_at_load(tree, ".".join(parent.parts)) if not is_cheap(name)
    ]

    assert dear == []


def test_an_import_at_the_top_is_seen_and_a_late_one_is_not():
    """The rule looks where imports run: also into classes, branches and relative names, not into functions."""
    source = """
from typing import TYPE_CHECKING
from ..harness import Harness
if TYPE_CHECKING:
    import boto3
else:
    import moto
try:
    import freezegun
except ImportError:
    pass
class Late:
    import responses
    def fixture(self):
        import botocore
"""
    assert [
        (2, "typing.TYPE_CHECKING"),
        (3, "pytest_lambda_events.harness.Harness"),
        (7, "moto"),
        (9, "freezegun"),
        (13, "responses"),
    ] == imports_at_load(ast.parse(source), "pytest_lambda_events.plugin")
