"""The API model: our tables are botocore's, member for member, and what breaks them is said in AWS's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import get_session

from pytest_lambda_events.model.mapping_response import RESPONSE_MEMBERS
from pytest_lambda_events.model.mapping_values import CONSTRAINTS, refuse_values
from pytest_lambda_events.model.parameters import CREATE_MEMBERS
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.model.mapping_values import Constraint

ELSEWHERE = {"FunctionName"}  # CreateFunction's, checked with the function
NEWEST = "SelfManagedKafkaEventSourceConfig.ConsumptionMode"


def model(operation: str = "CreateEventSourceMapping") -> Any:
    """An operation in botocore's model of Lambda."""
    return get_session().get_service_model("lambda").operation_model(operation)


def members_of(shape: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every member of a shape, nested ones as well, in the order of the model."""
    if path:
        yield path, shape
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from members_of(member, f"{path}.{name}" if path else name)
    elif shape.type_name == "list":
        yield from members_of(shape.member, f"{path}[]")
    elif shape.type_name == "map":
        yield from members_of(shape.key, f"{path}{{key}}")
        yield from members_of(shape.value, f"{path}{{value}}")


def constraint_of(shape: Any) -> tuple[int | None, int | None, str | None, frozenset[str]]:
    """What the model says about one member; the order of an enum is none."""
    about = shape.metadata
    return about.get("min"), about.get("max"), about.get("pattern"), frozenset(getattr(shape, "enum", ()))


def ours(found: Constraint) -> tuple[int | None, int | None, str | None, frozenset[str]]:
    """The same of our table."""
    return found.at_least, found.at_most, found.pattern, frozenset(found.values)


# -- the tables --------------------------------------------------------------------------------------------------------


def test_every_constraint_is_botocores() -> None:
    """All members, all levels: bounds, lengths, patterns, enums. An older botocore knows fewer and narrower ones."""
    in_model = {
        path: constraint_of(shape)
        for path, shape in members_of(model().input_shape)
        if path not in ELSEWHERE and constraint_of(shape) != (None, None, None, frozenset())
    }
    if NEWEST in in_model:
        assert {path: ours(found) for path, found in CONSTRAINTS.items()} == in_model
        assert list(CONSTRAINTS) == list(in_model)
    assert set(in_model) <= set(CONSTRAINTS)


def test_the_order_of_the_positions_is_the_recorded_one() -> None:
    """AWS's sentence has another order than its model."""
    assert CONSTRAINTS["StartingPosition"].values == ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")


def test_the_response_is_botocores() -> None:
    """The same members in the same order; parameters that no response has are not among them."""
    members = list(model().output_shape.members)
    assert members == [name for name in RESPONSE_MEMBERS if name in members]
    assert set(CREATE_MEMBERS) - set(RESPONSE_MEMBERS) == {"Enabled", "FunctionName", "Tags"}


# -- the sentences -----------------------------------------------------------------------------------------------------


def refused(parameters: dict[str, Any]) -> Refusal:
    """The answer to these parameters."""
    with pytest.raises(Refusal) as caught:
        refuse_values(parameters)
    assert (caught.value.code, caught.value.status) == ("ValidationException", 400)
    assert caught.value.hint
    return caught.value


def sentence(value: str, member: str, rule: str) -> str:
    """One violation."""
    return f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"


TOPIC_RULES = (
    "Member must satisfy constraint: [Member must have length less than or equal to 249, Member must have length "
    r"greater than or equal to 1, Member must satisfy regular expression pattern: [^.]([a-zA-Z0-9\-_.]+), "
    "Member must not be null]"
)
TAG_KEY_RULES = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length "
    r"greater than or equal to 1, Member must satisfy regular expression pattern: ([\p{L}\p{Z}\p{N}_.:/=+\-@]*), "
    "Member must not be null]"
)
ENDPOINT_PATTERN = CONSTRAINTS["SelfManagedEventSource.Endpoints{value}[]"].pattern
ENDPOINT_RULES = (
    "Map value must satisfy constraint: [Member must have length less than or equal to 10, Member must have length "
    "greater than or equal to 1, Member must satisfy constraint: [Member must have length less than or equal to 300, "
    "Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: "
    f"{ENDPOINT_PATTERN}, Member must not be null], Member must not be null]"
)
TYPES = ", ".join(CONSTRAINTS["SourceAccessConfigurations[].Type"].values)


@pytest.mark.parametrize(
    ("parameters", "message", "hint"),
    [
        pytest.param(
            {"StartingPosition": "LATESTS"},
            sentence(
                "LATESTS",
                "startingPosition",
                "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
            ),
            "StartingPosition: give LATEST or AT_TIMESTAMP or TRIM_HORIZON (did you mean 'LATEST'?), not 'LATESTS'",
            id="enum",
        ),
        pytest.param(
            {"BatchSize": 0},
            sentence("0", "batchSize", "Member must have value greater than or equal to 1"),
            "BatchSize goes from 1 to 10000",
            id="number",
        ),
        pytest.param(
            {"Topics": []},
            sentence("[]", "topics", "Member must have length greater than or equal to 1"),
            "Topics has exactly 1 element",
            id="length of a list",
        ),
        pytest.param(
            {"Topics": [".orders"]},
            sentence("[.orders]", "topics", TOPIC_RULES),
            r"Topics: '.orders' has to match [^.]([a-zA-Z0-9\-_.]+)",
            id="pattern in a list",
        ),
        pytest.param(
            {"Topics": ["t"]},
            sentence("[t]", "topics", TOPIC_RULES),
            r"Topics: 't' has to match [^.]([a-zA-Z0-9\-_.]+)",
            id="a topic of one letter",
        ),
        pytest.param(
            {"FilterCriteria": {"Filters": [{"Pattern": "{}"}, {"Pattern": "x" * 4_097}]}},
            sentence(
                "x" * 4_097,
                "filterCriteria.filters.2.member.pattern",
                "Member must have length less than or equal to 4096",
            ),
            "FilterCriteria.Filters.2.member.Pattern goes from 0 to 4096 characters",
            id="a member of a structure in a list",
        ),
        pytest.param(
            {"SourceAccessConfigurations": [{"Type": "BASIC_AUTHS", "URI": "x"}]},
            sentence(
                "BASIC_AUTHS",
                "sourceAccessConfigurations.1.member.type",
                f"Member must satisfy enum value set: [{TYPES}]",
            ),
            f"SourceAccessConfigurations.1.member.Type: give {TYPES.replace(', ', ' or ')} (did you mean "
            "'BASIC_AUTH'?), not 'BASIC_AUTHS'",
            id="an enum in a structure in a list",
        ),
        pytest.param(
            {"Tags": {"": "x", "team": "orders"}},
            sentence("{=x, team=orders}", "tags", TAG_KEY_RULES),
            "Tags goes from 1 to 128 characters",
            id="a key",
        ),
        pytest.param(
            {"SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": ["k:1"]}}},
            sentence(
                "{KafkaBootstrapServers=[k:1]}",
                "selfManagedEventSource.endpoints",
                "Map keys must satisfy constraint: [Member must satisfy enum value set: [KAFKA_BOOTSTRAP_SERVERS], "
                "Member must not be null]",
            ),
            "SelfManagedEventSource.Endpoints: give KAFKA_BOOTSTRAP_SERVERS (did you mean 'KAFKA_BOOTSTRAP_SERVERS'?), "
            "not 'KafkaBootstrapServers'",
            id="a template's name for a key",
        ),
        pytest.param(
            {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["k:1", "k"]}}},
            sentence("{KAFKA_BOOTSTRAP_SERVERS=[k:1, k]}", "selfManagedEventSource.endpoints", ENDPOINT_RULES),
            f"SelfManagedEventSource.Endpoints: 'k' has to match {ENDPOINT_PATTERN}",
            id="an element of a value",
        ),
        pytest.param(
            {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": []}}},
            sentence("{KAFKA_BOOTSTRAP_SERVERS=[]}", "selfManagedEventSource.endpoints", ENDPOINT_RULES),
            "SelfManagedEventSource.Endpoints goes from 1 to 10 elements",
            id="length of a value",
        ),
    ],
)
def test_a_value_outside_the_model(parameters: dict[str, Any], message: str, hint: str) -> None:
    """AWS's sentence says where it stands; our hint says what to give instead, and the nearest name."""
    answer = refused(parameters)
    assert answer.message == message
    assert answer.hint == hint


def test_all_violations_come_at_once() -> None:
    """In the order of the model, counted, each with its hint."""
    answer = refused({"BatchSize": 0, "StartingPosition": "NOW", "Topics": ["one", "."]})
    positions = "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"
    assert answer.message == (
        "4 validation errors detected: "
        "Value '0' at 'batchSize' failed to satisfy constraint: Member must have value greater than or equal to 1; "
        f"Value 'NOW' at 'startingPosition' failed to satisfy constraint: {positions}; "
        "Value '[one, .]' at 'topics' failed to satisfy constraint: Member must have length less than or equal to 1; "
        f"Value '[one, .]' at 'topics' failed to satisfy constraint: {TOPIC_RULES}"
    )
    assert answer.hint == (
        "BatchSize goes from 1 to 10000; StartingPosition: give LATEST or AT_TIMESTAMP or TRIM_HORIZON, not 'NOW'; "
        r"Topics has exactly 1 element; Topics: '.' has to match [^.]([a-zA-Z0-9\-_.]+)"
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {"Tags": {"equipe développement": "", "チーム.1:/=+-@_": "Ⅷ²"}},
        {"DestinationConfig": {"OnFailure": {"Destination": ""}}},
        {"DestinationConfig": {"OnFailure": {"Destination": "kafka://retries"}}},
        {"KMSKeyArn": ""},
        {"Topics": ["x" * 249]},
        {"Queues": ["anything\n at all"]},
        {"SourceAccessConfigurations": [{"Type": "VIRTUAL_HOST", "URI": "/"}] * 23},
        {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["a-b.c:99999"] * 10}}},
        {
            "DocumentDBEventSourceConfig": {
                "DatabaseName": "d" * 63,
                "CollectionName": "_c.d",
                "FullDocument": "Default",
            }
        },
        {"MetricsConfig": {"Metrics": ["EventCount", "ErrorCount", "KafkaMetrics"]}},
        {"ProvisionedPollerConfig": {"MinimumPollers": 200, "MaximumPollers": 10_000, "PollerGroupName": "g-1_"}},
    ],
    ids=lambda given: next(iter(given)),
)
def test_a_value_at_the_limit(parameters: dict[str, Any]) -> None:
    """What the model allows passes, also where its patterns are Java's."""
    refuse_values(parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {"Tags": {"a\nb": "x"}},
        {"Tags": {"a": "?"}},
        {"DestinationConfig": {"OnFailure": {"Destination": "orders-dlq"}}},
        {"DestinationConfig": {"OnFailure": {"Destination": "kafka://.retries"}}},
        {"KMSKeyArn": "alias/orders"},
        {"Topics": ["x" * 250]},
        {"Queues": ["x" * 1_001]},
        {"SourceAccessConfigurations": [{"Type": "VIRTUAL_HOST", "URI": "/"}] * 24},
        {"SourceAccessConfigurations": [{"Type": "VIRTUAL_HOST", "URI": "x" * 201}]},
        {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["a:1"] * 11}}},
        {"DocumentDBEventSourceConfig": {"DatabaseName": "a.b"}},
        {"DocumentDBEventSourceConfig": {"CollectionName": "system.users"}},
        {"DocumentDBEventSourceConfig": {"FullDocument": "Whole"}},
        {"MetricsConfig": {"Metrics": ["Events"]}},
        {"LoggingConfig": {"SystemLogLevel": "ERROR"}},
        {"ProvisionedPollerConfig": {"MinimumPollers": 201}},
        {"ProvisionedPollerConfig": {"PollerGroupName": "g 1"}},
        {"SelfManagedKafkaEventSourceConfig": {"ConsumptionMode": "Share"}},
        {"AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "é"}},
        {
            "AmazonManagedKafkaEventSourceConfig": {
                "SchemaRegistryConfig": {"AccessConfigs": [{"Type": "BASIC_AUTH", "URI": "x"}]}
            }
        },
    ],
)
def test_a_value_past_the_limit(parameters: dict[str, Any]) -> None:
    """What the model excludes does not."""
    assert refused(parameters).message.startswith("1 validation error detected: Value '")


def nested(path: str, value: Any) -> dict[str, Any]:
    """Parameters with one value in them; `[]` is a list with only that, `{}` a map of it to itself."""
    for name in reversed(path.split(".")):
        if name.endswith("[]"):
            value = {name[:-2]: [value]}
        elif name.endswith("{}"):
            value = {name[:-2]: {value: "x"}}
        else:
            value = {name: value}
    return value


@pytest.mark.parametrize(
    ("path", "least", "most"),
    [
        ("BatchSize", 1, 10_000),
        ("ScalingConfig.MaximumConcurrency", 2, 1_000),
        ("MaximumBatchingWindowInSeconds", 0, 300),
        ("ParallelizationFactor", 1, 10),
        ("MaximumRecordAgeInSeconds", -1, 604_800),
        ("MaximumRetryAttempts", -1, 10_000),
        ("TumblingWindowInSeconds", 0, 900),
        ("ProvisionedPollerConfig.MinimumPollers", 1, 200),
        ("ProvisionedPollerConfig.MaximumPollers", 1, 10_000),
    ],
)
def test_the_limits_of_a_number(path: str, least: int, most: int) -> None:
    """Both limits are within."""
    refuse_values(nested(path, least))
    refuse_values(nested(path, most))
    assert f"{path} goes from {least} to {most}" == refused(nested(path, least - 1)).hint
    assert f"{path} goes from {least} to {most}" == refused(nested(path, most + 1)).hint


@pytest.mark.parametrize(
    ("path", "least", "most"),
    [
        ("Tags{}", 1, 128),
        ("Topics[]", 2, 249),  # one is allowed, but the pattern wants two
        ("Queues[]", 1, 1_000),
        ("DocumentDBEventSourceConfig.DatabaseName", 1, 63),
        ("DocumentDBEventSourceConfig.CollectionName", 1, 57),
        ("ProvisionedPollerConfig.PollerGroupName", 0, 128),
        ("SelfManagedKafkaEventSourceConfig.ConsumerGroupId", 1, 200),
        ("SelfManagedKafkaEventSourceConfig.SchemaRegistryConfig.SchemaRegistryURI", 1, 10_000),
    ],
)
def test_the_limits_of_a_length(path: str, least: int, most: int) -> None:
    """Both limits are within."""
    refuse_values(nested(path, "x" * least))
    refuse_values(nested(path, "x" * most))
    assert refused(nested(path, "x" * (most + 1)))
    if least:
        assert refused(nested(path, "x" * (least - 1)))


def test_the_limits_of_a_destination() -> None:
    """An ARN, or the URL of a topic."""
    arn = "arn:aws:sqs:us-east-1:123456789012:"
    refuse_values(nested("DestinationConfig.OnFailure.Destination", arn.ljust(350, "x")))
    assert refused(nested("DestinationConfig.OnFailure.Destination", arn.ljust(351, "x")))


@pytest.mark.parametrize("name", ["Topics", "Queues"])
def test_a_mapping_reads_one_of_them(name: str) -> None:
    """A list, by AWS's model, which never has two."""
    refuse_values({name: ["orders"]})
    assert refused({name: ["orders", "invoices"]}).hint == f"{name} has exactly 1 element"
