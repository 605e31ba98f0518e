"""What is public is written down: in each module's `__all__`, and the promises in the package's own."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import pytest_lambda_events

PACKAGE = Path(pytest_lambda_events.__file__).parent


def module_names() -> list[str]:
    """Every module of the package; `__main__` is left out, because importing it runs it."""
    found = pkgutil.walk_packages(pytest_lambda_events.__path__, "pytest_lambda_events.", onerror=lambda _name: None)
    return sorted(module.name for module in found if not module.name.endswith("__main__"))


def import_or_skip(name: str):
    """The module, or a skipped test where it needs an extra that is not installed here."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "pytest_lambda_events":
            raise
        pytest.skip(f"{name} needs {error.name}, an extra")


def defined_names(tree: ast.Module) -> set[str]:
    """Public names that the module's own statements bind, imports left out."""
    names = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case _:
                pass
    return {name for name in names if not name.startswith("_")}


def test_the_package_lists_its_public_names_in_order():
    """`__all__` of the package is sorted and names nothing twice."""
    assert sorted(set(pytest_lambda_events.__all__)) == list(pytest_lambda_events.__all__)


@pytest.mark.parametrize("name", pytest_lambda_events.__all__)
def test_every_public_name_resolves(name):
    """A promised name is there."""
    assert getattr(pytest_lambda_events, name) is not None


def test_nothing_else_is_public():
    """The facade shows what it promises and nothing else: no helper, no import; rooms that are loaded do not count."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    shown = {name for name, value in vars(pytest_lambda_events).items() if not isinstance(value, ModuleType)}
    imported = {"TYPE_CHECKING", "annotations", "import_module"}  # what the facade itself works with

    assert set() == defined_names(tree)
    assert {name for name in shown if name[0] not in "_@"} - imported <= set(pytest_lambda_events.__all__)


def test_an_unknown_name_is_an_attribute_error():
    """A misspelt name fails like that of any module, so that `hasattr` and `from ... import` work."""
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = pytest_lambda_events.no_such_name


@pytest.mark.parametrize("name", module_names())
def test_a_module_lists_its_public_names(name):
    """Every name in `__all__` resolves, once; a module without the list defines nothing public.

    The order is the linter's business (RUF022). pytest finds hooks and fixtures by their names: they need no list.
    """
    module = import_or_skip(name)
    listed = getattr(module, "__all__", None)
    if listed is not None:
        assert [] == [entry for entry in listed if not hasattr(module, entry)]
        assert len(set(listed)) == len(listed)
    elif not name.startswith("pytest_lambda_events.plugin"):
        assert set() == defined_names(ast.parse(inspect.getsource(module)))
