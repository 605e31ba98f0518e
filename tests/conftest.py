"""What every test file may use: pytest's own tool for testing plugins, and nothing else.

Fixtures live beside the tests that need them; one that only a few files share goes into a conftest.py of theirs.
"""

from __future__ import annotations

import gc
import os
import pkgutil
import sys
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings

import pytest_lambda_events

pytest_plugins = ["pytester"]

HERE = Path(__file__).parent

# how long an example takes says something about the machine, and nothing about the code
EXAMPLES = min(int(os.environ.get("LAMBDA_EVENTS_EXAMPLES", "100")), 100)
settings.register_profile("tests", parent=settings(), deadline=None, max_examples=EXAMPLES)
settings.load_profile("tests")

# Python looks for cycles after so many new objects. Among those of thousands of collected tests, and of moto, the usual
# number costs as much as the tests do.
gc.set_threshold(50_000, 20, 20)

MARKED = {
    "once": (
        "architecture/test_contracts.py",
        "architecture/test_source_hygiene.py",
        "browser",
        "capture/test_killed.py",
        "docs",
        "examples",
        "packaging/test_distributions.py",
        "unit/templates/test_hostile.py",
        "unit/templates/test_judges.py",
    ),
    "server": (
        "brokers/live",
        "brokers/servers",
        "capture/test_activemq.py",
        "capture/test_documentdb.py",
        "capture/test_kafka.py",
        "capture/test_rabbitmq.py",
    ),
}
"""Marks of whole files and folders. What they mean stands in pyproject.toml, what is left out where in tox.ini."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the marks above."""
    places = {HERE / name: mark for mark, names in MARKED.items() for name in names}
    for item in items:
        for place in (item.path, *item.path.parents):
            if place in places:
                item.add_marker(places[place])


def pytest_collection_finish() -> None:
    """What there is now stays to the end: no need to look through it again."""
    gc.freeze()


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
