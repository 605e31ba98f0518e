"""What every test file may use: pytest's own tool for testing plugins, and nothing else.

Fixtures live beside the tests that need them; one that only a few files share goes into a conftest.py of theirs.
"""

from __future__ import annotations

pytest_plugins = ["pytester"]
