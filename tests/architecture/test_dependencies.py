"""What the package imports is what its metadata declares: no more, so that nobody installs in vain, and no less."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pytest_lambda_events"

# Parts of a declared distribution that go by a name of their own.
PART_OF = {"_pytest": "pytest", "pluggy": "pytest", "bson": "pymongo", "stomp": "stomp_py", "yaml": "pyyaml"}

# In the standard library of newer Pythons, asked for only there.
LATER_STDLIB = {"tomllib"}


def declared() -> tuple[set[str], set[str]]:
    """Names of the required distributions, and of those that an extra adds."""
    try:
        requirements = metadata.requires("pytest-lambda-events") or []
    except metadata.PackageNotFoundError:
        pytest.skip("runs against an installed package")
    required, extra = set(), set()
    for requirement in requirements:
        # whoever built it may have written the name as it was given, or as the index has it
        name = re.sub(r"[-_.]+", "_", re.match(r"[\w.-]+", requirement).group().lower())
        (extra if re.search(r"extra\s*==", requirement) else required).add(name)
    return required, extra


@cache
def imported_by_the_package() -> set[str]:
    """Names of the distributions that are imported anywhere: at the top, in functions, for types."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    found |= {alias.name.partition(".")[0] for alias in names}
                case ast.ImportFrom(module=str(module), level=0):
                    found.add(module.partition(".")[0])
                case _:
                    pass
    found -= {*sys.stdlib_module_names, *LATER_STDLIB, "pytest_lambda_events"}
    return {PART_OF.get(name, name) for name in found}


def test_every_import_is_declared():
    """Nothing works only because another dependency happens to bring it."""
    required, extra = declared()

    assert set() == imported_by_the_package() - required - extra


def test_every_declared_dependency_is_imported():
    """Nothing is installed in vain."""
    required, _extra = declared()

    assert set() == required - imported_by_the_package()
