"""What every test file may use: pytest's own tool for testing plugins, and nothing else.

Fixtures live beside the tests that need them; one that only a few files share goes into a conftest.py of theirs.
"""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module

import pytest
from hypothesis import settings

import pytest_lambda_events

pytest_plugins = ["pytester"]

# how long an example takes says something about the machine, and nothing about the code
settings.register_profile("tests", parent=settings(), deadline=None)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def all_of_ours() -> None:
    """Everything of ours was imported, and moto with it."""
    for module in pkgutil.walk_packages(pytest_lambda_events.__path__, "pytest_lambda_events."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


@pytest.fixture
def pytester(all_of_ours: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Pytest's own, which begins by noting what was imported.

    In the end it forgets the modules that came in between, those of an inner run in this process; the next test would
    have half of them anew: a second moto beside the first, so that what is made in one is not found in the other.

    No bytecode is kept: Python tells a file from its compiled form by its size and its second of writing, and a test
    that writes an inner test anew is quicker.
    """
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return pytester
