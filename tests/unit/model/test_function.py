"""What a function accepts, one line per row."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.function import _NAME_PATTERN, CREATE_FUNCTION_MEMBERS, FunctionConfig, read_function
from pytest_lambda_events.model.refusal import Refusal


def function(region: str = "us-east-1", default_name: str = "handler", **parameters: Any) -> FunctionConfig:
    """Read a function."""
    return read_function(parameters, default_name=default_name, region=region, account="123456789012")


def one(name: str, value: Any) -> dict[str, Any]:
    """A single parameter."""
    return {name: value}


def case(name: str, *values: Any) -> Any:
    """One row of a table."""
    return pytest.param(*values, id=name)


def violation(member: str, value: Any, constraint: str) -> str:
    """AWS's sentence about a value that its model excludes."""
    return f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"


def at_most(number: int) -> str:
    """AWS's words for a maximum."""
    return f"Member must have value less than or equal to {number}"


def at_least(number: int) -> str:
    """AWS's words for a minimum."""
    return f"Member must have value greater than or equal to {number}"


def members() -> Any:
    """What CreateFunction takes in botocore's model of Lambda."""
    session = pytest.importorskip("botocore.session").get_session()
    return session.get_service_model("lambda").operation_model("CreateFunction").input_shape.members


def test_defaults_of_a_function() -> None:
    """Three seconds, 128 MB, no variables; the name is that of the handler."""
    config = function()
    assert config == FunctionConfig(
        name="handler",
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:handler",
        qualifier=None,
        version="$LATEST",
        timeout_ms=3_000,
        memory_mb=128,
        environment={},
        reserved_concurrency=None,
        role_arn="arn:aws:iam::123456789012:role/handler-role",
    )
    assert config.invoked_arn == config.function_arn
    assert config == dataclasses.replace(
        FunctionConfig(name="handler", function_arn=config.function_arn), role_arn=config.role_arn
    )


def test_a_config_is_frozen() -> None:
    """What was read cannot be changed afterwards, nor given a member it does not have."""
    config = function()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.timeout_ms = 1  # type: ignore[misc]
    assert not hasattr(config, "__dict__")


def test_everything_of_a_function_given() -> None:
    """Timeout is in seconds, memory in MB; what says nothing about delivery is accepted; null is as not given."""
    config = function(
        FunctionName="orders",
        Timeout=900,
        MemorySize=10_240,
        Role="arn:aws:iam::123456789012:role/mine",
        Handler="app.handler",
        Runtime="python3.12",
        Description="x",
        Architectures=["arm64"],
        ReservedConcurrentExecutions=None,
        DurableConfig=None,
    )
    assert (config.name, config.timeout_ms, config.memory_mb) == ("orders", 900_000, 10_240)
    assert config.role_arn == "arn:aws:iam::123456789012:role/mine"
    assert function(FunctionName=None, Timeout=None) == function()


@pytest.mark.parametrize(
    ("name", "plain", "invoked", "version"),
    [
        ("orders", "orders", "arn:aws:lambda:us-east-1:123456789012:function:orders", "$LATEST"),
        ("orders:live", "orders", "arn:aws:lambda:us-east-1:123456789012:function:orders:live", "$LATEST"),
        ("orders:7", "orders", "arn:aws:lambda:us-east-1:123456789012:function:orders:7", "7"),
        ("orders:$LATEST", "orders", "arn:aws:lambda:us-east-1:123456789012:function:orders:$LATEST", "$LATEST"),
        ("function:orders", "orders", "arn:aws:lambda:us-east-1:123456789012:function:orders", "$LATEST"),
        ("210987654321:function:orders", "orders", "arn:aws:lambda:us-east-1:210987654321:function:orders", "$LATEST"),
        (
            "arn:aws:lambda:eu-west-1:210987654321:function:orders",
            "orders",
            "arn:aws:lambda:eu-west-1:210987654321:function:orders",
            "$LATEST",
        ),
        (
            "arn:aws-cn:lambda:cn-north-1:210987654321:function:orders:live",
            "orders",
            "arn:aws-cn:lambda:cn-north-1:210987654321:function:orders:live",
            "$LATEST",
        ),
    ],
)
def test_names_of_functions(name: str, plain: str, invoked: str, version: str) -> None:
    """A name, a partial or a whole ARN, with or without a qualifier: the invoked ARN keeps what was given."""
    config = function(FunctionName=name)
    assert (config.name, config.invoked_arn, config.version) == (plain, invoked, version)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-central-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_partitions(region: str, partition: str) -> None:
    """The partition follows the region, in every ARN."""
    config = function(region)
    assert config.function_arn == f"arn:{partition}:lambda:{region}:123456789012:function:handler"
    assert config.role_arn.startswith(f"arn:{partition}:iam::")


@pytest.mark.parametrize(
    ("default", "name"),
    [("<lambda>", "lambda"), ("Test.<locals>.handler", "Test-locals-handler"), ("x" * 65, "x" * 64), ("é", "function")],
)
def test_a_default_name_is_made_valid(default: str, name: str) -> None:
    """The name of a handler need not be a name that AWS accepts; that is not the user's mistake."""
    assert function(default_name=default).name == name


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        case("timeout 0", {"Timeout": 0}, violation("timeout", 0, at_least(1))),
        case("timeout 901", {"Timeout": 901}, violation("timeout", 901, at_most(900))),
        case("memory 127", {"MemorySize": 127}, violation("memorySize", 127, at_least(128))),
        case("memory 10241", {"MemorySize": 10_241}, violation("memorySize", 10_241, at_most(10_240))),
        case(
            "name with a blank",
            {"FunctionName": "a b"},
            violation("functionName", "a b", f"Member must satisfy regular expression pattern: {_NAME_PATTERN}"),
        ),
        case(
            "name of 65",
            {"FunctionName": "x" * 65},
            violation("functionName", "x" * 65, "Member must have length less than or equal to 64"),
        ),
        case(
            "ARN of 141",
            {"FunctionName": "function:" + "x" * 132},
            violation("functionName", "function:" + "x" * 132, "Member must have length less than or equal to 140"),
        ),
    ],
)
def test_functions_that_aws_refuses(parameters: dict[str, Any], message: str) -> None:
    """A function outside CreateFunction's bounds is refused in AWS's words."""
    with pytest.raises(Refusal) as refused:
        function(**parameters)
    assert (refused.value.code, refused.value.message) == ("ValidationException", message)


def test_every_parameter_of_the_model_is_known() -> None:
    """A parameter that AWS added must be judged by us before users meet it (an older botocore may have fewer)."""
    names = list(members())
    assert names == [name for name in CREATE_FUNCTION_MEMBERS if name in names]


def test_the_pattern_of_names_is_the_models() -> None:
    """The refusal quotes AWS's pattern, and the groups that we read stand where they stand in it."""
    assert members()["FunctionName"].metadata["pattern"] == _NAME_PATTERN


@pytest.mark.parametrize(
    "environment",
    [
        case("as in the API", {"Variables": {"TABLE": "orders", "Variables": "x"}}),
        case("as people write it", {"TABLE": "orders", "Variables": "x"}),
    ],
)
def test_environment(environment: dict[str, Any]) -> None:
    """Both forms mean the same, also with a variable of the name Variables."""
    config = function(Environment=environment)
    assert config.environment == {"TABLE": "orders", "Variables": "x"}
    assert function(Environment={"Variables": "x"}).environment == {"Variables": "x"}
    assert function(Environment={"Variables": {}}).environment == {}
    assert function(Environment={"Variables": None}).environment == {}


@pytest.mark.parametrize("name", ["A", "", "A=B", "A-B", "1A", "_A", "AÄ"])
def test_names_of_variables_that_aws_refuses(name: str) -> None:
    """A letter, then letters, digits and underscores, two characters at the least; the sentence hides them."""
    with pytest.raises(Refusal) as caught:
        function(Environment={"GOOD": "1", name: "2"})
    assert caught.value.code == "ValidationException"
    assert caught.value.message == (
        "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must "
        "satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"
    )


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_values_of_variables_that_no_process_has(value: str) -> None:
    """They are refused when the function is made, and not at each of its calls."""
    with pytest.raises(UsageError, match=r"Environment\.Variables\.TABLE is .*no process"):
        function(Environment={"TABLE": value})


def test_the_environment_is_a_copy() -> None:
    """Changing what was given afterwards changes nothing, and the config's cannot be changed."""
    variables = {"TABLE": "orders"}
    config = function(Environment=variables)
    variables.clear()
    assert config.environment == {"TABLE": "orders"}
    with pytest.raises(TypeError):
        config.environment["TABLE"] = "x"  # type: ignore[index]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"Timeout": 0.5}, "Timeout, value: 0.5, type: <class 'float'>, valid types: <class 'int'>"),
        ({"MemorySize": "128"}, "MemorySize, value: '128'"),
        ({"FunctionName": len}, "FunctionName, value: <built-in function len>"),
        ({"Environment": "A=1"}, "Environment, value: 'A=1'"),
        (
            {"Environment": {"A": 1}},
            "Environment.Variables.A, value: 1, type: <class 'int'>, valid types: <class 'str'>",
        ),
        ({"Environment": {"Variables": {"A": None}}}, "Environment.Variables.A, value: None"),
        ({"Environment": {"Variables": []}}, "Environment.Variables, value: []"),
        ({"Environment": {1: "x"}}, "Environment.Variables (key), value: 1"),
    ],
)
def test_wrong_types_of_functions(parameters: dict[str, Any], words: str) -> None:
    """The same words as for mappings."""
    with pytest.raises(UsageError) as wrong:
        function(**parameters)
    assert f"Invalid type for parameter {words}" in str(wrong.value)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("TimeOut", "did you mean Timeout?"),
        ("memory_size", "did you mean MemorySize?"),
        ("ReservedConcurrency", "did you mean ReservedConcurrentExecutions?"),
        ("BatchSize", "it is a parameter of CreateEventSourceMapping"),
        ("Zzz", f"it must be one of: {', '.join(CREATE_FUNCTION_MEMBERS)}, ReservedConcurrentExecutions"),
    ],
)
def test_unknown_parameters_of_functions(name: str, advice: str) -> None:
    """A name that CreateFunction does not have is named, with the one that was probably meant."""
    with pytest.raises(UsageError) as wrong:
        function(**one(name, 1))
    assert f"CreateFunction has no parameter '{name}'; {advice}" == str(wrong.value)


@pytest.mark.parametrize(
    "parameters",
    [
        {"DurableConfig": {"ExecutionTimeout": 60}},
        {"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}},
    ],
    ids=lambda given: next(iter(given)),
)
def test_functions_not_simulated(parameters: dict[str, Any]) -> None:
    """What would change when or how often the function runs is refused by name; AWS's own refusals come first."""
    name = next(iter(parameters))
    with pytest.raises(NotSimulated, match=f"{name} of a function is not simulated yet"):
        function(**parameters)
    with pytest.raises(Refusal, match="timeout"):
        function(Timeout=901, **parameters)


def test_reserved_concurrency_is_an_integer_of_aws() -> None:
    """From none to what 32 bits hold; an account's quota is not simulated."""
    assert function(ReservedConcurrentExecutions=0).reserved_concurrency == 0
    assert function(ReservedConcurrentExecutions=2**31 - 1).reserved_concurrency == 2**31 - 1
    for value in (-1, 2**31):
        with pytest.raises(Refusal):
            function(ReservedConcurrentExecutions=value)
