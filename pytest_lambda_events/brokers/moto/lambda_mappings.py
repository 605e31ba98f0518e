"""Event source mappings that the user's own code made in moto: what they say, as parameters. The law: moto's Lambda is
read where it is loaded and never imported; who loaded no `moto.awslambda` has made no mapping.

Moto's own delivery (a push inside the send, into a container) never happens while a harness is active: see
`sending.add_message`.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.model.parameters import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_lambda_events.model.parameters import Shape

__all__ = ["FoundFunction", "FoundMapping", "change_mapping", "delete_mapping", "find_mapping", "find_mappings"]

# with Docker, and without: `mock_aws(config={"lambda": {"use_docker": False}})`
_BACKENDS: Final = (
    ("moto.awslambda.models", "lambda_backends"),
    ("moto.awslambda_simple.models", "lambda_simple_backends"),
)

# CreateEventSourceMapping's names, and where moto keeps them; Tags change nothing and have another form in templates
_FIELDS: Final[Mapping[str, str]] = {
    "AmazonManagedKafkaEventSourceConfig": "kafka_config",
    "BatchSize": "batch_size",
    "BisectBatchOnFunctionError": "bisect_on_error",
    "DestinationConfig": "destination_config",
    "DocumentDBEventSourceConfig": "document_db_config",
    "Enabled": "enabled",
    "FilterCriteria": "filter_criteria",
    "FunctionResponseTypes": "function_response_types",
    "KMSKeyArn": "kms_key",
    "MaximumBatchingWindowInSeconds": "max_batch_window",
    "MaximumRecordAgeInSeconds": "max_record_age",
    "MaximumRetryAttempts": "max_retry_attempts",
    "MetricsConfig": "metrics",
    "ParallelizationFactor": "parallelization_factor",
    "ProvisionedPollerConfig": "poller_config",
    "Queues": "queues",
    "ScalingConfig": "scaling_config",
    "SelfManagedEventSource": "self_managed_event_source",
    "SelfManagedKafkaEventSourceConfig": "self_managed_kafka_event_source_config",
    "SourceAccessConfigurations": "source_access_config",
    "StartingPosition": "starting_position",
    "StartingPositionTimestamp": "starting_position_timestamp",
    "Topics": "topics",
    "TumblingWindowInSeconds": "tumbling_window",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFunction:
    """A function in moto. `parameters` are CreateFunction's, with the ARN that the mapping names as FunctionName.

    `code` is its zip file; None for a container image, and where moto was given none.
    """

    name: str
    parameters: Mapping[str, Any]
    handler: str | None
    runtime: str | None
    code: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMapping:
    """A mapping in moto. `parameters` are CreateEventSourceMapping's, but for source and function.

    `function` is None when the function is no longer there.
    """

    uuid: str
    arn: str
    event_source_arn: str
    function_arn: str
    parameters: Mapping[str, Any]
    function: FoundFunction | None

    @property
    def enabled(self) -> bool:
        """Whether it polls."""
        return bool(self.parameters.get("Enabled", True))

    @property
    def service(self) -> str:
        """Whose source it is: "sqs", "kinesis", "dynamodb"."""
        return self.event_source_arn.split(":")[2]

    @property
    def function_name(self) -> str:
        """The function's name, without a qualifier."""
        return self.function_arn.split(":")[6]

    def __str__(self) -> str:
        source = self.event_source_arn.rpartition(":")[2]
        return f"event source mapping {self.uuid} ({source} -> {self.function_name})"


def find_mappings(account: str | None = None, region: str | None = None) -> list[FoundMapping]:
    """The mappings of an account and region, or (None) of all, in the order in which they were made in each."""
    return [
        _read(backend, mapping)
        for backend in _backends()
        if account in (None, backend.account_id) and region in (None, backend.region_name)
        for mapping in list(backend._event_source_mappings.values())
    ]


def find_mapping(uuid: str) -> FoundMapping | None:
    """The mapping of this UUID, of any account and region; None when moto has none (any more)."""
    backend = _backend_of(uuid)
    return None if backend is None else _read(backend, backend.get_event_source_mapping(uuid))


def change_mapping(uuid: str, changes: Mapping[str, Any]) -> None:
    """Let moto know what was changed on our side, so that boto3 sees it too."""
    backend = _backend_of(uuid)
    if backend is not None:
        backend.update_event_source_mapping(uuid, copy.deepcopy({**changes}))


def delete_mapping(uuid: str) -> None:
    """Let moto know that a mapping was deleted on our side."""
    backend = _backend_of(uuid)
    if backend is not None:
        backend.delete_event_source_mapping(uuid)


def _backends() -> Iterator[Any]:
    for module, name in _BACKENDS:
        backends: Any = getattr(sys.modules.get(module), name, {})
        for regions in list(backends.values()):
            yield from list(regions.values())


def _backend_of(uuid: str) -> Any:
    return next((backend for backend in _backends() if backend.get_event_source_mapping(uuid) is not None), None)


def _read(backend: Any, mapping: Any) -> FoundMapping:
    parameters = {
        name: _typed(SHAPES[name], copy.deepcopy(value))
        for name, field in _FIELDS.items()
        if (value := getattr(mapping, field, None)) is not None
    }
    function = _function_at(backend, mapping.function_arn)
    function_arn = _invoked_arn(backend, mapping)
    return FoundMapping(
        uuid=mapping.uuid,
        arn=getattr(mapping, "arn", ""),
        event_source_arn=mapping.event_source_arn,
        function_arn=function_arn,
        parameters=parameters,
        function=None if function is None else _read_function(function, function_arn),
    )


def _invoked_arn(backend: Any, mapping: Any) -> str:
    """The ARN that the mapping names. Moto resolves an alias to its version; the name that was given still has it."""
    arn, named = str(mapping.function_arn), str(mapping.function_name)
    qualifier = named.rpartition(":")[2] if ":" in named else ""
    unqualified = ":".join(arn.split(":")[:7])
    if qualifier and qualifier != unqualified.rpartition(":")[2]:
        function = _function_at(backend, named)  # not the one of the mapping when FunctionName was updated since
        if function is not None and function.function_arn == arn:
            return f"{unqualified}:{qualifier}"
    return arn


def _function_at(backend: Any, name_or_arn: str) -> Any:
    from moto.core.exceptions import JsonRESTError, ServiceException

    try:
        return backend.get_function(name_or_arn)
    except (JsonRESTError, ServiceException):
        return None


def _read_function(function: Any, function_arn: str) -> FoundFunction:
    reserved = function.reserved_concurrency
    variables = function.environment_vars or {}
    parameters: dict[str, Any] = {
        "FunctionName": function_arn,
        "Role": function.role,
        "Handler": function.handler,
        "Runtime": function.run_time,
        "Timeout": int(function.timeout),  # a text, where a template's parameter says it
        "MemorySize": int(function.memory_size),
        "Environment": {"Variables": {name: _text(value) for name, value in variables.items()}},
        "ReservedConcurrentExecutions": None if reserved in (None, "") else int(reserved),
    }
    return FoundFunction(
        name=function.function_name,
        parameters={name: value for name, value in parameters.items() if value is not None},
        handler=function.handler,
        runtime=function.run_time,
        code=getattr(function, "code_bytes", None) or None,
    )


def _text(value: Any) -> str:
    """A variable as CloudFormation makes it of a template's true or 1; boto3 takes texts only."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _typed(shape: Shape, value: Any) -> Any:
    """A template says numbers and booleans as texts where it likes; CloudFormation makes of them what the API takes."""
    if isinstance(shape, tuple) and isinstance(value, list):
        return [_typed(shape[0], one) for one in value]
    if isinstance(shape, Mapping) and isinstance(value, Mapping):
        return {name: _typed(shape[name], one) if name in shape else one for name, one in value.items()}
    if shape == "integer" and isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    if shape == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value
