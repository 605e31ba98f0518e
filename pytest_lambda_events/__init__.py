"""Your real Lambda handler behind a faithful, deterministic copy of what AWS does between a source and your code.

The facade: it re-exports the public names and nothing else. Names are resolved when they are first used (PEP 562), so
that `import pytest_lambda_events` costs nothing and imports neither moto, boto3 nor freezegun. There is no `__dir__`:
tools that walk all modules (freezegun is one) would resolve every name that it lists.

PYTEST_DONT_REWRITE: there are no assertions here, and pytest would otherwise rewrite this file in every run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_lambda_events.errors import (
        AdviceGiven,
        CallLeftProcess,
        CallNotRecorded,
        CassetteAging,
        CassetteBroken,
        CassetteDifference,
        CassetteError,
        CassetteMissing,
        CassetteTooLarge,
        CassetteUnused,
        CassetteWarning,
        ClockError,
        ClockStuck,
        ConservationError,
        DeadlinePassed,
        HandlerNotUsable,
        LambdaEventsError,
        NotConnected,
        NotSimulated,
        RunLimitReached,
        ScenarioDifference,
        ScenarioError,
        SecretFound,
        TemplateError,
        TemplateWarning,
        TraceError,
        UnknownEvent,
        UnsupportedMoto,
        UsageError,
    )
    from pytest_lambda_events.filtering.explaining import Explanation
    from pytest_lambda_events.filtering.pattern import InvalidPattern
    from pytest_lambda_events.filters import explain, matches
    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.harness.live import LiveHarness
    from pytest_lambda_events.harness.live_mapping import LiveMapping
    from pytest_lambda_events.harness.mapping import EventSourceMapping
    from pytest_lambda_events.invoking.context import LambdaContext
    from pytest_lambda_events.model.faults import Faults
    from pytest_lambda_events.model.findings import Finding
    from pytest_lambda_events.model.records import Fate, Record, SqsMessage
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.model.trace import Advice, Invocation, Outcome, Step, Trace
    from pytest_lambda_events.report.compare.of_runs import RunComparison, compare_runs
    from pytest_lambda_events.sources import identify, validate
    from pytest_lambda_events.sources.sqs.broker import SqsQueue

__all__ = [
    "Advice",
    "AdviceGiven",
    "CallLeftProcess",
    "CallNotRecorded",
    "CassetteAging",
    "CassetteBroken",
    "CassetteDifference",
    "CassetteError",
    "CassetteMissing",
    "CassetteTooLarge",
    "CassetteUnused",
    "CassetteWarning",
    "ClockError",
    "ClockStuck",
    "ConservationError",
    "DeadlinePassed",
    "EventSourceMapping",
    "Explanation",
    "Fate",
    "Faults",
    "Finding",
    "HandlerNotUsable",
    "Harness",
    "InvalidPattern",
    "Invocation",
    "LambdaContext",
    "LambdaEventsError",
    "LiveHarness",
    "LiveMapping",
    "NotConnected",
    "NotSimulated",
    "Outcome",
    "Record",
    "Run",
    "RunComparison",
    "RunLimitReached",
    "ScenarioDifference",
    "ScenarioError",
    "SecretFound",
    "SqsMessage",
    "SqsQueue",
    "Step",
    "TemplateError",
    "TemplateWarning",
    "Trace",
    "TraceError",
    "UnknownEvent",
    "UnsupportedMoto",
    "UsageError",
    "compare_runs",
    "explain",
    "identify",
    "matches",
    "validate",
]

_HOMES = {
    "Advice": "model.trace",
    "EventSourceMapping": "harness.mapping",
    "Explanation": "filtering.explaining",
    "Fate": "model.records",
    "Faults": "model.faults",
    "Finding": "model.findings",
    "Harness": "harness",
    "InvalidPattern": "filtering.pattern",
    "Invocation": "model.trace",
    "LambdaContext": "invoking.context",
    "LiveHarness": "harness.live",
    "LiveMapping": "harness.live_mapping",
    "Outcome": "model.trace",
    "Record": "model.records",
    "Run": "model.run",
    "RunComparison": "report.compare.of_runs",
    "SqsMessage": "model.records",
    "SqsQueue": "sources.sqs.broker",
    "Step": "model.trace",
    "Trace": "model.trace",
    "compare_runs": "report.compare.of_runs",
    "explain": "filters",
    "identify": "sources",
    "matches": "filters",
    "validate": "sources",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
