"""Installed and unused, the package costs a pytest run nothing that could be noticed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

DEAR = {"boto3", "botocore", "faker", "freezegun", "moto", "responses"}

# What registers options, and the errors, which import nothing by themselves.
CHEAP = ("pytest_lambda_events.errors", "pytest_lambda_events.options", "pytest_lambda_events.plugin")

REPORT = "import json, sys; json.dump(sorted(sys.modules), open('modules.json', 'w', encoding='utf-8'))"


def modules_after(directory, *arguments: str) -> set[str]:
    """Names of the modules that a fresh interpreter has loaded when it reaches `REPORT`."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    # Other people's plugins, and what measures coverage, may import anything: only what is named here is loaded.
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
        environment.pop(name, None)
    result = subprocess.run(
        [sys.executable, *arguments], cwd=directory, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return set(json.loads((directory / "modules.json").read_text(encoding="utf-8")))


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_an_unused_plugin_imports_no_engine(tmp_path):
    """A run with one empty test loads the plugin and its options, and neither AWS's libraries nor their stand-ins."""
    (tmp_path / "test_empty.py").write_text(f"def test_empty():\n    {REPORT}\n", encoding="utf-8")

    modules = modules_after(tmp_path, "-m", "pytest", "-p", "pytest_lambda_events.plugin", "test_empty.py")

    assert "pytest_lambda_events.plugin" in modules
    assert set() == packages(modules) & DEAR
    assert [] == sorted(
        name
        for name in modules
        if name.startswith("pytest_lambda_events.")
        and not any(name == cheap or name.startswith(f"{cheap}.") for cheap in CHEAP)
    )


@pytest.mark.parametrize("option", ["--help", "--markers", "--fixtures"])
def test_asking_for_help_imports_no_engine(tmp_path, option):
    """What pytest says about the plugin is known without its engine."""
    (tmp_path / "conftest.py").write_text(f"def pytest_unconfigure(config):\n    {REPORT}\n", encoding="utf-8")

    modules = modules_after(tmp_path, "-m", "pytest", "-p", "pytest_lambda_events.plugin", option)

    assert set() == packages(modules) & DEAR


def test_the_facade_imports_nothing_until_a_name_is_used(tmp_path):
    """`import pytest_lambda_events` is as good as free, so that a conftest.py may do it."""
    modules = modules_after(tmp_path, "-c", f"import pytest_lambda_events; {REPORT}")

    assert set() == packages(modules) & DEAR
    assert [] == sorted(name for name in modules if name.startswith("pytest_lambda_events."))


def test_a_freeze_of_the_users_imports_no_engine(tmp_path):
    """Every name that `dir()` lists of every module is looked at; the facade lists none that it would resolve."""
    imports = "import freezegun, pytest_lambda_events, pytest_lambda_events.plugin"
    code = f"{imports}\nwith freezegun.freeze_time(): pass\n{REPORT}"

    modules = modules_after(tmp_path, "-c", code)

    assert {"freezegun"} == packages(modules) & DEAR
