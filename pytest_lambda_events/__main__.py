"""`python -m pytest_lambda_events`: the command line without its script."""

from __future__ import annotations

from pytest_lambda_events.cli import script

if __name__ == "__main__":
    script()
