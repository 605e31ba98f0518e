"""What AWS refuses, in its exact words and order: one row per recorded sentence, for the sources that it is about."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mapping import read_mapping, update_mapping
from pytest_lambda_events.model.mapping_refusals import refuse_conflict
from pytest_lambda_events.model.parameters import CREATE_MEMBERS
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.sources import rules_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.mapping import MappingConfig

    Read = Callable[..., MappingConfig]

STREAMS = ("dynamodb", "kinesis")
LOGS = ("kafka", "msk")
QUEUES = ("sqs", "sqs_fifo")
SECRET = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}]
ON_SUCCESS = {"OnSuccess": {"Destination": "arn:aws:sqs:us-east-1:123456789012:q"}}
NO_MODE = "When the starting position is 'AT_TIMESTAMP', a starting position timestamp must be provided."
NULL = "failed to satisfy constraint: Member must not be null."
NULL_POSITION = f"1 validation error detected: Value null at 'startingPosition' {NULL}"
TWIN = "Please update or delete the existing mapping with UUID u-1"
AGE = "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)"
LARGE = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
FIFO_SIZE = "Batch size must not exceed 10 for FIFO queues"
POLLERS = "MinimumPollers should be between [2, 200] and MaximumPollers should be between [MinimumPollers, 10000]"
NO_POLLERS = "Either MinimumPollers or MaximumPollers are required if ProvisionedPollerConfig is provided."
BOTH = (
    "Provisioned mode for SQS ESM does not support maximum concurrency feature. Use MaximumPollers as the control "
    "mechanism and remove maximum concurrency."
)
TUMBLING = "Parallelization factor must be equal to 1 when tumbling window period is configured"
NO_CONFIG = "Invalid parameters: documentDBEventSourceConfig, databaseName"
NO_SECRET = "Invalid parameters: sourceAccessConfigurations, sourceAccessConfigurations"
AT_TIMESTAMP = {"StartingPosition": "AT_TIMESTAMP"}


def unsupported(member: str) -> str:
    """AWS's commonest sentence."""
    return f"Unsupported {member} parameter for given event source mapping type."


def missing(member: str) -> str:
    """AWS's sentence about what a Kafka mapping lacks."""
    return f"Required '{member}' parameter is missing."


ROWS: list[tuple[tuple[str, ...], dict[str, Any], str]] = [
    (STREAMS, {"StartingPosition": None}, NULL_POSITION),
    (("dynamodb",), AT_TIMESTAMP, "Unsupported starting position for arn type: {arn}"),
    (
        ("dynamodb",),
        {**AT_TIMESTAMP, "StartingPositionTimestamp": 0},
        "Unsupported starting position for arn type: {arn}",
    ),
    (("kinesis",), AT_TIMESTAMP, "Need to specify a timestamp"),
    (("documentdb", "kafka", "msk"), AT_TIMESTAMP, NO_MODE),
    (STREAMS, {"StartingPositionTimestamp": 0}, "Timestamp only valid with StartingPosition AT_TIMESTAMP"),
    (("documentdb", *LOGS), {"StartingPositionTimestamp": 0}, unsupported("'startingPositionTimestamp'")),
    (("sqs",), {"BatchSize": 11}, LARGE),
    (("sqs_fifo",), {"MaximumBatchingWindowInSeconds": 1}, "Batching window is not supported for FIFO queues"),
    (("sqs_fifo",), {"BatchSize": 11}, FIFO_SIZE),
    (("sqs_fifo",), {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1}, FIFO_SIZE),
    (STREAMS, {"MaximumRecordAgeInSeconds": 0}, AGE),
    (STREAMS, {"MaximumRecordAgeInSeconds": 59}, AGE),
    (QUEUES, {"DestinationConfig": ON_SUCCESS}, unsupported("DestinationConfig")),
    (
        (*LOGS, *STREAMS),
        {"DestinationConfig": ON_SUCCESS},
        "OnSuccess configuration is not supported for event source mappings.",
    ),
    (STREAMS, {"ScalingConfig": {"MaximumConcurrency": 2}}, unsupported("ScalingConfig")),
    (QUEUES, {"ProvisionedPollerConfig": {"MinimumPollers": 1}}, POLLERS),
    (QUEUES, {"ProvisionedPollerConfig": {}}, NO_POLLERS),
    (
        QUEUES,
        {"ProvisionedPollerConfig": {"MinimumPollers": 2}, "ScalingConfig": {"MaximumConcurrency": 2}},
        BOTH,
    ),
    (STREAMS, {"TumblingWindowInSeconds": 1, "ParallelizationFactor": 2}, TUMBLING),
    (
        STREAMS,
        {"TumblingWindowInSeconds": 1, "FilterCriteria": {"Filters": [{"Pattern": "{}"}]}},
        unsupported("'filterCriteria'"),
    ),
    (LOGS, {"Topics": None}, missing("topics")),
    (("kafka",), {"SourceAccessConfigurations": None}, missing("sourceAccessConfigurations")),
    (("kafka",), {"SourceAccessConfigurations": []}, missing("sourceAccessConfigurations")),
    (("kafka",), {"SelfManagedEventSource": None}, "Unrecognized event source."),
    (LOGS, {"Queues": ["orders"]}, unsupported("'queues'")),
    (
        ("msk",),
        {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["k:1"]}}},
        unsupported("'selfManagedEventSource'"),
    ),
    (("activemq", "rabbitmq"), {"Queues": None}, missing("queues")),
    (("activemq", "rabbitmq"), {"SourceAccessConfigurations": None}, missing("sourceAccessConfigurations")),
    (("documentdb",), {"DocumentDBEventSourceConfig": None}, NO_CONFIG),
    (("documentdb",), {"DocumentDBEventSourceConfig": {}}, NO_CONFIG),
    (
        ("documentdb",),
        {"DocumentDBEventSourceConfig": {"CollectionName": "c"}},
        "Invalid parameters: databaseName",
    ),
    (("documentdb",), {"SourceAccessConfigurations": None}, NO_SECRET),
    (
        ("documentdb",),
        {"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}},
        "Invalid parameters: filterCriteria",
    ),
    (
        ("documentdb",),
        {"FunctionResponseTypes": ["ReportBatchItemFailures"]},
        "Invalid parameters: functionResponseTypes",
    ),
    (
        ("documentdb",),
        {"FunctionResponseTypes": ["ReportBatchItemFailures"], "SourceAccessConfigurations": None},
        f"{NO_SECRET}, functionResponseTypes",
    ),
]


@pytest.mark.parametrize(
    ("source", "parameters", "message"),
    [
        pytest.param(source, parameters, message, id=f"{source}-{message[:40]}-{'-'.join(parameters)}")
        for sources, parameters, message in ROWS
        for source in sources
    ],
)
def test_refused_in_awss_words(
    read: Read, arn_of: Callable[[str], str], source: str, parameters: dict[str, Any], message: str
) -> None:
    """Every sentence that is recorded, and a hint that says what to change."""
    with pytest.raises(Refusal) as refused:
        read(source, parameters)
    assert (refused.value.code, refused.value.message, refused.value.status) == (
        "InvalidParameterValueException",
        message.format(arn=arn_of(source)),
        400,
    )
    assert refused.value.hint


@pytest.mark.parametrize(
    ("source", "parameters", "message"),
    [
        ("msk", {"BatchSize": 0, "DestinationConfig": ON_SUCCESS}, "1 validation error detected: Value '0' at"),
        ("msk", {"DestinationConfig": ON_SUCCESS, "Queues": ["q"], "Topics": None}, "OnSuccess configuration"),
        ("msk", {"Queues": ["q"], "Topics": None}, unsupported("'queues'")),
        (
            "kafka",
            {"Topics": None, "SourceAccessConfigurations": None, "StartingPosition": "AT_TIMESTAMP"},
            missing("topics"),
        ),
        (
            "kafka",
            {"SourceAccessConfigurations": None, "StartingPosition": "AT_TIMESTAMP"},
            missing("sourceAccessConfigurations"),
        ),
        ("kinesis", {"StartingPosition": None, "MaximumRecordAgeInSeconds": 1}, NULL_POSITION),
        ("kinesis", {"MaximumRecordAgeInSeconds": 1, "TumblingWindowInSeconds": 1, "ParallelizationFactor": 2}, AGE),
        ("sqs", {"BatchSize": 11, "ProvisionedPollerConfig": {}}, LARGE),
    ],
)
def test_the_order_of_the_checks(read: Read, source: str, parameters: dict[str, Any], message: str) -> None:
    """The model, OnSuccess, foreign parameters, topics, access, position, batches, retries, pollers."""
    with pytest.raises(Refusal) as refused:
        read(source, parameters)
    assert refused.value.message.startswith(message)


def test_a_bad_pattern(read: Read) -> None:
    """Our reason is the hint of AWS's sentence; large batches come before it, pollers after it."""

    def refuse(_criteria: Any, name: str) -> str:
        return f"{name} does not like it"

    bad = {"FilterCriteria": {"Filters": [{"Pattern": "null"}]}, "ProvisionedPollerConfig": {}}
    with pytest.raises(Refusal) as refused:
        read("sqs", bad, check_filters=refuse)
    assert refused.value.message == "Invalid filter pattern definition."
    assert refused.value.hint == "sqs does not like it"
    with pytest.raises(Refusal, match="Maximum batch window"):
        read("sqs", {**bad, "BatchSize": 11}, check_filters=refuse)
    read("sqs", {"FilterCriteria": {"Filters": []}}, check_filters=refuse)


def test_a_queue_that_hides_too_briefly(read: Read) -> None:
    """For both kinds of queues."""
    for source in QUEUES:
        with pytest.raises(Refusal) as refused:
            read(source, {}, visibility=30, timeout=31)
        assert refused.value.message == (
            "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"
        )


def test_a_moment_in_the_future(read: Read) -> None:
    """AWS takes none; how far it lies is in the hint. Who does not say what time it is is not asked."""
    later = dt.datetime(2025, 1, 1, 0, 0, 1, tzinfo=dt.timezone.utc)
    given = {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": later}
    with pytest.raises(Refusal, match="Unsupported 'startingPositionTimestamp'") as refused:
        read("kinesis", given, now_ms=1_735_689_600_000)
    assert "it lies 1 s in the future" in refused.value.hint
    assert read("kinesis", given).starting_ms == 1_735_689_601_000
    naive = {**given, "StartingPositionTimestamp": later.replace(tzinfo=None)}
    assert read("kinesis", naive).starting_ms == 1_735_689_601_000


@pytest.mark.parametrize("moment", ["tomorrow", "", "1e400", 1e400, float("nan"), "99999999999999999"])
def test_a_moment_that_is_none(read: Read, moment: Any) -> None:
    """A text or number that is no time is refused as botocore refuses it; an empty text counts as not given."""
    given = {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": moment}
    with pytest.raises((UsageError, Refusal)) as wrong:
        read("kinesis", given)
    words = "Need to specify a timestamp" if moment == "" else "Invalid type for parameter StartingPositionTimestamp"
    assert words in str(wrong.value)


# -- conflicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "sqs",
            f'An event source mapping with SQS arn (" ARN ") and function (" f ") already exists. {TWIN}',
        ),
        (
            "sqs_fifo",
            f'An event source mapping with SQS arn (" ARN ") and function (" f ") already exists. {TWIN}',
        ),
        (
            "kinesis",
            f'The event source arn (" ARN ") and function (" f ") provided mapping already exists. {TWIN}',
        ),
    ],
)
def test_a_second_mapping_of_the_same_two(source: str, message: str) -> None:
    """AWS has two sentences, with blanks inside of the quotes."""
    with pytest.raises(Refusal) as refused:
        refuse_conflict(rules_of(source), "ARN", "f", "u-1")
    assert (refused.value.code, refused.value.status) == ("ResourceConflictException", 409)
    assert refused.value.message == message


# -- anything ----------------------------------------------------------------------------------------------------------

NAMES = (
    "activemq",
    "documentdb",
    "dynamodb",
    "kafka",
    "kinesis",
    "msk",
    "rabbitmq",
    "sqs",
    "sqs_fifo",
)
VALUES: dict[str, list[Any]] = {
    "DestinationConfig": [{"OnFailure": {"Destination": "arn:aws:s3:::b"}}, {"OnFailure": {}}],
    "DocumentDBEventSourceConfig": [{"DatabaseName": "db"}, {}],
    "FilterCriteria": [{"Filters": [{"Pattern": "{}"}]}, {}],
    "FunctionResponseTypes": [["ReportBatchItemFailures"], []],
    "MaximumRecordAgeInSeconds": [-1, 30, 60],
    "ProvisionedPollerConfig": [{"MinimumPollers": 2}, {"MaximumPollers": 9}, {}],
    "Queues": [["orders"]],
    "SelfManagedEventSource": [{"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["k:1"]}}],
    "SelfManagedKafkaEventSourceConfig": [{"ConsumerGroupId": "g"}],
    "SourceAccessConfigurations": [SECRET, [{"Type": "SASL_SCRAM_512_AUTH", "URI": "x"}], []],
    "StartingPosition": ["LATEST", "AT_TIMESTAMP"],
    "StartingPositionTimestamp": [0, "2025-01-01"],
    "Topics": [["orders"]],
}
ANY = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from([*VALUES.get(name, [0, 1, 2, 11, True, {"a": "b"}]), None])
        for name in CREATE_MEMBERS
        if name not in ("EventSourceArn", "FunctionName")
    },
)


@given(ANY, st.sampled_from(NAMES))
def test_anything_is_read_or_refused(parameters: dict[str, Any], source: str) -> None:
    """What is accepted is echoed in a form that is accepted again: an update that changes nothing changes nothing."""
    around: dict[str, Any] = {"source_arn": "a", "visibility_ms": None, "function_timeout_ms": 3_000}
    try:
        config = read_mapping(parameters, rules_of(source), **around)
    except (Refusal, UsageError):
        return
    assert update_mapping(config, {}, rules_of(source), **around) == config
    assert not {"Enabled", "EventSourceArn", "FunctionName"} & set(config.parameters)
