"""Scenarios: a mapping, a handler, records and when they come, as values. The law: marker, file and `lambda-events
simulate` read the same keys and run the same way, so a scenario can move from one to another.
"""

from __future__ import annotations

from pytest_lambda_events.scenario.as_json import run_as_json
from pytest_lambda_events.scenario.expecting import check, differences
from pytest_lambda_events.scenario.files import located, read_file
from pytest_lambda_events.scenario.model import Row, Scenario
from pytest_lambda_events.scenario.reading import KEYS, read_scenario
from pytest_lambda_events.scenario.running import run_scenario

__all__ = [
    "KEYS",
    "Row",
    "Scenario",
    "check",
    "differences",
    "located",
    "read_file",
    "read_scenario",
    "run_as_json",
    "run_scenario",
]
