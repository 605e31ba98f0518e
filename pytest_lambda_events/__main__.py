"""`python -m pytest_lambda_events`: the command line without its script."""

from __future__ import annotations

import sys

from pytest_lambda_events.cli import main

if __name__ == "__main__":
    sys.exit(main())
