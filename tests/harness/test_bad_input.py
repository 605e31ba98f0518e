"""Bad input gets a clear error that says what happened and what to do; nothing is half done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from pytest_lambda_events import HandlerNotUsable, NotSimulated, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_lambda_events import Harness


def nothing(_event: Any, _context: Any) -> None:
    """A handler that succeeds."""


STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
CLUSTER = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["broker:9092"]}}
SECRET = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}]


def refused(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    """AWS's code and message."""
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        (
            {"BatchSize": 10_001},
            "ValidationException",
            (
                "1 validation error detected: Value '10001' at 'batchSize' failed to satisfy constraint: "
                "Member must have value less than or equal to 10000"
            ),
        ),
        (
            {"MaximumBatchingWindowInSeconds": 301},
            "ValidationException",
            (
                "1 validation error detected: Value '301' at 'maximumBatchingWindowInSeconds' failed to satisfy "
                "constraint: Member must have value less than or equal to 300"
            ),
        ),
        (
            {"BatchSize": 11},
            "InvalidParameterValueException",
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        ),
        (
            {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:sqs:us-east-1:123456789012:x"}}},
            "InvalidParameterValueException",
            "Unsupported DestinationConfig parameter for given event source mapping type.",
        ),
        (
            {"MaximumRetryAttempts": 3},
            "InvalidParameterValueException",
            "Unsupported 'maximumRetryAttempts' parameter for given event source mapping type.",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_mapping_that_aws_refuses_is_refused_in_its_words(
    aws: Harness, parameters: dict[str, Any], code: str, message: str
) -> None:
    """Code and message word for word, as a real ClientError."""
    queue = aws.sqs_queue("orders")
    with pytest.raises(ClientError) as caught:
        aws.event_source_mapping(queue, nothing, **parameters)
    assert refused(caught) == (code, message)


def test_a_queue_whose_visibility_timeout_is_too_short_is_refused_with_a_hint(aws: Harness) -> None:
    """30 s of visibility and 60 s of Timeout; the hint is behind AWS's words."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=30)
    with pytest.raises(ClientError, match="Hint: raise VisibilityTimeout") as caught:
        aws.event_source_mapping(queue, nothing, function={"Timeout": 60})
    assert refused(caught)[1] == "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"
    assert caught.value.operation_name == "CreateEventSourceMapping"


def test_a_queue_that_does_not_exist_is_refused(aws: Harness) -> None:
    """By ARN in a mapping, and when it is to be adopted."""
    aws.sqs_queue("orders")
    with pytest.raises(ClientError, match=r"SQS Error Code: AWS\.SimpleQueueService\.NonExistentQueue") as caught:
        aws.event_source_mapping("arn:aws:sqs:us-east-1:123456789012:order", nothing)
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"
    with pytest.raises(ClientError, match="orders") as caught:
        aws.sqs_queue("arn:aws:sqs:us-east-1:123456789012:order")
    assert caught.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_the_same_function_twice_on_one_queue_is_a_conflict(aws: Harness) -> None:
    """409, with the UUID of the mapping that is there; another handler of the same name is another function."""
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, nothing)
    with pytest.raises(ClientError) as caught:
        aws.event_source_mapping(queue, nothing)
    assert refused(caught) == (
        "ResourceConflictException",
        (
            f'An event source mapping with SQS arn (" {queue.arn} ") and function (" nothing ") already exists. '
            f"Please update or delete the existing mapping with UUID {mapping.uuid}"
        ),
    )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409

    def another(_event: Any, _context: Any) -> None: ...

    another.__name__ = "nothing"
    assert aws.event_source_mapping(queue, another).function.config.name == "nothing-2"


def test_an_unknown_parameter_names_the_nearest(aws: Harness) -> None:
    """A typo never goes through silently."""
    queue = aws.sqs_queue("orders")
    with pytest.raises(UsageError, match="BatchSize"):
        aws.event_source_mapping(queue, nothing, BatchSze=5)
    with pytest.raises(UsageError, match="Timeout"):
        aws.event_source_mapping(queue, nothing, function={"TimeOut": 5})
    with pytest.raises(ClientError, match="VisibilityTimeout"):
        aws.sqs_queue("other", VisibilityTimeOut=5)


def test_what_is_not_simulated_yet_is_refused_not_ignored(aws: Harness) -> None:
    """A setting that did nothing would make the test mean something else."""
    queue = aws.sqs_queue("orders")
    with pytest.raises(NotSimulated, match="TenancyConfig"):
        aws.event_source_mapping(queue, nothing, function={"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}})


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (42, "must be callable"),
        ("nodots", "names no function"),
        ("no_such_module_here:handler", "importing 'no_such_module_here' failed"),
        ("json:no_such_function", "module 'json' has no 'no_such_function'"),
        ("json:__name__", "must be callable"),
    ],
)
def test_a_handler_that_cannot_be_used_says_why(aws: Harness, handler: Any, words: str) -> None:
    """Not callable, not importable, not there."""
    queue = aws.sqs_queue("orders")
    with pytest.raises(HandlerNotUsable, match=words):
        aws.event_source_mapping(queue, handler)


def test_a_handler_is_imported_by_name_with_its_environment(
    aws: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`module.function` and `module:function`; the module sees the function's Environment and real time."""
    (tmp_path / "shop_handler.py").write_text(
        "import os, time\nSTAGE = os.environ['STAGE']\nIMPORTED = time.time()\nseen = []\n"
        "def handler(event, context):\n    seen.append((STAGE, time.time()))\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    queue = aws.sqs_queue("orders")
    mapping = aws.event_source_mapping(queue, "shop_handler.handler", function={"Environment": {"STAGE": "prod"}})
    queue.send("a")
    mapping.run_until_idle()
    import shop_handler

    assert shop_handler.seen == [("prod", aws.virtual_clock.now_ms / 1000)]
    assert shop_handler.IMPORTED > aws.virtual_clock.now_ms / 1000
    monkeypatch.delitem(__import__("sys").modules, "shop_handler")


def test_the_source_must_be_a_source(aws: Harness) -> None:
    """Arguments in the wrong order, a name instead of an ARN, a stream that nobody made."""
    queue = aws.sqs_queue("orders")
    with pytest.raises(UsageError, match="event source"):
        aws.event_source_mapping(nothing, queue)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="ARN"):
        aws.event_source_mapping("orders", nothing)
    with pytest.raises(ClientError) as caught:
        aws.event_source_mapping(STREAM, nothing, StartingPosition="LATEST")
    assert refused(caught) == ("InvalidParameterValueException", f"Stream not found: {STREAM}")


@pytest.mark.parametrize(
    ("source", "parameters", "message"),
    [
        (None, {}, "Unrecognized event source."),
        ("arn:aws:sns:us-east-1:123456789012:topic", {}, "Unrecognized event source."),
        (None, {"SelfManagedEventSource": CLUSTER}, "Required 'topics' parameter is missing."),
        (STREAM, {"StartingPosition": "AT_TIMESTAMP"}, "Need to specify a timestamp"),
        (
            STREAM,
            {"StartingPosition": "LATEST", "Queues": ["orders"]},
            "Unsupported 'queues' parameter for given event source mapping type.",
        ),
        (
            "arn:aws:mq:us-east-1:123456789012:broker:b:b-1",
            {"Queues": ["orders"]},
            "Required 'sourceAccessConfigurations' parameter is missing.",
        ),
        (
            STREAM,
            {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": "2025-01-01T00:00:01Z"},
            "Unsupported 'startingPositionTimestamp' parameter for given event source mapping type.",
        ),
    ],
)
def test_a_source_that_is_not_simulated_is_checked_as_aws_would(
    aws: Harness, source: str | None, parameters: dict[str, Any], message: str
) -> None:
    """What AWS would refuse is refused in its words, before anything is said about this package."""
    aws.kinesis_stream(STREAM.rpartition("/")[2])
    with pytest.raises(ClientError) as caught:
        aws.event_source_mapping(source, nothing, **parameters)
    assert refused(caught) == ("InvalidParameterValueException", message)


def test_a_function_too_slow_for_a_source_that_is_not_simulated(aws: Harness) -> None:
    """The function belongs to the check, too; a mapping that AWS would take is then said not to be simulated."""
    parameters = {"SelfManagedEventSource": CLUSTER, "Topics": ["orders"], "SourceAccessConfigurations": SECRET}
    with pytest.raises(ClientError, match="Unsupported 'timeout' parameter"):
        aws.event_source_mapping(None, nothing, function={"Timeout": 841}, **parameters)
    with pytest.raises(NotSimulated, match="its topic is not here; make it with kafka_topic"):
        aws.event_source_mapping(None, nothing, function={"Timeout": 840}, **parameters)


def test_a_topic_of_amazon_msk_that_was_not_made_here(aws: Harness) -> None:
    """The cluster's ARN leads to no queue of moto: what to make is said."""
    cluster = "arn:aws:kafka:us-east-1:123456789012:cluster/orders/a93759a9-c9d0-4952-984c-492c6bfa2be8-13"
    with pytest.raises(NotSimulated, match="its topic is not here; make it with msk_topic"):
        aws.event_source_mapping(cluster, nothing, Topics=["orders"], StartingPosition="LATEST")


@pytest.mark.parametrize(("vhost", "kind"), [(None, "activemq"), ("shop", "rabbitmq")])
def test_a_queue_of_amazon_mq_that_was_not_made_here(aws: Harness, vhost: str | None, kind: str) -> None:
    """A virtual host is RabbitMQ's; everything else is taken for ActiveMQ."""
    broker = "arn:aws:mq:us-east-1:123456789012:broker:orders:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"
    access = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:mq"}]
    if vhost is not None:
        access.append({"Type": "VIRTUAL_HOST", "URI": vhost})
    with pytest.raises(NotSimulated, match=f"its queue is not here; make it with {kind}_queue"):
        aws.event_source_mapping(broker, nothing, Queues=["orders"], SourceAccessConfigurations=access)


def test_a_payload_that_cannot_be_serialised_sends_nothing(aws: Harness) -> None:
    """All or nothing: the good one before it is not sent either."""
    queue = aws.sqs_queue("orders")
    with pytest.raises(UsageError, match="cannot be sent"):
        queue.send("good", {"bad": object()})
    with pytest.raises(UsageError, match="bytes"):
        queue.send(b"\xff")
    with pytest.raises(ClientError):
        queue.send("good", "")
    assert queue.records == []


def test_a_send_that_sqs_refuses_is_refused(aws: Harness) -> None:
    """Too large, a delay out of range, a moment in the past."""
    queue = aws.sqs_queue("orders")
    with pytest.raises(ClientError) as caught:
        queue.send("x" * 1_048_577)
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValue"
    with pytest.raises(ClientError, match="DelaySeconds"):
        queue.send("x", delay_seconds=901)
    aws.virtual_clock.advance(10)
    with pytest.raises(UsageError, match="lies in the past"):
        queue.send("x", at=5)
    assert queue.records == []


def test_queue_attributes_out_of_range_are_refused(aws: Harness) -> None:
    """SQS's own limits, and a redrive policy given twice."""
    with pytest.raises(ClientError) as caught:
        aws.sqs_queue("orders", VisibilityTimeout=43_201)
    assert caught.value.response["Error"]["Code"] == "InvalidAttributeValue"
    with pytest.raises(UsageError, match="not both"):
        aws.sqs_queue("orders", maxReceiveCount=3, RedrivePolicy="{}")
    arn = aws.sqs_queue("there").arn
    with pytest.raises(UsageError, match="exists already"):
        aws.sqs_queue(arn, VisibilityTimeout=5)


def test_a_deleted_mapping_neither_runs_nor_changes(aws: Harness) -> None:
    """It says what can still be asked; that is so when it is deleted again, too."""
    mapping = aws.event_source_mapping(aws.sqs_queue("orders"), nothing)
    mapping.delete()
    for asked in (mapping.run_until_idle, mapping.enable, lambda: mapping.update(BatchSize=5), mapping.delete):
        with pytest.raises(UsageError, match=r"was deleted.*\.view\(\)"):
            asked()
    assert mapping.view().records == []


def test_a_record_of_another_queue_has_no_fate_here(aws: Harness) -> None:
    """The run says what it knows."""
    orders, other = aws.sqs_queue("orders"), aws.sqs_queue("other")
    (record,) = other.send("a")
    run = aws.event_source_mapping(orders, nothing).run_until_idle()
    with pytest.raises(UsageError, match="has not been in"):
        run.fate(record)


def test_times_and_starts_that_mean_nothing_are_refused(aws: Harness) -> None:
    """Negative seconds."""
    for seconds in (-1, float("nan")):
        with pytest.raises(UsageError, match="0 seconds or more"):
            aws.virtual_clock.advance(seconds)
    with pytest.raises(UsageError, match="0 seconds or more"):
        aws.run_for(-1)


@pytest.mark.parametrize("seconds", [float("inf"), "5", None])
def test_lengths_of_time_that_are_none_are_refused(aws: Harness, seconds: Any) -> None:
    """Each by the name of its argument; a mapping is not made with such a duration."""
    queue = aws.sqs_queue("orders")
    for asked, name in (
        (lambda: aws.run_for(seconds), "seconds"),
        (lambda: aws.run_until_idle(max_seconds=seconds), "max_seconds"),
        (lambda: aws.run_until(lambda run: True, max_seconds=seconds), "max_seconds"),
        (lambda: aws.event_source_mapping(queue, nothing, duration=seconds), "duration"),
    ):
        with pytest.raises(UsageError, match=rf"{name}=.*a number of seconds"):
            asked()
    queue.send("a")
    aws.event_source_mapping(queue, nothing, duration=lambda event: seconds)
    with pytest.raises(UsageError, match=r"duration=.*a number of seconds"):
        aws.run_until_idle()


def test_a_bound_of_invocations_is_a_whole_number(aws: Harness) -> None:
    """As the command line would read it."""
    with pytest.raises(UsageError, match="max_invocations='5'"):
        aws.run_until_idle(max_invocations="5")  # type: ignore[arg-type]


def test_what_is_no_record_has_no_fate(aws: Harness) -> None:
    """An id, for example."""
    run = aws.run_until_idle()
    with pytest.raises(UsageError, match="'x' is no record"):
        run.fate("x")


def test_a_delay_is_a_whole_number(aws: Harness) -> None:
    """As botocore says of it."""
    for delay in ("5", True, 1.5):
        with pytest.raises(UsageError, match="DelaySeconds is a whole number"):
            aws.sqs_queue("orders").send("x", delay_seconds=delay)  # type: ignore[arg-type]
