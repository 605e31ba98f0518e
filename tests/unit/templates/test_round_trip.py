"""Mapping → template → mapping is the identity: for every parameter of every source, in every language that has it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_lambda_events.model.parameters import CREATE_MEMBERS
from pytest_lambda_events.sources import rules_of
from pytest_lambda_events.templates import read_template

_spec = importlib.util.spec_from_file_location("template_writers", Path(__file__).with_name("writers.py"))
assert _spec is not None
assert _spec.loader is not None
_writers = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_writers)
WRITERS = _writers.WRITERS

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-AbCdEf"
ARNS = {
    "sqs": "arn:aws:sqs:us-east-1:123456789012:orders",
    "sqs_fifo": "arn:aws:sqs:us-east-1:123456789012:orders.fifo",
    "kinesis": "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
    "dynamodb": "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2025-01-01T00:00:00.000",
    "msk": "arn:aws:kafka:us-east-1:123456789012:cluster/shop/6cc0432b-8618-4f44-bccc-e1fbd8fb7c4d-2",
    "activemq": "arn:aws:mq:us-east-1:123456789012:broker:shop:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34",
    "rabbitmq": "arn:aws:mq:us-east-1:123456789012:broker:shop:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34",
    "documentdb": "arn:aws:rds:us-east-1:123456789012:cluster:shop",
    "kafka": None,
}
SHARED = {"BatchSize", "Enabled", "KMSKeyArn", "MaximumBatchingWindowInSeconds", "MetricsConfig", "Tags"}
NEVER = {"EventSourceArn", "FunctionName"}

names = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True)
registry = st.fixed_dictionaries(
    {
        "SchemaRegistryURI": st.just("https://registry.example.com"),
        "EventRecordFormat": st.sampled_from(["JSON", "SOURCE"]),
        "SchemaValidationConfigs": st.just([{"Attribute": "KEY"}, {"Attribute": "VALUE"}]),
    },
    optional={"AccessConfigs": st.just([{"Type": "BASIC_AUTH", "URI": SECRET}])},
)
patterns = st.dictionaries(names, st.lists(st.one_of(names, st.integers(-9, 9)), min_size=1, max_size=2), min_size=1)
compact = patterns.map(lambda one: {"Pattern": json.dumps(one, separators=(",", ":"))})
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "AmazonManagedKafkaEventSourceConfig": st.fixed_dictionaries(
        {"ConsumerGroupId": names}, optional={"SchemaRegistryConfig": registry}
    ),
    "BatchSize": st.integers(1, 10_000),
    "BisectBatchOnFunctionError": st.booleans(),
    "DestinationConfig": names.map(
        lambda name: {"OnFailure": {"Destination": f"arn:aws:sqs:us-east-1:123456789012:{name}"}}
    ),
    "DocumentDBEventSourceConfig": st.fixed_dictionaries(
        {"DatabaseName": names},
        optional={"CollectionName": names, "FullDocument": st.sampled_from(["Default", "UpdateLookup"])},
    ),
    "Enabled": st.booleans(),
    "FilterCriteria": st.lists(compact, min_size=1, max_size=2).map(lambda filters: {"Filters": filters}),
    "FunctionResponseTypes": st.just(["ReportBatchItemFailures"]),
    "KMSKeyArn": st.just("arn:aws:kms:us-east-1:123456789012:key/3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34"),
    "LoggingConfig": st.sampled_from(["DEBUG", "INFO", "WARN"]).map(lambda level: {"SystemLogLevel": level}),
    "MaximumBatchingWindowInSeconds": st.integers(1, 300),
    "MaximumRecordAgeInSeconds": st.one_of(st.just(-1), st.integers(60, 604_800)),
    "MaximumRetryAttempts": st.integers(-1, 10_000),
    "MetricsConfig": st.just({"Metrics": ["EventCount"]}),
    "ParallelizationFactor": st.integers(1, 10),
    "ProvisionedPollerConfig": st.fixed_dictionaries(
        {"MinimumPollers": st.integers(1, 9)},
        optional={"MaximumPollers": st.integers(10, 99), "PollerGroupName": names},
    ),
    "Queues": names.map(lambda name: [name]),
    "ScalingConfig": st.integers(2, 1000).map(lambda most: {"MaximumConcurrency": most}),
    "SelfManagedEventSource": st.lists(names, min_size=1, max_size=3, unique=True).map(
        lambda hosts: {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": [f"{host}.example.com:9092" for host in hosts]}}
    ),
    "SelfManagedKafkaEventSourceConfig": st.fixed_dictionaries(
        {"ConsumerGroupId": names}, optional={"SchemaRegistryConfig": registry}
    ),
    "StartingPosition": st.sampled_from(["LATEST", "TRIM_HORIZON"]),
    "StartingPositionTimestamp": st.integers(0, 2_000_000_000),
    "Tags": st.dictionaries(names, names, min_size=1, max_size=2),
    "Topics": names.map(lambda name: [name]),
    "TumblingWindowInSeconds": st.integers(1, 900),
}
ACCESS = {
    "kafka": [
        {"Type": "SASL_SCRAM_256_AUTH", "URI": SECRET},
        {"Type": "VPC_SUBNET", "URI": "subnet:subnet-0011001100"},
        {"Type": "VPC_SECURITY_GROUP", "URI": "security_group:sg-0123456789"},
    ],
    "msk": [{"Type": "SASL_SCRAM_512_AUTH", "URI": SECRET}],
    "rabbitmq": [{"Type": "BASIC_AUTH", "URI": SECRET}, {"Type": "VIRTUAL_HOST", "URI": "/shop"}],
}


def applicable(kind: str) -> list[str]:
    """The parameters that a mapping of this source takes."""
    rules = rules_of(kind)
    return [name for name in CREATE_MEMBERS if name in rules.applies | SHARED and name not in NEVER]


def value_of(kind: str, name: str) -> st.SearchStrategy[Any]:
    if name == "SourceAccessConfigurations":
        return st.just(ACCESS.get(kind, [{"Type": "BASIC_AUTH", "URI": SECRET}]))
    return VALUES[name]


def read_back(file: str, kind: str, parameters: dict[str, Any], folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was written and has a word there, and what is read."""
    text, lost = WRITERS[file](kind, parameters)
    path = folder / file
    path.write_text(text, encoding="utf-8")
    template = read_template(path)
    assert template.notes == ()
    (mapping,) = template.mappings
    assert (mapping.function, template.functions[0].name) == (template.functions[0].id, "shop")
    read = {name: value for name, value in mapping.parameters.items() if name != "FunctionName"}
    if file == "serverless.yml":  # the framework's own defaults
        read = {name: value for name, value in read.items() if name in parameters}
    return _without(parameters, lost), read


def _without(value: Any, lost: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(one, lost) for name, one in value.items() if name not in lost}
    return value


@pytest.mark.parametrize("file", WRITERS)
@pytest.mark.parametrize("kind", ARNS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mapping_comes_back_as_it_went(file: str, kind: str, data: st.DataObject, tmp_path: Path) -> None:
    """Whatever parameters it has together."""
    parameters: dict[str, Any] = {} if ARNS[kind] is None else {"EventSourceArn": ARNS[kind]}
    for name in applicable(kind):
        if name == "StartingPositionTimestamp":
            if parameters.get("StartingPosition") == "LATEST":
                parameters["StartingPosition"] = "AT_TIMESTAMP"
                parameters[name] = data.draw(VALUES[name])
        elif data.draw(st.booleans()):
            parameters[name] = data.draw(value_of(kind, name))
    written, read = read_back(file, kind, parameters, tmp_path)
    assert read == written


@pytest.mark.parametrize("file", WRITERS)
@pytest.mark.parametrize("kind", ARNS)
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_parameter_comes_back(file: str, kind: str, data: st.DataObject, tmp_path: Path) -> None:
    """Each by itself, so that none is missed."""
    source = {} if ARNS[kind] is None else {"EventSourceArn": ARNS[kind]}
    for name in applicable(kind):
        written, read = read_back(file, kind, {**source, name: data.draw(value_of(kind, name))}, tmp_path)
        assert read == written


def test_every_parameter_of_the_api_is_tried() -> None:
    """A new one has to be added here."""
    tried = {name for kind in ARNS for name in applicable(kind)}
    assert tried == set(CREATE_MEMBERS) - NEVER
