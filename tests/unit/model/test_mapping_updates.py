"""UpdateEventSourceMapping for every source: what stays, what is cleared, what cannot be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.mapping import IMMUTABLE_MEMBERS
from pytest_lambda_events.model.parameters import CREATE_MEMBERS
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.mapping import MappingConfig

    Make = Callable[..., MappingConfig]

MAPPED = ("activemq", "documentdb", "dynamodb", "kafka", "kinesis", "msk", "rabbitmq", "sqs", "sqs_fifo")
FILTERS = {"Filters": [{"Pattern": "{}"}]}
SECRET = {"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}
OTHER_SECRET = {"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:t"}
HOST = {"Type": "VIRTUAL_HOST", "URI": "/"}
GROUP = {"msk": "AmazonManagedKafkaEventSourceConfig", "kafka": "SelfManagedKafkaEventSourceConfig"}
REGISTRY = {
    "SchemaRegistryURI": "https://registry.example",
    "EventRecordFormat": "JSON",
    "SchemaValidationConfigs": [{"Attribute": "VALUE"}],
}
PROVISIONED = {"ProvisionedPollerConfig": {"MinimumPollers": 2}}


@pytest.mark.parametrize("source", MAPPED)
def test_null_and_nothing_change_nothing(read: Make, update: Make, source: str) -> None:
    """Neither defaults nor what was given."""
    config = read(source, {"BatchSize": 7, "Enabled": False, "Tags": {"team": "orders"}})
    assert update(source, config) == config
    assert update(source, config, **dict.fromkeys(CREATE_MEMBERS), UUID=None) == config


@pytest.mark.parametrize("source", MAPPED)
def test_a_change_is_in_force_and_the_rest_stays(read: Make, update: Make, source: str) -> None:
    """The batch's size and whether it polls."""
    before = read(source, {})
    after = update(source, before, BatchSize=5, Enabled=False)
    assert (after.batch_size, after.enabled) == (5, False)
    assert {**after.parameters, "BatchSize": before.batch_size} == before.parameters


@pytest.mark.parametrize("source", sorted(set(MAPPED) - {"documentdb"}))
def test_empty_filters_clear(read: Make, update: Make, source: str) -> None:
    """They are gone, and not echoed."""
    filtered = read(source, {"FilterCriteria": FILTERS})
    assert "FilterCriteria" in filtered.parameters
    assert update(source, filtered, FilterCriteria={}) == read(source, {})


@pytest.mark.parametrize(
    ("source", "name", "value"),
    [
        ("sqs", "ScalingConfig", {"MaximumConcurrency": 2}),
        ("sqs_fifo", "ScalingConfig", {"MaximumConcurrency": 2}),
        ("sqs", "ProvisionedPollerConfig", {"MinimumPollers": 2}),
        ("kafka", "ProvisionedPollerConfig", {"MinimumPollers": 1}),
        ("msk", "ProvisionedPollerConfig", {"MaximumPollers": 1}),
        ("kinesis", "DestinationConfig", {"OnFailure": {"Destination": "arn:aws:s3:::b"}}),
    ],
)
def test_an_empty_structure_clears(read: Make, update: Make, source: str, name: str, value: Any) -> None:
    """The mapping is then as if it had never been given."""
    assert update(source, read(source, {name: value}), **{name: {}}) == read(source, {})


@pytest.mark.parametrize("source", MAPPED)
@pytest.mark.parametrize("name", sorted(set(IMMUTABLE_MEMBERS) - {"EventSourceArn"}))
def test_what_the_operation_has_no_parameter_for(read: Make, update: Make, source: str, name: str) -> None:
    """boto3 would not even send it."""
    with pytest.raises(UsageError, match=f"{name} of an event source mapping cannot be changed"):
        update(source, read(source, {}), **{name: "x"})


@pytest.mark.parametrize(
    ("source", "created", "changes", "message"),
    [
        ("sqs", {}, {"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
        ("kinesis", {"TumblingWindowInSeconds": 1}, {"ParallelizationFactor": 2}, "Parallelization factor must be"),
        ("kinesis", {"TumblingWindowInSeconds": 1}, {"FilterCriteria": FILTERS}, "Unsupported 'filterCriteria'"),
        ("kinesis", {}, {"MaximumRecordAgeInSeconds": 1}, "MaximumRecordAgeInSeconds must be either"),
        ("kinesis", {}, {"ScalingConfig": {"MaximumConcurrency": 2}}, "Unsupported ScalingConfig parameter"),
        ("kinesis", {}, {"BatchSize": 0}, "1 validation error detected"),
        ("sqs", {"ScalingConfig": {"MaximumConcurrency": 2}}, PROVISIONED, "Provisioned mode for SQS ESM"),
        (
            "msk",
            {"MaximumRetryAttempts": 1, **PROVISIONED},
            {"ProvisionedPollerConfig": {}},
            "Unsupported 'maximumRetryAttempts'",
        ),
        (
            "kafka",
            {},
            {"SourceAccessConfigurations": []},
            "Required 'sourceAccessConfigurations' parameter is missing.",
        ),
        ("documentdb", {}, {"FilterCriteria": FILTERS}, "Invalid parameters: filterCriteria"),
        ("sqs", {}, {"SourceAccessConfigurations": [HOST]}, "Unsupported 'sourceAccessConfigurations'"),
        (
            "sqs",
            {},
            {GROUP["msk"]: {"ConsumerGroupId": "g"}},
            "Unsupported 'amazonManagedKafkaEventSourceConfig' param",
        ),
    ],
)
def test_what_is_then_in_force_is_checked(
    read: Make, update: Make, source: str, created: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    """Changes are held against what stays."""
    with pytest.raises(Refusal) as refused:
        update(source, read(source, created), **changes)
    assert refused.value.message.startswith(message)


# -- Kafka -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", sorted(GROUP))
def test_the_consumer_group_cannot_be_changed(read: Make, update: Make, source: str) -> None:
    """Not even to what it is."""
    config = read(source, {GROUP[source]: {"ConsumerGroupId": "g"}})
    member = GROUP[source][:1].lower() + GROUP[source][1:]
    with pytest.raises(Refusal) as refused:
        update(source, config, **{GROUP[source]: {"ConsumerGroupId": "g"}})
    assert refused.value.message == (
        f"Unsupported '{member}.consumerGroupId' parameter for given event source mapping type."
    )
    assert "delete the mapping and create another" in refused.value.hint


@pytest.mark.parametrize("source", sorted(GROUP))
def test_the_schema_registry_changes_by_itself(read: Make, update: Make, source: str) -> None:
    """The group stays; an empty block changes nothing, an empty registry takes it away."""
    name = GROUP[source]
    config = read(source, {name: {"ConsumerGroupId": "g"}, **PROVISIONED})
    registered = update(source, config, **{name: {"SchemaRegistryConfig": REGISTRY}})
    assert registered.parameters[name] == {"ConsumerGroupId": "g", "SchemaRegistryConfig": REGISTRY}
    assert update(source, registered, **{name: {}}) == registered
    assert update(source, registered, **{name: {"SchemaRegistryConfig": {}}}) == config


def test_the_consumption_mode_cannot_be_changed(read: Make, update: Make) -> None:
    """But may be named."""
    config = read("kafka", {GROUP["kafka"]: {"ConsumptionMode": "Queue"}})
    assert update("kafka", config, **{GROUP["kafka"]: {"ConsumptionMode": "Queue"}}) == config
    with pytest.raises(Refusal, match=r"'selfManagedKafkaEventSourceConfig\.consumptionMode'"):
        update("kafka", config, **{GROUP["kafka"]: {"ConsumptionMode": "Stream"}})


# -- Amazon MQ, DocumentDB ---------------------------------------------------------------------------------------------


def test_the_virtual_host_stays(read: Make, update: Make) -> None:
    """An update changes the secret, and may not name the host."""
    config = read("rabbitmq", {"SourceAccessConfigurations": [HOST, SECRET]})
    after = update("rabbitmq", config, SourceAccessConfigurations=[OTHER_SECRET])
    assert after.parameters["SourceAccessConfigurations"] == [OTHER_SECRET, HOST]
    with pytest.raises(Refusal) as refused:
        update("rabbitmq", config, SourceAccessConfigurations=[HOST, OTHER_SECRET])
    assert refused.value.message == "Invalid parameters: VIRTUAL_HOST"


def test_database_and_collection_stay(read: Make, update: Make) -> None:
    """FullDocument changes; the others may be named, not changed."""
    config = read("documentdb", {"DocumentDBEventSourceConfig": {"DatabaseName": "db", "CollectionName": "c"}})
    after = update("documentdb", config, DocumentDBEventSourceConfig={"FullDocument": "UpdateLookup"})
    assert after.parameters["DocumentDBEventSourceConfig"] == {
        "DatabaseName": "db",
        "CollectionName": "c",
        "FullDocument": "UpdateLookup",
    }
    assert update("documentdb", config, DocumentDBEventSourceConfig={"DatabaseName": "db"}) == config
    for member, name in (("databaseName", "DatabaseName"), ("collectionName", "CollectionName")):
        with pytest.raises(Refusal, match=rf"'documentDBEventSourceConfig\.{member}'"):
            update("documentdb", config, DocumentDBEventSourceConfig={name: "other"})
