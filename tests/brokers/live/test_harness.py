"""The live harness itself: what it refuses, how it opens and closes, what a failing test shows."""

from __future__ import annotations

import asyncio
import sys
import time

import pytest
from freezegun import freeze_time

from pytest_lambda_events import AdviceGiven, Harness, LiveHarness, UsageError
from pytest_lambda_events.harness.live_mapping import refuse_what_is_not_live

QUIET = 0.1
HORIZON = {"StartingPosition": "TRIM_HORIZON", "MaximumBatchingWindowInSeconds": 0}

_WITHOUT = ("randomly", "cacheprovider", "xdist", "hypothesispytest", "faker", "asyncio")
QUIETLY = tuple(word for name in _WITHOUT for word in ("-p", f"no:{name}"))


@pytest.fixture
def topic(kafka, live):
    """A topic of one partition."""
    return live.kafka_topic(kafka.topic(), bootstrap_servers=kafka.servers)


def test_it_is_used_while_it_is_open(kafka):
    """Before and after, everything is refused."""
    live = LiveHarness()
    with pytest.raises(UsageError, match="not open"):
        live.kafka_topic("orders", bootstrap_servers=kafka.servers)
    with live:
        topic = live.kafka_topic(kafka.topic(), bootstrap_servers=kafka.servers)
        mapping = live.event_source_mapping(topic, lambda event, context: None, **HORIZON)
    live.stop()
    for call in (live.run_until_idle, mapping.run_until_idle, mapping.delete, lambda: mapping.run_for(1)):
        with pytest.raises(UsageError, match="not open"):
            call()
    assert [] == mapping.view().records


@pytest.mark.parametrize("frozen", [Harness, lambda: freeze_time("2025-01-01")])
def test_frozen_time_is_refused(frozen):
    """Whoever froze it, and whenever: real brokers work on real time."""
    with frozen(), pytest.raises(UsageError, match="time is frozen"), LiveHarness():
        pass
    with LiveHarness() as live, frozen(), pytest.raises(UsageError, match="time is frozen"):
        live.run_for(0)


def test_a_source_of_another_harness_is_refused(live, topic):
    """Its clock and its connections are that one's."""
    with LiveHarness() as other, pytest.raises(UsageError, match="is not of this harness"):
        other.event_source_mapping(topic, lambda event, context: None, **HORIZON)
    with pytest.raises(UsageError, match="the first argument is a live source"):
        live.event_source_mapping("arn:aws:sqs:us-east-1:123456789012:orders", lambda event, context: None)


def test_time_is_real(live, topic):
    """A sleep lasts, the context counts down, and a Timeout is noticed when the handler returns."""
    seen = []

    def handler(event, context):
        before = context.get_remaining_time_in_millis()
        time.sleep(0.2 if not seen else 1.2)
        seen.append(before - context.get_remaining_time_in_millis())

    mapping = live.event_source_mapping(topic, handler, function={"Timeout": 1}, **HORIZON)
    topic.send("a")
    run = mapping.run_until_idle(quiet=QUIET)
    topic.send("b")
    run = mapping.run_until(lambda run: len(run.invocations) == 2)

    assert 190 <= seen[0] < 1_000
    assert ["success", "timeout"] == [call.outcome for call in run.invocations]
    assert 0.19 <= run.invocations[0].duration < 1


def test_a_handler_may_run_a_loop_of_its_own_in_an_async_test(live, topic):
    """The test's loop is hidden meanwhile."""
    seen = []

    def handler(event, context):
        seen.append(asyncio.run(answer()))

    async def answer():
        await asyncio.sleep(0)
        return 42

    async def test():
        mapping = live.event_source_mapping(topic, handler, **HORIZON)
        topic.send("a")
        mapping.run_until_idle(quiet=QUIET)
        await asyncio.sleep(0)

    asyncio.run(test())
    assert [42] == seen


def test_the_functions_environment_is_there_and_gone(live, topic, monkeypatch):
    """As in memory; the region is that of the harness."""
    import os

    seen = []

    def handler(event, context):
        seen.append((os.environ["STAGE"], os.environ["AWS_LAMBDA_FUNCTION_NAME"], context.invoked_function_arn))

    function = {"FunctionName": "orders", "Environment": {"Variables": {"STAGE": "test"}}}
    mapping = live.event_source_mapping(topic, handler, function=function, **HORIZON)
    topic.send("a")
    mapping.run_until_idle(quiet=QUIET)

    assert [("test", "orders", f"arn:aws:lambda:{live.region}:123456789012:function:orders")] == seen
    assert "STAGE" not in os.environ


def test_all_mappings_of_a_harness_run_together(live, kafka):
    """One handler feeds the topic of another."""
    first, second = (live.kafka_topic(kafka.topic(), bootstrap_servers=kafka.servers) for _ in range(2))
    seen = []
    live.event_source_mapping(first, lambda event, context: second.send("b") and None, **HORIZON)
    live.event_source_mapping(second, lambda event, context: seen.append(event), **HORIZON)
    first.send("a")
    run = live.run_until_idle(quiet=QUIET)

    assert 1 == len(seen)
    assert 2 == len(run.processed) == len(live.view().processed)
    assert run.processed == live.run_until(lambda now: len(now.processed) == 2).processed
    assert 2 == len(live.run_for(0.01).processed)


def test_advice_is_given_and_strict_mode_insists(kafka):
    """The same advice as in memory: LATEST passes over what is there."""

    def run(**options):
        with LiveHarness(timeout=3, strict=True, **options) as live:
            topic = live.kafka_topic(kafka.topic(), bootstrap_servers=kafka.servers)
            topic.send("a")
            parameters = {**HORIZON, "StartingPosition": "LATEST"}
            return live.event_source_mapping(topic, lambda event, context: None, **parameters).run_until_idle(
                quiet=QUIET
            )

    with pytest.raises(AdviceGiven) as caught:
        run()
    (advice,) = caught.value.run.advice
    assert [] == run(silence=[advice.code]).records


def test_a_mapping_says_what_it_is(live, topic):
    """As an event source mapping does."""
    mapping = live.event_source_mapping(topic, lambda event, context: None, BatchSize=5, **HORIZON)

    assert 5 == mapping.config.batch_size
    assert topic is mapping.source
    assert mapping.uuid in mapping.arn
    assert "<LiveMapping" in repr(mapping)
    assert "lambda" in mapping.function.config.name
    assert topic.name in repr(topic)
    with pytest.raises(UsageError, match="live mode has no queues"):
        mapping.update(DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:dead"}})
    assert topic.group("nobody").committed == {}
    assert "nobody" in repr(topic.group("nobody"))


@pytest.mark.parametrize("config", ["x", {"OnFailure": "x"}, {"OnFailure": {"Destination": 5}}, None, {}])
def test_a_destination_of_another_type_is_left_to_the_mapping(config):
    """Which says of it what botocore says."""
    refuse_what_is_not_live({"DestinationConfig": config})


def test_what_live_mode_has_no_aws_for_is_a_sentence(live):
    """Should anything of ours still ask for moto."""
    with pytest.raises(UsageError, match="live mode has no AWS of its own"):
        live._world._surface.queues()


@pytest.mark.parametrize(
    ("module", "call", "extra"),
    [
        ("confluent_kafka", lambda live: live.kafka_topic("orders", bootstrap_servers="127.0.0.1:1"), "kafka"),
        ("amqp", lambda live: live.rabbitmq_queue("orders", url="amqp://127.0.0.1:1/"), "rabbitmq"),
        ("stomp", lambda live: live.activemq_queue("orders", url="stomp://127.0.0.1:1"), "activemq"),
        ("pymongo", lambda live: live.documentdb_collection("a.b", url="mongodb://127.0.0.1:1/"), "mongodb"),
    ],
)
def test_a_client_that_is_missing_is_named_with_the_line_that_installs_it(live, monkeypatch, module, call, extra):
    """Not a bare ModuleNotFoundError."""
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(UsageError, match=rf"pip install 'pytest-lambda-events\[{extra}\]'"):
        call(live)


def test_a_client_that_lacks_something_itself_is_not_called_missing():
    """The reason stays the reason."""
    from pytest_lambda_events.brokers.live.clients import needing

    with pytest.raises(ModuleNotFoundError, match="vine"), needing("amqp", package="amqp", extra="rabbitmq"):
        raise ModuleNotFoundError("No module named 'vine'", name="vine")


def test_the_fixture_is_a_harness_and_a_failure_shows_the_timeline(pytester, kafka):
    """Without the line that would reproduce it: nothing does."""
    pytester.makeini("[pytest]\nlambda_events_region = eu-west-1\n")
    pytester.makepyfile(
        f"""
        def test_passes(lambda_events_live):
            assert lambda_events_live.region == "eu-west-1"

        def test_fails(lambda_events_live):
            topic = lambda_events_live.kafka_topic("{kafka.topic()}", bootstrap_servers="{kafka.servers}")
            mapping = lambda_events_live.event_source_mapping(
                topic, lambda event, context: None, StartingPosition="TRIM_HORIZON"
            )
            topic.send("hello")
            assert mapping.run_until_idle(quiet=0.1).discarded
        """
    )
    result = pytester.runpytest_inprocess(*QUIETLY)

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*- lambda events -*", "*hello*processed*"])
    result.stdout.no_fnmatch_line("*reproduce:*")
