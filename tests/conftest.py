"""What every test file may use: pytest's own tool for testing plugins, and nothing else.

Fixtures live beside the tests that need them; one that only a few files share goes into a conftest.py of theirs.
"""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["pytester"]

# how long an example takes says something about the machine, and nothing about the code
settings.register_profile("tests", parent=settings(), deadline=None)
settings.load_profile("tests")
