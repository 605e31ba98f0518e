"""Each fixture by itself: what it gives, and that it costs nobody else anything."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest_lambda_events

if TYPE_CHECKING:
    from collections.abc import Callable


def test_lambda_events_is_a_harness_and_moto_is_gone_afterwards(run_pytest: Callable[..., Any]) -> None:
    """Time is frozen and moto active from set-up to teardown, and not a moment longer."""
    run_pytest(
        """
        import datetime, time
        before = datetime.datetime, time.time, time.sleep

        def test_one(lambda_events):
            from pytest_lambda_events import Harness
            assert isinstance(lambda_events, Harness)
            assert datetime.datetime.now(datetime.timezone.utc).year == 2025
            time.sleep(3600)
            assert lambda_events.virtual_clock.elapsed == 3600

        def test_two():
            import moto.core.models
            assert (datetime.datetime, time.time, time.sleep) == before
            assert not moto.core.models.MockAWS._mocks_active
        """
    ).assert_outcomes(passed=2)


def test_event_fixtures_neither_freeze_nor_start_moto(run_fresh_pytest: Callable[..., Any]) -> None:
    """sqs_event and lambda_context alone import neither moto nor freezegun."""
    run_fresh_pytest(
        """
        import sys, time

        def test_x(sqs_event, lambda_context):
            event = sqs_event({"order": 1}, {"order": 2}, message_attributes={"kind": "new"})
            assert [record["body"] for record in event["Records"]] == ['{"order":1}', '{"order":2}']
            assert 0 < lambda_context.get_remaining_time_in_millis() <= 3000
            assert lambda_context.aws_request_id
            assert "moto" not in sys.modules
            assert "freezegun" not in sys.modules
            assert "boto3" not in sys.modules
            assert abs(time.time() - 1735689600) > 86400
        """
    ).assert_outcomes(passed=1)


def test_event_fixtures_take_the_virtual_present(run_pytest: Callable[..., Any]) -> None:
    """With a harness active an event is made at its present."""
    run_pytest(
        """
        def test_x(sqs_event, virtual_clock, lambda_events):
            virtual_clock.advance(60)
            record = sqs_event("a")["Records"][0]
            assert record["attributes"]["SentTimestamp"] == "1735689660000"
            context = lambda_events.lambda_context(Timeout=10, FunctionName="shop")
            virtual_clock.advance(4)
            assert context.get_remaining_time_in_millis() == 6000
            assert context.function_name == "shop"
        """
    ).assert_outcomes(passed=1)


def test_a_projects_own_fixtures_may_shadow_ours(run_pytest: Callable[..., Any]) -> None:
    """None of ours depends on another public fixture but lambda_events."""
    run_pytest(
        """
        import pytest

        @pytest.fixture
        def sqs_queue(lambda_events):
            return lambda_events.sqs_queue("mine")

        @pytest.fixture
        def virtual_clock():
            return None

        def test_x(sqs_queue, event_source_mapping, virtual_clock):
            seen = []
            mapping = event_source_mapping(sqs_queue, lambda event, context: seen.append(event))
            sqs_queue.send("a")
            assert len(mapping.run_until_idle().processed) == 1
        """
    ).assert_outcomes(passed=1)


def test_async_tests_work(run_fresh_pytest: Callable[..., Any], pytester: Any) -> None:
    """pytest-asyncio's loop stays on real time; a handler's own asyncio.run is on virtual time.

    In a process of its own, because old versions of pytest-asyncio leave a loop behind.
    """
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    run_fresh_pytest(
        """
        import asyncio

        def handler(event, context):
            asyncio.run(asyncio.sleep(2))

        async def test_x(sqs_queue, event_source_mapping, virtual_clock):
            await asyncio.sleep(0.001)
            queue = sqs_queue("orders")
            mapping = event_source_mapping(queue, handler)
            queue.send("a")
            run = mapping.run_until_idle()
            assert run.invocations[0].duration == 2
            assert virtual_clock.elapsed == 2
            await asyncio.sleep(0.001)
        """,
        plugins=("asyncio",),
    ).assert_outcomes(passed=1)


def test_durations_stay_real(run_pytest: Callable[..., Any]) -> None:
    """A week of virtual time is not a week in --durations."""
    result = run_pytest(
        """
        def test_x(virtual_clock):
            virtual_clock.advance(7 * 86400)
        """,
        "--durations=5",
        "--durations-min=1000",
    )
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*s call*")


def test_a_module_level_client_made_before_any_fixture_is_served_by_moto(
    run_fresh_pytest: Callable[..., Any], pytester: Any
) -> None:
    """No credentials, no moto imported yet, sockets forbidden: the handler works and nothing leaves the process."""
    pytester.makepyfile(
        app="""
        import boto3
        sqs = boto3.client("sqs", region_name="us-east-1")

        def handler(event, context):
            for record in event["Records"]:
                sqs.send_message(QueueUrl=record["body"], MessageBody="forwarded")
        """
    )
    result = run_fresh_pytest(
        """
        import socket, sys
        import app
        assert "moto" not in sys.modules

        def refuse(*args, **kwargs):
            raise AssertionError("a socket was opened")

        def test_x(sqs_queue, event_source_mapping, monkeypatch):
            monkeypatch.setattr(socket.socket, "connect", refuse)
            monkeypatch.setattr(socket, "getaddrinfo", refuse)
            inbox, outbox = sqs_queue("inbox"), sqs_queue("outbox")
            mapping = event_source_mapping(inbox, app.handler)
            inbox.send(outbox.url)
            run = mapping.run_until_idle()
            assert [call.outcome for call in run.invocations] == ["success"]
            assert [record.body for record in outbox.messages] == ["forwarded"]
        """
    )
    result.assert_outcomes(passed=1)


def test_typed_annotations_resolve(run_pytest: Callable[..., Any]) -> None:
    """pytest_lambda_events.typing has the annotation of every fixture."""
    run_pytest(
        """
        from pytest_lambda_events.typing import (
            EventFactory, EventSourceMappingFactory, Harness, LambdaContext, SqsQueueFactory, VirtualClock,
        )

        def test_x(
            lambda_events: Harness,
            sqs_queue: SqsQueueFactory,
            event_source_mapping: EventSourceMappingFactory,
            virtual_clock: VirtualClock,
            sqs_event: EventFactory,
            lambda_context: LambdaContext,
        ) -> None:
            assert isinstance(virtual_clock, VirtualClock)
            assert isinstance(lambda_context, LambdaContext)
        """
    ).assert_outcomes(passed=1)


def test_every_event_fixture_makes_its_sources_event(run_pytest: Callable[..., Any]) -> None:
    """With the run's seed, and neither time nor moto touched."""
    result = run_pytest(
        """
        import sys

        import pytest
        from pytest_lambda_events import identify, validate
        from pytest_lambda_events.sources import SOURCES

        @pytest.mark.parametrize("name", [source.name for source in SOURCES])
        def test_x(request, name):
            make = request.getfixturevalue(f"{name}_event")
            event = make()
            assert identify(event).name == name
            assert validate(event) == []
            assert event != make(seed=8)
            assert event == make(seed=9)
        """,
        "--lambda-events-seed=9",
    )
    result.assert_outcomes(passed=10)


def test_streams_tables_and_jobs_have_fixtures(run_pytest: Callable[..., Any]) -> None:
    """Each is the harness's own method."""
    result = run_pytest(
        """
        def test_x(lambda_events, kinesis_stream, dynamodb_table, s3_batch_job, event_source_mapping):
            seen = []
            for number, source in enumerate((kinesis_stream("clicks"), dynamodb_table("orders"))):
                event_source_mapping(
                    source,
                    lambda event, _context: seen.append(event["Records"][0]["eventSource"]),
                    function={"FunctionName": f"f{number}"},
                    StartingPosition="TRIM_HORIZON",
                )
            kinesis_stream(lambda_events.kinesis_stream("other").arn)
            lambda_events.run_until_idle()
            assert seen == []
            job = s3_batch_job(lambda event, _context: seen.append(event["tasks"][0]["s3Key"]), keys=["a.jpg"])
            job.run_until_idle()
            assert set(seen) == {"a.jpg"}
        """
    )
    result.assert_outcomes(passed=1)


def test_documents_have_fixtures(run_pytest: Callable[..., Any]) -> None:
    """A collection, and the database that it is in."""
    result = run_pytest(
        """
        def test_x(documentdb_collection, documentdb_database, event_source_mapping):
            seen = []
            mapping = event_source_mapping(
                documentdb_database("shop"), lambda event, _context: seen.append(event["eventSource"])
            )
            (record,) = documentdb_collection("shop.orders").insert({"total": 5})
            assert mapping.run_until_idle().processed == [record]
            assert seen == ["aws:docdb"]
        """
    )
    result.assert_outcomes(passed=1)


def test_an_inner_run_imports_nothing_of_ours_for_itself_alone(run_pytest: Callable[..., Any]) -> None:
    """Pytester would take it out again, and leave two copies: see `pytester` in tests/conftest.py."""
    before = {
        name for name in sys.modules if name.startswith(("pytest_lambda_events.", "moto.dynamodb", "moto.kinesis"))
    }
    result = run_pytest(
        """
        import sys

        def test_x(kinesis_stream, dynamodb_table, kafka_topic, sqs_queue, activemq_queue, rabbitmq_queue):
            dynamodb_table("users"), kinesis_stream("clicks"), kafka_topic("orders"), sqs_queue("orders")
            activemq_queue("orders"), rabbitmq_queue("orders")
            sys.modules["pytest_lambda_events"].loaded_inside = set(sys.modules)
        """
    )
    result.assert_outcomes(passed=1)
    inside = vars(pytest_lambda_events).pop("loaded_inside")
    ours = {name for name in inside if name.startswith(("pytest_lambda_events.", "moto.dynamodb", "moto.kinesis"))}
    assert ours - before == set()
