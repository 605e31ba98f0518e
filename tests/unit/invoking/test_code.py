"""A function's own code: what is in sys.modules while it runs, and what was never touched."""

from __future__ import annotations

import importlib
import sys
import sysconfig
from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.invoking.code import FunctionCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("own_app", "own_helper", "the_tests_own", "library_of_the_venv", "module_next_door")


@pytest.fixture(autouse=True)
def loaded() -> Iterator[None]:
    """Nothing of these tests stays loaded."""
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name in NAMES:
        sys.modules.pop(name, None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose root is the function's code: its tests, and its virtual environment, are below it."""
    root = tmp_path / "project"
    for folder, names in {
        root: ("own_app", "own_helper"),
        root / "tests": ("the_tests_own",),
        root / ".venv" / "site-packages": ("library_of_the_venv",),
        tmp_path / "project-more": ("module_next_door",),
    }.items():
        folder.mkdir(parents=True)
        for name in names:
            (folder / f"{name}.py").write_text("", encoding="utf-8")
    return root


@pytest.mark.parametrize("own", [False, True])
def test_what_the_process_had_loaded_from_there_stays(project: Path, own: bool) -> None:
    """The test module that is running, for one; of what is called like the function's, the function has its own."""
    sys.path.insert(0, str(project / "tests"))
    before = importlib.import_module("the_tests_own")
    if own:
        sys.path.insert(0, str(project))
        before = importlib.import_module("own_helper")
    code = FunctionCode(project, "own_app.handler")
    with code.in_place():
        inside = importlib.import_module("own_app"), importlib.import_module("own_helper")
        assert "the_tests_own" in sys.modules

    assert "own_app" not in sys.modules
    assert sys.modules.get("own_helper") is (before if own else None)
    assert sys.modules[before.__name__] is before
    with code.in_place():
        assert inside == (sys.modules["own_app"], sys.modules["own_helper"])
    code.close()


def test_libraries_of_an_environment_below_it_are_the_processs(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that the function is the first to import: another copy would be one that nobody has mocked."""
    installed = project / ".venv" / "site-packages"
    real = sysconfig.get_paths
    paths = {**real(), "purelib": str(installed)}
    monkeypatch.setattr(sysconfig, "get_paths", lambda *given: real(*given) if given else paths)  # coverage asks, too
    sys.path.insert(0, str(installed))
    code = FunctionCode(project, "own_app.handler")
    with code.in_place():
        library = importlib.import_module("library_of_the_venv")

    assert sys.modules["library_of_the_venv"] is library
    code.close()


def test_a_directory_whose_name_goes_on_is_another(project: Path) -> None:
    """`project-more` is not within `project`."""
    sys.path.insert(0, str(project.with_name("project-more")))
    code = FunctionCode(project, "own_app.handler")
    with code.in_place():
        module = importlib.import_module("module_next_door")

    assert sys.modules["module_next_door"] is module
    code.close()
    assert str(project.with_name("project-more")) in sys.path_importer_cache
