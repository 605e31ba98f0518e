"""The pytest plugin. The law: a thin shell; whatever moves is imported inside the fixture that needs it.

Loading it registers options and fixtures and imports neither moto, boto3, freezegun nor the engine.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.invoking.context import LambdaContext
    from pytest_lambda_events.typing import (
        EventSourceMappingFactory,
        SqsEventFactory,
        SqsQueueFactory,
        VirtualClock,
    )

_HARNESS: pytest.StashKey[Harness] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register every option of the table, for the command line and for ini files."""
    group = parser.getgroup("lambda-events", "Lambda event sources on virtual time")
    for option in OPTIONS:
        group.addoption(option.flag, type=option.type, default=None, help=option.help)
        parser.addini(option.ini, option.help, default=None)


def _option(config: pytest.Config, name: str) -> Any:
    """An option's value: command line, else ini file, else its default."""
    option = next(option for option in OPTIONS if option.name == name)
    given = config.getoption(option.flag)
    if given is not None:
        return given
    written = config.getini(option.ini)
    if written in (None, ""):
        return option.default
    try:
        return option.type(written)
    except ValueError:
        raise pytest.UsageError(f"{option.ini} = {written!r}: expected {option.type.__name__}") from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failing test what happened to its records, and how to see it again."""
    report = yield
    harness = item.stash.get(_HARNESS, None)
    if harness is not None and report.failed and call.when == "call":
        from pytest_lambda_events.report.timeline import section

        report.sections.append(("lambda events", section(harness.view(), item.nodeid)))
    return report


@pytest.fixture
def lambda_events(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """A small world of AWS on virtual time: a `Harness` for this test. It freezes time and starts moto."""
    from pytest_lambda_events.harness import Harness

    config = request.config
    harness = Harness(seed=_option(config, "seed"), start=_option(config, "start"), region=_option(config, "region"))
    with harness:
        request.node.stash[_HARNESS] = harness
        yield harness


@pytest.fixture
def virtual_clock(lambda_events: Harness) -> VirtualClock:
    """The clock of the test: `.advance(seconds)`, `.elapsed`, `.now()`."""
    return lambda_events.virtual_clock


@pytest.fixture
def sqs_queue(lambda_events: Harness) -> SqsQueueFactory:
    """Make a queue, or adopt one: `sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)`."""
    return lambda_events.sqs_queue


@pytest.fixture
def event_source_mapping(lambda_events: Harness) -> EventSourceMappingFactory:
    """Map a source to a handler: `event_source_mapping(queue, handler, BatchSize=10)`."""
    return lambda_events.event_source_mapping


@pytest.fixture
def sqs_event(request: pytest.FixtureRequest) -> SqsEventFactory:
    """Make an SQS event without a poller: `sqs_event({"order": 1})`. Neither freezes time nor starts moto."""
    from functools import partial

    from pytest_lambda_events.events import sqs_event as build

    return partial(build, seed=_option(request.config, "seed"))


@pytest.fixture
def sqs_fifo_event(request: pytest.FixtureRequest) -> SqsEventFactory:
    """Make an event of a FIFO queue without a poller: `sqs_fifo_event({"order": 1}, message_group_id="a")`."""
    from functools import partial

    from pytest_lambda_events.events import sqs_fifo_event as build

    return partial(build, seed=_option(request.config, "seed"))


@pytest.fixture
def lambda_context(request: pytest.FixtureRequest) -> LambdaContext:
    """A context object for calling a handler directly. Neither freezes time nor starts moto."""
    from pytest_lambda_events.events import lambda_context as build

    return build(seed=_option(request.config, "seed"))
