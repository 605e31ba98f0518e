"""What a mapping accepts: section 1 of the specification for standard queues, one line per row."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import NotSimulated, UsageError
from pytest_lambda_events.model.mapping import (
    IMMUTABLE_MEMBERS,
    MappingConfig,
    PollerLimits,
    SourceRules,
    read_mapping,
    update_mapping,
)
from pytest_lambda_events.model.parameters import CREATE_MEMBERS
from pytest_lambda_events.model.refusal import Refusal

ARN = "arn:aws:sqs:us-east-1:123456789012:orders"

SQS = SourceRules(
    name="SQS queues",
    applies=frozenset(("FilterCriteria", "FunctionResponseTypes", "ProvisionedPollerConfig", "ScalingConfig")),
    not_simulated=frozenset(("FilterCriteria", "ProvisionedPollerConfig", "ScalingConfig")),
    default_batch_size=10,
    large_batch_needs_window=True,
    pollers=PollerLimits(minimum=(2, 200), maximum=10_000),
)
FIFO = dataclasses.replace(
    SQS, name="FIFO queues", max_batch_size=10, takes_window=False, large_batch_needs_window=False
)
STREAM = SourceRules(
    name="Kinesis streams",
    applies=frozenset(("DestinationConfig", "FunctionResponseTypes", "MaximumRetryAttempts", "StartingPosition")),
    default_batch_size=100,
)
KAFKA = SourceRules(name="Kafka topics", applies=frozenset(), default_batch_size=100, default_window_ms=500)

FILTERS = {"Filters": [{"Pattern": '{"body": ["x"]}'}]}
ON_SUCCESS = {"OnSuccess": {"Destination": ARN}}
NOTHING: dict[str, Any] = dict.fromkeys(CREATE_MEMBERS)
ON_FAILURE = {"OnFailure": {"Destination": ARN}}


def read(
    rules: SourceRules = SQS, /, visibility: int | None = 30, timeout: int = 3, **parameters: Any
) -> MappingConfig:
    """Read a mapping of a queue with a VisibilityTimeout and a function with a Timeout in seconds."""
    visibility_ms = None if visibility is None else visibility * 1000
    return read_mapping(
        parameters, rules, source_arn=ARN, visibility_ms=visibility_ms, function_timeout_ms=timeout * 1000
    )


def update(
    config: MappingConfig, rules: SourceRules = SQS, /, visibility: int = 30, timeout: int = 3, **changes: Any
) -> MappingConfig:
    """Update it."""
    return update_mapping(
        config,
        changes,
        rules,
        source_arn=ARN,
        visibility_ms=visibility * 1000,
        function_timeout_ms=timeout * 1000,
    )


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


# -- what is accepted ------------------------------------------------------------------------------------------------


def test_defaults_of_a_standard_queue() -> None:
    """Ten records, no window, no reporting, enabled; AWS echoes the defaults but never Enabled."""
    assert read() == MappingConfig(
        batch_size=10,
        window_ms=0,
        reports_failures=False,
        enabled=True,
        parameters={"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []},
    )


def test_everything_given() -> None:
    """What is given is what the poller reads, in milliseconds, and what is echoed."""
    given: dict[str, Any] = {
        "BatchSize": 10_000,
        "MaximumBatchingWindowInSeconds": 300,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/x",
        "MetricsConfig": {"Metrics": ["EventCount"]},
        "Tags": {"team": "orders"},
    }
    config = read(Enabled=False, **given)
    assert config == MappingConfig(
        batch_size=10_000, window_ms=300_000, reports_failures=True, enabled=False, parameters=given
    )


@pytest.mark.parametrize(
    "parameters",
    [
        case("batch of one", {"BatchSize": 1}),
        case("ten without a window", {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}),
        case("eleven with one second", {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1}),
        case("no response types", {"FunctionResponseTypes": []}),
        case("response types as a tuple", {"FunctionResponseTypes": ("ReportBatchItemFailures",)}),
        case("no filters", {"FilterCriteria": {"Filters": []}}),
        case("empty criteria", {"FilterCriteria": {}}),
        case("empty scaling", {"ScalingConfig": {}}),
        case("empty destination", {"DestinationConfig": {"OnSuccess": {}, "OnFailure": {}}}),
        case("destination cleared", {"DestinationConfig": {"OnFailure": {"Destination": ""}}}),
        case("no access configurations", {"SourceAccessConfigurations": []}),
        case("null counts as not given", NOTHING),
    ],
)
def test_accepted(parameters: dict[str, Any]) -> None:
    """What AWS accepts and we act on, or what has nothing in it, is accepted, and empty things are not echoed."""
    echoed = {"BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes"}
    assert set(read(**parameters).parameters) == echoed


def test_the_queue_may_hide_exactly_as_long_as_the_function_runs() -> None:
    """VisibilityTimeout equal to Timeout is accepted, and a source without one is not asked."""
    assert read(visibility=3, timeout=3).enabled
    assert read(visibility=None, timeout=900).enabled


def test_a_config_is_a_copy() -> None:
    """Changing what was given afterwards changes nothing, and the echo cannot be changed."""
    types, tags = ["ReportBatchItemFailures"], {"team": "orders"}
    config = read(FunctionResponseTypes=types, Tags=tags)
    types.clear()
    tags.clear()
    assert config.parameters["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert config.parameters["Tags"] == {"team": "orders"}
    with pytest.raises(TypeError):
        config.parameters["BatchSize"] = 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "name"),
    [(read(), "batch_size"), (SQS, "name"), (SQS.pollers, "maximum")],
    ids=lambda given: type(given).__name__,
)
def test_values_are_frozen(value: Any, name: str) -> None:
    """Nothing that is declared or read can be changed afterwards, nor given a member it does not have."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, 1)
    assert not hasattr(value, "__dict__")


def test_a_default_window_of_half_a_second_is_not_echoed() -> None:
    """Kafka's default is 500 ms, which the API shows by omitting the key; a window of 0 is a window."""
    config = read(KAFKA)
    assert (config.window_ms, config.parameters) == (500, {"BatchSize": 100})
    assert read(KAFKA, MaximumBatchingWindowInSeconds=0).window_ms == 0


# -- what AWS refuses ------------------------------------------------------------------------------------------------

REPORTING = (
    "Member must satisfy constraint: [Member must satisfy enum value set: [ReportBatchItemFailures], "
    "Member must not be null]"
)
BOTH = {"BatchSize": 10_001, "MaximumBatchingWindowInSeconds": 301}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        case("batch 10001", {"BatchSize": 10_001}, violation("batchSize", 10_001, at_most(10_000))),
        case("batch 0", {"BatchSize": 0}, violation("batchSize", 0, at_least(1))),
        case(
            "window 301",
            {"MaximumBatchingWindowInSeconds": 301},
            violation("maximumBatchingWindowInSeconds", 301, at_most(300)),
        ),
        case(
            "window -1",
            {"MaximumBatchingWindowInSeconds": -1},
            violation("maximumBatchingWindowInSeconds", -1, at_least(0)),
        ),
        case(
            "tumbling 901",
            {"TumblingWindowInSeconds": 901},
            violation("tumblingWindowInSeconds", 901, at_most(900)),
        ),
        case("parallelization 11", {"ParallelizationFactor": 11}, violation("parallelizationFactor", 11, at_most(10))),
        case(
            "concurrency 1",
            {"ScalingConfig": {"MaximumConcurrency": 1}},
            violation("scalingConfig.maximumConcurrency", 1, at_least(2)),
        ),
        case(
            "concurrency 1001",
            {"ScalingConfig": {"MaximumConcurrency": 1001}},
            violation("scalingConfig.maximumConcurrency", 1001, at_most(1000)),
        ),
        case(
            "bad response type",
            {"FunctionResponseTypes": ["Bad"]},
            violation("functionResponseTypes", "[Bad]", REPORTING),
        ),
        case(
            "response type twice",
            {"FunctionResponseTypes": ["ReportBatchItemFailures"] * 2},
            violation(
                "functionResponseTypes",
                "[ReportBatchItemFailures, ReportBatchItemFailures]",
                "Member must have length less than or equal to 1",
            ),
        ),
        case(
            "bad position",
            {"StartingPosition": "BOGUS"},
            violation(
                "startingPosition",
                "BOGUS",
                "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
            ),
        ),
        case(
            "two topics",
            {"Topics": ["one", "two"]},
            violation("topics", "[one, two]", "Member must have length less than or equal to 1"),
        ),
        case(
            "no topics",
            {"Topics": []},
            violation("topics", "[]", "Member must have length greater than or equal to 1"),
        ),
        case(
            "two at once",
            BOTH,
            "2 validation errors detected: Value '10001' at 'batchSize' failed to satisfy constraint: "
            f"{at_most(10_000)}; Value '301' at 'maximumBatchingWindowInSeconds' failed to satisfy constraint: "
            f"{at_most(300)}",
        ),
        case(
            "before everything else",
            {"BatchSize": 10_001, "DestinationConfig": ON_SUCCESS, "Queues": ["q"]},
            violation("batchSize", 10_001, at_most(10_000)),
        ),
    ],
)
def test_values_outside_the_model(parameters: dict[str, Any], message: str) -> None:
    """Ranges, lengths and enums of AWS's model are a ValidationException in its own words, all of them at once."""
    with pytest.raises(Refusal) as refused:
        read(**parameters)
    assert (refused.value.code, refused.value.message, refused.value.status) == ("ValidationException", message, 400)


LARGE_BATCH = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
NO_DESTINATION = "Unsupported DestinationConfig parameter for given event source mapping type."
POLLERS = "MinimumPollers should be between [2, 200] and MaximumPollers should be between [MinimumPollers, 10000]"
NO_POLLERS = "Either MinimumPollers or MaximumPollers are required if ProvisionedPollerConfig is provided."
POLLERS_OR_CONCURRENCY = (
    "Provisioned mode for SQS ESM does not support maximum concurrency feature. Use MaximumPollers as the control "
    "mechanism and remove maximum concurrency."
)


def foreign(member: str) -> str:
    """AWS's sentence about a parameter of another kind of source."""
    return f"Unsupported '{member}' parameter for given event source mapping type."


@pytest.mark.parametrize(
    ("rules", "parameters", "message"),
    [
        case("large batch, no window", SQS, {"BatchSize": 11}, LARGE_BATCH),
        case("large batch, window 0", SQS, {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 0}, LARGE_BATCH),
        case("OnSuccess", SQS, {"DestinationConfig": ON_SUCCESS}, NO_DESTINATION),
        case("OnFailure", SQS, {"DestinationConfig": ON_FAILURE}, NO_DESTINATION),
        case(
            "OnSuccess first", SQS, {"Queues": ["q"], "BatchSize": 11, "DestinationConfig": ON_SUCCESS}, NO_DESTINATION
        ),
        case("position", SQS, {"StartingPosition": "LATEST"}, foreign("startingPosition")),
        case("position 0", SQS, {"StartingPositionTimestamp": 0}, foreign("startingPositionTimestamp")),
        case("retries", SQS, {"MaximumRetryAttempts": 2}, foreign("maximumRetryAttempts")),
        case("age", SQS, {"MaximumRecordAgeInSeconds": -1}, foreign("maximumRecordAgeInSeconds")),
        case("bisect", SQS, {"BisectBatchOnFunctionError": False}, foreign("bisectBatchOnFunctionError")),
        case("factor", SQS, {"ParallelizationFactor": 1}, foreign("parallelizationFactor")),
        case("tumbling", SQS, {"TumblingWindowInSeconds": 0}, foreign("tumblingWindowInSeconds")),
        case("queues", SQS, {"Queues": ["q"]}, foreign("queues")),
        case("topics", SQS, {"Topics": ["orders"]}, foreign("topics")),
        case(
            "self-managed",
            SQS,
            {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["k:9092"]}}},
            foreign("selfManagedEventSource"),
        ),
        case(
            "documents",
            SQS,
            {"DocumentDBEventSourceConfig": {"DatabaseName": "db"}},
            foreign("documentDBEventSourceConfig"),
        ),
        case("foreign before size", SQS, {"BatchSize": 11, "Queues": ["q"]}, foreign("queues")),
        case("no pollers", SQS, {"ProvisionedPollerConfig": {}}, NO_POLLERS),
        case("pollers without a number", SQS, {"ProvisionedPollerConfig": {"PollerGroupName": "g"}}, NO_POLLERS),
        case("one poller", SQS, {"ProvisionedPollerConfig": {"MinimumPollers": 1}}, POLLERS),
        case("at most one poller", SQS, {"ProvisionedPollerConfig": {"MaximumPollers": 1}}, POLLERS),
        case("more than most", SQS, {"ProvisionedPollerConfig": {"MinimumPollers": 5, "MaximumPollers": 4}}, POLLERS),
        case(
            "pollers and concurrency",
            SQS,
            {"ProvisionedPollerConfig": {"MinimumPollers": 2}, "ScalingConfig": {"MaximumConcurrency": 2}},
            POLLERS_OR_CONCURRENCY,
        ),
        case("foreign before pollers", SQS, {"ProvisionedPollerConfig": {}, "Queues": ["q"]}, foreign("queues")),
        case("refused before not simulated", SQS, {"BatchSize": 11, "FilterCriteria": FILTERS}, LARGE_BATCH),
        case("FIFO batch", FIFO, {"BatchSize": 11}, "Batch size must not exceed 10 for FIFO queues"),
        case(
            "FIFO window",
            FIFO,
            {"MaximumBatchingWindowInSeconds": 1},
            "Batching window is not supported for FIFO queues",
        ),
        case(
            "FIFO batch first",
            FIFO,
            {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1},
            "Batch size must not exceed 10 for FIFO queues",
        ),
        case(
            "OnSuccess of a stream",
            STREAM,
            {"DestinationConfig": ON_SUCCESS},
            "OnSuccess configuration is not supported for event source mappings.",
        ),
        case(
            "scaling of a stream",
            STREAM,
            {"ScalingConfig": {"MaximumConcurrency": 2}},
            "Unsupported ScalingConfig parameter for given event source mapping type.",
        ),
        case(
            "pollers of a stream",
            STREAM,
            {"ProvisionedPollerConfig": {"MinimumPollers": 2}},
            foreign("provisionedPollerConfig"),
        ),
    ],
)
def test_refused(rules: SourceRules, parameters: dict[str, Any], message: str) -> None:
    """The service's own rules are an InvalidParameterValueException in its own words, the first one that is broken."""
    with pytest.raises(Refusal) as refused:
        read(rules, **parameters)
    assert (refused.value.code, refused.value.message) == ("InvalidParameterValueException", message)


def test_a_queue_that_hides_too_briefly() -> None:
    """VisibilityTimeout below Timeout is refused, with a hint that names the queue; the batch's size comes first."""
    with pytest.raises(Refusal) as refused:
        read(visibility=30, timeout=31)
    assert refused.value.code == "InvalidParameterValueException"
    assert refused.value.message == "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"
    assert ARN in refused.value.hint
    with pytest.raises(Refusal, match="Maximum batch window"):
        read(visibility=30, timeout=31, BatchSize=11)


def test_streams_take_large_batches_at_once() -> None:
    """Only queues want a window for more than ten; the rule is the source's."""
    assert read(STREAM, BatchSize=10_000, DestinationConfig=ON_FAILURE, MaximumRetryAttempts=2).batch_size == 10_000


@pytest.mark.parametrize(
    "parameters",
    [
        {"FilterCriteria": FILTERS},
        {"FilterCriteria": {"Filters": [{}]}},
        {"ScalingConfig": {"MaximumConcurrency": 2}},
        {"ProvisionedPollerConfig": {"MinimumPollers": 200, "MaximumPollers": 10_000}},
        {"ProvisionedPollerConfig": {"MinimumPollers": 5, "MaximumPollers": 5}},
    ],
    ids=lambda given: next(iter(given)),
)
def test_not_simulated(parameters: dict[str, Any]) -> None:
    """What AWS would act on and we would not is refused by name, because ignoring it would change the test."""
    name = next(iter(parameters))
    with pytest.raises(NotSimulated, match=f"{name} is not simulated yet for SQS queues"):
        read(**parameters)
    assert name in read(dataclasses.replace(SQS, not_simulated=frozenset()), **parameters).parameters


# -- what a client would not send ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("BatchSze", "did you mean BatchSize?"),
        ("batchSize", "did you mean BatchSize?"),
        ("batch_size", "did you mean BatchSize?"),
        ("MaximumBatchingWindow", "did you mean MaximumBatchingWindowInSeconds?"),
        ("FunctionResponseType", "did you mean FunctionResponseTypes?"),
        ("Timeout", "it is a parameter of CreateFunction and goes in function={...}"),
        ("Zzz", "it must be one of: Enabled, BatchSize, "),
    ],
)
def test_unknown_parameters(name: str, advice: str) -> None:
    """A name that CreateEventSourceMapping does not have is named, with the one that was probably meant."""
    with pytest.raises(UsageError) as wrong:
        read(**one(name, None))
    assert f"CreateEventSourceMapping has no parameter '{name}'; {advice}" in str(wrong.value)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"FilterCriteria": {"Filter": []}}, "FilterCriteria has no parameter 'Filter'; did you mean Filters?"),
        (
            {"FilterCriteria": {"Filters": [{"pattern": ""}]}},
            "FilterCriteria.Filters[0] has no parameter 'pattern'; did you mean Pattern?",
        ),
        ({"DestinationConfig": {"OnFailed": {}}}, "DestinationConfig has no parameter 'OnFailed'; did you mean OnFail"),
    ],
)
def test_unknown_members_of_structures(parameters: dict[str, Any], words: str) -> None:
    """So is one deeper inside."""
    with pytest.raises(UsageError) as wrong:
        read(**parameters)
    assert words in str(wrong.value)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"BatchSize": "ten"}, "BatchSize, value: 'ten', type: <class 'str'>, valid types: <class 'int'>"),
        ({"BatchSize": True}, "BatchSize, value: True, type: <class 'bool'>, valid types: <class 'int'>"),
        ({"BatchSize": 10.0}, "BatchSize, value: 10.0, type: <class 'float'>, valid types: <class 'int'>"),
        ({"Enabled": 1}, "Enabled, value: 1, type: <class 'int'>, valid types: <class 'bool'>"),
        ({"KMSKeyArn": 1}, "KMSKeyArn, value: 1, type: <class 'int'>, valid types: <class 'str'>"),
        (
            {"FunctionResponseTypes": "ReportBatchItemFailures"},
            (
                "FunctionResponseTypes, value: 'ReportBatchItemFailures', type: <class 'str'>, valid types: "
                "<class 'list'>, <class 'tuple'>"
            ),
        ),
        ({"FunctionResponseTypes": [None]}, "FunctionResponseTypes[0], value: None"),
        ({"FilterCriteria": []}, "FilterCriteria, value: [], type: <class 'list'>, valid types: <class 'dict'>"),
        ({"FilterCriteria": {"Filters": "x"}}, "FilterCriteria.Filters, value: 'x'"),
        ({"FilterCriteria": {"Filters": [{"Pattern": {}}]}}, "FilterCriteria.Filters[0].Pattern, value: {}"),
        ({"ScalingConfig": {"MaximumConcurrency": "2"}}, "ScalingConfig.MaximumConcurrency, value: '2'"),
        ({"Tags": "x"}, "Tags, value: 'x', type: <class 'str'>, valid types: <class 'dict'>"),
        ({"StartingPositionTimestamp": True}, "StartingPositionTimestamp, value: True"),
    ],
)
def test_wrong_types(parameters: dict[str, Any], words: str) -> None:
    """A value of another type is refused as botocore refuses it: which parameter, which value, what it must be."""
    with pytest.raises(UsageError) as wrong:
        read(**parameters)
    assert f"Invalid type for parameter {words}" in str(wrong.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("EventSourceArn", "it comes from the source"),
        ("FunctionName", "the function is the handler"),
        ("UUID", "AWS gives one to each new mapping"),
    ],
)
def test_parameters_that_come_from_elsewhere(name: str, words: str) -> None:
    """What the source and the handler say already is not said twice; the error tells where it comes from."""
    with pytest.raises(UsageError, match=words):
        read(**one(name, "x"))
    with pytest.raises(UsageError, match=words):
        update(read(), **one(name, "x"))


# -- updates -----------------------------------------------------------------------------------------------------------


def test_an_update_changes_what_it_names() -> None:
    """Everything else stays, and the config that was there stays as it was."""
    before = read(FunctionResponseTypes=["ReportBatchItemFailures"], Tags={"a": "b"}, Enabled=False)
    after = update(before, BatchSize=50, MaximumBatchingWindowInSeconds=2)
    assert after == MappingConfig(
        batch_size=50,
        window_ms=2_000,
        reports_failures=True,
        enabled=False,
        parameters={
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "Tags": {"a": "b"},
            "BatchSize": 50,
            "MaximumBatchingWindowInSeconds": 2,
        },
    )
    assert (before.batch_size, before.window_ms) == (10, 0)


def test_null_changes_nothing() -> None:
    """Neither for what can be changed nor for what cannot."""
    config = read(BatchSize=5, FunctionResponseTypes=["ReportBatchItemFailures"], Enabled=False)
    assert update(config, **NOTHING, **one("UUID", None)) == config


def test_empty_clears() -> None:
    """An empty FilterCriteria, ScalingConfig or ProvisionedPollerConfig takes away what was there; so do no types."""
    acting = dataclasses.replace(SQS, not_simulated=frozenset())
    scaled = read(acting, FilterCriteria=FILTERS, ScalingConfig={"MaximumConcurrency": 2})
    assert {"FilterCriteria", "ScalingConfig"} <= set(scaled.parameters)
    plain = read()
    assert update(scaled, acting, FilterCriteria={}, ScalingConfig={}) == plain
    assert update(scaled, acting, FilterCriteria={"Filters": []}, ScalingConfig={}) == plain
    provisioned = read(acting, ProvisionedPollerConfig={"MinimumPollers": 2})
    assert update(provisioned, acting, ProvisionedPollerConfig={}) == plain
    reporting = read(FunctionResponseTypes=["ReportBatchItemFailures"])
    assert update(reporting, FunctionResponseTypes=[]) == plain


@pytest.mark.parametrize("name", sorted(set(IMMUTABLE_MEMBERS) - {"EventSourceArn"}))
def test_what_cannot_be_changed(name: str) -> None:
    """UpdateEventSourceMapping has no such parameter, and we say what to do instead."""
    with pytest.raises(UsageError, match=rf"{name} of an event source mapping cannot be changed.*create another"):
        update(read(), **one(name, "x"))


@pytest.mark.parametrize(
    ("created", "changes", "message"),
    [
        case(
            "window taken away",
            {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1},
            {"MaximumBatchingWindowInSeconds": 0},
            LARGE_BATCH,
        ),
        case("batch raised", {}, {"BatchSize": 11}, LARGE_BATCH),
        case("out of range", {}, {"BatchSize": 0}, violation("batchSize", 0, at_least(1))),
        case("destination", {}, {"DestinationConfig": ON_FAILURE}, NO_DESTINATION),
        case("pollers", {}, {"ProvisionedPollerConfig": {"MinimumPollers": 1}}, POLLERS),
    ],
)
def test_an_update_is_refused_for_what_is_then_in_force(
    created: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    """What is changed is checked together with what stays, in the same words as at creation."""
    with pytest.raises(Refusal) as refused:
        update(read(**created), **changes)
    assert refused.value.message == message


def test_an_update_is_held_against_the_queue_unless_it_disables() -> None:
    """A queue that hides too briefly refuses an update that leaves the mapping enabled, not the one that stops it."""
    config = read()
    with pytest.raises(Refusal, match="Queue visibility timeout: 30 seconds is less than Function timeout: 31"):
        update(config, timeout=31, BatchSize=5)
    stopped = update(config, timeout=31, Enabled=False)
    assert not stopped.enabled
    with pytest.raises(Refusal, match="Queue visibility timeout"):
        update(stopped, timeout=31, Enabled=True)


def test_an_update_names_its_own_operation() -> None:
    """Misspelt changes and changes that are not simulated are errors too."""
    with pytest.raises(
        UsageError, match="UpdateEventSourceMapping has no parameter 'BatchSiz'; did you mean BatchSize"
    ):
        update(read(), BatchSiz=1)
    with pytest.raises(NotSimulated, match="FilterCriteria"):
        update(read(), FilterCriteria=FILTERS)


# -- the tables and AWS's model ----------------------------------------------------------------------------------------


def model(operation: str) -> Any:
    """The input of an operation in botocore's model of Lambda."""
    session = pytest.importorskip("botocore.session").get_session()
    return session.get_service_model("lambda").operation_model(operation).input_shape


def test_what_cannot_be_changed_is_what_the_update_lacks() -> None:
    """The members of the two operations differ in these."""
    members, changeable = model("CreateEventSourceMapping").members, model("UpdateEventSourceMapping").members
    assert set(IMMUTABLE_MEMBERS) & set(members) == set(members) - set(changeable)


parameters = st.dictionaries(
    st.sampled_from([*CREATE_MEMBERS, "Typo"]),
    st.none()
    | st.booleans()
    | st.integers(-2, 20_000)
    | st.text(max_size=3)
    | st.sampled_from([{}, [], FILTERS, ["ReportBatchItemFailures"], {"MinimumPollers": 2}, {"k": "v"}]),
    max_size=4,
)


@given(parameters, st.sampled_from([SQS, FIFO, STREAM, KAFKA]))
def test_any_parameters_are_read_or_refused(parameters: dict[str, Any], rules: SourceRules) -> None:
    """Whatever is given, the answer is a config within the bounds, or one of the two kinds of error."""
    try:
        config = read(rules, **parameters)
    except (Refusal, UsageError):
        return
    assert 1 <= config.batch_size <= rules.max_batch_size
    assert 0 <= config.window_ms <= 300_000
    assert config.batch_size <= 10 or config.window_ms or not rules.large_batch_needs_window
    assert update(config, rules) == config
