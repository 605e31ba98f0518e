"""What each source takes: the table of defaults and limits, cell by cell, and every parameter against every source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.mapping import SourceRules, read_mapping
from pytest_lambda_events.model.parameters import CREATE_MEMBERS
from pytest_lambda_events.model.refusal import Refusal
from pytest_lambda_events.sources import SOURCES, rules_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.mapping import MappingConfig

    Read = Callable[..., MappingConfig]

STREAMS = ("dynamodb", "kinesis")
LOGS = ("kafka", "msk")
BROKERS = ("activemq", "rabbitmq")
QUEUES = ("sqs", "sqs_fifo")
MAPPED = tuple(sorted((*STREAMS, *LOGS, *BROKERS, *QUEUES, "documentdb")))

SECRET = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}]
MUTUAL_TLS = [{"Type": "CLIENT_CERTIFICATE_TLS_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:t"}]
DLQ = {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:dlq"}}
FILTERS = {"Filters": [{"Pattern": '{"body": ["x"]}'}]}
PROVISIONED = {"ProvisionedPollerConfig": {"MinimumPollers": 2}}

SAMPLES: dict[str, tuple[Any, tuple[str, ...]]] = {  # a valid value, and who takes it
    "Enabled": (True, MAPPED),
    "BatchSize": (10, MAPPED),
    "FilterCriteria": (FILTERS, (*QUEUES, *STREAMS, *LOGS, *BROKERS)),
    "KMSKeyArn": ("arn:aws:kms:us-east-1:123456789012:key/k", MAPPED),
    "MetricsConfig": ({"Metrics": ["EventCount"]}, MAPPED),
    "LoggingConfig": ({"SystemLogLevel": "INFO"}, LOGS),
    "ScalingConfig": ({"MaximumConcurrency": 2}, QUEUES),
    "MaximumBatchingWindowInSeconds": (0, MAPPED),
    "ParallelizationFactor": (1, STREAMS),
    "StartingPosition": ("LATEST", (*STREAMS, *LOGS, "documentdb")),
    "StartingPositionTimestamp": (0, ("kinesis", *LOGS, "documentdb")),
    "DestinationConfig": (DLQ, (*STREAMS, *LOGS)),
    "MaximumRecordAgeInSeconds": (60, (*STREAMS, *LOGS)),
    "BisectBatchOnFunctionError": (True, (*STREAMS, *LOGS)),
    "MaximumRetryAttempts": (0, (*STREAMS, *LOGS)),
    "Tags": ({"team": "orders"}, MAPPED),
    "TumblingWindowInSeconds": (0, STREAMS),
    "Topics": (["orders"], LOGS),
    "Queues": (["orders"], BROKERS),
    "SourceAccessConfigurations": (SECRET, ("kafka", *BROKERS, "documentdb")),
    "SelfManagedEventSource": ({"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["broker:9092"]}}, ("kafka",)),
    "FunctionResponseTypes": (["ReportBatchItemFailures"], (*QUEUES, *STREAMS, *LOGS)),
    "AmazonManagedKafkaEventSourceConfig": ({"ConsumerGroupId": "g"}, ("msk",)),
    "SelfManagedKafkaEventSourceConfig": ({"ConsumerGroupId": "g"}, ("kafka",)),
    "DocumentDBEventSourceConfig": ({"DatabaseName": "db"}, ("documentdb",)),
    "ProvisionedPollerConfig": ({"MinimumPollers": 2}, (*QUEUES, *LOGS)),
}
OWN_FORM = {  # another value, for a source that takes the parameter but not the value above
    ("SourceAccessConfigurations", "msk"): MUTUAL_TLS,
}
NEEDED = {"StartingPositionTimestamp": {"StartingPosition": "AT_TIMESTAMP"}}  # what a value needs beside it


def beside(name: str, source: str) -> dict[str, Any]:
    """What this parameter needs to be accepted: provisioned mode for Kafka's controls, a position for a timestamp."""
    provisioned = PROVISIONED if source in LOGS and name != "ProvisionedPollerConfig" else {}
    return {**provisioned, **NEEDED.get(name, {})}


def case(*values: Any) -> Any:
    """One row of a table, named by what it is about."""
    return pytest.param(*values, id="-".join(str(one) for one in values)[:90])


def test_every_parameter_has_a_sample_and_every_source_rules() -> None:
    """So that what follows is about all of them; S3 Batch Operations has no mapping."""
    assert {"EventSourceArn", "FunctionName", *SAMPLES} == set(CREATE_MEMBERS)
    assert MAPPED == tuple(sorted(source.name for source in SOURCES if source.has_mappings))
    assert [rules_of(name).source for name in MAPPED] == list(MAPPED)
    with pytest.raises(UsageError, match="S3 Batch"):
        rules_of("s3_batch")


@pytest.mark.parametrize(
    ("name", "source"),
    [case(name, source) for name, (_, takers) in SAMPLES.items() for source in sorted(takers)],
)
def test_a_parameter_is_taken_where_it_applies(read: Read, name: str, source: str) -> None:
    """It is accepted and echoed as given."""
    value = SAMPLES[name][0]
    config = read(source, {**beside(name, source), name: value})
    if name == "Enabled":
        assert config.enabled
    elif isinstance(value, dict):
        assert config.parameters[name].items() >= value.items()
    else:
        assert config.parameters[name] == value


@pytest.mark.parametrize(
    ("name", "source"),
    [
        case(name, source)
        for name, (_, takers) in SAMPLES.items()
        for source in sorted(set(MAPPED) - set(takers))
        if (name, source) not in OWN_FORM and (name, source) != ("StartingPositionTimestamp", "dynamodb")
    ],
)
def test_a_parameter_is_refused_where_it_does_not_apply(read: Read, name: str, source: str) -> None:
    """In AWS's sentence, with a hint that names what the source takes."""
    member = name[:1].lower() + name[1:]
    if source == "documentdb" and name in ("FilterCriteria", "FunctionResponseTypes"):
        message = f"Invalid parameters: {member}"
    else:
        bare = source in (*QUEUES, *STREAMS) and name in ("DestinationConfig", "ScalingConfig")
        shown = name if bare else f"'{member}'"
        message = f"Unsupported {shown} parameter for given event source mapping type."
    with pytest.raises(Refusal) as refused:
        read(source, {name: SAMPLES[name][0]})
    assert (refused.value.code, refused.value.message) == ("InvalidParameterValueException", message)
    assert rules_of(source).name in refused.value.hint


# -- batches and windows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", MAPPED)
def test_the_default_batch(read: Read, source: str) -> None:
    """Ten for queues of SQS, a hundred for all others; echoed."""
    config = read(source, {})
    assert config.batch_size == config.parameters["BatchSize"] == (10 if source in QUEUES else 100)


@pytest.mark.parametrize("source", MAPPED)
def test_the_largest_batch(read: Read, source: str) -> None:
    """10,000, and ten for FIFO; a standard queue needs a window for it, a stream does not."""
    largest = 10 if source == "sqs_fifo" else 10_000
    window = {"MaximumBatchingWindowInSeconds": 1} if source == "sqs" else {}
    assert read(source, {"BatchSize": largest, **window}).batch_size == largest
    with pytest.raises(Refusal):
        read(source, {"BatchSize": largest + 1, **window})


@pytest.mark.parametrize("source", MAPPED)
def test_the_default_window(read: Read, source: str) -> None:
    """None for queues of SQS and streams; half a second for the others, shown by omitting the key."""
    config = read(source, {})
    if source in (*QUEUES, *STREAMS):
        assert (config.window_ms, config.parameters["MaximumBatchingWindowInSeconds"]) == (0, 0)
    else:
        assert config.window_ms == 500
        assert "MaximumBatchingWindowInSeconds" not in config.parameters


@pytest.mark.parametrize("source", sorted(set(MAPPED) - {"sqs_fifo"}))
def test_the_longest_window(read: Read, source: str) -> None:
    """300 seconds, and not one more."""
    assert read(source, {"MaximumBatchingWindowInSeconds": 300}).window_ms == 300_000
    with pytest.raises(Refusal, match="less than or equal to 300"):
        read(source, {"MaximumBatchingWindowInSeconds": 301})


@pytest.mark.parametrize("source", MAPPED)
def test_the_longest_function(read: Read, source: str) -> None:
    """900 seconds, and 840 where the poller itself needs its time."""
    longest = 900 if source in (*QUEUES, *STREAMS) else 840
    assert read(source, {}, timeout=longest).enabled
    with pytest.raises(Refusal) as refused:
        read(source, {}, timeout=longest + 1)
    assert refused.value.message == "Unsupported 'timeout' parameter for given event source mapping type."
    assert f"runs {longest} s at most" in refused.value.hint


# -- retries -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", STREAMS)
def test_the_defaults_of_a_stream(read: Read, source: str) -> None:
    """All of them are echoed, and mean: for ever, whole batches, one at a time."""
    config = read(source, {})
    assert config.parameters == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "LATEST",
        "TumblingWindowInSeconds": 0,
    }
    assert (config.retry_attempts, config.record_age_ms, config.destination) == (None, None, None)
    assert (config.bisects, config.parallelization, config.tumbling_ms) == (False, 1, 0)
    assert (config.starting_position, config.starting_ms, config.reports_failures) == ("LATEST", None, False)


@pytest.mark.parametrize("source", [*LOGS, *STREAMS])
def test_retry_controls_in_the_pollers_terms(read: Read, source: str) -> None:
    """What was given is what the poller reads."""
    config = read(
        source,
        {
            "MaximumRetryAttempts": 3,
            "MaximumRecordAgeInSeconds": 60,
            "BisectBatchOnFunctionError": True,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "DestinationConfig": DLQ,
            **(PROVISIONED if source in LOGS else {}),
        },
    )
    assert (config.retry_attempts, config.record_age_ms, config.bisects) == (3, 60_000, True)
    assert (config.reports_failures, config.destination) == (True, DLQ["OnFailure"]["Destination"])


@pytest.mark.parametrize(
    ("source", "name", "good", "bad"),
    [
        case(source, *row)
        for source in (*LOGS, *STREAMS)
        for row in (
            ("MaximumRetryAttempts", -1, -2),
            ("MaximumRetryAttempts", 10_000, 10_001),
            ("MaximumRecordAgeInSeconds", -1, -2),
            ("MaximumRecordAgeInSeconds", 60, 59),
            ("MaximumRecordAgeInSeconds", 604_800, 604_801),
        )
    ]
    + [
        case(source, *row)
        for source in STREAMS
        for row in (
            ("ParallelizationFactor", 1, 0),
            ("ParallelizationFactor", 10, 11),
            ("TumblingWindowInSeconds", 0, -1),
            ("TumblingWindowInSeconds", 900, 901),
        )
    ]
    + [
        case(source, "ScalingConfig", {"MaximumConcurrency": good}, {"MaximumConcurrency": bad})
        for source in QUEUES
        for good, bad in ((2, 1), (1_000, 1_001))
    ],
)
def test_a_limit(read: Read, source: str, name: str, good: Any, bad: Any) -> None:
    """At it is accepted, past it refused."""
    more = PROVISIONED if source in LOGS else {}
    assert read(source, {name: good, **more}).parameters[name] == good
    with pytest.raises(Refusal):
        read(source, {name: bad, **more})


# -- pollers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "lowest", "most"),
    [("kafka", 1, 2_000), ("msk", 1, 2_000), ("sqs", 2, 10_000), ("sqs_fifo", 2, 10_000)],
)
def test_provisioned_pollers(read: Read, source: str, lowest: int, most: int) -> None:
    """Bounds and defaults; what was left out is filled in."""

    def pollers(**given: int) -> Any:
        return read(source, {"ProvisionedPollerConfig": given}).parameters["ProvisionedPollerConfig"]

    assert pollers(MinimumPollers=200) == {"MinimumPollers": 200, "MaximumPollers": 200}
    assert pollers(MaximumPollers=most) == {"MinimumPollers": lowest, "MaximumPollers": most}
    assert pollers(MinimumPollers=lowest, MaximumPollers=lowest)["MaximumPollers"] == lowest
    with pytest.raises(Refusal) as refused:
        pollers(MinimumPollers=3, MaximumPollers=2)
    assert refused.value.message == (
        f"MinimumPollers should be between [{lowest}, 200] and MaximumPollers should be between "
        f"[MinimumPollers, {most}]"
    )
    with pytest.raises(Refusal):
        pollers(MaximumPollers=most + 1)
    with pytest.raises(Refusal, match="Either MinimumPollers or MaximumPollers are required"):
        pollers()


@pytest.mark.parametrize("source", LOGS)
def test_pollers_of_kafka_have_groups(read: Read, source: str) -> None:
    """And those of SQS have none."""
    given = {"ProvisionedPollerConfig": {"MinimumPollers": 2, "PollerGroupName": "g"}}
    assert read(source, given).parameters["ProvisionedPollerConfig"]["PollerGroupName"] == "g"
    with pytest.raises(Refusal, match=r"'provisionedPollerConfig\.pollerGroupName'"):
        read("sqs", given)


# -- where reading begins ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "position"),
    [("documentdb", "LATEST"), ("kafka", "TRIM_HORIZON"), ("msk", "TRIM_HORIZON"), ("sqs", None), ("activemq", None)],
)
def test_the_default_position(read: Read, source: str, position: str | None) -> None:
    """It is echoed where there is one."""
    config = read(source, {})
    assert config.starting_position == config.parameters.get("StartingPosition") == position


@pytest.mark.parametrize("source", ["documentdb", "kafka", "kinesis", "msk"])
@pytest.mark.parametrize(
    "moment",
    [
        "2025-01-01T00:00:00.250Z",
        "2025-01-01T00:00:00.25Z",
        "2025-01-01T02:00:00.2500000+02:00",
        "1735689600.25",
        1735689600.25,
    ],
)
def test_reading_from_a_moment(read: Read, source: str, moment: Any) -> None:
    """A text, or seconds since the epoch; in milliseconds for the poller. The present is no future."""
    given = {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": moment}
    config = read(source, given, now_ms=1_735_689_600_250)
    assert (config.starting_position, config.starting_ms) == ("AT_TIMESTAMP", 1_735_689_600_250)


# -- access ------------------------------------------------------------------------------------------------------------


def entry(kind: str) -> dict[str, str]:
    """An entry of SourceAccessConfigurations."""
    return {"Type": kind} if kind in ("IAM_AUTH", "IAM_OAUTHBEARER_AUTH") else {"Type": kind, "URI": "x"}


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("activemq", ["BASIC_AUTH"]),
        ("rabbitmq", ["BASIC_AUTH"]),
        ("rabbitmq", ["VIRTUAL_HOST", "BASIC_AUTH"]),
        ("documentdb", ["BASIC_AUTH"]),
        ("msk", ["SASL_SCRAM_512_AUTH"]),
        ("msk", ["CLIENT_CERTIFICATE_TLS_AUTH"]),
        ("kafka", ["SASL_SCRAM_256_AUTH", "SERVER_ROOT_CA_CERTIFICATE"]),
        ("kafka", ["VPC_SUBNET", "VPC_SUBNET", "VPC_SECURITY_GROUP"]),
        ("kafka", ["IAM_AUTH"]),
        ("kafka", ["OAUTHBEARER_AUTH", "OAUTHBEARER_SCOPE", "OAUTHBEARER_LOGICAL_CLUSTER"]),
        ("kafka", ["OAUTHBEARER_IDENTITY_POOL", "OAUTHBEARER_AUTH"]),
        ("kafka", ["IAM_OAUTHBEARER_AUTH", "OAUTHBEARER_AUDIENCE"]),
    ],
)
def test_access(read: Read, source: str, kinds: list[str]) -> None:
    """Types that the source knows, each with what it needs."""
    entries = [entry(kind) for kind in kinds]
    assert read(source, {"SourceAccessConfigurations": entries}).parameters["SourceAccessConfigurations"] == entries


@pytest.mark.parametrize(
    ("source", "entries", "hint"),
    [
        ("activemq", [entry("BASIC_AUTH"), entry("VIRTUAL_HOST")], "take the types BASIC_AUTH, not 'VIRTUAL_HOST'"),
        ("activemq", [entry("BASIC_AUTH"), entry("BASIC_AUTH")], "exactly one entry of type BASIC_AUTH"),
        ("rabbitmq", [entry("VIRTUAL_HOST")], "exactly one entry of type BASIC_AUTH"),
        ("msk", [entry("BASIC_AUTH")], "take the types CLIENT_CERTIFICATE_TLS_AUTH, SASL_SCRAM_512_AUTH, not"),
        ("documentdb", [entry("VPC_SUBNET")], "take the types BASIC_AUTH, not 'VPC_SUBNET'"),
        ("kafka", [entry("VIRTUAL_HOST")], "not 'VIRTUAL_HOST'"),
        ("kafka", [{"Type": "BASIC_AUTH"}], "an entry of type BASIC_AUTH has a URI"),
        ("kafka", [{"URI": "x"}], "not ''"),
        ("kafka", [entry("OAUTHBEARER_SCOPE")], "OAUTHBEARER_SCOPE needs an entry of type OAUTHBEARER_AUTH beside it"),
        ("kafka", [entry("IAM_OAUTHBEARER_AUTH")], "needs an entry of type OAUTHBEARER_AUDIENCE beside it"),
    ],
)
def test_access_that_the_source_does_not_know(
    read: Read, source: str, entries: list[dict[str, str]], hint: str
) -> None:
    """AWS's common sentence, and a hint that says which type and why."""
    with pytest.raises(Refusal) as refused:
        read(source, {"SourceAccessConfigurations": entries})
    assert refused.value.message == (
        "Unsupported 'sourceAccessConfigurations' parameter for given event source mapping type."
    )
    assert hint in refused.value.hint


# -- destinations and filters ------------------------------------------------------------------------------------------


def to(destination: str) -> dict[str, Any]:
    """An on-failure destination."""
    return {"DestinationConfig": {"OnFailure": {"Destination": destination}}}


@pytest.mark.parametrize("source", [*LOGS, *STREAMS])
@pytest.mark.parametrize(
    "destination",
    ["arn:aws:sqs:us-east-1:123456789012:dlq", "arn:aws:sns:us-east-1:123456789012:t", "arn:aws:s3:::bucket"],
)
def test_a_destination(read: Read, source: str, destination: str) -> None:
    """A queue, a standard topic, a bucket."""
    assert read(source, to(destination)).destination == destination


@pytest.mark.parametrize("source", [*LOGS, *STREAMS])
@pytest.mark.parametrize(
    "destination",
    [
        "arn:aws:sns:us-east-1:123456789012:t.fifo",
        "arn:aws:lambda:us-east-1:123456789012:function:f",
        "arn:aws:events:us-east-1:123456789012:event-bus/default",
    ],
)
def test_a_destination_of_another_kind(read: Read, source: str, destination: str) -> None:
    """Those of asynchronous invocations are none, and neither is a FIFO topic."""
    with pytest.raises(Refusal, match=r"Unsupported '?[dD]estinationConfig'? parameter") as refused:
        read(source, to(destination))
    assert "take an SQS queue, a standard SNS topic, an S3 bucket" in refused.value.hint
    assert refused.value.hint.endswith(f"; not {destination}")


def test_a_topic_as_destination(read: Read) -> None:
    """Kafka's alone, in provisioned mode, and another topic."""
    assert read("msk", {**to("kafka://retries"), **PROVISIONED}).destination == "kafka://retries"
    for source, more, hint in (
        ("kinesis", {}, "Kinesis streams take an SQS queue"),
        ("kafka", {}, "needs provisioned mode"),
        ("kafka", {**PROVISIONED, "Topics": ["retries"]}, "name another topic"),
    ):
        with pytest.raises(Refusal, match="estinationConfig") as refused:
            read(source, {**to("kafka://retries"), **more})
        assert hint in refused.value.hint


@pytest.mark.parametrize("source", LOGS)
def test_infinite_retries_with_a_destination_are_ten(read: Read, source: str) -> None:
    """AWS ends them; the echo is what was given."""
    config = read(source, {**to("arn:aws:s3:::bucket"), "MaximumRetryAttempts": -1})
    assert (config.retry_attempts, config.parameters["MaximumRetryAttempts"]) == (10, -1)
    assert read("kinesis", to("arn:aws:s3:::bucket")).retry_attempts is None


@pytest.mark.parametrize("source", sorted(set(MAPPED) - {"documentdb"}))
def test_the_number_of_filters(read: Read, source: str) -> None:
    """Five, or ten where AWS has raised the quota; the patterns are judged with the source's name."""

    def filters(number: int) -> dict[str, Any]:
        return {"FilterCriteria": {"Filters": [{"Pattern": "{}"}] * number}}

    asked: list[Any] = []

    def accept(criteria: Any, name: str) -> None:
        asked.append((len(criteria["Filters"]), name))

    read(source, filters(5), check_filters=accept)
    read(source, filters(10), check_filters=accept, filter_quota=10)
    assert asked == [(5, source), (10, source)]
    with pytest.raises(Refusal, match="Unsupported 'filterCriteria' parameter"):
        read(source, filters(6), check_filters=accept)
    for number, quota in ((6, 5), (11, 10), (11, 99)):
        with pytest.raises(Refusal, match="Unsupported 'filterCriteria' parameter") as refused:
            read(source, filters(number), filter_quota=quota)
        assert f"there are {number} filters; a mapping has at most {min(quota, 10)}" in refused.value.hint


# -- provisioned mode --------------------------------------------------------------------------------------------------

REGISTRY = {
    "SchemaRegistryConfig": {
        "SchemaRegistryURI": "https://registry.example",
        "EventRecordFormat": "JSON",
        "SchemaValidationConfigs": [{"Attribute": "VALUE"}],
    }
}


@pytest.mark.parametrize(
    ("source", "given", "member"),
    [
        case(source, given, member)
        for source in LOGS
        for given, member in (
            ({"MaximumRetryAttempts": 0}, "maximumRetryAttempts"),
            ({"MaximumRecordAgeInSeconds": 60}, "maximumRecordAgeInSeconds"),
            ({"BisectBatchOnFunctionError": True}, "bisectBatchOnFunctionError"),
            ({"FunctionResponseTypes": ["ReportBatchItemFailures"]}, "functionResponseTypes"),
            ({"LoggingConfig": {"SystemLogLevel": "WARN"}}, "loggingConfig"),
        )
    ]
    + [
        case("kafka", {"SelfManagedKafkaEventSourceConfig": REGISTRY}, "selfManagedKafkaEventSourceConfig.schema"),
        case("msk", {"AmazonManagedKafkaEventSourceConfig": REGISTRY}, "amazonManagedKafkaEventSourceConfig.schema"),
    ],
)
def test_what_needs_provisioned_mode(read: Read, source: str, given: dict[str, Any], member: str) -> None:
    """Kafka's controls are refused without it, and accepted with it."""
    with pytest.raises(Refusal, match=rf"^InvalidParameterValueException: Unsupported '{member}") as refused:
        read(source, given)
    assert 'add ProvisionedPollerConfig={"MinimumPollers": 1}' in refused.value.hint
    assert read(source, {**given, **PROVISIONED}).parameters.keys() >= given.keys()


@pytest.mark.parametrize("source", LOGS)
def test_what_says_nothing_needs_no_provisioned_mode(read: Read, source: str) -> None:
    """Templates that write out the defaults are accepted on demand, too."""
    given = {
        "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": -1,
        "BisectBatchOnFunctionError": False,
        "FunctionResponseTypes": [],
    }
    config = read(source, given)
    assert (config.retry_attempts, config.record_age_ms, config.bisects) == (None, None, False)


@pytest.mark.parametrize("source", LOGS)
def test_metrics_of_kafka(read: Read, source: str) -> None:
    """All three in provisioned mode; on demand AWS has a sentence of its own."""
    given = {"MetricsConfig": {"Metrics": ["EventCount", "ErrorCount", "KafkaMetrics"]}}
    assert read(source, {**given, **PROVISIONED}).parameters["MetricsConfig"] == given["MetricsConfig"]
    with pytest.raises(Refusal) as refused:
        read(source, given)
    assert refused.value.message == (
        "MetricsConfig is only available for Provisioned Mode. Enable Provisioned Mode by specifying MinimumPollers in "
        "ProvisionedPollerConfig."
    )


@pytest.mark.parametrize("source", sorted(set(MAPPED) - set(LOGS)))
def test_metrics_of_others(read: Read, source: str) -> None:
    """They count events, and nothing of Kafka's."""
    with pytest.raises(Refusal, match="Unsupported 'metricsConfig' parameter") as refused:
        read(source, {"MetricsConfig": {"Metrics": ["KafkaMetrics"]}})
    assert "KafkaMetrics is not measured" in refused.value.hint


# -- share groups ------------------------------------------------------------------------------------------------------


def test_a_share_group(read: Read) -> None:
    """It has no position, no window, and by default no retries."""
    shared = {"SelfManagedKafkaEventSourceConfig": {"ConsumptionMode": "Queue"}}
    config = read("kafka", shared)
    assert (config.starting_position, config.window_ms, config.retry_attempts) == (None, 0, 0)
    assert "StartingPosition" not in config.parameters
    for given, member in (
        ({"StartingPosition": "LATEST"}, "startingPosition"),
        ({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 0}, "startingPosition"),
        ({"StartingPositionTimestamp": 0}, "startingPositionTimestamp"),
        ({"MaximumBatchingWindowInSeconds": 1}, "maximumBatchingWindowInSeconds"),
        ({"MaximumRetryAttempts": -1, **PROVISIONED}, "maximumRetryAttempts"),
    ):
        with pytest.raises(Refusal) as refused:
            read("kafka", {**shared, **given})
        assert refused.value.message == f"Unsupported '{member}' parameter for given event source mapping type."
        assert "ConsumptionMode Queue" in refused.value.hint


def test_a_consumer_group_is_no_share_group(read: Read) -> None:
    """Stream says what would happen without it."""
    config = read("kafka", {"SelfManagedKafkaEventSourceConfig": {"ConsumptionMode": "Stream"}})
    assert (config.starting_position, config.window_ms) == ("TRIM_HORIZON", 500)


def test_members_that_are_not_simulated(fewest: Callable[[str], dict[str, Any]]) -> None:
    """A member of a structure is named with its path; a value that says nothing passes."""

    def read_as_it_is(mode: str) -> Any:
        return read_mapping(
            {**fewest("kafka"), "SelfManagedKafkaEventSourceConfig": {"ConsumptionMode": mode}},
            rules_of("kafka"),
            source_arn="",
            visibility_ms=None,
            function_timeout_ms=3_000,
        )

    assert read_as_it_is("Stream").enabled
    with pytest.raises(NotSimulated, match=r"SelfManagedKafkaEventSourceConfig\.ConsumptionMode is not simulated yet"):
        read_as_it_is("Queue")


def test_rules_can_be_compared_and_hashed() -> None:
    """They are values, also where they hold a mapping."""
    assert len({rules_of(name) for name in MAPPED}) == len(MAPPED)
    assert all(isinstance(rules_of(name), SourceRules) for name in MAPPED)
