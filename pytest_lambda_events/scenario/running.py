"""A scenario, run in a harness. The law: nothing happens here that a test could not write with the public fixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import ScenarioError, UsageError
from pytest_lambda_events.scenario.records import keys_of_job, put_all

if TYPE_CHECKING:
    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.scenario.model import Scenario

__all__ = ["run_scenario"]


def run_scenario(scenario: Scenario, harness: Harness) -> Run[Any]:
    """Make source and mapping, put the records, run: until idle, or for `run_for` seconds.

    Errors: `ScenarioError` with the place; what AWS answers to the mapping, as a `ClientError`; `TemplateError`,
    `HandlerNotUsable`, `NotSimulated`; `RunLimitReached`.
    """
    runner = _job(scenario, harness) if _is_job(scenario) else _mapping(scenario, harness)
    if not _is_job(scenario):
        put_all(runner.source, scenario.rows)
    if scenario.run_for is not None:
        run: Run[Any] = runner.run_for(scenario.run_for)
        return run
    return runner.run_until_idle()  # type: ignore[no-any-return]


def _is_job(scenario: Scenario) -> bool:
    return scenario.source is not None and scenario.source[0] == "s3_batch_job"


def _job(scenario: Scenario, harness: Harness) -> Any:
    """A job has its tasks from the beginning; a manifest is left to its arguments."""
    _, arguments = scenario.source or ("", {})
    keys = {"keys": keys_of_job(scenario.rows)} if scenario.rows else {}
    try:
        return harness.s3_batch_job(
            scenario.handler,  # type: ignore[arg-type]
            function=scenario.function,
            duration=scenario.duration,
            **{**arguments, **keys},
        )
    except TypeError as error:
        raise ScenarioError(f"{scenario.at('source')}: {_told(error)}") from error


def _mapping(scenario: Scenario, harness: Harness) -> Any:
    if scenario.template is not None:
        function = str(scenario.function_id)
        return harness.event_source_mapping.from_template(
            scenario.template,
            function,
            event=scenario.event,
            handlers=None if scenario.handler is None else {function: scenario.handler},
            parameters=scenario.parameters,
            duration=scenario.duration,
        )
    factory, arguments = scenario.source or ("", {})
    try:
        source = getattr(harness, factory)(**arguments)
    except (TypeError, UsageError) as error:
        raise ScenarioError(f"{scenario.at('source')}: {_told(error)}") from error
    try:
        return harness.event_source_mapping(
            source, scenario.handler, function=scenario.function, duration=scenario.duration, **scenario.mapping
        )
    except TypeError as error:
        raise ScenarioError(f"{scenario.at('mapping')}: {_told(error)}") from error


def _told(error: Exception) -> str:
    """What Python says to a name that a call does not have, without the call's own name."""
    told = str(error)
    return told.rpartition("() ")[2] if isinstance(error, TypeError) else told
