"""The handler that remembers, for brokers' messages."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def recorder(broker_recorder: Any) -> Any:
    """The class, for tests to make their handlers of."""
    return broker_recorder
