"""The pytest plugin. The law: a thin shell; whatever moves is imported inside the fixture that needs it.

Loading it registers options and fixtures and imports neither moto, boto3, freezegun nor the engine.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.options import OPTIONS
from pytest_lambda_events.plugin import cassettes

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from pytest_lambda_events.cassette.player import LambdaCassette
    from pytest_lambda_events.harness import Harness
    from pytest_lambda_events.harness.live import LiveHarness
    from pytest_lambda_events.invoking.context import LambdaContext
    from pytest_lambda_events.model.run import Run
    from pytest_lambda_events.plugin.scenarios import ScenarioFile
    from pytest_lambda_events.report.terminal.style import Style
    from pytest_lambda_events.scenario.model import Scenario
    from pytest_lambda_events.typing import (
        ActiveMqQueueFactory,
        DocumentDbCollectionFactory,
        DocumentDbDatabaseFactory,
        DynamoDbTableFactory,
        EventFactory,
        EventSourceMappingFactory,
        KafkaTopicFactory,
        KinesisStreamFactory,
        MskTopicFactory,
        RabbitMqQueueFactory,
        S3BatchJobFactory,
        SchemaRegistryFactory,
        SqsQueueFactory,
        VirtualClock,
    )

_SCENARIO = "lambda_scenario"  # its module is loaded when there is one
_HARNESS: pytest.StashKey[Harness | LiveHarness] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register every option of the table, for the command line and for ini files."""
    group = parser.getgroup("lambda-events", "Lambda event sources on virtual time")
    for option in OPTIONS:
        if option.type is bool:
            group.addoption(option.flag, action="store_true", default=None, help=option.help)
        else:
            group.addoption(
                option.flag,
                type=option.type,
                choices=option.choices,
                metavar=option.metavar,
                default=None,
                help=option.help,
            )
        parser.addini(option.ini, option.help, default=None)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the hooks that projects may implement."""
    from pytest_lambda_events.plugin import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


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
        return option.read(written)
    except ValueError:
        raise pytest.UsageError(f"{option.ini} = {written!r}: expected {option.expected}") from None


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    config.addinivalue_line(
        "markers",
        "lambda_cassette(path, each=None): the cassette that the fixture lambda_cassette is, its path relative to the "
        'test file; each="event" makes a test for each of its events',
    )
    config.addinivalue_line(
        "markers",
        "lambda_scenario(path=None, /, **keys): the scenario that the fixture lambda_run has run: source or template, "
        "mapping, handler, records, expect; path is a scenario file, relative to the test file",
    )
    asked = {name: _asked_place(config, name) for name in ("report", "traces")}
    if any(asked.values()) and not config.option.collectonly:
        from pytest_lambda_events.plugin import reports

        reports.begin(config, asked, lambda item: item.stash.get(_HARNESS, None))


def _asked_place(config: pytest.Config, name: str) -> tuple[str, Path] | None:
    """A path that is asked for, and where it is seen from: the command line's from where pytest was called."""
    place = _option(config, name)
    is_typed = config.getoption(f"--lambda-events-{name}") is not None
    return (place, config.invocation_params.dir if is_typed else config.rootpath) if place else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Scenario files are tests."""
    if not file_path.name.endswith((".lambda.yaml", ".lambda.yml", ".lambda.json")):
        return None
    from pytest_lambda_events.plugin.scenarios import ScenarioFile

    found = ScenarioFile.from_parent(parent, path=file_path)
    found.make = _harness_for
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each event of a cassette, where its marker asks for it."""
    if metafunc.definition.get_closest_marker(cassettes.MARKER) is not None:
        cassettes.parametrize(metafunc, _option(metafunc.config, "record"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A marked test runs its scenario also without asking for it."""
    if item.get_closest_marker(_SCENARIO) is not None:
        from pytest_lambda_events.plugin.scenarios import FIXTURE, wants_fixture

        if wants_fixture(item):
            item.fixturenames.append(FIXTURE)  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """What a scenario expects is checked before its test; what a test recorded is written when it has passed."""
    if item.get_closest_marker(_SCENARIO) is not None:
        from pytest_lambda_events.plugin import scenarios

        scenarios.check(item)
    result = yield
    if cassettes.CASSETTE in item.stash:
        cassettes.end(item, _option(item.config, "unused"))
    return result


def _silenced(config: pytest.Config) -> list[str]:
    """The codes of advice that nobody wants to hear."""
    codes = [code.strip() for code in (_option(config, "silence") or "").split(",")]
    return [code for code in codes if code]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failing test what happened to its records, and how to see it again."""
    report = yield
    harness = item.stash.get(_HARNESS, None)
    if harness is not None and report.failed and call.when == "call":
        report.sections.append(("lambda events", _told(item, harness)))
    return report


def _told(item: pytest.Item, harness: Harness | LiveHarness) -> str:
    """The story of a test's run. Whatever goes wrong with it, the test's own failure is what its user has to see."""
    from pytest_lambda_events.report.terminal.timeline import section
    from pytest_lambda_events.report.view import view_of_harness

    width, style = _paper(item.config)
    try:
        return section(view_of_harness(harness), item.nodeid, width=width, style=style)
    except Exception as error:  # noqa: BLE001 - raised in this hook, it would end all tests
        return f"what happened cannot be told: {type(error).__name__}: {error}"


def _paper(config: pytest.Config) -> tuple[int, Style]:
    """How wide the report is that a section is printed in, and its style.

    A worker of pytest-xdist has no terminal; what it writes is printed elsewhere, and may go into a file.
    """
    from pytest_lambda_events.report.terminal.style import ANSI, PLAIN

    if hasattr(config, "workerinput") or not config.pluginmanager.hasplugin("terminalreporter"):
        columns = os.environ.get("COLUMNS", "")  # that of the terminal, where the controller knows one
        return int(columns) if columns.isdecimal() else 100, PLAIN
    writer = config.get_terminal_writer()
    return writer.fullwidth, ANSI if writer.hasmarkup else PLAIN


@pytest.fixture
def lambda_events(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """A small world of AWS on virtual time: a `Harness` for this test. It freezes time and starts moto."""
    scenario = None
    if "lambda_run" in request.fixturenames:
        from pytest_lambda_events.plugin import scenarios

        scenario = scenarios.written(request) if scenarios.configures(request.node) else None
    with _harness_for(request.node, scenario) as harness:
        yield harness


def _harness_for(item: pytest.Item, scenario: Scenario | None) -> Harness:
    """A harness as the options say; a scenario's seed and start are those where the command line has none."""
    from pytest_lambda_events.harness import Harness

    config = item.config
    given = {}
    for name in ("seed", "start"):
        own = None if scenario is None else getattr(scenario, name)
        asked = config.getoption(f"--lambda-events-{name}")
        given[name] = _option(config, name) if own is None or asked is not None else own
    harness = Harness(
        **given,
        region=_option(config, "region"),
        strict=bool(_option(config, "strict")),
        silence=_silenced(config),
    )
    item.stash[_HARNESS] = harness
    _show_progress(config, harness)
    return harness


def _show_progress(config: pytest.Config, harness: Harness | LiveHarness) -> None:
    """On a terminal that somebody looks at: not in a worker of xdist."""
    if config.option.verbose > 0 and not hasattr(config, "workerinput"):
        from pytest_lambda_events.plugin import progress

        progress.show(config, harness)


@pytest.fixture
def lambda_events_live(request: pytest.FixtureRequest) -> Iterator[LiveHarness]:
    """Real brokers in front of a handler, on real time: a `LiveHarness` for this test. Each broker needs an extra."""
    from pytest_lambda_events.harness.live import LiveHarness

    config = request.config
    harness = LiveHarness(
        region=_option(config, "region"), strict=bool(_option(config, "strict")), silence=_silenced(config)
    )
    with harness:
        request.node.stash[_HARNESS] = harness
        _show_progress(config, harness)
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
def kinesis_stream(lambda_events: Harness) -> KinesisStreamFactory:
    """Make a stream, or adopt one: `kinesis_stream("clicks", ShardCount=4)`."""
    return lambda_events.kinesis_stream


@pytest.fixture
def dynamodb_table(lambda_events: Harness) -> DynamoDbTableFactory:
    """Make a table with a stream, or adopt one: `dynamodb_table("orders", keys=("id",), ttl="expires_at")`."""
    return lambda_events.dynamodb_table


@pytest.fixture
def kafka_topic(lambda_events: Harness) -> KafkaTopicFactory:
    """Make a topic of a self-managed cluster, in memory: `kafka_topic("orders", partitions=3)`."""
    return lambda_events.kafka_topic


@pytest.fixture
def msk_topic(lambda_events: Harness) -> MskTopicFactory:
    """Make a topic of an Amazon MSK cluster, in memory: `msk_topic("orders", partitions=3, cluster="shop")`."""
    return lambda_events.msk_topic


@pytest.fixture
def documentdb_collection(lambda_events: Harness) -> DocumentDbCollectionFactory:
    """A collection of a DocumentDB cluster, in memory: `documentdb_collection("shop.orders")`."""
    return lambda_events.documentdb_collection


@pytest.fixture
def documentdb_database(lambda_events: Harness) -> DocumentDbDatabaseFactory:
    """A database of a DocumentDB cluster, in memory, for mappings of all of it: `documentdb_database("shop")`."""
    return lambda_events.documentdb_database


@pytest.fixture
def schema_registry(lambda_events: Harness) -> SchemaRegistryFactory:
    """Make Confluent's schema registry, in memory: `schema_registry("https://registry.example.com")`."""
    return lambda_events.schema_registry


@pytest.fixture
def glue_registry(lambda_events: Harness) -> SchemaRegistryFactory:
    """Make a schema registry of AWS Glue, in memory: `glue_registry("orders")`."""
    return lambda_events.glue_registry


@pytest.fixture
def activemq_queue(lambda_events: Harness) -> ActiveMqQueueFactory:
    """Make a queue of an Amazon MQ broker for ActiveMQ, in memory: `activemq_queue("orders")`."""
    return lambda_events.activemq_queue


@pytest.fixture
def rabbitmq_queue(lambda_events: Harness) -> RabbitMqQueueFactory:
    """Make a queue of an Amazon MQ broker for RabbitMQ, in memory: `rabbitmq_queue("orders", vhost="shop")`."""
    return lambda_events.rabbitmq_queue


@pytest.fixture
def event_source_mapping(lambda_events: Harness) -> EventSourceMappingFactory:
    """Map a source to a handler: `event_source_mapping(queue, handler, BatchSize=10)`."""
    return lambda_events.event_source_mapping


@pytest.fixture
def s3_batch_job(lambda_events: Harness) -> S3BatchJobFactory:
    """Create a job of S3 Batch Operations: `s3_batch_job(handler, keys=["a.jpg", "b.jpg"])`."""
    return lambda_events.s3_batch_job


@pytest.fixture
def lambda_cassette(request: pytest.FixtureRequest) -> LambdaCassette:
    """The cassette that the test is marked with: `.events`, `.replay(handler)`, `.pour(queue)`."""
    config = request.config
    return cassettes.make(request, _option(config, "record"), _option(config, "cassette-max-age"))


@pytest.fixture
def lambda_run(request: pytest.FixtureRequest, lambda_events: Harness) -> Run[Any]:
    """The scenario that the test is marked with, run: `.processed`, `.dead_lettered`, `.attempts(record)`."""
    from pytest_lambda_events.plugin import scenarios

    return scenarios.run(request, lambda_events)


def _event(request: pytest.FixtureRequest, source: str) -> EventFactory:
    """The builder of a source's events, with the run's seed."""
    from functools import partial

    from pytest_lambda_events import events

    return partial(getattr(events, f"{source}_event"), seed=_option(request.config, "seed"))


@pytest.fixture
def sqs_event(request: pytest.FixtureRequest) -> EventFactory:
    """Make an SQS event without a poller: `sqs_event({"order": 1})`."""
    return _event(request, "sqs")


@pytest.fixture
def sqs_fifo_event(request: pytest.FixtureRequest) -> EventFactory:
    """Make an event of a FIFO queue without a poller: `sqs_fifo_event({"order": 1}, message_group_id="a")`."""
    return _event(request, "sqs_fifo")


@pytest.fixture
def kinesis_event(request: pytest.FixtureRequest) -> EventFactory:
    """Make a Kinesis event without a poller: `kinesis_event({"click": 1}, partition_key="user-1")`."""
    return _event(request, "kinesis")


@pytest.fixture
def dynamodb_event(request: pytest.FixtureRequest) -> EventFactory:
    """Make a DynamoDB Streams event without a poller: `dynamodb_event({"id": "1", "total": 5})`."""
    return _event(request, "dynamodb")


@pytest.fixture
def activemq_event(request: pytest.FixtureRequest) -> EventFactory:
    """Make an ActiveMQ event without a poller: `activemq_event({"order": 1})`."""
    return _event(request, "activemq")


@pytest.fixture
def rabbitmq_event(request: pytest.FixtureRequest) -> EventFactory:
    """Make a RabbitMQ event without a poller: `rabbitmq_event({"order": 1})`."""
    return _event(request, "rabbitmq")


@pytest.fixture
def msk_event(request: pytest.FixtureRequest) -> EventFactory:
    """Make an Amazon MSK event without a poller: `msk_event({"order": 1}, key="a")`."""
    return _event(request, "msk")


@pytest.fixture
def kafka_event(request: pytest.FixtureRequest) -> EventFactory:
    """Make a self-managed Kafka event without a poller: `kafka_event({"order": 1}, key="a")`."""
    return _event(request, "kafka")


@pytest.fixture
def documentdb_event(request: pytest.FixtureRequest) -> EventFactory:
    """Make a DocumentDB event without a poller: `documentdb_event({"name": "Ada"})`."""
    return _event(request, "documentdb")


@pytest.fixture
def s3_batch_event(request: pytest.FixtureRequest) -> EventFactory:
    """Make an S3 Batch Operations event without a poller: `s3_batch_event("photos/1.jpg")`."""
    return _event(request, "s3_batch")


@pytest.fixture
def lambda_context(request: pytest.FixtureRequest) -> LambdaContext:
    """A context object for calling a handler directly. Neither freezes time nor starts moto."""
    from pytest_lambda_events.events import lambda_context as build

    return build(seed=_option(request.config, "seed"))
