"""The hooks that a project may implement in its conftest.py. The law: each is called at one moment, and says when.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

from typing import Any


def pytest_lambda_events_redact(event: Any, source: str) -> None:
    """Change a captured event in place, before it is redacted and written.

    Args:
        event: The event as it was captured; change it, there is nothing to return.
        source: The name of its source, such as `sqs`.

    What is derived (checksums, sizes) is made true afterwards, and redaction comes after it: what a project takes out
    here is out, and what it leaves is redacted as ever.
    """
